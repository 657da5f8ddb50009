"""Completing what was set aside, or giving it back: capture, release, renew, used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from huitouke.language import N_
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import public_id
from huitouke.service.ledger import commands as ledger
from huitouke.service.programme.models.rewards import Redemption
from huitouke.service.programme.rewards.issuing import issue_code
from huitouke.service.programme.rewards.redemptions import HOLD
from huitouke.service.programme.rewards.refusals import (
    AlreadyEnded,
    HoldExpired,
    NotCaptured,
    PartOfPact,
    RedemptionUnknown,
    ReversalTooLarge,
)
from huitouke.service.programme.rewards.standing import lock_members
from huitouke.service.programme.rewards.stock import return_stock
from huitouke.service.programme.rewards.telling import noted, reason_of, redemption_told

__all__ = [
    "NotYetCapturable",
    "capture",
    "capture_held",
    "locked",
    "mark_used",
    "release",
    "release_held",
    "renew",
]


class NotYetCapturable(ServiceError):
    """The redemption moved to another customer while it was asked for."""

    code = "programme.redemption_moved"
    status = 409
    says = N_("The customer of this redemption is being merged.")
    remedy = N_("Send the request again in a moment.")


@contextmanager
def locked(redemption: UUID) -> Iterator[Redemption]:
    """Lock the member, then the redemption, in one transaction, and give it.

    Raises
    ------
    RedemptionUnknown
        If there is none with this id.
    NotYetCapturable
        If a merge moved it in this very moment.
    """
    with transaction.atomic():
        seen = Redemption.objects.filter(id=redemption).first()
        if seen is None:
            raise RedemptionUnknown(redemption=public_id("rdm", redemption))
        # The member comes first, as wherever points move: no two acts wait in a ring.
        lock_members(seen.programme_id, customers=[seen.customer_id])
        found = (
            Redemption.objects.select_for_update(of=("self",))
            .select_related("reward__campaign")
            .get(id=redemption)
        )
        if found.customer_id != seen.customer_id:
            raise NotYetCapturable
        yield found


def capture(
    redemption: UUID,
    *,
    at: datetime,
    actor: Actor,
    points: int | None = None,
    order: UUID | None = None,
) -> Redemption:
    """Complete a redemption: the points are spent, a code is issued where the reward is one.

    Completing it again changes nothing.

    Parameters
    ----------
    redemption
        Its id.
    at, actor
        When, and who does it.
    points
        Of a part payment, how many were needed in the end; the rest returns. None is all.
    order
        The order it helped to pay.

    Raises
    ------
    HoldExpired
        If it was not completed in time.
    AlreadyEnded
        If it was released.
    PartOfPact
        If it is one of two for a shared reward.
    """
    with locked(redemption) as found:
        if found.pact_id is not None:
            raise PartOfPact
        if found.captured_points:
            return found
        capture_held(found, at=at, actor=actor, points=points, order=order)
        if found.reward is not None and found.reward.campaign is not None:
            found.code = issue_code(
                found.reward.campaign, customer=found.customer_id, at=at, because="reward"
            )
            found.save(update_fields=["code"])
        redemption_told(
            "reward.redeemed", found, captured_points=found.captured_points, code=found.code
        )
        noted("redemption.captured", actor=actor, target=public_id("rdm", found.id))
    return found


def capture_held(
    found: Redemption,
    *,
    at: datetime,
    actor: Actor,
    points: int | None = None,
    order: UUID | None = None,
) -> None:
    """Spend the held points of a locked redemption.

    Raises
    ------
    HoldExpired
        If the time is over.
    AlreadyEnded
        If it was released.
    ReversalTooLarge
        If more points are asked for than were set aside, or fewer for a reward.
    """
    if found.state == Redemption.State.RELEASED and found.ended_because != "expired":
        raise AlreadyEnded(state=found.state)
    if found.state == Redemption.State.RELEASED or at >= found.expires_at:
        raise HoldExpired(expires_at=found.expires_at.isoformat())
    amount = found.points if points is None else points
    if not 0 < amount <= found.points or (found.reward_id and amount != found.points):
        raise ReversalTooLarge(points=amount, left=found.points)
    capture_key = f"capture:{found.id}"
    receipt = ledger.capture(
        found.account,
        key=capture_key,
        hold_key=found.hold_key,
        amount=amount,
        actor=str(actor),
        reason=reason_of("redeemed", found, points=amount),
        effective_at=at,
    )
    if receipt.outcome != "done":
        raise HoldExpired(expires_at=found.expires_at.isoformat())
    found.worth_minor = found.worth_minor * amount // found.points
    found.state = Redemption.State.CAPTURED
    found.captured_points = amount
    found.capture_key = capture_key
    found.captured_at = at
    found.order_id = order
    found.save(
        update_fields=[
            "worth_minor", "state", "captured_points", "capture_key", "captured_at", "order",
        ]
    )  # fmt: skip


def release(redemption: UUID, *, at: datetime, actor: Actor) -> Redemption:
    """Give back what was set aside; releasing again changes nothing.

    Parameters
    ----------
    redemption
        Its id.
    at, actor
        When, and who does it.

    Raises
    ------
    NotCaptured
        If it was completed; that is reversed, not released.
    PartOfPact
        If it is one of two for a shared reward.
    """
    with locked(redemption) as found:
        if found.pact_id is not None:
            raise PartOfPact
        if found.state == Redemption.State.RELEASED:
            return found
        release_held(found, at=at, actor=actor, because="released")
        noted("redemption.released", actor=actor, target=public_id("rdm", found.id))
        return_stock(found)
    return found


def release_held(found: Redemption, *, at: datetime, actor: Actor, because: str) -> None:
    """Give the held points of a locked redemption back; stock is the caller's.

    Raises
    ------
    NotCaptured
        If it was completed.
    """
    if found.state != Redemption.State.HELD:
        raise NotCaptured(state=found.state)
    # The ledger may have let an expired hold go by itself: then this finds it ended.
    ledger.release(
        found.account,
        key=f"release:{found.id}",
        hold_key=found.hold_key,
        actor=str(actor),
        reason=reason_of("released.late" if because == "expired" else "released", found),
        effective_at=at,
    )
    found.state = Redemption.State.RELEASED
    found.ended_at = at
    found.ended_because = because
    found.save(update_fields=["state", "ended_at", "ended_because"])
    redemption_told("reward.released", found, because=because)


def renew(redemption: UUID, *, at: datetime, actor: Actor, ttl: timedelta = HOLD) -> Redemption:
    """Set aside for longer what is set aside now.

    Parameters
    ----------
    redemption
        Its id.
    at, actor
        When, and who asks.
    ttl
        How long from now.

    Raises
    ------
    HoldExpired
        If the time is over already.
    NotCaptured
        If it is not held any more.
    PartOfPact
        If it is one of two for a shared reward.
    """
    with locked(redemption) as found:
        if found.pact_id is not None:
            raise PartOfPact
        if found.state != Redemption.State.HELD:
            raise NotCaptured(state=found.state)
        if at >= found.expires_at:
            raise HoldExpired(expires_at=found.expires_at.isoformat())
        found.renewals += 1
        found.expires_at = max(found.expires_at, at + ttl)
        receipt = ledger.prolong(
            found.account,
            key=f"renew:{found.id}:{found.renewals}",
            hold_key=found.hold_key,
            expires_at=found.expires_at,
            actor=str(actor),
            reason=reason_of("held.renewed", found),
        )
        if receipt.outcome != "done":
            raise HoldExpired(expires_at=found.expires_at.isoformat())
        found.save(update_fields=["renewals", "expires_at"])
    return found


def mark_used(redemption: UUID, *, at: datetime, actor: Actor) -> Redemption:
    """Record that the reward was handed over or consumed; again changes nothing.

    Parameters
    ----------
    redemption
        Its id.
    at, actor
        When, and who says so.

    Raises
    ------
    NotCaptured
        If it was not completed, or is reversed.
    """
    with locked(redemption) as found:
        if found.state not in {Redemption.State.CAPTURED, Redemption.State.PART_REVERSED}:
            raise NotCaptured(state=found.state)
        if found.used_at is None:
            found.used_at = at
            found.save(update_fields=["used_at"])
            redemption_told("reward.used", found)
            noted("redemption.used", actor=actor, target=public_id("rdm", found.id))
    return found
