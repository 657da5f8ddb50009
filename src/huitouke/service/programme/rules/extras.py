"""What stands beside earning rules and tiers: part payment, referral, stamp cards."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from huitouke.language import N_
from huitouke.service.programme.rules.shapes import (
    Code,
    Days,
    Expiry,
    Minor,
    Months,
    Name,
    Points,
    Scope,
    Shape,
    StrictBool,
)

__all__ = ["Burn", "Referral", "StampCard"]

Percent = Annotated[int, Field(strict=True, ge=1, le=100)]
Count = Annotated[int, Field(strict=True, ge=1, le=10_000)]


class Burn(Shape):
    """Points as part of the payment (积分抵现): ``floor(points × minor / per_points)``.

    Parameters
    ----------
    unit
        Which unit pays.
    per_points, minor
        So many points are worth so much money in minor units: 100 points, 100 fen.
    least_points
        Fewer are not taken.
    step_points
        Taken only in multiples of this.
    most_percent
        Of the eligible amount of the order.
    least_order_minor
        Orders below this cannot be paid with points.
    """

    unit: Code = "points"
    per_points: Points
    minor: Points
    least_points: Points = 1
    step_points: Points = 1
    most_percent: Percent = 100
    least_order_minor: Minor = 0


class Referral(Shape):
    """Reward for bringing a friend, when the friend's first order has been kept.

    Parameters
    ----------
    unit
        In which both are rewarded.
    advocate_points, friend_points
        What each gets; 0 is nothing.
    least_order_minor
        Eligible amount of the friend's first order that counts.
    wait_days
        From the order to the reward; none is the return window.
    code_valid_days
        How long a friend may use the code after receiving it; none is for ever.
    most_per_month, most_per_year
        Rewards of one advocate in a local calendar month, and year; none is no limit.
    review_same_device, review_same_address, review_same_payment
        What sends a referral to a person's review instead of paying it.
    expiry
        Of both rewards; none is the unit's, then the programme's.
    """

    unit: Code = "points"
    advocate_points: Minor
    friend_points: Minor = 0
    least_order_minor: Minor = 0
    wait_days: Days | None = None
    code_valid_days: Days | None = None
    most_per_month: Count | None = None
    most_per_year: Count | None = None
    review_same_device: StrictBool = True
    review_same_address: StrictBool = True
    review_same_payment: StrictBool = True
    expiry: Expiry | None = None


class StampCard(Shape):
    """So many purchases, then a present (集次卡).

    Parameters
    ----------
    id, name
        Stable name, and what members read.
    on
        Type of fact that is stamped: ``order.paid``, ``checkin``, ``review.approved``,
        ``survey.answered``, ``customer.signed_up``, ``birthday``, or a type of the
        merchant's own that starts with ``x.``.
    per
        What gives one stamp: an ``order`` with a line in scope (or any other fact), an
        ``item`` (each whole piece in scope) or a ``day`` with such an order or fact.
    scope
        Which goods count; none is all.
    least_minor
        Eligible amount in scope below which an order gives no stamp.
    stamps
        How many fill the card.
    head_start
        How many of them every new card has from the beginning.
    most_per_day
        Stamps of one member in a local day; none is no limit.
    reward
        Code of the reward that a full card gives; empty if it gives points.
    points, unit
        Points that a full card gives; 0 if it gives a reward.
    valid_months
        From the first stamp; then the card is void; none is for ever.
    again
        True: the next card begins when one is full.
    """

    id: Code
    name: Name
    on: Code = "order.paid"
    per: Literal["order", "item", "day"] = "order"
    scope: Scope | None = None
    least_minor: Minor = 0
    stamps: Annotated[int, Field(strict=True, ge=1, le=1000)]
    head_start: Annotated[int, Field(strict=True, ge=0, le=999)] = 0
    most_per_day: Count | None = None
    reward: Annotated[str, Field(max_length=60)] = ""
    points: Minor = 0
    unit: Code = "points"
    valid_months: Months | None = None
    again: StrictBool = True

    @model_validator(mode="after")
    def _gives_one_thing(self) -> Self:
        if bool(self.reward) == bool(self.points):
            message = N_("A full card gives a reward or points, one of the two.")
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _leaves_something_to_do(self) -> Self:
        if self.head_start >= self.stamps:
            message = N_("A card that begins with all its stamps leaves nothing to collect.")
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _stamps_what_it_can_see(self) -> Self:
        asks_for_goods = self.per == "item" or self.scope is not None or self.least_minor
        if self.on != "order.paid" and asks_for_goods:
            message = N_("Only a card for orders can ask for goods, pieces or an amount.")
            raise ValueError(message)
        return self

    @property
    def to_collect(self) -> int:
        """Stamps that a member collects on one card: all but the head start."""
        return self.stamps - self.head_start
