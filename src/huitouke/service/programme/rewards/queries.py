"""What is offered and what became of it: rewards, redemptions, alone or shared."""

from __future__ import annotations

from uuid import UUID

from huitouke.service.core.ids import public_id
from huitouke.service.programme.models.rewards import Pact, Redemption, Reward
from huitouke.service.programme.rewards.pacts import PactUnknown
from huitouke.service.programme.rewards.refusals import RedemptionUnknown

__all__ = [
    "pact",
    "redemption",
    "rewards",
]


def rewards(programme: str) -> list[Reward]:
    """Return all rewards of a programme, also those that are switched off, cheapest first.

    Parameters
    ----------
    programme
        Code of the programme.
    """
    return list(Reward.objects.filter(programme__code=programme).order_by("cost_points", "id"))


def redemption(redemption: UUID) -> Redemption:
    """Return a redemption.

    Parameters
    ----------
    redemption
        Its id.

    Raises
    ------
    RedemptionUnknown
        If there is none with this id.
    """
    found = Redemption.objects.select_related("reward").filter(id=redemption).first()
    if found is None:
        raise RedemptionUnknown(redemption=public_id("rdm", redemption))
    return found


def pact(pact: UUID) -> Pact:
    """Return a shared redemption.

    Parameters
    ----------
    pact
        Its id.

    Raises
    ------
    PactUnknown
        If there is none with this id.
    """
    found = Pact.objects.select_related("reward").filter(id=pact).first()
    if found is None:
        raise PactUnknown(pact=public_id("pct", pact))
    return found
