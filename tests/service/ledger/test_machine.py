"""The ledger in SQL does what the reference model says, step by step and in batches."""

from __future__ import annotations

import itertools
import os
from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from psycopg.pq import TransactionStatus

from huitouke.service.core import clock
from huitouke.service.core.ids import new_id
from huitouke.service.ledger import commands, queries, units
from huitouke.service.ledger.contract import Earn, Spend
from huitouke.service.ledger.model import Model
from huitouke.service.ledger.model_account import NEVER, State

pytestmark = pytest.mark.django_db

#: More of them in a nightly run: HUITOUKE_LEDGER_EXAMPLES=2000.
EXAMPLES = int(os.environ.get("HUITOUKE_LEDGER_EXAMPLES", "40"))
HOUR = timedelta(hours=1)
REASON = {"code": "test"}
MEMBERS = st.integers(0, 1)
AMOUNTS = st.integers(1, 120)
HOURS = st.one_of(st.none(), st.integers(1, 12))
_units = itertools.count()


def shown(account: int) -> State:
    """What the account shows after settling what is due."""
    commands.settle(account)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT available, pending, held, debt FROM ledger.account WHERE account = %s",
            [account],
        )
        row = cursor.fetchone()
        cursor.execute(
            "SELECT nullif(expires_at, 'infinity'), source_key, active, sum(remaining)::bigint"
            " FROM ledger.lot WHERE account = %s AND remaining > 0 GROUP BY 1, 2, 3",
            [account],
        )
        lots = [(expires or NEVER, *rest) for expires, *rest in cursor.fetchall()]
    return State(*row, tuple(sorted(lots)))


