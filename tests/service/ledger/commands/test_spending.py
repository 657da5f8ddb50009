"""Points go out, the ones that expire soonest first."""

from __future__ import annotations

import pytest

from huitouke.service.ledger import calling, commands, queries

pytestmark = pytest.mark.django_db


def remaining(book) -> dict[str, int]:
    return {
        lot.source_key: lot.remaining for lot in queries.lots(book.account, open_only=False)
    }


def test_points_lapse_soonest_first_and_the_older_of_two_alike(book, after):
    book.earn(10, key="never")
    book.earn(10, key="late", expires_at=after(days=90))
    book.earn(10, key="soon", expires_at=after(days=30))
    book.earn(10, key="soon too", expires_at=after(days=30))

    receipt = book.spend(25)

    assert receipt.available == 15
    assert remaining(book) == {"soon": 0, "soon too": 0, "late": 5, "never": 10}


def test_too_few_points_are_a_refusal_that_stays(book):
    book.earn(10)

    refused = book.spend(11, key="gift")
    book.earn(90)
    again = book.spend(11, key="gift")

    assert (refused.outcome, refused.available) == ("insufficient_points", 10)
    assert (again.outcome, again.available, again.replayed) == ("insufficient_points", 10, True)
    assert book.four == (100, 0, 0, 0)


def test_a_repeat_spends_once(book):
    book.earn(10)

    book.spend(6, key="gift")

    assert book.spend(6, key="gift").replayed
    assert book.four == (4, 0, 0, 0)


def test_another_amount_under_the_key_is_refused(book):
    book.earn(10)
    book.spend(6, key="gift")

    with pytest.raises(calling.KeyTaken):
        book.spend(4, key="gift")


def test_an_earn_and_a_spend_never_share_a_key(book):
    book.earn(10, key="order-1", kind="burn", contra="redeem")

    with pytest.raises(calling.KeyTaken):
        book.spend(10, key="order-1")


def test_points_past_their_date_cannot_be_spent_swept_or_not(book, after, wait):
    book.earn(10, expires_at=after(days=1))
    book.earn(5)
    wait(days=1)

    refused = book.spend(6)

    assert (refused.outcome, refused.available) == ("insufficient_points", 5)
    assert book.kinds == ["earn", "earn", "expire"]


def test_points_that_became_available_can_be_spent_swept_or_not(book, after, wait):
    book.earn(10, available_at=after(days=7))
    wait(days=7)

    assert book.spend(10).outcome == "done"
    assert book.kinds == ["earn", "activate", "burn"]


def test_a_spend_over_very_many_lots_takes_each_once(book):
    for _ in range(100):
        book.earn(1)

    book.spend(99)

    assert sum(remaining(book).values()) == 1


def test_a_negative_adjustment_is_no_redemption(book):
    book.earn(100, key="order-1")
    book.spend(100, kind="adjust", contra="adjust")

    receipt = book.claw_back(100, of=["order-1"])

    assert (receipt.debt, receipt.detail["written_off"]) == (0, 100)


def test_held_points_are_not_spendable(book, after):
    book.earn(10)
    book.hold(8, key="hold", expires_at=after(minutes=30))

    assert book.spend(3).outcome == "insufficient_points"
    assert book.four == (2, 0, 8, 0)


def test_a_capture_spends_what_was_held_once(book, after):
    book.earn(10)
    book.hold(8, key="hold", expires_at=after(minutes=30))

    receipt = book.capture("hold")

    assert (receipt.available, receipt.held) == (2, 0)
    assert book.capture("hold").replayed
    assert book.capture("hold", key="twice").outcome == "hold_ended"
    assert book.release("hold").outcome == "hold_ended"


def test_a_part_is_captured_and_the_rest_returns_to_the_longest_lived_lot(book, after):
    book.earn(10, key="soon", expires_at=after(days=1))
    book.earn(10, key="late", expires_at=after(days=2))
    book.hold(20, key="hold", expires_at=after(minutes=30))

    receipt = book.capture("hold", amount=12)

    assert (receipt.available, receipt.held) == (8, 0)
    assert remaining(book) == {"soon": 0, "late": 8}


