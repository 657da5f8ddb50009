"""Pages of the back office on a million customers: what the server takes for each.

``python bench/backoffice_pages.py FOLDER [customers]`` makes the customers by SQL on a server
of its own, once per folder, and asks for every page as Django's own client does, signed in as
an owner: middleware, queries, template and all, without a network. Milliseconds of the
fastest and the middle one of nine, CPU milliseconds of page and database, and how many
queries a page took. On a machine that does other things only the CPU is of the page.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from huitouke.insight.tables import JUDGED
from ledger_ground import Ground, ground
from measure import BENCH

ROUNDS = 9
#: Ratio of orders to customers, and of members among them.
FILL = (
    """INSERT INTO customers_customer (id, name, language, gender, brand, attributes,
         created_at, first_bought_at, enrolled_at)
       SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
         CASE WHEN n %% 5 = 0 THEN '' ELSE (ARRAY['李娜','王伟','张敏','刘洋','陈静',
           'Anna Lee'])[1 + n %% 6] || n END, 'zh', '', '', '{}',
         now() - (%(n)s - n) * interval '1 minute',
         CASE WHEN n %% 10 < 8 THEN now() - (%(n)s - n) * interval '1 minute' END,
         CASE WHEN n %% 10 < 6 THEN now() - (%(n)s - n) * interval '1 minute' END
       FROM generate_series(1, %(n)s) n""",
    """INSERT INTO customers_identity (id, customer_id, kind, value, created_at)
       SELECT gen_random_uuid(), ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
         'phone', '+86138' || lpad(n::text, 8, '0'), now() FROM generate_series(1, %(n)s) n""",
    """INSERT INTO customers_identity (id, customer_id, kind, value, created_at)
       SELECT gen_random_uuid(), ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
         'card', 'VIP' || lpad(n::text, 9, '0'), now()
       FROM generate_series(1, %(n)s, 4) n""",
    """INSERT INTO customers_consent (id, customer_id, channel, purpose, given, wording_version,
         source, at, actor)
       SELECT gen_random_uuid(), ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
         CASE WHEN n %% 1000 = 0 THEN 'post' ELSE 'sms' END, 'marketing', n %% 3 > 0, 'sms-1',
         'import', now() - interval '90 days', 'system:bench'
       FROM generate_series(1, %(n)s, 2) n""",
    """INSERT INTO orders_order (id, source, number, customer_id, store, channel, currency,
         status, ordered_at, paid_at, goods_minor, discount_minor, tax_minor, shipping_minor,
         total_minor, paid_by_points_minor, paid_by_gift_card_minor, coupons, history,
         content_hash, recorded_at, actor)
       SELECT gen_random_uuid(), 'shop', 'N' || n,
         ('01900000-0000-7000-8000-' || lpad(to_hex(1 + (n::bigint * 7919) %% %(n)s), 12, '0'))
           ::uuid, '', '', 'CNY', 'paid', at, at, 5000 + n %% 9000, 0, 0, 0, 5000 + n %% 9000,
         0, 0, '{}', true, '\\x00', at, 'system:bench'
       FROM generate_series(1, 3 * %(n)s) n,
         LATERAL (SELECT now() - (3 * %(n)s - n) * interval '20 seconds' AS at) t
       WHERE (1 + (n::bigint * 7919) %% %(n)s) %% 10 < 8""",
    """INSERT INTO programme_membership (id, programme_id, customer_id, tier, standing,
         joined_at)
       SELECT gen_random_uuid(), (SELECT id FROM programme_programme WHERE code = 'main'),
         ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, t.tier,
         jsonb_build_object('tier', t.tier, 'earned', t.tier), now() - interval '1 year'
       FROM generate_series(1, %(n)s) n, LATERAL (SELECT CASE WHEN n %% 2000 = 0 THEN 'gold'
         ELSE 'silver' END AS tier) t WHERE n %% 10 < 6""",
    """INSERT INTO ledger.holder (customer, unit)
       SELECT m.customer_id, u.unit FROM programme_membership m, ledger.unit u
       WHERE u.code = 'main.points'""",
    """INSERT INTO ledger.account (account, unit, available, version, last_at)
       SELECT account, unit, 10 + account %% 5000, 1, now() FROM ledger.holder""",
    """INSERT INTO ledger.op (account, key, kind, request_hash, outcome, seq, answer, actor,
         reason, created_at)
       SELECT account, 'gift', 'earn', '\\x00', 'done', 1, '{}', 'system:bench',
         '{"code": "goodwill"}', now() - interval '1 hour' FROM ledger.account""",
    """INSERT INTO ledger.entry (account, seq, op_key, kind, contra, amount, available_after,
         pending_after, held_after, debt_after, effective_at, created_at)
       SELECT account, 1, 'gift', 'earn', 'issue', available, available, 0, 0, 0,
         now() - interval '1 hour', now() - interval '1 hour' FROM ledger.account""",
    """INSERT INTO ledger.lot (account, lot, earned, remaining, active, available_at,
         expires_at, origin, source_key)
       SELECT account, 1, available, available, true, now() - interval '1 hour',
         now() + interval '200 days', 1, 'gift' FROM ledger.account""",
    """INSERT INTO core_audit (actor, action, target, reason, facts, created_at)
       SELECT 'system:bench', 'customer.created', 'bench_' || n, '', '{}', now()
       FROM generate_series(1, %(n)s) n""",
    """INSERT INTO loop_analysis (id, state, margin, discount_rate, as_of, ahead_days, currency,
         step, share, attempts, asked_at, asked_by, started_at, ended_at, error_code,
         error_says, counts, changes, calls, judged, features, base_points, profiles_kept)
       SELECT '01900000-0000-7000-9000-000000000001', 'done', 0.3, 0.15, current_date - 1, 91,
         'CNY', 'done', 1, 1, now(), 'system:bench', now(), now(), '', '{}',
         jsonb_build_object('customers', %(n)s::int, 'profiles', %(n)s::int, 'slipping',
           %(n)s::int / 10, 'likely_loyal', %(n)s::int / 5, 'unlikely', %(n)s::int / 3,
           'groups',
           jsonb_build_object('true_friend', %(n)s::int / 4, 'butterfly', %(n)s::int / 4,
             'barnacle', %(n)s::int / 4, 'stranger', %(n)s::int / 4),
           'orders', 3 * %(n)s::int, 'lines', 3 * %(n)s::int), '{}',
         jsonb_build_object('customers', %(n)s::int / 20, 'of', %(n)s::int / 10, 'share', 0.8,
           'at_stake', 2.0 * %(n)s), %(judged)s,
         '{p_buy,quiet}', 50, true
       WHERE %(n)s > 0""",
    """INSERT INTO loop_telling (analysis_id, language, summary, validation, story)
       SELECT '01900000-0000-7000-9000-000000000001', language, '{}', '{}',
         '{"findings": [], "sections": [], "gaps": [], "warnings": [], "notes": []}'
       FROM unnest(ARRAY['en', 'zh']) AS language WHERE %(n)s > 0""",
    """INSERT INTO loop_profile (analysis_id, customer_id, first_order_on, last_order_on,
         repeat_count, spend_total, full_price_share, p_alive, p_buy, p_buy_lo, p_buy_hi,
         orders_expected, spend_expected, clv, clv_lo, clv_hi, churn_risk, customer_group,
         loyalty_score, loyalty_score_lo, loyalty_score_hi, statuses, points, at_stake,
         at_stake_lo, at_stake_hi, usual_orders, limit_days, likely_loyal, unlikely)
       SELECT '01900000-0000-7000-9000-000000000001',
         ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, current_date - 400,
         current_date - 9, n %% 30, x * 900, 0.5, x, x, x * 0.9, least(1, x * 1.1), x * 3,
         x * 90, x * x * 2000, x * x * 1000, x * x * 3000, 1 - x,
         (ARRAY['true_friend', 'butterfly', 'barnacle', 'stranger'])[1 + n %% 4], x * 100,
         x * 80, least(100, x * 120), repeat('o', cardinality(%(judged)s::text[])),
         ARRAY[x * 30, x * 20], CASE WHEN n %% 10 = 0 THEN x * 40 END,
         CASE WHEN n %% 10 = 0 THEN x * 20 END, CASE WHEN n %% 10 = 0 THEN x * 60 END, 3, 90,
         n %% 5 = 1, n %% 3 = 0
       FROM (SELECT n, random() AS x FROM generate_series(1, %(n)s) n) AS r""",
)


def fill(place: Ground, customers: int) -> None:
    """Make the customers, once per folder."""
    with psycopg.connect(place.owner, autocommit=True) as owner:
        known = owner.execute("SELECT count(*) FROM customers_customer").fetchone()
        if known and known[0] >= customers:
            return
        for statement in FILL:
            began = time.perf_counter()
            owner.execute(statement, {"n": customers, "judged": list(JUDGED)})
            what = statement.split()[2]
            sys.stderr.write(f"{what}: {time.perf_counter() - began:.0f} s\n")
        owner.execute("VACUUM ANALYZE")


def main(folder: Path, customers: int) -> None:
    """Fill, ask for each page, and say what it took."""
    with ground(folder) as place:
        # Shaping the database has set Django up here already, for its owner.
        env = {**os.environ, "DATABASE_URL": place.url, "HUITOUKE_SECRET_KEY": "b" * 40}
        asking = [sys.executable, str(BENCH / "backoffice_asking.py")]
        subprocess.run([*asking, "begin"], env=env, check=True)
        fill(place, customers)
        told = [str(customers), str(ROUNDS), str(place.postmaster)]
        subprocess.run([*asking, *told], env=env, check=True)


if __name__ == "__main__":
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    where = Path(sys.argv[1]) if len(sys.argv) > 1 else BENCH / "backoffice"
    main(where, count)
