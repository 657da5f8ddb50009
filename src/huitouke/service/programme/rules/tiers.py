"""How members rise, stay and fall: pure decisions about one member at a time.

A lift comes at once. A fall comes only at a review, and never retroactively: late orders
count on the day they were placed and may lift, but a review that is past is past. All
decisions are made per local day, so that running them late, twice or every day comes to
the same.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from huitouke.service.programme.rules.standing import Change, Metric, Standing, Step, stepped
from huitouke.service.programme.rules.tier_grants import buy, end_grant, end_paid, grant
from huitouke.service.programme.rules.tier_shapes import Tiers
from huitouke.service.programme.rules.tier_windows import (
    counted,
    landing,
    promise,
    reached,
    review_of,
    window_start,
)

__all__ = ["Standing", "Step", "advance", "begin", "buy", "counted", "grant", "refunded"]

_DAY = timedelta(days=1)


def begin(*, tiers: Tiers, day: date) -> Step:
    """Return the standing of a new member: the tier that asks for nothing, if there is one.

    Parameters
    ----------
    tiers
        The definition's.
    day
        Local day of enrolment.
    """
    base = reached(tiers, metric=0)
    if base is None:
        return Step(standing=Standing(since=day))
    return stepped("up", tiers=tiers, old=Standing(), new=Standing(earned=base), on=day)


def advance(
    standing: Standing,
    *,
    tiers: Tiers,
    day: date,
    joined_on: date,
    metric: Metric,
    also_on: date | None = None,
) -> Step:
    """Return the standing at a local day: what is due is reviewed, then lifts are seen.

    Asking again changes nothing; asking once after many days comes to the same as asking
    on each of them, as long as it was asked on every day with a purchase.

    Parameters
    ----------
    standing
        As it was last time.
    tiers
        The definition's.
    day
        Today, by the programme's calendar.
    joined_on
        Local day of enrolment.
    metric
        The member's journal, summed.
    also_on
        Day of a late order: its own window may lift, if the promise still holds today.
    """
    changes: list[Change] = []
    while True:
        step = _due(standing, tiers=tiers, day=day, joined_on=joined_on, metric=metric)
        if step is None:
            break
        standing = step.standing
        changes += step.changes
    for on in sorted({day} if also_on is None or also_on > day else {also_on, day}):
        step = _lift(standing, tiers=tiers, on=on, day=day, joined_on=joined_on, metric=metric)
        if step is not None:
            standing = step.standing
            changes += step.changes
    return Step(standing=standing, changes=tuple(changes))


def _due(
    standing: Standing, *, tiers: Tiers, day: date, joined_on: date, metric: Metric
) -> Step | None:
    """Return what is due first: a review, or the end of a grant or paid membership."""
    paid, granted = standing.paid_through, standing.granted_through
    if granted is not None and granted < day and granted <= (standing.review_on or day):
        return end_grant(standing, tiers=tiers, joined_on=joined_on, metric=metric)
    step = _review(standing, tiers=tiers, day=day, joined_on=joined_on, metric=metric)
    if step is not None:
        return step
    if granted is not None and granted < day:
        return end_grant(standing, tiers=tiers, joined_on=joined_on, metric=metric)
    if paid is not None and paid < day:
        return end_paid(standing, tiers=tiers)
    return None


def _lift(
    standing: Standing, *, tiers: Tiers, on: date, day: date, joined_on: date, metric: Metric
) -> Step | None:
    """Return the lift that the window ending on a day brings, or none."""
    have = metric(window_start(tiers.window, day=on, joined_on=joined_on), on)
    tier = reached(tiers, metric=have)
    if tiers.rank(tier) <= tiers.rank(standing.earned):
        return None
    review_on = review_of(tier, tiers=tiers, day=on)
    if review_on is not None and review_on <= day:
        return None
    lifted = replace(
        standing,
        earned=tier,
        review_on=review_on,
        grace_until=None,
        lifted_on=on,
        before=standing.earned,
        before_review_on=standing.review_on,
    )
    found = tiers.tier(tier)
    need = 0 if found is None or found.reach is None else found.reach
    return stepped("up", tiers=tiers, old=standing, new=lifted, on=on, metric=(have, need))


def _review(
    standing: Standing, *, tiers: Tiers, day: date, joined_on: date, metric: Metric
) -> Step | None:
    """Return what the review that is due brings, or none if none is."""
    review_on, grace_until = standing.review_on, standing.grace_until
    held = tiers.tier(standing.earned)
    if review_on is None or day < review_on or held is None:
        return None
    promised = review_on - _DAY
    first = window_start(tiers.window, day=promised, joined_on=joined_on)
    last = promised if grace_until is None else min(day, grace_until - _DAY)
    have, need = metric(first, last), held.keeps_at or 0
    told = (have, need)
    if have >= need:
        kept = replace(standing, review_on=promise(tiers, day=promised), grace_until=None)
        return stepped("kept", tiers=tiers, old=standing, new=kept, on=review_on, metric=told)
    if grace_until is None and tiers.grace_days:
        waits = replace(standing, grace_until=review_on + timedelta(days=tiers.grace_days))
        return stepped("grace", tiers=tiers, old=standing, new=waits, on=review_on, metric=told)
    if grace_until is not None and day < grace_until:
        return None
    landed = landing(held.code, tiers=tiers, metric=have)
    fallen = replace(
        standing,
        earned=landed,
        review_on=review_of(landed, tiers=tiers, day=promised),
        grace_until=None,
        lifted_on=None,
        before=None,
        before_review_on=None,
    )
    on = grace_until or review_on
    return stepped("down", tiers=tiers, old=standing, new=fallen, on=on, metric=told)


def refunded(
    standing: Standing,
    *,
    tiers: Tiers,
    day: date,
    joined_on: date,
    metric: Metric,
    benefit_used: bool,
    refund_days: int,
) -> Step:
    """Return the standing after a refund that is already in the journal.

    Inside the return window of the order that lifted the member, and with no benefit of
    the new tier used, a lift without ground is undone at once. Otherwise the refund counts
    at the next review.

    Parameters
    ----------
    standing
        As it was.
    tiers
        The definition's.
    day
        Local day of the refund.
    joined_on
        Local day of enrolment.
    metric
        The journal, with what the refund takes off on the day of its order.
    benefit_used
        Whether anything of the higher tier was used since the lift.
    refund_days
        ``tiers.refund_days`` or the programme's return window.
    """
    held, lifted_on = tiers.tier(standing.earned), standing.lifted_on
    if held is None or lifted_on is None or benefit_used:
        return Step(standing=standing)
    if day > lifted_on + timedelta(days=refund_days):
        return Step(standing=standing)
    first = window_start(tiers.window, day=lifted_on, joined_on=joined_on)
    have, need = metric(first, day), held.reach or 0
    if have >= need:
        return Step(standing=standing)
    back = replace(
        standing,
        earned=standing.before,
        review_on=standing.before_review_on,
        grace_until=None,
        lifted_on=None,
        before=None,
        before_review_on=None,
    )
    step = stepped("reverted", tiers=tiers, old=standing, new=back, on=day, metric=(have, need))
    again = advance(step.standing, tiers=tiers, day=day, joined_on=joined_on, metric=metric)
    return Step(standing=again.standing, changes=step.changes + again.changes)
