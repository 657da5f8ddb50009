-- Points that one member gives another, who may use them from p_available on: pending until then.
DROP FUNCTION ledger.transfer(bigint, bigint, text, bytea, bigint, timestamptz, text, jsonb);

CREATE FUNCTION ledger.transfer(
  p_account bigint, p_to bigint, p_key text, p_hash bytea, p_amount bigint,
  p_effective timestamptz, p_available timestamptz, p_actor text, p_reason jsonb
) RETURNS ledger.answered LANGUAGE plpgsql AS $$
DECLARE
  x ledger.answered;
  r record;
  a ledger.account;
  b ledger.account;
  l ledger.lot;
  gift record;
  allowed boolean;
  waits boolean := p_available > p_effective;
  refusal text;
BEGIN
  x := ledger.known(p_account, p_key, p_hash);
  IF x.outcome IS NOT NULL THEN
    RETURN x;
  END IF;
  PERFORM ledger.lock_both(p_account, p_to);
  r := ledger.enter(p_account, p_key, p_hash);
  IF (r.x).outcome IS NOT NULL THEN
    RETURN r.x;
  END IF;
  a := r.a;
  SELECT * INTO b FROM ledger.account WHERE account = p_to;
  IF NOT FOUND THEN
    r.x := ledger.unanswered('account_unknown');
    RETURN r.x;
  END IF;
  SELECT coalesce((u.settings ->> 'transfers')::boolean, false) INTO allowed
  FROM ledger.unit u WHERE u.unit = a.unit;
  IF p_account <> p_to THEN
    b := ledger.settled(b);
  END IF;
  refusal := CASE
    WHEN NOT allowed OR p_account = p_to OR a.unit <> b.unit THEN 'not_allowed'
    WHEN b.status <> 'open' THEN 'account_closed'
    ELSE coalesce(ledger.spend_refusal(a, p_amount), CASE
      WHEN p_amount > ledger.most() - b.available - b.pending - b.held THEN 'too_much'
      -- The soonest to expire goes first: where it lives long enough, all that is given does.
      WHEN waits AND p_available >= (
        SELECT t.expires_at FROM ledger.lot t WHERE t.account = a.account AND t.open AND t.active
        ORDER BY t.expires_at, t.available_at, t.lot LIMIT 1) THEN 'expires_first' END) END;
  IF refusal IS NOT NULL THEN
    RETURN ledger.answer(a, p_key, 'transfer', p_hash, refusal, NULL, p_actor, p_reason, NULL,
                         jsonb_build_object('to', p_to));
  END IF;
  a := ledger.post(a, p_key, 'transfer', 'transfer:' || p_to, -p_amount, 0, 0, 0, p_effective);
  PERFORM ledger.take(a.account, a.version, p_amount);
  -- Given away is used: else points could be given on and their order sent back for nothing.
  a.used := ledger.more_used(a.used, p_amount);
  PERFORM ledger.keep(a);
  FOR gift IN
    SELECT t AS lot, p.amount FROM ledger.alloc p
    JOIN ledger.lot t ON t.account = p.account AND t.lot = p.lot
    WHERE p.account = a.account AND p.seq = a.version
    ORDER BY t.expires_at, t.available_at, t.lot
  LOOP
    l := gift.lot;
    l.origin := NULL;
    l.source_key := p_key;
    IF waits THEN
      l.active := false;
      l.available_at := p_available;
    END IF;
    b := ledger.receive(b, p_account, p_key, p_hash, 'transfer', 'transfer:' || p_account,
                        gift.amount, l, p_effective, p_actor, p_reason);
  END LOOP;
  PERFORM ledger.keep(b);
  RETURN ledger.answer(a, p_key, 'transfer', p_hash, 'done', a.version, p_actor, p_reason, NULL,
                       jsonb_strip_nulls(jsonb_build_object(
                         'to', p_to, 'available_at', CASE WHEN waits THEN p_available END)));
END $$;
