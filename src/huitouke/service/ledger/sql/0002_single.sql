-- The everyday commands, one account each.

-- The two busiest commands, earn and spend, are written out instead of put together from the
-- steps: a third less work for the database.

CREATE FUNCTION ledger.earn(
  p_account bigint, p_key text, p_hash bytea, p_amount bigint, p_effective timestamptz,
  p_available timestamptz, p_expires timestamptz, p_kind text, p_contra text, p_actor text,
  p_reason jsonb, p_rule_version bigint
) RETURNS ledger.answered LANGUAGE plpgsql AS $$
DECLARE
  a ledger.account;
  moment timestamptz;
  credited bigint := 0;
  waiting bigint := 0;
  repaid bigint := 0;
  refusal text;
BEGIN
  PERFORM FROM ledger.op WHERE account = p_account AND key = p_key;
  IF FOUND THEN
    RETURN ledger.known(p_account, p_key, p_hash);
  END IF;
  SELECT * INTO a FROM ledger.account WHERE account = p_account FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN ledger.unanswered('account_unknown');
  END IF;
  PERFORM FROM ledger.op WHERE account = p_account AND key = p_key;
  IF FOUND THEN
    RETURN ledger.known(p_account, p_key, p_hash);
  END IF;
  moment := greatest(core_now(), a.last_at);
  IF a.next_due_at <= moment THEN
    a.last_at := moment;
    a := ledger.settle_due(a);
  END IF;
  IF a.status <> 'open' THEN
    refusal := 'account_closed';
  ELSIF p_amount > ledger.most() - a.available - a.pending - a.held THEN
    refusal := 'too_much';
  END IF;
  IF refusal IS NOT NULL THEN
    a.last_at := moment;
    RETURN ledger.answer(a, p_key, p_kind, p_hash, refusal, NULL, p_actor, p_reason,
                         p_rule_version);
  END IF;
  IF p_available > moment THEN
    waiting := p_amount;
  ELSE
    repaid := least(a.debt, p_amount);
    credited := p_amount - repaid;
  END IF;
  UPDATE ledger.account SET
    available = available + credited, pending = pending + waiting, debt = debt - repaid,
    version = version + 1, last_at = moment,
    next_due_at = least(next_due_at, ledger.lot_due(waiting = 0, p_available, p_expires)),
    active_at = CASE p_contra WHEN 'issue' THEN greatest(active_at, p_effective)
                ELSE active_at END
  WHERE account = p_account
  RETURNING available, pending, debt, version INTO a.available, a.pending, a.debt, a.version;
  INSERT INTO ledger.op VALUES (
    p_account, p_key, p_kind, p_hash, 'done', a.version,
    jsonb_build_object('available', a.available, 'pending', a.pending, 'held', a.held,
                       'debt', a.debt),
    p_actor, p_reason, p_rule_version, moment);
  INSERT INTO ledger.entry VALUES (
    p_account, a.version, p_key, p_kind, p_contra, credited, waiting, 0, -repaid, a.available,
    a.pending, a.held, a.debt, p_effective, moment);
  INSERT INTO ledger.lot (account, lot, earned, remaining, active, available_at, expires_at,
                          origin, source_key)
  VALUES (p_account, a.version, p_amount, p_amount - repaid, waiting = 0,
          coalesce(p_available, moment), coalesce(p_expires, 'infinity'), a.version, p_key);
  IF repaid > 0 THEN
    INSERT INTO ledger.alloc VALUES (p_account, a.version, a.version, repaid);
    PERFORM ledger.pay_debt(p_account, repaid);
    INSERT INTO ledger.untold VALUES (p_account, a.version);
  END IF;
  RETURN ROW('done', a.version, a.available, a.pending, a.held, a.debt, moment, false,
             NULL)::ledger.answered;
END $$;