class LedgerMachine(RuleBasedStateMachine):
    """Random commands on two members; the clock moves on between them."""

    @initialize()
    def open(self):
        self.savepoint = transaction.savepoint()
        self.keys = (f"k{number}" for number in itertools.count())
        self.shift = timedelta()
        self.move_clock()
        allowed = units.UnitSettings(transfers=True)
        unit = units.create_unit(f"t{new_id().hex}.points", kind="points", settings=allowed)
        self.accounts = commands.open_accounts([new_id(), new_id()], unit=unit)
        self.model = Model()
        self.begun = clock.now()
        self.spends: list[tuple[int, str]] = []
        self.holds: list[tuple[int, str]] = []
        self.orders: list[tuple[int, str]] = []
        self.snapshots = []
        self.touched = set()
        self.merged: dict[int, int] = {}

    def now_at(self, account):
        """The account that has the lots of this one now."""
        return self.merged.get(account, account)

    def move_clock(self):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('huitouke.clock_shift', %s, false)",
                [f"{self.shift.total_seconds()} seconds"],
            )

    def posting(self, kind, account, amount, **more):
        return kind(
            account=account,
            key=next(self.keys),
            amount=amount,
            effective_at=self.begun,
            actor="system:test",
            reason=REASON,
            **more,
        )

    def common(self):
        return {"actor": "system:test", "reason": REASON, "effective_at": self.begun}

    def agree(self, receipt, said):
        self.touched.add(receipt.account)
        assert receipt.outcome == said.outcome
        for name, value in said.detail.items():
            assert receipt.detail[name] == value, name

    @rule(member=MEMBERS, amount=AMOUNTS, starts=HOURS, ends=HOURS)
    def earn(self, member, amount, starts, ends):
        account = self.accounts[member]
        now = clock.now()
        available = None if starts is None else now + starts * HOUR
        expires = None if ends is None else (available or now) + ends * HOUR
        posting = self.posting(
            Earn, account, amount, available_at=available, expires_at=expires
        )
        receipt = commands.earn(posting)
        said = self.model.earn(
            account,
            key=posting.key,
            amount=amount,
            at=receipt.created_at,
            available_at=available,
            expires_at=expires,
        )
        if said.outcome == "done":
            self.orders.append((account, posting.key))
        self.agree(receipt, said)

    @rule(member=MEMBERS, amount=AMOUNTS)
    def spend(self, member, amount):
        account = self.accounts[member]
        posting = self.posting(Spend, account, amount)
        receipt = commands.spend(posting)
        said = self.model.spend(account, key=posting.key, amount=amount, at=receipt.created_at)
        if said.outcome == "done":
            self.spends.append((account, posting.key))
        self.agree(receipt, said)

    @rule(member=MEMBERS, amount=AMOUNTS, ends=st.integers(1, 12))
    def hold(self, member, amount, ends):
        account = self.accounts[member]
        posting = self.posting(Spend, account, amount)
        expires = clock.now() + ends * HOUR
        receipt = commands.hold(posting, expires_at=expires)
        said = self.model.hold(
            account, key=posting.key, amount=amount, expires_at=expires, at=receipt.created_at
        )
        if said.outcome == "done":
            self.holds.append((account, posting.key))
        self.agree(receipt, said)

    @precondition(lambda self: self.holds)
    @rule(pick=st.integers(0, 50), amount=st.one_of(st.none(), AMOUNTS))
    def capture(self, pick, amount):
        account, hold_key = self.holds[pick % len(self.holds)]
        key = next(self.keys)
        receipt = commands.capture(
            account, key=key, hold_key=hold_key, amount=amount, **self.common()
        )
        said = self.model.capture(
            account, key=key, hold_key=hold_key, amount=amount, at=receipt.created_at
        )
        if said.outcome == "done":
            self.spends.append((account, key))
        self.agree(receipt, said)

    @precondition(lambda self: self.holds)
    @rule(pick=st.integers(0, 50))
    def release(self, pick):
        account, hold_key = self.holds[pick % len(self.holds)]
        key = next(self.keys)
        receipt = commands.release(account, key=key, hold_key=hold_key, **self.common())
        said = self.model.release(account, key=key, hold_key=hold_key, at=receipt.created_at)
        self.agree(receipt, said)

    @precondition(lambda self: self.orders)
    @rule(
        pick=st.integers(0, 50),
        amount=AMOUNTS,
        policy=st.sampled_from(["debt", "debt", "within_balance", "pending_only", "absorb"]),
        both=st.booleans(),
    )
    def claw_back(self, pick, amount, policy, both):
        account, earn_key = self.orders[pick % len(self.orders)]
        account = self.now_at(account)
        own = [each for number, each in self.orders if self.now_at(number) == account]
        earn_keys = [earn_key]
        if both and own[-1] != earn_key:
            earn_keys.append(own[-1])
        key = next(self.keys)
        receipt = commands.claw_back(
            account,
            key=key,
            amount=amount,
            earn_keys=earn_keys,
            policy=policy,
            **self.common(),
        )
        said = self.model.claw_back(
            account,
            key=key,
            amount=amount,
            earn_keys=earn_keys,
            policy=policy,
            at=receipt.created_at,
        )
        self.agree(receipt, said)

    @precondition(lambda self: self.spends)
    @rule(
        pick=st.integers(0, 50),
        amount=st.one_of(st.none(), AMOUNTS),
        grace=st.one_of(st.none(), st.integers(1, 12)),
    )
    def restore(self, pick, amount, grace):
        account, spend_key = self.spends[pick % len(self.spends)]
        account = self.now_at(account)
        key = next(self.keys)
        until = None if grace is None else clock.now() + grace * HOUR
        receipt = commands.restore(
            account,
            key=key,
            spend_key=spend_key,
            amount=amount,
            grace_until=until,
            **self.common(),
        )
        said = self.model.restore(
            account,
            key=key,
            spend_key=spend_key,
            amount=amount,
            grace_until=until,
            at=receipt.created_at,
        )
        self.agree(receipt, said)

    @rule(member=MEMBERS, amount=AMOUNTS)
    def transfer(self, member, amount):
        account, other = self.accounts[member], self.accounts[1 - member]
        if self.merged:
            return
        key = next(self.keys)
        receipt = commands.transfer(
            account, to_account=other, key=key, amount=amount, **self.common()
        )
        said = self.model.transfer(
            account, to=other, key=key, amount=amount, at=receipt.created_at
        )
        self.agree(receipt, said)
        self.touched.add(other)

    @precondition(lambda self: not self.merged and len(self.orders) > 5)
    @rule(member=MEMBERS)
    def merge(self, member):
        loser, winner = self.accounts[member], self.accounts[1 - member]
        key = next(self.keys)
        receipt = commands.merge_accounts(
            loser, into=winner, key=key, actor="system:test", effective_at=self.begun
        )
        said = self.model.merge(loser, into=winner, key=key, at=receipt.created_at)
        if said.outcome == "done":
            self.merged[loser] = winner
        self.agree(receipt, said)
        self.touched.add(winner)

    @rule(hours=st.integers(1, 9))
    def wait(self, hours):
        self.shift += hours * HOUR
        self.move_clock()

    @rule()
    def sweep(self):
        while commands.sweep(limit=2):
            pass

    @rule()
    def remember(self):
        now = clock.now()
        for account in self.accounts:
            balance = queries.balance(account, as_of=now)
            self.snapshots.append((account, now, balance))
            state = self.model.state(account, at=now)
            assert (balance.active, balance.pending, balance.held, balance.owed) == (
                state.available,
                state.pending,
                state.held,
                state.debt,
            )
            assert queries.balance(account).active == state.available

    @invariant()
    def the_same_as_the_model(self):
        for account in sorted(self.touched):
            state = shown(account)
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT greatest(core_now(), last_at), used FROM ledger.account"
                    " WHERE account = %s",
                    [account],
                )
                now, used = cursor.fetchone()
            assert state == self.model.state(account, at=now)
            assert used == self.model.account(account).used
        self.touched.clear()

    def teardown(self):
        try:
            if connection.connection.info.transaction_status != TransactionStatus.INERROR:
                self.check_at_the_end()
        finally:
            transaction.savepoint_rollback(self.savepoint)
            self.shift = timedelta()
            self.move_clock()

    def check_at_the_end(self):
        for account, at, balance in self.snapshots:
            assert queries.balance(account, as_of=at) == balance
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM ledger.broken_in(%s::bigint[])", [self.accounts])
            assert cursor.fetchall() == []


def test_one_at_a_time_the_ledger_is_the_model():
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=40,
            deadline=None,
            report_multiple_bugs=False,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )


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


@given(CHUNKS)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
def test_in_batches_the_ledger_is_what_it_is_one_at_a_time(chunks):
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
