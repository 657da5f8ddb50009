"""A member's own shared rewards, and those that a friend's link leads to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from huitouke.language import N_
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import Refused, ServiceError
from huitouke.service.customers import queries as customers
from huitouke.service.programme.models.rewards import Pact, Redemption
from huitouke.service.programme.rewards.eligibility import for_partner, obstacles
from huitouke.service.programme.rewards.pacts import join_pact, release_pact
from huitouke.service.programme.rewards.redemptions import had_by, terms_of
from huitouke.service.programme.rewards.refusals import NotEnrolled
from huitouke.service.programme.rewards.shown import Shown, meant, parts_behind
from huitouke.service.programme.rewards.standing import account_and_balance, member_of

__all__ = ["InvitationOver", "Mine", "cancel", "heard", "join", "look"]


class InvitationOver(ServiceError):
    """There is nothing to join for this member; why not is not told to strangers."""

    code = "programme.invitation_over"
    status = 404
    says = N_("This invitation is over: two have it, it was given up, or its time has passed.")
    remedy = N_("Ask your friend for a new one.")


@dataclass(frozen=True, slots=True)
class Mine:
    """A shared reward as one of the two sees it, or the friend who is invited.

    Parameters
    ----------
    pact
        The shared reward, with the reward at hand.
    own
        What this member gives; none for who is invited.
    other
        What the other one gives; for who is invited, the one who began.
    began
        Whether this member began it.
    why_not
        What stands between the invited one and joining, most lasting first.
    available
        Points that the member can spend.
    """

    pact: Pact
    own: Redemption | None
    other: Redemption | None
    began: bool
    why_not: tuple[Refused, ...]
    available: int


def look(customer: UUID, *, pact: UUID, programme: str, at: datetime) -> Mine:
    """Return a shared reward to who may see it: its two members, or whoever may still join.

    Parameters
    ----------
    customer
        Who asks.
    pact
        Its id.
    programme
        Code of the programme.
    at
        When.

    Raises
    ------
    InvitationOver
        If there is none, or it is others' and cannot be joined: both get the same answer.
    """
    me = customers.record_of(customer)
    parts = parts_behind(Shown("pact", pact))
    if not parts or parts[0].programme_id != programme or parts[0].pact is None:
        raise InvitationOver
    found = parts[0].pact
    found.reward = parts[0].reward or found.reward
    own = next((each for each in parts if each.customer_id == me), None)
    if own is None:
        if found.state != Pact.State.OPEN or at >= found.expires_at:
            raise InvitationOver
        available, why_not = _joining(found, customer=me, at=at)
        return Mine(found, None, parts[0], began=False, why_not=why_not, available=available)
    return Mine(
        found,
        own,
        next((each for each in parts if each is not own), None),
        began=own is parts[0],
        why_not=(),
        available=0,
    )


def _joining(pact: Pact, *, customer: UUID, at: datetime) -> tuple[int, tuple[Refused, ...]]:
    """Return the points a member can spend, and what stands between them and joining."""
    asked = pact.reward
    member = member_of(pact.programme_id, customer=customer)
    _, available = account_and_balance(pact.programme_id, customer=customer, unit=asked.unit)
    if member is None:
        return available, (NotEnrolled(programme=pact.programme_id),)
    found = obstacles(
        for_partner(terms_of(asked)),
        tier=member.tier,
        available=available,
        had=had_by(customer, reward=asked, at=at),
        at=at,
        points=pact.missing_points,
    )
    return available, tuple(found)


def heard(text: str, *, programme: str) -> UUID | None:
    """Return the shared reward whose code a friend read out, or none.

    Parameters
    ----------
    text
        As it was typed: letters, or an address with the id in it.
    programme
        Code of the programme.
    """
    found = [each.id for each in meant(text, programme=programme) if each.kind == "pact"]
    return found[0] if len(found) == 1 else None


def join(
    customer: UUID, *, pact: UUID, programme: str, key: str, at: datetime, actor: Actor
) -> Pact:
    """Join a shared reward with all that is missing.

    Parameters
    ----------
    customer
        Who joins.
    pact
        Its id.
    programme
        Code of the programme.
    key
        The same request under it gets the same answer for ever.
    at, actor
        When, and who asks.

    Raises
    ------
    InvitationOver
        If there is nothing to join.
    PactOfOne
        If the member began it.
    NotEnrolled, TierTooLow, MemberLimitReached, InsufficientPoints, PactNotOpen
        As for ``join_pact``.
    """
    look(customer, pact=pact, programme=programme, at=at)
    return join_pact(pact, customer=customer, key=key, at=at, actor=actor)


def cancel(customer: UUID, *, pact: UUID, programme: str, at: datetime, actor: Actor) -> Pact:
    """Give a shared reward up: either of the two may, for both; what lapsed stays lost.

    Parameters
    ----------
    customer
        One of the two; to others it is not there.
    pact
        Its id.
    programme
        Code of the programme.
    at, actor
        When, and who does it.

    Raises
    ------
    InvitationOver
        If the member is none of the two.
    PactNotOpen
        If it was handed over.
    """
    with transaction.atomic():
        if look(customer, pact=pact, programme=programme, at=at).own is None:
            raise InvitationOver
        return release_pact(pact, at=at, actor=actor)