def test_no_more_is_captured_than_was_held(book, after):
    book.earn(10)
    book.hold(8, key="hold", expires_at=after(minutes=30))

    assert book.capture("hold", amount=9).outcome == "exceeds_hold"
    assert book.capture("hold", amount=8, key="right").outcome == "done"


def test_a_hold_that_ran_out_gives_its_points_back_on_the_next_touch(book, after, wait):
    book.earn(10)
    book.hold(8, key="hold", expires_at=after(minutes=30))
    wait(minutes=31)

    before = book.four
    refused = book.capture("hold")

    assert before == (10, 0, 0, 0)
    assert (refused.outcome, refused.available) == ("hold_expired", 10)
    assert book.kinds == ["earn", "hold", "release"]


def test_a_lot_that_expires_while_held_is_honoured_at_capture(book, after, wait):
    book.earn(10, expires_at=after(days=1))
    book.hold(10, key="hold", expires_at=after(days=3))
    wait(days=2)

    assert book.capture("hold").outcome == "done"
    assert book.four == (0, 0, 0, 0)


def test_a_lot_that_expired_while_held_expires_at_release(book, after, wait):
    book.earn(10, expires_at=after(days=1))
    book.hold(10, key="hold", expires_at=after(days=3))
    wait(days=2)

    receipt = book.release("hold")

    assert (receipt.outcome, receipt.available, receipt.held) == ("done", 0, 0)
    assert book.kinds == ["earn", "hold", "release", "expire"]


def test_released_points_settle_what_is_owed_first(book, after):
    book.earn(100, key="order-1")
    book.hold(100, key="hold", expires_at=after(minutes=30))
    book.claw_back(30, of=["order-1"])

    receipt = book.release("hold")

    assert (receipt.available, receipt.debt) == (70, 0)


def test_a_hold_may_be_prolonged_and_keeps_what_expires_meanwhile(book, after, wait):
    book.earn(10, expires_at=after(minutes=10))
    book.hold(10, key="hold", expires_at=after(minutes=30))
    wait(minutes=20)

    assert book.prolong("hold", expires_at=after(minutes=60)).outcome == "done"
    assert book.prolong("hold", expires_at=after(minutes=60)).replayed
    assert book.prolong("hold", expires_at=after(minutes=40), key="less").outcome == "done"
    wait(minutes=50)

    assert book.capture("hold").outcome == "done"
    assert book.kinds == ["earn", "hold", "capture"]
    late = book.prolong("hold", expires_at=after(minutes=90), key="late")
    assert late.outcome == "hold_ended"


def test_a_hold_that_ran_out_is_not_prolonged(book, after, wait):
    book.earn(10)
    book.hold(8, key="hold", expires_at=after(minutes=30))
    wait(minutes=31)

    assert book.prolong("hold", expires_at=after(minutes=60)).outcome == "hold_expired"
    assert book.four == (10, 0, 0, 0)
    with pytest.raises(calling.PostingUnknown):
        book.prolong("no hold", expires_at=after(minutes=60), key="another")


def test_a_capture_before_its_hold_may_be_sent_again(book, after):
    book.earn(10)

    with pytest.raises(calling.PostingUnknown):
        book.capture("hold")
    book.hold(8, key="hold", expires_at=after(minutes=30))

    assert book.capture("hold").outcome == "done"


def test_a_hold_in_the_past_is_refused(book, after):
    book.earn(10)

    assert book.hold(1, expires_at=after(seconds=-1)).outcome == "hold_expired"


def test_a_hold_needs_the_points(book, after):
    book.earn(10)

    refused = book.hold(11, key="hold", expires_at=after(minutes=1))

    assert refused.outcome == "insufficient_points"
    assert book.hold(11, key="hold", expires_at=after(minutes=1)).replayed
    with pytest.raises(calling.KeyTaken):
        book.hold(11, key="hold", expires_at=after(minutes=2))


def test_a_closed_account_gives_and_takes_nothing(book, friend, after):
    book.earn(10)
    commands.merge_accounts(
        book.account, into=friend.account, key="merge", actor="staff:ann",
        effective_at=after(),
    )  # fmt: skip

    assert book.spend(1).outcome == "account_closed"
    assert book.earn(1).outcome == "account_closed"
    assert book.hold(1, expires_at=after(minutes=1)).outcome == "account_closed"
