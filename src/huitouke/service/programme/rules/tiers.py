"""How members rise, stay and fall: pure decisions about one member at a time.

A lift comes at once. A fall comes only at a review, and never retroactively: late orders
count on the day they were placed and may lift, but a review that is past is past. All
decisions are made per local day, so that running them late, twice or every day comes to
the same.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

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
    due = partial(_due, tiers=tiers, joined_on=joined_on, metric=metric)
    lift = partial(_lift, tiers=tiers, joined_on=joined_on, metric=metric)
    while (step := due(standing, day=day)) is not None:
        standing = step.standing
        changes += step.changes
        on = step.changes[-1].on
        if step.changes[-1].kind == "down":
            # What the member still reaches counts from the day of the fall, not from
            # the day on which somebody next asks.
            lifted = lift(standing, on=on, day=on)
            standing = standing if lifted is None else lifted.standing
            changes += () if lifted is None else lifted.changes
    for on in sorted({day} if also_on is None or also_on > day else {also_on, day}):
        lifted = lift(standing, on=on, day=day)
        if lifted is not None:
            standing = lifted.standing
            changes += lifted.changes
    return Step(standing=standing, changes=tuple(changes))


def _due(
    standing: Standing, *, tiers: Tiers, day: date, joined_on: date, metric: Metric
) -> Step | None:
    """Return what is due first: a review, or the end of a grant or paid membership."""
    granted, paid = (
        through or date.max for through in (standing.granted_through, standing.paid_through)
    )
    reviewed_on = standing.grace_until or standing.review_on or date.max
    ends = min(granted, paid)
    if ends < day and ends < reviewed_on:
        if granted <= paid:
            return end_grant(standing, tiers=tiers, joined_on=joined_on, metric=metric)
        return end_paid(standing, tiers=tiers)
    return _review(standing, tiers=tiers, day=day, joined_on=joined_on, metric=metric)


def _lift(
    standing: Standing, *, tiers: Tiers, on: date, day: date, joined_on: date, metric: Metric
) -> Step | None:
    """Return the lift that the window ending on a day brings, or none."""
    have = metric(window_start(tiers.window, day=on, joined_on=joined_on), on)
    tier = reached(tiers, metric=have)
    if tiers.rank(tier) <= _rank(standing, tiers=tiers):
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


def _rank(standing: Standing, *, tiers: Tiers) -> int:
    """Return what a lift must exceed; a tier that is gone counts as all but the highest."""
    rank = tiers.rank(standing.earned)
    if rank >= 0 or standing.review_on is None:
        return rank
    return max((tiers.rank(t.code) for t in tiers.tiers if t.reach is not None), default=0) - 1


def _review(
    standing: Standing, *, tiers: Tiers, day: date, joined_on: date, metric: Metric
) -> Step | None:
    """Return what the review that is due brings, or none if none is."""
    review_on, grace_until = standing.review_on, standing.grace_until
    held = tiers.tier(standing.earned)
    if review_on is None or day < review_on:
        return None
    promised = review_on - _DAY
    first = window_start(tiers.window, day=promised, joined_on=joined_on)
    if held is None:
        have = metric(first, promised)
        landed = reached(tiers, metric=have)
        return _fall(standing, to=landed, tiers=tiers, on=review_on, metric=(have, 0))
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
    on = grace_until or review_on
    return _fall(standing, to=landed, tiers=tiers, on=on, metric=told)


def _fall(
    standing: Standing, *, to: str | None, tiers: Tiers, on: date, metric: tuple[int, int]
) -> Step:
    """Return the step down; the new tier is promised from the day of the review on."""
    promised = (standing.review_on or on) - _DAY
    fallen = replace(
        standing,
        earned=to,
        review_on=review_of(to, tiers=tiers, day=promised),
        grace_until=None,
        lifted_on=None,
        before=None,
        before_review_on=None,
    )
    return stepped("down", tiers=tiers, old=standing, new=fallen, on=on, metric=metric)


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
