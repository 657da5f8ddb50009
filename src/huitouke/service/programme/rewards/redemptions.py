"""Redeeming: points, stock and the member's limit are set aside together, or nothing is."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from huitouke.language import N_
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import new_id, public_id
from huitouke.service.customers import queries as customers
from huitouke.service.ledger import commands as ledger
from huitouke.service.ledger.contract import Spend
from huitouke.service.programme.models.rewards import Redemption, Reward
from huitouke.service.programme.rewards.eligibility import RewardTerms, limit_since, obstacles
from huitouke.service.programme.rewards.part_payment import most_points, part_payment
from huitouke.service.programme.rewards.refusals import (
    InsufficientPoints,
    PartOfPact,
    PointsNotTaken,
    RewardUnknown,
)
from huitouke.service.programme.rewards.standing import (
    Member,
    account_and_balance,
    lock_member,
)
from huitouke.service.programme.rewards.sticky import kept
from huitouke.service.programme.rewards.stock import take_stock
from huitouke.service.programme.rewards.telling import reason_of, redemption_told
from huitouke.service.programme.versions import queries as versions

__all__ = [
    "HOLD",
    "RedeemWhat",
    "had_by",
    "hold_points",
    "redeem",
    "reward_of",
    "terms_of",
]

#: How long points and stock are set aside unless the caller says otherwise.
HOLD = timedelta(minutes=30)

_HAD = """
SELECT count(*) FROM programme_redemption
WHERE customer_id = %s AND reward_id = %s AND state NOT IN ('released', 'reversed')
  AND NOT (state = 'held' AND expires_at <= %s)
  AND (%s::timestamptz IS NULL OR created_at >= %s)
"""


class RedeemWhat(ServiceError):
    """A redemption is of a reward, or of points as part payment."""

    code = "programme.redeem_what"
    status = 422
    says = N_("A redemption names either a reward or a number of points above 0.")
    remedy = N_("Send reward, or points, one of the two.")


def redeem(
    customer: UUID,
    *,
    programme: str,
    key: str,
    actor: Actor,
    at: datetime,
    reward: UUID | None = None,
    points: int | None = None,
    order_minor: int | None = None,
    unit: str = "",
    ttl: timedelta = HOLD,
) -> Redemption:
    """Set aside what a redemption takes; ``capture`` completes it, ``release`` undoes it.

    Of a reward: its points, one of its stock and one of the member's limit. Without one:
    points as part payment, as the programme's rules of part payment take them; only points
    that really pay for something are set aside.

    Parameters
    ----------
    customer
        Who redeems; a merged customer is followed.
    programme
        Code of the programme.
    key
        The caller's; the same request under it gets the same answer for ever, a refusal too.
    actor, at
        Who does it, and when.
    reward
        Id of the reward, or none.
    points
        Points to pay with, where there is no reward.
    order_minor
        Eligible amount of the order that points help to pay; none where not known.
    unit
        Of a part payment: code of what pays, e.g. of stored value; empty: the unit of the
        programme's rules of part payment.
    ttl
        How long it is set aside.

    Returns
    -------
    Redemption
        Held until ``expires_at``; of a part payment, ``worth_minor`` is what it pays.

    Raises
    ------
    NotEnrolled, TierTooLow, RewardNotValidNow, MemberLimitReached, RewardOutOfStock,
    InsufficientPoints, PointsNotTaken
        All are kept under the key.
    RewardUnknown
        If the programme has no such reward.
    """
    if (reward is None) == (points is None) or (points is not None and points <= 0):
        raise RedeemWhat
    if unit and reward is not None:
        raise RedeemWhat
    holder = customers.record_of(customer)
    request = {
        "customer": str(holder),
        "reward": str(reward) if reward else None,
        "points": points,
        "order_minor": order_minor,
        **({"unit": unit} if unit else {}),
    }

    def act() -> UUID:
        member = lock_member(programme, customer=holder)
        if reward is None:
            return _part_payment(
                member,
                programme=programme,
                key=key,
                actor=actor,
                at=at,
                ttl=ttl,
                points=points or 0,
                order_minor=order_minor,
                unit=unit,
            )
        return _reward(
            member, programme=programme, key=key, actor=actor, at=at, ttl=ttl, reward=reward
        )

    found = kept(f"redeem:{programme}", key=key, request=request, act=act)
    return Redemption.objects.get(id=found)


def reward_of(reward: UUID, *, programme: str) -> Reward:
    """Return a reward of a programme.

    Raises
    ------
    RewardUnknown
        If it has no such reward.
    """
    found = Reward.objects.filter(id=reward, programme__code=programme).first()
    if found is None:
        raise RewardUnknown(reward=public_id("rwd", reward))
    return found


def terms_of(reward: Reward) -> RewardTerms:
    """Return what a reward asks for, as a plain value."""
    return RewardTerms(
        reward=public_id("rwd", reward.id),
        cost_points=reward.cost_points,
        enabled=reward.enabled,
        valid_from=reward.valid_from,
        valid_to=reward.valid_to,
        tiers=tuple(reward.tiers),
        per_member_limit=reward.per_member_limit,
        limit_days=reward.limit_days,
        stock_left=reward.stock_left,
    )


def had_by(customer: UUID, *, reward: Reward, at: datetime) -> int:
    """Return how often a member has a reward, within its limit's days; under the lock."""
    if reward.per_member_limit is None:
        return 0
    since = limit_since(terms_of(reward), at=at)
    with connection.cursor() as cursor:
        cursor.execute(_HAD, [customer, reward.id, at, since, since])
        count: int = cursor.fetchone()[0]
    return count