-- Why points cannot be taken from an account; null if they can.
CREATE FUNCTION ledger.spend_refusal(a ledger.account, p_amount bigint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN a.status <> 'open' THEN 'account_closed'
              WHEN p_amount > a.available THEN 'insufficient_points' END
$$;

CREATE FUNCTION ledger.spend(
  p_account bigint, p_key text, p_hash bytea, p_amount bigint, p_effective timestamptz,
  p_kind text, p_contra text, p_actor text, p_reason jsonb, p_rule_version bigint
) RETURNS ledger.answered LANGUAGE plpgsql AS $$
DECLARE
  a ledger.account;
  moment timestamptz;
  first_lot bigint;
  part bigint;
  refusal text;
BEGIN
  PERFORM FROM ledger.op WHERE account = p_account AND key = p_key;
  IF FOUND THEN
    RETURN ledger.known(p_account, p_key, p_hash);
  END IF;
  SELECT * INTO a FROM ledger.account WHERE account = p_account FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN ledger.unanswered('account_unknown');
  END IF;
  PERFORM FROM ledger.op WHERE account = p_account AND key = p_key;
  IF FOUND THEN
    RETURN ledger.known(p_account, p_key, p_hash);
  END IF;
  moment := greatest(core_now(), a.last_at);
  IF a.next_due_at <= moment THEN
    a.last_at := moment;
    a := ledger.settle_due(a);
  END IF;
  IF a.status <> 'open' OR p_amount > a.available THEN
    refusal := ledger.spend_refusal(a, p_amount);
    a.last_at := moment;
    RETURN ledger.answer(a, p_key, p_kind, p_hash, refusal, NULL, p_actor, p_reason,
                         p_rule_version);
  END IF;
  UPDATE ledger.account SET
    available = available - p_amount, version = version + 1, last_at = moment,
    used = CASE p_contra WHEN 'redeem' THEN ledger.more_used(used, p_amount) ELSE used END,
    active_at = CASE p_contra WHEN 'redeem' THEN greatest(active_at, p_effective)
                ELSE active_at END
  WHERE account = p_account
  RETURNING available, version INTO a.available, a.version;
  INSERT INTO ledger.op VALUES (
    p_account, p_key, p_kind, p_hash, 'done', a.version,
    jsonb_build_object('available', a.available, 'pending', a.pending, 'held', a.held,
                       'debt', a.debt),
    p_actor, p_reason, p_rule_version, moment);
  INSERT INTO ledger.entry VALUES (
    p_account, a.version, p_key, p_kind, p_contra, -p_amount, 0, 0, 0, a.available,
    a.pending, a.held, a.debt, p_effective, moment);
  -- Most spends are paid by one lot.
  SELECT lot, least(remaining, p_amount) INTO first_lot, part FROM ledger.lot
  WHERE account = p_account AND open AND active
  ORDER BY expires_at, available_at, lot LIMIT 1;
  UPDATE ledger.lot SET remaining = remaining - part
  WHERE account = p_account AND lot = first_lot;
  INSERT INTO ledger.alloc VALUES (p_account, a.version, first_lot, part);
  IF part < p_amount THEN
    PERFORM ledger.take(p_account, a.version, p_amount - part);
  END IF;
  RETURN ROW('done', a.version, a.available, a.pending, a.held, a.debt, moment, false,
             NULL)::ledger.answered;
END $$;

CREATE FUNCTION ledger.hold_points(
  p_account bigint, p_key text, p_hash bytea, p_amount bigint, p_effective timestamptz,
  p_contra text, p_expires timestamptz, p_actor text, p_reason jsonb, p_rule_version bigint
) RETURNS ledger.answered LANGUAGE plpgsql AS $$
DECLARE
  r record;
  a ledger.account;
  refusal text;
BEGIN
  r := ledger.enter(p_account, p_key, p_hash);
  IF (r.x).outcome IS NOT NULL THEN
    RETURN r.x;
  END IF;
  a := r.a;
  refusal := coalesce(ledger.spend_refusal(a, p_amount),
                      CASE WHEN p_expires <= a.last_at THEN 'hold_expired' END);
  IF refusal IS NOT NULL THEN
    RETURN ledger.answer(a, p_key, 'hold', p_hash, refusal, NULL, p_actor, p_reason,
                         p_rule_version);
  END IF;
  a := ledger.post(a, p_key, 'hold', p_contra, -p_amount, 0, p_amount, 0, p_effective);
  PERFORM ledger.take(a.account, a.version, p_amount);
  INSERT INTO ledger.hold (account, hold, key, amount, expires_at)
  VALUES (a.account, a.version, p_key, p_amount, p_expires);
  a.next_due_at := least(a.next_due_at, p_expires);
  PERFORM ledger.keep(a);
  RETURN ledger.answer(a, p_key, 'hold', p_hash, 'done', a.version, p_actor, p_reason,
                       p_rule_version);
END $$;

-- Captures (p_amount points, null: all) or releases (p_amount 0) what a hold set aside.
CREATE FUNCTION ledger.resolve_hold(
  p_account bigint, p_key text, p_hash bytea, p_hold_key text, p_amount bigint,
  p_effective timestamptz, p_actor text, p_reason jsonb
) RETURNS ledger.answered LANGUAGE plpgsql AS $$
DECLARE
  r record;
  a ledger.account;
  h ledger.hold;
  captured bigint;
  way text := CASE WHEN p_amount = 0 THEN 'release' ELSE 'capture' END;
  refusal text;
BEGIN
  r := ledger.enter(p_account, p_key, p_hash);
  IF (r.x).outcome IS NOT NULL THEN
    RETURN r.x;
  END IF;
  a := r.a;
  SELECT t.* INTO h FROM ledger.op o
  JOIN ledger.hold t ON t.account = o.account AND t.hold = o.seq
  WHERE o.account = p_account AND o.key = p_hold_key AND o.kind = 'hold';
  IF NOT FOUND THEN
    r.x := ledger.unanswered('hold_unknown');
    RETURN r.x;
  END IF;
  captured := coalesce(p_amount, h.amount);
  refusal := CASE
    WHEN way = 'capture' AND h.state = 'released' AND h.expires_at <= a.last_at
      THEN 'hold_expired'
    WHEN h.state <> 'open' THEN 'hold_ended'
    WHEN captured > h.amount THEN 'exceeds_hold' END;
  IF refusal IS NOT NULL THEN
    RETURN ledger.answer(a, p_key, way, p_hash, refusal, NULL, p_actor, p_reason, NULL,
                         jsonb_build_object('hold_key', p_hold_key));
  END IF;
  a := ledger.end_hold(a, h, captured, p_key, way, p_effective);
  IF captured > 0 THEN
    a.active_at := greatest(a.active_at, p_effective);
  END IF;
  PERFORM ledger.keep(a);
  r.a := a;
  -- What came back to a lot that expired meanwhile goes now, with an entry of its own.
  IF a.next_due_at <= a.last_at THEN
    a := ledger.settle_due(a);
  END IF;
  RETURN ledger.answer(a, p_key, way, p_hash, 'done', (r.a).version, p_actor, p_reason, NULL,
                       jsonb_build_object('hold_key', p_hold_key));
END $$;

-- Accounts of these customers, made where they have none; in order of the customer.
CREATE FUNCTION ledger.open_accounts(p_customers uuid[], p_unit smallint)
RETURNS TABLE (customer uuid, account bigint) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  INSERT INTO ledger.holder (customer, unit)
  SELECT DISTINCT c, p_unit FROM unnest(p_customers) c
  WHERE NOT EXISTS (SELECT FROM ledger.holder h WHERE h.customer = c AND h.unit = p_unit)
  ORDER BY c
  ON CONFLICT DO NOTHING;
  IF FOUND THEN
    INSERT INTO ledger.account (account, unit)
    SELECT h.account, h.unit FROM ledger.holder h
    WHERE h.customer = ANY (p_customers) AND h.unit = p_unit
    ORDER BY h.account
    ON CONFLICT DO NOTHING;
  END IF;
  RETURN QUERY SELECT h.customer, h.account FROM ledger.holder h
  WHERE h.customer = ANY (p_customers) AND h.unit = p_unit;
END $$;
