-- Balances, now and at any earlier moment. STABLE: all of a call reads one snapshot.

-- The last entry written by a moment; 0 if none. Entries are gap-free and their times never
-- run back, so this is a search by halves over the primary key.
CREATE FUNCTION ledger.seq_at(p_account bigint, p_at timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
  low bigint := 0;
  high bigint;
  middle bigint;
  written timestamptz;
BEGIN
  SELECT version INTO high FROM ledger.account WHERE account = p_account;
  WHILE low < high LOOP
    middle := (low + high + 1) / 2;
    SELECT created_at INTO written FROM ledger.entry WHERE account = p_account AND seq = middle;
    IF written <= p_at THEN low := middle; ELSE high := middle - 1; END IF;
  END LOOP;
  RETURN low;
END $$;

-- What is left of each lot after an entry (null: now).
CREATE FUNCTION ledger.lots_after(p_account bigint, p_seq bigint)
RETURNS TABLE (lot bigint, rest bigint, available_at timestamptz, expires_at timestamptz)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  IF p_seq IS NULL THEN
    RETURN QUERY SELECT l.lot, l.remaining, l.available_at, l.expires_at FROM ledger.lot l
      WHERE l.account = p_account AND l.open AND l.active
      UNION ALL SELECT l.lot, l.remaining, l.available_at, l.expires_at FROM ledger.lot l
      WHERE l.account = p_account AND l.open AND NOT l.active;
  ELSE
    RETURN QUERY SELECT l.lot, l.earned - coalesce(t.points, 0), l.available_at, l.expires_at
      FROM ledger.lot l
      LEFT JOIN (SELECT x.lot, sum(x.amount)::bigint AS points FROM ledger.alloc x
                 WHERE x.account = p_account AND x.seq <= p_seq GROUP BY x.lot) t
        ON t.lot = l.lot
      WHERE l.account = p_account AND l.lot <= p_seq AND l.earned > coalesce(t.points, 0);
  END IF;
END $$;

-- The holds that were open after an entry (null: now).
CREATE FUNCTION ledger.holds_after(p_account bigint, p_seq bigint)
RETURNS SETOF ledger.hold LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF p_seq IS NULL THEN
    RETURN QUERY SELECT * FROM ledger.hold WHERE account = p_account AND state = 'open';
  ELSE
    RETURN QUERY SELECT * FROM ledger.hold
      WHERE account = p_account AND hold <= p_seq AND (ended_seq IS NULL OR ended_seq > p_seq);
  END IF;
END $$;

-- The balance as a touch of the account would leave it: lots and holds that are due count as
-- activated, released and expired whether or not anything has settled them yet.
--
-- Where something is owed nothing is spendable, so what lots still hold is due or to come:
-- points that became available pay the debt in the order of the moments, as settling does.
CREATE FUNCTION ledger.balance(
  p_account bigint, p_as_of timestamptz,
  OUT active bigint, OUT pending bigint, OUT held bigint, OUT owed bigint, OUT at timestamptz,
  OUT expires timestamptz[], OUT expiring bigint[],
  OUT activates timestamptz[], OUT activating bigint[]
) LANGUAGE plpgsql STABLE AS $$
DECLARE
  wanted bigint;
  set_aside bigint;
  debts bigint;
BEGIN
  IF p_as_of IS NULL THEN
    SELECT greatest(core_now(), a.last_at), a.held, a.debt INTO at, set_aside, debts
    FROM ledger.account a WHERE a.account = p_account;
  ELSE
    at := p_as_of;
    wanted := ledger.seq_at(p_account, p_as_of);
    SELECT e.held_after, e.debt_after INTO set_aside, debts
    FROM ledger.entry e WHERE e.account = p_account AND e.seq = wanted;
  END IF;
  WITH lots AS MATERIALIZED (
    SELECT * FROM ledger.lots_after(p_account, wanted)
  ), due_holds AS MATERIALIZED (
    SELECT h.hold, h.amount, h.expires_at FROM ledger.holds_after(p_account, wanted) h
    WHERE h.expires_at <= at
  ), credits AS (
    SELECT l.available_at AS moment, 0::bigint AS hold, l.lot, l.rest, l.available_at, l.expires_at
    FROM lots l WHERE l.available_at <= at
    UNION ALL
    SELECT h.expires_at, h.hold, l.lot, x.amount, l.available_at, l.expires_at
    FROM due_holds h
    JOIN ledger.alloc x ON x.account = p_account AND x.seq = h.hold
    JOIN ledger.lot l ON l.account = p_account AND l.lot = x.lot
  ), paid AS (
    SELECT c.expires_at, c.rest,
           least(c.rest, greatest(0, debts - (sum(c.rest) OVER (
             ORDER BY c.moment, c.hold, c.expires_at, c.available_at, c.lot) - c.rest)))::bigint
             AS paid
    FROM credits c
  ), by_expiry AS (
    SELECT p.expires_at, sum(p.rest - p.paid)::bigint AS points FROM paid p
    WHERE p.expires_at > at AND p.rest > p.paid GROUP BY p.expires_at
  ), by_start AS (
    SELECT l.available_at, sum(l.rest)::bigint AS points FROM lots l
    WHERE l.available_at > at GROUP BY l.available_at
  )
  SELECT coalesce((SELECT sum(b.points) FROM by_expiry b), 0),
         coalesce((SELECT sum(b.points) FROM by_start b), 0),
         coalesce(set_aside, 0) - coalesce((SELECT sum(h.amount) FROM due_holds h), 0),
         coalesce(debts, 0) - coalesce((SELECT sum(p.paid) FROM paid p), 0),
         (SELECT array_agg(nullif(b.expires_at, 'infinity') ORDER BY b.expires_at) FROM by_expiry b),
         (SELECT array_agg(b.points ORDER BY b.expires_at) FROM by_expiry b),
         (SELECT array_agg(nullif(b.available_at, 'infinity') ORDER BY b.available_at)
          FROM by_start b),
         (SELECT array_agg(b.points ORDER BY b.available_at) FROM by_start b)
  INTO active, pending, held, owed, expires, expiring, activates, activating;
END $$;
