"""Tiers that are given by staff, or bought."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from huitouke.language import N_
from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.outbox import tell
from huitouke.service.programme.events.changes import happening_of
from huitouke.service.programme.events.members import save
from huitouke.service.programme.events.membership import Held, held
from huitouke.service.programme.events.standing import (
    journals,
    settle,
    standing_of,
    touch,
)
from huitouke.service.programme.models.members import Done
from huitouke.service.programme.rules.standing import Change, Standing, Step
from huitouke.service.programme.rules.tier_grants import buy, grant
from huitouke.service.programme.rules.tier_shapes import Tiers

__all__ = ["GrantInvalid", "NoTiers", "buy_tier", "grant_tier"]

_LONGEST = timedelta(days=366 * 3)


class NoTiers(ServiceError):
    """The programme has no tiers."""

    code = "programme.no_tiers"
    status = 409
    says = N_("The programme {programme!r} has no tiers.")
    remedy = N_("Publish a version that has some.")


class GrantInvalid(ServiceError):
    """A tier is given until a day to come, and for a reason."""

    code = "programme.grant_invalid"
    says = N_("A tier cannot be given through {through} for the reason {reason!r}.")
    remedy = N_("Name a day to come, three years away at most, and a reason.")


def _tiers(whose: Held, *, programme: str) -> Tiers:
    tiers = whose.rulebook.now.definition.tiers
    if tiers is None:
        raise NoTiers(programme=programme)
    return tiers


def _today(whose: Held, *, tiers: Tiers, at: datetime) -> tuple[date, tuple[Change, ...]]:
    """Bring the member's standing up to today; return today, and what changed by then."""
    rules, member = whose.rulebook.now, whose.member
    day = rules.day(at)
    if member.joined_at is None:
        return day, ()
    joined_on = rules.day(member.joined_at)
    days = journals([member], tiers=tiers, day=day)[member.id]
    return day, touch(member, tiers=tiers, day=day, joined_on=joined_on, days=days)


def _take(whose: Held, step: Step, *, before: tuple[Change, ...]) -> Standing:
    """Keep a standing and tell how it came about.

    What a review that was due had changed before it is told here or nowhere: the day's job
    finds it done.
    """
    settle(whose.member, step)
    save([whose.member], programme=whose.rulebook.programme)
    changes = before + step.changes
    told = (happening_of(change, customer=whose.member.person.id) for change in changes)
    tell([each for each in told if each is not None])
    return step.standing


def grant_tier(
    customer: UUID,
    *,
    tier: str,
    through: date,
    reason: str,
    at: datetime,
    actor: Actor,
    programme: str = "main",
) -> Standing:
    """Give a member a tier until a day; then it is reviewed like any other.

    Parameters
    ----------
    customer
        Any id the person ever had.
    tier
        Its code.
    through
        Its last local day.
    reason
        Why, in the actor's words.
    at, actor
        When, and who gives it.
    programme
        Code of the programme.

    Raises
    ------
    GrantInvalid
        If the day is past or far away, or there is no reason.
    TierUnknown, NoTiers
        If there is no such tier.
    NotAMember
        If the customer is not enrolled.
    """
    with transaction.atomic():
        whose = held(customer, programme=programme, at=at)
        tiers = _tiers(whose, programme=programme)
        day, before = _today(whose, tiers=tiers, at=at)
        if not day <= through <= day + _LONGEST or not reason.strip():
            raise GrantInvalid(through=through.isoformat(), reason=reason[:100])
        standing = standing_of(whose.member.standing)
        step = grant(standing, tiers=tiers, tier=tier, through=through, day=day)
        audit.note(
            "tier.granted",
            actor=actor,
            target=whose.subject,
            reason=reason,
            facts={"tier": tier, "through": through.isoformat()},
        )
        return _take(whose, step, before=before)


def buy_tier(
    customer: UUID,
    *,
    tier: str,
    key: str,
    at: datetime,
    actor: Actor,
    programme: str = "main",
) -> Standing:
    """Note that a member has paid for a tier; a renewal adds to what is left.

    Parameters
    ----------
    customer
        Any id the person ever had.
    tier
        Its code.
    key
        The caller's; a payment under it counts once, for ever.
    at, actor
        When, and who tells it.
    programme
        Code of the programme.

    Raises
    ------
    TierUnknown, TierNotForSale, NoTiers
        If there is no such tier, or it has no price.
    NotAMember
        If the customer is not enrolled.
    """
    with transaction.atomic():
        whose = held(customer, programme=programme, at=at)
        tiers = _tiers(whose, programme=programme)
        day, before = _today(whose, tiers=tiers, at=at)
        standing = standing_of(whose.member.standing)
        _, new = Done.objects.get_or_create(
            membership_id=whose.member.id, rule=f"tier:{key}", period="ever"
        )
        if not new:
            return standing
        step = buy(standing, tiers=tiers, tier=tier, day=day)
        audit.note("tier.bought", actor=actor, target=whose.subject, facts={"tier": tier})
        return _take(whose, step, before=before)
