"""One account of the reference model: lots, holds, debt, and what falls due by the clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

__all__ = ["MOST", "NEVER", "Account", "Hold", "Lot", "Spent", "State", "Undone", "cut"]

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
MOST = 9_000_000_000_000_000


@dataclass
class Lot:
    """One credit and what is left of it; ``source`` is the key that first earned it."""

    number: int
    earned: int
    remaining: int
    available_at: datetime
    expires_at: datetime
    source: str
    active: bool = False
    expired: int = 0

    @property
    def place(self) -> tuple[datetime, datetime, int]:
        """Where it stands in burn order: soonest to expire, soonest available, oldest."""
        return (self.expires_at, self.available_at, self.number)


@dataclass
class Undone:
    """What an earn gave, how much of it was taken back, and how much of that had expired."""

    points: int
    back: int = 0
    expired: int = 0


@dataclass
class Spent:
    """What a redemption took from which lots, in order, and what came back so far.

    ``moved``: a merge has come since, and the lots are those of the account before it.
    """

    takes: list[tuple[Lot, int]]
    restored: int = 0
    moved: bool = False

    @property
    def amount(self) -> int:
        """Points taken."""
        return sum(n for _, n in self.takes)


@dataclass
class Hold(Spent):
    """Points set aside; ``open`` until captured or released."""

    expires_at: datetime = NEVER
    open: bool = True

    def end(self) -> list[tuple[Lot, int]]:
        """Close it unused and return what it held."""
        self.open = False
        takes, self.takes = self.takes, []
        return takes


@dataclass(frozen=True)
class State:
    """What an account shows: four balances, and points by expiry, first source and activity."""

    available: int
    pending: int
    held: int
    debt: int
    lots: tuple[tuple[datetime, str, bool, int], ...]


@dataclass
class Account:
    """One member's account in one unit."""

    lots: list[Lot] = field(default_factory=list)
    spent: dict[str, Spent] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    debt: int = 0
    used: int = 0
    earned: dict[str, Undone] = field(default_factory=dict)
    merged: bool = False

    @property
    def available(self) -> int:
        """Spendable points."""
        return sum(lot.remaining for lot in self.lots if lot.active)

    @property
    def pending(self) -> int:
        """Points that are not yet spendable."""
        return sum(lot.remaining for lot in self.lots if not lot.active)

    @property
    def held(self) -> int:
        """Points in open holds."""
        return sum(hold.amount for hold in self.holds.values() if hold.open)

    def add(self, lot: Lot) -> None:
        """Take a lot in; an active one settles debt first."""
        lot.number = len(self.lots)
        self.lots.append(lot)
        if lot.active:
            self.repay([lot])

    def take(self, amount: int, *, lots: Iterable[Lot]) -> list[tuple[Lot, int]]:
        """Take up to so many points from these lots in their order."""
        takes = []
        for lot in lots:
            part = min(amount, lot.remaining)
            if part:
                lot.remaining -= part
                amount -= part
                takes.append((lot, part))
        return takes

    def in_order(self) -> list[Lot]:
        """Return the active lots in burn order."""
        return sorted((lot for lot in self.lots if lot.active), key=lambda lot: lot.place)

    def repay(self, lots: Iterable[Lot]) -> int:
        """Settle debt from these lots and return how much; the rest stays spendable."""
        paid = sum(part for _, part in self.take(self.debt, lots=lots))
        self.debt -= paid
        return paid

    def expired_of(self, source: str) -> int:
        """Return what expired of an earn and was not yet counted as taken back."""
        earned = self.earned[source]
        over = sum(lot.expired for lot in self.lots if lot.source == source) - earned.expired
        return min(over, earned.points - earned.back)

    def write_off(self) -> int:
        """Forgive debt above what was used, net of what came back (5.4 e).

        What is set aside counts: a hold may still be captured after its order was returned.
        """
        above = max(0, self.debt - self.used - self.held)
        self.debt -= above
        return above

    def settle(self, at: datetime) -> None:
        """Let everything due happen in order of time, whenever somebody looks.

        At one moment: lots become active and settle debt, holds that are past their time
        are released, lots expire.
        """
        while due := min(self._due(at), default=None, key=lambda each: each[:3]):
            moment, _, _, thing = due
            if isinstance(thing, Hold):
                self.put_back(thing.end(), at=moment)
            elif thing.active:
                thing.expired += thing.remaining
                thing.remaining = 0
            else:
                thing.active = True
                self.repay([thing])

    def _due(self, at: datetime) -> Iterator[tuple[datetime, int, Any, Lot | Hold]]:
        for lot in self.lots:
            if not lot.active and lot.available_at <= at:
                yield (lot.available_at, 0, lot.place, lot)
            if lot.active and lot.remaining and lot.expires_at <= at:
                yield (lot.expires_at, 2, lot.place, lot)
        for number, hold in enumerate(self.holds.values()):
            if hold.open and hold.expires_at <= at:
                yield (hold.expires_at, 1, number, hold)

    def put_back(self, takes: Sequence[tuple[Lot, int]], *, at: datetime) -> int:
        """Return points to their lots; they settle debt first, then over ones expire again."""
        paid = min(self.debt, sum(part for _, part in takes))
        self.debt -= paid
        for lot, part in cut(takes, first=paid)[1]:
            lot.remaining += part
        for lot, _ in takes:
            if lot.expires_at <= at:
                lot.expired += lot.remaining
                lot.remaining = 0
        return paid

    def state(self) -> State:
        """Return what can be seen."""
        points: dict[tuple[datetime, str, bool], int] = {}
        for lot in self.lots:
            if lot.remaining:
                like = (lot.expires_at, lot.source, lot.active)
                points[like] = points.get(like, 0) + lot.remaining
        return State(
            self.available,
            self.pending,
            self.held,
            self.debt,
            tuple(sorted((*like, each) for like, each in points.items())),
        )


def cut(
    takes: Sequence[tuple[Lot, int]], *, first: int
) -> tuple[list[tuple[Lot, int]], list[tuple[Lot, int]]]:
    """Cut a list of parts after so many points: what comes before, what comes after.

    Parameters
    ----------
    takes
        Lots and points, in order.
    first
        How many points come before the cut.

    Examples
    --------
    >>> lot = Lot(0, 9, 9, NEVER, NEVER, "order-1")
    >>> [[part for _, part in side] for side in cut([(lot, 5), (lot, 4)], first=6)]
    [[5, 1], [3]]
    """
    before, after = [], []
    for lot, part in takes:
        head = min(first, part)
        first -= head
        if head:
            before.append((lot, head))
        if part - head:
            after.append((lot, part - head))
    return before, after
