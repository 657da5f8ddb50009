-- What moves lots: from one member to another, from a merged account to the one that stays,
-- and from waiting to spendable.

-- Both accounts locked in the order of their numbers, so that two moves in opposite
-- directions wait for each other instead of both failing.
CREATE FUNCTION ledger.lock_both(p_one bigint, p_other bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM ledger.account WHERE account IN (p_one, p_other)
  ORDER BY account FOR NO KEY UPDATE;
END $$;

CREATE FUNCTION ledger.transfer(
  p_account bigint, p_to bigint, p_key text, p_hash bytea, p_amount bigint,
  p_effective timestamptz, p_actor text, p_reason jsonb
) RETURNS ledger.answered LANGUAGE plpgsql AS $$
DECLARE
  x ledger.answered;
  r record;
  a ledger.account;
  b ledger.account;
  l ledger.lot;
  gift record;
  allowed boolean;
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
      WHEN p_amount > ledger.most() - b.available - b.pending - b.held THEN 'too_much' END) END;
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
    b := ledger.receive(b, p_account, p_key, p_hash, 'transfer', 'transfer:' || p_account,
                        gift.amount, l, p_effective, p_actor, p_reason);
  END LOOP;
  PERFORM ledger.keep(b);
  RETURN ledger.answer(a, p_key, 'transfer', p_hash, 'done', a.version, p_actor, p_reason, NULL,
                       jsonb_build_object('to', p_to));
END $$;

-- Moves given lots and debts of one account to another: one entry where they leave, under
-- p_source_key, one for each where they arrive, as parts of p_key; lots keep their dates, debts
-- their age.
CREATE FUNCTION ledger.move(
  INOUT a ledger.account, INOUT b ledger.account, p_lots bigint[], p_debts bigint[],
  p_source_key text, p_key text, p_hash bytea, p_kind text, p_effective timestamptz,
  p_actor text, p_reason jsonb
) LANGUAGE plpgsql AS $$
DECLARE
  l ledger.lot;
  d ledger.debt;
  active bigint;
  waiting bigint;
  owed bigint;
  repaid bigint;
  own text;
BEGIN
  SELECT coalesce(sum(t.remaining) FILTER (WHERE t.active), 0),
         coalesce(sum(t.remaining) FILTER (WHERE NOT t.active), 0) INTO active, waiting
  FROM ledger.lot t WHERE t.account = a.account AND t.lot = ANY (p_lots);
  SELECT coalesce(sum(t.remaining), 0) INTO owed
  FROM ledger.debt t WHERE t.account = a.account AND t.seq = ANY (p_debts);
  IF active + waiting + owed = 0 THEN
    RETURN;
  END IF;
  a := ledger.post(a, p_source_key, p_kind, p_kind || ':' || b.account, -active, -waiting, 0, -owed,
                   p_effective);
  INSERT INTO ledger.alloc
  SELECT t.account, a.version, t.lot, t.remaining FROM ledger.lot t
  WHERE t.account = a.account AND t.lot = ANY (p_lots) AND t.remaining > 0;
  FOR l IN
    SELECT * FROM ledger.lot t
    WHERE t.account = a.account AND t.lot = ANY (p_lots) AND t.remaining > 0
    ORDER BY t.lot
  LOOP
    l.origin := 0;
    b := ledger.receive(b, a.account, p_key, p_hash, p_kind, p_kind || ':' || a.account,
                        l.remaining, l, p_effective, p_actor, p_reason);
  END LOOP;
  FOR d IN
    SELECT * FROM ledger.debt t
    WHERE t.account = a.account AND t.seq = ANY (p_debts) AND t.remaining > 0
    ORDER BY t.created_at, t.seq
  LOOP
    own := ledger.part_key(b);
    repaid := least(b.available, d.remaining);
    b := ledger.post(b, own, p_kind, p_kind || ':' || a.account, -repaid, 0, 0,
                     d.remaining - repaid, p_effective);
    PERFORM ledger.take(b.account, b.version, repaid);
    IF d.remaining > repaid THEN
      INSERT INTO ledger.debt VALUES (b.account, b.version, d.remaining - repaid,
                                      d.remaining - repaid, d.created_at);
    END IF;
    PERFORM ledger.answer(b, own, p_kind, p_hash, 'done', b.version, p_actor, p_reason, NULL,
                          jsonb_build_object('of', p_key, 'from', a.account));
  END LOOP;
  UPDATE ledger.lot SET remaining = 0 WHERE account = a.account AND lot = ANY (p_lots) AND open;
  UPDATE ledger.debt SET remaining = 0 WHERE account = a.account AND seq = ANY (p_debts);
