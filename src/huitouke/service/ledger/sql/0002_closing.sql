-- The end of an account.

-- Closes an account: nothing is earned or spent any more. What is left either goes with it
-- (p_forfeit), as one visible entry, or stays where it is and expires on its own days.
-- Points set aside are somebody's answer to wait for: an open hold must end first.
CREATE FUNCTION ledger.close_account(
  p_account bigint, p_key text, p_hash bytea, p_forfeit boolean, p_effective timestamptz,
  p_actor text, p_reason jsonb
) RETURNS ledger.answered LANGUAGE plpgsql AS $$
DECLARE
  r record;
  a ledger.account;
  before bigint;
  points bigint;
  refusal text;
BEGIN
  r := ledger.enter(p_account, p_key, p_hash);
  IF (r.x).outcome IS NOT NULL THEN
    RETURN r.x;
  END IF;
  a := r.a;
  refusal := CASE WHEN a.status <> 'open' THEN 'account_closed'
                  WHEN a.held > 0 THEN 'open_holds' END;
  IF refusal IS NOT NULL THEN
    RETURN ledger.answer(a, p_key, 'forfeit', p_hash, refusal, NULL, p_actor, p_reason, NULL);
  END IF;
  before := a.version;
  points := a.available + a.pending;
  IF p_forfeit AND points > 0 THEN
    a := ledger.post(a, p_key, 'forfeit', 'forfeit', -a.available, -a.pending, 0, 0,
                     p_effective);
    INSERT INTO ledger.alloc
    SELECT account, a.version, lot, remaining FROM ledger.lot
    WHERE account = p_account AND open;
    UPDATE ledger.lot SET remaining = 0 WHERE account = p_account AND open;
    a.next_due_at := NULL;
  END IF;
  a.status := 'closed';
  PERFORM ledger.keep(a);
  RETURN ledger.answer(a, p_key, 'forfeit', p_hash, 'done', nullif(a.version, before), p_actor,
                       p_reason, NULL, jsonb_build_object(
                         'forfeited', CASE WHEN p_forfeit THEN points ELSE 0 END));
END $$;
