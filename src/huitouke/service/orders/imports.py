"""Orders from a file, as history: what is new comes in, what is known stays as it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from huitouke.service.core.actor import Actor
from huitouke.service.customers.commands import find_or_create
from huitouke.service.customers.following import hold
from huitouke.service.customers.imports import Difference, Identities, Refusal
from huitouke.service.customers.owning import Pair, owners
from huitouke.service.orders.commands import OrderInvalid, RefundTooLarge, record, refund
from huitouke.service.orders.content import check, content_hash, refund_hash
from huitouke.service.orders.contract import NewOrder, NewRefund
from huitouke.service.orders.queries import told_elsewhere

__all__ = ["OrderRow", "OrdersImport"]

_KNOWN = """
SELECT o.number, o.id, o.content_hash, o.total_minor, o.currency, o.status, o.customer_id
FROM unnest(%b::text[]) AS k(number)
CROSS JOIN LATERAL (
  SELECT * FROM orders_order o WHERE o.source = %s AND o.number = k.number LIMIT 1
) AS o
"""
_REFUNDS = """
SELECT r.source_id, r.content_hash
FROM unnest(%b::text[]) AS k(source_id)
CROSS JOIN LATERAL (
  SELECT * FROM orders_refund r WHERE r.source = %s AND r.source_id = k.source_id LIMIT 1
) AS r
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderRow:
    """One order as a file tells it.

    Parameters
    ----------
    source, line_number
        The file and the order's first line in it.
    order
        Without ``customer_id``; ``history`` is True.
    who
        The customer's identity as written, or None.
    refunds
        What the file says came back.
    void
        The file says that the order never came to be or was undone as a whole.
    """

    source: str
    line_number: int
    order: NewOrder
    who: Pair | None = None
    refunds: tuple[NewRefund, ...] = ()
    void: bool = False


class _Known(NamedTuple):
    """What is stored of an order."""

    id: UUID
    content: bytes
    total_minor: int
    currency: str
    status: str
    customer_id: UUID | None


