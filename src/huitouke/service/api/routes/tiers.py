"""Tiers that are given by staff, or bought; those that are earned come from facts."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from huitouke.service.api.answers import PROBLEMS, IdempotencyKey, keyed
from huitouke.service.api.keys import Scoped, actor_of, moment_of, scopes_of
from huitouke.service.api.shapes.points import TierOut
from huitouke.service.api.shapes.tiers import TierGrantIn, TierNoted, TierPurchaseIn
from huitouke.service.core.ids import private_id
from huitouke.service.programme.events import granting, reading

__all__ = ["GRANT", "PURCHASE", "router"]

router = Router(tags=["points"], auth=Scoped("points:write"))

GRANT: dict[str, Any] = {
    "tier": "gold",
    "through": "2027-06-30",
    "reason": "The parcel was lost twice",
}
PURCHASE: dict[str, Any] = {"tier": "black"}


def _example(body: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"content": {"application/json": {"example": body}}}}


def _stands(request: HttpRequest, *, customer: str, programme: str) -> TierOut:
    """Return where the member stands now, which may be above what was given or bought."""
    found = reading.tier(
        private_id("cus", customer), now=moment_of(request), programme=programme
    )
    return TierOut.of(found, customer=customer)


def _seen(request: HttpRequest, told: dict[str, Any]) -> dict[str, Any]:
    """Return what a key sees of it: one that may not read, that it was done."""
    sees = "points:read" in scopes_of(request)
    return told if sees else {name: told[name] for name in TierNoted.model_fields}


@router.post(
    "/customers/{customer_id}/tier/grants",
    response={201: TierOut | TierNoted, **PROBLEMS},
    operation_id="grantTier",
    openapi_extra=_example(GRANT),
)
def grant(
    request: HttpRequest, *, customer_id: str, body: TierGrantIn, key: IdempotencyKey = None
) -> HttpResponse:
    """Give a member a tier through a day; then it is reviewed like one that was earned.

    A later grant takes the place of an earlier one. A key without ``points:read`` is told
    that it was done.
    """

    def act(_: str) -> TierOut:
        granting.grant_tier(
            private_id("cus", customer_id),
            tier=body.tier,
            through=body.through,
            reason=body.reason,
            at=moment_of(request),
            actor=actor_of(request),
            programme=body.programme,
        )
        return _stands(request, customer=customer_id, programme=body.programme)

    return keyed(request, key=key, body=body, act=act, seen=lambda told: _seen(request, told))


@router.post(
    "/customers/{customer_id}/tier/purchases",
    response={201: TierOut | TierNoted, **PROBLEMS},
    operation_id="buyTier",
    openapi_extra=_example(PURCHASE),
)
def buy(
    request: HttpRequest, *, customer_id: str, body: TierPurchaseIn, key: IdempotencyKey = None
) -> HttpResponse:
    """Note that a member has paid for a tier; a renewal adds to what is left.

    The money is taken elsewhere. A key without ``points:read`` is told that it was done.
    """

    def act(key: str) -> TierOut:
        granting.buy_tier(
            private_id("cus", customer_id),
            tier=body.tier,
            key=key,
            at=moment_of(request),
            actor=actor_of(request),
            programme=body.programme,
        )
        return _stands(request, customer=customer_id, programme=body.programme)

    return keyed(request, key=key, body=body, act=act, seen=lambda told: _seen(request, told))
