-- Facts and their answers are kept for ever. A name that was taken may be given back until it
-- is answered; afterwards only what names a person may go.
CREATE FUNCTION programme_fact_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a fact that was answered is never changed or deleted'
    USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER programme_fact_answered BEFORE UPDATE ON programme_fact FOR EACH ROW
  WHEN (OLD.answer IS NOT NULL
    AND (NEW.source <> OLD.source OR NEW.source_id <> OLD.source_id OR NEW.id <> OLD.id
      OR NEW.request_hash <> OLD.request_hash OR NEW.answer IS DISTINCT FROM OLD.answer
      OR (NEW.body IS DISTINCT FROM OLD.body AND NEW.body IS NOT NULL)))
  EXECUTE FUNCTION programme_fact_keep();
CREATE TRIGGER programme_fact_kept BEFORE DELETE ON programme_fact FOR EACH ROW
  WHEN (OLD.answer IS NOT NULL) EXECUTE FUNCTION programme_fact_keep();
CREATE TRIGGER programme_fact_never_emptied BEFORE TRUNCATE ON programme_fact
  FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();

-- The tiers' journal is added to and never changed, whoever asks.
CREATE TRIGGER programme_qualifying_kept BEFORE UPDATE OR DELETE OR TRUNCATE
  ON programme_qualifying FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();

-- Rows that are written once and changed once: leave room for the change beside them.
ALTER TABLE programme_fact SET (fillfactor = 70);
ALTER TABLE programme_membership SET (fillfactor = 70);
ALTER TABLE programme_use SET (fillfactor = 70);