END $$;

-- The lots and debts that a move brought to an account, and what was made of these lots since.
CREATE FUNCTION ledger.moved(
  p_account bigint, p_from bigint, p_key text, OUT lots bigint[], OUT debts bigint[]
) LANGUAGE plpgsql AS $$
DECLARE
  seqs bigint[];
BEGIN
  SELECT array_agg(o.seq) INTO seqs FROM ledger.op o
  WHERE o.account = p_account AND o.kind = 'merge' AND starts_with(o.key, 'part:')
    AND o.answer -> 'detail' = jsonb_build_object('of', p_key, 'from', p_from);
  SELECT array_agg(l.lot) INTO lots FROM ledger.lot l
  WHERE l.account = p_account AND l.open AND (l.lot = ANY (seqs) OR l.origin = ANY (seqs));
  SELECT array_agg(d.seq) INTO debts FROM ledger.debt d
  WHERE d.account = p_account AND d.seq = ANY (seqs) AND d.remaining > 0;
END $$;

-- Merges an account into another.
-- Points set aside are tied to their account: an open hold must end first.
CREATE FUNCTION ledger.merge(
  p_account bigint, p_into bigint, p_key text, p_hash bytea, p_effective timestamptz,
  p_actor text, p_reason jsonb
) RETURNS ledger.answered LANGUAGE plpgsql AS $$
DECLARE
  x ledger.answered;
  r record;
  m record;
  a ledger.account;
  b ledger.account;
  before bigint;
  used bigint;
  refusal text;
BEGIN
  x := ledger.known(p_account, p_key, p_hash);
  IF x.outcome IS NOT NULL THEN
    RETURN x;
  END IF;
  PERFORM ledger.lock_both(p_account, p_into);
  r := ledger.enter(p_account, p_key, p_hash);
  IF (r.x).outcome IS NOT NULL THEN
    RETURN r.x;
  END IF;
  a := r.a;
  SELECT * INTO b FROM ledger.account WHERE account = p_into;
  IF NOT FOUND THEN
    r.x := ledger.unanswered('account_unknown');
    RETURN r.x;
  END IF;
  IF p_account <> p_into THEN
    b := ledger.settled(b);
  END IF;
  refusal := CASE
    WHEN a.status <> 'open' OR b.status <> 'open' THEN 'account_closed'
    WHEN p_account = p_into OR a.unit <> b.unit THEN 'not_allowed'
    WHEN a.held > 0 THEN 'open_holds'
    WHEN a.available + a.pending > ledger.most() - b.available - b.pending - b.held
      OR a.debt > ledger.most() - b.debt THEN 'too_much' END;
  IF refusal IS NOT NULL THEN
    RETURN ledger.answer(a, p_key, 'merge', p_hash, refusal, NULL, p_actor, p_reason, NULL,
                         jsonb_build_object('into', p_into));
  END IF;
  before := a.version;
  m := ledger.move(a, b,
    (SELECT array_agg(l.lot) FROM ledger.lot l WHERE l.account = p_account AND l.open),
    (SELECT array_agg(d.seq) FROM ledger.debt d WHERE d.account = p_account AND d.remaining > 0),
    p_key, p_key, p_hash, 'merge', p_effective, p_actor, p_reason);
  a := m.a;
  b := m.b;
  used := a.used;
  b.used := ledger.more_used(b.used, used);
  b.active_at := greatest(b.active_at, a.active_at);
  a.used := 0;
  a.next_due_at := NULL;
  a.status := 'merged';
  a.merged_into := p_into;
  PERFORM ledger.keep(a);
  PERFORM ledger.keep(b);
  RETURN ledger.answer(a, p_key, 'merge', p_hash, 'done', nullif(a.version, before), p_actor,
                       p_reason, NULL, jsonb_build_object('into', p_into, 'used', used));
