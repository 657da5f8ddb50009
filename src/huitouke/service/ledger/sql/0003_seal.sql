-- The tamper-evident chain: a leaf per operation, blocks of leaves, each with the hash of the
-- one before. Written after the fact, so that no posting waits for another.

CREATE FUNCTION ledger.reversal_bytes(r ledger.reversal) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT int4send(octet_length(convert_to(r.of_key, 'UTF8'))) || convert_to(r.of_key, 'UTF8')
      || int8send(r.amount) || int8send(r.expired)
$$;

-- The digest of an operation: of its row, its entry, what never changes of the lot it made,
-- its allocations (lot and amount as 8 bytes each, in order of lot) and what it undoes (length
-- and bytes of the key, amount, part that had expired), as one record in the binary form of
-- the wire: lengths and numbers in network order, times as microseconds, so
-- that it is the same in every session. Texts are bytes of UTF-8, or the form would follow
-- the session's encoding. A missing entry or lot is a row of nulls.
CREATE FUNCTION ledger.digest(o ledger.op, e ledger.entry, l ledger.lot, allocs bytea,
                              reversals bytea)
RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT sha256(record_send(ROW (
    o.account, convert_to(o.key, 'UTF8'), convert_to(o.kind, 'UTF8'), o.request_hash,
    convert_to(o.outcome, 'UTF8'), o.seq, convert_to(o.answer::text, 'UTF8'),
    convert_to(o.actor, 'UTF8'), convert_to(o.reason::text, 'UTF8'), o.rule_version,
    o.created_at,
    e.account, e.seq, convert_to(e.op_key, 'UTF8'), convert_to(e.kind, 'UTF8'),
    convert_to(e.contra, 'UTF8'), e.amount, e.pending, e.held, e.debt,
    e.available_after, e.pending_after, e.held_after, e.debt_after,
    e.effective_at, e.created_at,
    l.account, l.lot, l.earned, l.available_at, l.expires_at, l.origin,
    convert_to(l.source_key, 'UTF8'),
    allocs, reversals)))
$$;

-- The hash of a block: of the one before, its facts, and its leaves in order of account, key.
CREATE FUNCTION ledger.block_hash(
  prev_hash bytea, block bigint, leaves bigint, points bigint,
  cut_at timestamptz, created_at timestamptz, digests bytea
) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT sha256($1 || record_send(ROW ($2, $3, $4, $5, $6)) || $7)
$$;

-- Cuts what is not yet sealed and was written after the last cut less the slack (null: from
-- the beginning, for stragglers that committed later than that) into stretches of about so
-- many operations, in order of time. A look at all that waits, once for all its blocks: a look
-- for every block would cost a backlog of n operations n times n.
CREATE FUNCTION ledger.seal_cuts(slack interval, most integer)
RETURNS TABLE (since timestamptz, until timestamptz) LANGUAGE sql AS $$
  WITH last AS (
    SELECT coalesce(max(s.cut_at) - $1, '-infinity') AS first, core_now() AS moment
    FROM ledger.seal s
  ), waiting AS MATERIALIZED (
    SELECT o.created_at, row_number() OVER (ORDER BY o.created_at) AS place
    FROM ledger.op o
    WHERE o.created_at > (SELECT l.first FROM last l)
      AND o.created_at <= (SELECT l.moment FROM last l)
      AND NOT EXISTS (SELECT FROM ledger.leaf f WHERE f.account = o.account AND f.key = o.key)
  ), cut AS (
    SELECT w.created_at AS until FROM waiting w
    WHERE w.place % $2 = 0 AND w.created_at < (SELECT max(n.created_at) FROM waiting n)
    UNION
    SELECT l.moment FROM last l WHERE EXISTS (SELECT FROM waiting)
  )
  SELECT lag(c.until, 1, (SELECT l.first FROM last l)) OVER (ORDER BY c.until), c.until
  FROM cut c ORDER BY c.until
$$;

-- Seals what is not yet sealed of a stretch of time as one block; says how many operations,
-- and how many of them came after the slack of an hour. One sealer at a time.
CREATE FUNCTION ledger.seal_block(
  since timestamptz, until timestamptz, OUT leaves bigint, OUT late bigint
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  last  ledger.seal;
  moment timestamptz;
  fresh ledger.seal;
  digests bytea;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('ledger.seal', 0));
  SELECT * INTO last FROM ledger.seal ORDER BY block DESC LIMIT 1;
  moment := core_now();
  WITH chosen AS MATERIALIZED (
    SELECT o FROM ledger.op o
    WHERE o.created_at > since AND o.created_at <= until
      AND NOT EXISTS (SELECT FROM ledger.leaf f WHERE f.account = o.account AND f.key = o.key)
  ), todo AS MATERIALIZED (
    SELECT (c.o).account, (c.o).key, (c.o).created_at, ledger.value(e) AS points,
           ledger.digest(c.o, e, l, (
             SELECT string_agg(int8send(x.lot) || int8send(x.amount), ''::bytea ORDER BY x.lot)
             FROM ledger.alloc x
             WHERE x.account = (c.o).account AND x.seq = (c.o).seq), (
             SELECT string_agg(ledger.reversal_bytes(x), ''::bytea ORDER BY x.of_key COLLATE "C")
             FROM ledger.reversal x
             WHERE x.account = (c.o).account AND x.by_key = (c.o).key)) AS digest
    FROM chosen c
    LEFT JOIN ledger.entry e ON e.account = (c.o).account AND e.seq = (c.o).seq
    LEFT JOIN ledger.lot l ON l.account = (c.o).account AND l.lot = (c.o).seq
  ), put AS (
    INSERT INTO ledger.leaf (account, key, block, digest)
    SELECT t.account, t.key, coalesce(last.block, 0) + 1, t.digest FROM todo t
  )
  SELECT count(*), coalesce(sum(t.points), 0),
         string_agg(t.digest, ''::bytea ORDER BY t.account, t.key COLLATE "C"),
         count(*) FILTER (WHERE t.created_at <= last.cut_at - interval '1 hour')
  INTO fresh.leaves, fresh.points, digests, late
  FROM todo t;
  leaves := fresh.leaves;
  IF leaves = 0 THEN
    RETURN;
  END IF;
  fresh.block := coalesce(last.block, 0) + 1;
  fresh.cut_at := greatest(last.cut_at, until);
  fresh.prev_hash := coalesce(last.hash, decode(repeat('00', 32), 'hex'));
  fresh.created_at := moment;
  fresh.hash := ledger.block_hash(fresh.prev_hash, fresh.block, fresh.leaves, fresh.points,
                                  fresh.cut_at, fresh.created_at, digests);
  INSERT INTO ledger.seal SELECT fresh.*;
