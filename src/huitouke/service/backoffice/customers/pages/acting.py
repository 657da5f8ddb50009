"""What all acts on one customer share: load, show the form, act once, lead on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from huitouke.service.backoffice.acts import Done, done_once, failed, new_key
from huitouke.service.backoffice.customers.contexts import ActPage, Notice
from huitouke.service.backoffice.customers.forms import StaffForm
from huitouke.service.backoffice.customers.naming import public
from huitouke.service.backoffice.customers.pages.person import person_of
from huitouke.service.backoffice.frame import frame_of
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import private_id
from huitouke.service.customers import queries as people
from huitouke.service.customers.models import Customer
from huitouke.service.ui.pages import show

__all__ = ["acted", "loaded", "to_customer"]


def loaded(key: str) -> Customer:
    """Return the customer of an address.

    Parameters
    ----------
    key
        Public id; one that was merged leads to the record of today.

    Raises
    ------
    IdUnknown, CustomerUnknown, CustomerErased
        If there is no such person, or no more.
    """
    return people.get(private_id("cus", key))


def to_customer(customer: Customer, said: str = "", *, tone: str = "success") -> Done:
    """Return that an act is done and shows on the page of its customer.

    Parameters
    ----------
    customer
        To whom it was done.
    said
        What happened and what is next, without personal data: it is kept with the key.
    tone
        Of the message.
    """
    return Done(reverse("customer", args=[public(customer)]), said, tone)


def acted(
    request: HttpRequest,
    *,
    customer: Customer,
    form: StaffForm,
    act: Callable[[dict[str, Any]], Done],
    title: str,
    lead: str,
    submit: str,
    notices: tuple[Notice, ...] = (),
    kind: str = "main",
) -> HttpResponse:
    """Show a form; where it was sent and is right, act once and lead on.

    Parameters
    ----------
    request
        ``GET`` or ``POST``.
    customer
        To whom it is done.
    form
        Bound for a POST.
    act
        Does it with the cleaned values.
    title, lead, submit, notices, kind
        As of :class:`ActPage`.
    """
    if request.method == "POST" and form.is_valid():
        try:
            return done_once(request, lambda: act(form.cleaned_data))
        except ServiceError as error:
            failed(form, error)
    form.focus()
    page = ActPage(
        person=person_of(customer),
        title=title,
        lead=lead,
        submit=submit,
        form=form,
        key=new_key(),
        notices=notices,
        kind=kind,
    )
    return show(
        request,
        template="backoffice/customers/act.html",
        page=page,
        frame=frame_of(request),
        status=422 if form.is_bound else 200,
    )