END $$;

-- Undoes a merge: what is left of the lots and debts that it moved goes back.
CREATE FUNCTION ledger.unmerge(
  p_account bigint, p_merge_key text, p_key text, p_hash bytea, p_effective timestamptz,
  p_actor text, p_reason jsonb
) RETURNS ledger.answered LANGUAGE plpgsql AS $$
DECLARE
  x ledger.answered;
  r record;
  m record;
  o ledger.op;
  a ledger.account;
  b ledger.account;
  winner bigint;
  before bigint;
  used bigint;
  own text;
BEGIN
  x := ledger.known(p_account, p_key, p_hash);
  IF x.outcome IS NOT NULL THEN
    RETURN x;
  END IF;
  SELECT * INTO o FROM ledger.op
  WHERE account = p_account AND key = p_merge_key AND kind = 'merge' AND outcome = 'done';
  IF NOT FOUND THEN
    x := ledger.unanswered('merge_unknown');
    RETURN x;
  END IF;
  winner := (o.answer -> 'detail' ->> 'into')::bigint;
  PERFORM ledger.lock_both(p_account, winner);
  r := ledger.enter(p_account, p_key, p_hash);
  IF (r.x).outcome IS NOT NULL THEN
    RETURN r.x;
  END IF;
  a := r.a;
  IF a.merged_into IS DISTINCT FROM winner THEN
    RETURN ledger.answer(a, p_key, 'unmerge', p_hash, 'not_merged', NULL, p_actor, p_reason,
                         NULL);
  END IF;
  SELECT * INTO b FROM ledger.account WHERE account = winner;
  b := ledger.settled(b);
  before := b.version;
  own := ledger.part_key(b);
  r := ledger.moved(winner, p_account, p_merge_key);
  m := ledger.move(b, a, r.lots, r.debts, own, p_key, p_hash, 'unmerge', p_effective, p_actor,
                   p_reason);
  b := m.a;
  a := m.b;
  used := least(b.used, (o.answer -> 'detail' ->> 'used')::bigint);
  b.used := b.used - used;
  a.used := used;
  a.status := 'open';
  a.merged_into := NULL;
  PERFORM ledger.keep(a);
  PERFORM ledger.keep(b);
  -- What was undone of the account's own postings meanwhile stays undone.
  INSERT INTO ledger.reversal
  SELECT p_account, t.of_key, t.by_key, t.amount, t.expired
  FROM ledger.reversal t
  JOIN ledger.op own ON own.account = p_account AND own.key = t.of_key
  WHERE t.account = winner
    AND NOT EXISTS (SELECT FROM ledger.op w WHERE w.account = winner AND w.key = t.of_key)
  ON CONFLICT DO NOTHING;
  IF b.version > before THEN
    PERFORM ledger.answer(b, own, 'unmerge', p_hash, 'done', b.version, p_actor, p_reason,
                          NULL, jsonb_build_object('of', p_key, 'from', p_account));
  END IF;
  RETURN ledger.answer(a, p_key, 'unmerge', p_hash, 'done', NULL, p_actor, p_reason, NULL,
                       jsonb_build_object('from', winner));
END $$;

-- Makes points spendable that were waiting for something to happen (a delivery), or earlier
-- than they would be: the pending lots of an earn become one active lot.
CREATE FUNCTION ledger.activate(
  p_account bigint, p_key text, p_hash bytea, p_earn_key text, p_expires timestamptz,
  p_effective timestamptz, p_actor text, p_reason jsonb
) RETURNS ledger.answered LANGUAGE plpgsql AS $$
DECLARE
  r record;
  a ledger.account;
  l ledger.lot;
  lots bigint[];
  points bigint;
  repaid bigint;
  refusal text;
