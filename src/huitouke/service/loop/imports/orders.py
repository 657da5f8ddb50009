"""Orders of a file as history: lines gathered to orders, returns and refunds to refunds."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision

from huitouke.service.customers.imports import Difference, Refusal
from huitouke.service.loop.imports.fields import identity_kind
from huitouke.service.loop.imports.lines import COLUMNS, OrderLines
from huitouke.service.loop.imports.returns import Back, Bought, Stock
from huitouke.service.orders.contract import NewLine, NewOrder, NewRefund
from huitouke.service.orders.imports import OrderRow

__all__ = ["SOURCE", "OrderFile"]

#: The source of every order that came by a file.
SOURCE = "import"
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the shop's wall clock, before its zone is set
_ORDERS = 1_000
_LINES = 8_000


class _Line(NamedTuple):
    """One line of a file, its columns as in ``COLUMNS``."""

    order_key: str
    named: bool
    source: str
    line_number: int
    customer_id: str | None
    at: int
    amount_e4: int
    list_e4: int | None
    discount_e4: int | None
    quantity: float | None
    product: str | None
    category: str | None
    store: str | None
    channel: str | None
    reversal_e4: int | None
    is_void: bool | None


@dataclass
class OrderFile:
    """The orders of a file, ready to be brought in.

    Parameters
    ----------
    lines
        What was read.
    zone
        The shop's time zone, in which moments were written.
    currency
        ISO 4217; its precision says what a minor unit is.
    difference
        Takes the rows that are no part of any order.
    """

    lines: OrderLines
    zone: ZoneInfo
    currency: str
    difference: Difference
    _digits: int = field(init=False)
    _kind: str = field(init=False)
    _refunds: dict[str, list[NewRefund]] = field(init=False)

    def __post_init__(self) -> None:
        """Work out what holds for all rows; find the lines of all returns."""
        self._digits = 10 ** get_currency_precision(self.currency)
        self._kind = identity_kind(self.lines.customer_header)
        unnamed = self.lines.unnamed.to_pylist()
        for row in unnamed:
            place = Refusal(row["source"], row["line_number"], "order_unnamed")
            self.difference.refuse(place)
        self._refunds = self._returns()

    def parts(self) -> Iterator[list[OrderRow]]:
        """Yield the orders, some thousand at a time, always cut at the same places."""
        part: list[OrderRow] = []
        lines = 0
        for group in self._groups():
            row = self._row(group)
            if row is not None:
                part.append(row)
                lines += len(group)
            if len(part) >= _ORDERS or lines >= _LINES:
                yield part
                part, lines = [], 0
        if part:
            yield part

    def _groups(self) -> Iterator[list[_Line]]:
        """Yield the lines of one order after the other."""
        group: list[_Line] = []
        for batch in self.lines.batches():
            for line in map(_Line._make, zip(*(batch[name] for name in COLUMNS), strict=True)):
                if group and group[0].order_key != line.order_key:
                    yield group
                    group = []
                group.append(line)
        if group:
            yield group

    def _row(self, group: list[_Line]) -> OrderRow | None:
        first = group[0]
        who = {line.customer_id for line in group if line.customer_id is not None}
        number = _number(first.order_key, first.named)
        if len(who) > 1:
            refusal = Refusal(first.source, first.line_number, "order_of_several", "", number)
            self.difference.refuse(refusal)
            return None
        at = self._moment(min(line.at for line in group))
        order = NewOrder(
            source=SOURCE,
            number=number,
            customer_id=None,
            ordered_at=at,
            paid_at=at,
            currency=self.currency,
            lines=tuple([self._line(n, line) for n, line in enumerate(group, start=1)]),
            store=first.store or "",
            channel=first.channel or "",
            history=True,
        )
        void = all(line.is_void for line in group)
        return OrderRow(
            source=first.source,
            line_number=first.line_number,
            order=order,
            who=(self._kind, who.pop()) if who else None,
            refunds=() if void else self._refunds_of(order, group),
            void=void,
        )

    def _line(self, position: int, line: _Line) -> NewLine:
        off = line.discount_e4
        if off is None:
            off = max(0, (line.list_e4 or 0) - line.amount_e4)
        return NewLine(
            position=position,
            sku=line.product or "",
            category=line.category or "",
            quantity_e3=_thousandths(line.quantity),
            amount_minor=self._minor(line.amount_e4),
            discount_minor=self._minor(off),
        )

    def _minor(self, amount_e4: int) -> int:
        """Return ten-thousandths of the currency's unit in its minor unit, half up."""
        return (abs(amount_e4) * self._digits + 5_000) // 10_000

    def _moment(self, micros: int) -> datetime:
        local = (_EPOCH + timedelta(microseconds=micros)).replace(tzinfo=self.zone)
        return local.astimezone(UTC)

    def _refunds_of(self, order: NewOrder, group: list[_Line]) -> tuple[NewRefund, ...]:
        """Return what the order's own lines and the file's returns say came back."""
        found = self._refunds.get(order.number, [])
        back = [
            (position, None, None if line.is_void else min(self._minor(part), new.amount_minor))
            for position, (line, new) in enumerate(zip(group, order.lines, strict=True), 1)
            if (part := line.reversal_e4)
        ]
        if back:
            own = self._refund(order.number, "refunded", at=order.ordered_at, lines=back)
            return (own, *found)
        return tuple(found)

    def _refund(self, number: str, name: str, *, at: datetime, lines: list[Any]) -> NewRefund:
        return NewRefund(
            source=SOURCE,
            source_id=f"{number}/{name}",
            order_source=SOURCE,
            order_number=number,
            at=at,
            lines=tuple(lines),
        )

    def _returns(self) -> dict[str, list[NewRefund]]:
        """Return the refunds by order; returns of one moment and number are one refund."""
        stock = Stock()
        stock.add(self._bought(row) for row in self.lines.touched.to_pylist())
        taken: dict[tuple[str, int, str], dict[int, tuple[int, int]]] = defaultdict(dict)
        for row in self.lines.returns.to_pylist():
            back = self._back(row)
            found = list(stock.give_back(back))
            if not found:
                place = Refusal(back.source, back.line_number, "return_unmatched")
                self.difference.refuse(place)
            for line, quantity_e3, amount in found:
                sums = taken[line.number, back.at, back.order]
                before = sums.get(line.position, (0, 0))
                sums[line.position] = (before[0] + quantity_e3, before[1] + amount)
        refunds: dict[str, list[NewRefund]] = defaultdict(list)
        for (number, at, order), positions in taken.items():
            moment = self._moment(at)
            name = f"{order}@{moment:%Y-%m-%dT%H:%M:%S}"
            lines = [(position, *positions[position]) for position in sorted(positions)]
            refunds[number].append(self._refund(number, name, at=moment, lines=lines))
        return refunds

    def _bought(self, row: dict[str, Any]) -> Bought:
        amount = self._minor(row["amount_e4"])
        undone = self._minor(row["reversal_e4"] or 0)
        return Bought(
            number=_number(row["order_key"], row["named"]),
            position=row["position"],
            customer=row["customer_id"],
            product=row["product"] or "",
            at=row["at"],
            left_e3=0 if row["is_void"] else _thousandths(row["quantity"]),
            left_minor=max(0, amount - undone),
        )

    def _back(self, row: dict[str, Any]) -> Back:
        return Back(
            source=row["source"],
            line_number=row["line_number"],
            order=row["order_key"] if row["named"] else "",
            customer=row["customer_id"],
            product=row["product"] or "",
            at=row["at"],
            quantity_e3=_thousandths(row["quantity"]),
            amount_minor=self._minor(row["amount_e4"]),
        )


def _number(key: str, named: bool) -> str:
    """Return the order's number; without one in the file, one that tells nobody's name."""
    if named:
        return key
    return "at-" + hashlib.sha256(key.encode()).hexdigest()[:24]


def _thousandths(quantity: float | None) -> int:
    return 1_000 if quantity is None else round(abs(quantity) * 1_000)
