-- Keeps what a hold set aside for longer. The same lots stay set aside, also those that have
-- gone out of date meanwhile: released and set aside anew, these would be lost.
CREATE FUNCTION ledger.prolong_hold(
  p_account bigint, p_key text, p_hash bytea, p_hold_key text, p_expires timestamptz,
  p_actor text, p_reason jsonb
) RETURNS ledger.answered LANGUAGE plpgsql AS $$
DECLARE
  r record;
  a ledger.account;
  h ledger.hold;
  refusal text;
BEGIN
  r := ledger.enter(p_account, p_key, p_hash);
  IF (r.x).outcome IS NOT NULL THEN
    RETURN r.x;
  END IF;
  a := r.a;
  SELECT t.* INTO h FROM ledger.op o
  JOIN ledger.hold t ON t.account = o.account AND t.hold = o.seq
  WHERE o.account = p_account AND o.key = p_hold_key AND o.kind = 'hold';
  IF NOT FOUND THEN
    r.x := ledger.unanswered('hold_unknown');
    RETURN r.x;
  END IF;
  refusal := CASE
    WHEN h.state = 'released' AND h.expires_at <= a.last_at THEN 'hold_expired'
    WHEN h.state <> 'open' THEN 'hold_ended' END;
  IF refusal IS NULL AND p_expires > h.expires_at THEN
    UPDATE ledger.hold SET expires_at = p_expires
    WHERE account = h.account AND hold = h.hold;
  END IF;
  RETURN ledger.answer(a, p_key, 'prolong', p_hash, coalesce(refusal, 'done'), NULL, p_actor,
                       p_reason, NULL, jsonb_build_object('hold_key', p_hold_key));
END $$;
