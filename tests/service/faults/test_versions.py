"""Faults 35 and 36: two servers on one database, and a database that changes under load."""

from __future__ import annotations

import threading

import psycopg
from harness.shop import Shop, at_once, insisting

CHANGES = [
    "ALTER TABLE programme_fact ADD COLUMN later_one text",
    "ALTER TABLE core_request ADD COLUMN later_one integer NOT NULL DEFAULT 0",
    "ALTER TABLE ledger.account ADD COLUMN later_one bigint NOT NULL DEFAULT 0",
    "ALTER TABLE ledger.lot ADD COLUMN later_one bigint",
    "ALTER TABLE ledger.entry ADD COLUMN later_one text",
    "ALTER TABLE programme_redemption ADD COLUMN later_one text",
    "CREATE INDEX CONCURRENTLY later_two ON ledger.entry (created_at)",
    "CREATE INDEX CONCURRENTLY later_three ON programme_fact (recorded_at)",
    "UPDATE programme_fact SET later_one = 'filled' WHERE later_one IS NULL",
    "UPDATE ledger.lot SET later_one = 1 WHERE later_one IS NULL",
    "ANALYZE",
]


def migrate(url, failed):
    """Change the database step by step, as a careful migration does: it never waits long."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET lock_timeout = '500ms'")
        for change in CHANGES:
            for _ in range(100):
                try:
                    connection.execute(change)
                except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
                    continue
                except psycopg.errors.UndefinedColumn:
                    pass
                except psycopg.Error as error:
                    failed.append(f"{change}: {error}")
                break


def test_a_database_that_changes_under_load_loses_nothing(make_service, drive, seeds):
    service = make_service(background=False).start()
    url = service.database_url()
    driver = drive(service, seed=seeds + 400)
    failed = []
    thread = threading.Thread(target=migrate, args=(url, failed))

    driver.run(300, faults=[(0.3, thread.start)])
    thread.join()
    driver.settle()
    driver.replay(share=0.5)

    assert failed == []
    driver.check(database_url=url)
    service.verify()


def test_servers_come_and_go_on_one_database(make_service, drive, seeds):
    one = make_service(background=False).start()
    two = make_service(folder=one.folder, background=False).start()
    driver = drive(one, seed=seeds + 401, urls=(one.url, two.url), shared=3)

    driver.run(250, faults=[(0.3, lambda: (two.stop_web(), two.start()))])
    driver.settle()
    driver.urls.reverse()
    driver.replay(share=1.0)

    driver.check(database_url=one.database_url())
    assert driver.counts["repeated"] > 100
    one.verify()


def test_one_key_and_one_fact_sent_to_two_servers_at_once_count_once(make_service):
    one = make_service(background=False).start()
    two = make_service(folder=one.folder, background=False).start()
    shops = [Shop(each.url, key=each.key, source="both") for each in (one, two)]
    (member,) = shops[0].members(1)
    order = shops[0].order(member, 10_000)

    told = at_once(16, lambda n: insisting(lambda: shops[n % 2].tell(order)).text)
    given = at_once(
        16, lambda n: insisting(lambda: shops[n % 2].give(member, 5, key="both")).text
    )
    found = shops[0].balance(member)
    for each in shops:
        each.client.close()

    assert len(set(told)) == len(set(given)) == 1
    assert found["active"] == 100 + 100 + 5
