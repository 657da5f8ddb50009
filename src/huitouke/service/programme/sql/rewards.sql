-- Codes: random letters of an alphabet of 32 (no 0, O, 1, I) and a check letter at the end.
-- The same letters as in rewards/code_text.py. The random bits are those of a version 4 UUID
-- (from the server's strong random source); the two bytes with fixed bits are left out.
CREATE FUNCTION programme_code_text(random uuid, length integer) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  letters CONSTANT text := '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
  places  CONSTANT integer[] := '{0,1,2,3,4,5,7,9,10,11,12,13,14,15}';
  bytes   bytea := uuid_send(random);
  total   integer := 0;
  value   integer;
  made    text := '';
BEGIN
  FOR i IN 1 .. length - 1 LOOP
    value := get_byte(bytes, places[i]) & 31;
    made := made || substr(letters, value + 1, 1);
    total := (total # value) << 1;
    IF total & 32 <> 0 THEN
      total := total # 37;
    END IF;
  END LOOP;
  RETURN made || substr(letters, total + 1, 1);
END $$;

-- Nobody looks codes up by their beginning; an index for it would double the work of making
-- a million of them.
DO $$
DECLARE
  found text;
BEGIN
  FOR found IN
    SELECT indexname FROM pg_indexes
    WHERE schemaname = current_schema() AND tablename = 'programme_code'
      AND right(indexname, 5) = '_like'
  LOOP
    EXECUTE format('DROP INDEX %I', found);
  END LOOP;
END $$;
