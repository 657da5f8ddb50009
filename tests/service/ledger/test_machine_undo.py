"""Undoing every redemption and refunding every order, in any order, leaves exactly nothing."""

from __future__ import annotations

import itertools
import os
from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huitouke.service.core import clock
from huitouke.service.core.ids import new_id
from huitouke.service.ledger import commands, queries, units
from huitouke.service.ledger.contract import Earn, Spend

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("HUITOUKE_LEDGER_EXAMPLES", "25"))
DAY = timedelta(days=1)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["earn", "earn", "spend", "spend", "refund", "reverse", "wait"]),
        st.integers(1, 100),
        st.integers(0, 50),
    ),
    min_size=1,
    max_size=30,
)


class Life:
    """One member who buys, redeems and sends things back."""

    def __init__(self, *, expiring: bool, graceful: bool):
        unit = units.create_unit(f"t{new_id().hex}.points", kind="points")
        self.account = commands.open_accounts([new_id()], unit=unit)[0]
        self.expiring, self.graceful = expiring, graceful
        self.keys = (f"k{number}" for number in itertools.count())
        self.orders: dict[str, int] = {}
        self.spends: dict[str, int] = {}

    def common(self):
        return {
            "effective_at": clock.now(),
            "actor": "system:test",
            "reason": {"code": "test"},
        }

    def earn(self, amount, pick):
        key, now = next(self.keys), clock.now()
        commands.earn(
            Earn(
                account=self.account,
                key=key,
                amount=amount,
                available_at=now + DAY * (pick % 3),
                expires_at=now + DAY * (4 + pick % 5) if self.expiring else None,
                **self.common(),
            )
        )
        self.orders[key] = amount

    def spend(self, amount, pick):
        key = next(self.keys)
        posting = Spend(account=self.account, key=key, amount=amount, **self.common())
        if commands.spend(posting).outcome == "done":
            self.spends[key] = amount

    def refund(self, amount, pick):
        if open_orders := [each for each, rest in self.orders.items() if rest]:
            self.undo(open_orders[pick % len(open_orders)], amount)

    def reverse(self, amount, pick):
        if open_spends := [each for each, rest in self.spends.items() if rest]:
            self.undo(open_spends[pick % len(open_spends)], amount)

    def undo(self, of: str, amount: int):
        key = next(self.keys)
        if of in self.orders:
            amount = min(amount, self.orders[of])
            self.orders[of] -= amount
            commands.claw_back(
                self.account,
                key=key,
                amount=amount,
                earn_keys=[of],
                policy="debt",
                **self.common(),
            )
        else:
            amount = min(amount, self.spends[of])
            self.spends[of] -= amount
            commands.restore(
                self.account,
                key=key,
                spend_key=of,
                amount=amount,
                grace_until=clock.now() + 3 * DAY if self.graceful else None,
                **self.common(),
            )

    def left(self) -> list[str]:
        both = {**self.orders, **self.spends}
        return [key for key, rest in both.items() if rest]


@given(STEPS, st.randoms(use_true_random=False), st.booleans(), st.booleans())
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
def test_undoing_everything_in_any_order_leaves_nothing(steps, chance, expiring, graceful):
    days = 0

    def move_clock():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('huitouke.clock_shift', %s, true)", [f"{days} days"]
            )

    savepoint = transaction.savepoint()
    try:
        life = Life(expiring=expiring, graceful=graceful)
        for kind, amount, pick in steps:
            if kind == "wait":
                days += pick % 4
                move_clock()
            else:
                getattr(life, kind)(amount, pick)
        rest = life.left()
        chance.shuffle(rest)
        for each in rest:
            life.undo(each, 100)

        balance = queries.balance(life.account)
        assert (balance.active, balance.pending, balance.held, balance.owed) == (0, 0, 0, 0)
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM ledger.broken_in(%s::bigint[])", [[life.account]])
            assert cursor.fetchall() == []
    finally:
        transaction.savepoint_rollback(savepoint)
        days = 0
        move_clock()
