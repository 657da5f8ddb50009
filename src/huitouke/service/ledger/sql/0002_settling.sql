-- What falls due by the clock: lots become active or expire, holds run out. Every touch of an
-- account settles it first, the sweep only makes it early; the result is the same, because
-- everything is done in the order of the moments at which it fell due, and within one moment
-- activate, then release, then expire.

CREATE FUNCTION ledger.next_due(p_account bigint) RETURNS timestamptz LANGUAGE sql AS $$
  SELECT nullif(least(
    (SELECT min(available_at) FROM ledger.lot
     WHERE account = p_account AND open AND NOT active),
    (SELECT expires_at FROM ledger.lot
     WHERE account = p_account AND open AND active
     ORDER BY expires_at, available_at, lot LIMIT 1),
    (SELECT min(expires_at) FROM ledger.hold
     WHERE account = p_account AND state = 'open')
  ), 'infinity')
$$;

-- Pending lots that became available by a moment; they settle debts first.
CREATE FUNCTION ledger.activate_due(a ledger.account, p_moment timestamptz)
RETURNS ledger.account LANGUAGE plpgsql AS $$
DECLARE
  lots bigint[];
  points bigint;
  repaid bigint;
BEGIN
  SELECT array_agg(lot ORDER BY expires_at, available_at, lot), sum(remaining)
  INTO lots, points
  FROM ledger.lot
  WHERE account = a.account AND open AND NOT active AND available_at <= p_moment;
  IF lots IS NULL THEN
    RETURN a;
  END IF;
  repaid := least(a.debt, points);
  UPDATE ledger.lot SET active = true WHERE account = a.account AND lot = ANY (lots);
  PERFORM ledger.take_from(a.account, a.version + 1, repaid, lots);
  PERFORM ledger.pay_debt(a.account, repaid);
  a := ledger.post(a, 'settle:' || a.version + 1, 'activate', 'issue',
                   points - repaid, -points, 0, -repaid, p_moment);
  PERFORM ledger.answer_own(a, 'activate', jsonb_build_object(
    'code', 'points_activated', 'points', points, 'settled', repaid));
  RETURN a;
END $$;

-- Active lots that expired by a moment.
CREATE FUNCTION ledger.expire_due(a ledger.account, p_moment timestamptz)
RETURNS ledger.account LANGUAGE plpgsql AS $$
DECLARE
  lots bigint[];
BEGIN
  SELECT array_agg(lot) INTO lots FROM ledger.lot
  WHERE account = a.account AND open AND active AND expires_at <= p_moment;
  RETURN ledger.expire_lots(a, lots, p_moment, jsonb_build_object('code', 'points_expired'));
END $$;

CREATE FUNCTION ledger.expire_lots(
  a ledger.account, p_lots bigint[], p_effective timestamptz, p_reason jsonb
) RETURNS ledger.account LANGUAGE plpgsql AS $$
DECLARE
  points bigint;
BEGIN
  IF p_lots IS NULL THEN
    RETURN a;
  END IF;
  INSERT INTO ledger.alloc
  SELECT account, a.version + 1, lot, remaining FROM ledger.lot
  WHERE account = a.account AND lot = ANY (p_lots);
  SELECT sum(remaining) INTO points FROM ledger.lot
  WHERE account = a.account AND lot = ANY (p_lots);
  UPDATE ledger.lot SET expired = expired + remaining, remaining = 0
  WHERE account = a.account AND lot = ANY (p_lots);
  a := ledger.post(a, 'settle:' || a.version + 1, 'expire', 'expire', -points, 0, 0, 0,
                   p_effective);
  PERFORM ledger.answer_own(a, 'expire', p_reason || jsonb_build_object('points', points));
  RETURN a;
END $$;

-- Ends a hold: what was captured is gone, the rest settles debts or returns to its lots.
CREATE FUNCTION ledger.end_hold(
  a ledger.account, h ledger.hold, p_captured bigint, p_key text, p_kind text,
  p_effective timestamptz
) RETURNS ledger.account LANGUAGE plpgsql AS $$
DECLARE
  back bigint := h.amount - p_captured;
  repaid bigint := least(a.debt, back);
  contra text;
BEGIN
  SELECT e.contra INTO contra FROM ledger.entry e WHERE e.account = a.account AND e.seq = h.hold;
  a.next_due_at := least(a.next_due_at, nullif(ledger.put_back(
    a.account, ARRAY[h.hold], a.version + 1, 0, back - repaid), 'infinity'));
  PERFORM ledger.pay_debt(a.account, repaid);
  a := ledger.post(a, p_key, p_kind, contra, back - repaid, 0, -h.amount, -repaid, p_effective);
  IF p_captured > 0 AND contra = 'redeem' THEN
    a.used := ledger.more_used(a.used, p_captured);
  END IF;
  UPDATE ledger.hold SET
    state = CASE WHEN p_captured > 0 THEN 'captured' ELSE 'released' END,
    captured = p_captured, ended_seq = a.version
  WHERE account = a.account AND hold = h.hold;
  RETURN a;
