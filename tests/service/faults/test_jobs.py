"""Faults 12, 13 and 38: the work of the night beside the day, killed and twice at once."""

from __future__ import annotations

import subprocess
import sys
import threading

import psycopg
from harness.dice import dice
from harness.served import until, variables
from harness.shop import Shop

# What the worker runs at night: points that expire or become available, tiers, holds.
NIGHT = """
import django
django.setup()
from huitouke.service.core import clock
from huitouke.service.ledger import commands as ledger
from huitouke.service.programme.events import days
from huitouke.service.programme.rewards import jobs
for _ in range({times}):
    while ledger.sweep(limit=20):
        pass
    days.tick(at=clock.now())
    jobs.expire_holds(at=clock.now())
"""


def night(service, *, times=1, shift="0s"):
    given = variables(
        DATABASE_URL=f"{service.database_url()}&options=-c%20huitouke.clock_shift%3D{shift}",
        DJANGO_SETTINGS_MODULE="huitouke.service.config.settings",
        HUITOUKE_SECRET_KEY="s" * 40,
    )
    return subprocess.Popen(
        [sys.executable, "-c", NIGHT.format(times=times)],
        env=given,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process):
    _, said = process.communicate(timeout=300)
    return process.returncode, said[-2_000:]


def test_the_work_of_the_night_beside_the_stream_changes_nothing(served, drive, seeds):
    driver = drive(served, seed=seeds + 600)
    nights = []

    driver.run(
        250, faults=[(0.1, lambda: nights.extend(night(served, times=8) for _ in range(2)))]
    )
    codes = [ended(each) for each in nights]
    driver.settle()
    driver.replay(share=0.3)

    assert [code for code, _ in codes] == [0, 0], codes
    driver.check(database_url=served.database_url())


def entries(service, *, kind):
    with psycopg.connect(service.database_url()) as connection:
        return connection.execute(
            "SELECT count(*), coalesce(-sum(amount), 0)::bigint FROM ledger.entry"
            " WHERE kind = %s",
            [kind],
        ).fetchone()


def test_a_night_that_is_killed_and_done_twice_at_once_expires_each_point_once(
    make_service, seeds
):
    """Two years on, everything is over: killed at random, then two at once, then again."""
    service = make_service(background=False).start()
    chance = dice(f"{seeds}-night")
    shop = Shop(service.url, key=service.key, source="night")
    members = shop.members(300)
    shop.tell([shop.order(each, 10_000) for each in members])
    shop.client.close()
    years = "63072000s"
    for _ in range(3):
        before = entries(service, kind="expire")[0]
        one = night(service, shift=years)
        until(
            lambda: entries(service, kind="expire")[0] > before or one.poll() is not None,  # noqa: B023
            what="the first points that expire",
        )
        threading.Event().wait(chance.uniform(0, 0.3))
        one.kill()
        one.communicate()

    both = [night(service, shift=years) for _ in range(2)]
    codes = [ended(each) for each in both]
    once = entries(service, kind="expire")
    again = ended(night(service, shift=years))

    assert [code for code, _ in codes] == [0, 0], codes
    assert again[0] == 0
    assert once[1] == 300 * 200
    assert entries(service, kind="expire") == once
    service.verify()
