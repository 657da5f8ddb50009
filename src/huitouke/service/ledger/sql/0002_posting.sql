-- How a posting is made, step by step; the commands in the other files are put together from
-- these. All run at READ COMMITTED with the rights of the caller, without subtransactions.
--
-- The order never changes: the key is looked up; the account's row is locked; a new statement
-- looks the key up again and only then reads lots, so that it sees what the last holder of the
-- lock wrote; what fell due is settled; the posting is refused or written.

-- The answer to a posting. 'key_taken' and '…_unknown' are answered and never kept.
CREATE TYPE ledger.answered AS (
  outcome text, seq bigint, available bigint, pending bigint, held bigint, debt bigint,
  created_at timestamptz, replayed boolean, detail jsonb
);

-- The most an account may hold in all: below 2^53, so that every client counts exactly.
CREATE FUNCTION ledger.most() RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT 9000000000000000
$$;

-- What was used in a life, which an account's limit does not bound: it stops counting in time.
CREATE FUNCTION ledger.more_used(p_used bigint, p_points bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT p_used + least(p_points, 9000000000000000000 - p_used)
$$;

-- The kept answer of a key; a null row if the key is new.
CREATE FUNCTION ledger.known(p_account bigint, p_key text, p_hash bytea)
RETURNS ledger.answered LANGUAGE plpgsql AS $$
DECLARE
  o ledger.op;
  x ledger.answered;
BEGIN
  SELECT * INTO o FROM ledger.op WHERE account = p_account AND key = p_key;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  IF o.request_hash <> p_hash THEN
    x.outcome := 'key_taken';
    RETURN x;
  END IF;
  x := (o.outcome, o.seq, (o.answer ->> 'available')::bigint, (o.answer ->> 'pending')::bigint,
        (o.answer ->> 'held')::bigint, (o.answer ->> 'debt')::bigint, o.created_at, true,
        o.answer -> 'detail');
  RETURN x;
END $$;

-- An answer that is not kept: the request may be sent again and then succeed.
CREATE FUNCTION ledger.unanswered(p_outcome text) RETURNS ledger.answered
LANGUAGE sql IMMUTABLE AS $$
  SELECT ROW(p_outcome, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::ledger.answered
$$;

-- The account, locked and settled, with last_at set to the time of this posting; or the answer.
CREATE FUNCTION ledger.enter(
  p_account bigint, p_key text, p_hash bytea, OUT a ledger.account, OUT x ledger.answered
) LANGUAGE plpgsql AS $$
BEGIN
  x := ledger.known(p_account, p_key, p_hash);
  IF x.outcome IS NOT NULL THEN
    RETURN;
  END IF;
  SELECT * INTO a FROM ledger.account WHERE account = p_account FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    x.outcome := 'account_unknown';
    RETURN;
  END IF;
  x := ledger.known(p_account, p_key, p_hash);
  IF x.outcome IS NOT NULL THEN
    RETURN;
  END IF;
  a := ledger.settled(a);
END $$;

-- Writes an entry and gives the account as it is after it; keep() writes the account's row.
CREATE FUNCTION ledger.post(
  a ledger.account, p_key text, p_kind text, p_contra text, p_amount bigint,
  p_pending bigint, p_held bigint, p_debt bigint, p_effective timestamptz
) RETURNS ledger.account LANGUAGE plpgsql AS $$
BEGIN
  a.version := a.version + 1;
  a.available := a.available + p_amount;
  a.pending := a.pending + p_pending;
  a.held := a.held + p_held;
  a.debt := a.debt + p_debt;
  INSERT INTO ledger.entry VALUES (
    a.account, a.version, p_key, p_kind, p_contra, p_amount, p_pending, p_held, p_debt,
    a.available, a.pending, a.held, a.debt, p_effective, a.last_at);
  RETURN a;
END $$;

-- Writes the account's row; the time of its last entry moves only with an entry.
CREATE FUNCTION ledger.keep(a ledger.account) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE ledger.account SET
    available = a.available, pending = a.pending, held = a.held, debt = a.debt,
    used = a.used, version = a.version, next_due_at = a.next_due_at,
    last_at = CASE WHEN version < a.version THEN a.last_at ELSE last_at END,
    active_at = a.active_at, status = a.status, merged_into = a.merged_into
  WHERE account = a.account;
END $$;

-- Writes the operation with its answer: for ever, also a refusal (then seq is null).
CREATE FUNCTION ledger.answer(
  a ledger.account, p_key text, p_kind text, p_hash bytea, p_outcome text, p_seq bigint,
  p_actor text, p_reason jsonb, p_rule_version bigint, p_detail jsonb DEFAULT NULL
) RETURNS ledger.answered LANGUAGE plpgsql AS $$
DECLARE
  x ledger.answered;
  kept jsonb;
BEGIN
  kept := jsonb_build_object('available', a.available, 'pending', a.pending,
                             'held', a.held, 'debt', a.debt);
  IF p_detail IS NOT NULL THEN
    kept := kept || jsonb_build_object('detail', p_detail);
  END IF;
  INSERT INTO ledger.op VALUES (
    a.account, p_key, p_kind, p_hash, p_outcome, p_seq, kept, p_actor, p_reason,
    p_rule_version, a.last_at);
  x := (p_outcome, p_seq, a.available, a.pending, a.held, a.debt, a.last_at, false, p_detail);
  RETURN x;
END $$;

-- The operation of an entry that the ledger makes by itself: its key is the entry's number.
CREATE FUNCTION ledger.answer_own(a ledger.account, p_kind text, p_reason jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ledger.answer(a, 'settle:' || a.version, p_kind, '\x', 'done', a.version,
                        'system:huitouke', p_reason, NULL);
  INSERT INTO ledger.untold VALUES (a.account, a.version);
END $$;

-- Takes points from the active lots in burn order: soonest to expire, soonest available, oldest.
CREATE FUNCTION ledger.take(p_account bigint, p_seq bigint, p_points bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  rest bigint := p_points;
  part bigint;
  before bigint;
  l record;
BEGIN
  WHILE rest > 0 LOOP
    before := rest;
    -- A limit keeps the plan and the cost the same for an account with thousands of lots.
    FOR l IN
      SELECT lot, remaining FROM ledger.lot
      WHERE account = p_account AND open AND active
      ORDER BY expires_at, available_at, lot LIMIT 32
    LOOP
      part := least(l.remaining, rest);
      UPDATE ledger.lot SET remaining = remaining - part
      WHERE account = p_account AND lot = l.lot;
      INSERT INTO ledger.alloc VALUES (p_account, p_seq, l.lot, part);
      rest := rest - part;
      EXIT WHEN rest = 0;
    END LOOP;
    IF rest = before THEN
      RAISE EXCEPTION 'lots of account % hold % less than its balance', p_account, rest
        USING ERRCODE = 'data_corrupted';
    END IF;
  END LOOP;
END $$;

-- Takes points from given lots, in the order given.
CREATE FUNCTION ledger.take_from(
  p_account bigint, p_seq bigint, p_points bigint, p_lots bigint[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  rest bigint := p_points;
  part bigint;
  each bigint;
BEGIN
  FOREACH each IN ARRAY coalesce(p_lots, '{}') LOOP
    EXIT WHEN rest = 0;
    SELECT least(remaining, rest) INTO part FROM ledger.lot
    WHERE account = p_account AND lot = each;
    CONTINUE WHEN part = 0;
    UPDATE ledger.lot SET remaining = remaining - part WHERE account = p_account AND lot = each;
    INSERT INTO ledger.alloc VALUES (p_account, p_seq, each, part);
    rest := rest - part;
  END LOOP;
  IF rest > 0 THEN
    RAISE EXCEPTION 'lots of account % hold % less than needed', p_account, rest
      USING ERRCODE = 'data_corrupted';
  END IF;
END $$;

-- Puts points back into the lots they were taken from, the last taken first, leaving out the
-- first p_skip of them; says when the first of these lots expires. Lots are taken in burn
-- order, so the last taken is the last to expire.
CREATE FUNCTION ledger.put_back(
  p_account bigint, p_from bigint[], p_seq bigint, p_skip bigint, p_points bigint
) RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
  due timestamptz;
  l record;
BEGIN
  FOR l IN SELECT * FROM ledger.part_of(p_account, p_from, p_skip, p_points) LOOP
    UPDATE ledger.lot SET remaining = remaining + l.part
    WHERE account = p_account AND lot = l.lot;
    INSERT INTO ledger.alloc VALUES (p_account, p_seq, l.lot, -l.part);
    due := least(due, l.expires_at);
  END LOOP;
  RETURN due;
END $$;

-- Which lots paid for these entries in all, the last taken first, with running totals.
CREATE FUNCTION ledger.taken_by(p_account bigint, p_from bigint[])
RETURNS TABLE (lot bigint, points bigint, upto bigint, expires_at timestamptz)
LANGUAGE sql AS $$
  SELECT u.lot, u.points,
         (sum(u.points) OVER (ORDER BY u.expires_at DESC, u.available_at DESC, u.lot DESC))::bigint,
         u.expires_at
  FROM (
    SELECT l.lot, sum(x.amount)::bigint AS points, l.expires_at, l.available_at
    FROM ledger.alloc x
    JOIN ledger.lot l ON l.account = x.account AND l.lot = x.lot
    WHERE x.account = p_account AND x.seq = ANY (p_from)
    GROUP BY l.lot, l.expires_at, l.available_at
    HAVING sum(x.amount) > 0
  ) u
  ORDER BY u.expires_at DESC, u.available_at DESC, u.lot DESC
$$;

-- A stretch of that: so many points after the first p_skip.
CREATE FUNCTION ledger.part_of(
  p_account bigint, p_from bigint[], p_skip bigint, p_points bigint
) RETURNS TABLE (lot bigint, part bigint, upto bigint, expires_at timestamptz) LANGUAGE sql AS $$
  SELECT u.lot, least(u.upto, p_skip + p_points) - greatest(u.upto - u.points, p_skip), u.upto,
         u.expires_at
  FROM ledger.taken_by(p_account, p_from) u
  WHERE p_points > 0 AND u.upto > p_skip AND u.upto - u.points < p_skip + p_points
$$;

-- Debts are settled oldest first.
CREATE FUNCTION ledger.pay_debt(p_account bigint, p_points bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  rest bigint := p_points;
  d record;
BEGIN
  IF rest = 0 THEN
    RETURN;
  END IF;
  FOR d IN
    SELECT seq, remaining FROM ledger.debt
    WHERE account = p_account AND remaining > 0 ORDER BY created_at, seq
  LOOP
    UPDATE ledger.debt SET remaining = remaining - least(d.remaining, rest)
    WHERE account = p_account AND seq = d.seq;
    rest := rest - least(d.remaining, rest);
    EXIT WHEN rest = 0;
  END LOOP;
END $$;

-- Makes a lot of the entry just posted; what of it settled a debt is taken from it at once.
CREATE FUNCTION ledger.make_lot(
  a ledger.account, p_earned bigint, p_repaid bigint, p_active boolean,
  p_available timestamptz, p_expires timestamptz, p_origin bigint, p_source text
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO ledger.lot (account, lot, earned, remaining, active, available_at, expires_at,
                          origin, source_key)
  VALUES (a.account, a.version, p_earned, p_earned - p_repaid, p_active, p_available,
          p_expires, coalesce(p_origin, a.version), p_source);
  IF p_repaid > 0 THEN
    INSERT INTO ledger.alloc VALUES (a.account, a.version, a.version, p_repaid);
    PERFORM ledger.pay_debt(a.account, p_repaid);
    INSERT INTO ledger.untold VALUES (a.account, a.version);
  END IF;
END $$;

-- When a lot becomes due: active, or gone.
CREATE FUNCTION ledger.lot_due(p_active boolean, p_available timestamptz, p_expires timestamptz)
RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT nullif(CASE WHEN p_active THEN p_expires ELSE p_available END, 'infinity')
$$;
