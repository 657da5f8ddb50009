"""Undoing a completed redemption, wholly or by points: a new record, never an edit."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import public_id
from huitouke.service.ledger import commands as ledger
from huitouke.service.programme.models.rewards import Redemption, Reward
from huitouke.service.programme.rewards.completion import locked
from huitouke.service.programme.rewards.issuing import code_was_used, withdraw_code
from huitouke.service.programme.rewards.refusals import (
    NotCaptured,
    PartOfPact,
    ReversalTooLarge,
    RewardUsed,
)
from huitouke.service.programme.rewards.standing import unit_of
from huitouke.service.programme.rewards.sticky import kept
from huitouke.service.programme.rewards.stock import return_stock
from huitouke.service.programme.rewards.telling import reason_of, redemption_told
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.rules.expiry import grace_until
from huitouke.service.programme.versions import queries as versions

__all__ = ["Because", "reverse", "reverse_captured"]

#: Why points come back; only the first two let expired ones live on for the days of grace.
Because = Literal["merchant_cancelled", "goods_returned", "changed_mind", "mistake"]


def reverse(
    redemption: UUID,
    *,
    key: str,
    at: datetime,
    actor: Actor,
    points: int | None = None,
    because: Because = "goods_returned",
    note: str = "",
) -> Redemption:
    """Give the points of a completed redemption back to the lots they came from.

    They keep their old expiry; what is past it lives on for the days of grace only where
    the merchant cancelled or goods came back. When all points are back, stock, the member's
    limit and an unused code return with them.

    Parameters
    ----------
    redemption
        Its id.
    key
        The caller's; the same request under it gets the same answer for ever.
    at, actor
        When, and who does it.
    points
        How many; none is all that is left.
    because
        Why.
    note
        In the actor's words, for the audit log.

    Returns
    -------
    Redemption
        ``reversed`` or ``part_reversed``; ``charged_minor`` is due for a used reward.

    Raises
    ------
    NotCaptured, ReversalTooLarge, RewardUsed, PartOfPact
        All are kept under the key.
    """
    request = {"redemption": str(redemption), "points": points, "because": because}

    def act() -> UUID:
        with locked(redemption) as found:
            if found.pact_id is not None:
                raise PartOfPact
            definition = versions.current(found.programme_id, at=at)[1]
            reverse_captured(
                found,
                at=at,
                actor=actor,
                points=points,
                because=because,
                definition=definition,
            )
            audit.note(
                "redemption.reversed",
                actor=actor,
                target=public_id("rdm", found.id),
                reason=note or because,
                facts={"points": found.reversed_points, "because": because},
            )
            return found.id

    return Redemption.objects.get(
        id=kept("reverse", key=f"{redemption}:{key}", request=request, act=act)
    )


def reverse_captured(
    found: Redemption,
    *,
    at: datetime,
    actor: Actor,
    points: int | None,
    because: Because,
    definition: Definition,
) -> None:
    """Reverse a locked redemption.

    Parameters
    ----------
    found
        Completed, and locked by the caller.
    at, actor, points, because
        As for :func:`reverse`.
    definition
        The programme's rules: the days of grace, and the zone in which they are counted.

    Raises
    ------
    NotCaptured, ReversalTooLarge, RewardUsed
        Then nothing is changed.
    """
    if found.state not in {Redemption.State.CAPTURED, Redemption.State.PART_REVERSED}:
        raise NotCaptured(state=found.state)
    left = found.captured_points - found.reversed_points
    amount = left if points is None else points
    if not 0 < amount <= left:
        raise ReversalTooLarge(points=amount, left=left)
    _charge_or_refuse(found)
    found.reversals += 1
    # After a merge the winner's account answers for what the loser's spent.
    number = unit_of(found.programme_id, unit=found.unit)
    receipt = ledger.restore(
        ledger.open_accounts([found.customer_id], unit=number)[0],
        key=f"reverse:{found.id}:{found.reversals}",
        spend_key=found.capture_key,
        amount=amount,
        grace_until=_grace_until(because, at=at, definition=definition),
        actor=str(actor),
        reason=reason_of("redemption.reversed", found, points=amount),
        effective_at=at,
    )
    if receipt.outcome != "done":
        raise ReversalTooLarge(points=amount, left=receipt.detail.get("left", 0))
    found.reversed_points += amount
    is_whole = found.reversed_points == found.captured_points
    found.state = Redemption.State.REVERSED if is_whole else Redemption.State.PART_REVERSED
    if is_whole:
        found.ended_at = at
        found.ended_because = because
        if found.code and found.used_at is None:
            withdraw_code(found.code)
    found.save()
    redemption_told(
        "reward.reversed",
        found,
        reversed_points=amount,
        because=because,
        charged_minor=found.charged_minor,
    )
    # A used thing does not go back on the shelf.
    if is_whole and found.used_at is None:
        return_stock(found)


def _charge_or_refuse(found: Redemption) -> None:
    """Let a used reward's points come back only where its price is charged instead."""
    reward = found.reward
    if reward is None or found.charged_minor:
        return
    if found.code and found.used_at is None and code_was_used(found.code):
        found.used_at = found.captured_at
    if found.used_at is None:
        return
    if reward.when_used == Reward.WhenUsed.REFUSE:
        raise RewardUsed
    found.charged_minor = reward.charge_minor


def _grace_until(because: Because, *, at: datetime, definition: Definition) -> datetime | None:
    refunds = definition.refunds
    deserved = because in {"merchant_cancelled", "goods_returned"}
    if not deserved or refunds.expired_on_return == "expire":
        return None
    return grace_until(at, days=refunds.grace_days, zone=definition.zone_info)