BEGIN
  r := ledger.enter(p_account, p_key, p_hash);
  IF (r.x).outcome IS NOT NULL THEN
    RETURN r.x;
  END IF;
  a := r.a;
  IF NOT EXISTS (SELECT FROM ledger.op
                 WHERE account = ANY (ledger.family(p_account)) AND key = p_earn_key) THEN
    r.x := ledger.unanswered('earn_unknown');
    RETURN r.x;
  END IF;
  SELECT array_agg(t.lot ORDER BY t.lot), sum(t.remaining), min(t.expires_at)
  INTO lots, points, l.expires_at
  FROM ledger.lots_of(ARRAY[p_account], p_earn_key) t WHERE t.open AND NOT t.active;
  refusal := CASE WHEN a.status <> 'open' THEN 'account_closed'
                  WHEN lots IS NULL THEN 'nothing_pending' END;
  IF refusal IS NOT NULL THEN
    RETURN ledger.answer(a, p_key, 'activate', p_hash, refusal, NULL, p_actor, p_reason, NULL);
  END IF;
  repaid := least(a.debt, points);
  a := ledger.post(a, p_key, 'activate', 'issue', points - repaid, -points, 0, -repaid,
                   p_effective);
  PERFORM ledger.take_from(p_account, a.version, points, lots);
  PERFORM ledger.make_lot(a, points, repaid, true, a.last_at, coalesce(p_expires, l.expires_at),
                          lots[1], p_earn_key);
  a.next_due_at := least(a.next_due_at,
                         nullif(coalesce(p_expires, l.expires_at), 'infinity'));
  PERFORM ledger.keep(a);
  RETURN ledger.answer(a, p_key, 'activate', p_hash, 'done', a.version, p_actor, p_reason, NULL);
END $$;

-- Lets what is left of an earn live longer (null: for ever): each of its lots that would expire
-- before becomes a new one. Points are never made to expire earlier.
CREATE FUNCTION ledger.extend(
  p_account bigint, p_key text, p_hash bytea, p_earn_key text, p_expires timestamptz,
  p_effective timestamptz, p_actor text, p_reason jsonb
) RETURNS ledger.answered LANGUAGE plpgsql AS $$
DECLARE
  r record;
  a ledger.account;
  l ledger.lot;
  until timestamptz := coalesce(p_expires, 'infinity');
  points bigint := 0;
  own text;
  refusal text;
BEGIN
  r := ledger.enter(p_account, p_key, p_hash);
  IF (r.x).outcome IS NOT NULL THEN
    RETURN r.x;
  END IF;
  a := r.a;
  IF NOT EXISTS (SELECT FROM ledger.op
                 WHERE account = ANY (ledger.family(p_account)) AND key = p_earn_key) THEN
    r.x := ledger.unanswered('earn_unknown');
    RETURN r.x;
  END IF;
  FOR l IN
    SELECT * FROM ledger.lots_of(ARRAY[p_account], p_earn_key) t
    WHERE a.status = 'open' AND t.open AND t.expires_at < until AND t.available_at < until
    ORDER BY t.lot
  LOOP
    own := ledger.part_key(a);
    points := points + l.remaining;
    a := ledger.post(a, own, 'extend', 'extend', 0, 0, 0, 0, p_effective);
    PERFORM ledger.take_from(p_account, a.version, l.remaining, ARRAY[l.lot]);
    PERFORM ledger.make_lot(a, l.remaining, 0, l.active, l.available_at, until,
                            ledger.origin_of(l), l.source_key);
    a.next_due_at := least(a.next_due_at, ledger.lot_due(l.active, l.available_at, until));
    PERFORM ledger.answer(a, own, 'extend', p_hash, 'done', a.version, p_actor, p_reason, NULL,
                          jsonb_build_object('of', p_key, 'from', p_account));
  END LOOP;
  refusal := CASE WHEN a.status <> 'open' THEN 'account_closed'
                  WHEN points = 0 THEN 'nothing_to_extend' END;
  PERFORM ledger.keep(a);
  RETURN ledger.answer(a, p_key, 'extend', p_hash, coalesce(refusal, 'done'), NULL, p_actor,
                       p_reason, NULL, jsonb_build_object('points', points));
END $$;
