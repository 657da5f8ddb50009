"""Shared rewards: one offers, another joins; both are captured, released, reversed together."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from huitouke.service.api.answers import PROBLEMS, IdempotencyKey, keyed
from huitouke.service.api.keys import Scoped, actor_of
from huitouke.service.api.shapes.redemptions import JoinIn, PactIn, PactOut, PactReversalIn
from huitouke.service.core import clock
from huitouke.service.core.ids import private_id
from huitouke.service.programme.rewards import pacts
from huitouke.service.programme.rewards.pact_reversal import reverse_pact

__all__ = ["REVERSAL", "router"]

router = Router(tags=["shared rewards"], auth=Scoped("redemptions:write"))

REVERSAL: dict[str, Any] = {"because": "goods_returned", "note": "The box was empty"}


@router.post("/pacts", response={201: PactOut, **PROBLEMS}, operation_id="offerPact")
def offer(request: HttpRequest, *, body: PactIn, key: IdempotencyKey = None) -> HttpResponse:
    """Set the first member's part of a shared reward aside, and one of its stock."""

    def act(key: str) -> PactOut:
        made = pacts.offer_pact(
            private_id("cus", body.customer),
            programme=body.programme,
            reward=private_id("rwd", body.reward),
            points=body.points,
            key=key,
            at=clock.now(),
            actor=actor_of(request),
            ttl=timedelta(seconds=body.hold_seconds),
        )
        return PactOut.of(made)

    return keyed(request, key=key, body=body, act=act)


@router.post(
    "/pacts/{pact_id}/join", response={200: PactOut, **PROBLEMS}, operation_id="joinPact"
)
def join(
    request: HttpRequest, *, pact_id: str, body: JoinIn, key: IdempotencyKey = None
) -> HttpResponse:
    """Set the partner's part aside."""

    def act(key: str) -> PactOut:
        joined = pacts.join_pact(
            private_id("pct", pact_id),
            customer=private_id("cus", body.customer),
            key=key,
            at=clock.now(),
            actor=actor_of(request),
        )
        return PactOut.of(joined)

    return keyed(request, key=key, body=body, act=act, status=200)


@router.post(
    "/pacts/{pact_id}/capture",
    response={200: PactOut, **PROBLEMS},
    operation_id="capturePact",
)
def capture(request: HttpRequest, *, pact_id: str, key: IdempotencyKey = None) -> HttpResponse:
    """Complete it: both parts are spent."""

    def act(_: str) -> PactOut:
        done = pacts.capture_pact(
            private_id("pct", pact_id), at=clock.now(), actor=actor_of(request)
        )
        return PactOut.of(done)

    return keyed(request, key=key, body=None, act=act, status=200)


@router.post(
    "/pacts/{pact_id}/release",
    response={200: PactOut, **PROBLEMS},
    operation_id="releasePact",
)
def release(request: HttpRequest, *, pact_id: str, key: IdempotencyKey = None) -> HttpResponse:
    """Give both parts back."""

    def act(_: str) -> PactOut:
        done = pacts.release_pact(
            private_id("pct", pact_id), at=clock.now(), actor=actor_of(request)
        )
        return PactOut.of(done)

    return keyed(request, key=key, body=None, act=act, status=200)


@router.post(
    "/pacts/{pact_id}/reversals",
    response={201: PactOut, **PROBLEMS},
    operation_id="reversePact",
    openapi_extra={"requestBody": {"content": {"application/json": {"example": REVERSAL}}}},
)
def reversal(
    request: HttpRequest, *, pact_id: str, body: PactReversalIn, key: IdempotencyKey = None
) -> HttpResponse:
    """Give both members all points of a completed one back, with their old expiry."""

    def act(key: str) -> PactOut:
        done = reverse_pact(
            private_id("pct", pact_id),
            key=key,
            at=clock.now(),
            actor=actor_of(request),
            because=body.because,
            note=body.note,
        )
        return PactOut.of(done)

    return keyed(request, key=key, body=body, act=act)
