"""Refunded orders and cancelled redemptions: 5.4 and 5.6 of the rules."""

from __future__ import annotations

import pytest

from huitouke.service.ledger import calling, queries

pytestmark = pytest.mark.django_db


def said(receipt) -> dict[str, int]:
    return {
        name: value
        for name, value in receipt.detail.items()
        if isinstance(value, int) and value
    }


def test_half_a_refund_after_spending_takes_the_rest_and_leaves_a_debt(book):
    book.earn(100, key="order-1")
    book.spend(60)

    receipt = book.claw_back(50, of=["order-1"])

    assert said(receipt) == {"taken": 40, "owed": 10}
    assert book.four == (0, 0, 0, 10)


def test_points_that_expired_count_as_taken(book, after, wait):
    book.earn(100, key="order-1", expires_at=after(days=1))
    book.spend(60)
    wait(days=2)

    receipt = book.claw_back(50, of=["order-1"])

    assert said(receipt) == {"expired": 40, "owed": 10}
    assert book.four == (0, 0, 0, 10)


def test_expired_points_count_as_taken_only_once(book, after, wait):
    book.earn(100, key="order-1", expires_at=after(days=1))
    book.spend(60)
    wait(days=2)
    book.claw_back(50, of=["order-1"])

    receipt = book.claw_back(50, of=["order-1"], key="the rest")

    assert said(receipt) == {"owed": 50}
    assert book.four == (0, 0, 0, 60)


def test_cancelling_while_pending_leaves_no_debt(book, after):
    book.earn(100, key="order-1", available_at=after(days=7))

    receipt = book.claw_back(100, of=["order-1"])

    assert said(receipt) == {"taken": 100}
    assert book.four == (0, 0, 0, 0)


def test_an_orders_own_lot_pays_before_the_oldest(book, after):
    book.earn(10, key="older", expires_at=after(days=5))
    book.earn(10, key="order-1", expires_at=after(days=9))

    book.claw_back(10, of=["order-1"])

    assert [lot.source_key for lot in queries.lots(book.account)] == ["older"]


def test_pending_lots_of_the_order_pay_before_active_ones(book, after):
    book.earn(10, key="base")
    book.earn(10, key="bonus", available_at=after(days=7))

    book.claw_back(12, of=["base", "bonus"])

    assert book.four == (8, 0, 0, 0)


@pytest.mark.parametrize(
    ("policy", "detail", "left"),
    [
        ("debt", {"taken": 70, "owed": 30}, (0, 0, 0, 30)),
        ("within_balance", {"taken": 70, "forgiven": 30}, (0, 0, 0, 0)),
        ("pending_only", {"forgiven": 100}, (70, 0, 0, 0)),
        ("absorb", {"taken": 40, "forgiven": 60}, (30, 0, 0, 0)),
    ],
)
def test_what_was_spent_goes_by_the_policy(book, after, policy, detail, left):
    book.earn(100, key="order-1", expires_at=after(days=9))
    book.spend(60)
    book.earn(30)

    receipt = book.claw_back(100, of=["order-1"], policy=policy)

    assert said(receipt) == detail
    assert book.four == left


def test_who_has_used_nothing_owes_nothing(book, friend):
    book.earn(100, key="order-1")
    book.spend(100, contra="adjust", kind="adjust")

    receipt = book.claw_back(100, of=["order-1"])

    assert said(receipt) == {"owed": 100, "written_off": 100}
    assert receipt.seq is None
    assert book.four == (0, 0, 0, 0)


def test_points_set_aside_count_as_used(book, after):
    book.earn(100, key="order-1")
    book.hold(100, key="hold", expires_at=after(minutes=30))

    receipt = book.claw_back(100, of=["order-1"])
    book.release("hold")

    assert said(receipt) == {"owed": 100}
    assert book.four == (0, 0, 0, 0)


