-- What customers bought in all is kept with every order, whoever writes it: a statement that
-- adds orders adds to the sums, one that changes them has the sums made anew.

CREATE FUNCTION orders_counts(status text) RETURNS boolean LANGUAGE sql IMMUTABLE AS
$$ SELECT status NOT IN ('pending', 'cancelled') $$;

-- Sums computed from the orders themselves: what is kept must never differ.
CREATE VIEW orders_summary_anew AS
SELECT o.customer_id, count(*) AS orders, count(*) FILTER (WHERE o.refunded_minor > 0) AS returns,
  min(o.ordered_at) AS first_at, max(o.ordered_at) AS last_at
FROM orders_order o
WHERE o.customer_id IS NOT NULL AND orders_counts(o.status)
GROUP BY o.customer_id;

CREATE VIEW orders_spend_anew AS
SELECT o.customer_id, o.currency,
  sum(o.total_minor - o.refunded_minor)::bigint AS spend_minor,
  sum(o.refunded_minor)::bigint AS returned_minor
FROM orders_order o
WHERE o.customer_id IS NOT NULL AND orders_counts(o.status)
GROUP BY o.customer_id, o.currency;

CREATE FUNCTION orders_sum_up(who uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  -- Also locks the rows, in one order for everybody.
  INSERT INTO orders_summary (customer_id, known_at, orders, returns)
  SELECT c.id, c.created_at, 0, 0 FROM customers_customer c WHERE c.id = ANY(who) ORDER BY c.id
  ON CONFLICT (customer_id) DO UPDATE SET known_at = excluded.known_at;
  -- New statements: they see the orders of those who held the rows before.
  UPDATE orders_summary s SET orders = coalesce(n.orders, 0), returns = coalesce(n.returns, 0),
    first_at = n.first_at, last_at = n.last_at
  FROM unnest(who) AS w(id) LEFT JOIN LATERAL (
    SELECT * FROM orders_summary_anew a WHERE a.customer_id = w.id) AS n ON true
  WHERE s.customer_id = w.id;
  DELETE FROM orders_spend s WHERE s.customer_id = ANY(who);
  INSERT INTO orders_spend (customer_id, currency, spend_minor, returned_minor)
  SELECT n.customer_id, n.currency, n.spend_minor, n.returned_minor
  FROM (SELECT DISTINCT id FROM unnest(who) AS w(id)) AS w CROSS JOIN LATERAL (
    SELECT * FROM orders_spend_anew a WHERE a.customer_id = w.id) AS n;
END $$;

CREATE FUNCTION orders_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO orders_summary AS s
    (customer_id, known_at, orders, returns, first_at, last_at)
  SELECT n.customer_id, c.created_at, n.orders, n.returns, n.first_at, n.last_at
  FROM (
    SELECT o.customer_id, count(*) AS orders,
      count(*) FILTER (WHERE o.refunded_minor > 0) AS returns,
      min(o.ordered_at) AS first_at, max(o.ordered_at) AS last_at
    FROM added o
    WHERE o.customer_id IS NOT NULL AND orders_counts(o.status)
    GROUP BY o.customer_id
  ) AS n JOIN customers_customer c ON c.id = n.customer_id
  ORDER BY n.customer_id
  ON CONFLICT (customer_id) DO UPDATE SET orders = s.orders + excluded.orders,
    returns = s.returns + excluded.returns, first_at = least(s.first_at, excluded.first_at),
    last_at = greatest(s.last_at, excluded.last_at);
  INSERT INTO orders_spend AS s (customer_id, currency, spend_minor, returned_minor)
  SELECT o.customer_id, o.currency, sum(o.total_minor - o.refunded_minor),
    sum(o.refunded_minor)
  FROM added o
  WHERE o.customer_id IS NOT NULL AND orders_counts(o.status)
  GROUP BY o.customer_id, o.currency ORDER BY o.customer_id, o.currency
  ON CONFLICT (customer_id, currency) DO UPDATE SET
    spend_minor = s.spend_minor + excluded.spend_minor,
    returned_minor = s.returned_minor + excluded.returned_minor;
  RETURN NULL;
END $$;

CREATE FUNCTION orders_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  who uuid[];
BEGIN
  SELECT array_agg(DISTINCT w.id) INTO who
  FROM was o JOIN became n USING (id)
  CROSS JOIN LATERAL (VALUES (o.customer_id), (n.customer_id)) AS w(id)
  WHERE w.id IS NOT NULL
    AND (o.customer_id, o.currency, o.ordered_at, o.total_minor, o.refunded_minor,
         orders_counts(o.status))
      IS DISTINCT FROM
        (n.customer_id, n.currency, n.ordered_at, n.total_minor, n.refunded_minor,
         orders_counts(n.status));
  IF who IS NOT NULL THEN
    PERFORM orders_sum_up(who);
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION orders_gone() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  who uuid[];
BEGIN
  SELECT array_agg(DISTINCT o.customer_id) INTO who
  FROM was o WHERE o.customer_id IS NOT NULL;
  IF who IS NOT NULL THEN
    PERFORM orders_sum_up(who);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER orders_order_added AFTER INSERT ON orders_order
  REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION orders_added();
CREATE TRIGGER orders_order_changed AFTER UPDATE ON orders_order
  REFERENCING OLD TABLE AS was NEW TABLE AS became
  FOR EACH STATEMENT EXECUTE FUNCTION orders_changed();
CREATE TRIGGER orders_order_gone AFTER DELETE ON orders_order
  REFERENCING OLD TABLE AS was
  FOR EACH STATEMENT EXECUTE FUNCTION orders_gone();
