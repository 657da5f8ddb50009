"""The bridge: orders out of PostgreSQL, through the analysis, profiles back; rows a second.

    python bench/loop_flow.py 100000
    python bench/loop_flow.py 1000000

The orders are made in SQL, two lines each, a fifth as many customers, three in a hundred
refunded, on the embedded PostgreSQL as it is shipped. The last line is JSON: CPU and wall
seconds of each step in this process (``bound`` by PostgreSQL in out and in), peak memory.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import psycopg

from huitouke.service.config.embedded import embedded_postgres
from huitouke.service.config.prepare import django_on, prepare
from measure import Clock

PER_CUSTOMER = 5
_MADE = """
SELECT setseed(0.5);
INSERT INTO customers_customer (id, name, language, gender, brand, attributes, created_at)
SELECT md5('c' || n)::uuid, '', 'zh', '', '', '{{}}', now()
  FROM generate_series(0, {customers} - 1) AS n;
INSERT INTO customers_identity (id, customer_id, kind, value, created_at)
SELECT md5('i' || n)::uuid, md5('c' || n)::uuid, 'external', 'M' || lpad(n::text, 9, '0'), now()
  FROM generate_series(0, {customers} - 1) AS n;
INSERT INTO orders_order (id, source, number, customer_id, store, channel, currency, status,
  ordered_at, paid_at, goods_minor, discount_minor, tax_minor, shipping_minor, total_minor,
  paid_by_points_minor, paid_by_gift_card_minor, coupons, history, content_hash, recorded_at,
  actor)
SELECT md5('o' || n)::uuid, 'bench', n::text,
  md5('c' || floor({customers} * power(random(), 1.6))::int)::uuid,
  'S' || n % 20, 'C' || n % 4, 'CNY', 'paid', at, at, 9000, 0, 0, 0, 9000, 0, 0, '{{}}', true,
  '', at, 'bench'
FROM (SELECT n, timestamptz '2024-01-01 09:00+08' + random() * interval '700 days' AS at
  FROM generate_series(1, {orders}) AS n) AS made;
INSERT INTO orders_line (order_id, position, sku, name, category, brand, quantity_e3,
  amount_minor, discount_minor, tax_minor, net_minor, gift_card)
SELECT md5('o' || n)::uuid, p, 'K' || n % 900, '', 'category ' || n % 30, '', 1000, minor,
  CASE WHEN n % 3 = 0 THEN 500 ELSE 0 END, 0, minor, false
FROM (SELECT n, p, (1000 + random() * 7000)::int AS minor
  FROM generate_series(1, {orders}) AS n, generate_series(1, 2) AS p) AS made;
INSERT INTO orders_refund (id, order_id, source, source_id, at, amount_minor, shipping_minor,
  reason, content_hash, recorded_at, actor)
SELECT md5('r' || n)::uuid, md5('o' || n)::uuid, 'bench', n::text,
  timestamptz '2025-12-01 12:00+08', l.net_minor, 0, '', '', now(), 'bench'
FROM generate_series(1, {orders}, 33) AS n
JOIN orders_line l ON l.order_id = md5('o' || n)::uuid AND l.position = 1;
INSERT INTO orders_refundline (refund_id, position, quantity_e3, amount_minor)
SELECT id, 1, 1000, amount_minor FROM orders_refund;
"""


def fill(url: str, *, orders: int) -> None:
    """Make a shop with so many orders."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_MADE.format(orders=orders, customers=orders // PER_CUSTOMER))
        connection.execute("VACUUM ANALYZE")


def main(orders: int) -> None:
    """Make the shop, and measure the way out, the analysis, and the way back."""
    with (
        tempfile.TemporaryDirectory(prefix="huitouke-bench-") as folder,
        embedded_postgres(Path(folder), delete=True) as url,
    ):
        prepare(url)
        fill(url, orders=orders)
        with django_on(url):
            measured(orders)


def measured(orders: int) -> None:
    """Walk the steps of ``bridge.analyse`` one by one, on the clock."""
    from django.conf import settings
    from django.db import connection, transaction
    from threadpoolctl import threadpool_limits

    from huitouke.insight.engine import Engine
    from huitouke.insight.facts.told import take_lines
    from huitouke.insight.flow import look
    from huitouke.insight.steps.options import Options
    from huitouke.service.core import clock as database_clock
    from huitouke.service.core.actor import SYSTEM
    from huitouke.service.loop import commands, lists, profiles
    from huitouke.service.loop.facts import orders_of, shop
    from huitouke.service.loop.models import Analysis

    asked = commands.ask(at=database_clock.now(), actor=SYSTEM, ring=False)
    clock, its = Clock(), shop()
    with clock.step("out"), orders_of(its) as told:
        lines = sum(batch.num_rows for batch in told.batches())
    memory = settings.ANALYSIS_MEMORY_MB / 1_024
    with threadpool_limits(1), Engine(threads=1, memory_gb=memory) as engine:
        with clock.step("take"), orders_of(its) as told:
            facts = take_lines(told.batches(), engine=engine, currency=its.currency)
        with clock.step("look"):
            options = Options(as_of=facts.last_on, currency=its.currency)
            found = look(facts, engine=engine, options=options, tell=lambda _: None)
        with clock.step("in"), transaction.atomic():
            points = profiles.points_of(found)
            made = profiles.write(
                asked.id, found=found, customers=told.customers, points=points
            )
            profiles.bring_to_sight(asked.id)
    Analysis.objects.filter(id=asked.id).update(
        state="done", as_of=found.as_of, ended_at=database_clock.now(), judged=[],
        ahead_days=found.shop.horizon_days,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE loop_profile")
        cursor.execute("SELECT pg_total_relation_size('loop_profile')")
        size = cursor.fetchone()[0]
    with clock.step("page"):
        rows = lists._rows(
            Analysis.objects.get(id=asked.id), listed="", group="",
            key=lists.ORDERS["value"], after=None, limit=51,
        )  # fmt: skip
    seconds = {name: cost.wall for name, cost in clock.steps.items()}
    clock.tell(
        orders=orders,
        lines=lines,
        customers=made.customers,
        rows_out_a_second=round(lines / seconds["out"]),
        rows_in_a_second=round(made.customers / seconds["in"]),
        bytes_a_profile=round(size / made.customers),
        page_rows=len(rows),
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("orders", type=int)
    main(parser.parse_args().orders)
