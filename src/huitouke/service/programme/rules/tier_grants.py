"""Tiers that are given by staff or bought, beside the one that is earned."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError
from huitouke.service.programme.rules.calendar import add_months
from huitouke.service.programme.rules.standing import Metric, Standing, Step, stepped
from huitouke.service.programme.rules.tier_shapes import Tiers
from huitouke.service.programme.rules.tier_windows import promise, window_start

__all__ = ["TierNotForSale", "TierUnknown", "buy", "end_grant", "end_paid", "grant"]

_DAY = timedelta(days=1)


class TierUnknown(ServiceError):
    """There is no tier of this code."""

    code = "programme.tier_unknown"
    status = 404
    says = N_("The programme has no tier {tier}.")
    remedy = N_("Use the code of one of its tiers.")


class TierNotForSale(ServiceError):
    """The tier has no price."""

    code = "programme.tier_not_for_sale"
    says = N_("The tier {tier} cannot be bought.")
    remedy = N_("Choose a tier that has a price, or give this one a price first.")


def grant(standing: Standing, *, tiers: Tiers, tier: str, through: date, day: date) -> Step:
    """Return the standing after staff has given a tier until a day.

    At its end the member keeps it if the metric holds it; else the earned tier is back.

    Parameters
    ----------
    standing
        As it was.
    tiers
        The definition's.
    tier
        Which tier.
    through
        Its last local day.
    day
        Today.

    Raises
    ------
    TierUnknown
        If there is no such tier.
    """
    if tiers.tier(tier) is None:
        raise TierUnknown(tier=tier)
    given = replace(standing, granted=tier, granted_through=through)
    return stepped("granted", tiers=tiers, old=standing, new=given, on=day)


def buy(standing: Standing, *, tiers: Tiers, tier: str, day: date) -> Step:
    """Return the standing after a member has paid for a tier; a renewal adds to the rest.

    Parameters
    ----------
    standing
        As it was.
    tiers
        The definition's.
    tier
        Which tier.
    day
        Local day of the payment.

    Raises
    ------
    TierUnknown
        If there is no such tier.
    TierNotForSale
        If it has no price.
    """
    found = tiers.tier(tier)
    if found is None:
        raise TierUnknown(tier=tier)
    if found.paid is None:
        raise TierNotForSale(tier=tier)
    first = day
    if standing.paid == tier and standing.paid_through is not None:
        first = max(day, standing.paid_through + _DAY)
    through = add_months(first, months=found.paid.months) - _DAY
    bought = replace(standing, paid=tier, paid_through=through)
    return stepped("paid", tiers=tiers, old=standing, new=bought, on=day)


def end_grant(standing: Standing, *, tiers: Tiers, joined_on: date, metric: Metric) -> Step:
    """Return the standing after the last day of a grant: reviewed like an earned tier.

    Parameters
    ----------
    standing
        With a grant.
    tiers
        The definition's.
    joined_on
        Local day of enrolment.
    metric
        The member's journal, summed.
    """
    through, held = standing.granted_through, tiers.tier(standing.granted)
    ended = replace(standing, granted=None, granted_through=None)
    if through is None:
        return Step(standing=ended)
    have = metric(window_start(tiers.window, day=through, joined_on=joined_on), through)
    need = None if held is None else held.keeps_at
    higher = tiers.rank(standing.granted) > tiers.rank(standing.earned)
    if need is None or have < need or not higher:
        return stepped("ended", tiers=tiers, old=standing, new=ended, on=through + _DAY)
    kept = replace(
        ended,
        earned=standing.granted,
        review_on=promise(tiers, day=through),
        grace_until=None,
    )
    return stepped(
        "kept", tiers=tiers, old=standing, new=kept, on=through + _DAY, metric=(have, need)
    )


def end_paid(standing: Standing, *, tiers: Tiers) -> Step:
    """Return the standing after the last day of a paid membership.

    Parameters
    ----------
    standing
        With a paid tier.
    tiers
        The definition's.
    """
    ended = replace(standing, paid=None, paid_through=None)
    if standing.paid_through is None:
        return Step(standing=ended)
    on = standing.paid_through + _DAY
    return stepped("ended", tiers=tiers, old=standing, new=ended, on=on)
