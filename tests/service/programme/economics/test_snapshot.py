"""All readings of one report are of one moment, though others post meanwhile."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from django.db import connection

from huitouke.service.ledger import reporting
from huitouke.service.ledger.units import unit
from huitouke.service.programme.economics.liability import liability

MARCH = datetime(2026, 3, 2, 4, tzinfo=UTC)


def test_what_is_posted_between_two_readings_is_in_neither(own_database, shop, rules_of):
    shop.publish(rules_of())
    shop.join("13800138000", at=MARCH)
    shop.buy("13800138000", 10_000, at=MARCH)
    number, later = unit("main.points").unit, shop.now() + timedelta(hours=1)

    def post() -> None:
        shop.buy("13800138000", 5_000, at=MARCH)
        connection.close()

    with reporting.snapshot():
        before = reporting.position(number, at=later)
        other = threading.Thread(target=post)
        other.start()
        other.join()
        moves = reporting.movements(number, since=None, until=later)

    assert before.net == sum(move.points for move in moves) == 100
    assert liability("main", at=later).roll.closing == 150
