"""Several codes in one cart: which of them work together, in which order, on which lines.

The rules, in this order:

1. A code counts only if the lines in its scope reach its least spend, before any code.
   Gift cards that are bought are in no code's scope.
2. An exclusive code works alone. Of the codes of one stacking class one works; codes without
   a class and codes of different classes work together.
3. Of all combinations that are left, the one that saves the customer most is taken; among
   equals the one with fewer codes, then the one whose codes come first by priority.
4. Within it codes are applied by priority (lower first), among equals free pieces, then
   percentages, then amounts, then free delivery, then by code. Each works on what those
   before it left.
5. A discount is split to its lines by largest remainder; no line falls below zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

from huitouke.service.programme.rewards.scope import takes
from huitouke.service.programme.rules.cart import Cart, CartLine
from huitouke.service.programme.rules.rounding import split
from huitouke.service.programme.rules.shapes import Scope

__all__ = ["CODES_MOST", "Applied", "Discounts", "LeftOut", "Offer", "apply", "in_scope_minor"]

#: Codes of one cart; so many at most keeps the search for the best combination short.
CODES_MOST = 8

_ORDER = {"product": 0, "percent": 1, "amount": 2, "free_delivery": 3}


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What one code offers.

    Parameters
    ----------
    code
        As stored.
    kind, value
        ``percent`` in basis points, ``amount`` in minor units, ``product`` so many pieces
        of ``sku``, ``free_delivery``.
    most_minor
        The most that a percentage takes off; none is no limit.
    sku
        The goods of a ``product`` offer.
    min_spend_minor
        Least amount of the lines in scope.
    scope
        Which lines; none is all.
    stacking_class
        Of the offers of one class one works; empty is no class.
    exclusive
        Works alone.
    priority
        Lower is applied first.
    """

    code: str
    kind: Literal["percent", "amount", "free_delivery", "product"]
    value: int = 0
    most_minor: int | None = None
    sku: str = ""
    min_spend_minor: int = 0
    scope: Scope | None = None
    stacking_class: str = ""
    exclusive: bool = False
    priority: int = 100


