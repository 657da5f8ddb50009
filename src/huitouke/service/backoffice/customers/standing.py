"""Points by lot and the way to the next tier, as the page of one customer shows them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from huitouke.language import N_
from huitouke.service.backoffice.acts import say
from huitouke.service.backoffice.customers.naming import named
from huitouke.service.backoffice.customers.parts import LotShown, PointsShown, TierShown
from huitouke.service.ledger import queries as ledger
from huitouke.service.ledger.calling import AWAITED
from huitouke.service.ledger.lists import LotStory, lot_stories
from huitouke.service.programme.events.reading import TierView
from huitouke.service.programme.events.rulebook import Rules
from huitouke.service.programme.people.conditions import Ground
from huitouke.service.programme.rules.forecast import Progress
from huitouke.service.programme.rules.reasons import say as say_reason
from huitouke.service.ui.reader import current

__all__ = ["points_shown", "tier_shown", "unit_name"]

_MOMENT = timedelta(microseconds=1)


def unit_name(rules: Rules, unit: str) -> str:
    """Return what a unit is called in the reader's language.

    Parameters
    ----------
    rules
        In force.
    unit
        Code within the programme.
    """
    name = rules.named(unit)
    return unit if isinstance(name, str) else named(name)


def points_shown(customer: UUID, *, ground: Ground) -> PointsShown | None:
    """Return the points of a customer; none where nothing is published or held.

    Parameters
    ----------
    customer
        The record of today.
    ground
        Of ``listing.ground_of``.
    """
    book = ground.rulebook
    if book is None or ground.unit not in book.units:
        return None
    account = ledger.account_of(customer, unit=book.units[ground.unit])
    if account is None:
        return None
    has = ledger.balance(account)
    shown = [(each, _lot(each, rules=book.now)) for each in lot_stories(account)]
    ends = [each for each in has.expiring if each.expires_at is not None]
    first = min(ends, key=lambda each: each.expires_at or ground.now, default=None)
    return PointsShown(
        unit=unit_name(book.now, ground.unit),
        active=has.active,
        pending=has.pending,
        held=has.held,
        owed=has.owed,
        next_points=0 if first is None else first.points,
        next_through=_through(None if first is None else first.expires_at, rules=book.now),
        lots=tuple(lot for each, lot in shown if not each.pending),
        waiting=tuple(lot for each, lot in shown if each.pending),
    )


def _through(ends: datetime | None, *, rules: Rules) -> date | None:
    return None if ends is None else rules.day(ends - _MOMENT)


def _lot(story: LotStory, *, rules: Rules) -> LotShown:
    waits = story.available_at == AWAITED
    return LotShown(
        points=story.remaining,
        earned=story.earned,
        why=say_reason(story.reason, current().language),
        from_on=story.available_at if story.pending and not waits else None,
        waits=waits,
        through=_through(story.expires_at, rules=rules),
    )


def tier_shown(stands: TierView | None) -> TierShown | None:
    """Return where a member stands; none for who is no member.

    Parameters
    ----------
    stands
        Of ``reading.tier``.
    """
    if stands is None or not stands.enrolled:
        return None
    language = current().language
    progress = stands.progress
    return TierShown(
        name=named(stands.name),
        since=stands.since,
        says=named(stands.says),
        ways=()
        if progress is None
        else tuple(say_reason(each, language) for each in progress.reasons),
        pace="" if progress is None else _pace(progress),
        exist=stands.metric is not None,
    )


def _pace(progress: Progress) -> str:
    """Say whether the present pace gets there; nothing where it cannot be told."""
    if progress.to_keep and progress.keeps_at_pace is not None:
        return say(
            N_("At the present pace it will be kept.")
            if progress.keeps_at_pace
            else N_("At the present pace it will not be kept.")
        )
    if progress.to_reach and progress.reaches_at_pace is not None:
        return say(
            N_("At the present pace the next tier is reached in time.")
            if progress.reaches_at_pace
            else N_("At the present pace the next tier is not reached in time.")
        )
    if progress.pace is None and (progress.to_keep or progress.to_reach):
        return say(N_("Too few weeks as a member to tell a pace."))
    return ""