END $$;

-- Open holds that ran out by a moment.
CREATE FUNCTION ledger.release_due(a ledger.account, p_moment timestamptz)
RETURNS ledger.account LANGUAGE plpgsql AS $$
DECLARE
  h ledger.hold;
BEGIN
  FOR h IN
    SELECT * FROM ledger.hold
    WHERE account = a.account AND state = 'open' AND expires_at <= p_moment
    ORDER BY expires_at, hold
  LOOP
    a := ledger.end_hold(a, h, 0, 'settle:' || a.version + 1, 'release', p_moment);
    PERFORM ledger.answer_own(a, 'release', jsonb_build_object(
      'code', 'hold_expired', 'points', h.amount));
  END LOOP;
  RETURN a;
END $$;

-- The locked account at the time of this posting, with all that is due settled and written.
CREATE FUNCTION ledger.settled(a ledger.account) RETURNS ledger.account
LANGUAGE plpgsql AS $$
BEGIN
  a.last_at := greatest(core_now(), a.last_at);
  IF a.next_due_at <= a.last_at THEN
    a := ledger.settle_due(a);
  END IF;
  RETURN a;
END $$;

-- Settles all that is due at the account's last_at and writes its row.
CREATE FUNCTION ledger.settle_due(a ledger.account) RETURNS ledger.account
LANGUAGE plpgsql AS $$
DECLARE
  moment timestamptz;
BEGIN
  LOOP
    moment := ledger.next_due(a.account);
    EXIT WHEN moment IS NULL OR moment > a.last_at;
    a := ledger.activate_due(a, moment);
    a := ledger.release_due(a, moment);
    a := ledger.expire_due(a, moment);
  END LOOP;
  a.next_due_at := moment;
  PERFORM ledger.keep(a);
  RETURN a;
END $$;

-- Settles one account now; says how many entries that made.
CREATE FUNCTION ledger.settle(p_account bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  a ledger.account;
  before bigint;
BEGIN
  SELECT * INTO a FROM ledger.account WHERE account = p_account FOR NO KEY UPDATE;
  before := a.version;
  IF before IS NULL THEN
    RETURN NULL;
  END IF;
  a := ledger.settled(a);
  RETURN a.version - before;
END $$;

-- Settles up to so many accounts that are due, leaving out those someone else has locked; says
-- how many it settled.
CREATE FUNCTION ledger.sweep(p_limit integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  a ledger.account;
  settled bigint := 0;
BEGIN
  FOR a IN
    SELECT * FROM ledger.account WHERE next_due_at <= core_now()
    ORDER BY next_due_at LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED
  LOOP
    a := ledger.settled(a);
    settled := settled + 1;
  END LOOP;
  RETURN settled;
END $$;

-- Writes off what is still owed of up to so many debts made before a moment, per unit.
CREATE FUNCTION ledger.write_off(p_unit smallint, p_before timestamptz, p_limit integer)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  d record;
  a ledger.account;
  written bigint := 0;
  owed bigint;
BEGIN
  FOR d IN
    SELECT t.account, t.seq FROM ledger.debt t
    JOIN ledger.account c ON c.account = t.account AND c.unit = p_unit
    WHERE t.remaining > 0 AND t.created_at < p_before
    ORDER BY t.created_at, t.account, t.seq LIMIT p_limit
  LOOP
    SELECT * INTO a FROM ledger.account WHERE account = d.account
    FOR NO KEY UPDATE SKIP LOCKED;
    CONTINUE WHEN NOT FOUND;
    a := ledger.settled(a);
    SELECT remaining INTO owed FROM ledger.debt WHERE account = d.account AND seq = d.seq;
    CONTINUE WHEN owed = 0;
    UPDATE ledger.debt SET remaining = 0 WHERE account = d.account AND seq = d.seq;
    a := ledger.post(a, 'settle:' || a.version + 1, 'write_off', 'write_off', 0, 0, 0, -owed,
                     a.last_at);
    PERFORM ledger.keep(a);
    PERFORM ledger.answer_own(a, 'write_off', jsonb_build_object(
      'code', 'debt_written_off', 'points', owed));
    written := written + 1;
  END LOOP;
  RETURN written;
END $$;

-- Expires all active lots of up to so many accounts whose last activity was before a moment.
CREATE FUNCTION ledger.expire_inactive(p_unit smallint, p_before timestamptz, p_limit integer)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  a ledger.account;
  lots bigint[];
  done bigint := 0;
BEGIN
  FOR a IN
    SELECT * FROM ledger.account
    WHERE unit = p_unit AND active_at < p_before AND available > 0
    ORDER BY account LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED
  LOOP
    a := ledger.settled(a);
    SELECT array_agg(lot) INTO lots FROM ledger.lot
    WHERE account = a.account AND open AND active;
    CONTINUE WHEN lots IS NULL;
    a := ledger.expire_lots(a, lots, a.last_at, jsonb_build_object('code', 'points_inactive'));
    PERFORM ledger.keep(a);
    done := done + 1;
  END LOOP;
  RETURN done;
END $$;
