-- A published version is what members were promised: it is never changed or deleted. Two
-- steps alone are allowed, and each only fills in its own moment: draft to published, and
-- published to retired.
CREATE FUNCTION programme_version_keep() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  was jsonb;
  becomes jsonb;
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'draft' THEN
      RAISE EXCEPTION 'a version begins as a draft' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'DELETE' THEN
    IF OLD.state <> 'draft' THEN
      RAISE EXCEPTION 'a published version is never deleted'
        USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
  END IF;
  IF NEW.id <> OLD.id OR NEW.programme_id <> OLD.programme_id OR NEW.number <> OLD.number THEN
    RAISE EXCEPTION 'a version keeps its number' USING ERRCODE = 'restrict_violation';
  END IF;
  IF OLD.state = 'draft' THEN
    IF NEW.state = 'retired' THEN
      RAISE EXCEPTION 'a draft is published before it is retired'
        USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state = 'published' AND NEW.definition <> OLD.definition THEN
      RAISE EXCEPTION 'a version is published as it was drafted'
        USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
  END IF;
  was := to_jsonb(OLD) - 'state' - 'retired_at' - 'retired_by';
  becomes := to_jsonb(NEW) - 'state' - 'retired_at' - 'retired_by';
  IF OLD.state = 'retired' OR NEW.state <> 'retired' OR was <> becomes THEN
    RAISE EXCEPTION 'a published version is never changed'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER programme_version_kept BEFORE INSERT OR UPDATE OR DELETE ON programme_version
  FOR EACH ROW EXECUTE FUNCTION programme_version_keep();

CREATE TRIGGER programme_version_never_emptied BEFORE TRUNCATE ON programme_version
  FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
