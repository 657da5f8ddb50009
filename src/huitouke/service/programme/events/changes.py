"""Changes of tier as the sender of a fact, and strangers, are told."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from huitouke.service.core.ids import public_id
from huitouke.service.core.outbox import Happening
from huitouke.service.core.webhooks.topics import Topic
from huitouke.service.programme.rules.standing import Change

__all__ = ["change_told", "happening_of", "topic_of"]

_TOPICS: dict[str, Topic] = {
    "up": "tier.upgraded",
    "granted": "tier.upgraded",
    "paid": "tier.upgraded",
    "down": "tier.downgraded",
    "reverted": "tier.downgraded",
    "ended": "tier.downgraded",
    "grace": "tier.will_downgrade",
}


def topic_of(kind: str) -> str:
    """Return what a kind of change is called where it is told, e.g. ``tier.upgraded``.

    Parameters
    ----------
    kind
        Of a change of tier.
    """
    return _TOPICS.get(kind, f"tier.{kind}")


def change_told(change: Change) -> dict[str, Any]:
    """Return a change of tier as the sender is told, JSON-able.

    Parameters
    ----------
    change
        What happened.
    """
    told = asdict(change)
    kind = told.pop("kind")
    told["on"] = change.on.isoformat()
    return {"type": topic_of(kind), "kind": kind, **told}


def happening_of(change: Change, *, customer: UUID) -> Happening | None:
    """Return what strangers are told of a change, if it is theirs to know.

    Parameters
    ----------
    change
        What happened.
    customer
        To whom.
    """
    topic = _TOPICS.get(change.kind)
    if topic is None or (change.from_tier == change.to_tier and topic != "tier.will_downgrade"):
        return None
    told = change_told(change)
    del told["type"]
    return Happening(topic, public_id("cus", customer), told)
