"""Members read 30, 7 and 1 days ahead that points will go; once each, also after a pause."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from huitouke.service.core.models import Outbox
from huitouke.service.programme.events.days import change_day, tick
from huitouke.service.programme.events.expiring import active_since, warn_of_expiry
from huitouke.service.programme.events.rulebook import Rulebook
from huitouke.service.programme.rules.reasons import say

pytestmark = pytest.mark.django_db

EARLY = "2026-03-01T12:00:00+08:00"
ROLLING = {"kind": "rolling", "months": 3, "round": "none"}


def told():
    found = Outbox.objects.filter(topic="points.expiring").order_by("position")
    return [(each.body["points"], each.body["threshold"]) for each in found]


@pytest.fixture
def short_shop(shop, spend_rule):
    """Points live for three months after they are available at once."""
    shop.publish({**spend_rule, "pending": 0}, expiry=ROLLING)
    shop.join()
    return shop


def local(shop):
    return shop.now().astimezone(shop.zone).date()


def through(result):
    return date.fromisoformat(result.effects[0]["reason"]["valid_through"])


def days_until(shop, day, *, ahead):
    """How long to wait until the middle of the day that lies so far ahead of another."""
    noon = datetime.combine(day - timedelta(days=ahead), datetime.min.time(), tzinfo=shop.zone)
    return noon + timedelta(hours=12) - shop.now()


def test_each_of_the_three_warnings_comes_once(short_shop, shift_clock):
    last_day = through(short_shop.tell(short_shop.paid(10_000)))
    begun = short_shop.now()
    seen = []

    for ahead in (31, 30, 29, 7, 1, 0):
        shift_clock(timedelta(0))
        shift_clock(days_until(short_shop, last_day, ahead=ahead))
        tick(at=short_shop.now())
        tick(at=short_shop.now())
        seen.append(len(told()))

    assert short_shop.now() > begun
    assert seen == [0, 1, 1, 2, 3, 3]
    assert told() == [(100, 30), (100, 7), (100, 1)]


def test_one_word_covers_all_lots_of_a_day(short_shop, shift_clock):
    first = short_shop.tell(short_shop.paid(10_000))
    short_shop.tell(short_shop.paid(2_000))
    shift_clock(days_until(short_shop, through(first), ahead=7))

    tick(at=short_shop.now())

    (body,) = (each.body for each in Outbox.objects.filter(topic="points.expiring"))
    assert (body["points"], body["lots"], body["days"]) == (120, 2, 7)
    shown = say(body["reason"], "en")
    assert shown.startswith("120 points can be used through")
    assert say(body["reason"], "zh").startswith("120积分可使用至")


def test_a_day_that_is_changed_twice_warns_once(short_shop, shift_clock):
    last_day = through(short_shop.tell(short_shop.paid(10_000)))
    shift_clock(days_until(short_shop, last_day, ahead=7))
    now = short_shop.now()
    rulebook = Rulebook.open("main", at=now)

    for _ in range(2):
        change_day(rulebook, on=local(short_shop), at=now)

    assert told() == [(100, 7)]


def test_a_pause_of_days_is_made_up_with_the_days_that_are_left(short_shop, shift_clock):
    last_day = through(short_shop.tell(short_shop.paid(10_000)))
    shift_clock(days_until(short_shop, last_day, ahead=20))
    tick(at=short_shop.now())
    shift_clock(timedelta(0))
    shift_clock(days_until(short_shop, last_day, ahead=3))

    tick(at=short_shop.now())

    (body,) = (each.body for each in Outbox.objects.filter(topic="points.expiring"))
    assert (body["threshold"], body["days"]) == (7, 3)


def test_what_was_spent_or_is_gone_by_now_is_not_warned_of(short_shop, shift_clock):
    fact = short_shop.paid(10_000)
    last_day = through(short_shop.tell(fact))
    short_shop.tell(short_shop.refunded(fact))
    shift_clock(days_until(short_shop, last_day, ahead=7))
    now = short_shop.now()
    rulebook = Rulebook.open("main", at=now)

    late = warn_of_expiry(rulebook, on=last_day - timedelta(days=40), at=now)

    assert (warn_of_expiry(rulebook, on=local(short_shop), at=now), late) == (0, 0)


def test_those_who_stay_away_lose_all_some_months_after_the_last_time():
    last, gone = date(2026, 8, 31), date(2027, 3, 1)

    assert active_since(gone - timedelta(days=1), months=6) <= last
    assert active_since(gone, months=6) > last


def test_points_that_go_by_inactivity_are_warned_of(shop, spend_rule, shift_clock):
    idle = {"kind": "inactivity", "months": 6}
    shop.publish({**spend_rule, "pending": 0}, expiry=idle)
    shop.join()
    shop.tell(shop.paid(10_000, occurred_at=EARLY))
    rulebook = Rulebook.open("main", at=shop.now())
    on = date(2026, 8, 25)
    at = datetime(2026, 8, 25, 1, tzinfo=shop.zone)

    seen = [
        warn_of_expiry(rulebook, on=on + timedelta(days=more), at=at + timedelta(days=more))
        for more in range(9)
    ]

    assert sum(seen) == 2
    assert told() == [(100, 7), (100, 1)]