def test_no_more_is_taken_back_than_was_earned(book):
    book.earn(100, key="order-1")
    book.earn(100)
    book.claw_back(60, of=["order-1"])

    refused = book.claw_back(50, of=["order-1"], key="too much")

    assert (refused.outcome, refused.detail["left"]) == ("reversed_already", 40)
    assert book.claw_back(60, of=["order-1"]).replayed
    assert book.four == (140, 0, 0, 0)


def test_another_refund_under_the_key_is_refused(book):
    book.earn(100, key="order-1")
    book.claw_back(60, of=["order-1"])

    with pytest.raises(calling.KeyTaken):
        book.claw_back(60, of=["order-1"], policy="absorb")


def test_a_refund_before_its_order_may_be_sent_again(book):
    with pytest.raises(calling.PostingUnknown):
        book.claw_back(60, of=["order-1"])
    book.earn(100, key="order-1")

    assert book.claw_back(60, of=["order-1"]).outcome == "done"


def test_a_redemption_comes_back_to_its_lots_with_their_expiry(book, after):
    book.earn(10, key="soon", expires_at=after(days=1))
    book.earn(10, key="late", expires_at=after(days=2))
    book.spend(15, key="gift")

    receipt = book.restore("gift", amount=7)

    assert said(receipt) == {"restored": 7}
    assert [(lot.source_key, lot.remaining) for lot in queries.lots(book.account)] == [
        ("soon", 2),
        ("late", 10),
    ]


def test_a_redemption_comes_back_once_in_all(book):
    book.earn(100)
    book.spend(60, key="gift")
    book.restore("gift", amount=25)

    rest = book.restore("gift", key="the rest")
    refused = book.restore("gift", key="again")

    assert said(rest) == {"restored": 35}
    assert (refused.outcome, refused.detail["left"]) == ("reversed_already", 0)
    assert book.restore("gift", amount=25).replayed
    assert book.four == (100, 0, 0, 0)


def test_more_than_is_left_is_not_given_back(book):
    book.earn(100)
    book.spend(60, key="gift")
    book.restore("gift", amount=25)

    assert book.restore("gift", amount=36, key="over").outcome == "reversed_already"


def test_a_reversal_cannot_be_reversed(book):
    book.earn(100)
    book.spend(60, key="gift")
    book.restore("gift")

    with pytest.raises(calling.PostingUnknown):
        book.restore("undo", key="undo the undo")


@pytest.mark.parametrize(
    ("grace", "detail", "left"),
    [(14, {"restored": 5, "regranted": 20}, 25), (None, {"restored": 5, "expired": 20}, 5)],
)
def test_points_of_lots_that_expired_live_on_for_the_grace_or_go(
    book, after, wait, grace, detail, left
):
    book.earn(10, key="a", expires_at=after(days=1))
    book.earn(10, key="b", expires_at=after(days=2))
    book.earn(10, key="c")
    book.spend(25, key="gift")
    book.spend(5)
    wait(days=3)

    receipt = book.restore("gift", grace_until=grace and after(days=3 + grace))

    assert said(receipt) == detail
    assert receipt.available == left
    assert book.four == (left, 0, 0, 0)
    wait(days=18)
    assert book.four == (5, 0, 0, 0)


def test_a_lot_of_grace_still_belongs_to_its_order(book, after, wait):
    book.earn(10, key="order-1", expires_at=after(days=1))
    book.spend(10, key="gift")
    wait(days=3)
    book.restore("gift", grace_until=after(days=17))

    receipt = book.claw_back(10, of=["order-1"])

    assert said(receipt) == {"taken": 10}
    assert book.four == (0, 0, 0, 0)


def test_restored_points_settle_what_is_owed_first(book):
    book.earn(100, key="order-1")
    book.spend(100, key="gift")
    book.claw_back(30, of=["order-1"])

    receipt = book.restore("gift")

    assert said(receipt) == {"restored": 100, "settled": 30}
    assert book.four == (70, 0, 0, 0)


def test_a_restore_may_go_to_what_is_owed_altogether(book):
    book.earn(100, key="order-1")
    book.spend(100, key="gift")
    book.restore("gift", amount=40)
    book.claw_back(100, of=["order-1"])

    receipt = book.restore("gift", key="the rest")

    assert said(receipt) == {"restored": 60, "settled": 60}
    assert book.four == (0, 0, 0, 0)


