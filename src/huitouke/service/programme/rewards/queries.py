"""What is offered and what became of it: rewards, campaigns, redemptions."""

from __future__ import annotations

from uuid import UUID

from huitouke.service.core.ids import public_id
from huitouke.service.programme.models.coupons import Code, CouponCampaign
from huitouke.service.programme.models.rewards import Pact, Redemption, Reward
from huitouke.service.programme.rewards.pacts import PactUnknown
from huitouke.service.programme.rewards.refusals import RedemptionUnknown

__all__ = [
    "campaigns",
    "codes_of",
    "pact",
    "redemption",
    "redemptions_of",
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


def campaigns(programme: str) -> list[CouponCampaign]:
    """Return all coupon campaigns of a programme, newest first.

    Parameters
    ----------
    programme
        Code of the programme.
    """
    found = CouponCampaign.objects.filter(programme__code=programme)
    return list(found.order_by("-created_at", "id"))


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


def redemptions_of(customer: UUID, *, limit: int = 50) -> list[Redemption]:
    """Return a customer's redemptions, newest first.

    Parameters
    ----------
    customer
        The record of today.
    limit
        How many at most.
    """
    found = Redemption.objects.select_related("reward").filter(customer=customer)
    return list(found.order_by("-created_at", "-id")[:limit])


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
        raise PactUnknown(pact=public_id("rdm", pact))
    return found


def codes_of(customer: UUID, *, programme: str) -> list[Code]:
    """Return the codes that were issued to a customer and are not withdrawn, newest first.

    Parameters
    ----------
    customer
        The record of today.
    programme
        Code of the programme.
    """
    found = Code.objects.select_related("campaign").filter(
        customer=customer, campaign__programme__code=programme, void=False
    )
    return list(found.order_by("-issued_at", "code"))
