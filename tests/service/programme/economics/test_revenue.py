"""The price is split once; a closed period stays as it was; revenue follows the estimate."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from huitouke.service.ledger import commands as ledger
from huitouke.service.ledger.contract import Spend
from huitouke.service.programme.economics import liability as report
from huitouke.service.programme.economics import revenue as pricing
from huitouke.service.programme.economics.breakage import Rate, estimate

pytestmark = pytest.mark.django_db

MARCH = datetime(2026, 3, 2, 4, tzinfo=UTC)
LIN, WANG = "13800138000", "13900139000"
A_MONTH = timedelta(days=32)


def day(number):
    return MARCH + timedelta(days=number)


def told(share):
    """Return an estimator that says so of all points."""

    def say(cohorts, *, life, **given):
        rate = Rate(value=share, low=share, high=share)
        made = estimate(cohorts, life=life, **given)
        each = tuple(replace(one, rate=rate) for one in made.cohorts)
        return replace(made, redemption=rate, prior=rate, cohorts=each)

    return say


@pytest.fixture
def says(monkeypatch):
    """Let the estimate be a given share: as a month is closed, and now."""

    def let(*, closed, now):
        monkeypatch.setattr(pricing, "estimate", told(closed))
        monkeypatch.setattr(report, "estimate", told(now))

    return let


@pytest.fixture
def books(shop, rules_of):
    shop.publish(rules_of())
    for phone in (LIN, WANG):
        shop.join(phone, at=MARCH)
    return shop


def of_march(shop, **period):
    found = report.liability("main", at=shop.now(), **period).revenue
    (march,) = [one for one in found if one.month == date(2026, 3, 1)]
    return march


def test_illustrative_example_52_comes_out_through_the_report(
    shop, rules_of, says, shift_clock
):
    shop.publish(
        rules_of(
            rules=[
                {"id": "spend", "name": {"en": "Points"}, "on": "order.paid",
                 "gives": {"kind": "per_spend", "points": 1, "per_minor": 10}}
            ]
        )
    )  # fmt: skip
    shop.join(LIN, at=MARCH)
    shop.buy(LIN, 100_000, at=day(1))
    shift_clock(A_MONTH)
    shop.use(LIN, 4_500, at=day(20))
    says(closed=0.95, now=0.95)
    first_year = of_march(shop)
    year_end = shop.now()
    shift_clock(A_MONTH)
    shop.use(LIN, 4_000, at=day(40))
    says(closed=0.95, now=0.97)

    second_year = of_march(shop, since=year_end)

    for one in (first_year, second_year):
        assert (one.allocation.goods_minor, one.allocation.points_minor) == (91_324, 8_676)
        assert one.fixed
    assert (first_year.release.revenue_minor, first_year.release.left_minor) == (4_110, 4_566)
    assert second_year.release.revenue_minor == 3_493
    assert second_year.release.released_minor == 7_603
    assert second_year.release.left_minor == 1_073


def test_the_split_follows_the_estimate_only_until_the_month_is_closed(
    books, says, shift_clock
):
    books.buy(LIN, 100_000, at=day(1))
    says(closed=0.5, now=0.9)
    open_month = of_march(books)
    shift_clock(A_MONTH)

    closed = of_march(books)

    assert not open_month.fixed
    assert open_month.allocation.points_alone == 900
    assert closed.fixed
    assert closed.allocation.points_alone == 500


def test_a_period_that_was_closed_stays_as_it_was(books):
    first = books.buy(LIN, 60_000, 40_000, at=day(1))
    second = books.buy(WANG, 100_000, at=day(1))
    third = books.buy(WANG, 20_000, 10_000, at=day(1))
    books.refund(first, 2, at=day(3))
    closing = books.now()
    before = report.liability("main", at=closing, until=closing).revenue
    books.refund(first, 1, at=day(25))
    books.tell("order.cancelled", at=day(26), order={"number": second})
    books.refund(third, 2, at=day(26))
    books.buy(WANG, 70_000, at=day(2))
    books.use(WANG, 100, at=day(27))

    after = report.liability("main", at=books.now(), until=closing).revenue

    assert after == before
    assert (before[0].allocation.price_minor, before[0].orders) == (190_000, 3)
    assert (of_march(books).allocation.price_minor, of_march(books).orders) == (90_000, 2)


def test_points_that_are_set_aside_are_no_revenue_yet(books):
    books.buy(WANG, 100_000, at=day(1))
    ledger.hold(
        Spend(
            account=books.account(WANG), key="hold", amount=400, effective_at=day(20),
            actor="key:till", reason={"code": "redeeming"},
        ),
        expires_at=books.now() + timedelta(hours=1),
    )  # fmt: skip

    set_aside = of_march(books)
    ledger.capture(
        books.account(WANG), key="capture", hold_key="hold", amount=400, actor="key:till",
        reason={"code": "redeemed"}, effective_at=day(21),
    )  # fmt: skip

    assert set_aside.release.released_minor == 0
    assert of_march(books).release.redeemed == 400


def test_orders_that_gave_no_points_are_no_part_of_it(books):
    books.buy(WANG, 100_000, at=day(1))
    before = of_march(books)
    for _ in range(3):
        books.buy(LIN, 99, at=day(2))

    assert of_march(books) == before


def test_a_redemption_that_was_undone_takes_revenue_of_the_period_back(books):
    books.buy(WANG, 100_000, at=day(1))
    key = books.use(WANG, 500, at=day(20))
    middle = books.now()
    ledger.restore(
        books.account(WANG), key="undo", spend_key=key, amount=None, grace_until=None,
        actor="key:till", reason={"code": "undone"}, effective_at=day(21),
    )  # fmt: skip

    after = of_march(books, since=middle)

    assert after.release.released_minor == 0
    assert after.release.revenue_minor == -of_march(books, until=middle).release.released_minor
    assert after.release.revenue_minor < 0
