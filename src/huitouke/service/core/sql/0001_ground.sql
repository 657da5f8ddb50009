-- The clock of every decision. A shift (an interval) is for tests and the demo only; the
-- service refuses to start with one.
CREATE FUNCTION core_now() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT clock_timestamp()
       + coalesce(nullif(current_setting('huitouke.clock_shift', true), '')::interval, '0')
$$;

-- Journals are added to and never changed, whoever asks.
CREATE FUNCTION core_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of %.% are never changed or deleted', TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END $$;

CREATE SEQUENCE core_outbox_position;