def hold_points(made: Redemption, *, actor: Actor, at: datetime, available: int) -> None:
    """Set the points of a redemption aside in the ledger.

    Raises
    ------
    InsufficientPoints
        If they are not there.
    """
    receipt = ledger.hold(
        Spend(
            account=made.account,
            key=made.hold_key,
            amount=made.points,
            effective_at=at,
            actor=str(actor),
            reason=reason_of("held", made),
        ),
        expires_at=made.expires_at,
    )
    if receipt.outcome != "done":
        raise InsufficientPoints(
            required=made.points, available=min(available, receipt.available)
        )


def _reward(
    member: Member,
    *,
    programme: str,
    key: str,
    actor: Actor,
    at: datetime,
    ttl: timedelta,
    reward: UUID,
) -> UUID:
    asked = reward_of(reward, programme=programme)
    if asked.cooperative:
        raise PartOfPact
    account, available = account_and_balance(
        programme, customer=member.customer, unit=asked.unit
    )
    had = had_by(member.customer, reward=asked, at=at)
    found = obstacles(terms_of(asked), tier=member.tier, available=available, had=had, at=at)
    if found or account is None:
        raise found[0]
    made = Redemption(
        id=new_id(),
        programme_id=programme,
        customer_id=member.customer,
        account=account,
        unit=asked.unit,
        reward=asked,
        reward_revision=asked.revision,
        points=asked.cost_points,
        cash_minor=asked.cash_minor,
        takes_stock=asked.stock_left is not None,
        key=key,
        expires_at=at + ttl,
        created_at=at,
        actor=str(actor),
    )
    return _set_aside(made, actor=actor, at=at, available=available, stock_of=asked)


def _part_payment(
    member: Member,
    *,
    programme: str,
    key: str,
    actor: Actor,
    at: datetime,
    ttl: timedelta,
    points: int,
    order_minor: int | None,
    unit: str,
) -> UUID:
    burn = versions.current(programme, at=at)[1].burn_of(unit)
    if burn is None:
        raise PointsNotTaken(points=points, least=0, most=0)
    pays = part_payment(points, burn=burn, order_minor=order_minor)
    if pays.points == 0:
        most = most_points(burn, order_minor=order_minor)
        raise PointsNotTaken(
            points=points, least=burn.least_points, most="∞" if most is None else most
        )
    account, available = account_and_balance(
        programme, customer=member.customer, unit=burn.unit
    )
    if account is None or available < pays.points:
        raise InsufficientPoints(required=pays.points, available=available)
    made = Redemption(
        id=new_id(),
        programme_id=programme,
        customer_id=member.customer,
        account=account,
        unit=burn.unit,
        points=pays.points,
        worth_minor=pays.worth_minor,
        key=key,
        expires_at=at + ttl,
        created_at=at,
        actor=str(actor),
    )
    return _set_aside(made, actor=actor, at=at, available=available, stock_of=None)


@transaction.atomic
def _set_aside(
    made: Redemption,
    *,
    actor: Actor,
    at: datetime,
    available: int,
    stock_of: Reward | None,
) -> UUID:
    made.hold_key = f"redeem:{made.id}:0"
    hold_points(made, actor=actor, at=at, available=available)
    made.save(force_insert=True)
    redemption_told("reward.held", made)
    if stock_of is not None:
        take_stock(stock_of)
    return made.id
