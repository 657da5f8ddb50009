"""Points stay with the month and kind of their earning, and each redemption counts once."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from huitouke.service.core.actor import Actor
from huitouke.service.customers import commands as people
from huitouke.service.customers import queries as customers
from huitouke.service.ledger import commands as ledger
from huitouke.service.ledger.contract import Earn, Spend
from huitouke.service.ledger.units import unit
from huitouke.service.programme.economics.liability import liability

pytestmark = pytest.mark.django_db

MARCH = datetime(2026, 3, 2, 4, tzinfo=UTC)
LIN, WANG = "13800138000", "13900139000"
LI_NA = Actor("staff", "li-na")


def day(number):
    return MARCH + timedelta(days=number)


class Book:
    """A shop whose ledger is written directly."""

    def __init__(self, shop):
        self.shop = shop
        self.keys = itertools.count(1)

    def credit(self, points, *, at, phone=LIN, contra="issue", kind="earn", **dates):
        key = f"credit-{next(self.keys)}"
        given = Earn(
            account=self.shop.account(phone), key=key, amount=points, effective_at=at,
            actor="system:test", reason={"code": "goodwill"}, kind=kind, contra=contra, **dates,
        )  # fmt: skip
        assert ledger.earn(given).outcome == "done"
        return key

    def take(self, points, *, at, kind="adjust", contra="adjust", phone=LIN):
        key = f"take-{next(self.keys)}"
        given = Spend(
            account=self.shop.account(phone), key=key, amount=points, effective_at=at,
            actor="system:test", reason={"code": "goodwill"}, kind=kind, contra=contra,
        )  # fmt: skip
        assert ledger.spend(given).outcome == "done"
        return key

    def hold(self, points, *, at, phone=LIN):
        key = f"hold-{next(self.keys)}"
        given = Spend(
            account=self.shop.account(phone), key=key, amount=points, effective_at=at,
            actor="key:till", reason={"code": "redeeming"},
        )  # fmt: skip
        ledger.hold(given, expires_at=self.shop.now() + timedelta(hours=1))
        return key

    def release(self, key, *, at):
        ledger.release(
            self.shop.account(LIN), key=f"release-{key}", hold_key=key, actor="key:till",
            reason={"code": "undone"}, effective_at=at,
        )  # fmt: skip

    def restore(self, key, *, at, amount=None, phone=LIN):
        ledger.restore(
            self.shop.account(phone), key=f"restore-{next(self.keys)}", spend_key=key,
            amount=amount, grace_until=None, actor="key:till", reason={"code": "undone"},
            effective_at=at,
        )  # fmt: skip

    def merge(self):
        people.merge(
            customers.find("phone", LIN).id,
            into=customers.find("phone", WANG).id,
            at=self.shop.now(),
            actor=LI_NA,
        )

    def report(self):
        return liability("main", at=self.shop.now())

    def months(self):
        return {
            (one.month.month, one.imported): (
                one.issued,
                one.redeemed,
                one.taken_back,
                one.left,
            )
            for one in self.report().cohorts
        }

    def redemptions(self):
        return self.report().breakage.redemptions


@pytest.fixture
def book(shop, rules_of):
    shop.publish(rules_of())
    for phone in (LIN, WANG):
        shop.join(phone, at=MARCH)
    ledger.open_accounts(
        [customers.find("phone", phone).id for phone in (LIN, WANG)],
        unit=unit("main.points").unit,
    )
    return Book(shop)


def test_balances_brought_in_stay_so_through_a_merge(book):
    book.credit(1_000, at=day(1), phone=WANG)
    book.credit(5_000, at=day(-200), contra="import", kind="import")
    before = book.months()

    book.merge()

    assert book.months()[8, True][3] == before[8, True][3] == 5_000
    assert book.months()[3, False][3] == before[3, False][3] == 1_000


def test_points_stay_with_the_month_of_their_earning_through_a_merge(book):
    book.credit(1_000, at=day(27), available_at=day(35))

    book.merge()

    assert [(key, left) for key, (*_, left) in book.months().items() if left] == [
        ((3, False), 1_000)
    ]


def test_points_that_live_longer_stay_with_their_month_after_a_merge(book):
    now = book.shop.now()
    key = book.credit(
        1_000, at=day(1), available_at=day(40), expires_at=now + timedelta(days=100)
    )
    book.merge()

    ledger.extend(
        book.shop.account(WANG), key="longer", earn_key=key, actor="staff:li-na",
        expires_at=now + timedelta(days=300), reason={"code": "goodwill"}, effective_at=now,
    )  # fmt: skip

    assert {key for key, (*_, left) in book.months().items() if left} == {(3, False)}


def test_a_redemption_undone_after_a_merge_goes_back_to_its_month(book):
    book.credit(1_000, at=day(1))
    key = book.take(600, at=day(40), kind="burn", contra="redeem")
    book.merge()

    book.restore(key, at=day(50), phone=WANG)

    assert book.months()[3, False][1] == 0
    assert {key for key, (*_, left) in book.months().items() if left} == {(3, False)}
    assert book.redemptions() == 0


def test_one_redemption_from_many_lots_counts_once(book):
    for number in range(5):
        book.credit(100, at=day(40 * number), expires_at=day(900 + number))

    book.take(450, at=day(200), kind="burn", contra="redeem")

    assert book.redemptions() == 1


def test_a_redemption_undone_in_part_still_counts_and_one_undone_in_full_does_not(book):
    book.credit(1_000, at=day(1))
    key = book.take(400, at=day(20), kind="burn", contra="redeem")

    book.restore(key, amount=100, at=day(21))
    assert book.redemptions() == 1

    book.restore(key, at=day(22))
    assert book.redemptions() == 0


def test_points_set_aside_count_as_a_redemption_only_once_they_are_captured(book):
    book.credit(1_000, at=day(1))
    for number in range(3):
        book.release(book.hold(400, at=day(20 + number)), at=day(20 + number))
    assert book.redemptions() == 0

    key = book.hold(400, at=day(30))
    assert book.redemptions() == 0

    ledger.capture(
        book.shop.account(LIN), key="capture", hold_key=key, amount=300, actor="key:till",
        reason={"code": "redeemed"}, effective_at=day(31),
    )  # fmt: skip
    assert book.redemptions() == 1


def test_points_given_up_at_an_erasure_are_no_redemption(book):
    book.credit(1_000, at=day(1))
    book.take(500, at=day(20), kind="burn", contra="redeem")

    ledger.close_account(
        book.shop.account(LIN), key="close", forfeit=True, actor="staff:li-na",
        reason={"code": "erased"}, effective_at=day(30),
    )  # fmt: skip

    report = book.report()
    (cohort,) = report.cohorts
    assert (cohort.issued, cohort.redeemed, cohort.forfeited) == (1_000, 500, 500)
    assert (cohort.taken_back, cohort.left) == (0, 0)
    assert (cohort.rate.low, cohort.rate.high) == (0.5, 0.5)


def test_what_pays_a_debt_after_a_redemption_was_undone_is_not_redeemed(book):
    first = book.shop.buy(LIN, 100_000, at=day(1))
    key = book.take(700, at=day(20), kind="burn", contra="redeem")
    book.shop.refund(first, at=day(25))

    book.restore(key, at=day(26))

    assert book.months() == {(3, False): (1_000, 0, 1_000, 0)}


def test_what_pays_a_debt_after_a_hold_ended_is_not_redeemed(book):
    first = book.shop.buy(LIN, 100_000, at=day(1))
    book.take(400, at=day(19), kind="burn", contra="redeem")
    key = book.hold(600, at=day(20))
    book.shop.refund(first, at=day(25))

    book.release(key, at=day(26))

    report = book.report()
    redeemed = sum(one.redeemed for one in report.cohorts)
    assert redeemed == -report.roll.redeemed - report.roll.returned
    assert sum(one.left for one in report.cohorts) == report.position.available


def test_what_was_taken_by_hand_is_taken_back_not_less_issued(book):
    book.credit(1_000, at=day(1))

    book.take(300, at=day(5))

    assert book.months() == {(3, False): (1_000, 0, 300, 700)}
