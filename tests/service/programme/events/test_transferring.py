"""Points pass from one member to another, and each reads their own side of it."""

from __future__ import annotations

import pytest

from huitouke.service.ledger.units import change_unit, unit
from huitouke.service.programme import queries
from huitouke.service.programme.events.transferring import transfer

pytestmark = pytest.mark.django_db

FRIEND = "13900139000"
EARLY = "2026-03-01T12:00:00+08:00"


def newest(shop, phone, language):
    line = queries.history(shop.customer(phone), now=shop.now(), language=language)[0]
    return line.says, line.reason


def test_giver_and_receiver_read_different_sentences(points_shop):
    settings = unit("main.points").settings.model_copy(update={"transfers": True})
    change_unit("main.points", settings=settings)
    points_shop.join(FRIEND)
    points_shop.tell(points_shop.paid(10_000, occurred_at=EARLY))

    transfer(
        points_shop.customer(),
        to=points_shop.customer(FRIEND),
        points=40,
        key="gift",
        at=points_shop.now(),
        actor=points_shop.actor,
    )

    given, reason = newest(points_shop, "13800138000", "en")
    assert given == "40 points passed on to another member."
    assert not {"from", "to"} & reason.keys()
    assert newest(points_shop, FRIEND, "en")[0] == "40 points received from another member."
    assert "40积分" in newest(points_shop, FRIEND, "zh")[0]
