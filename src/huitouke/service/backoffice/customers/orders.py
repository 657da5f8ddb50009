"""An order as pages show it: what was sold, how it was paid, what it brought and what not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from huitouke.language import N_
from huitouke.service.backoffice.acts import say
from huitouke.service.backoffice.customers.standing import unit_name
from huitouke.service.core import clock
from huitouke.service.core.ids import private_id
from huitouke.service.customers import queries as people
from huitouke.service.customers.following import roots
from huitouke.service.customers.models import Customer
from huitouke.service.orders import queries as orders
from huitouke.service.orders.commands.change import OrderUnknown
from huitouke.service.orders.models import Line, Order
from huitouke.service.programme.people.listing import ground_of
from huitouke.service.programme.people.order_story import order_story
from huitouke.service.programme.rules.reasons import say as say_reason
from huitouke.service.ui.reader import current

__all__ = [
    "STATES",
    "LineShown",
    "OrderShown",
    "UnitShown",
    "customer_of",
    "line_name",
    "order_loaded",
    "order_shown",
    "pieces_said",
    "sentences",
]

#: States of orders, and their tones.
STATES: dict[str, tuple[str, str]] = {
    "pending": (N_("Not paid"), "warn"),
    "paid": (N_("Paid"), "good"),
    "part_refunded": (N_("Partly returned"), "warn"),
    "refunded": (N_("Returned"), ""),
    "cancelled": (N_("Called off"), ""),
}


@dataclass(frozen=True)
class LineShown:
    """One line of an order.

    Parameters
    ----------
    position, name, pieces, net_minor
        Which, what, how many, and what was paid for it.
    back
        How many came back; empty where none did.
    """

    position: int
    name: str
    pieces: str
    net_minor: int
    back: str


@dataclass(frozen=True)
class UnitShown:
    """Points of one unit: what they are called, how many came, how many were taken back."""

    unit: str
    earned: int
    taken: int


@dataclass(frozen=True)
class OrderShown:
    """One order.

    Parameters
    ----------
    number, at, state, tone
        Which, when it was placed, and where it stands.
    history
        Whether a file brought it; such orders earn nothing.
    total_minor, refunded_minor, by_points_minor, by_gift_card_minor, currency
        Its money.
    lines
        What was sold.
    brought, effects, misses, back
        Points by unit; sentences on what it brought, on what it did not and why, and on what
        its returns changed.
    """

    number: str
    at: datetime
    state: str
    tone: str
    history: bool
    total_minor: int
    refunded_minor: int
    by_points_minor: int
    by_gift_card_minor: int
    currency: str
    lines: tuple[LineShown, ...]
    brought: tuple[UnitShown, ...]
    effects: tuple[str, ...]
    misses: tuple[str, ...]
    back: tuple[str, ...]

    @property
    def by_points(self) -> str:
        """What points paid, written out."""
        return current().money(self.by_points_minor, currency=self.currency)

    @property
    def by_gift_card(self) -> str:
        """What a gift card paid, written out."""
        return current().money(self.by_gift_card_minor, currency=self.currency)

    @property
    def refunded(self) -> str:
        """What was given back, written out."""
        return current().money(self.refunded_minor, currency=self.currency)


def order_loaded(key: str) -> Order:
    """Return the order of an address, with its lines, payments and refunds at hand.

    Parameters
    ----------
    key
        Public id.

    Raises
    ------
    IdUnknown, OrderUnknown
        If there is no such order.
    """
    found = orders.by_id(private_id("ord", key))
    if found is None:
        raise OrderUnknown(source="", number=key[:60])
    return found


def customer_of(order: Order) -> Customer | None:
    """Return whose order it is today; none for nobody's, or of who was erased.

    Parameters
    ----------
    order
        Any.
    """
    if order.customer_id is None:
        return None
    root = roots([order.customer_id]).get(order.customer_id)
    alive = None if root is None else Customer.objects.filter(pk=root, erased_at=None).first()
    return None if alive is None else people.get(alive.pk)


def order_shown(order: Order) -> OrderShown:
    """Return an order as it is read.

    Parameters
    ----------
    order
        Of :func:`order_loaded`.
    """
    state, tone = STATES[order.status]
    story = order_story(order)
    book = ground_of(now=clock.now()).rulebook
    return OrderShown(
        number=order.number,
        at=order.ordered_at,
        state=say(state),
        tone=tone,
        history=order.history,
        total_minor=order.total_minor,
        refunded_minor=order.refunded_minor,
        by_points_minor=order.paid_by_points_minor,
        by_gift_card_minor=order.paid_by_gift_card_minor,
        currency=order.currency,
        lines=tuple(
            LineShown(
                position=each.position,
                name=line_name(each),
                pieces=pieces_said(each.quantity_e3),
                net_minor=each.net_minor,
                back=pieces_said(each.returned_e3) if each.returned_e3 else "",
            )
            for each in sorted(order.lines.all(), key=lambda line: line.position)
        ),
        brought=tuple(
            UnitShown(
                each.unit if book is None else unit_name(book.now, each.unit),
                each.earned,
                each.taken,
            )
            for each in story.brought
        ),
        effects=sentences(story.effects),
        misses=sentences(story.reasons),
        back=sentences(story.back),
    )


def line_name(line: Line) -> str:
    """Return what a line is called; empty for goods that were typed in as an amount.

    Parameters
    ----------
    line
        Of an order.
    """
    return line.name or ("" if line.sku == "counter" else line.sku)


def pieces_said(quantity_e3: int) -> str:
    """Return a quantity as it is read.

    Parameters
    ----------
    quantity_e3
        Thousandths.

    Examples
    --------
    >>> pieces_said(3_000), pieces_said(1_250)
    ('3', '1.25')
    """
    return format(Decimal(quantity_e3).scaleb(-3).normalize(), "f")


def sentences(told: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return what effects or reasons say, each once.

    Parameters
    ----------
    told
        As a fact is answered.
    """
    language = current().language
    found = [
        say_reason(each["reason"], language)
        for each in told
        if isinstance(each.get("reason"), Mapping)
    ]
    return tuple(dict.fromkeys(found))
