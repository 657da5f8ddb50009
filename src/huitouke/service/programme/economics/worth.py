"""What a point is worth and costs, in exact fractions of a minor unit."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from huitouke.service.programme.rules.definition import Definition

__all__ = ["Money", "Worth", "floor_minor", "worth_of"]


@dataclass(frozen=True, slots=True)
class Worth:
    """One point in money.

    Parameters
    ----------
    face
        What it pays, in minor units; none where the programme does not say.
    cost
        What it costs the merchant to honour it; none where nobody says.
    """

    face: Fraction | None
    cost: Fraction | None

    def money(self, points: int) -> Money:
        """Return what so many points come to.

        Parameters
        ----------
        points
            Any number, also below 0.
        """
        return Money(
            None if self.face is None else floor_minor(points * self.face),
            None if self.cost is None else floor_minor(points * self.cost),
        )


@dataclass(frozen=True, slots=True)
class Money:
    """Points in minor units: at face value and at cost; none where that is not known."""

    face_minor: int | None
    cost_minor: int | None


def floor_minor(amount: Fraction) -> int:
    """Return an exact amount in whole minor units, rounded towards zero.

    Parameters
    ----------
    amount
        In minor units.

    Examples
    --------
    >>> floor_minor(Fraction(7, 2)), floor_minor(Fraction(-7, 2))
    (3, -3)
    """
    whole = abs(amount.numerator) // amount.denominator
    return whole if amount >= 0 else -whole


def worth_of(definition: Definition | None, *, unit: str, cost: Fraction | None) -> Worth:
    """Return what a point of a unit is worth.

    The face value is what part payment (抵现) gives. Where nobody says what a point costs, it
    costs its face value: what it pays is what the shop does not get.

    Parameters
    ----------
    definition
        The programme's, or none.
    unit
        Code within the programme.
    cost
        Cost of one redeemed point in minor units, or none.
    """
    face = None
    if definition is not None:
        burn, counted = definition.burn, definition.unit(unit)
        if burn is not None and burn.unit == unit:
            face = Fraction(burn.minor, burn.per_points)
        elif counted is not None and counted.kind == "stored_value":
            face = Fraction(1)
    return Worth(face, face if cost is None else cost)
