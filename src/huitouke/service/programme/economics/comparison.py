"""Two runs side by side: who gains, who loses, who changes tier; lists stay short."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from heapq import heappush, heappushpop
from uuid import UUID

from huitouke.service.core.ids import public_id
from huitouke.service.programme.economics.scene import Lived

__all__ = ["Comparing", "Comparison", "MemberChange", "TierMove"]


@dataclass(frozen=True, slots=True)
class MemberChange:
    """One member under the old and the new rules.

    Parameters
    ----------
    customer
        Public id.
    before, after
        Points of the period.
    tier_before, tier_after
        At the end.
    spend_minor
        Eligible spend of the period under the old rules.
    """

    customer: str
    before: int
    after: int
    tier_before: str | None
    tier_after: str | None
    spend_minor: int

    @property
    def change(self) -> int:
        """Points gained, or lost below 0."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class TierMove:
    """How many members end in another tier."""

    before: str | None
    after: str | None
    members: int


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One run against another.

    Parameters
    ----------
    before, after
        Names of the runs.
    points
        Points of the second less those of the first.
    gain, lose, same
        Members who get more, fewer and as many points.
    gainers, losers
        Those with the largest change, the largest first.
    moves
        Members by tier before and after, where the two differ.
    moved
        Those who spend most among them.
    """

    before: str
    after: str
    points: int
    gain: int
    lose: int
    same: int
    gainers: tuple[MemberChange, ...]
    losers: tuple[MemberChange, ...]
    moves: tuple[TierMove, ...]
    moved: tuple[MemberChange, ...]


@dataclass
class _Top:
    """The largest few of many."""

    most: int
    heap: list[tuple[int, str, MemberChange]] = field(default_factory=list)

    def see(self, rank: int, change: MemberChange) -> None:
        item = (rank, change.customer, change)
        if len(self.heap) < self.most:
            heappush(self.heap, item)
        elif self.most and (rank, change.customer) > self.heap[0][:2]:
            heappushpop(self.heap, item)

    def listed(self) -> tuple[MemberChange, ...]:
        return tuple(each for _, _, each in sorted(self.heap, key=lambda i: (-i[0], i[1])))


class Comparing:
    """A comparison under way, person by person.

    Parameters
    ----------
    before, after
        Names of the runs.
    most
        Length of each list.
    """

    def __init__(self, before: str, *, after: str, most: int) -> None:
        self.before = before
        self.after = after
        self.points = 0
        self.counts: Counter[int] = Counter()
        self.moves: Counter[tuple[str | None, str | None]] = Counter()
        self.gainers = _Top(most)
        self.losers = _Top(most)
        self.moved = _Top(most)

    def see(self, customer: UUID, *, before: Lived, after: Lived) -> None:
        """Take one person in.

        Parameters
        ----------
        customer
            Who.
        before, after
            What they had in the two runs.
        """
        change = after.points - before.points
        self.points += change
        self.counts[(change > 0) - (change < 0)] += 1
        if not change and before.tier == after.tier:
            return
        told = MemberChange(
            public_id("cus", customer),
            before.points,
            after.points,
            before.tier,
            after.tier,
            before.spend_minor,
        )
        if change > 0:
            self.gainers.see(change, told)
        elif change < 0:
            self.losers.see(-change, told)
        if before.tier != after.tier:
            self.moves[before.tier, after.tier] += 1
            self.moved.see(before.spend_minor, told)

    def done(self) -> Comparison:
        """Return the comparison."""
        return Comparison(
            before=self.before,
            after=self.after,
            points=self.points,
            gain=self.counts[1],
            lose=self.counts[-1],
            same=self.counts[0],
            gainers=self.gainers.listed(),
            losers=self.losers.listed(),
            moves=tuple(
                TierMove(was, now, members)
                for (was, now), members in sorted(
                    self.moves.items(), key=lambda each: (-each[1], str(each[0]))
                )
            ),
            moved=self.moved.listed(),
        )
