-- Many postings in one transaction. Accounts are locked in the order of their numbers. Those
-- with nothing special about them (open, nothing owed, nothing due, every key new and every
-- posting possible) are posted as sets; the others one posting at a time by the single
-- commands. Both ways come to the same.
--
-- Sets are joined with tables by their keys only, never with each other: the planner knows
-- nothing about the size of a set and could take every row against every row.

-- Which places of a batch can be posted as sets, after the accounts are locked. Points to
-- spend must lie in the account's next 8 lots, so that the set reads no more than that.
CREATE FUNCTION ledger.plain_places(
  p_accounts bigint[], p_keys text[], p_amounts bigint[], p_moment timestamptz, p_spend boolean
) RETURNS boolean[] LANGUAGE sql AS $$
  WITH batch AS (
    SELECT p.account, array_agg(p.place) AS places, sum(p.amount) AS total,
           count(DISTINCT p.key) = count(*)
             AND bool_and((SELECT o.key FROM ledger.op o
                           WHERE o.account = p.account AND o.key = p.key) IS NULL) AS fresh
    FROM unnest(p_accounts, p_keys, p_amounts) WITH ORDINALITY p (account, key, amount, place)
    GROUP BY p.account
  )
  SELECT array_agg(u.plain ORDER BY u.place) FROM (
    SELECT unnest(b.places) AS place, coalesce(
      b.fresh AND a.status = 'open' AND a.debt = 0
      AND coalesce(a.next_due_at > greatest(p_moment, a.last_at), true)
      AND CASE WHEN p_spend
        THEN b.total <= a.available AND b.total <= (SELECT sum(l.remaining) FROM (
               SELECT t.remaining FROM ledger.lot t
               WHERE t.account = b.account AND t.open AND t.active
               ORDER BY t.expires_at, t.available_at, t.lot LIMIT 8) l)
        ELSE b.total <= ledger.most() - a.available - a.pending - a.held END, false) AS plain
    FROM batch b LEFT JOIN ledger.account a ON a.account = b.account
  ) u
$$;

