-- Counts an attempt before it is made, so that many at once cannot pass together: each waits
-- for the row, then sees what those before it counted. Beyond p_most within p_window the
-- subject is locked for p_lock; wait_seconds says how long, locks that it began just now.
CREATE FUNCTION core_take_attempt(
  p_kind text, p_subject bytea, p_most integer, p_window interval, p_lock interval,
  OUT wait_seconds integer, OUT locks boolean
) LANGUAGE plpgsql AS $$
DECLARE
  seen core_attempt;
  at timestamptz;
BEGIN
  INSERT INTO core_attempt AS a (kind, subject, began_at, made)
  VALUES (p_kind, p_subject, core_now(), 0)
  ON CONFLICT (kind, subject) DO UPDATE SET made = a.made
  RETURNING * INTO seen;
  at := core_now();
  locks := false;
  IF seen.locked_until > at THEN
    wait_seconds := ceil(extract(epoch FROM seen.locked_until - at));
    RETURN;
  END IF;
  IF seen.locked_until IS NOT NULL OR seen.began_at + p_window <= at THEN
    seen.began_at := at;
    seen.made := 0;
    seen.locked_until := NULL;
  END IF;
  locks := seen.made >= p_most;
  UPDATE core_attempt SET
    began_at = seen.began_at,
    made = seen.made + CASE WHEN locks THEN 0 ELSE 1 END,
    locked_until = CASE WHEN locks THEN at + p_lock END
  WHERE kind = p_kind AND subject = p_subject;
  wait_seconds := CASE WHEN locks THEN ceil(extract(epoch FROM p_lock)) ELSE 0 END;
END $$;

-- What several server processes must know together, e.g. that a code was used already.
CREATE TABLE core_cache (
  cache_key varchar(255) PRIMARY KEY,
  value text NOT NULL,
  expires timestamptz NOT NULL
);
CREATE INDEX core_cache_expires ON core_cache (expires);
