"""Tiers and benefits as a merchant writes them down."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from huitouke.service.programme.rules.shapes import (
    Code,
    Days,
    Minor,
    Months,
    Name,
    Shape,
    StrictBool,
)

__all__ = ["Benefit", "Paid", "Tier", "TierWindow", "Tiers"]


class Benefit(Shape):
    """Something a member has because of being one.

    Parameters
    ----------
    id
        Stable name.
    name
        In full.
    short
        Two to four words for the one-breath sentence; none leaves it out of the sentence.
    kind
        ``monetary`` (saves money), ``recognition`` (is known and preferred) or
        ``emotional`` (feels good).
    lasts
        ``one_off`` or ``continuing``.
    """

    id: Code
    name: Name
    short: Name | None = None
    kind: Literal["monetary", "recognition", "emotional"]
    lasts: Literal["one_off", "continuing"] = "continuing"


class Paid(Shape):
    """A tier that can be bought (付费会员).

    Parameters
    ----------
    price_minor
        What it costs.
    months
        How long it holds, in calendar months from the day of payment.
    """

    price_minor: Minor
    months: Months


class Tier(Shape):
    """One level.

    Parameters
    ----------
    code, name
        What rules and members call it.
    reach
        Metric in the window that lifts a member to it; 0 is everyone; none is only by
        payment or by grant.
    keep
        Metric that holds a member at review (保级); none is the same as ``reach``.
    benefits
        What it brings, on top of what every member has.
    paid
        Its price, if it can be bought.
    """

    code: Code
    name: Name
    reach: Minor | None = None
    keep: Minor | None = None
    benefits: tuple[Benefit, ...] = ()
    paid: Paid | None = None

    @property
    def keeps_at(self) -> int | None:
        """The metric that holds a member at review; none if the tier is not earned."""
        return self.reach if self.keep is None else self.keep


class TierWindow(Shape):
    """Over which time the metric is summed.

    Parameters
    ----------
    kind
        ``rolling`` (the last ``months`` calendar months), ``calendar_year``,
        ``anniversary`` (years from the day of joining) or ``lifetime``.
    months
        Of a rolling window.
    """

    kind: Literal["rolling", "calendar_year", "anniversary", "lifetime"] = "rolling"
    months: Months = 12


class Tiers(Shape):
    """How members rise, stay and fall.

    Parameters
    ----------
    metric
        ``spend`` (eligible amount net of refunds, minor units), ``visits`` (orders not
        wholly refunded) or ``qualifying`` (points of ``unit``). Never the spendable balance.
    unit
        For ``qualifying``: code of the unit, e.g. ``growth``.
    window
        Over which the metric is summed.
    valid_months
        A tier holds so many months after the day on which it was reached or kept …
    review
        … rounded up to the end of the ``month``, ``quarter`` or ``year``; ``none`` keeps
        the day. Then comes the review, the only moment at which a member can fall.
    grace_days
        After a review that a member does not pass, the tier holds so many days more.
    landing
        Where those who fall come to: ``one_down``, ``earned`` (the tier their metric
        reaches) or ``base`` (the lowest).
    imported_orders
        True: orders imported as history count for spend and visits, from the next change of
        day on. They earn no points in any case.
    refund_days
        A refund this soon after the order that lifted a member undoes the lift if no
        benefit was used; none is the return window.
    tiers
        Lowest first.
    """

    metric: Literal["spend", "visits", "qualifying"] = "spend"
    unit: Code | None = None
    window: TierWindow = TierWindow()
    valid_months: Months = 12
    review: Literal["none", "month", "quarter", "year"] = "month"
    grace_days: Days = 30
    landing: Literal["one_down", "earned", "base"] = "one_down"
    imported_orders: StrictBool = False
    refund_days: Days | None = None
    tiers: Annotated[tuple[Tier, ...], Field(min_length=1, max_length=20)]

    def tier(self, code: str | None) -> Tier | None:
        """Return the tier of this code, or none.

        Parameters
        ----------
        code
            As in ``Tier.code``.
        """
        place = self.rank(code)
        return None if place < 0 else self.tiers[place]

    def rank(self, code: str | None) -> int:
        """Return the place of a tier from the lowest, 0; -1 for none or an unknown one.

        Parameters
        ----------
        code
            As in ``Tier.code``.
        """
        for place, tier in enumerate(self.tiers):
            if tier.code == code:
                return place
        return -1
