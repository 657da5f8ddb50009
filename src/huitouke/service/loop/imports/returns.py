"""Which line of which order a return gives back: by number, by product, else the latest.

The order of the three ways is that of the analysis; here each return must find its lines,
because a refund names them, and a line never gives back more than it came to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

__all__ = ["Back", "Bought", "Stock"]


@dataclass(slots=True)
class Bought:
    """A line that may come back, and what is left of it.

    ``at`` is the order's moment in microseconds, ``left_e3`` and ``left_minor`` what has not
    come back.
    """

    number: str
    position: int
    customer: str | None
    product: str
    at: int
    left_e3: int
    left_minor: int


@dataclass(frozen=True, slots=True)
class Back:
    """A row of the file that gives something back.

    ``order`` is the order number in the row, or empty; amounts are above 0.
    """

    source: str
    line_number: int
    order: str
    customer: str | None
    product: str
    at: int
    quantity_e3: int
    amount_minor: int


@dataclass
class Stock:
    """All lines that returns may refer to."""

    _numbers: dict[str, list[Bought]] = field(default_factory=lambda: defaultdict(list))
    _customers: dict[str, list[Bought]] = field(default_factory=lambda: defaultdict(list))

    def add(self, lines: Iterable[Bought]) -> None:
        """Take lines in, in the order of time.

        Parameters
        ----------
        lines
            Of whole orders.
        """
        for line in lines:
            self._numbers[line.number].append(line)
            if line.customer is not None:
                self._customers[line.customer].append(line)

    def give_back(self, back: Back) -> Iterator[tuple[Bought, int, int]]:
        """Take a return off the lines it belongs to.

        Parameters
        ----------
        back
            The row.

        Yields
        ------
        tuple
            Line, quantity in thousandths, amount in minor units; nothing where no order is
            found. What is more than all that is left is not given back.
        """
        order = self._order_of(back)
        quantity, amount = back.quantity_e3, back.amount_minor
        # Of lines of the same product, the one that came to this very amount is meant.
        likeness = {
            id(line): (line.product != back.product, line.left_minor != amount)
            for line in order
        }
        for line in sorted(order, key=lambda each: likeness[id(each)]):
            some_e3 = min(quantity, line.left_e3) if line.product == back.product else 0
            some = min(amount, line.left_minor)
            if some_e3 or some:
                line.left_e3 -= some_e3
                line.left_minor -= some
                quantity, amount = quantity - some_e3, amount - some
                yield line, some_e3, some
            if not amount:
                return

    def _order_of(self, back: Back) -> list[Bought]:
        for number in (back.order, back.order.lstrip("Cc")):
            if number and number in self._numbers:
                return self._numbers[number]
        earlier = [
            line
            for line in self._customers.get(back.customer or "", ())
            if line.at <= back.at and line.left_minor
        ]
        same = [
            line
            for line in earlier
            if back.product and line.product == back.product and line.left_e3
        ]
        enough = [line for line in same if line.left_e3 >= back.quantity_e3]
        found = enough or same or earlier
        return self._numbers[found[-1].number] if found else []