END $$;

-- 19, the blocks: each follows from the one before, and its hash from its leaves. Links are
-- looked at from the first block on, leaves from the given one.
CREATE FUNCTION ledger.broken_block(since bigint DEFAULT 1)
RETURNS TABLE (block bigint, what text, found text, expected text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT s.block, v.what, v.found, v.expected
  FROM (
    SELECT x.*, lag(x.hash, 1, decode(repeat('00', 32), 'hex')) OVER w AS hash0,
           lag(x.block, 1, 0::bigint) OVER w AS block0
    FROM ledger.seal x WINDOW w AS (ORDER BY x.block)
  ) s
  LEFT JOIN (
    SELECT f.block, count(*) AS leaves,
           string_agg(f.digest, ''::bytea ORDER BY f.account, f.key COLLATE "C") AS digests
    FROM ledger.leaf f WHERE f.block >= $1 GROUP BY f.block
  ) f ON f.block = s.block,
  LATERAL (VALUES
    ('number of the block', s.block::text, (s.block0 + 1)::text, s.block <> s.block0 + 1),
    ('hash before the block', encode(s.prev_hash, 'hex'), encode(s.hash0, 'hex'),
     s.prev_hash <> s.hash0),
    ('leaves of the block', coalesce(f.leaves, 0)::text, s.leaves::text,
     s.block >= $1 AND coalesce(f.leaves, 0) <> s.leaves),
    ('hash of the block', encode(s.hash, 'hex'), encode(ledger.block_hash(
       s.prev_hash, s.block, s.leaves, s.points, s.cut_at, s.created_at,
       coalesce(f.digests, '')), 'hex'),
     s.block >= $1 AND s.hash <> ledger.block_hash(
       s.prev_hash, s.block, s.leaves, s.points, s.cut_at, s.created_at,
       coalesce(f.digests, '')))
  ) v (what, found, expected, is_broken)
  WHERE v.is_broken
  UNION ALL
  SELECT f.block, 'leaves without a block', count(*)::text, '0'
  FROM ledger.leaf f
  WHERE f.block >= $1 AND NOT EXISTS (SELECT FROM ledger.seal s WHERE s.block = f.block)
  GROUP BY f.block
$$;

-- 19, the leaves: every sealed operation is there and unchanged; none was put in behind the
-- last cut less an hour.
CREATE FUNCTION ledger.broken_leaf(bigint[] DEFAULT NULL)
RETURNS TABLE (account bigint, key text, seq bigint, block bigint,
               what text, found text, expected text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(f.account, c.account), coalesce(f.key, c.key), c.seq, f.block,
         CASE WHEN c.key IS NULL THEN 'sealed operation that is not there'
              WHEN f.key IS NULL THEN 'operation put in without a seal'
              ELSE 'content of the sealed operation' END,
         encode(c.digest, 'hex'), encode(f.digest, 'hex')
  FROM (SELECT * FROM ledger.leaf x WHERE $1 IS NULL OR x.account = ANY ($1)) f
  FULL JOIN (
    SELECT o.account, o.key, o.seq, o.created_at, ledger.digest(o, e, l, a.allocs, r.undone) AS digest
    FROM ledger.op o
    LEFT JOIN ledger.entry e
      ON e.account = o.account AND e.seq = o.seq AND ($1 IS NULL OR e.account = ANY ($1))
    LEFT JOIN ledger.lot l
      ON l.account = o.account AND l.lot = o.seq AND ($1 IS NULL OR l.account = ANY ($1))
    LEFT JOIN (
      SELECT x.account, x.seq,
             string_agg(int8send(x.lot) || int8send(x.amount), ''::bytea ORDER BY x.lot) AS allocs
      FROM ledger.alloc x WHERE $1 IS NULL OR x.account = ANY ($1)
      GROUP BY x.account, x.seq
    ) a ON a.account = o.account AND a.seq = o.seq
    LEFT JOIN (
      SELECT x.account, x.by_key,
             string_agg(ledger.reversal_bytes(x), ''::bytea ORDER BY x.of_key COLLATE "C") AS undone
      FROM ledger.reversal x WHERE $1 IS NULL OR x.account = ANY ($1)
      GROUP BY x.account, x.by_key
    ) r ON r.account = o.account AND r.by_key = o.key
    WHERE $1 IS NULL OR o.account = ANY ($1)
  ) c ON c.account = f.account AND c.key = f.key
  WHERE c.key IS NULL
     OR (f.key IS NOT NULL AND c.digest <> f.digest)
     OR (f.key IS NULL AND c.created_at <=
           (SELECT max(s.cut_at) - interval '1 hour' FROM ledger.seal s))
$$;