def test_points_that_would_expire_pay_what_is_owed_before_longer_lived_ones(book, after, wait):
    book.earn(10, expires_at=after(days=1))
    book.earn(100, key="order-1")
    book.spend(110, key="gift")
    book.claw_back(10, of=["order-1"])
    wait(days=2)

    receipt = book.restore("gift")

    assert receipt.detail["settled"] == 10
    assert book.four == (100, 0, 0, 0)


def test_redeemed_and_refunded_in_any_order_returns_to_nothing(book):
    book.earn(100, key="order-1")
    book.spend(80, key="gift")
    book.claw_back(100, of=["order-1"])

    book.restore("gift")

    assert book.four == (0, 0, 0, 0)


def test_a_captured_hold_comes_back_by_either_key_but_once(book, after):
    book.earn(10, key="soon", expires_at=after(days=1))
    book.earn(10, key="late", expires_at=after(days=2))
    book.hold(20, key="hold", expires_at=after(minutes=30))
    book.capture("hold", amount=15)

    half = book.restore("hold", amount=6)
    refused = book.restore("capture", amount=10, key="too much")
    rest = book.restore("capture", key="the rest")

    assert (half.detail["restored"], refused.detail["left"]) == (6, 9)
    assert rest.detail["restored"] == 9
    assert book.four == (20, 0, 0, 0)


def test_a_captured_hold_whose_rest_paid_a_debt_comes_back_without_that_rest(book, after):
    book.earn(1_000, key="order-1")
    book.spend(400, key="gift")
    book.hold(600, key="hold", expires_at=after(minutes=30))
    book.claw_back(1_000, of=["order-1"])
    book.capture("hold", amount=100)
    assert book.four == (0, 0, 0, 500)

    receipt = book.restore("capture")
    refused = book.restore("capture", key="once more")

    assert said(receipt) == {"restored": 100, "settled": 100}
    assert (refused.outcome, refused.detail["left"]) == ("reversed_already", 0)
    assert book.four == (0, 0, 0, 400)


def test_what_a_capture_used_goes_back_to_its_own_lot_and_not_to_those_that_paid(book, after):
    soon, late = after(days=1), after(days=2)
    book.earn(10, key="soon", expires_at=soon)
    book.earn(20, key="late", expires_at=late)
    book.earn(5, key="order-1")
    book.spend(5, key="gift")
    book.hold(30, key="hold", expires_at=after(minutes=30))
    book.claw_back(5, of=["order-1"])
    book.capture("hold", amount=10)
    assert book.four == (15, 0, 0, 0)  # Five of the late ones paid.

    book.restore("capture")

    left = {each.expires_at: each.remaining for each in queries.lots(book.account)}
    assert left == {soon: 5, late: 15, None: 5}


def test_a_hold_that_was_released_is_nothing_to_give_back(book, after):
    book.earn(10)
    book.hold(10, key="hold", expires_at=after(minutes=30))
    book.release("hold")

    with pytest.raises(calling.PostingUnknown):
        book.restore("hold")


def test_a_negative_adjustment_can_be_undone(book):
    book.earn(10)
    book.spend(4, key="mistake", kind="adjust", contra="adjust")

    receipt = book.restore("mistake")

    assert said(receipt) == {"restored": 4}
    assert queries.totals(1) == {"adjust": 0, "issue": 10}


def test_old_debts_are_written_off_where_everyone_sees_it(book, after, unit):
    from huitouke.service.ledger import commands

    book.earn(10, key="order-1")
    book.spend(10)
    book.claw_back(10, of=["order-1"])

    young = commands.write_off(unit, before=after(days=-365))
    old = commands.write_off(unit, before=after(days=1))

    assert (young, old) == (0, 1)
    assert book.four == (0, 0, 0, 0)
    assert queries.totals(unit)["write_off"] == 10
