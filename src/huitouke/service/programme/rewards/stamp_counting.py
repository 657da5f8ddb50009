"""How many stamps an order is worth, and when a card is full: pure rules of stamp cards."""

from __future__ import annotations

from dataclasses import dataclass

from huitouke.service.programme.rewards.scope import takes
from huitouke.service.programme.rules.cart import Cart
from huitouke.service.programme.rules.definition import Eligible
from huitouke.service.programme.rules.eligible import eligible_parts
from huitouke.service.programme.rules.extras import StampCard

__all__ = ["CardCount", "day_limit", "fill", "shown_stamps", "stamps_of_day", "worth_of"]


@dataclass(frozen=True, kw_only=True)
class CardCount:
    """Where a card stands: ``stamps`` collected on the present one, ``full`` ones so far.

    What a card has from its beginning is not among them. ``stamps`` may be below zero, after
    the return of what filled a card whose present could not be taken back.
    """

    stamps: int = 0
    full: int = 0


def worth_of(cart: Cart | None, *, card: StampCard, eligible: Eligible) -> int:
    """Return how many stamps an order, or another fact, is worth by itself.

    Parameters
    ----------
    cart
        The order, or what is kept of it; none for another fact, which is worth one.
    card
        The card's rules.
    eligible
        Which part of a bill counts.

    Examples
    --------
    >>> from huitouke.service.programme.rules.cart import CartLine
    >>> from huitouke.service.programme.rules.shapes import Name
    >>> two = Cart(lines=(CartLine(position=1, amount_minor=6000, quantity_e3=2500),))
    >>> coffee = StampCard(id="c", name=Name(en="C"), per="item", stamps=10, points=5)
    >>> worth_of(two, card=coffee, eligible=Eligible())
    2
    """
    if cart is None:
        return 1
    parts = eligible_parts(cart, switches=eligible)
    counted = [
        (line, part)
        for line, part in zip(cart.lines, parts, strict=False)
        if part > 0 and takes(card.scope, line)
    ]
    if not counted or sum(part for _, part in counted) < card.least_minor:
        return 0
    if card.per == "item":
        return sum(line.quantity_e3 // 1000 for line, _ in counted)
    return 1


def day_limit(card: StampCard) -> int | None:
    """Return how many stamps one member gets in one local day; none is no limit."""
    return 1 if card.per == "day" else card.most_per_day


def stamps_of_day(worth: int, *, card: StampCard) -> int:
    """Return what a day's orders give together.

    Parameters
    ----------
    worth
        Sum of what each is worth.
    card
        The card's rules.
    """
    limit = day_limit(card)
    return worth if limit is None else min(worth, limit)


def fill(count: CardCount, *, card: StampCard, stamps: int) -> CardCount:
    """Return where a card stands after stamps; every full one begins the next.

    Parameters
    ----------
    count
        Before.
    card
        The card's rules; one that is not given again stops at its first.
    stamps
        How many are put on it, at least 0.

    Examples
    --------
    >>> from huitouke.service.programme.rules.shapes import Name
    >>> tea = StampCard(id="t", name=Name(en="T"), stamps=5, points=5)
    >>> fill(CardCount(stamps=4), card=tea, stamps=7)
    CardCount(stamps=1, full=2)
    """
    if not card.again and count.full:
        return count
    total, needed = count.stamps + stamps, card.to_collect
    if total < needed:
        return CardCount(stamps=total, full=count.full)
    if not card.again:
        return CardCount(stamps=total - needed, full=1)
    return CardCount(stamps=total % needed, full=count.full + total // needed)


def shown_stamps(count: CardCount, *, card: StampCard) -> int:
    """Return how many stamps a member sees on the present card.

    Parameters
    ----------
    count
        Where it stands.
    card
        The card's rules; one that is not given again shows no new beginning once it is full.

    Examples
    --------
    >>> from huitouke.service.programme.rules.shapes import Name
    >>> tea = StampCard(id="t", name=Name(en="T"), stamps=12, head_start=2, points=5)
    >>> shown_stamps(CardCount(stamps=3), card=tea)
    5
    """
    if not card.again and count.full:
        return count.stamps
    return count.stamps + card.head_start
