"""What strangers hear of redemptions, and what the audit log keeps of the staff's acts."""

from __future__ import annotations

from typing import Any

from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import public_id
from huitouke.service.core.outbox import Happening, tell
from huitouke.service.core.webhooks.topics import Topic
from huitouke.service.programme.models.rewards import Redemption

__all__ = ["noted", "reason_of", "redemption_told"]


def reason_of(act: str, redemption: Redemption, *, points: int | None = None) -> dict[str, Any]:
    """Return why the ledger moves points of a redemption, as a member reads it.

    Parameters
    ----------
    act
        ``held`` or ``redeemed`` (of a reward or an order), ``released``,
        ``released.late``, ``redemption.reversed`` …
    redemption
        Whose points move.
    points
        How many; none is all of them.
    """
    reason: dict[str, Any] = {
        "points": redemption.points if points is None else points,
        "redemption": public_id("rdm", redemption.id),
    }
    if redemption.reward is not None:
        reason["reward"] = redemption.reward.names
    if act in {"held", "redeemed"}:
        act = f"{act}.{'reward' if redemption.reward_id else 'order'}"
    return {"code": act, **reason}


def redemption_told(topic: Topic, redemption: Redemption, **more: Any) -> None:
    """Tell what happened to a redemption, in the transaction in which it happened.

    Parameters
    ----------
    topic
        ``reward.held``, ``reward.redeemed``, ``reward.released``, ``reward.reversed`` …
    redemption
        As it is after it.
    **more
        JSON-able facts beside those that are always told.
    """
    body = {
        "redemption": public_id("rdm", redemption.id),
        "programme": redemption.programme_id,
        "reward": public_id("rwd", redemption.reward_id) if redemption.reward_id else None,
        "order": public_id("ord", redemption.order_id) if redemption.order_id else None,
        "unit": redemption.unit,
        "points": redemption.points,
        "state": redemption.state,
        **more,
    }
    tell([Happening(topic, public_id("cus", redemption.customer_id), body)])


def noted(
    action: str,
    *,
    actor: Actor,
    target: str,
    reason: str = "",
    facts: dict[str, Any] | None = None,
) -> None:
    """Keep an act in the audit log when a person of the staff did it."""
    if actor.kind == "staff":
        audit.note(action, actor=actor, target=target, reason=reason, facts=facts)