class OrdersImport:
    """Brings orders in, part by part, or says what that would change.

    Counts beside ``new``, ``same``, ``changed`` and ``refused``: ``void`` (never came to be
    and unknown: passed over), ``elsewhere`` (a till or shop told it: not brought in, and what
    came back of it neither), ``refunds_new``, ``refunds_same``, ``refunds_changed``,
    ``customers_new``.

    Parameters
    ----------
    write
        False: nothing is written.
    """

    def __init__(self, *, write: bool) -> None:
        self.difference = Difference()
        self._write = write
        self._identities = Identities()
        self._people: dict[Pair, UUID | None] = {}

    def bring(self, rows: Sequence[OrderRow], *, at: datetime, actor: Actor) -> None:
        """Bring a part of the file in, in the caller's transaction.

        Parameters
        ----------
        rows
            Some thousand, each order whole and once in the file.
        at
            The present moment.
        actor
            Who imports.
        """
        good = [row for row in rows if self._usable(row)]
        known = _known(good)
        new = [row for row in good if row.order.number not in known and not row.void]
        self._find_people(new, at=at, actor=actor)
        if self._write:
            self._hold(new, known.values())
        # Looked for when nobody else can bring them any more.
        places = told_elsewhere([self._named(row) for row in new])
        elsewhere = {new[place].order.number for place in places}
        new = [row for row in new if row.order.number not in elsewhere]
        for row in good:
            self._tell(row, known=known, elsewhere=elsewhere)
        if self._write and new:
            record([self._named(row) for row in new], at=at, actor=actor)
        ours = [row for row in good if row.order.number not in elsewhere]
        self._bring_refunds(ours, known=known, at=at, actor=actor)

    def pass_over(self, rows: Sequence[OrderRow]) -> None:
        """Take notice of a part that was brought in before the import was stopped.

        Parameters
        ----------
        rows
            The part.
        """

    def _usable(self, row: OrderRow) -> bool:
        reason = ""
        if row.who is not None and self._identities.of(row.who) is None:
            reason = "identity_invalid"
        else:
            try:
                check(row.order)
            except OrderInvalid:
                reason = "order_invalid"
        if reason:
            self._refuse(row, reason)
        return not reason

    def _tell(self, row: OrderRow, *, known: dict[str, _Known], elsewhere: set[str]) -> None:
        """Count what becomes of an order."""
        there = known.get(row.order.number)
        if there is not None:
            self._compare(row, there)
        elif row.void:
            self.difference.tell("void")
        elif row.order.number in elsewhere:
            self.difference.tell("elsewhere", str(row.line_number))
        else:
            self.difference.tell("new")

    def _compare(self, row: OrderRow, there: _Known) -> None:
        if there.content == content_hash(row.order):
            self.difference.tell("same")
        else:
            self._refuse(row, "order_changed", outcome="changed")

    def _find_people(self, rows: Sequence[OrderRow], *, at: datetime, actor: Actor) -> None:
        """Learn whose identities these are; those of nobody become new customers."""
        wanted = {pair for row in rows if (pair := self._pair(row)) is not None}
        unknown = sorted(wanted - self._people.keys())
        if not unknown:
            return
        found = owners(unknown)
        for pair in unknown:
            if pair not in found:
                self.difference.tell("customers_new")
        if self._write:
            ids = find_or_create(unknown, at=at, actor=actor)
            self._people.update(zip(unknown, ids, strict=True))
        else:
            self._people.update({pair: found.get(pair) for pair in unknown})

    def _hold(self, new: Sequence[OrderRow], known: Iterable[_Known]) -> None:
        """Lock whose orders come or change, all at once and first, as every other writer does.

        Who was merged since an earlier part is known by the record of today from here on.
        """
        pairs = {pair for row in new if (pair := self._pair(row)) is not None}
        named = {pair: customer for pair in pairs if (customer := self._people[pair])}
        whose = {order.customer_id for order in known if order.customer_id is not None}
        held = hold(whose | set(named.values()))
        self._people.update({pair: held[customer] for pair, customer in named.items()})

    def _pair(self, row: OrderRow) -> Pair | None:
        return None if row.who is None else self._identities.of(row.who)

    def _named(self, row: OrderRow) -> NewOrder:
        pair = self._pair(row)
        return row.order if pair is None else replace(row.order, customer_id=self._people[pair])

    def _bring_refunds(
        self, rows: Sequence[OrderRow], *, known: dict[str, _Known], at: datetime, actor: Actor
    ) -> None:
        wanted = [
            (row, each)
            for row in rows
            for each in (_undoing(row, known.get(row.order.number)) or row.refunds)
            if not row.void or row.order.number in known
        ]
        stored = _stored_refunds([each for _, each in wanted])
        for row, each in wanted:
            content = stored.get(each.source_id)
            if content is None:
                self._bring_refund(row, each, at=at, actor=actor)
            elif content == refund_hash(each):
                self.difference.tell("refunds_same")
            else:
                self._refuse(row, "refund_changed", outcome="refunds_changed")

    def _bring_refund(
        self, row: OrderRow, new: NewRefund, *, at: datetime, actor: Actor
    ) -> None:
        try:
            if self._write:
                refund(new, at=at, actor=actor)
        except RefundTooLarge:
            self._refuse(row, "refund_too_large", outcome="refunds_refused")
        else:
            self.difference.tell("refunds_new")

    def _refuse(self, row: OrderRow, reason: str, *, outcome: str = "refused") -> None:
        place = Refusal(row.source, row.line_number, reason, "", row.order.number)
        self.difference.refuse(place, outcome=outcome)


def _undoing(row: OrderRow, there: _Known | None) -> tuple[NewRefund, ...]:
    """Return the refund of everything for an order that was undone since it came in."""
    if not row.void or there is None or there.status in {"refunded", "cancelled"}:
        return ()
    return (
        NewRefund(
            source=row.order.source,
            source_id=f"{row.order.number}/void",
            order_source=row.order.source,
            order_number=row.order.number,
            at=row.order.ordered_at,
            shipping_minor=None,
        ),
    )


def _known(rows: Sequence[OrderRow]) -> dict[str, _Known]:
    numbers = [row.order.number for row in rows]
    if not numbers:
        return {}
    found = _read(_KNOWN, [numbers, rows[0].order.source])
    return {number: _Known(key, bytes(content), *rest) for number, key, content, *rest in found}


def _stored_refunds(refunds: Sequence[NewRefund]) -> dict[str, bytes]:
    if not refunds:
        return {}
    ids = [each.source_id for each in refunds]
    found = _read(_REFUNDS, [ids, refunds[0].source])
    return {source_id: bytes(content) for source_id, content in found}


def _read(statement: str, parameters: Iterable[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(parameters))
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
