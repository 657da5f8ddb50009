"""Cooperative rewards: two members pay for one together, or nobody pays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from huitouke.language import N_
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import Refused, ServiceError
from huitouke.service.core.ids import new_id, public_id
from huitouke.service.core.outbox import Happening, tell
from huitouke.service.customers import queries as customers
from huitouke.service.programme.models.rewards import Pact, Redemption, Reward
from huitouke.service.programme.rewards.completion import (
    capture_held,
    release_held,
)
from huitouke.service.programme.rewards.eligibility import for_partner, obstacles
from huitouke.service.programme.rewards.issuing import issue_code
from huitouke.service.programme.rewards.redemptions import (
    had_by,
    hold_points,
    reward_of,
    terms_of,
)
from huitouke.service.programme.rewards.refusals import HoldExpired, NotEnrolled, RewardUnknown
from huitouke.service.programme.rewards.standing import (
    Member,
    account_and_balance,
    lock_members,
)
from huitouke.service.programme.rewards.sticky import kept
from huitouke.service.programme.rewards.stock import return_stock, take_stock
from huitouke.service.programme.rewards.telling import noted, redemption_told

__all__ = [
    "PACT_HOLD",
    "PactNotOpen",
    "PactOfOne",
    "PactUnknown",
    "capture_pact",
    "join_pact",
    "locked_pact",
    "offer_pact",
    "release_held_pact",
    "release_pact",
]

#: How long the first member's points wait for the second's.
PACT_HOLD = timedelta(hours=24)


class PactUnknown(ServiceError):
    """No shared reward has this id."""

    code = "programme.pact_unknown"
    status = 404
    says = N_("There is no shared redemption {pact}.")
    remedy = N_("Use the id that the first member's request was answered with.")


class PactNotOpen(Refused):
    """The shared reward has its two members, or has ended."""

    code = "programme.pact_not_open"
    status = 409
    says = N_("The shared redemption is {state}; that cannot be done with it.")
    remedy = N_("Begin another one.")


class PactOfOne(Refused):
    """It takes two, and each pays a part."""

    code = "programme.pact_of_one"
    status = 409
    says = N_("A shared reward is paid by two members, each with at least 1 point.")
    remedy = N_("Let another member join, and leave at least 1 point for that member.")


@contextmanager
def locked_pact(
    pact: UUID, *, joining: UUID | None = None
) -> Iterator[tuple[Pact, dict[UUID, Member]]]:
    """Lock the members of a pact (and one who joins), then the pact, in one transaction.

    Raises
    ------
    PactUnknown
        If there is none with this id.
    """
    with transaction.atomic():
        seen = Pact.objects.filter(id=pact).first()
        if seen is None:
            raise PactUnknown(pact=public_id("pct", pact))
        wanted = {seen.starter_id, seen.partner_id, joining} - {None}
        members = lock_members(seen.programme_id, customers=[each for each in wanted if each])
        found = (
            Pact.objects.select_for_update(of=("self",))
            .select_related("reward__campaign")
            .get(id=pact)
        )
        yield found, members


def offer_pact(
    customer: UUID,
    *,
    programme: str,
    reward: UUID,
    points: int,
    key: str,
    at: datetime,
    actor: Actor,
    ttl: timedelta = PACT_HOLD,
) -> Pact:
    """Set the first member's part of a shared reward aside, and one of its stock.

    Parameters
    ----------
    customer
        Who begins.
    programme
        Code of the programme.
    reward
        A cooperative one.
    points
        What this member pays; the rest is left to the partner.
    key
        The caller's; the same request under it gets the same answer for ever.
    at, actor
        When, and who asks.
    ttl
        How long the partner has.

    Raises
    ------
    PactOfOne
        If nothing is left for the partner.
    NotEnrolled, TierTooLow, RewardNotValidNow, MemberLimitReached, RewardOutOfStock,
    InsufficientPoints
        As for a redemption.
    """
    holder = customers.record_of(customer)

    def act() -> UUID:
        members = lock_members(programme, customers=[holder])
        asked = reward_of(reward, programme=programme)
        if not asked.cooperative:
            raise RewardUnknown(reward=public_id("rwd", reward))
        if not 0 < points < asked.cost_points:
            raise PactOfOne
        pact = Pact(
            id=new_id(),
            programme_id=programme,
            reward=asked,
            starter_id=holder,
            missing_points=asked.cost_points - points,
            expires_at=at + ttl,
            created_at=at,
        )
        with transaction.atomic():
            pact.save(force_insert=True)
            _hold_part(
                pact,
                member=members.get(holder),
                points=points,
                key=key,
                at=at,
                actor=actor,
                first=True,
            )
            take_stock(asked)
        return pact.id

    request = {"customer": str(holder), "reward": str(reward), "points": points}
    return Pact.objects.get(id=kept(f"pact:{programme}", key=key, request=request, act=act))


def _hold_part(
    pact: Pact,
    *,
    member: Member | None,
    points: int,
    key: str,
    at: datetime,
    actor: Actor,
    first: bool,
) -> Redemption:
    """Hold one member's part.

    Raises
    ------
    Refused
        What stands between this member and the reward.
    """
    if member is None:
        raise NotEnrolled(programme=pact.programme_id)
    asked = pact.reward
    account, available = account_and_balance(
        pact.programme_id, customer=member.customer, unit=asked.unit
    )
    terms = terms_of(asked)
    found = obstacles(
        terms if first else for_partner(terms),
        tier=member.tier,
        available=available,
        had=had_by(member.customer, reward=asked, at=at),
        at=at,
        points=points,
    )
    if found or account is None:
        raise found[0]
    made = Redemption(
        id=new_id(),
        programme_id=pact.programme_id,
        customer_id=member.customer,
        account=account,
        unit=asked.unit,
        reward=asked,
        reward_revision=asked.revision,
        pact=pact,
        points=points,
        cash_minor=asked.cash_minor if first else 0,
        takes_stock=first and asked.stock_left is not None,
        key=key,
        expires_at=pact.expires_at,
        created_at=at,
        actor=str(actor),
    )
    made.hold_key = f"redeem:{made.id}:0"
    hold_points(made, actor=actor, at=at, available=available)
    made.save(force_insert=True)
    redemption_told("reward.held", made, shared=True)
    return made


def join_pact(pact: UUID, *, customer: UUID, key: str, at: datetime, actor: Actor) -> Pact:
    """Set the second member's part aside: all that is missing.

    Parameters
    ----------
    pact
        Its id.
    customer
        Who joins.
    key
        The caller's; the same request under it gets the same answer for ever.
    at, actor
        When, and who asks.

    Raises
    ------
    PactUnknown, PactNotOpen, PactOfOne, HoldExpired
        If there is nothing to join.
    NotEnrolled, TierTooLow, MemberLimitReached, InsufficientPoints
        As for a redemption.
    """
    holder = customers.record_of(customer)

    def act() -> UUID:
        with locked_pact(pact, joining=holder) as (found, members):
            if found.starter_id == holder:
                raise PactOfOne
            if found.state != Pact.State.OPEN:
                raise PactNotOpen(state=found.state)
            if at >= found.expires_at:
                raise HoldExpired(expires_at=found.expires_at.isoformat())
            _hold_part(
                found,
                member=members.get(holder),
                points=found.missing_points,
                key=key,
                at=at,
                actor=actor,
                first=False,
            )
            found.partner_id = holder
            found.missing_points = 0
            found.state = Pact.State.READY
            found.save(update_fields=["partner", "missing_points", "state"])
            return found.id

    request = {"pact": str(pact), "customer": str(holder)}
    return Pact.objects.get(id=kept("pact.join", key=f"{pact}:{key}", request=request, act=act))


def _parts(pact: Pact) -> list[Redemption]:
    """Return the parts in the order in which accounts are locked everywhere."""
    return list(
        Redemption.objects.select_for_update(of=("self",)).filter(pact=pact).order_by("account")
    )


def capture_pact(pact: UUID, *, at: datetime, actor: Actor) -> Pact:
    """Complete a shared reward: both members' points are spent, or nobody's.

    Completing it again changes nothing. A code, where the reward is one, is the starter's.

    Parameters
    ----------
    pact
        Its id.
    at, actor
        When, and who does it.

    Raises
    ------
    PactUnknown, PactNotOpen, HoldExpired
        If it cannot be completed.
    """
    with locked_pact(pact) as (found, _):
        if found.state == Pact.State.CAPTURED:
            return found
        if found.state != Pact.State.READY:
            raise PactNotOpen(state=found.state)
        parts = _parts(found)
        for part in parts:
            capture_held(part, at=at, actor=actor)
        _give(found.reward, parts=parts, starter=found.starter_id, at=at)
        found.state = Pact.State.CAPTURED
        found.save(update_fields=["state"])
        noted("pact.captured", actor=actor, target=public_id("pct", found.id))
    return found


def _give(reward: Reward, *, parts: list[Redemption], starter: UUID, at: datetime) -> None:
    for part in parts:
        if part.customer_id == starter and reward.campaign is not None:
            part.code = issue_code(reward.campaign, customer=starter, at=at, because="reward")
            part.save(update_fields=["code"])
        redemption_told(
            "reward.redeemed",
            part,
            captured_points=part.captured_points,
            code=part.code,
            shared=True,
        )


def release_pact(pact: UUID, *, at: datetime, actor: Actor) -> Pact:
    """Give both members' points back; releasing again changes nothing.

    Parameters
    ----------
    pact
        Its id.
    at, actor
        When, and who does it.

    Raises
    ------
    PactUnknown
        If there is none with this id.
    PactNotOpen
        If it was completed, also where that was undone: its stock is back by then.
    """
    with locked_pact(pact) as (found, _):
        if found.state == Pact.State.RELEASED:
            return found
        if found.state in {Pact.State.CAPTURED, Pact.State.REVERSED}:
            raise PactNotOpen(state=found.state)
        release_held_pact(found, at=at, actor=actor, because="released")
        noted("pact.released", actor=actor, target=public_id("pct", found.id))
    return found


def release_held_pact(pact: Pact, *, at: datetime, actor: Actor, because: str) -> None:
    """Release both parts of a locked pact."""
    parts = _parts(pact)
    for part in parts:
        if part.state == Redemption.State.HELD:
            release_held(part, at=at, actor=actor, because=because)
    pact.state = Pact.State.RELEASED
    pact.save(update_fields=["state"])
    tell(
        [
            Happening(
                "reward.pact_released",
                public_id("cus", pact.starter_id),
                {"pact": public_id("pct", pact.id), "because": because},
            )
        ]
    )
    for part in parts:
        return_stock(part)
