"""What a replay reads: orders as they were paid, with what came back of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from huitouke.service.orders.amounts import part
from huitouke.service.programme.rules.cart import Cart, CartLine

__all__ = ["Back", "Bought", "Person", "kept_after"]


@dataclass(frozen=True, slots=True)
class Person:
    """Who bought.

    Parameters
    ----------
    id
        Of the customer.
    joined_at
        When they became a member; none for those who did not.
    birthday_on
        Or none.
    tags
        The merchant's labels.
    """

    id: UUID
    joined_at: datetime | None = None
    birthday_on: date | None = None
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Back:
    """One refund.

    Parameters
    ----------
    at
        When.
    lines
        (position, thousandths, minor units) that came back.
    shipping_minor
        Of delivery.
    """

    at: datetime
    lines: tuple[tuple[int, int, int], ...]
    shipping_minor: int = 0


@dataclass(frozen=True, slots=True)
class Bought:
    """An order that was paid, before any refund, and its refunds in order of time."""

    person: Person
    at: datetime
    cart: Cart
    refunds: tuple[Back, ...] = ()


def kept_after(cart: Cart, *, refunds: tuple[Back, ...]) -> Cart:
    """Return what is kept of an order after refunds.

    Parameters
    ----------
    cart
        As it was paid.
    refunds
        All up to a moment.

    Returns
    -------
    Cart
        Lines that came back whole are gone; tax and what points or a gift card paid shrink
        with the money.
    """
    total = sum(line.amount_minor for line in cart.lines) + cart.shipping_minor
    pieces: dict[int, int] = {}
    money: dict[int, int] = {}
    for refund in refunds:
        for position, quantity_e3, amount_minor in refund.lines:
            pieces[position] = pieces.get(position, 0) + quantity_e3
            money[position] = money.get(position, 0) + amount_minor
    shipping = max(0, cart.shipping_minor - sum(refund.shipping_minor for refund in refunds))
    lines = [
        _less(line, pieces=pieces.get(line.position, 0), money=money.get(line.position, 0))
        for line in cart.lines
    ]
    kept = tuple(line for line in lines if line.quantity_e3 or line.amount_minor)
    left = sum(line.amount_minor for line in kept) + shipping
    return replace(
        cart,
        lines=kept,
        shipping_minor=shipping,
        paid_by_points_minor=part(cart.paid_by_points_minor, of=total, kept=left),
        paid_by_gift_card_minor=part(cart.paid_by_gift_card_minor, of=total, kept=left),
    )


def _less(line: CartLine, *, pieces: int, money: int) -> CartLine:
    if not (pieces or money):
        return line
    left = max(0, line.amount_minor - money)
    return replace(
        line,
        quantity_e3=max(0, line.quantity_e3 - pieces),
        amount_minor=left,
        tax_minor=part(line.tax_minor, of=line.amount_minor, kept=left),
    )
