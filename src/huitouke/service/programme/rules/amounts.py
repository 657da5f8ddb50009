"""How many points each kind of rule gives for a cart, exactly, before caps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from huitouke.service.programme.rules.cart import Cart
from huitouke.service.programme.rules.compiled import Reach, Ready
from huitouke.service.programme.rules.definition import Fixed, Multiplier, PerItem, PerSpend
from huitouke.service.programme.rules.rounding import split

__all__ = ["Amount", "Amounts"]


@dataclass(slots=True)
class Amount:
    """What a rule gives before caps, or why it gives nothing.

    Parameters
    ----------
    points
        Floored once.
    weights
        Per line and last for delivery: what the points are split by; empty for fixed ones.
    code
        Of the reason.
    actual, required
        Eligible amount (or quantity) in scope, and the least that gives one point.
    missing
        Name of the gate that is shut, or empty.
    """

    points: int
    weights: Sequence[int]
    code: str
    actual: int = 0
    required: int = 0
    missing: str = ""


class Amounts:
    """The eligible amounts of one cart, and what rules make of them.

    Parameters
    ----------
    cart
        The order, or none for facts without one.
    parts
        Eligible amount of each line and of delivery, from ``eligible_parts``.
    gift_cards
        Whether gift cards that are bought count as pieces.
    """

    __slots__ = ("bases", "cart", "factors", "gift_cards", "masks", "parts", "positions")

    def __init__(self, cart: Cart | None, *, parts: list[int], gift_cards: bool) -> None:
        self.cart = cart
        self.parts = parts
        self.gift_cards = gift_cards
        self.masks: dict[int, list[bool]] = {}
        self.bases: dict[str, list[int]] = {}
        self.factors: dict[str, list[Fraction]] = {}
        self.positions: list[int] = []
        if cart is not None:
            self.positions = [line.position for line in cart.lines]
            self.positions.append(0)

    def of(self, ready: Ready) -> Amount:
        """Return what a rule gives before caps.

        Parameters
        ----------
        ready
            Its gates have been passed.
        """
        gives, reach = ready.rule.gives, ready.reach
        mask = None
        if reach is not None and self.cart is not None:
            mask = self._mask(reach)
            if True not in mask:
                return Amount(0, (), "", missing="scope")
        if isinstance(gives, PerSpend):
            return self._per_spend(ready, gives=gives, mask=mask)
        if isinstance(gives, Fixed):
            return Amount(gives.points, (), "earned.fixed")
        if isinstance(gives, PerItem):
            return self._per_item(gives, mask=mask)
        return self._multiplier(ready, gives=gives, mask=mask)

    def lines(self, value: int, weights: Sequence[int]) -> tuple[tuple[int, int], ...]:
        """Split points to lines by largest remainder; lines that get none are left out.

        Parameters
        ----------
        value
            Points after caps.
        weights
            Of :class:`Amount`.
        """
        if not value or not weights:
            return ()
        parts = split(value, weights)
        return tuple([pair for pair in zip(self.positions, parts, strict=True) if pair[1]])

    def _mask(self, reach: Reach) -> list[bool]:
        """Return for each line, and delivery (never), whether it is in scope."""
        found = self.masks.get(id(reach))
        if found is None:
            lines = () if self.cart is None else self.cart.lines
            found = [reach.takes(line) for line in lines]
            found.append(False)
            self.masks[id(reach)] = found
        return found

    def _per_spend(self, ready: Ready, *, gives: PerSpend, mask: list[bool] | None) -> Amount:
        weights = _masked(self.parts, mask)
        total = sum(weights)
        self.bases[ready.rule.id] = weights
        points = total * gives.points // gives.per_minor
        if points:
            return Amount(points, weights, "earned.spend", actual=total)
        least = -(-gives.per_minor // gives.points)
        return Amount(0, (), "", actual=total, required=least, missing="amount")

    def _per_item(self, gives: PerItem, *, mask: list[bool] | None) -> Amount:
        lines = () if self.cart is None else self.cart.lines
        pieces = [
            line.quantity_e3 if self.gift_cards or not line.gift_card else 0 for line in lines
        ]
        weights = _masked([*pieces, 0], mask)
        total = sum(weights)
        points = total * gives.points // 1000
        if points:
            return Amount(points, weights, "earned.item", actual=total)
        least = -(-1000 // gives.points)
        return Amount(0, (), "", actual=total, required=least, missing="pieces")

    def _multiplier(
        self, ready: Ready, *, gives: Multiplier, mask: list[bool] | None
    ) -> Amount:
        """Return the extra part: the sum over its bases, floored once."""
        bases = {name: self.bases[name] for name in ready.bases if name in self.bases}
        if not bases:
            return Amount(0, (), "", missing="base")
        weights = [0] * len(self.parts)
        more = gives.num - gives.den
        den = ready.den * gives.den
        if gives.compound:
            weights, den = self._compound(ready, bases=bases, more=more, mask=mask)
        else:
            for name, parts in bases.items():
                rate = ready.bases[name] * more
                for place, part in enumerate(_masked(parts, mask)):
                    weights[place] += part * rate
        if ready.grows:
            self._grow(bases, by=Fraction(more, gives.den), compound=gives.compound, mask=mask)
        points = sum(weights) // den
        if points:
            return Amount(points, weights, "earned.multiplier")
        return Amount(0, (), "", actual=sum(weights), required=den, missing="too_little")

    def _compound(
        self, ready: Ready, *, bases: dict[str, list[int]], more: int, mask: list[bool] | None
    ) -> tuple[list[int], int]:
        """Return numerators per line and their denominator, on top of earlier factors."""
        gives = ready.rule.gives
        over = gives.den if isinstance(gives, Multiplier) else 1
        exact = [Fraction(0)] * len(self.parts)
        for name, parts in bases.items():
            factors = self.factors.get(name)
            for place, part in enumerate(_masked(parts, mask)):
                factor = factors[place] if factors else Fraction(1)
                exact[place] += factor * Fraction(part * ready.bases[name] * more, ready.den)
        den = lcm(*(one.denominator for one in exact))
        return [int(one * den) for one in exact], den * over

    def _grow(
        self,
        bases: dict[str, list[int]],
        *,
        by: Fraction,
        compound: bool,
        mask: list[bool] | None,
    ) -> None:
        """Note the factor that now stands on each line of each base."""
        for name, parts in bases.items():
            factors = self.factors.setdefault(name, [Fraction(1)] * len(parts))
            for place in range(len(parts)):
                if mask is None or mask[place]:
                    factors[place] += by * factors[place] if compound else by


def _masked(parts: list[int], mask: list[bool] | None) -> list[int]:
    if mask is None:
        return parts
    return [part if taken else 0 for part, taken in zip(parts, mask, strict=True)]
