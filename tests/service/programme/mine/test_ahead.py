"""What lies ahead of a member's points, and what is about to be lost."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from huitouke.service.ledger.contract import Balance, Expiring
from huitouke.service.programme.events.reading import TierView
from huitouke.service.programme.mine.ahead import On, ahead, losses
from huitouke.service.programme.rules.forecast import Progress

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 12, 1)


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZONE).astimezone(UTC)


def balance(*, expiring=(), activating=()) -> Balance:
    return Balance(
        active=sum(points for _, points in expiring),
        pending=0,
        held=0,
        owed=0,
        at=local(2026, 12, 1),
        expiring=tuple(Expiring(expires_at=at, points=points) for at, points in expiring),
        activating=tuple(Expiring(expires_at=at, points=points) for at, points in activating),
    )


def tier(*, to_keep: int, keep_by: date | None) -> TierView:
    keep = {"code": "progress.keep" if to_keep else "progress.safe"}
    progress = Progress(
        tier="gold",
        metric=0,
        keep_by=keep_by,
        to_keep=to_keep,
        next_tier=None,
        to_reach=0,
        reach_by=None,
        pace=None,
        keeps_at_pace=None,
        reaches_at_pace=None,
        reasons=(keep,),
    )
    return TierView(programme="main", enrolled=True, progress=progress)


def test_what_is_gone_at_midnight_was_good_through_the_day_before():
    found = ahead(balance(expiring=[(local(2027, 1, 1), 200)]), zone=ZONE)

    assert found.lapsing == (On(date(2026, 12, 31), 200),)


def test_what_comes_at_midnight_comes_on_that_day():
    found = ahead(balance(activating=[(local(2026, 12, 5), 300)]), zone=ZONE)

    assert found.coming == (On(date(2026, 12, 5), 300),)


def test_lots_of_one_day_are_told_as_one_and_those_for_ever_not_at_all():
    found = ahead(
        balance(
            expiring=[
                (local(2026, 12, 20, 9), 5),
                (local(2026, 12, 20, 18), 7),
                (local(2026, 12, 10), 1),
                (None, 900),
            ]
        ),
        zone=ZONE,
    )

    assert found.lapsing == (On(date(2026, 12, 9), 1), On(date(2026, 12, 20), 12))


def test_points_that_wait_for_goods_come_last_and_without_a_day():
    found = ahead(balance(activating=[(None, 40), (local(2026, 12, 5), 300)]), zone=ZONE)

    assert found.coming == (On(date(2026, 12, 5), 300), On(None, 40))


@pytest.mark.parametrize(("days", "told"), [(0, True), (30, True), (31, False)])
def test_points_are_about_to_be_lost_within_thirty_days(days, told):
    gone = local(2026, 12, 1) + timedelta(days=days + 1)

    found = losses(
        ahead(balance(expiring=[(gone, 200)]), zone=ZONE),
        tier=TierView(programme="main", enrolled=True),
        today=TODAY,
    )

    assert [(each.kind, each.points) for each in found] == ([("points", 200)] if told else [])


@pytest.mark.parametrize(
    ("to_keep", "days", "told"),
    [(5000, 45, True), (5000, 46, False), (0, 3, False), (5000, -1, False)],
)
def test_a_tier_is_about_to_be_lost_where_something_is_missing_soon(to_keep, days, told):
    by = TODAY + timedelta(days=days)

    found = losses(
        ahead(balance(), zone=ZONE), tier=tier(to_keep=to_keep, keep_by=by), today=TODAY
    )

    assert [each.kind for each in found] == (["tier"] if told else [])


def test_the_more_pressing_loss_comes_first():
    found = losses(
        ahead(balance(expiring=[(local(2026, 12, 20), 200)]), zone=ZONE),
        tier=tier(to_keep=5000, keep_by=date(2026, 12, 5)),
        today=TODAY,
    )

    assert [each.kind for each in found] == ["tier", "points"]
