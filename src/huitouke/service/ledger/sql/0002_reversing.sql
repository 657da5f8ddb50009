-- What undoes an earlier posting: points of a refunded order are taken back, points of a
-- cancelled redemption are given back.

-- An account and those whose lots it took over.
CREATE FUNCTION ledger.family(p_account bigint) RETURNS bigint[] LANGUAGE sql AS $$
  WITH RECURSIVE f AS (
    SELECT p_account AS account
    UNION ALL
    SELECT a.account FROM ledger.account a JOIN f ON a.merged_into = f.account
  )
  SELECT array_agg(f.account) FROM f
$$;

-- The lots that an earn made on these accounts, and those that stand for them since.
CREATE FUNCTION ledger.lots_of(p_accounts bigint[], p_key text)
RETURNS SETOF ledger.lot LANGUAGE sql AS $$
  SELECT l.* FROM ledger.op o JOIN ledger.lot l ON l.account = o.account AND l.lot = o.seq
  WHERE o.account = ANY (p_accounts) AND o.key = p_key
  UNION ALL
  SELECT l.* FROM ledger.lot l
  WHERE l.account = ANY (p_accounts) AND l.source_key = p_key AND l.origin <> l.lot
$$;

-- What was undone of a posting so far. After an unmerge both accounts tell of the same undoing.
CREATE FUNCTION ledger.reversed(
  p_accounts bigint[], p_key text, OUT amount bigint, OUT expired bigint
) LANGUAGE sql AS $$
  SELECT coalesce(sum(r.amount), 0)::bigint, coalesce(sum(r.expired), 0)::bigint
  FROM (SELECT DISTINCT t.by_key, t.amount, t.expired FROM ledger.reversal t
        WHERE t.account = ANY (p_accounts) AND t.of_key = p_key) r
$$;

-- What can still be taken back of these earns, key by key; how much of it counts as taken
-- because it expired. No row for a key that is unknown.
CREATE FUNCTION ledger.still_earned(p_accounts bigint[], p_keys text[])
RETURNS TABLE (place bigint, key text, points bigint, expired bigint) LANGUAGE sql AS $$
  SELECT k.place, k.key, e.points - r.amount,
         least(x.expired - r.expired, e.points - r.amount)
  FROM unnest(p_keys) WITH ORDINALITY k (key, place),
  LATERAL (
    SELECT coalesce(sum(l.earned), 0)::bigint AS points, count(*) AS ops
    FROM ledger.op o
    LEFT JOIN ledger.lot l ON l.account = o.account AND l.lot = o.seq
    WHERE o.account = ANY (p_accounts) AND o.key = k.key
  ) e,
  LATERAL ledger.reversed(p_accounts, k.key) r,
  LATERAL (
    SELECT coalesce(sum(l.expired), 0)::bigint AS expired
    FROM ledger.lots_of(p_accounts, k.key) l
  ) x
  WHERE e.ops > 0
$$;