CREATE FUNCTION ledger.lock_batch(p_accounts bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM ledger.account WHERE account = ANY (p_accounts)
  ORDER BY account FOR NO KEY UPDATE;
END $$;

-- Credits: the arguments of ledger.earn as arrays of one length; place counts from 1.
CREATE FUNCTION ledger.earn_batch(
  p_accounts bigint[], p_keys text[], p_hashes bytea[], p_amounts bigint[],
  p_effective timestamptz[], p_available timestamptz[], p_expires timestamptz[],
  p_kinds text[], p_contras text[], p_actors text[], p_reasons text[], p_rule_versions bigint[]
) RETURNS TABLE (place bigint, x ledger.answered) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  moment timestamptz;
  plain boolean[];
  i bigint;
BEGIN
  -- The last moment a client can write stands for one that is not known yet.
  IF '9999-12-31 23:59:59.999999+00' = ANY (p_available) THEN
    p_available := ARRAY(
      SELECT CASE u.at WHEN '9999-12-31 23:59:59.999999+00' THEN 'infinity' ELSE u.at END
      FROM unnest(p_available) WITH ORDINALITY u (at, place) ORDER BY u.place);
  END IF;
  PERFORM ledger.lock_batch(p_accounts);
  moment := core_now();
  plain := ledger.plain_places(p_accounts, p_keys, p_amounts, moment, false);
  RETURN QUERY
  WITH posted AS MATERIALIZED (
    SELECT p.place, p.account, p.key, p.hash, p.amount, p.effective,
           coalesce(p.available, t.at) AS available_at,
           coalesce(p.expires, 'infinity') AS expires_at, p.kind, p.contra, p.actor,
           p.reason::jsonb AS reason, p.rule_version, t.at AS created_at, c.active, c.waiting,
           a.version + row_number() OVER w AS seq,
           a.available + (sum(c.active) OVER w)::bigint AS available_after,
           a.pending + (sum(c.waiting) OVER w)::bigint AS pending_after,
           a.held AS held_after
    FROM unnest(p_accounts, p_keys, p_hashes, p_amounts, p_effective, p_available, p_expires,
                p_kinds, p_contras, p_actors, p_reasons, p_rule_versions, plain)
         WITH ORDINALITY p (account, key, hash, amount, effective, available, expires, kind,
                            contra, actor, reason, rule_version, plain, place)
    JOIN ledger.account a ON a.account = p.account,
    LATERAL (SELECT greatest(moment, a.last_at) AS at OFFSET 0) t,
    LATERAL (SELECT CASE WHEN p.available > t.at THEN 0 ELSE p.amount END AS active,
                    CASE WHEN p.available > t.at THEN p.amount ELSE 0 END AS waiting
             OFFSET 0) c
    WHERE p.plain
    WINDOW w AS (PARTITION BY p.account ORDER BY p.place)
  ), ops AS (
    INSERT INTO ledger.op
    SELECT p.account, p.key, p.kind, p.hash, 'done', p.seq,
           jsonb_build_object('available', p.available_after, 'pending', p.pending_after,
                              'held', p.held_after, 'debt', 0),
           p.actor, p.reason, p.rule_version, p.created_at
    FROM posted p
  ), entries AS (
    INSERT INTO ledger.entry
    SELECT p.account, p.seq, p.key, p.kind, p.contra, p.active, p.waiting, 0, 0,
           p.available_after, p.pending_after, p.held_after, 0, p.effective, p.created_at
    FROM posted p
  ), lots AS (
    INSERT INTO ledger.lot (account, lot, earned, remaining, active, available_at, expires_at,
                            origin, source_key)
    SELECT p.account, p.seq, p.amount, p.amount, p.waiting = 0, p.available_at, p.expires_at,
           p.seq, p.key
    FROM posted p
  ), accounts AS (
    UPDATE ledger.account a SET
      available = a.available + s.active, pending = a.pending + s.waiting,
      version = s.version, last_at = s.last_at, next_due_at = least(a.next_due_at, s.due),
      active_at = greatest(a.active_at, s.active_at)
    FROM (
      SELECT p.account, max(p.seq) AS version, max(p.created_at) AS last_at,
             sum(p.active)::bigint AS active, sum(p.waiting)::bigint AS waiting,
             min(ledger.lot_due(p.waiting = 0, p.available_at, p.expires_at)) AS due,
             max(p.effective) FILTER (WHERE p.contra = 'issue') AS active_at
      FROM posted p GROUP BY p.account
    ) s
    WHERE a.account = s.account
  )
  SELECT p.place, ROW('done', p.seq, p.available_after, p.pending_after, p.held_after, 0,
                      p.created_at, false, NULL)::ledger.answered
  FROM posted p;
  FOR i IN
    SELECT n.place FROM unnest(plain) WITH ORDINALITY n (plain, place) WHERE NOT n.plain
    ORDER BY n.place
  LOOP
    RETURN QUERY SELECT i, ledger.earn(
      p_accounts[i], p_keys[i], p_hashes[i], p_amounts[i], p_effective[i], p_available[i],
      p_expires[i], p_kinds[i], p_contras[i], p_actors[i], p_reasons[i]::jsonb,
      p_rule_versions[i]);
  END LOOP;
END $$;

-- Debits: the arguments of ledger.spend as arrays of one length. Which lot pays for what comes
-- from two running totals per account, of the spends in the order of the batch and of the lots
-- in burn order: they meet where the stretches overlap.
CREATE FUNCTION ledger.spend_batch(
  p_accounts bigint[], p_keys text[], p_hashes bytea[], p_amounts bigint[],
  p_effective timestamptz[], p_kinds text[], p_contras text[], p_actors text[],
  p_reasons text[], p_rule_versions bigint[]
) RETURNS TABLE (place bigint, x ledger.answered) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  moment timestamptz;
  plain boolean[];
  i bigint;
BEGIN
  PERFORM ledger.lock_batch(p_accounts);
  moment := core_now();
  plain := ledger.plain_places(p_accounts, p_keys, p_amounts, moment, true);
  RETURN QUERY
  WITH posted AS MATERIALIZED (
    SELECT p.place, p.account, p.key, p.hash, p.amount, p.effective, p.kind, p.contra, p.actor,
           p.reason::jsonb AS reason, p.rule_version,
           greatest(moment, a.last_at) AS created_at,
           a.version + row_number() OVER w AS seq,
           (sum(p.amount) OVER w)::bigint AS upto,
           a.available - (sum(p.amount) OVER w)::bigint AS available_after,
           a.pending AS pending_after, a.held AS held_after
    FROM unnest(p_accounts, p_keys, p_hashes, p_amounts, p_effective, p_kinds, p_contras,
                p_actors, p_reasons, p_rule_versions, plain)
         WITH ORDINALITY p (account, key, hash, amount, effective, kind, contra, actor, reason,
                            rule_version, plain, place)
    JOIN ledger.account a ON a.account = p.account
    WHERE p.plain
    WINDOW w AS (PARTITION BY p.account ORDER BY p.place)
  ), spends AS (
    SELECT p.account, array_agg(p.seq ORDER BY p.seq) AS seqs,
           array_agg(p.upto - p.amount ORDER BY p.seq) AS since,
           array_agg(p.upto ORDER BY p.seq) AS upto
    FROM posted p GROUP BY p.account
  ), takes AS MATERIALIZED (
    SELECT s.account, b.seq, l.lot,
           least(b.upto, l.upto) - greatest(b.since, l.upto - l.remaining) AS points
    FROM spends s,
    LATERAL (
      SELECT q.lot, q.remaining,
             (sum(q.remaining) OVER (ORDER BY q.expires_at, q.available_at, q.lot))::bigint
               AS upto
      FROM (SELECT t.lot, t.remaining, t.expires_at, t.available_at FROM ledger.lot t
            WHERE t.account = s.account AND t.open AND t.active
            ORDER BY t.expires_at, t.available_at, t.lot LIMIT 8) q
    ) l,
    LATERAL unnest(s.seqs, s.since, s.upto) b (seq, since, upto)
    WHERE b.upto > l.upto - l.remaining AND b.since < l.upto
  ), ops AS (
    INSERT INTO ledger.op
    SELECT p.account, p.key, p.kind, p.hash, 'done', p.seq,
           jsonb_build_object('available', p.available_after, 'pending', p.pending_after,
                              'held', p.held_after, 'debt', 0),
           p.actor, p.reason, p.rule_version, p.created_at
    FROM posted p
  ), entries AS (
    INSERT INTO ledger.entry
    SELECT p.account, p.seq, p.key, p.kind, p.contra, -p.amount, 0, 0, 0,
           p.available_after, p.pending_after, p.held_after, 0, p.effective, p.created_at
    FROM posted p
  ), allocs AS (
    INSERT INTO ledger.alloc SELECT t.account, t.seq, t.lot, t.points FROM takes t
  ), lots AS (
    UPDATE ledger.lot l SET remaining = l.remaining - s.points
    FROM (SELECT t.account, t.lot, sum(t.points)::bigint AS points
          FROM takes t GROUP BY t.account, t.lot) s
    WHERE l.account = s.account AND l.lot = s.lot
  ), accounts AS (
    UPDATE ledger.account a SET
      available = a.available - s.points, used = ledger.more_used(a.used, s.used), version = s.version,
      last_at = s.last_at, active_at = greatest(a.active_at, s.active_at)
    FROM (
      SELECT p.account, max(p.seq) AS version, max(p.created_at) AS last_at,
             sum(p.amount)::bigint AS points,
             coalesce(sum(p.amount) FILTER (WHERE p.contra = 'redeem'), 0)::bigint AS used,
             max(p.effective) FILTER (WHERE p.contra = 'redeem') AS active_at
      FROM posted p GROUP BY p.account
    ) s
    WHERE a.account = s.account
  )
  SELECT p.place, ROW('done', p.seq, p.available_after, p.pending_after, p.held_after, 0,
                      p.created_at, false, NULL)::ledger.answered
  FROM posted p;
  FOR i IN
    SELECT n.place FROM unnest(plain) WITH ORDINALITY n (plain, place) WHERE NOT n.plain
    ORDER BY n.place
  LOOP
    RETURN QUERY SELECT i, ledger.spend(
      p_accounts[i], p_keys[i], p_hashes[i], p_amounts[i], p_effective[i], p_kinds[i],
      p_contras[i], p_actors[i], p_reasons[i]::jsonb, p_rule_versions[i]);
  END LOOP;
END $$;
