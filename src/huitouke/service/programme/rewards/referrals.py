"""Bringing a friend: the code, the friend who comes with it, and a person's review."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from huitouke.language import N_
from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import Refused, ServiceError
from huitouke.service.core.ids import new_id, public_id
from huitouke.service.core.outbox import Happening, tell
from huitouke.service.core.webhooks.topics import Topic
from huitouke.service.customers import queries as customers
from huitouke.service.programme.models.referrals import Referral, ReferralCode
from huitouke.service.programme.rewards.code_text import plain
from huitouke.service.programme.rewards.generation import random_codes
from huitouke.service.programme.rewards.referral_checks import (
    EVIDENCE,
    flags_of,
    keep_traces,
    trace_of,
)
from huitouke.service.programme.rewards.standing import lock_member, lock_members
from huitouke.service.programme.rules.calendar import days_after
from huitouke.service.programme.rules.definition import Definition

__all__ = [
    "AlreadyReferred",
    "OwnCode",
    "ReferralCodeUnknown",
    "ReferralNotInReview",
    "ReferralOfOne",
    "ReferralUnknown",
    "ReferralsOff",
    "approve_referral",
    "refer",
    "referral_code",
    "referral_told",
    "refuse_referral",
    "review_queue",
]

_CODE_LENGTH = 9


class ReferralCodeUnknown(ServiceError):
    """Nobody brings friends with this code."""

    code = "programme.referral_code_unknown"
    status = 404
    says = N_("This referral code is not known.")
    remedy = N_("Ask the friend for the code again.")


class OwnCode(Refused):
    """Nobody brings himself."""

    code = "programme.referral_own_code"
    status = 409
    says = N_("This referral code is the customer's own.")
    remedy = N_("A referral code is for friends.")


class AlreadyReferred(Refused):
    """A friend is brought once."""

    code = "programme.referral_already"
    status = 409
    says = N_("This customer was already brought by another member.")
    remedy = N_("A customer is brought once.")


class ReferralsOff(Refused):
    """The programme rewards no referrals."""

    code = "programme.referrals_off"
    status = 409
    says = N_("The programme {programme} does not reward referrals.")
    remedy = N_("Publish a version of the programme with a referral reward.")


class ReferralUnknown(ServiceError):
    """No referral has this id."""

    code = "programme.referral_unknown"
    status = 404
    says = N_("There is no referral {referral}.")
    remedy = N_("Use the id of a referral in the review list.")


class ReferralNotInReview(Refused):
    """It was decided, or needs no decision."""

    code = "programme.referral_not_in_review"
    status = 409
    says = N_("This referral is {state}; only one in review is decided on.")
    remedy = N_("Read the review list again.")


class ReferralOfOne(Refused):
    """Nobody brings himself, also where it turned out later."""

    code = "programme.referral_of_one"
    status = 409
    says = N_("The advocate and the friend of this referral are one person.")
    remedy = N_("Decline it; if the two are different people, undo the merge first.")


def referral_told(topic: Topic, referral: Referral, **more: object) -> None:
    """Tell what happened to a referral; the advocate is the one it is told of."""
    body = {
        "referral": public_id("rfl", referral.id),
        "programme": referral.programme_id,
        "friend": public_id("cus", referral.friend_id),
        "state": referral.state,
        **more,
    }
    tell([Happening(topic, public_id("cus", referral.advocate_id), body)])


def referral_code(customer: UUID, *, programme: str, at: datetime) -> str:
    """Return the code with which a member brings friends, made at the first asking.

    Parameters
    ----------
    customer
        The advocate.
    programme
        Code of the programme.
    at
        When.

    Raises
    ------
    NotEnrolled
        If the customer is not a member.
    """
    holder = customers.record_of(customer)
    with transaction.atomic():
        lock_member(programme, customer=holder)
        own = ReferralCode.objects.filter(customer=holder, programme__code=programme)
        found = own.order_by("created_at", "code").first()
        if found is None:
            found = ReferralCode.objects.create(
                code=random_codes(_CODE_LENGTH)[0],
                programme_id=programme,
                customer_id=holder,
                created_at=at,
            )
    return found.code


def refer(
    code: str,
    *,
    friend: UUID,
    programme: str,
    definition: Definition,
    version: int,
    at: datetime,
    evidence: Mapping[str, str] | None = None,
    order: UUID | None = None,
) -> Referral:
    """Record that a friend came with a member's code; the reward waits for the first order.

    Asking again for the same friend and advocate changes nothing.

    Parameters
    ----------
    code
        As the friend typed it.
    friend
        Who came.
    programme, definition, version
        The programme and the rules of this moment.
    at
        When.
    evidence
        What the shop knows of the friend: ``device``, ``address``, ``payment_token``; only
        keyed hashes are kept.
    order
        The order with which the friend came, if it is recorded already.

    Returns
    -------
    Referral
        ``pending``, or ``review`` where something looks odd.

    Raises
    ------
    ReferralCodeUnknown, OwnCode, AlreadyReferred, ReferralsOff
        If there is nothing to reward.
    """
    rules = definition.referral
    if rules is None:
        raise ReferralsOff(programme=programme)
    known = ReferralCode.objects.filter(code=plain(code), programme__code=programme).first()
    if known is None:
        raise ReferralCodeUnknown
    advocate = customers.record_of(known.customer_id)
    newcomer = customers.record_of(friend)
    if advocate == newcomer:
        raise OwnCode
    given = dict(evidence or {})
    with transaction.atomic():
        lock_members(programme, customers=[newcomer])
        before = (
            Referral.objects.filter(programme__code=programme, friend=newcomer)
            .exclude(state=Referral.State.REFUSED)
            .first()
        )
        if before is not None:
            if before.advocate_id != advocate:
                raise AlreadyReferred
            return before
        flags = flags_of(
            programme,
            advocate=advocate,
            friend=newcomer,
            evidence=given,
            rules=rules,
            before=at,
            order=order,
        )
        keep_traces(newcomer, evidence=given, at=at)
        days = rules.code_valid_days
        made = Referral.objects.create(
            id=new_id(),
            programme_id=programme,
            version=version,
            code=known.code,
            advocate_id=advocate,
            friend_id=newcomer,
            state=Referral.State.REVIEW if flags else Referral.State.PENDING,
            flags=flags,
            evidence={
                kind: trace_of(kind, value).hex()
                for kind, value in given.items()
                if kind in EVIDENCE and value.strip()
            },
            unit=rules.unit,
            advocate_points=rules.advocate_points,
            friend_points=rules.friend_points,
            least_minor=rules.least_order_minor,
            lapses_at=None
            if days is None
            else days_after(at, days=days, zone=definition.zone_info),
            created_at=at,
        )
        referral_told("referral.review" if flags else "referral.created", made, flags=flags)
    return made


def review_queue(programme: str, *, limit: int = 100) -> list[Referral]:
    """Return the referrals that wait for a person's decision, oldest first.

    Parameters
    ----------
    programme
        Code of the programme.
    limit
        How many at most.
    """
    waiting = Referral.objects.filter(programme__code=programme, state=Referral.State.REVIEW)
    return list(waiting.order_by("created_at", "id")[:limit])


def _in_review(referral: UUID) -> Referral:
    seen = Referral.objects.filter(id=referral).first()
    if seen is None:
        raise ReferralUnknown(referral=public_id("rfl", referral))
    lock_members(seen.programme_id, customers=[seen.advocate_id, seen.friend_id])
    found = Referral.objects.select_for_update().get(id=referral)
    if found.state != Referral.State.REVIEW:
        raise ReferralNotInReview(state=found.state)
    return found


def _decided(
    found: Referral, *, action: Topic, at: datetime, actor: Actor, reason: str
) -> Referral:
    found.decided_at = at
    found.decided_by = str(actor)
    found.decided_because = reason[:500]
    found.save()
    audit.note(
        action,
        actor=actor,
        target=public_id("rfl", found.id),
        reason=reason,
        facts={"flags": found.flags},
    )
    referral_told(action, found)
    return found


@transaction.atomic
def approve_referral(referral: UUID, *, at: datetime, actor: Actor, reason: str) -> Referral:
    """Let a referral in review go its way: it is paid when its return window is over.

    Parameters
    ----------
    referral
        Its id.
    at, actor
        When, and who decides.
    reason
        In the actor's words.

    Raises
    ------
    ReferralUnknown, ReferralNotInReview
        If there is nothing to decide.
    ReferralOfOne
        If the two were merged into one person.
    """
    found = _in_review(referral)
    if found.advocate_id == found.friend_id:
        raise ReferralOfOne
    found.cleared = True
    found.state = Referral.State.QUALIFIED if found.order_id else Referral.State.PENDING
    return _decided(found, action="referral.approved", at=at, actor=actor, reason=reason)


@transaction.atomic
def refuse_referral(referral: UUID, *, at: datetime, actor: Actor, reason: str) -> Referral:
    """Refuse a referral in review for good.

    Parameters
    ----------
    referral
        Its id.
    at, actor
        When, and who decides.
    reason
        In the actor's words.

    Raises
    ------
    ReferralUnknown, ReferralNotInReview
        If there is nothing to decide.
    """
    found = _in_review(referral)
    found.state = Referral.State.REFUSED
    return _decided(found, action="referral.refused", at=at, actor=actor, reason=reason)
