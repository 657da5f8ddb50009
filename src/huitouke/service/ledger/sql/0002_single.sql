-- The everyday commands, one account each.

CREATE FUNCTION ledger.earn(
  p_account bigint, p_key text, p_hash bytea, p_amount bigint, p_effective timestamptz,
  p_available timestamptz, p_expires timestamptz, p_kind text, p_contra text, p_actor text,
  p_reason jsonb, p_rule_version bigint
) RETURNS ledger.answered LANGUAGE plpgsql AS $$
DECLARE
  r record;
  a ledger.account;
  now_active boolean;
  credited bigint;
  repaid bigint := 0;
  refusal text;
BEGIN
  r := ledger.enter(p_account, p_key, p_hash);
  IF (r.x).outcome IS NOT NULL THEN
    RETURN r.x;
  END IF;
  a := r.a;
  refusal := CASE
    WHEN a.status <> 'open' THEN 'account_closed'
    WHEN p_amount > ledger.most() - a.available - a.pending - a.held THEN 'too_much' END;
  IF refusal IS NOT NULL THEN
    RETURN ledger.answer(a, p_key, p_kind, p_hash, refusal, NULL, p_actor, p_reason,
                         p_rule_version);
  END IF;
  now_active := p_available IS NULL OR p_available <= a.last_at;
  IF now_active THEN
    repaid := least(a.debt, p_amount);
    a := ledger.post(a, p_key, p_kind, p_contra, p_amount - repaid, 0, 0, -repaid, p_effective);
  ELSE
    a := ledger.post(a, p_key, p_kind, p_contra, 0, p_amount, 0, 0, p_effective);
  END IF;
  PERFORM ledger.make_lot(a, p_amount, repaid, now_active, coalesce(p_available, a.last_at),
                          coalesce(p_expires, 'infinity'), NULL, p_key);
  a.next_due_at := least(a.next_due_at, ledger.lot_due(now_active, p_available, p_expires));
  IF p_contra = 'issue' THEN
    a.active_at := greatest(a.active_at, p_effective);
  END IF;
  PERFORM ledger.keep(a);
  RETURN ledger.answer(a, p_key, p_kind, p_hash, 'done', a.version, p_actor, p_reason,
                       p_rule_version);
END $$;

-- Why points cannot be taken from an account; null if they can.
CREATE FUNCTION ledger.spend_refusal(a ledger.account, p_amount bigint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN a.status <> 'open' THEN 'account_closed'
              WHEN p_amount > a.available THEN 'insufficient_points'
              -- used counts a life's redemptions and is a bigint as well
              WHEN a.used > 9000000000000000000 THEN 'too_much' END
$$;

CREATE FUNCTION ledger.spend(
  p_account bigint, p_key text, p_hash bytea, p_amount bigint, p_effective timestamptz,
  p_kind text, p_contra text, p_actor text, p_reason jsonb, p_rule_version bigint
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
  refusal := ledger.spend_refusal(a, p_amount);
  IF refusal IS NOT NULL THEN
    RETURN ledger.answer(a, p_key, p_kind, p_hash, refusal, NULL, p_actor, p_reason,
                         p_rule_version);
  END IF;
  a := ledger.post(a, p_key, p_kind, p_contra, -p_amount, 0, 0, 0, p_effective);
  PERFORM ledger.take(a.account, a.version, p_amount);
  IF p_contra = 'redeem' THEN
    a.used := a.used + p_amount;
    a.active_at := greatest(a.active_at, p_effective);
  END IF;
  PERFORM ledger.keep(a);
  RETURN ledger.answer(a, p_key, p_kind, p_hash, 'done', a.version, p_actor, p_reason,
                       p_rule_version);
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

-- An answer that is not kept: the request may be sent again and then succeed.
CREATE FUNCTION ledger.unanswered(p_outcome text) RETURNS ledger.answered
LANGUAGE sql IMMUTABLE AS $$
  SELECT ROW(p_outcome, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::ledger.answered
$$;

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
