"""The liability report agrees with the ledger to the point, whatever happened in it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from huitouke.service.core.actor import Actor
from huitouke.service.customers import commands as people
from huitouke.service.customers import queries as customers
from huitouke.service.ledger import commands as ledger
from huitouke.service.ledger import queries as ledger_queries
from huitouke.service.ledger import reporting
from huitouke.service.ledger.contract import Earn, Spend
from huitouke.service.ledger.units import UnitUnknown, unit
from huitouke.service.programme.economics.liability import liability
from huitouke.service.programme.economics.period import PeriodBackwards
from huitouke.service.programme.economics.rollforward import BooksDisagree, roll_forward

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("Asia/Shanghai")
MARCH = datetime(2026, 3, 2, 4, tzinfo=UTC)
LIN, WANG = "13800138000", "13900139000"


def day(number):
    return MARCH + timedelta(days=number)


def credit(shop, phone, points, *, at, contra="issue", kind="earn", expires_at=None):
    ledger.earn(
        Earn(
            account=shop.account(phone),
            key=f"{kind}-{next(shop.numbers)}",
            amount=points,
            effective_at=at,
            actor="system:test",
            reason={"code": "goodwill"},
            kind=kind,
            contra=contra,
            expires_at=expires_at,
        )
    )


def join(shop):
    shop.join(LIN, at=MARCH)
    ledger.open_accounts([customers.find("phone", LIN).id], unit=unit("main.points").unit)


@pytest.fixture
def busy(shop, rules_of):
    """Points earned, used, given back, expired, clawed back with a debt, adjusted, imported."""
    shop.publish(rules_of())
    for phone in (LIN, WANG):
        shop.join(phone, at=MARCH)
    first = shop.buy(LIN, 100_000, at=day(1))
    shop.buy(WANG, 50_000, at=day(2))
    used = shop.use(LIN, 700, at=day(20))
    ledger.restore(
        shop.account(LIN), key="undo", spend_key=used, amount=100, grace_until=None,
        actor="key:till", reason={"code": "undone"}, effective_at=day(21),
    )  # fmt: skip
    shop.refund(first, at=day(25))
    credit(shop, WANG, 40, at=day(30), contra="adjust", kind="adjust")
    credit(shop, WANG, 300, at=day(-200), contra="import", kind="import")
    credit(shop, WANG, 25, at=day(31), expires_at=day(40))
    shop.buy(LIN, 20_000, at=day(60))
    ledger.settle(shop.account(WANG))
    return shop


def test_every_line_of_the_roll_forward_is_what_the_entries_say(busy):
    report = liability("main", at=busy.now())

    roll = report.roll
    assert (roll.opening, roll.issued, roll.imported) == (0, 1_725, 300)
    assert (roll.redeemed, roll.returned, roll.expired) == (-700, 100, -25)
    assert (roll.clawed_back, roll.adjusted) == (-1_000, 40)
    assert roll.closing == 1_725 + 300 - 700 + 100 - 25 - 1_000 + 40
    totals = ledger_queries.totals(unit("main.points").unit)
    assert sum(totals.values()) == roll.closing == report.position.net


def test_what_closes_one_period_opens_the_next(busy):
    middle = busy.now()
    busy.use(WANG, 15, at=middle)
    credit(busy, WANG, 5, at=middle)

    before = liability("main", at=middle)
    after = liability("main", at=busy.now(), since=middle)

    assert before.roll.closing == after.roll.opening
    assert after.roll.redeemed == -15
    assert after.roll.closing == after.roll.opening - 10


def test_cohorts_add_up_to_what_is_open(busy):
    report = liability("main", at=busy.now())

    left = sum(cohort.left for cohort in report.cohorts)
    assert left == report.position.available + report.position.pending
    assert sum(one.points for one in report.expiring) == left
    by_month = {(one.month.month, one.imported): one for one in report.cohorts}
    march = by_month[3, False]
    assert (march.issued, march.redeemed, march.expired) == (1_500, 600, 0)
    assert by_month[8, True].issued == 300


def test_points_that_are_set_aside_stay_in_the_balance(busy):
    before = liability("main", at=busy.now())
    ledger.hold(
        Spend(
            account=busy.account(WANG), key="hold", amount=200, effective_at=day(80),
            actor="key:till", reason={"code": "redeeming"},
        ),
        expires_at=busy.now() + timedelta(hours=1),
    )  # fmt: skip

    after = liability("main", at=busy.now())

    assert after.position.held == 200
    assert after.roll.closing == before.roll.closing
    assert sum(one.left for one in after.cohorts) == after.roll.closing - 200 + (
        after.position.owed
    )


def test_members_who_are_merged_change_no_total(busy):
    before = liability("main", at=busy.now())
    people.merge(
        customers.find("phone", LIN).id,
        into=customers.find("phone", WANG).id,
        at=busy.now(),
        actor=Actor("staff", "li-na"),
    )

    after = liability("main", at=busy.now())

    assert after.roll.merged == 0
    assert after.roll.closing == before.roll.closing
    assert sum(one.left for one in after.cohorts) == (
        after.position.available + after.position.pending
    )


def test_points_past_their_last_day_are_told_before_the_sweep_came(busy, shift_clock):
    credit(busy, WANG, 30, at=busy.now(), expires_at=busy.now() + timedelta(days=1))
    shift_clock(timedelta(days=2))

    report = liability("main", at=busy.now())

    assert report.overdue >= 30


def test_money_is_at_face_value_and_at_cost(busy):
    report = liability("main", at=busy.now(), cost=Fraction(1, 2))

    assert report.money["issued"].face_minor == 1_725
    assert report.money["issued"].cost_minor == 862
    assert report.money["redeemed"].cost_minor == -350


def test_too_few_redemptions_are_told_as_bounds(busy):
    report = liability("main", at=busy.now())

    assert report.breakage.status == "too_few"
    assert report.expected.points is None
    assert report.expected.low == 0
    assert report.expected.high >= report.position.available


def test_sales_are_split_between_goods_and_points(busy):
    report = liability("main", at=busy.now())

    march = next(one for one in report.revenue if one.month.month == 3)
    assert march.points == 500
    assert march.allocation.price_minor == 50_000
    assert march.allocation.goods_minor + march.allocation.points_minor == 50_000
    assert march.release.left_minor + march.release.released_minor == (
        march.allocation.points_minor
    )
    assert not march.estimated


def test_the_report_is_json(busy):
    told = json.loads(json.dumps(liability("main", at=busy.now()).as_json()))

    assert told["roll"]["issued"] == 1_725
    assert told["worth"]["face"] == {"num": 1, "den": 1}


def test_books_that_do_not_agree_are_not_reported():
    with pytest.raises(BooksDisagree):
        roll_forward([reporting.Movement("earn", "issue", 1, 10)], opening=0, closing=11)


def test_a_unit_that_is_not_there_is_refused(busy):
    with pytest.raises(UnitUnknown):
        liability("main", at=busy.now(), unit="stars")


def test_a_period_that_ends_before_it_begins_is_refused(busy):
    with pytest.raises(PeriodBackwards):
        liability("main", at=busy.now(), since=busy.now(), until=day(1))


def test_a_period_that_is_still_going_on_closes_now(busy):
    now = busy.now()

    report = liability("main", at=now, until=now + timedelta(days=900))

    assert report.until == now
    assert max(one.ages for one in report.breakage.cohorts) <= 12


def test_open_points_keep_their_worth_when_the_rules_were_shortened(shop, rules_of):
    shop.publish(rules_of(expiry={"kind": "rolling", "months": 1}))
    join(shop)
    credit(shop, LIN, 1_000, at=day(1), expires_at=shop.now() + timedelta(days=400))

    report = liability("main", at=shop.now())

    (cohort,) = report.cohorts
    assert report.breakage.cohorts[0].life > 12
    assert (cohort.expected.low, cohort.expected.high) == (0, 1_000)
    assert report.expected.high == 1_000


def test_points_past_their_last_day_are_nothing_that_is_still_redeemed(
    shop, rules_of, shift_clock
):
    shop.publish(rules_of())
    join(shop)
    credit(shop, LIN, 1_000, at=day(1), expires_at=shop.now() + timedelta(days=1))
    shift_clock(timedelta(days=2))

    report = liability("main", at=shop.now())

    assert (report.overdue, report.cohorts[0].left) == (1_000, 1_000)
    assert report.expected.high == 0


def test_the_report_says_how_sure_it_means_to_be_and_what_it_knows(busy):
    told = liability("main", at=busy.now()).as_json()

    assert told["breakage"]["level"] == 0.9
    assert told["through"] == busy.now().astimezone(ZONE).date().replace(day=1).isoformat()


def test_stored_value_is_owed_to_the_last_fen_and_has_no_breakage(shop, rules_of):
    stored = {"code": "stored", "name": {"en": "stored value"}, "kind": "stored_value"}
    points = {"code": "points", "name": {"en": "points"}}
    shop.publish(rules_of(units=[points, stored]))
    for number, paid in enumerate((50_000, 20_000)):
        value = {"unit": "stored", "paid_minor": paid, "bonus_minor": 1_000}
        shop.tell("value.topped_up", at=day(40 * number), customer=shop.who(LIN), value=value)

    found = liability("main", at=shop.now(), unit="stored")

    expected = found.expected
    assert (expected.points, expected.low, expected.high) == (72_000, 72_000, 72_000)
    assert expected.money.face_minor == 72_000
    assert (found.breakage.certain, found.breakage.redemption.value) == (True, 1.0)
    assert [each.expected.points for each in found.cohorts] == [51_000, 21_000]
    assert (found.roll.issued, found.roll.closing, found.vintages) == (72_000, 72_000, ())