-- Keeps how much of which earn a claw-back undid: first what expired, then the rest, in the
-- order of the keys.
CREATE FUNCTION ledger.keep_claw_back(
  p_account bigint, p_accounts bigint[], p_keys text[], p_by text, p_amount bigint,
  p_expired bigint
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  rest bigint := p_amount - p_expired;
  gone bigint := p_expired;
  part bigint;
  over bigint;
  k record;
BEGIN
  FOR k IN SELECT * FROM ledger.still_earned(p_accounts, p_keys) ORDER BY place LOOP
    over := least(gone, k.expired);
    part := least(rest, k.points - over);
    gone := gone - over;
    rest := rest - part;
    CONTINUE WHEN over + part = 0;
    INSERT INTO ledger.reversal VALUES (p_account, k.key, p_by, over + part, over);
  END LOOP;
END $$;

-- Takes earned points back. In this order: the earns' own lots, pending ones first; what of
-- them expired counts as taken; the rest goes by the policy. Last of all a debt above what was
-- used (or is set aside to be used) is written off: who has used nothing owes nothing.
CREATE FUNCTION ledger.claw_back(
  p_account bigint, p_key text, p_hash bytea, p_amount bigint, p_earn_keys text[],
  p_policy text, p_effective timestamptz, p_actor text, p_reason jsonb, p_rule_version bigint
) RETURNS ledger.answered LANGUAGE plpgsql AS $$
DECLARE
  r record;
  a ledger.account;
  accounts bigint[];
  known_keys bigint;
  left_over bigint;
  gone bigint;
  lots bigint[];
  own_pending bigint;
  own_active bigint;
  from_pending bigint;
  from_active bigint;
  expired bigint;
  others bigint := 0;
  owed bigint := 0;
  rest bigint;
  off bigint;
  seq bigint;
  refusal text;
BEGIN
  r := ledger.enter(p_account, p_key, p_hash);
  IF (r.x).outcome IS NOT NULL THEN
    RETURN r.x;
  END IF;
  a := r.a;
  accounts := ledger.family(p_account);
  SELECT count(*), sum(s.points), sum(s.expired) INTO known_keys, left_over, gone
  FROM ledger.still_earned(accounts, p_earn_keys) s;
  IF known_keys < cardinality(p_earn_keys) THEN
    r.x := ledger.unanswered('earn_unknown');
    RETURN r.x;
  END IF;
  SELECT array_agg(l.lot ORDER BY l.active, l.expires_at, l.available_at, l.lot),
         coalesce(sum(l.remaining) FILTER (WHERE NOT l.active), 0),
         coalesce(sum(l.remaining) FILTER (WHERE l.active), 0)
  INTO lots, own_pending, own_active
  FROM unnest(p_earn_keys) k, LATERAL ledger.lots_of(ARRAY[p_account], k) l
  WHERE l.remaining > 0 AND (p_policy <> 'pending_only' OR NOT l.active);
  from_pending := least(p_amount, own_pending);
  from_active := least(p_amount - from_pending, own_active);
  expired := least(p_amount - from_pending - from_active, gone);
  rest := p_amount - from_pending - from_active - expired;
  IF p_policy IN ('debt', 'within_balance') THEN
    others := least(rest, a.available - from_active);
    rest := rest - others;
  END IF;
  IF p_policy = 'debt' THEN
    owed := rest;
    rest := 0;
  END IF;
  off := greatest(0, a.debt + owed - a.used - a.held);
  refusal := CASE WHEN a.status <> 'open' THEN 'account_closed'
                  WHEN p_amount > left_over THEN 'reversed_already'
                  WHEN a.debt + owed - off > ledger.most() THEN 'too_much' END;
  IF refusal IS NOT NULL THEN
    RETURN ledger.answer(a, p_key, 'claw_back', p_hash, refusal, NULL, p_actor, p_reason,
                         p_rule_version, jsonb_build_object('left', left_over));
  END IF;
  PERFORM ledger.keep_claw_back(p_account, accounts, p_earn_keys, p_key, p_amount, expired);
  IF from_pending + from_active + others > 0 OR owed <> off THEN
    a := ledger.post(a, p_key, 'claw_back', 'claw_back', -from_active - others, -from_pending,
                     0, owed - off, p_effective);
    seq := a.version;
    PERFORM ledger.take_from(p_account, seq, from_pending + from_active, lots);
    PERFORM ledger.take(p_account, seq, others);
    PERFORM ledger.owe(a, owed - off);
    PERFORM ledger.keep(a);
  END IF;
  RETURN ledger.answer(a, p_key, 'claw_back', p_hash, 'done', seq, p_actor, p_reason,
    p_rule_version, jsonb_build_object(
      'taken', from_pending + from_active + others, 'expired', expired, 'owed', owed,
      'forgiven', rest, 'written_off', off, 'earn_keys', to_jsonb(p_earn_keys)));
END $$;

-- Makes a debt of the entry just posted; below zero it forgives that much, the newest first.
CREATE FUNCTION ledger.owe(a ledger.account, p_points bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  rest bigint := -p_points;
  d record;
BEGIN
  IF p_points > 0 THEN
    INSERT INTO ledger.debt VALUES (a.account, a.version, p_points, p_points, a.last_at);
    RETURN;
  END IF;
  FOR d IN
    SELECT t.seq, t.remaining FROM ledger.debt t
    WHERE t.account = a.account AND t.remaining > 0 ORDER BY t.created_at DESC, t.seq DESC
  LOOP
    EXIT WHEN rest = 0;
    UPDATE ledger.debt SET remaining = remaining - least(d.remaining, rest)
    WHERE account = a.account AND seq = d.seq;
    rest := rest - least(d.remaining, rest);
  END LOOP;
END $$;

-- The spend behind a key on one of these accounts: where it stands, which entries took the
-- lots, and how much of that was spent (what of a hold was neither used nor put back has paid
-- a debt). The key of a hold leads to its capture. A null row if there is no such spend.
CREATE FUNCTION ledger.find_spend(
  p_accounts bigint[], p_key text, OUT account bigint, OUT key text, OUT seqs bigint[],
  OUT contra text, OUT amount bigint
) LANGUAGE plpgsql AS $$
DECLARE
  o ledger.op;
  e ledger.entry;
  h ledger.hold;
  place bigint;
BEGIN
  FOREACH place IN ARRAY p_accounts LOOP
    SELECT * INTO o FROM ledger.op t
    WHERE t.account = place AND t.key = p_key AND t.outcome = 'done' AND t.seq IS NOT NULL;
    EXIT WHEN FOUND;
  END LOOP;
  IF o.kind IN ('hold', 'capture') THEN
    SELECT t.* INTO h FROM ledger.op n
    JOIN ledger.hold t ON t.account = n.account AND t.hold = n.seq
    WHERE n.account = o.account
      AND n.key = CASE o.kind WHEN 'hold' THEN o.key ELSE o.answer -> 'detail' ->> 'hold_key' END;
    IF h.state <> 'captured' THEN
      RETURN;
    END IF;
  END IF;
  SELECT * INTO e FROM ledger.entry t
  WHERE t.account = o.account AND t.seq = coalesce(h.ended_seq, o.seq);
  IF e.kind = 'capture' THEN
    seqs := ARRAY[h.hold, h.ended_seq];
    amount := h.captured;
  ELSIF e.amount < 0 AND e.kind NOT IN ('expire', 'claw_back', 'transfer', 'merge', 'unmerge', 'forfeit') THEN
    seqs := ARRAY[e.seq];
    amount := -e.amount;
  ELSE
    RETURN;
  END IF;
  account := e.account;
  key := e.op_key;
  contra := e.contra;
END $$;

-- The key of an operation that is part of another: no caller has one that begins so.
CREATE FUNCTION ledger.part_key(a ledger.account) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT 'part:' || a.version + 1
$$;

-- Credits a lot that stands for an earlier one, as an entry and operation of its own: a part
-- of the operation p_of of an account.
CREATE FUNCTION ledger.receive(
  a ledger.account, p_from bigint, p_of text, p_hash bytea, p_kind text, p_contra text,
  p_points bigint, l ledger.lot, p_effective timestamptz, p_actor text, p_reason jsonb
) RETURNS ledger.account LANGUAGE plpgsql AS $$
DECLARE
  repaid bigint := CASE WHEN l.active THEN least(a.debt, p_points) ELSE 0 END;
  own text := ledger.part_key(a);
BEGIN
  IF l.active THEN
    a := ledger.post(a, own, p_kind, p_contra, p_points - repaid, 0, 0, -repaid, p_effective);
  ELSE
    a := ledger.post(a, own, p_kind, p_contra, 0, p_points, 0, 0, p_effective);
  END IF;
  PERFORM ledger.make_lot(a, p_points, repaid, l.active, l.available_at, l.expires_at,
                          l.origin, l.source_key);
  a.next_due_at := least(a.next_due_at, ledger.lot_due(l.active, l.available_at, l.expires_at));
  PERFORM ledger.answer(a, own, p_kind, p_hash, 'done', a.version, p_actor, p_reason, NULL,
                        jsonb_build_object('of', p_of, 'from', p_from));
  RETURN a;
END $$;

-- Which lot of the account a lot made from this one stands for: the first of its line there.
CREATE FUNCTION ledger.origin_of(l ledger.lot) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE l.origin WHEN 0 THEN l.lot ELSE l.origin END
$$;

-- Gives spent points back to the lots they came from, the last taken first, with the expiry
-- they had. Where a lot has expired since, they come back as a new lot until p_grace, or
-- (p_grace null) they return to it and expire with an entry of their own. They settle debts
-- first, and the soonest to expire pay, so that the member keeps the longer-lived ones.
CREATE FUNCTION ledger.restore(
  p_account bigint, p_key text, p_hash bytea, p_spend_key text, p_amount bigint,
  p_grace timestamptz, p_effective timestamptz, p_actor text, p_reason jsonb
) RETURNS ledger.answered LANGUAGE plpgsql AS $$
DECLARE
  r record;
  a ledger.account;
  s record;
  u record;
  l ledger.lot;
  undone bigint;
  left_over bigint;
  skip bigint;
  back bigint;
  alive bigint;
  anew bigint := 0;
  over bigint;
  repaid bigint;
  owed bigint;
  seq bigint;
  refusal text;
BEGIN
  r := ledger.enter(p_account, p_key, p_hash);
  IF (r.x).outcome IS NOT NULL THEN
    RETURN r.x;
  END IF;
  a := r.a;
  s := ledger.find_spend(ledger.family(p_account), p_spend_key);
  IF s.key IS NULL THEN
    r.x := ledger.unanswered('spend_unknown');
    RETURN r.x;
  END IF;
  SELECT t.amount INTO undone FROM ledger.reversed(ledger.family(p_account), s.key) t;
  left_over := s.amount - undone;
  -- Behind what was spent lie the points that paid a debt: they were taken last of what stays.
  SELECT undone + coalesce(sum(t.points), 0) - s.amount INTO skip
  FROM ledger.taken_by(s.account, s.seqs) t;
  back := coalesce(p_amount, left_over);
  refusal := CASE
    WHEN a.status <> 'open' THEN 'account_closed'
    WHEN left_over = 0 OR back > left_over THEN 'reversed_already'
    WHEN back > ledger.most() - a.available - a.pending - a.held THEN 'too_much' END;
  IF refusal IS NOT NULL THEN
    RETURN ledger.answer(a, p_key, 'restore', p_hash, refusal, NULL, p_actor, p_reason, NULL,
                         jsonb_build_object('left', left_over, 'spend_key', s.key));
  END IF;
  INSERT INTO ledger.reversal VALUES (p_account, s.key, p_key, back);
  owed := a.debt;
  IF s.contra = 'redeem' THEN
    a.used := a.used - back;
  END IF;
  SELECT coalesce(sum(t.part), 0) INTO over
  FROM ledger.part_of(s.account, s.seqs, skip, back) t WHERE t.expires_at <= a.last_at;
  FOR u IN
    SELECT t.lot, t.part FROM ledger.part_of(s.account, s.seqs, skip, back) t
    WHERE s.account <> p_account OR (p_grace IS NOT NULL AND t.expires_at <= a.last_at)
    ORDER BY t.upto DESC
  LOOP
    SELECT * INTO l FROM ledger.lot t WHERE t.account = s.account AND t.lot = u.lot;
    IF p_grace IS NOT NULL AND l.expires_at <= a.last_at THEN
      l.expires_at := p_grace;
      l.available_at := a.last_at;
    END IF;
    l.origin := CASE WHEN s.account <> p_account THEN 0 ELSE ledger.origin_of(l) END;
    a := ledger.receive(a, p_account, p_key, p_hash, 'regrant', s.contra, u.part, l,
                        p_effective, p_actor, p_reason);
    anew := anew + u.part;
  END LOOP;
  alive := back - anew;
  IF alive > 0 THEN
    repaid := least(a.debt, alive);
    a.next_due_at := least(a.next_due_at, nullif(ledger.put_back(
      p_account, s.seqs, a.version + 1, skip, alive - repaid), 'infinity'));
    PERFORM ledger.pay_debt(p_account, repaid);
    a := ledger.post(a, p_key, 'restore', s.contra, alive - repaid, 0, 0, -repaid, p_effective);
    seq := a.version;
  END IF;
  PERFORM ledger.keep(a);
  owed := owed - a.debt;
  IF a.next_due_at <= a.last_at THEN
    a := ledger.settle_due(a);
  END IF;
  RETURN ledger.answer(a, p_key, 'restore', p_hash, 'done', seq, p_actor, p_reason, NULL,
    jsonb_build_object(
      'restored', back - over, 'regranted', CASE WHEN p_grace IS NULL THEN 0 ELSE over END,
      'expired', CASE WHEN p_grace IS NULL THEN over ELSE 0 END, 'settled', owed,
      'spend_key', s.key));
END $$;
