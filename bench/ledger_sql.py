"""The scripts of pgbench, and the accounts that they work on."""

from __future__ import annotations

import psycopg

__all__ = [
    "ACCOUNTS", "HOT_LOTS", "LOTS", "SAVERS", "SCRIPTS", "credit", "credit_one", "minimal",
    "open_accounts", "posted",
]  # fmt: skip

#: Members of the scripts that earn; the yardstick has as many rows.
ACCOUNTS = 100_000
#: Members that spend, and how many lots of 100 points each has.
SAVERS, LOTS = 20_000, 10
#: Lots of 100 points of the one member whom all spend from.
HOT_LOTS = 4_000

_HASH = "'\\x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'"
_REASON = """'{"code": "order", "rule": "spend", "order": "ord_01", "amount": 12800}'::jsonb"""
_EARN = f"""SELECT * FROM ledger.earn(
  :account::bigint, 'e:' || :key, {_HASH}, :points::bigint, core_now(), NULL,
  '2030-01-01Z'::timestamptz + :day::int * interval '1 day', 'earn', 'issue',
  U&'key\\003atill-1', {_REASON}, 1);
"""
_SPEND = f"""SELECT * FROM ledger.spend(
  :account::bigint, 's:' || :key, {_HASH}, :points::bigint, core_now(), 'burn', 'redeem',
  U&'key\\003atill-1', {_REASON}, 1);
"""
_KEY = "\\set key random(1, 9000000000000000)\n"

#: ``first`` is the number of the first account of a script, ``members`` how many there are.
SCRIPTS = {
    "minimal": """\\set account random(:first, :first + :members - 1)
\\set points random(1, 200)
BEGIN;
INSERT INTO minimal_entry (account, amount, at) VALUES (:account, :points, now());
UPDATE minimal_account SET balance = balance + :points WHERE account = :account;
COMMIT;
""",
    "earn": f"""\\set account random(:first, :first + :members - 1)
\\set points random(1, 200)
\\set day random(0, 365)
{_KEY}{_EARN}""",
    "spend": f"""\\set account random(:first, :first + :members - 1)
\\set points random(50, 250)
{_KEY}{_SPEND}""",
    "replay": f"""\\set account random(:first, :first + :members - 1)
\\set key :account
\\set points 100
\\set day 1
{_EARN.replace("'e:'", "'known:'")}""",
    "hot": f"""\\set account :first
\\set points 30
{_KEY}{_SPEND}""",
    "hot_few": f"""\\set account random(:first, :first + :members - 1)
\\set points 30
{_KEY}{_SPEND}""",
    "balance": """\\set account random(:first, :first + :members - 1)
SELECT * FROM ledger.balance(:account::bigint, NULL);
""",
    "as_of": """\\set account random(:first, :first + :members - 1)
\\set seconds random(0, :age)
SELECT * FROM ledger.balance(
  :account::bigint, core_now() - :seconds::int * interval '1 second');
""",
}  # fmt: skip

_CREDIT = f"""
SELECT count(*) FROM ledger.earn_batch(
  %(accounts)s::bigint[], %(keys)s::text[], array_fill({_HASH}::bytea, ARRAY[%(count)s::int]),
  array_fill(%(points)s::bigint, ARRAY[%(count)s::int]),
  array_fill(core_now(), ARRAY[%(count)s::int]),
  array_fill(NULL::timestamptz, ARRAY[%(count)s::int]),
  (SELECT array_agg('2030-01-01Z'::timestamptz + (i * 37 %% 366) * interval '1 day')
   FROM generate_series(%(since)s::int, %(since)s::int + %(count)s::int - 1) i),
  array_fill('earn'::text, ARRAY[%(count)s::int]),
  array_fill('issue'::text, ARRAY[%(count)s::int]),
  array_fill('key:bench'::text, ARRAY[%(count)s::int]),
  array_fill(({_REASON})::text, ARRAY[%(count)s::int]),
  array_fill(1::bigint, ARRAY[%(count)s::int]))
WHERE (x).outcome = 'done'
"""


def open_accounts(connection: psycopg.Connection, count: int) -> int:
    """Open accounts of new members in the programme's points; return the first number."""
    row = connection.execute(
        "SELECT min(account) FROM ledger.open_accounts("
        " (SELECT array_agg(gen_random_uuid()) FROM generate_series(1, %s)),"
        " (SELECT unit FROM ledger.unit WHERE code = 'main.points'))",
        [count],
    ).fetchone()
    assert row is not None
    return int(row[0])


def credit(
    connection: psycopg.Connection,
    *,
    first: int,
    members: int,
    lots: int,
    points: int = 100,
    prefix: str = "known",
    chunk: int = 10_000,
) -> int:
    """Credit so many lots to each of the members, as sets; return how many were posted."""
    made = 0
    for lot in range(lots):
        for begin in range(0, members, chunk):
            count = min(chunk, members - begin)
            accounts = list(range(first + begin, first + begin + count))
            label = prefix if lots == 1 else f"{prefix}:{lot}"
            row = connection.execute(
                _CREDIT,
                {
                    "accounts": accounts,
                    "keys": [f"{label}:{each}" for each in accounts],
                    "count": count,
                    "points": points,
                    "since": lot * members + begin,
                },
            ).fetchone()
            assert row is not None
            made += row[0]
    return made


def credit_one(connection: psycopg.Connection, *, account: int, lots: int) -> int:
    """Credit so many lots of 100 points to one member."""
    row = connection.execute(
        _CREDIT,
        {
            "accounts": [account] * lots,
            "keys": [f"lot:{each}" for each in range(lots)],
            "count": lots,
            "points": 100,
            "since": 0,
        },
    ).fetchone()
    assert row is not None
    return int(row[0])


def minimal(connection: psycopg.Connection) -> None:
    """Make the two tables of the yardstick: a balance and what changed it."""
    connection.execute(
        "CREATE TABLE minimal_account (account bigint PRIMARY KEY, balance bigint NOT NULL)"
        " WITH (fillfactor = 70)"
    )
    connection.execute(
        "CREATE TABLE minimal_entry (account bigint, amount bigint, at timestamptz)"
    )
    connection.execute(
        "INSERT INTO minimal_account SELECT i, 0 FROM generate_series(1, %s) i", [ACCOUNTS]
    )


def posted(connection: psycopg.Connection, prefix: str) -> tuple[int, int]:
    """Return how many postings under keys with this prefix were done, and how many refused."""
    row = connection.execute(
        "SELECT count(*) FILTER (WHERE outcome = 'done'),"
        " count(*) FILTER (WHERE outcome <> 'done')"
        " FROM ledger.op WHERE starts_with(key, %s)",
        [prefix],
    ).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])
