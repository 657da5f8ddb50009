"""Faults 6 and 11: a large batch that is killed, and the strictest isolation."""

from __future__ import annotations

import threading

import httpx
import psycopg
from harness.served import until
from harness.shop import insisting

FACTS = 10_000
CHUNK = 1_000


def recorded(service, source):
    with psycopg.connect(service.database_url()) as connection:
        row = connection.execute(
            "SELECT count(*) FROM programme_fact WHERE source = %s AND type = 'order.paid'",
            [source],
        ).fetchone()
    return row[0]


def test_a_killed_batch_is_there_by_the_thousand_and_sent_again_once(served, shop):
    members = shop.members(200)
    facts = [shop.order(members[n % 200], 10_000) for n in range(FACTS)]
    answers = []

    def send():
        try:
            answers.append(shop.tell(facts))
        except httpx.HTTPError as error:
            answers.append(error)

    thread = threading.Thread(target=send)
    thread.start()
    until(lambda: recorded(served, shop.source) >= CHUNK, what="the first thousand")
    served.kill_web()
    thread.join()
    served.wait()
    there = recorded(served, shop.source)
    again = insisting(lambda: shop.tell(facts))
    results = again.json()["results"]

    assert there % CHUNK == 0
    assert CHUNK <= there < FACTS
    assert isinstance(answers[0], httpx.HTTPError) or answers[0].status_code == 503
    assert {each["status"] for each in results} == {"done"}
    assert recorded(served, shop.source) == FACTS
    growth = [shop.balance(each, unit="growth")["active"] for each in members]
    assert growth == [FACTS // 200 * 100] * 200
    served.verify()


def make_strict(service):
    """Serve at the strictest isolation; a start with it set would be refused."""
    with psycopg.connect(service.database_url(), autocommit=True) as connection:
        connection.execute(
            "ALTER DATABASE huitouke SET default_transaction_isolation = 'serializable'"
        )
    service.kill_web()
    service.wait()


def test_at_the_strictest_isolation_everything_goes_through(make_service, drive, seeds):
    service = make_service(background=False).start()
    make_strict(service)
    driver = drive(service, seed=seeds + 200, shared=3)

    driver.run(250)
    driver.settle()
    driver.replay(share=0.3)

    driver.check(database_url=service.database_url())
    with psycopg.connect(service.database_url()) as connection:
        level = connection.execute("SHOW transaction_isolation").fetchone()[0]
    assert level == "serializable"
