"""Which part of a bill earns points, line by line (delivery as a last part of its own)."""

from __future__ import annotations

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError
from huitouke.service.programme.rules.cart import Cart
from huitouke.service.programme.rules.definition import Eligible
from huitouke.service.programme.rules.rounding import split

__all__ = ["CartInvalid", "eligible_minor", "eligible_parts"]


class CartInvalid(ServiceError):
    """An amount of the cart is below zero."""

    code = "programme.cart_invalid"
    says = N_("Line {position} of the order is worth {amount_minor}, which is less than zero.")
    remedy = N_("Send what the customer paid for the line, and discounts apart from it.")


def eligible_parts(cart: Cart, *, switches: Eligible) -> list[int]:
    """Return the eligible amount of each line, and last that of delivery.

    After discounts; without gift cards that are bought, without delivery and without what
    was paid by points or gift card, as the switches say. What was paid so is taken from
    all parts of the bill in proportion (largest remainder). Without tax, each line's share
    of it is taken in the proportion in which the line without tax stands to the line,
    rounded down, in the customer's favour.

    Parameters
    ----------
    cart
        The order, or what is kept of it.
    switches
        What counts.

    Returns
    -------
    list of int
        Minor units, ``len(cart.lines) + 1`` of them, none below 0.

    Raises
    ------
    CartInvalid
        If an amount is below zero.

    Examples
    --------
    >>> from huitouke.service.programme.rules.cart import CartLine
    >>> tea = CartLine(position=1, amount_minor=6000)
    >>> cup = CartLine(position=2, amount_minor=3000)
    >>> cart = Cart(lines=(tea, cup), shipping_minor=1000, paid_by_points_minor=2000)
    >>> eligible_parts(cart, switches=Eligible())
    [4800, 2400, 0]
    """
    bill = [line.amount_minor for line in cart.lines]
    bill.append(cart.shipping_minor)
    if min(bill) < 0:
        place = bill.index(min(bill))
        position = cart.lines[place].position if place < len(cart.lines) else 0
        raise CartInvalid(position=position, amount_minor=bill[place])
    parts = bill.copy()
    if not switches.shipping:
        parts[-1] = 0
    if not (switches.tax and switches.gift_card):
        for place, line in enumerate(cart.lines):
            if line.gift_card and not switches.gift_card:
                parts[place] = 0
            elif not switches.tax:
                parts[place] = max(0, line.amount_minor - line.tax_minor)
    paid = 0 if switches.paid_by_points else cart.paid_by_points_minor
    if not switches.paid_by_gift_card:
        paid += cart.paid_by_gift_card_minor
    return _less_paid(parts, bill=bill, paid=paid) if paid > 0 else parts


def _less_paid(parts: list[int], *, bill: list[int], paid: int) -> list[int]:
    """Return the parts without their shares of what was paid by points or gift card."""
    shares = split(min(paid, sum(bill)), bill)
    return [
        part - share * part // whole if whole else 0
        for part, share, whole in zip(parts, shares, bill, strict=True)
    ]


def eligible_minor(cart: Cart, *, switches: Eligible) -> int:
    """Return the eligible amount of a whole cart.

    Parameters
    ----------
    cart
        The order, or what is kept of it.
    switches
        What counts.
    """
    return sum(eligible_parts(cart, switches=switches))
