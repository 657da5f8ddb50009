"""Points: balance, entries, tier, quotes, adjustments, transfers; and becoming a member."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import AwareDatetime

from huitouke.language import N_
from huitouke.service.api.answers import (
    PROBLEMS,
    IdempotencyKey,
    OptionalKey,
    answer,
    keyed,
)
from huitouke.service.api.keys import Scoped, actor_of, moment_of, scopes_of
from huitouke.service.api.routes.events import shown
from huitouke.service.api.shapes.customers import EnrolIn
from huitouke.service.api.shapes.facts import FactAnswer, seen
from huitouke.service.api.shapes.fields import (
    Limit,
    ProgrammeCode,
    UnitCode,
    sensible,
)
from huitouke.service.api.shapes.points import (
    AdjustIn,
    AdjustmentOut,
    BalanceOut,
    DecisionIn,
    EntriesOut,
    QuoteIn,
    QuoteOut,
    TierOut,
    TransferIn,
    TransferOut,
)
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import private_id
from huitouke.service.core.reader import language_of
from huitouke.service.programme.events import adjusting, membership, quotes, reading
from huitouke.service.programme.events.transferring import PostingRefused, transfer

__all__ = ["CursorMalformed", "router"]

router = Router(tags=["points"])
_READ, _WRITE = Scoped("points:read"), Scoped("points:write")
_APPROVE = Scoped("points:approve")


class CursorMalformed(ServiceError):
    """The cursor is none that a page gave."""

    code = "api.cursor_malformed"
    status = 422
    says = N_("The cursor is none that a page of this list gave.")
    remedy = N_("Send the next of the page before, or none to start anew.")


@router.post(
    "/customers/{customer_id}/enrol",
    auth=Scoped("customers:write"),
    response={200: FactAnswer, **PROBLEMS},
    operation_id="enrolCustomer",
)
def enrol(
    request: HttpRequest,
    *,
    customer_id: str,
    body: EnrolIn | None = None,
    key: OptionalKey = None,
) -> HttpResponse:
    """Make a customer a member, with what the programme gives for it, once."""
    given = body or EnrolIn()

    def act(_: str) -> FactAnswer:
        told = membership.enrol(
            private_id("cus", customer_id),
            at=moment_of(request),
            actor=actor_of(request),
            programme=given.programme,
        )
        return FactAnswer.model_validate(shown(told, sentences=True))

    def view(told: dict[str, Any]) -> dict[str, Any]:
        return seen(told, scopes=scopes_of(request))

    if key is None:
        return answer(view(act("").model_dump(mode="json")))
    return keyed(request, key=key, body=body, act=act, status=200, seen=view)


@router.get(
    "/customers/{customer_id}/balance",
    auth=_READ,
    response={200: BalanceOut, **PROBLEMS},
    operation_id="getBalance",
)
def balance(
    request: HttpRequest,
    *,
    customer_id: str,
    unit: UnitCode = "points",
    programme: ProgrammeCode = "main",
    as_of: Annotated[AwareDatetime | None, Query()] = None,
) -> HttpResponse:
    """Return what a member has now, or had by the records of an earlier moment."""
    found = reading.balance(
        private_id("cus", customer_id),
        now=moment_of(request),
        unit=unit,
        programme=programme,
        as_of=sensible(as_of),
    )
    return answer(BalanceOut.of(found, customer=customer_id, programme=programme, unit=unit))


@router.get(
    "/customers/{customer_id}/entries",
    auth=_READ,
    response={200: EntriesOut, **PROBLEMS},
    operation_id="listEntries",
)
def entries(
    request: HttpRequest,
    *,
    customer_id: str,
    unit: UnitCode = "points",
    programme: ProgrammeCode = "main",
    cursor: Annotated[str, Query(max_length=20)] = "",
    limit: Limit = 50,
) -> HttpResponse:
    """Return what happened, newest first, each entry with its reason in zh and en."""
    found = reading.history(
        private_id("cus", customer_id),
        now=moment_of(request),
        language=language_of(request),
        unit=unit,
        programme=programme,
        before=_before(cursor),
        limit=limit + 1,
    )
    following = str(found[limit - 1].line.seq) if len(found) > limit else None
    return answer(EntriesOut.of(found[:limit], following=following))


def _before(cursor: str) -> int | None:
    if not cursor:
        return None
    if not cursor.isascii() or not cursor.isdecimal() or len(cursor) > 18:
        raise CursorMalformed
    return int(cursor)


@router.get(
    "/customers/{customer_id}/tier",
    auth=_READ,
    response={200: TierOut, **PROBLEMS},
    operation_id="getTier",
)
def tier(
    request: HttpRequest, *, customer_id: str, programme: ProgrammeCode = "main"
) -> HttpResponse:
    """Return the tier, what keeps it, what reaches the next, and by when."""
    found = reading.tier(
        private_id("cus", customer_id), now=moment_of(request), programme=programme
    )
    return answer(TierOut.of(found, customer=customer_id))


@router.post("/quotes", auth=_READ, response={200: QuoteOut, **PROBLEMS}, operation_id="quote")
def quote(request: HttpRequest, *, body: QuoteIn) -> HttpResponse:
    """Say what a cart would earn, for whom and when; nothing is recorded."""
    found = quotes.quote(
        body.cart,
        now=moment_of(request),
        customer=private_id("cus", body.customer) if body.customer else None,
        at=sensible(body.at),
        version=body.version,
        programme=body.programme,
    )
    return answer(QuoteOut.of(found))


@router.post(
    "/customers/{customer_id}/adjustments",
    auth=_WRITE,
    response={201: AdjustmentOut, 202: AdjustmentOut, **PROBLEMS},
    operation_id="adjust",
)
def adjust(
    request: HttpRequest, *, customer_id: str, body: AdjustIn, key: IdempotencyKey = None
) -> HttpResponse:
    """Give or take points for a reason; above the unit's limit it waits for a second person."""

    def act(key: str) -> AdjustmentOut:
        made = adjusting.adjust(
            private_id("cus", customer_id),
            points=body.points,
            reason_code=body.reason_code,
            key=key,
            at=moment_of(request),
            actor=actor_of(request),
            unit=body.unit,
            note=body.note,
            programme=body.programme,
        )
        if made.state == "refused":
            raise PostingRefused(outcome=made.outcome)
        return AdjustmentOut.of(made)

    return keyed(
        request,
        key=key,
        body=body,
        act=act,
        status=lambda made: 202 if made.state == "waiting" else 201,
    )


