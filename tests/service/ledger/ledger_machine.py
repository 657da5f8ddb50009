"""Random commands on two members, each done by the ledger and by the reference model."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta

from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from psycopg.pq import TransactionStatus

from huitouke.service.core import clock
from huitouke.service.core.ids import new_id
from huitouke.service.ledger import commands, queries, units
from huitouke.service.ledger.contract import Earn, Spend
from huitouke.service.ledger.model import Model
from huitouke.service.ledger.model_account import State

HOUR = timedelta(hours=1)
REASON = {"code": "test"}
MEMBERS = st.integers(0, 1)
AMOUNTS = st.integers(1, 120)
PARTS = st.lists(st.tuples(MEMBERS, AMOUNTS), min_size=2, max_size=6)
HOURS = st.one_of(st.none(), st.integers(1, 12))


class LedgerMachine(RuleBasedStateMachine):
    """Random commands on two members; the clock moves on between them."""

    shown: Callable[[int], State]

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

    @rule(parts=PARTS, pays=st.booleans())
    def several(self, parts, pays):
        """A batch comes to the same as its postings one after another."""
        kind, batch, single, kept = (
            (Spend, commands.spend_batch, self.model.spend, self.spends)
            if pays
            else (Earn, commands.earn_batch, self.model.earn, self.orders)
        )
        postings = [self.posting(kind, self.accounts[who], amount) for who, amount in parts]
        for posting, receipt in zip(postings, batch(postings), strict=True):
            said = single(
                posting.account, key=posting.key, amount=posting.amount, at=receipt.created_at
            )
            if said.outcome == "done":
                kept.append((posting.account, posting.key))
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

    @precondition(lambda self: self.holds)
    @rule(pick=st.integers(0, 50), more=st.integers(1, 90))
    def prolong(self, pick, more):
        account, hold_key = self.holds[pick % len(self.holds)]
        given = {"key": next(self.keys), "hold_key": hold_key}
        expires = clock.now() + more * HOUR
        common = {name: self.common()[name] for name in ("actor", "reason")}
        receipt = commands.prolong(account, expires_at=expires, **given, **common)
        said = self.model.prolong(account, expires_at=expires, at=receipt.created_at, **given)
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

    @rule(member=MEMBERS, amount=AMOUNTS, starts=HOURS)
    def transfer(self, member, amount, starts):
        account, other = self.accounts[member], self.accounts[1 - member]
        if self.merged:
            return
        key = next(self.keys)
        later = None if starts is None else clock.now() + starts * HOUR
        receipt = commands.transfer(
            account,
            to_account=other,
            key=key,
            amount=amount,
            available_at=later,
            **self.common(),
        )
        said = self.model.transfer(
            account,
            to=other,
            key=key,
            amount=amount,
            at=receipt.created_at,
            waits_until=later,
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
            state = self.shown(account)
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
