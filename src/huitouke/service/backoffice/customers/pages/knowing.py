"""What is known of a customer: joining, identities, consent."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from huitouke.language import N_
from huitouke.service.backoffice.acts import Done, actor_of, done_once, explain, say
from huitouke.service.backoffice.customers.contexts import Notice
from huitouke.service.backoffice.customers.forms import (
    ConsentForm,
    DetailsForm,
    EnrolForm,
    IdentityForm,
)
from huitouke.service.backoffice.customers.naming import PURPOSES, kind_name
from huitouke.service.backoffice.customers.pages.acting import acted, loaded, to_customer
from huitouke.service.backoffice.guards import needs
from huitouke.service.core import clock
from huitouke.service.core.errors import ServiceError
from huitouke.service.customers import commands
from huitouke.service.customers.names import CHANNELS
from huitouke.service.programme.events.membership import enrol as enrol_member

__all__ = ["consent", "details", "enrol", "identity", "remove", "verify"]

_BOTH = ["GET", "HEAD", "POST"]


@needs("customers.enrol")
@require_http_methods(_BOTH)
def enrol(request: HttpRequest, key: str) -> HttpResponse:
    """Make a customer a member.

    Parameters
    ----------
    request
        ``GET`` or ``POST``.
    key
        Public id of the customer.
    """
    customer = loaded(key)

    def act(_: dict[str, Any]) -> Done:
        enrol_member(customer.pk, at=clock.now(), actor=actor_of(request))
        return to_customer(customer, say(N_("Enrolled. Orders earn points from now on.")))

    lines = (say(N_("Orders from before do not earn points afterwards.")),)
    return acted(
        request,
        customer=customer,
        form=EnrolForm(request.POST if request.method == "POST" else None),
        act=act,
        title=say(N_("Enrol in the programme")),
        lead=say(N_("What the programme gives for joining is credited at once.")),
        submit=say(N_("Enrol")),
        notices=(Notice("info", "", lines),),
    )


@needs("customers.write")
@require_http_methods(_BOTH)
def details(request: HttpRequest, key: str) -> HttpResponse:
    """Correct the name, birthday, gender, language, brand or household.

    Parameters
    ----------
    request
        ``GET`` or ``POST``.
    key
        Public id of the customer.
    """
    customer = loaded(key)

    def act(given: dict[str, Any]) -> Done:
        commands.change(customer.pk, at=clock.now(), actor=actor_of(request), **given)
        return to_customer(customer, say(N_("Corrected.")))

    return acted(
        request,
        customer=customer,
        form=DetailsForm(customer, data=request.POST if request.method == "POST" else None),
        act=act,
        title=say(N_("Correct the details")),
        lead=say(N_("The audit log keeps which of them were changed, not what they said.")),
        submit=say(N_("Save")),
    )


@needs("customers.write")
@require_http_methods(_BOTH)
def identity(request: HttpRequest, key: str) -> HttpResponse:
    """Add an identity.

    Parameters
    ----------
    request
        ``GET`` or ``POST``.
    key
        Public id of the customer.
    """
    customer = loaded(key)

    def act(given: dict[str, Any]) -> Done:
        at = clock.now()
        commands.add_identity(
            customer.pk,
            kind=given["kind"],
            value=given["value"],
            at=at,
            actor=actor_of(request),
            verified_at=at if given["verified"] else None,
        )
        said = say(
            N_("{kind} added. It finds this customer now."), kind=kind_name(given["kind"])
        )
        return to_customer(customer, said)

    return acted(
        request,
        customer=customer,
        form=IdentityForm(request.POST or None),
        act=act,
        title=say(N_("Add an identity")),
        lead=say(N_("Phone, card or a number by which other systems know this customer.")),
        submit=say(N_("Add")),
    )


@needs("customers.write")
@require_POST
def verify(request: HttpRequest, key: str) -> HttpResponse:
    """Note that the customer has shown an identity to be theirs.

    Parameters
    ----------
    request
        ``POST`` with ``kind`` and ``value``.
    key
        Public id of the customer.
    """
    customer = loaded(key)
    kind, value = request.POST.get("kind", ""), request.POST.get("value", "")

    def act() -> Done:
        at = clock.now()
        commands.add_identity(
            customer.pk, kind=kind, value=value, at=at, actor=actor_of(request), verified_at=at
        )
        return to_customer(customer, say(N_("{kind} verified."), kind=kind_name(kind)))

    return _or_told(request, lambda: done_once(request, act), key=key)


@needs("customers.write")
@require_POST
def remove(request: HttpRequest, key: str) -> HttpResponse:
    """Take an identity away.

    Parameters
    ----------
    request
        ``POST`` with ``kind`` and ``value``.
    key
        Public id of the customer.
    """
    customer = loaded(key)
    kind, value = request.POST.get("kind", ""), request.POST.get("value", "")

    def act() -> Done:
        commands.remove_identity(
            customer.pk, kind=kind, value=value, at=clock.now(), actor=actor_of(request)
        )
        said = say(N_("{kind} removed. It is free for another customer."), kind=kind_name(kind))
        return to_customer(customer, said)

    return _or_told(request, lambda: done_once(request, act), key=key)


def _or_told(request: HttpRequest, act: Any, *, key: str) -> HttpResponse:
    """Act; where it is refused, say so on the page of the customer."""
    try:
        answer: HttpResponse = act()
    except ServiceError as error:
        refused = to_customer(loaded(key), explain(error), tone="error")
        return done_once(request, lambda: refused)
    return answer


@needs("customers.write")
@require_http_methods(_BOTH)
def consent(request: HttpRequest, key: str) -> HttpResponse:
    """Record what a customer said yes or no to.

    Parameters
    ----------
    request
        ``GET`` or ``POST``; ``channel``, ``purpose`` and ``given`` may be chosen beforehand.
    key
        Public id of the customer.
    """
    customer = loaded(key)

    def act(given: dict[str, Any]) -> Done:
        yes = given["given"] == "yes"
        commands.record_consent(
            customer.pk,
            channel=given["channel"],
            purpose=given["purpose"],
            given=yes,
            source=given["source"],
            wording_version=given["wording_version"],
            proof=given["proof"],
            at=clock.now(),
            actor=actor_of(request),
        )
        message = N_("Recorded: yes to {purpose} by {channel}. It counts from now on.")
        if not yes:
            message = N_("Recorded: no to {purpose} by {channel}. Nothing more is sent.")
        said = say(
            message,
            purpose=say(PURPOSES[given["purpose"]]),
            channel=say(CHANNELS[given["channel"]]),
        )
        return to_customer(customer, said)

    form = (
        ConsentForm(request.POST)
        if request.method == "POST"
        else ConsentForm(initial={**_chosen(request)})
    )
    return acted(
        request,
        customer=customer,
        form=form,
        act=act,
        title=say(N_("Record consent")),
        lead=say(N_("No counts at once, and is as easy to say as yes.")),
        submit=say(N_("Record")),
    )


def _chosen(request: HttpRequest) -> dict[str, str]:
    given = {name: request.GET.get(name, "") for name in ("channel", "purpose", "given")}
    return {name: value for name, value in given.items() if value} | {"source": "backoffice"}
