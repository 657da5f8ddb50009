"""What a member must have under the starter programme, worked out without the server.

One point and one growth value for every 100 minor units of an order that are kept, floored
once per order; 100 points for joining; 20 for a review, once a day. Points of an order of the
last seven days wait. What comes back of an order is taken back: its own points first, then
others that are spendable; the rest is owed, as far as the member has used any.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Bought:
    """An order: what is kept of each line, and whether its points still wait."""

    lines: list[int]
    waits: bool
    pending: int = 0

    @property
    def worth(self) -> int:
        return sum(self.lines) // 100


@dataclass
class Redeemed:
    """Points set aside, spent or given back."""

    points: int
    state: str = "held"
    captured: int = 0
    reversed: int = 0


@dataclass
class Member:
    """The four figures of points, and growth."""

    name: str
    id: str = ""
    joined: bool = False
    active: int = 0
    held: int = 0
    owed: int = 0
    used: int = 0
    growth: int = 0
    gross_minor: int = 0
    written_off: int = 0
    orders: dict[str, Bought] = field(default_factory=dict)
    redeemed: dict[str, Redeemed] = field(default_factory=dict)
    reviewed: set[str] = field(default_factory=set)

    @property
    def pending(self) -> int:
        return sum(each.pending for each in self.orders.values())

    @property
    def figures(self) -> dict[str, int]:
        return {
            "active": self.active,
            "pending": self.pending,
            "held": self.held,
            "owed": self.owed,
            "growth": self.growth,
        }

    @property
    def value(self) -> int:
        """What is conserved, in whatever order things come."""
        return self.active + self.pending + self.held - self.owed

    def credit(self, points: int) -> None:
        settled = min(self.owed, points)
        self.owed -= settled
        self.active += points - settled

    def join(self) -> None:
        if not self.joined:
            self.joined = True
            self.credit(100)

    def review(self, day: str) -> None:
        if day not in self.reviewed:
            self.reviewed.add(day)
            self.credit(20)

    def buy(self, number: str, *, lines: list[int], waits: bool) -> None:
        bought = self.orders[number] = Bought(list(lines), waits)
        self.growth += bought.worth
        if waits:
            bought.pending = bought.worth
        else:
            self.credit(bought.worth)

    def give_back(self, number: str, *, lines: dict[int, int] | None) -> bool:
        """Return some of an order, or all that is left; False where that is too much."""
        bought = self.orders[number]
        wanted = lines if lines is not None else dict(enumerate(bought.lines, 1))
        if any(wanted[each] > bought.lines[each - 1] for each in wanted):
            return False
        before = bought.worth
        for position, minor in wanted.items():
            bought.lines[position - 1] -= minor
        points = before - bought.worth
        self.growth -= points
        own = min(points, bought.pending)
        bought.pending -= own
        others = min(points - own, self.active)
        self.active -= others
        owed = points - own - others
        off = max(0, self.owed + owed - self.used - self.held)
        self.owed += owed - off
        self.written_off += off
        return True

    def adjust(self, points: int) -> bool:
        if points > 0:
            self.credit(points)
            return True
        if self.active < -points:
            return False
        self.active += points
        return True

    def redeem(self, name: str, *, points: int) -> bool:
        if self.active < points:
            return False
        self.active -= points
        self.held += points
        self.redeemed[name] = Redeemed(points)
        return True

    def capture(self, name: str, *, points: int) -> None:
        one = self.redeemed[name]
        self.held -= one.points
        self.used += points
        one.state, one.captured = "captured", points
        self.credit(one.points - points)

    def release(self, name: str) -> None:
        one = self.redeemed[name]
        one.state = "released"
        self.held -= one.points
        self.credit(one.points)

    def reverse(self, name: str, *, points: int) -> None:
        one = self.redeemed[name]
        one.reversed += points
        self.used -= points
        self.credit(points)
