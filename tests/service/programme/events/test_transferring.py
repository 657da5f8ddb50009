"""Points pass from one member to another, and each reads their own side of it."""

from __future__ import annotations

import pytest

from huitouke.service.programme import queries
from huitouke.service.programme.events.transferring import transfer

pytestmark = pytest.mark.django_db

FRIEND = "13900139000"
EARLY = "2026-03-01T12:00:00+08:00"


def newest(shop, phone, language):
    line = queries.history(shop.customer(phone), now=shop.now(), language=language)[0]
    return line.says, line.reason


def test_giver_and_receiver_read_different_sentences(shop, spend_rule):
    points = {"code": "points", "name": {"en": "points"}, "transfers": True}
    shop.publish(spend_rule, units=[points])
    shop.join()
    shop.join(FRIEND)
    shop.tell(shop.paid(10_000, occurred_at=EARLY))

    transfer(
        shop.customer(),
        to=shop.customer(FRIEND),
        points=40,
        key="gift",
        at=shop.now(),
        actor=shop.actor,
    )

    given, reason = newest(shop, "13800138000", "en")
    assert given == "40 points passed on to another member."
    assert not {"from", "to"} & reason.keys()
    assert newest(shop, FRIEND, "en")[0] == "40 points received from another member."
    assert "40积分" in newest(shop, FRIEND, "zh")[0]
