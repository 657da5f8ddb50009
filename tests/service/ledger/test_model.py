"""The reference model keeps the rules' examples, and returns to nothing."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huitouke.service.ledger.model import Model

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def test_half_a_return_of_spent_points_takes_the_rest_and_leaves_a_debt():
    model = Model()
    model.earn(1, key="order", amount=100, at=NOON)
    model.spend(1, key="gift", amount=60, at=NOON)

    said = model.claw_back(1, key="refund", amount=50, earn_keys=["order"], at=NOON)

    assert (said.detail["taken"], said.detail["owed"]) == (40, 10)
    assert model.state(1, at=NOON).debt == 10


def test_expired_points_of_the_order_count_as_taken():
    model = Model()
    model.earn(1, key="order", amount=100, at=NOON, expires_at=NOON + DAY)
    model.spend(1, key="gift", amount=60, at=NOON)

    said = model.claw_back(1, key="refund", amount=50, earn_keys=["order"], at=NOON + 2 * DAY)

    assert (said.detail["expired"], said.detail["owed"]) == (40, 10)


def test_cancelling_while_pending_leaves_no_debt():
    model = Model()
    model.earn(1, key="order", amount=100, at=NOON, available_at=NOON + 7 * DAY)

    model.claw_back(1, key="refund", amount=100, earn_keys=["order"], at=NOON + DAY)

    state = model.state(1, at=NOON + 30 * DAY)
    assert (state.available, state.pending, state.debt, state.lots) == (0, 0, 0, ())


def test_credits_settle_a_debt_when_they_become_available_not_before():
    model = Model()
    model.earn(1, key="first", amount=100, at=NOON)
    model.spend(1, key="gift", amount=100, at=NOON)
    model.claw_back(1, key="refund", amount=100, earn_keys=["first"], at=NOON)
    model.earn(1, key="second", amount=150, at=NOON, available_at=NOON + DAY)

    before, after = (model.state(1, at=NOON + part * DAY) for part in (0.5, 1))

    assert (before.available, before.pending, before.debt) == (0, 150, 100)
    assert (after.available, after.pending, after.debt) == (50, 0, 0)


def test_points_are_spent_soonest_to_expire_first():
    model = Model()
    model.earn(1, key="never", amount=10, at=NOON)
    model.earn(1, key="late", amount=10, at=NOON, expires_at=NOON + 9 * DAY)
    model.earn(1, key="soon", amount=10, at=NOON, expires_at=NOON + 2 * DAY)

    model.spend(1, key="gift", amount=15, at=NOON)

    left = [(source, rest) for _, source, _, rest in model.state(1, at=NOON).lots]
    assert sorted(left) == [("late", 5), ("never", 10)]


def test_a_lot_that_expires_while_held_is_still_honoured():
    model = Model()
    model.earn(1, key="order", amount=10, at=NOON, expires_at=NOON + DAY)
    model.hold(1, key="hold", amount=10, expires_at=NOON + 3 * DAY, at=NOON)

    said = model.capture(1, key="take", hold_key="hold", amount=None, at=NOON + 2 * DAY)

    assert said.outcome == "done"


@pytest.mark.parametrize(("grace", "left"), [(None, 0), (NOON + 20 * DAY, 10)])
def test_a_redemption_of_a_lot_that_expired_comes_back_only_with_grace(grace, left):
    model = Model()
    model.earn(1, key="order", amount=10, at=NOON, expires_at=NOON + DAY)
    model.spend(1, key="gift", amount=10, at=NOON)

    model.restore(
        1, key="undo", spend_key="gift", amount=None, at=NOON + 5 * DAY, grace_until=grace
    )

    assert model.state(1, at=NOON + 5 * DAY).available == left


def test_who_has_used_nothing_owes_nothing():
    model = Model()
    model.earn(1, key="order", amount=10, at=NOON, expires_at=NOON + DAY)
    model.spend(1, key="gift", amount=10, at=NOON)
    model.claw_back(1, key="refund", amount=10, earn_keys=["order"], at=NOON + 2 * DAY)

    model.restore(1, key="undo", spend_key="gift", amount=None, at=NOON + 2 * DAY)

    assert model.state(1, at=NOON + 2 * DAY).debt == 0


def test_a_merge_moves_lots_as_they_are_and_settles_what_is_owed():
    model = Model()
    model.earn(1, key="order", amount=30, at=NOON, expires_at=NOON + DAY)
    model.earn(2, key="other", amount=20, at=NOON)
    model.spend(2, key="gift", amount=20, at=NOON)
    model.claw_back(2, key="refund", amount=20, earn_keys=["other"], at=NOON)

    model.merge(1, into=2, key="merge", at=NOON)

    state = model.state(2, at=NOON)
    assert (state.available, state.debt) == (10, 0)
    assert model.state(2, at=NOON + DAY).available == 0


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["earn", "earn", "spend", "spend", "refund", "reverse", "wait"]),
        st.integers(1, 100),
        st.integers(0, 50),
    ),
    min_size=1,
    max_size=60,
)


class Life:
    """One member who buys, redeems and sends things back."""

    def __init__(self, *, expiring: bool, graceful: bool):
        self.expiring, self.graceful = expiring, graceful
        self.model, self.at = Model(), NOON
        self.keys = (f"k{number}" for number in itertools.count())
        self.orders: dict[str, int] = {}
        self.spends: dict[str, int] = {}

    def earn(self, amount, pick):
        key = next(self.keys)
        self.model.earn(
            1,
            key=key,
            amount=amount,
            at=self.at,
            available_at=self.at + DAY * (pick % 3),
            expires_at=self.at + DAY * (4 + pick % 5) if self.expiring else None,
        )
        self.orders[key] = amount

    def spend(self, amount, pick):
        key = next(self.keys)
        if self.model.spend(1, key=key, amount=amount, at=self.at).outcome == "done":
            self.spends[key] = amount

    def refund(self, amount, pick):
        if open_orders := [each for each, rest in self.orders.items() if rest]:
            self.undo(open_orders[pick % len(open_orders)], amount)

    def reverse(self, amount, pick):
        if open_spends := [each for each, rest in self.spends.items() if rest]:
            self.undo(open_spends[pick % len(open_spends)], amount)

    def wait(self, amount, pick):
        self.at += DAY * (pick % 4)

    def undo(self, of, amount):
        common = {"key": next(self.keys), "at": self.at}
        if of in self.orders:
            amount = min(amount, self.orders[of])
            self.orders[of] -= amount
            self.model.claw_back(1, amount=amount, earn_keys=[of], **common)
            return
        amount = min(amount, self.spends[of])
        self.spends[of] -= amount
        grace = self.at + 3 * DAY if self.graceful else None
        self.model.restore(1, spend_key=of, amount=amount, grace_until=grace, **common)

    def left(self):
        both = {**self.orders, **self.spends}
        return [key for key, rest in both.items() if rest]


@given(STEPS, st.randoms(use_true_random=False), st.booleans(), st.booleans())
@settings(max_examples=200)
def test_undoing_everything_in_any_order_leaves_nothing(steps, chance, expiring, graceful):
    life = Life(expiring=expiring, graceful=graceful)
    for kind, amount, pick in steps:
        getattr(life, kind)(amount, pick)
        state = life.model.state(1, at=life.at)
        assert not (state.debt and state.available)
        assert state.debt <= life.model.account(1).used + state.held

    rest = life.left()
    chance.shuffle(rest)
    for each in rest:
        life.undo(each, 100)

    state = life.model.state(1, at=life.at)
    assert (state.available, state.pending, state.held, state.debt) == (0, 0, 0, 0)
