"""Points pass from one member to another, and each reads their own side of it."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from huitouke.service.core.models import Outbox
from huitouke.service.ledger import commands as ledger
from huitouke.service.ledger import queries as ledger_queries
from huitouke.service.programme import queries
from huitouke.service.programme.events.transferring import (
    ExpiresFirst,
    TransferLimitReached,
    transfer,
)

pytestmark = pytest.mark.django_db

FRIEND = "13900139000"
EARLY = "2026-03-01T12:00:00+08:00"


def until(shop, moment):
    """Return how long it is until this local time of tomorrow."""
    now = shop.now().astimezone(shop.zone)
    return datetime.combine(now.date() + timedelta(days=1), moment, shop.zone) - now


def newest(shop, phone, language):
    line = queries.history(shop.customer(phone), now=shop.now(), language=language)[0]
    return line.says, line.reason


@pytest.fixture
def give(shop, spend_rule):
    """Let one of two members, who has points, give some under these rules of giving."""

    def under(*, expiry=None, **rules):
        points = {"code": "points", "name": {"en": "points", "zh": "积分"}, "transfers": True}
        shop.publish(spend_rule, units=[{**points, "expiry": expiry, **rules}])
        shop.join()
        shop.join(FRIEND)
        shop.tell(shop.paid(10_000, occurred_at=EARLY))

        def gift(points, key, *, at=None):
            return transfer(
                shop.customer(),
                to=shop.customer(FRIEND),
                points=points,
                key=key,
                at=at or shop.now(),
                actor=shop.actor,
            )

        return gift

    return under


def test_a_member_gives_no_more_on_a_day_than_the_limit(shop, give, shift_clock):
    gift = give(transfer_limit=50)
    noon = until(shop, time(12))
    shift_clock(noon)

    now = shop.now()
    gift(30, "first", at=now)
    gift(30, "first", at=now)
    with pytest.raises(TransferLimitReached) as refused:
        gift(21, "second")
    gift(20, "third")
    shift_clock(noon + timedelta(days=1))
    gift(50, "tomorrow")

    assert refused.value.values == {"most": 50, "left": 20}
    assert "50" in refused.value.text("zh")
    assert (shop.balance()[0], shop.balance(FRIEND)[0]) == (0, 100)
    assert Outbox.objects.filter(topic="points.transferred").count() == 3


def test_the_day_of_the_limit_is_the_programmes(shop, give, shift_clock):
    gift = give(transfer_limit=50)
    midnight = until(shop, time(0))
    shift_clock(midnight - timedelta(minutes=5))
    gift(50, "before midnight")

    with pytest.raises(TransferLimitReached):
        gift(1, "still today")
    shift_clock(midnight + timedelta(minutes=5))

    assert gift(50, "after midnight").left == 0


def test_what_is_given_may_wait_before_it_is_used(shop, give, shift_clock):
    gift = give(transfer_wait=3)

    given = gift(40, "gift")
    waiting = shop.balance(FRIEND)
    said = [newest(shop, FRIEND, language)[0] for language in ("en", "zh")]
    told = Outbox.objects.get(topic="points.transferred").body["available_at"]
    shift_clock(timedelta(days=3, hours=1))
    ledger.sweep()

    later = given.available_at.astimezone(shop.zone)
    assert later - given.at.astimezone(shop.zone) <= timedelta(days=3)
    assert datetime.fromisoformat(told) == given.available_at
    assert waiting == (0, 40, 0)
    assert said[0] == (
        "40 points received from another member; available from "
        f"{later.day} {later:%B} {later.year}."
    )
    assert "40积分" in said[1]
    assert shop.balance(FRIEND) == (40, 0, 0)
    assert shop.faults() == []


def test_points_that_expire_in_the_waiting_time_are_not_given(shop, give, shift_clock):
    gift = give(transfer_wait=10, expiry={"kind": "rolling", "months": 12, "round": "none"})
    (lot,) = ledger_queries.lots(shop.account())
    shift_clock(lot.expires_at - shop.now() - timedelta(days=9))

    with pytest.raises(ExpiresFirst) as refused:
        gift(40, "gift")

    assert refused.value.values["available_on"]
    assert shop.balance(FRIEND) == (0, 0, 0)


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
