-- What must hold in the ledger, as queries that return a row for every place where it does
-- not. Each takes the accounts to look at (null: all) and is one set-based statement.
--
-- A row tells the invariant, where (account, and seq or key), what was looked at, what was
-- found and what was expected. The phrases of `what` are translated in verify.py.

-- Points an entry gives the member: what is spendable, to come and set aside, less what is owed.
CREATE FUNCTION ledger.value(e ledger.entry) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT e.amount + e.pending + e.held - e.debt $$;

-- 3, 7, 8, 16: every entry follows from the one before it.
CREATE FUNCTION ledger.broken_chain(bigint[] DEFAULT NULL)
RETURNS TABLE (invariant text, account bigint, seq bigint, key text,
               what text, found text, expected text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT v.invariant, c.account, c.seq, c.op_key, v.what, v.found, v.expected
  FROM (
    SELECT e.account, e.seq, e.op_key, e.created_at,
           e.amount, e.pending, e.held, e.debt,
           e.available_after, e.pending_after, e.held_after, e.debt_after,
           lag(e.seq, 1, 0::bigint) OVER w AS seq0,
           lag(e.available_after, 1, 0::bigint) OVER w AS available0,
           lag(e.pending_after, 1, 0::bigint) OVER w AS pending0,
           lag(e.held_after, 1, 0::bigint) OVER w AS held0,
           lag(e.debt_after, 1, 0::bigint) OVER w AS debt0,
           lag(e.created_at) OVER w AS created0
    FROM ledger.entry e
    WHERE $1 IS NULL OR e.account = ANY ($1)
    WINDOW w AS (PARTITION BY e.account ORDER BY e.seq)
  ) c,
  LATERAL (VALUES
    ('sequence', 'number of the entry', c.seq::text, (c.seq0 + 1)::text,
     c.seq <> c.seq0 + 1),
    ('running', 'available after the entry', c.available_after::text,
     (c.available0 + c.amount)::text, c.available_after <> c.available0 + c.amount),
    ('running', 'pending after the entry', c.pending_after::text,
     (c.pending0 + c.pending)::text, c.pending_after <> c.pending0 + c.pending),
    ('running', 'held after the entry', c.held_after::text,
     (c.held0 + c.held)::text, c.held_after <> c.held0 + c.held),
    ('running', 'debt after the entry', c.debt_after::text,
     (c.debt0 + c.debt)::text, c.debt_after <> c.debt0 + c.debt),
    ('below_zero', 'smallest balance after the entry',
     least(c.available_after, c.pending_after, c.held_after, c.debt_after)::text, '0',
     least(c.available_after, c.pending_after, c.held_after, c.debt_after) < 0),
    ('clock', 'time of writing', c.created_at::text, c.created0::text,
     c.created_at < c.created0)
  ) v (invariant, what, found, expected, is_broken)
  WHERE (c.seq <> c.seq0 + 1
      OR c.available_after <> c.available0 + c.amount
      OR c.pending_after <> c.pending0 + c.pending
      OR c.held_after <> c.held0 + c.held
      OR c.debt_after <> c.debt0 + c.debt
      OR least(c.available_after, c.pending_after, c.held_after, c.debt_after) < 0
      OR c.created_at < c.created0)
    AND v.is_broken
$$;

-- 1, 2, 18: the account's row is what its entries, lots, holds and debts add up to.
CREATE FUNCTION ledger.broken_account(bigint[] DEFAULT NULL)
RETURNS TABLE (invariant text, account bigint, seq bigint, key text,
               what text, found text, expected text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT v.invariant, coalesce(a.account, e.account), NULL::bigint, NULL::text,
         v.what, v.found, v.expected
  FROM (SELECT * FROM ledger.account x WHERE $1 IS NULL OR x.account = ANY ($1)) a
  FULL JOIN (
    SELECT x.account, max(x.seq) AS version, max(x.created_at) AS last_at,
           sum(x.amount)::bigint AS available, sum(x.pending)::bigint AS pending,
           sum(x.held)::bigint AS held, sum(x.debt)::bigint AS debt
    FROM ledger.entry x WHERE $1 IS NULL OR x.account = ANY ($1)
    GROUP BY x.account
  ) e ON e.account = a.account
  LEFT JOIN (
    SELECT x.account,
           coalesce(sum(x.remaining) FILTER (WHERE x.active), 0)::bigint AS active,
           coalesce(sum(x.remaining) FILTER (WHERE NOT x.active), 0)::bigint AS waiting,
           min(CASE WHEN x.active THEN x.expires_at ELSE x.available_at END) AS due
    FROM ledger.lot x
    WHERE x.remaining > 0 AND ($1 IS NULL OR x.account = ANY ($1))
    GROUP BY x.account
  ) l ON l.account = a.account
  LEFT JOIN (
    SELECT x.account, sum(x.amount)::bigint AS held, min(x.expires_at) AS due
    FROM ledger.hold x
    WHERE x.state = 'open' AND ($1 IS NULL OR x.account = ANY ($1))
    GROUP BY x.account
  ) h ON h.account = a.account
  LEFT JOIN (
    SELECT x.account, sum(x.remaining)::bigint AS debt FROM ledger.debt x
    WHERE x.remaining > 0 AND ($1 IS NULL OR x.account = ANY ($1))
    GROUP BY x.account
  ) d ON d.account = a.account,
  LATERAL (VALUES
    ('sums', 'available of the account', a.available::text,
     coalesce(e.available, 0)::text, a.available <> coalesce(e.available, 0)),
    ('sums', 'pending of the account', a.pending::text,
     coalesce(e.pending, 0)::text, a.pending <> coalesce(e.pending, 0)),
    ('sums', 'held of the account', a.held::text,
     coalesce(e.held, 0)::text, a.held <> coalesce(e.held, 0)),
    ('sums', 'debt of the account', a.debt::text,
     coalesce(e.debt, 0)::text, a.debt <> coalesce(e.debt, 0)),
    ('sequence', 'version of the account', a.version::text,
     coalesce(e.version, 0)::text, a.version <> coalesce(e.version, 0)),
    ('replay', 'last time of the account', a.last_at::text, e.last_at::text,
     a.last_at IS DISTINCT FROM e.last_at),
    ('replay', 'next due time of the account', a.next_due_at::text,
     '<= ' || least(l.due, h.due),
     coalesce(a.next_due_at, 'infinity') > coalesce(least(l.due, h.due), 'infinity')),
    ('lots', 'open active lots', coalesce(l.active, 0)::text, a.available::text,
     coalesce(l.active, 0) <> a.available),
    ('lots', 'open pending lots', coalesce(l.waiting, 0)::text, a.pending::text,
     coalesce(l.waiting, 0) <> a.pending),
    ('holds', 'open holds', coalesce(h.held, 0)::text, a.held::text,
     coalesce(h.held, 0) <> a.held),
    ('debts', 'open debts', coalesce(d.debt, 0)::text, a.debt::text,
     coalesce(d.debt, 0) <> a.debt),
    ('debts', 'debt beside spendable points', a.debt::text, '0',
     a.debt > 0 AND a.available > 0),
    ('replay', 'row of the account', 'none', 'one', a.account IS NULL)
  ) v (invariant, what, found, expected, is_broken)
  WHERE (a.account IS NULL
      OR (a.available, a.pending, a.held, a.debt, a.version)
         <> (coalesce(e.available, 0), coalesce(e.pending, 0), coalesce(e.held, 0),
             coalesce(e.debt, 0), coalesce(e.version, 0))
      OR a.last_at IS DISTINCT FROM e.last_at
      OR coalesce(a.next_due_at, 'infinity') > coalesce(least(l.due, h.due), 'infinity')
      OR (coalesce(l.active, 0), coalesce(l.waiting, 0), coalesce(h.held, 0),
          coalesce(d.debt, 0)) <> (a.available, a.pending, a.held, a.debt)
      OR (a.debt > 0 AND a.available > 0))
    AND v.is_broken
$$;

-- 4: what is left of a lot is what was earned less what was taken, plus what was put back;
-- what expired of it is what expire entries took.
CREATE FUNCTION ledger.broken_lot(bigint[] DEFAULT NULL)
RETURNS TABLE (invariant text, account bigint, seq bigint, key text,
               what text, found text, expected text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT 'lot_rest', coalesce(l.account, t.account), coalesce(l.lot, t.lot), l.source_key,
         CASE WHEN l.lot IS NULL THEN 'allocations of a lot that is not there'
              ELSE 'rest of the lot' END,
         coalesce(l.remaining, t.taken)::text,
         coalesce(l.earned - coalesce(t.taken, 0), 0)::text
  FROM (SELECT * FROM ledger.lot x WHERE $1 IS NULL OR x.account = ANY ($1)) l
  FULL JOIN (
    SELECT x.account, x.lot, sum(x.amount)::bigint AS taken FROM ledger.alloc x
    WHERE $1 IS NULL OR x.account = ANY ($1) GROUP BY x.account, x.lot
  ) t ON t.account = l.account AND t.lot = l.lot
  WHERE l.lot IS NULL
     OR l.remaining <> l.earned - coalesce(t.taken, 0)
     OR l.remaining NOT BETWEEN 0 AND l.earned
  UNION ALL
  SELECT 'lot_rest', l.account, l.lot, l.source_key, 'expired points of the lot',
         l.expired::text, coalesce(t.expired, 0)::text
  FROM (SELECT * FROM ledger.lot x WHERE $1 IS NULL OR x.account = ANY ($1)) l
  LEFT JOIN (
    SELECT x.account, x.lot, sum(x.amount)::bigint AS expired
    FROM ledger.alloc x JOIN ledger.entry e ON e.account = x.account AND e.seq = x.seq
    WHERE e.kind = 'expire' AND ($1 IS NULL OR x.account = ANY ($1))
      AND ($1 IS NULL OR e.account = ANY ($1))
    GROUP BY x.account, x.lot
  ) t ON t.account = l.account AND t.lot = l.lot
  WHERE l.expired <> coalesce(t.expired, 0)
$$;

-- 5: what an entry changes is paid by lots to the point: lots made less lots taken.
CREATE FUNCTION ledger.broken_entry(bigint[] DEFAULT NULL)
RETURNS TABLE (invariant text, account bigint, seq bigint, key text,
               what text, found text, expected text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT 'allocations', coalesce(e.account, t.account, l.account),
         coalesce(e.seq, t.seq, l.lot), e.op_key,
         CASE WHEN e.seq IS NULL THEN 'lots and allocations without an entry'
              ELSE 'lots made less lots taken' END,
         (coalesce(l.earned, 0) - coalesce(t.taken, 0))::text,
         coalesce(e.amount + e.pending, 0)::text
  FROM (SELECT * FROM ledger.entry x WHERE $1 IS NULL OR x.account = ANY ($1)) e
  FULL JOIN (
    SELECT x.account, x.seq, sum(x.amount)::bigint AS taken FROM ledger.alloc x
    WHERE $1 IS NULL OR x.account = ANY ($1)
    GROUP BY x.account, x.seq
  ) t ON t.account = e.account AND t.seq = e.seq
  FULL JOIN (SELECT * FROM ledger.lot x WHERE $1 IS NULL OR x.account = ANY ($1)) l
    ON l.account = e.account AND l.lot = e.seq
  WHERE e.seq IS NULL
     OR coalesce(l.earned, 0) - coalesce(t.taken, 0) <> e.amount + e.pending
$$;

-- 6, 15: every done op has its entry, every entry its op; the kept answer tells the entry.
CREATE FUNCTION ledger.broken_op(bigint[] DEFAULT NULL)
RETURNS TABLE (invariant text, account bigint, seq bigint, key text,
               what text, found text, expected text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT v.invariant, coalesce(o.account, e.account), coalesce(e.seq, o.seq),
         coalesce(o.key, e.op_key), v.what, v.found, v.expected
  FROM (SELECT * FROM ledger.op x WHERE $1 IS NULL OR x.account = ANY ($1)) o
  FULL JOIN (SELECT * FROM ledger.entry x WHERE $1 IS NULL OR x.account = ANY ($1)) e
    ON e.account = o.account AND e.seq = o.seq,
  LATERAL (VALUES
    ('op_entry', 'operation of the entry', coalesce(o.key, 'none'), e.op_key,
     e.seq IS NOT NULL AND e.op_key IS DISTINCT FROM o.key),
    ('op_entry', 'entry of the operation', 'none', o.seq::text,
     o.seq IS NOT NULL AND e.seq IS NULL),
    ('op_entry', 'outcome of an operation with an entry', o.outcome, 'done',
     o.seq IS NOT NULL AND o.outcome <> 'done'),
    ('op_entry', 'entry of a done operation', 'none', 'one',
     o.seq IS NULL AND o.outcome = 'done'
     AND o.kind IN ('earn', 'burn', 'hold', 'capture', 'release', 'expire', 'activate')),
    ('op_entry', 'kind of the operation', o.kind, e.kind, o.kind <> e.kind),
    ('clock', 'time of the operation', o.created_at::text, e.created_at::text,
     o.created_at <> e.created_at)
  ) v (invariant, what, found, expected, is_broken)
  WHERE (o.key IS NULL OR o.key IS DISTINCT FROM e.op_key OR o.kind <> e.kind
      OR o.created_at <> e.created_at OR o.outcome <> 'done')
    AND v.is_broken
$$;
