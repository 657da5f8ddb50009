"""The reference model keeps the rules' examples, and returns to nothing."""

from __future__ import annotations

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


@given(STEPS, st.randoms(use_true_random=False), st.booleans(), st.booleans())
@settings(max_examples=200)
def test_undoing_everything_in_any_order_leaves_nothing(steps, chance, expiring, graceful):
    model, at = Model(), NOON
    orders: dict[str, int] = {}
    spends: dict[str, int] = {}
    keys = iter(range(10_000))

    def refund(order: str, amount: int) -> None:
        model.claw_back(1, key=f"r{next(keys)}", amount=amount, earn_keys=[order], at=at)
        orders[order] -= amount

    def reverse(spend: str, amount: int) -> None:
        model.restore(
            1,
            key=f"u{next(keys)}",
            spend_key=spend,
            amount=amount,
            at=at,
            grace_until=at + 3 * DAY if graceful else None,
        )
        spends[spend] -= amount

    for kind, amount, pick in steps:
        key = f"k{next(keys)}"
        open_orders = [each for each, rest in orders.items() if rest]
        open_spends = [each for each, rest in spends.items() if rest]
        if kind == "earn":
            model.earn(
                1,
                key=key,
                amount=amount,
                at=at,
                available_at=at + DAY * (pick % 3),
                expires_at=at + DAY * (4 + pick % 5) if expiring else None,
            )
            orders[key] = amount
        elif kind == "spend":
            if model.spend(1, key=key, amount=amount, at=at).outcome == "done":
                spends[key] = amount
        elif kind == "refund" and open_orders:
            order = open_orders[pick % len(open_orders)]
            refund(order, min(amount, orders[order]))
        elif kind == "reverse" and open_spends:
            spend = open_spends[pick % len(open_spends)]
            reverse(spend, min(amount, spends[spend]))
        elif kind == "wait":
            at += DAY * (pick % 4)
        state = model.state(1, at=at)
        assert not (state.debt and state.available)
        assert state.debt <= model.account(1).used + state.held

    last = [(refund, each, rest) for each, rest in orders.items() if rest]
    last += [(reverse, each, rest) for each, rest in spends.items() if rest]
    chance.shuffle(last)
    for undo, each, rest in last:
        undo(each, rest)

    state = model.state(1, at=at)
    assert (state.available, state.pending, state.held, state.debt) == (0, 0, 0, 0)