@router.get(
    "/adjustments",
    auth=_APPROVE,
    response={200: list[AdjustmentOut], **PROBLEMS},
    operation_id="listWaitingAdjustments",
)
def waiting(request: HttpRequest) -> list[AdjustmentOut]:
    """Return adjustments that wait for a second person, the oldest first."""
    return [AdjustmentOut.of(each) for each in adjusting.waiting()]


@router.post(
    "/adjustments/{adjustment_id}/approve",
    auth=_APPROVE,
    response={200: AdjustmentOut, **PROBLEMS},
    operation_id="approveAdjustment",
)
def approve(
    request: HttpRequest, *, adjustment_id: str, key: IdempotencyKey = None
) -> HttpResponse:
    """Let an adjustment above the limit be done; not by who asked for it."""

    def act(_: str) -> AdjustmentOut:
        return AdjustmentOut.of(
            adjusting.approve(
                private_id("adj", adjustment_id), at=moment_of(request), actor=actor_of(request)
            )
        )

    return keyed(request, key=key, body=None, act=act, status=200)


@router.post(
    "/adjustments/{adjustment_id}/reject",
    auth=_APPROVE,
    response={200: AdjustmentOut, **PROBLEMS},
    operation_id="rejectAdjustment",
)
def reject(
    request: HttpRequest,
    *,
    adjustment_id: str,
    body: DecisionIn | None = None,
    key: IdempotencyKey = None,
) -> HttpResponse:
    """Say no to an adjustment above the limit."""

    def act(_: str) -> AdjustmentOut:
        return AdjustmentOut.of(
            adjusting.reject(
                private_id("adj", adjustment_id),
                at=moment_of(request),
                actor=actor_of(request),
                note=body.note if body else "",
            )
        )

    return keyed(request, key=key, body=body, act=act, status=200)


@router.post(
    "/transfers",
    auth=_WRITE,
    response={201: TransferOut, **PROBLEMS},
    operation_id="transferPoints",
)
def transfers(
    request: HttpRequest, *, body: TransferIn, key: IdempotencyKey = None
) -> HttpResponse:
    """Give points of one member to another, where the programme allows it."""

    def act(key: str) -> TransferOut:
        return TransferOut.of(
            transfer(
                private_id("cus", body.giver),
                to=private_id("cus", body.receiver),
                points=body.points,
                key=key,
                at=moment_of(request),
                actor=actor_of(request),
                unit=body.unit,
                programme=body.programme,
            )
        )

    def view(told: dict[str, Any]) -> dict[str, Any]:
        hidden = "left" in told and "points:read" not in scopes_of(request)
        return {**told, "left": None} if hidden else told

    return keyed(request, key=key, body=body, act=act, seen=view)
