-- Checks that look at several entries together: order of use, holds, reversals, transfers.

-- Whether an entry takes points in burn order: soonest to expire, soonest available, oldest.
-- A refund takes its own order's lots first, an expiry and a merge take what they are about, the
-- end of an account takes all.
CREATE FUNCTION ledger.in_burn_order(kind text, amount bigint) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT amount < 0
     AND kind NOT IN ('expire', 'claw_back', 'merge', 'unmerge', 'extend', 'reverse', 'forfeit')
$$;

-- 12: no point is spent from a lot that is over, or has not begun.
CREATE FUNCTION ledger.broken_expiry(bigint[] DEFAULT NULL)
RETURNS TABLE (invariant text, account bigint, seq bigint, key text,
               what text, found text, expected text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT 'after_expiry', e.account, e.seq, e.op_key,
         CASE WHEN e.created_at >= l.expires_at THEN 'points spent after their expiry'
              ELSE 'points spent before they were available' END,
         e.created_at::text,
         CASE WHEN e.created_at >= l.expires_at THEN '< ' || l.expires_at
              ELSE '>= ' || l.available_at END
  FROM ledger.alloc x
  JOIN ledger.lot l ON l.account = x.account AND l.lot = x.lot
  JOIN ledger.entry e ON e.account = x.account AND e.seq = x.seq
  WHERE x.amount > 0
    AND ledger.in_burn_order(e.kind, e.amount)
    AND (e.created_at >= l.expires_at OR e.created_at < l.available_at)
    AND ($1 IS NULL OR x.account = ANY ($1))
    AND ($1 IS NULL OR e.account = ANY ($1))
    AND ($1 IS NULL OR l.account = ANY ($1))
$$;

-- 11: no lot is left open while one that comes after it in burn order is used.
--
-- A lot's life is cut at every allocation that touches it. In each piece that leaves it open,
-- no entry may take from a lot further down the order. Pieces that cannot be wrong (no later
-- lot was touched before they end) are set aside before the exact look.
CREATE FUNCTION ledger.broken_order(bigint[] DEFAULT NULL)
RETURNS TABLE (invariant text, account bigint, seq bigint, key text,
               what text, found text, expected text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH placed AS (
    SELECT l.account, l.lot, l.earned, l.remaining, l.available_at,
           row_number() OVER (PARTITION BY l.account
                              ORDER BY l.expires_at, l.available_at, l.lot) AS place
    FROM ledger.lot l WHERE $1 IS NULL OR l.account = ANY ($1)
  ), touched AS MATERIALIZED (
    SELECT x.account, x.seq, x.lot, x.amount, p.place, p.earned, p.available_at, e.created_at,
           CASE WHEN x.amount > 0 AND ledger.in_burn_order(e.kind, e.amount)
                THEN p.place END AS used
    FROM ledger.alloc x
    JOIN placed p ON p.account = x.account AND p.lot = x.lot
    JOIN ledger.entry e ON e.account = x.account AND e.seq = x.seq
    WHERE ($1 IS NULL OR x.account = ANY ($1)) AND ($1 IS NULL OR e.account = ANY ($1))
    UNION ALL
    SELECT p.account, 9000000000000000000, p.lot, 0, p.place, p.earned, p.available_at, NULL,
           NULL
    FROM placed p WHERE p.remaining > 0
  ), uses AS (
    SELECT t.account, t.seq, t.created_at, max(t.used) AS place
    FROM touched t WHERE t.used IS NOT NULL GROUP BY t.account, t.seq, t.created_at
  ), pieces AS (
    SELECT t.account, t.seq, t.lot, t.place, t.available_at,
           lag(t.seq, 1, t.lot) OVER life AS since,
           t.earned - sum(t.amount) OVER life + t.amount AS rest,
           max(t.used) OVER (PARTITION BY t.account ORDER BY t.seq
                             RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
    FROM touched t
    WINDOW life AS (PARTITION BY t.account, t.lot ORDER BY t.seq)
  )
  SELECT 'burn_order', p.account, min(u.seq), NULL::text, 'earlier lot that the entry left open',
         p.lot::text, NULL::text
  FROM pieces p
  JOIN uses u ON u.account = p.account AND u.seq >= p.since AND u.seq < p.seq
             AND u.place > p.place AND u.created_at >= p.available_at
  WHERE p.rest > 0 AND p.reached > p.place
  GROUP BY p.account, p.lot
$$;

-- 13: a hold is made by one entry and ended by at most one; captured is not above held.
CREATE FUNCTION ledger.broken_hold(bigint[] DEFAULT NULL)
RETURNS TABLE (invariant text, account bigint, seq bigint, key text,
               what text, found text, expected text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH holds AS (
    SELECT * FROM ledger.hold x WHERE $1 IS NULL OR x.account = ANY ($1)
  ), moves AS (
    SELECT x.account, x.seq, x.op_key, x.kind, x.held, ledger.value(x) AS value
    FROM ledger.entry x WHERE x.held <> 0 AND ($1 IS NULL OR x.account = ANY ($1))
  )
  SELECT 'holds', coalesce(h.account, m.account), coalesce(h.hold, m.seq),
         coalesce(h.key, m.op_key), 'points set aside by the hold',
         coalesce(h.amount, 0)::text, coalesce(m.held, 0)::text
  FROM holds h
  FULL JOIN (SELECT * FROM moves WHERE held > 0) m
    ON m.account = h.account AND m.seq = h.hold
  WHERE h.amount IS DISTINCT FROM m.held OR h.key IS DISTINCT FROM m.op_key
  UNION ALL
  SELECT 'holds', coalesce(h.account, m.account), coalesce(h.ended_seq, m.seq),
         coalesce(h.key, m.op_key), 'points given free by the end of the hold',
         coalesce(-m.held, 0)::text, coalesce(h.amount, 0)::text
  FROM (SELECT x.account, x.ended_seq, min(x.key) AS key, sum(x.amount)::bigint AS amount
        FROM holds x WHERE x.ended_seq IS NOT NULL GROUP BY x.account, x.ended_seq) h
  FULL JOIN (SELECT * FROM moves WHERE held < 0) m
    ON m.account = h.account AND m.seq = h.ended_seq
  WHERE h.amount IS DISTINCT FROM -m.held
  UNION ALL
  SELECT 'holds', h.account, h.hold, h.key, 'points captured of the hold',
         h.captured::text, (-m.value)::text
  FROM holds h JOIN moves m ON m.account = h.account AND m.seq = h.ended_seq
  WHERE h.captured <> -m.value OR h.captured > h.amount
  UNION ALL
  SELECT 'holds', h.account, h.hold, h.key, 'state of the hold', h.state,
         CASE WHEN h.ended_seq IS NULL THEN 'open' WHEN h.captured > 0 THEN 'captured'
              ELSE 'released' END
  FROM holds h
  WHERE h.state <> CASE WHEN h.ended_seq IS NULL THEN 'open' WHEN h.captured > 0
                        THEN 'captured' ELSE 'released' END
$$;

-- 14: what was given back of a redemption, or taken back of earned points, is no more than it.
-- What was undone after a merge may have happened on another account of the same person; those
-- are looked at only where an operation is not found on the account itself.
CREATE FUNCTION ledger.broken_reversal(bigint[] DEFAULT NULL)
RETURNS TABLE (invariant text, account bigint, seq bigint, key text,
               what text, found text, expected text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH RECURSIVE moved AS MATERIALIZED (
    SELECT o.account, (o.answer -> 'detail' ->> 'into')::bigint AS other
    FROM ledger.op o
    WHERE o.kind = 'merge' AND o.outcome = 'done' AND o.answer -> 'detail' ? 'into'
  ), step AS (
    SELECT * FROM moved UNION ALL SELECT m.other, m.account FROM moved m
  ), kin AS (
    SELECT * FROM step UNION SELECT k.account, s.other FROM kin k JOIN step s ON s.account = k.other
  )
  SELECT 'reversals', r.account, coalesce(o.seq, n.seq), r.of_key,
         'points undone of the operation', r.amount::text,
         '<= ' || coalesce(abs(ledger.value(e)), 0)
  FROM (
    SELECT x.account, x.of_key, sum(x.amount) AS amount
    FROM ledger.reversal x WHERE $1 IS NULL OR x.account = ANY ($1)
    GROUP BY x.account, x.of_key
  ) r
  LEFT JOIN ledger.op o ON o.account = r.account AND o.key = r.of_key
  LEFT JOIN LATERAL (
    SELECT x.account, x.seq FROM kin k
    JOIN ledger.op x ON x.account = k.other AND x.key = r.of_key
    WHERE k.account = r.account AND o.key IS NULL AND x.seq IS NOT NULL LIMIT 1
  ) n ON o.key IS NULL
  LEFT JOIN ledger.entry e
    ON e.account = coalesce(o.account, n.account) AND e.seq = coalesce(o.seq, n.seq)
  WHERE r.amount > coalesce(abs(ledger.value(e)), 0)
  UNION ALL
  SELECT 'reversals', x.account, o.seq, x.by_key, 'outcome of the undoing operation',
         coalesce(o.outcome, n.outcome, 'none'), 'done'
  FROM ledger.reversal x
  LEFT JOIN ledger.op o ON o.account = x.account AND o.key = x.by_key
  LEFT JOIN LATERAL (
    SELECT y.outcome FROM kin k
    JOIN ledger.op y ON y.account = k.other AND y.key = x.by_key
    WHERE k.account = x.account AND o.key IS NULL LIMIT 1
  ) n ON o.key IS NULL
  WHERE coalesce(o.outcome, n.outcome) IS DISTINCT FROM 'done'
    AND ($1 IS NULL OR x.account = ANY ($1))
$$;

-- 10: what one account gives another, the other gets; found by the counter-account's name.
CREATE FUNCTION ledger.broken_transfer(bigint[] DEFAULT NULL)
RETURNS TABLE (invariant text, account bigint, seq bigint, key text,
               what text, found text, expected text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT 'transfers', t.low, NULL::bigint, t.word || ':' || t.high,
         'sum of what two accounts gave each other', sum(t.value)::text, '0'
  FROM (
    SELECT split_part(x.contra, ':', 1) AS word, ledger.value(x) AS value,
           least(x.account, split_part(x.contra, ':', 2)::bigint) AS low,
           greatest(x.account, split_part(x.contra, ':', 2)::bigint) AS high
    FROM ledger.entry x
    WHERE x.contra ~ '^[a-z_]+:[0-9]+$'
      AND ($1 IS NULL OR x.account = ANY (ARRAY(
        SELECT unnest($1)
        UNION SELECT split_part(y.contra, ':', 2)::bigint FROM ledger.entry y
        WHERE y.account = ANY ($1) AND y.contra ~ '^[a-z_]+:[0-9]+$')))
  ) t
  WHERE $1 IS NULL OR t.low = ANY ($1) OR t.high = ANY ($1)
  GROUP BY t.word, t.low, t.high
  HAVING sum(t.value) <> 0
$$;

-- 9: issued, redeemed, expired and adjusted add up to what members have, less what they owe;
-- and what only moves points within an account gives and takes none.
CREATE FUNCTION ledger.broken_trial(bigint[] DEFAULT NULL)
RETURNS TABLE (invariant text, account bigint, seq bigint, key text,
               what text, found text, expected text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT 'trial_balance', NULL::bigint, NULL::bigint, NULL::text,
         'points of all accounts', a.total::text, e.total::text
  FROM (SELECT coalesce(sum(x.available + x.pending + x.held - x.debt), 0) AS total
        FROM ledger.account x WHERE $1 IS NULL OR x.account = ANY ($1)) a,
       (SELECT coalesce(sum(ledger.value(x)), 0) AS total
        FROM ledger.entry x WHERE $1 IS NULL OR x.account = ANY ($1)) e
  WHERE a.total <> e.total
  UNION ALL
  SELECT 'trial_balance', x.account, x.seq, x.op_key, 'points made by a move',
         ledger.value(x)::text, '0'
  FROM ledger.entry x
  WHERE x.kind IN ('activate', 'hold', 'release', 'extend') AND ledger.value(x) <> 0
    AND ($1 IS NULL OR x.account = ANY ($1))
$$;

-- All of them for some accounts, or for all (null).
CREATE FUNCTION ledger.broken_in(bigint[] DEFAULT NULL)
RETURNS TABLE (invariant text, account bigint, seq bigint, key text,
               what text, found text, expected text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT * FROM ledger.broken_chain($1)
  UNION ALL SELECT * FROM ledger.broken_account($1)
  UNION ALL SELECT * FROM ledger.broken_lot($1)
  UNION ALL SELECT * FROM ledger.broken_entry($1)
  UNION ALL SELECT * FROM ledger.broken_op($1)
  UNION ALL SELECT * FROM ledger.broken_expiry($1)
  UNION ALL SELECT * FROM ledger.broken_order($1)
  UNION ALL SELECT * FROM ledger.broken_hold($1)
  UNION ALL SELECT * FROM ledger.broken_reversal($1)
  UNION ALL SELECT * FROM ledger.broken_transfer($1)
  UNION ALL SELECT * FROM ledger.broken_trial($1)
$$;

CREATE VIEW ledger.broken AS
  SELECT b.*, b.what || ' is ' || coalesce(b.found, 'none')
              || ', expected ' || coalesce(b.expected, 'none') AS says
  FROM ledger.broken_in() b;

-- Accounts with an entry written since a moment: what an incremental check looks at.
CREATE FUNCTION ledger.accounts_since(timestamptz) RETURNS SETOF bigint
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT DISTINCT x.account FROM ledger.entry x WHERE x.created_at >= $1
$$;

-- 20: the journal cannot be changed: its triggers are there, and the service's role has no
-- right to more than adding to it. Without a role only the triggers are looked at.
CREATE FUNCTION ledger.broken_guard(role text)
RETURNS TABLE (invariant text, account bigint, seq bigint, key text,
               what text, found text, expected text)
LANGUAGE sql STABLE AS $$
  WITH kept (name, journal) AS (
    VALUES ('op', true), ('entry', true), ('alloc', true), ('reversal', true),
           ('leaf', true), ('seal', true),
           ('account', false), ('lot', false), ('hold', false), ('debt', false)
  )
  SELECT 'guards', NULL::bigint, NULL::bigint, 'ledger.' || k.name,
         'trigger that refuses changes', 'none', 'kept'
  FROM kept k
  WHERE NOT EXISTS (
    SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE t.tgrelid = ('ledger.' || k.name)::regclass AND t.tgname = 'kept'
      AND t.tgenabled IN ('O', 'A') AND p.proname = 'core_refuse_change'
      AND p.prosrc LIKE '%RAISE EXCEPTION%'
      -- before (2), delete (8), truncate (32); of a journal also update (16)
      AND t.tgtype & 42 = 42 AND (t.tgtype & 16 = 16 OR NOT k.journal))
  UNION ALL
  SELECT 'guards', NULL, NULL, 'ledger.' || k.name, 'right of the application role',
         p.name, 'none'
  FROM kept k, unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) AS p (name), pg_roles r
  WHERE r.rolname = $1 AND (k.journal OR p.name <> 'UPDATE')
    AND has_table_privilege(r.oid, ('ledger.' || k.name)::regclass, p.name)
  UNION ALL
  SELECT 'guards', NULL, NULL, $1, 'application role', 'none', $1
  WHERE $1 IS NOT NULL AND NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = $1)
$$;

-- 17: the balance of an earlier moment is what the entries up to it add up to, for some
-- accounts and moments that the seed chooses. The moments are those of entries, when all that
-- was due had been settled; accounts that were credited with expired points are left out.
CREATE FUNCTION ledger.broken_as_of(bigint[], seed integer, most integer)
RETURNS TABLE (invariant text, account bigint, seq bigint, key text,
               what text, found text, expected text)
LANGUAGE sql STABLE AS $$
  SELECT 'as_of', s.account, s.seq, s.created_at::text, 'balance of an earlier moment',
         concat_ws('/', b.active, b.pending, b.held, b.owed),
         concat_ws('/', r.available, r.pending, r.held, r.debt)
  FROM (
    SELECT a.account, e.seq, e.created_at
    FROM ledger.account a
    JOIN ledger.entry e ON e.account = a.account
      AND e.seq = 1 + abs(hashint8extended(a.account, $2 + 1::bigint) % a.version)
    WHERE a.version > 0 AND ($1 IS NULL OR a.account = ANY ($1))
    ORDER BY hashint8extended(a.account, $2::bigint) LIMIT $3
  ) s
  CROSS JOIN LATERAL ledger.balance(s.account, s.created_at) b
  CROSS JOIN LATERAL (
    SELECT sum(e.amount)::bigint AS available, sum(e.pending)::bigint AS pending,
           sum(e.held)::bigint AS held, sum(e.debt)::bigint AS debt
    FROM ledger.entry e WHERE e.account = s.account AND e.created_at <= s.created_at
  ) r
  WHERE (b.active, b.pending, b.held, b.owed) <> (r.available, r.pending, r.held, r.debt)
    AND NOT EXISTS (
      SELECT FROM ledger.lot l JOIN ledger.entry e ON e.account = l.account AND e.seq = l.lot
      WHERE l.account = s.account AND l.expires_at <= e.created_at)
$$;
