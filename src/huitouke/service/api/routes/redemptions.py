"""Redemptions: hold, capture, release, reverse; and the rewards that points buy."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from huitouke.service.api.answers import PROBLEMS, IdempotencyKey, answer, keyed
from huitouke.service.api.keys import Scoped, actor_of
from huitouke.service.api.shapes.fields import ProgrammeCode
from huitouke.service.api.shapes.redemptions import (
    CaptureIn,
    OfferOut,
    RedeemIn,
    RedemptionOut,
    RenewIn,
    ReversalIn,
    RewardChange,
    RewardIn,
    RewardOut,
    StockIn,
)
from huitouke.service.core import clock
from huitouke.service.core.ids import private_id
from huitouke.service.programme.rewards import catalogue, completion, queries
from huitouke.service.programme.rewards.offers import rewards_for
from huitouke.service.programme.rewards.redemptions import redeem
from huitouke.service.programme.rewards.reversals import reverse

__all__ = ["router"]

router = Router(tags=["redemptions"])
_READ, _WRITE = Scoped("redemptions:read"), Scoped("redemptions:write")
_PUBLISH = Scoped("programme:write")


@router.post(
    "/redemptions",
    auth=_WRITE,
    response={201: RedemptionOut, **PROBLEMS},
    operation_id="redeem",
)
def start(request: HttpRequest, *, body: RedeemIn, key: IdempotencyKey = None) -> HttpResponse:
    """Set points aside for a reward or as part payment, until captured or released.

    A refusal is kept under the key: a late repeat of a refused request stays refused.
    """

    def act(key: str) -> RedemptionOut:
        made = redeem(
            private_id("cus", body.customer),
            programme=body.programme,
            key=key,
            actor=actor_of(request),
            at=clock.now(),
            reward=private_id("rwd", body.reward) if body.reward else None,
            points=body.points,
            order_minor=body.order_minor,
            unit=body.unit or "",
            ttl=timedelta(seconds=body.hold_seconds),
        )
        return RedemptionOut.of(made)

    return keyed(request, key=key, body=body, act=act)


@router.get(
    "/redemptions/{redemption_id}",
    auth=_READ,
    response={200: RedemptionOut, **PROBLEMS},
    operation_id="getRedemption",
)
def get(request: HttpRequest, *, redemption_id: str) -> HttpResponse:
    """Return a redemption."""
    return answer(RedemptionOut.of(queries.redemption(private_id("rdm", redemption_id))))


@router.post(
    "/redemptions/{redemption_id}/capture",
    auth=_WRITE,
    response={200: RedemptionOut, **PROBLEMS},
    operation_id="captureRedemption",
)
def capture(
    request: HttpRequest,
    *,
    redemption_id: str,
    body: CaptureIn | None = None,
    key: IdempotencyKey = None,
) -> HttpResponse:
    """Complete a redemption: its points are spent. Completing it again changes nothing."""

    def act(_: str) -> RedemptionOut:
        done = completion.capture(
            private_id("rdm", redemption_id),
            at=clock.now(),
            actor=actor_of(request),
            points=body.points if body else None,
        )
        return RedemptionOut.of(done)

    return keyed(request, key=key, body=body, act=act, status=200)


@router.post(
    "/redemptions/{redemption_id}/release",
    auth=_WRITE,
    response={200: RedemptionOut, **PROBLEMS},
    operation_id="releaseRedemption",
)
def release(
    request: HttpRequest, *, redemption_id: str, key: IdempotencyKey = None
) -> HttpResponse:
    """Give back what was set aside, to the lots it came from."""

    def act(_: str) -> RedemptionOut:
        done = completion.release(
            private_id("rdm", redemption_id), at=clock.now(), actor=actor_of(request)
        )
        return RedemptionOut.of(done)

    return keyed(request, key=key, body=None, act=act, status=200)


@router.post(
    "/redemptions/{redemption_id}/renew",
    auth=_WRITE,
    response={200: RedemptionOut, **PROBLEMS},
    operation_id="renewRedemption",
)
def renew(
    request: HttpRequest,
    *,
    redemption_id: str,
    body: RenewIn | None = None,
    key: IdempotencyKey = None,
) -> HttpResponse:
    """Keep the points set aside for longer."""
    wanted = body or RenewIn()

    def act(_: str) -> RedemptionOut:
        done = completion.renew(
            private_id("rdm", redemption_id),
            at=clock.now(),
            actor=actor_of(request),
            ttl=timedelta(seconds=wanted.hold_seconds),
        )
        return RedemptionOut.of(done)

    return keyed(request, key=key, body=body, act=act, status=200)


@router.post(
    "/redemptions/{redemption_id}/use",
    auth=_WRITE,
    response={200: RedemptionOut, **PROBLEMS},
    operation_id="useRedemption",
)
def use(
    request: HttpRequest, *, redemption_id: str, key: IdempotencyKey = None
) -> HttpResponse:
    """Note that the reward was handed over: its points do not come back without a charge."""

    def act(_: str) -> RedemptionOut:
        done = completion.mark_used(
            private_id("rdm", redemption_id), at=clock.now(), actor=actor_of(request)
        )
        return RedemptionOut.of(done)

    return keyed(request, key=key, body=None, act=act, status=200)


@router.post(
    "/redemptions/{redemption_id}/reversals",
    auth=_WRITE,
    response={201: RedemptionOut, **PROBLEMS},
    operation_id="reverseRedemption",
)
def reversal(
    request: HttpRequest,
    *,
    redemption_id: str,
    body: ReversalIn,
    key: IdempotencyKey = None,
) -> HttpResponse:
    """Give points of a completed redemption back, all or some, with their old expiry."""

    def act(key: str) -> RedemptionOut:
        done = reverse(
            private_id("rdm", redemption_id),
            key=key,
            at=clock.now(),
            actor=actor_of(request),
            points=body.points,
            because=body.because,
            note=body.note,
        )
        return RedemptionOut.of(done)

    return keyed(request, key=key, body=body, act=act)


@router.get(
    "/customers/{customer_id}/rewards",
    auth=_READ,
    response={200: list[OfferOut], **PROBLEMS},
    operation_id="listOffers",
)
def offers(
    request: HttpRequest, *, customer_id: str, programme: ProgrammeCode = "main"
) -> list[OfferOut]:
    """Return the rewards as this customer sees them: within reach, how far, or why not."""
    found = rewards_for(private_id("cus", customer_id), programme=programme, at=clock.now())
    return [OfferOut.of(each) for each in found]


def _fields(body: RewardIn | RewardChange, *, but: set[str]) -> dict[str, Any]:
    """Return what was sent; a null of a change empties, a null of a new one is nothing."""
    given = body.model_dump(exclude_unset=True, exclude={"programme", *but})
    if given.get("campaign"):
        given["campaign"] = private_id("cpn", given["campaign"])
    return given


@router.post(
    "/rewards",
    auth=_PUBLISH,
    response={201: RewardOut, **PROBLEMS},
    operation_id="addReward",
)
def add(request: HttpRequest, *, body: RewardIn) -> HttpResponse:
    """Offer a new reward."""
    made = catalogue.add_reward(
        body.programme, at=clock.now(), actor=actor_of(request), **_fields(body, but=set())
    )
    return answer(RewardOut.of(made), status=201)


@router.get(
    "/rewards",
    auth=_READ,
    response={200: list[RewardOut], **PROBLEMS},
    operation_id="listRewards",
)
def listed(request: HttpRequest, *, programme: ProgrammeCode = "main") -> list[RewardOut]:
    """Return all rewards of a programme."""
    return [RewardOut.of(each) for each in queries.rewards(programme)]


@router.patch(
    "/rewards/{reward_id}",
    auth=_PUBLISH,
    response={200: RewardOut, **PROBLEMS},
    operation_id="changeReward",
)
def change(request: HttpRequest, *, reward_id: str, body: RewardChange) -> HttpResponse:
    """Change a reward, on top of the revision that was read."""
    changed = catalogue.change_reward(
        private_id("rwd", reward_id),
        programme=body.programme,
        revision=body.revision,
        at=clock.now(),
        actor=actor_of(request),
        **_fields(body, but={"revision"}),
    )
    return answer(RewardOut.of(changed))


@router.post(
    "/rewards/{reward_id}/stock",
    auth=_PUBLISH,
    response={200: RewardOut, **PROBLEMS},
    operation_id="addStock",
)
def stock(
    request: HttpRequest, *, reward_id: str, body: StockIn, key: IdempotencyKey = None
) -> HttpResponse:
    """Add to a reward's stock, once per key."""

    def act(_: str) -> RewardOut:
        more = catalogue.add_stock(
            private_id("rwd", reward_id),
            programme=body.programme,
            count=body.count,
            actor=actor_of(request),
        )
        return RewardOut.of(more)

    return keyed(request, key=key, body=body, act=act, status=200)
