"""In batches the ledger does what it does one posting at a time, and what the model says."""

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
from huitouke.service.ledger import commands, units
from huitouke.service.ledger.contract import Earn, Spend
from huitouke.service.ledger.model import Model

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("HUITOUKE_LEDGER_EXAMPLES", "40"))
HOUR = timedelta(hours=1)
REASON = {"code": "test"}
MEMBERS = st.integers(0, 1)
AMOUNTS = st.integers(1, 120)
HOURS = st.one_of(st.none(), st.integers(1, 12))
CHUNKS = st.lists(
    st.one_of(
        st.tuples(
            st.just("earn"),
            st.lists(st.tuples(MEMBERS, AMOUNTS, HOURS, HOURS), min_size=1, max_size=6),
        ),
        st.tuples(
            st.just("spend"),
            st.lists(st.tuples(MEMBERS, AMOUNTS), min_size=1, max_size=6),
        ),
        st.tuples(st.just("wait"), st.integers(1, 6)),
        st.tuples(st.just("refund"), st.tuples(st.integers(0, 50), AMOUNTS)),
        st.tuples(st.just("again"), st.none()),
    ),
    min_size=1,
    max_size=25,
)


class World:
    """Two members on one of the two paths, with the model beside them."""

    def __init__(self, *, batched: bool, begun):
        unit = units.create_unit(f"t{new_id().hex}.points", kind="points")
        self.accounts = commands.open_accounts([new_id(), new_id()], unit=unit)
        self.batched = batched
        self.begun = begun
        self.model = Model()
        self.keys = itertools.count()
        self.orders: list[tuple[int, str]] = []
        self.last = []

    def common(self):
        return {"effective_at": self.begun, "actor": "system:test", "reason": REASON}

    def post(self, postings):
        self.last = postings
        earns = isinstance(postings[0], Earn)
        if self.batched:
            batch = commands.earn_batch if earns else commands.spend_batch
            receipts = batch(postings)
        else:
            single = commands.earn if earns else commands.spend
            receipts = [single(posting) for posting in postings]
        for posting, receipt in zip(postings, receipts, strict=True):
            assert (receipt.account, receipt.key) == (posting.account, posting.key)
            known = {"key": posting.key, "amount": posting.amount, "at": receipt.created_at}
            if earns:
                moments = (posting.available_at, posting.expires_at)
                known |= dict(zip(("available_at", "expires_at"), moments, strict=True))
                said = self.model.earn(posting.account, **known)
                if said.outcome == "done":
                    self.orders.append((posting.account, posting.key))
            else:
                said = self.model.spend(posting.account, **known)
            assert receipt.outcome == said.outcome
        return [(each.outcome, each.available, each.pending, each.debt) for each in receipts]

    def earn(self, rows, now):
        return self.post(
            [
                Earn(
                    account=self.accounts[member],
                    key=f"k{next(self.keys)}",
                    amount=amount,
                    available_at=None if starts is None else now + starts * HOUR,
                    expires_at=None if ends is None else now + ((starts or 0) + ends) * HOUR,
                    **self.common(),
                )
                for member, amount, starts, ends in rows
            ]
        )

    def spend(self, rows, now):
        return self.post(
            [
                Spend(
                    account=self.accounts[member],
                    key=f"k{next(self.keys)}",
                    amount=amount,
                    **self.common(),
                )
                for member, amount in rows
            ]
        )

    def again(self, nothing, now):
        return self.post(self.last) if self.last else None

    def refund(self, what, now):
        pick, amount = what
        if not self.orders:
            return None
        account, earn_key = self.orders[pick % len(self.orders)]
        key = f"k{next(self.keys)}"
        receipt = commands.claw_back(
            account,
            key=key,
            amount=amount,
            earn_keys=[earn_key],
            policy="debt",
            **self.common(),
        )
        said = self.model.claw_back(
            account, key=key, amount=amount, earn_keys=[earn_key], at=receipt.created_at
        )
        assert receipt.outcome == said.outcome
        return receipt.outcome


@given(chunks=CHUNKS)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
def test_in_batches_the_ledger_is_what_it_is_one_at_a_time(shown, chunks):
    shift = timedelta()

    def move_clock():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('huitouke.clock_shift', %s, true)",
                [f"{shift.total_seconds()} seconds"],
            )

    savepoint = transaction.savepoint()
    try:
        move_clock()
        begun = clock.now()
        worlds = [World(batched=batched, begun=begun) for batched in (False, True)]
        for kind, what in chunks:
            if kind == "wait":
                shift += what * HOUR
                move_clock()
                continue
            now = clock.now()
            single, batch = (getattr(world, kind)(what, now) for world in worlds)
            assert single == batch
        states = []
        for world in worlds:
            for account in world.accounts:
                state = shown(account)
                assert state == world.model.state(account, at=clock.now())
                states.append(state)
            with connection.cursor() as cursor:
                cursor.execute("SELECT * FROM ledger.broken_in(%s::bigint[])", [world.accounts])
                assert cursor.fetchall() == []
        assert states[:2] == states[2:]
    finally:
        transaction.savepoint_rollback(savepoint)
        shift = timedelta()
        move_clock()