@dataclass(frozen=True, kw_only=True)
class Applied:
    """What one code takes off.

    Parameters
    ----------
    code
        Which.
    amount_minor
        From lines and delivery together.
    lines
        (position, minor) of each line it takes from; they and ``shipping_minor`` sum to
        ``amount_minor``.
    shipping_minor
        From delivery.
    """

    code: str
    amount_minor: int
    lines: tuple[tuple[int, int], ...] = ()
    shipping_minor: int = 0


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A code that takes nothing off, and why: a stable name."""

    code: str
    reason: Literal[
        "minimum_not_reached",
        "nothing_in_scope",
        "product_not_in_cart",
        "no_delivery_cost",
        "not_combinable",
        "too_many_codes",
    ]


@dataclass(frozen=True, kw_only=True)
class Discounts:
    """What all codes of a cart take off, in the order in which they do."""

    applied: tuple[Applied, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def total_minor(self) -> int:
        """All that is taken off."""
        return sum(each.amount_minor for each in self.applied)

    @property
    def lines(self) -> dict[int, int]:
        """What is taken off each line, by position."""
        found: dict[int, int] = {}
        for each in self.applied:
            for position, minor in each.lines:
                found[position] = found.get(position, 0) + minor
        return found


def _reached(offer: Offer, cart: Cart) -> list[int]:
    """Return the places of the lines that an offer looks at."""
    return [
        place
        for place, line in enumerate(cart.lines)
        if not line.gift_card
        and takes(offer.scope, line)
        and (offer.kind != "product" or line.sku == offer.sku)
    ]


def in_scope_minor(offer: Offer, *, cart: Cart) -> int:
    """Return what the lines in an offer's scope cost before any code.

    Parameters
    ----------
    offer
        A code's.
    cart
        What is about to be bought.
    """
    return sum(
        line.amount_minor
        for line in cart.lines
        if not line.gift_card and takes(offer.scope, line)
    )


def _obstacle(offer: Offer, cart: Cart) -> LeftOut | None:
    """Return why an offer takes nothing off this cart even alone, or none."""
    if in_scope_minor(offer, cart=cart) < offer.min_spend_minor:
        return LeftOut(code=offer.code, reason="minimum_not_reached")
    if offer.kind == "free_delivery":
        paid = cart.shipping_minor > 0
        return None if paid else LeftOut(code=offer.code, reason="no_delivery_cost")
    if any(cart.lines[place].amount_minor > 0 for place in _reached(offer, cart)):
        return None
    reason: Literal["product_not_in_cart", "nothing_in_scope"] = (
        "product_not_in_cart" if offer.kind == "product" else "nothing_in_scope"
    )
    return LeftOut(code=offer.code, reason=reason)


def _pieces_worth(line: CartLine, *, left: int, pieces: int) -> int:
    """Return what so many pieces of a line cost now, rounded down."""
    return (
        left if line.quantity_e3 <= pieces * 1000 else left * pieces * 1000 // line.quantity_e3
    )


def _free_pieces(offer: Offer, *, cart: Cart, left: Sequence[int]) -> list[int]:
    """Return what free pieces take off each line, the dearest of their lines first."""
    taken, pieces = [0] * len(left), offer.value
    places = _reached(offer, cart)
    for place in sorted(
        places,
        key=lambda each: (-left[each] * 1000 // max(1, cart.lines[each].quantity_e3), each),
    ):
        if pieces <= 0:
            break
        line = cart.lines[place]
        taken[place] = _pieces_worth(line, left=left[place], pieces=pieces)
        pieces -= -(-line.quantity_e3 // 1000)
    return taken


def _taken(offer: Offer, *, cart: Cart, left: Sequence[int]) -> list[int]:
    """Return what an offer takes off each line, of which so much is left."""
    if offer.kind == "product":
        return _free_pieces(offer, cart=cart, left=left)
    weights = [0] * len(left)
    for place in _reached(offer, cart):
        weights[place] = left[place]
    whole = sum(weights)
    if not whole:
        return weights
    if offer.kind == "percent":
        off = whole * offer.value // 10_000
        off = off if offer.most_minor is None else min(off, offer.most_minor)
    else:
        off = min(offer.value, whole)
    return split(off, weights)


def _rank(offer: Offer) -> tuple[int, int, str]:
    return offer.priority, _ORDER[offer.kind], offer.code


def _in_turn(offers: Sequence[Offer], cart: Cart) -> tuple[Applied, ...]:
    """Apply offers that work together, each to what those before it left."""
    left = [line.amount_minor for line in cart.lines]
    shipping, applied = cart.shipping_minor, []
    for offer in sorted(offers, key=_rank):
        if offer.kind == "free_delivery":
            off, taken, shipping = shipping, [0] * len(left), 0
        else:
            off, taken = 0, _taken(offer, cart=cart, left=left)
        left = [have - minor for have, minor in zip(left, taken, strict=True)]
        lines = tuple(
            (line.position, minor)
            for line, minor in zip(cart.lines, taken, strict=True)
            if minor
        )
        applied.append(
            Applied(
                code=offer.code, amount_minor=off + sum(taken), lines=lines, shipping_minor=off
            )
        )
    return tuple(applied)


def _combinations(offers: Sequence[Offer]) -> Iterator[tuple[Offer, ...]]:
    """Give every set of offers that may work together."""
    yield ()
    for offer in offers:
        if offer.exclusive:
            yield (offer,)
    classes: dict[str, list[Offer | None]] = {}
    for offer in offers:
        if not offer.exclusive:
            # An offer without a class is a class of its own; no name holds a NUL.
            name = offer.stacking_class or f"\x00{offer.code}"
            classes.setdefault(name, [None]).append(offer)
    for chosen in product(*classes.values()):
        yield tuple(offer for offer in chosen if offer is not None)


def apply(cart: Cart, *, offers: Sequence[Offer]) -> Discounts:
    """Return what codes take off a cart: the combination that saves the customer most.

    Parameters
    ----------
    cart
        What is about to be bought; amounts after the lines' own discounts.
    offers
        One per code, at most ``CODES_MOST``; more are left out from the end.

    Returns
    -------
    Discounts
        Lines never fall below zero, and delivery neither.

    Examples
    --------
    >>> cart = Cart(lines=(CartLine(position=1, amount_minor=10_000),), shipping_minor=800)
    >>> tenth = Offer(code="TENTH", kind="percent", value=1_000, stacking_class="goods")
    >>> fifteen = Offer(code="FIFTEEN", kind="amount", value=1_500, stacking_class="goods")
    >>> post = Offer(code="POST", kind="free_delivery")
    >>> found = apply(cart, offers=[tenth, fifteen, post])
    >>> [(each.code, each.amount_minor) for each in found.applied]
    [('FIFTEEN', 1500), ('POST', 800)]
    >>> [(each.code, each.reason) for each in found.left_out]
    [('TENTH', 'not_combinable')]
    """
    left_out = [
        LeftOut(code=offer.code, reason="too_many_codes") for offer in offers[CODES_MOST:]
    ]
    usable = []
    for offer in offers[:CODES_MOST]:
        obstacle = _obstacle(offer, cart)
        if obstacle is None:
            usable.append(offer)
        else:
            left_out.append(obstacle)
    best: tuple[Applied, ...] = ()
    best_rank: tuple[int, int, list[tuple[int, int, str]]] = (0, 0, [])
    for chosen in _combinations(usable):
        applied = _in_turn(chosen, cart)
        saved = sum(each.amount_minor for each in applied)
        rank = (-saved, len(chosen), sorted(_rank(offer) for offer in chosen))
        if rank < best_rank:
            best, best_rank = applied, rank
    # A code that others left nothing for is not used up by this cart.
    best = tuple(each for each in best if each.amount_minor)
    used = {each.code for each in best}
    left_out += [
        LeftOut(code=offer.code, reason="not_combinable")
        for offer in usable
        if offer.code not in used
    ]
    return Discounts(applied=best, left_out=tuple(left_out))
