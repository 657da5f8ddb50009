"""Coupon codes and campaigns, referral codes and the queue of referrals to look at."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from huitouke.service.api.answers import PROBLEMS, IdempotencyKey, answer, keyed
from huitouke.service.api.keys import Scoped, actor_of
from huitouke.service.api.shapes.codes import (
    BatchOut,
    CampaignIn,
    CampaignOut,
    CodesIn,
    CodesOut,
    DecideIn,
    GenerateIn,
    ReferralOut,
    ReferralTicket,
)
from huitouke.service.api.shapes.fields import ProgrammeCode
from huitouke.service.core import clock
from huitouke.service.core.ids import private_id
from huitouke.service.programme.events.carts import cart_of
from huitouke.service.programme.rewards import catalogue, generation, referrals
from huitouke.service.programme.rewards.validation import validate

__all__ = ["CodesPage", "router"]

router = Router(tags=["codes"])
_READ, _WRITE = Scoped("codes:read"), Scoped("codes:write")
_PAGE = 10_000


class CodesPage(Schema):
    """Codes of a batch in order; ``next`` leads on, null at the end."""

    codes: list[str]
    next: str | None


@router.post(
    "/codes/validate",
    auth=_READ,
    response={200: CodesOut, **PROBLEMS},
    operation_id="validateCodes",
)
def check(request: HttpRequest, *, body: CodesIn) -> HttpResponse:
    """Say of each code whether this cart may use it, why not, and what it takes off.

    A code of somebody else is answered as one that does not exist.
    """
    found = validate(
        body.codes,
        programme=body.programme,
        cart=cart_of(body.cart),
        at=clock.now(),
        customer=private_id("cus", body.customer) if body.customer else None,
        reference=body.reference,
    )
    return answer(CodesOut.of(found))


@router.post(
    "/campaigns",
    auth=_WRITE,
    response={201: CampaignOut, **PROBLEMS},
    operation_id="addCampaign",
)
def campaign(request: HttpRequest, *, body: CampaignIn) -> HttpResponse:
    """Make a coupon campaign; its codes are generated apart."""
    made = catalogue.add_campaign(
        body.programme,
        at=clock.now(),
        actor=actor_of(request),
        **body.model_dump(exclude={"programme"}),
    )
    return answer(CampaignOut.of(made), status=201)


@router.post(
    "/campaigns/{campaign_id}/codes",
    auth=_WRITE,
    response={201: BatchOut, **PROBLEMS},
    operation_id="generateCodes",
)
def generate(
    request: HttpRequest, *, campaign_id: str, body: GenerateIn, key: IdempotencyKey = None
) -> HttpResponse:
    """Make up to a million unique codes that nobody can guess, all or none."""

    def act(key: str) -> BatchOut:
        made = generation.generate_codes(
            private_id("cpn", campaign_id),
            count=body.count,
            key=key,
            at=clock.now(),
            actor=actor_of(request),
        )
        return BatchOut.of(made)

    return keyed(request, key=key, body=body, act=act)


@router.get(
    "/batches/{batch_id}/codes",
    auth=_WRITE,
    response={200: CodesPage, **PROBLEMS},
    operation_id="listCodes",
)
def codes(
    request: HttpRequest,
    *,
    batch_id: str,
    cursor: Annotated[str, Query(max_length=60)] = "",
) -> HttpResponse:
    """Return the codes of a batch, 10,000 at a time."""
    found = generation.codes_of_batch(
        private_id("bat", batch_id), after=cursor, limit=_PAGE + 1
    )
    following = found[_PAGE - 1] if len(found) > _PAGE else None
    return answer(CodesPage(codes=found[:_PAGE], next=following))


@router.get(
    "/customers/{customer_id}/referral-code",
    auth=_READ,
    response={200: ReferralTicket, **PROBLEMS},
    operation_id="getReferralCode",
)
def referral_code(
    request: HttpRequest, *, customer_id: str, programme: ProgrammeCode = "main"
) -> HttpResponse:
    """Return the code with which a member brings friends."""
    code = referrals.referral_code(
        private_id("cus", customer_id), programme=programme, at=clock.now()
    )
    return answer(ReferralTicket(customer=customer_id, code=code))


@router.get(
    "/referrals/review",
    auth=_WRITE,
    response={200: list[ReferralOut], **PROBLEMS},
    operation_id="listReferralsInReview",
)
def queue(request: HttpRequest, *, programme: ProgrammeCode = "main") -> list[ReferralOut]:
    """Return the referrals that a person has to look at, oldest first."""
    return [ReferralOut.of(each) for each in referrals.review_queue(programme)]


@router.post(
    "/referrals/{referral_id}/approve",
    auth=_WRITE,
    response={200: ReferralOut, **PROBLEMS},
    operation_id="approveReferral",
)
def approve(request: HttpRequest, *, referral_id: str, body: DecideIn) -> HttpResponse:
    """Let a referral go its way; it is paid when its return window is over."""
    done = referrals.approve_referral(
        private_id("rfl", referral_id),
        at=clock.now(),
        actor=actor_of(request),
        reason=body.reason,
    )
    return answer(ReferralOut.of(done))


@router.post(
    "/referrals/{referral_id}/refuse",
    auth=_WRITE,
    response={200: ReferralOut, **PROBLEMS},
    operation_id="refuseReferral",
)
def refuse(request: HttpRequest, *, referral_id: str, body: DecideIn) -> HttpResponse:
    """Refuse a referral for good."""
    done = referrals.refuse_referral(
        private_id("rfl", referral_id),
        at=clock.now(),
        actor=actor_of(request),
        reason=body.reason,
    )
    return answer(ReferralOut.of(done))
