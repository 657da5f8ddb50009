"""What a full card gives, and how it is taken back while it was not used."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import new_id, public_id
from huitouke.service.core.outbox import Happening, tell
from huitouke.service.core.webhooks.topics import Topic
from huitouke.service.ledger import commands as ledger
from huitouke.service.ledger.contract import Earn
from huitouke.service.programme.models.referrals import StampGrant
from huitouke.service.programme.models.rewards import Reward
from huitouke.service.programme.rewards.issuing import (
    code_was_used,
    issue_code,
    withdraw_code,
)
from huitouke.service.programme.rewards.refusals import RewardOutOfStock
from huitouke.service.programme.rewards.standing import unit_of
from huitouke.service.programme.rewards.stock import put_back, take_stock
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.rules.expiry import expires_at
from huitouke.service.programme.rules.extras import StampCard

__all__ = ["give_present", "hand_out", "take_present_back"]


def _account(grant: StampGrant) -> int:
    number = unit_of(grant.programme_id, unit=grant.unit)
    return ledger.open_accounts([grant.customer_id], unit=number)[0]


def give_present(
    card: StampCard,
    *,
    programme: str,
    customer: UUID,
    number: int,
    definition: Definition,
    version: int,
    at: datetime,
    actor: Actor,
) -> StampGrant:
    """Give what a full card gives: points at once, a code, or a claim on a reward.

    Parameters
    ----------
    card
        The card that is full.
    programme, definition, version
        The programme and its rules.
    customer
        Whose card; locked.
    number
        Of the present among all of this card, from 1.
    at, actor
        When, and who told the fact that filled it.
    """
    grant = StampGrant(
        id=new_id(),
        programme_id=programme,
        customer_id=customer,
        card=card.id,
        number=number,
        state=StampGrant.State.GIVEN,
        at=at,
    )
    if card.points:
        _give_points(
            grant, card=card, definition=definition, version=version, at=at, actor=actor
        )
    else:
        _give_reward(grant, card=card, at=at)
    grant.save(force_insert=True)
    _tell(grant, topic="reward.stamps_full")
    return grant


def _tell(grant: StampGrant, *, topic: Topic) -> None:
    body = {
        "card": grant.card,
        "number": grant.number,
        "points": grant.points,
        "reward": public_id("rwd", grant.reward_id) if grant.reward_id else None,
        "code": grant.code,
        "state": grant.state,
    }
    tell([Happening(topic, public_id("cus", grant.customer_id), body)])


def hand_out(grant: StampGrant, *, card: StampCard | None, at: datetime) -> bool:
    """Give a present that waited for its reward or for stock; say whether it could be.

    Parameters
    ----------
    grant
        One that waits; its customer is locked.
    card
        As the rules have it today; none if they do not have it any more.
    at
        When.
    """
    if grant.reward is not None:
        _take_reward(grant, reward=grant.reward, at=at)
    elif card is not None and card.reward:
        _give_reward(grant, card=card, at=at)
    else:
        return False
    if grant.state != StampGrant.State.GIVEN:
        return False
    grant.save(update_fields=["state", "reward", "code"])
    _tell(grant, topic="reward.stamps_handed_out")
    return True


def _give_points(
    grant: StampGrant,
    *,
    card: StampCard,
    definition: Definition,
    version: int,
    at: datetime,
    actor: Actor,
) -> None:
    expiry = definition.expiry_of(card.unit)
    grant.unit = card.unit
    grant.points = card.points
    grant.earn_key = f"stamps:{grant.id}"
    ledger.earn(
        Earn(
            account=_account(grant),
            key=grant.earn_key,
            amount=card.points,
            effective_at=at,
            actor=str(actor),
            reason={
                "code": "stamps.full",
                "points": card.points,
                "card": card.name.model_dump(mode="json"),
            },
            expires_at=expires_at(expiry, available_at=at, zone=definition.zone_info),
            rule_version=version,
        )
    )


def _give_reward(grant: StampGrant, *, card: StampCard, at: datetime) -> None:
    """Give a code or a claim; without stock the claim waits."""
    reward = (
        Reward.objects.select_related("campaign")
        .filter(programme__code=grant.programme_id, code=card.reward)
        .first()
    )
    if reward is None:
        grant.state = StampGrant.State.WAITING
    else:
        grant.reward = reward
        _take_reward(grant, reward=reward, at=at)


def _take_reward(grant: StampGrant, *, reward: Reward, at: datetime) -> None:
    """Take one from the stock and give it, with its code; without stock the claim waits."""
    grant.state = StampGrant.State.GIVEN
    try:
        take_stock(reward)
    except RewardOutOfStock:
        grant.state = StampGrant.State.WAITING
        return
    if reward.campaign is not None:
        grant.code = issue_code(
            reward.campaign, customer=grant.customer_id, at=at, because="stamps"
        )


def take_present_back(
    grant: StampGrant, *, definition: Definition, at: datetime, actor: Actor
) -> bool:
    """Take a present back after a return; say whether that was possible.

    Points go by the programme's policy for points that are spent. A code that was used, and
    a reward that may have been handed over, stay with the member.

    Parameters
    ----------
    grant
        The newest present of the card.
    definition
        The programme's rules.
    at, actor
        When, and who told of the return.
    """
    if grant.earn_key:
        ledger.claw_back(
            _account(grant),
            key=f"{grant.earn_key}:back",
            amount=grant.points,
            earn_keys=[grant.earn_key],
            policy=definition.refunds.debt_policy,
            actor=str(actor),
            reason={"code": "stamps.taken_back", "points": grant.points},
            effective_at=at,
        )
    elif grant.code:
        if code_was_used(grant.code):
            return False
        withdraw_code(grant.code)
        put_back(grant.reward_id)
    elif grant.state != StampGrant.State.WAITING:
        return False
    grant.state = StampGrant.State.TAKEN_BACK
    grant.save(update_fields=["state"])
    return True
