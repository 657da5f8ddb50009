"""What a made-up cart would earn under a definition: for who writes rules, nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from huitouke.language import Language
from huitouke.service.programme.rules.cart import Cart, FactView, MemberView
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.rules.earning import evaluate
from huitouke.service.programme.rules.reasons import say
from huitouke.service.programme.rules.told import Teller

__all__ = ["Tried", "try_cart"]

_MEMBER_FOR = timedelta(days=400)


@dataclass(frozen=True)
class Tried:
    """What a cart came to.

    Parameters
    ----------
    points
        By code of the unit.
    shown
        The same, as a reader writes it, in the order of the units.
    earned, missed
        A sentence for each rule that gave, and that did not.
    """

    points: dict[str, int]
    shown: tuple[str, ...]
    earned: tuple[str, ...]
    missed: tuple[str, ...]


def try_cart(
    definition: Definition, *, cart: Cart, tier: str | None, at: datetime, language: Language
) -> Tried:
    """Return what a member of a tier would earn who has earned nothing yet under any cap.

    Parameters
    ----------
    definition
        Of any version; its references must hold.
    cart
        What is bought.
    tier
        Code of the member's tier, or none.
    at
        When it is paid.
    language
        ``"en"`` or ``"zh"``.

    Examples
    --------
    >>> from datetime import UTC
    >>> from huitouke.service.programme.rules.cart import CartLine
    >>> from huitouke.service.programme.rules.examples import starter_definition
    >>> cart = Cart(lines=(CartLine(position=1, amount_minor=12_800),))
    >>> at = datetime(2026, 11, 20, 4, tzinfo=UTC)
    >>> try_cart(starter_definition(), cart=cart, tier="gold", at=at, language="en").points
    {'points': 153, 'growth': 128}
    """
    member = MemberView(tier=tier, joined_at=at - _MEMBER_FOR, order_count=3)
    outcome = evaluate(
        FactView(type="order.paid", at=at, cart=cart), definition=definition, member=member
    )
    points = {unit.code: 0 for unit in definition.units}
    for effect in outcome.effects:
        points[effect.unit] = points.get(effect.unit, 0) + effect.value
    teller = Teller(definition, language)
    return Tried(
        points=points,
        shown=tuple(teller.points(value, unit=unit) for unit, value in points.items()),
        earned=tuple(say(each.reason, language) for each in outcome.effects),
        missed=tuple(say(each.reason, language) for each in outcome.misses),
    )
