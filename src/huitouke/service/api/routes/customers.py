"""Customers: who they are, what they consented to, merge, erasure, export."""

from __future__ import annotations

from typing import Annotated, Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from huitouke.language import N_
from huitouke.service.api.answers import PROBLEMS, IdempotencyKey, answer, keyed
from huitouke.service.api.keys import Scoped, actor_of, scopes_of
from huitouke.service.api.shapes.customers import (
    ConsentIn,
    ConsentOut,
    CustomerChange,
    CustomerIn,
    CustomerOut,
    CustomerPage,
    CustomerState,
    EraseIn,
    LeftOut,
    MergeIn,
    MergeOut,
)
from huitouke.service.api.shapes.fields import Limit, sensible
from huitouke.service.core import clock
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import private_id
from huitouke.service.customers import commands, queries
from huitouke.service.customers.models import Customer
from huitouke.service.programme import commands as programme_commands
from huitouke.service.programme import queries as programme_queries

__all__ = ["CHANGE", "IdentityMalformed", "router"]

router = Router(tags=["customers"])
_READ, _WRITE = Scoped("customers:read"), Scoped("customers:write")
_Filter = Annotated[str | None, Query(max_length=320)]

CHANGE: dict[str, Any] = {
    "name": "李娜",
    "add_identities": [
        {
            "kind": "phone",
            "value": "13800138000",
            "verified_at": "2026-03-31T12:00:00+08:00",
        }
    ],
}


class IdentityMalformed(ServiceError):
    """The filter is not kind:value."""

    code = "api.identity_malformed"
    status = 422
    says = N_("The identity in the address is not of the form kind:value.")
    remedy = N_("Send for instance identity=phone:+8613800138000, percent-encoded.")


def _shown(request: HttpRequest, customer: Customer) -> CustomerOut | CustomerState:
    """Return what a key sees of a person it wrote: one that may not read, not what is kept."""
    sees = "customers:read" in scopes_of(request)
    return CustomerOut.of(customer) if sees else CustomerState.of(customer)


@router.post(
    "/customers",
    auth=_WRITE,
    response={201: CustomerOut | CustomerState, **PROBLEMS},
    operation_id="createCustomer",
)
def create(request: HttpRequest, *, body: CustomerIn) -> HttpResponse:
    """Create a customer.

    An identity belongs to one person: one that is taken is answered with 409 and whose it is.
    A key without ``customers:read`` is told the id and the stage only.
    """
    made = commands.create(
        [(each.kind, each.value) for each in body.identities],
        at=clock.now(),
        actor=actor_of(request),
        **body.model_dump(exclude={"identities"}),
    )
    return answer(_shown(request, queries.get(made.pk)), status=201)


@router.get(
    "/customers",
    auth=_READ,
    response={200: CustomerPage, **PROBLEMS},
    operation_id="findCustomers",
)
def find(
    request: HttpRequest,
    *,
    identity: _Filter = None,
    search: Annotated[str, Query(max_length=200)] = "",
    cursor: Annotated[str, Query(max_length=60)] = "",
    limit: Limit = 50,
) -> HttpResponse:
    """Find customers by one identity (``kind:value``), or by how a name or identity begins."""
    if identity is None:
        page = queries.search(search, cursor=cursor, limit=limit)
        listed, following = page.customers, page.cursor or None
    else:
        kind, colon, value = identity.partition(":")
        if not colon or not value:
            raise IdentityMalformed
        found = queries.find(kind, value)
        listed, following = (() if found is None else (found,)), None
    shown = [CustomerOut.of(each) for each in listed]
    return answer(CustomerPage(customers=shown, next=following))


@router.get(
    "/customers/{customer_id}",
    auth=_READ,
    response={200: CustomerOut, **PROBLEMS},
    operation_id="getCustomer",
)
def get(request: HttpRequest, *, customer_id: str) -> HttpResponse:
    """Return a customer; an id that was merged leads to the person's record of today."""
    return answer(CustomerOut.of(queries.get(private_id("cus", customer_id))))


