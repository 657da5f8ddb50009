"""The ledger's rules once more, in plain Python without a database: the oracle of the tests.

It is written from the rules alone, the slow and obvious way: one account is a handful of
lists. Whatever the ledger in SQL does, single or batched, must be what this does; the search
for money loops plays its carts against it too.

Moments are given by the caller: the one at which a command is decided. Only what can be seen
from outside is modelled: balances, lots, outcomes; not how many entries write it down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from huitouke.service.ledger.contract import DebtPolicy
from huitouke.service.ledger.model_account import (
    MOST,
    NEVER,
    Account,
    Hold,
    Lot,
    Spent,
    State,
    Undone,
    cut,
)

__all__ = ["Model", "Outcome"]


@dataclass(frozen=True)
class Outcome:
    """What a command did: ``"done"`` or the code of a refusal, and what the kind adds."""

    outcome: str
    detail: dict[str, Any] = field(default_factory=dict)


def _over(hold: Hold, *, at: datetime) -> str:
    """Return why a hold that has ended cannot be used: it ran out, or was done with."""
    return "hold_expired" if not hold.takes and hold.expires_at <= at else "hold_ended"


class Model:
    """All accounts of one unit, by number.

    Every command takes the account, the key and the moment ``at``; a repeat of a key gives
    the first outcome again, also a refusal.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> model, noon = Model(), datetime(2026, 3, 1, 12, tzinfo=UTC)
    >>> model.earn(1, key="order-1", amount=100, at=noon).outcome
    'done'
    >>> model.spend(1, key="gift-1", amount=60, at=noon).outcome
    'done'
    >>> model.claw_back(1, key="refund-1", amount=50, earn_keys=["order-1"], at=noon).detail
    {'taken': 40, 'expired': 0, 'owed': 10, 'forgiven': 0, 'written_off': 0}
    >>> model.state(1, at=noon).debt
    10
    """

    def __init__(self) -> None:
        self.accounts: dict[int, Account] = {}
        self._said: dict[tuple[int, str], Outcome] = {}

    def account(self, number: int) -> Account:
        """Return the account, opened when first named."""
        return self.accounts.setdefault(number, Account())

    def state(self, number: int, *, at: datetime) -> State:
        """Return what the account shows at a moment."""
        account = self.account(number)
        account.settle(at)
        return account.state()

    def _open(
        self, number: int, *, key: str, at: datetime, closed: bool = False
    ) -> Account | Outcome:
        """Return the account settled, or what was already said under the key.

        A closed account refuses; what is about its holds (``closed``) still finds them ended.
        """
        if (number, key) in self._said:
            return self._said[number, key]
        account = self.account(number)
        account.settle(at)
        if account.merged and not closed:
            return self._say(number, key=key, outcome="account_closed")
        return account

    def _say(self, number: int, *, key: str, outcome: str, **detail: Any) -> Outcome:
        self._said[number, key] = Outcome(outcome, detail)
        return self._said[number, key]

    def earn(
        self,
        number: int,
        *,
        key: str,
        amount: int,
        at: datetime,
        available_at: datetime | None = None,
        expires_at: datetime | None = None,
    ) -> Outcome:
        """Credit one lot, pending until ``available_at``; refused above the cap."""
        account = self._open(number, key=key, at=at)
        if isinstance(account, Outcome):
            return account
        starts = available_at or at
        if account.available + account.pending + account.held + amount > MOST:
            return self._say(number, key=key, outcome="too_much")
        active = starts <= at
        account.earned[key] = Undone(amount)
        account.add(
            Lot(0, amount, amount, starts, expires_at or NEVER, source=key, active=active)
        )
        return self._say(number, key=key, outcome="done")

    def spend(self, number: int, *, key: str, amount: int, at: datetime) -> Outcome:
        """Take points in burn order, or refuse."""
        account = self._open(number, key=key, at=at)
        if isinstance(account, Outcome):
            return account
        if account.available < amount:
            return self._say(number, key=key, outcome="insufficient_points")
        account.spent[key] = Spent(account.take(amount, lots=account.in_order()))
        account.used += amount
        return self._say(number, key=key, outcome="done")

    def hold(
        self, number: int, *, key: str, amount: int, expires_at: datetime, at: datetime
    ) -> Outcome:
        """Set points aside, taken from their lots at once."""
        account = self._open(number, key=key, at=at)
        if isinstance(account, Outcome):
            return account
        if account.available < amount:
            return self._say(number, key=key, outcome="insufficient_points")
        if expires_at <= at:
            return self._say(number, key=key, outcome="hold_expired")
        takes = account.take(amount, lots=account.in_order())
        account.holds[key] = Hold(takes, expires_at=expires_at)
        return self._say(number, key=key, outcome="done")

    def capture(
        self, number: int, *, key: str, hold_key: str, amount: int | None, at: datetime
    ) -> Outcome:
        """Use a hold in full or in part, once; what is not used goes back to its lots."""
        account = self._open(number, key=key, at=at, closed=True)
        if isinstance(account, Outcome):
            return account
        hold = account.holds[hold_key]
        if not hold.open:
            return self._say(number, key=key, outcome=_over(hold, at=at))
        used = hold.amount if amount is None else amount
        if used > hold.amount:
            return self._say(number, key=key, outcome="exceeds_hold")
        hold.open = False
        account.used += used
        kept, rest = cut(hold.takes, first=used)
        hold.takes = kept
        account.spent[key] = hold
        account.put_back(rest, at=at)
        return self._say(number, key=key, outcome="done")

    def release(self, number: int, *, key: str, hold_key: str, at: datetime) -> Outcome:
        """Give a hold's points back to the lots they came from."""
        account = self._open(number, key=key, at=at, closed=True)
        if isinstance(account, Outcome):
            return account
        hold = account.holds[hold_key]
        if not hold.open:
            return self._say(number, key=key, outcome="hold_ended")
        account.put_back(hold.end(), at=at)
        return self._say(number, key=key, outcome="done")

    def prolong(
        self, number: int, *, key: str, hold_key: str, expires_at: datetime, at: datetime
    ) -> Outcome:
        """Keep a hold's points set aside for longer."""
        account = self._open(number, key=key, at=at, closed=True)
        if isinstance(account, Outcome):
            return account
        hold = account.holds[hold_key]
        if not hold.open:
            return self._say(number, key=key, outcome=_over(hold, at=at))
        hold.expires_at = max(hold.expires_at, expires_at)
        return self._say(number, key=key, outcome="done")

    def claw_back(
        self,
        number: int,
        *,
        key: str,
        amount: int,
        earn_keys: Sequence[str],
        at: datetime,
        policy: DebtPolicy = "debt",
    ) -> Outcome:
        """Take earned points back after a refund (5.4 b to e, in that order)."""
        account = self._open(number, key=key, at=at)
        if isinstance(account, Outcome):
            return account
        earned = [account.earned[each] for each in earn_keys]
        if amount > sum(each.points - each.back for each in earned):
            return self._say(number, key=key, outcome="reversed_already")
        own = sorted(
            (lot for lot in account.lots if lot.source in earn_keys),
            key=lambda lot: (lot.active, lot.place),
        )
        allowed = own if policy != "pending_only" else [lot for lot in own if not lot.active]
        taken = sum(part for _, part in account.take(amount, lots=allowed))
        rest = amount - taken
        for source in earn_keys:
            part = min(rest, account.expired_of(source))
            rest -= part
            account.earned[source].back += part
            account.earned[source].expired += part
        expired = amount - taken - rest
        back = amount - expired
        for each in earned:
            part = min(back, each.points - each.back)
            back -= part
            each.back += part
        forgiven = owed = 0
        if policy in {"debt", "within_balance"}:
            others = sum(part for _, part in account.take(rest, lots=account.in_order()))
            taken, rest = taken + others, rest - others
        if policy == "debt":
            owed = rest
            account.debt += owed
        else:
            forgiven = rest
        written_off = account.write_off()
        return self._say(
            number,
            key=key,
            outcome="done",
            taken=taken,
            expired=expired,
            owed=owed,
            forgiven=forgiven,
            written_off=written_off,
        )

    def restore(
        self,
        number: int,
        *,
        key: str,
        spend_key: str,
        amount: int | None,
        at: datetime,
        grace_until: datetime | None = None,
    ) -> Outcome:
        """Give a redemption back, last allocated first, to the lots it came from (5.6)."""
        account = self._open(number, key=key, at=at)
        if isinstance(account, Outcome):
            return account
        spent = account.spent[spend_key]
        left = spent.amount - spent.restored
        back = left if amount is None else amount
        if back > left or not back:
            return self._say(number, key=key, outcome="reversed_already")
        kept, _ = cut(spent.takes, first=left)
        _, takes = cut(kept, first=left - back)
        spent.restored += back
        account.used -= back
        owed = account.debt
        gone = sum(part for lot, part in takes if lot.expires_at <= at)
        again = []
        for lot, part in takes:
            dates = (lot.available_at, lot.expires_at)
            if grace_until is not None and lot.expires_at <= at:
                dates = (at, grace_until)
            elif not spent.moved:
                again.append((lot, part))
                continue
            # Lots stay where they were before a merge: what comes back to them is new here.
            account.add(Lot(0, part, part, *dates, source=lot.source, active=True))
        account.put_back(again, at=at)
        account.settle(at)
        return self._say(
            number,
            key=key,
            outcome="done",
            restored=back - gone,
            regranted=gone if grace_until is not None else 0,
            expired=gone if grace_until is None else 0,
            settled=owed - account.debt,
        )

    def transfer(
        self,
        number: int,
        *,
        to: int,
        key: str,
        amount: int,
        at: datetime,
        waits_until: datetime | None = None,
    ) -> Outcome:
        """Give points to another account, in burn order, each with the expiry it has."""
        account = self._open(number, key=key, at=at)
        if isinstance(account, Outcome):
            return account
        if account.available < amount:
            return self._say(number, key=key, outcome="insufficient_points")
        soonest = next(lot for lot in account.in_order() if lot.remaining)
        if waits_until is not None and soonest.expires_at <= waits_until:
            return self._say(number, key=key, outcome="expires_first")
        account.used += amount
        other = self.account(to)
        other.settle(at)
        for lot, part in account.take(amount, lots=account.in_order()):
            starts, active = waits_until or lot.available_at, waits_until is None
            other.add(Lot(0, part, part, starts, lot.expires_at, key, active=active))
        return self._say(number, key=key, outcome="done")

    def merge(self, loser: int, *, into: int, key: str, at: datetime) -> Outcome:
        """Move all lots and debts of one account to another, intact; not beside open holds."""
        account = self._open(loser, key=key, at=at)
        if isinstance(account, Outcome):
            return account
        if account.held:
            return self._say(loser, key=key, outcome="open_holds")
        winner = self.account(into)
        winner.settle(at)
        lots, account.lots, account.merged = account.lots, [], True
        for spent in account.spent.values():
            spent.moved = True
        winner.spent.update(account.spent)
        winner.earned.update(account.earned)
        account.spent = {}
        winner.debt, account.debt = winner.debt + account.debt, 0
        winner.used, account.used = winner.used + account.used, 0
        for lot in lots:
            lot.number = len(winner.lots)
            winner.lots.append(lot)
        winner.repay(winner.in_order())
        return self._say(loser, key=key, outcome="done")

    def sweep(self, *, at: datetime) -> None:
        """Settle every account."""
        for account in self.accounts.values():
            account.settle(at)
