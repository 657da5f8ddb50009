"""What a search for loops is about: rules, prizes, codes, and what a point is worth."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction

from huitouke.service.programme.economics.worth import floor_minor
from huitouke.service.programme.rewards.stacking import Offer
from huitouke.service.programme.rules.definition import Definition

__all__ = ["BASE", "CHEAPEST_MINOR", "Case", "CodeTerms", "Prize"]

#: Something a shop sells for as little as this: nothing in a definition says what is cheapest.
CHEAPEST_MINOR = 100
#: A Wednesday morning from which carts are tried.
BASE = datetime(2027, 3, 10, 2, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Prize:
    """A reward that points buy, and what it saves the member.

    Parameters
    ----------
    code
        Of the reward.
    cost_points, cash_minor
        Its price.
    worth_minor
        What the member would pay for it.
    kind
        As in the catalogue; a ``gift_card`` pays for other orders.
    """

    code: str
    cost_points: int
    worth_minor: int
    cash_minor: int = 0
    kind: str = "product"


@dataclass(frozen=True, kw_only=True)
class CodeTerms:
    """A coupon campaign as the search sees it.

    Parameters
    ----------
    offer
        What each of its codes takes off; ``offer.code`` names the campaign.
    per_member
        How many of its codes one member may use; none is no limit.
    per_code
        How often one code works; none is no limit (a shared code).
    """

    offer: Offer
    per_member: int | None = None
    per_code: int | None = 1

    @property
    def endless(self) -> bool:
        """Whether one member can use it in every order."""
        return self.per_member is None


@dataclass(frozen=True)
class Case:
    """All that is looked at.

    Parameters
    ----------
    definition
        The rules.
    prizes, codes
        What points buy, and coupon campaigns.
    """

    definition: Definition
    prizes: tuple[Prize, ...] = ()
    codes: tuple[CodeTerms, ...] = ()
    unit: str = field(init=False)
    worth: Fraction = field(init=False)
    best: Prize | None = field(init=False)

    def __post_init__(self) -> None:
        burn = self.definition.burn
        points = self.definition.spent_units
        unit = burn.unit if burn is not None else (points[0].code if points else "points")
        best = max(self.prizes, key=_per_point, default=None)
        worth = Fraction(0) if burn is None else Fraction(burn.minor, burn.per_points)
        if best is not None and _per_point(best) > worth:
            worth = _per_point(best)
        else:
            best = None
        object.__setattr__(self, "unit", unit)
        object.__setattr__(self, "worth", worth)
        object.__setattr__(self, "best", best)

    @property
    def through(self) -> tuple[str, ...]:
        """What makes a point worth what it is: part payment or a reward."""
        return ("burn",) if self.best is None else (self.best.code,)

    def minor(self, points: int) -> int:
        """Return what points are worth where they are worth most, in minor units.

        Parameters
        ----------
        points
            How many.
        """
        return floor_minor(points * self.worth)


def _per_point(prize: Prize) -> Fraction:
    return Fraction(max(0, prize.worth_minor - prize.cash_minor), prize.cost_points)