@router.patch(
    "/customers/{customer_id}",
    auth=_WRITE,
    response={200: CustomerOut | CustomerState, **PROBLEMS},
    operation_id="changeCustomer",
    openapi_extra={"requestBody": {"content": {"application/json": {"example": CHANGE}}}},
)
def change(request: HttpRequest, *, customer_id: str, body: CustomerChange) -> HttpResponse:
    """Change what is sent and nothing else; all of it or, on any refusal, none.

    Identities are added, verified (``verified_at``) and taken away here; those to take away
    go first. Sent again, what was added changes nothing.
    A key without ``customers:read`` is told the id and the stage only.
    """
    key, at, actor = private_id("cus", customer_id), clock.now(), actor_of(request)
    fields = body.model_dump(
        exclude_unset=True, exclude={"add_identities", "remove_identities"}
    )
    # A null empties a day or an attribute; a text is emptied by "".
    fields = {
        name: value
        for name, value in fields.items()
        if value is not None or name == "birthday_on"
    }
    if "contact" in fields:
        given = fields["contact"].items()
        fields["contact"] = {part: value for part, value in given if value is not None}
    with transaction.atomic():
        commands.change(key, at=at, actor=actor, **fields)
        for each in body.remove_identities:
            commands.remove_identity(key, kind=each.kind, value=each.value, at=at, actor=actor)
        for each in body.add_identities:
            commands.add_identity(
                key,
                kind=each.kind,
                value=each.value,
                at=at,
                actor=actor,
                verified_at=sensible(each.verified_at),
            )
    return answer(_shown(request, queries.get(key)))


@router.post(
    "/customers/{customer_id}/merge",
    auth=_WRITE,
    response={200: MergeOut, **PROBLEMS},
    operation_id="mergeCustomer",
)
def merge(
    request: HttpRequest, *, customer_id: str, body: MergeIn, key: IdempotencyKey = None
) -> HttpResponse:
    """Merge this customer into another: lots, orders and consents move intact."""
    return keyed(
        request,
        key=key,
        body=body,
        status=200,
        act=lambda _: MergeOut.of(
            commands.merge(
                private_id("cus", customer_id),
                into=private_id("cus", body.into),
                at=clock.now(),
                actor=actor_of(request),
            )
        ),
    )


@router.post(
    "/merges/{merge_id}/undo",
    auth=_WRITE,
    response={200: MergeOut, **PROBLEMS},
    operation_id="undoMerge",
)
def unmerge(request: HttpRequest, *, merge_id: str, key: IdempotencyKey = None) -> HttpResponse:
    """Undo a merge within 30 days."""
    return keyed(
        request,
        key=key,
        body=None,
        status=200,
        act=lambda _: MergeOut.of(
            commands.unmerge(
                private_id("mrg", merge_id), at=clock.now(), actor=actor_of(request)
            )
        ),
    )


@router.post(
    "/customers/{customer_id}/erase",
    auth=_WRITE,
    response={200: dict[str, Any], **PROBLEMS},
    operation_id="eraseCustomer",
)
def erase(
    request: HttpRequest, *, customer_id: str, body: EraseIn | None = None
) -> HttpResponse:
    """Forget who the person is; amounts stay for the books. It cannot be undone.

    With ``warned_at``, the moment at which the person was told what would be lost and
    agreed, what they have left is given up at once; without, it expires on its own days.
    """
    erased = programme_commands.erase(
        private_id("cus", customer_id),
        at=clock.now(),
        actor=actor_of(request),
        warned_at=sensible(body.warned_at) if body else None,
    )
    when = erased.erased_at.isoformat() if erased.erased_at else None
    return answer({"id": customer_id, "erased_at": when})


@router.get(
    "/customers/{customer_id}/left-behind",
    auth=_READ,
    response={200: list[LeftOut], **PROBLEMS},
    operation_id="getLeftBehind",
)
def left(request: HttpRequest, *, customer_id: str) -> list[LeftOut]:
    """Return what the person would leave behind when erased: what a warning has to say."""
    found = programme_queries.left_behind(private_id("cus", customer_id))
    return [LeftOut.of(each) for each in found]


@router.get(
    "/customers/{customer_id}/export",
    auth=_READ,
    response={200: dict[str, Any], **PROBLEMS},
    operation_id="exportCustomer",
)
def export(request: HttpRequest, *, customer_id: str) -> HttpResponse:
    """Return everything that is kept about the person, as JSON."""
    return answer(queries.export(private_id("cus", customer_id)))


@router.get(
    "/customers/{customer_id}/consents",
    auth=_READ,
    response={200: list[ConsentOut], **PROBLEMS},
    operation_id="getConsents",
)
def consents(request: HttpRequest, *, customer_id: str) -> list[ConsentOut]:
    """Return what holds now, per channel and purpose."""
    return [ConsentOut.of(each) for each in queries.consents(private_id("cus", customer_id))]


@router.post(
    "/customers/{customer_id}/consents",
    auth=_WRITE,
    response={201: ConsentOut, **PROBLEMS},
    operation_id="recordConsent",
)
def record_consent(request: HttpRequest, *, customer_id: str, body: ConsentIn) -> HttpResponse:
    """Record a yes or a no; withdrawing is a no."""
    said = commands.record_consent(
        private_id("cus", customer_id),
        at=body.at or clock.now(),
        actor=actor_of(request),
        **body.model_dump(exclude={"at"}),
    )
    return answer(ConsentOut.of(said), status=201)
