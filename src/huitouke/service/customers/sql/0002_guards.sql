ALTER TABLE customers_customer ADD CONSTRAINT customers_attributes_is_object
  CHECK (jsonb_typeof(attributes) = 'object');

-- What was consented to is a journal.
CREATE TRIGGER customers_consent_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON customers_consent
  FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();

-- A proof stays as it is; it goes with the person it names, never before.
CREATE TRIGGER customers_proof_kept BEFORE UPDATE OR TRUNCATE ON customers_consentproof
  FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();

CREATE FUNCTION customers_keep_proof() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM customers_consent c JOIN customers_customer p ON p.id = c.customer_id
     WHERE c.id = OLD.consent_id AND p.erased_at IS NOT NULL
  ) THEN
    RAISE EXCEPTION 'proof of consent is deleted only with the person'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER customers_proof_gone BEFORE DELETE ON customers_consentproof
  FOR EACH ROW EXECUTE FUNCTION customers_keep_proof();

-- Who was merged is followed to one who was not: the path never comes back to its start.
CREATE FUNCTION customers_refuse_circle() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  place uuid := NEW.merged_into_id;
BEGIN
  WHILE place IS NOT NULL LOOP
    IF place = NEW.id THEN
      RAISE EXCEPTION 'customer % would be merged into itself', NEW.id
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    SELECT merged_into_id INTO place FROM customers_customer WHERE id = place;
  END LOOP;
  RETURN NEW;
END $$;
CREATE TRIGGER customers_no_circle BEFORE UPDATE OF merged_into_id ON customers_customer
  FOR EACH ROW WHEN (NEW.merged_into_id IS NOT NULL)
  EXECUTE FUNCTION customers_refuse_circle();
