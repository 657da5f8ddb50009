"""Undoing a shared reward: both members get their points back, or nobody does."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import public_id
from huitouke.service.programme.models.rewards import Pact, Redemption
from huitouke.service.programme.rewards.pacts import PactNotOpen, locked_pact
from huitouke.service.programme.rewards.reversals import Because, reverse_captured
from huitouke.service.programme.rewards.sticky import kept
from huitouke.service.programme.versions import queries as versions

__all__ = ["reverse_pact"]


def reverse_pact(
    pact: UUID,
    *,
    key: str,
    at: datetime,
    actor: Actor,
    because: Because = "goods_returned",
    note: str = "",
) -> Pact:
    """Give both members of a completed shared reward their points back.

    Parameters
    ----------
    pact
        Its id.
    key
        The caller's; the same request under it gets the same answer for ever.
    at, actor
        When, and who does it.
    because
        Why.
    note
        In the actor's words, for the audit log.

    Raises
    ------
    PactUnknown, PactNotOpen, RewardUsed
        The last two are kept under the key.
    """

    def act() -> UUID:
        with locked_pact(pact) as (found, _):
            if found.state != Pact.State.CAPTURED:
                raise PactNotOpen(state=found.state)
            definition = versions.current(found.programme_id, at=at)[1]
            parts = Redemption.objects.select_for_update(of=("self",)).filter(pact=found)
            for part in parts.select_related("reward__campaign").order_by("account"):
                reverse_captured(
                    part,
                    at=at,
                    actor=actor,
                    points=None,
                    because=because,
                    definition=definition,
                )
            found.state = Pact.State.REVERSED
            found.save(update_fields=["state"])
            audit.note(
                "pact.reversed",
                actor=actor,
                target=public_id("pct", found.id),
                reason=note or because,
            )
            return found.id

    request = {"pact": str(pact), "because": because}
    return Pact.objects.get(
        id=kept("pact.reverse", key=f"{pact}:{key}", request=request, act=act)
    )
