"""Coupon codes and campaigns, referral codes and the queue of referrals to look at."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from huitouke.service.api.answers import PROBLEMS, IdempotencyKey, answer, keyed
from huitouke.service.api.keys import Scoped, actor_of
from huitouke.service.api.shapes.codes import (
    BatchOut,
    CampaignIn,
    CampaignOut,
    CartRef,
    CodeOut,
    CodesIn,
    CodesOut,
    CodeUsesOut,
    DecideIn,
    GenerateIn,
    HoldCodesIn,
    ReferralOut,
    ReferralTicket,
    SharedCodeIn,
    StampCardOut,
    VoidIn,
)
from huitouke.service.api.shapes.fields import PathCode, ProgrammeCode, sensible
from huitouke.service.core import clock
from huitouke.service.core.ids import private_id
from huitouke.service.customers import queries as customers
from huitouke.service.programme.events.carts import cart_of
from huitouke.service.programme.rewards import (
    catalogue,
    code_holds,
    code_returns,
    generation,
    referrals,
)
from huitouke.service.programme.rewards.stamps import stamp_cards
from huitouke.service.programme.rewards.validation import validate
from huitouke.service.programme.rules.cart import Cart
from huitouke.service.programme.versions import queries as versions

__all__ = ["CodesPage", "router"]

router = Router(tags=["codes"])
_READ, _WRITE = Scoped("codes:read"), Scoped("codes:write")
_USE = Scoped("redemptions:write")
_PAGE = 10_000


def _example(body: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"content": {"application/json": {"example": body}}}}


class CodesPage(Schema):
    """Codes of a batch in order; ``next`` leads on, null at the end."""

    codes: list[str]
    next: str | None


def _cart(body: CodesIn | HoldCodesIn) -> Cart:
    """Return the cart; where it names no currency it is in the programme's."""
    cart = cart_of(body.cart)
    if cart.currency:
        return cart
    return cart.in_currency(versions.programme(body.programme).currency)


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
        cart=_cart(body),
        at=clock.now(),
        customer=private_id("cus", body.customer) if body.customer else None,
        reference=body.reference,
    )
    return answer(CodesOut.of(found))


@router.post(
    "/codes/hold",
    auth=_USE,
    response={200: CodeUsesOut, **PROBLEMS},
    operation_id="holdCodes",
)
def hold(
    request: HttpRequest, *, body: HoldCodesIn, key: IdempotencyKey = None
) -> HttpResponse:
    """Keep a cart's codes from others until it is paid or given up; all or none.

    What the cart held before and does not name any more is let go.
    """

    def act(_: str) -> CodeUsesOut:
        uses = code_holds.hold_codes(
            body.codes,
            programme=body.programme,
            reference=body.reference,
            cart=_cart(body),
            at=clock.now(),
            actor=actor_of(request),
            customer=private_id("cus", body.customer) if body.customer else None,
            ttl=timedelta(seconds=body.hold_seconds),
        )
        return CodeUsesOut.of(uses, reference=body.reference)

    return keyed(request, key=key, body=body, act=act, status=200)


@router.post(
    "/codes/redeem",
    auth=_USE,
    response={200: CodeUsesOut, **PROBLEMS},
    operation_id="redeemCodes",
)
def redeem(request: HttpRequest, *, body: CartRef, key: IdempotencyKey = None) -> HttpResponse:
    """Use up what a cart holds, when it is paid."""

    def act(_: str) -> CodeUsesOut:
        uses = code_holds.redeem_codes(body.reference, programme=body.programme, at=clock.now())
        return CodeUsesOut.of(uses, reference=body.reference)

    return keyed(request, key=key, body=body, act=act, status=200)


@router.post(
    "/codes/release",
    auth=_USE,
    response={200: CodeUsesOut, **PROBLEMS},
    operation_id="releaseCodes",
)
def release(request: HttpRequest, *, body: CartRef, key: IdempotencyKey = None) -> HttpResponse:
    """Let a cart's codes go, when it is given up."""

    def act(_: str) -> CodeUsesOut:
        let_go = code_holds.release_codes(
            body.reference, programme=body.programme, at=clock.now()
        )
        return CodeUsesOut.of((), reference=body.reference, changed=let_go)

    return keyed(request, key=key, body=body, act=act, status=200)


@router.post(
    "/codes/roll-back",
    auth=_USE,
    response={200: CodeUsesOut, **PROBLEMS},
    operation_id="rollBackCodes",
)
def roll_back(
    request: HttpRequest, *, body: CartRef, key: IdempotencyKey = None
) -> HttpResponse:
    """Undo the uses of a cart's codes after it was paid, when the order dies."""

    def act(_: str) -> CodeUsesOut:
        uses = code_returns.roll_back_codes(
            body.reference,
            programme=body.programme,
            at=clock.now(),
            actor=actor_of(request),
        )
        return CodeUsesOut.of(uses, reference=body.reference)

    return keyed(request, key=key, body=body, act=act, status=200)


@router.post(
    "/codes/{code}/void",
    auth=_WRITE,
    response={200: CodeOut, **PROBLEMS},
    operation_id="voidCode",
    openapi_extra=_example({"reason": "Printed on a flyer by mistake"}),
)
def void(
    request: HttpRequest, *, code: PathCode, body: VoidIn, key: IdempotencyKey = None
) -> HttpResponse:
    """Withdraw a code for good; carts that hold it may still pay with it.

    Withdrawing it again changes nothing.
    """

    def act(_: str) -> CodeOut:
        done = code_returns.void_code(
            code,
            programme=body.programme,
            at=clock.now(),
            actor=actor_of(request),
            reason=body.reason,
        )
        return CodeOut.of(done)

    return keyed(request, key=key, body=body, act=act, status=200)


@router.get(
    "/customers/{customer_id}/stamps",
    auth=_READ,
    response={200: list[StampCardOut], **PROBLEMS},
    operation_id="listStampCards",
)
def stamps(
    request: HttpRequest, *, customer_id: str, programme: ProgrammeCode = "main"
) -> list[StampCardOut]:
    """Return the programme's stamp cards and where this member's stand."""
    at = clock.now()
    found = stamp_cards(
        customers.record_of(private_id("cus", customer_id)),
        programme=programme,
        definition=versions.current(programme, at=at)[1],
        at=at,
    )
    return [StampCardOut.of(card, count) for card, count in found]


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


@router.post(
    "/campaigns/{campaign_id}/shared-codes",
    auth=_WRITE,
    response={201: CodeOut, **PROBLEMS},
    operation_id="addSharedCode",
    openapi_extra=_example({"code": "SPRING", "expires_at": "2027-05-01T00:00:00+08:00"}),
)
def share(
    request: HttpRequest, *, campaign_id: str, body: SharedCodeIn, key: IdempotencyKey = None
) -> HttpResponse:
    """Make a word of the merchant's own a code that many may use; its campaign limits it."""

    def act(_: str) -> CodeOut:
        made = generation.add_shared_code(
            private_id("cpn", campaign_id),
            code=body.code,
            at=clock.now(),
            actor=actor_of(request),
            expires_at=sensible(body.expires_at),
        )
        return CodeOut.of(made)

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
    cursor: Annotated[str, Query(max_length=60, pattern=r"^[^\x00]*$")] = "",
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
