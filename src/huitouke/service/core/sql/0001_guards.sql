CREATE TRIGGER core_request_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON core_request
  FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER core_audit_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON core_audit
  FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();

-- Takes a key to the end of the transaction and says what was answered under it: both in one
-- round trip, each in a snapshot of its own, so that the second sees what the holder of the
-- key before us committed. Not free: another transaction works under the key right now.
CREATE FUNCTION core_take_key(
  p_scope text, p_key text,
  OUT free boolean, OUT request_hash bytea, OUT status smallint, OUT answer text
) LANGUAGE plpgsql AS $$
BEGIN
  -- What is done under a key are small statements by primary key, whose plans are known
  -- without their values: to the end of the transaction none of them is planned anew.
  PERFORM set_config('plan_cache_mode', 'force_generic_plan', true);
  free := pg_try_advisory_xact_lock(hashtextextended(p_scope || chr(10) || p_key, 7));
  IF free THEN
    SELECT r.request_hash, r.status, r.answer INTO request_hash, status, answer
    FROM core_request r WHERE r.scope = p_scope AND r.key = p_key;
  END IF;
END $$;
