"""A customer asks for their data, or to be forgotten."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from huitouke.language import N_
from huitouke.service.backoffice.acts import Done, actor_of, say
from huitouke.service.backoffice.customers.contexts import Notice
from huitouke.service.backoffice.customers.forms import EraseForm
from huitouke.service.backoffice.customers.naming import public
from huitouke.service.backoffice.customers.pages.acting import acted, loaded
from huitouke.service.backoffice.customers.standing import unit_name
from huitouke.service.backoffice.guards import needs
from huitouke.service.core import audit, clock
from huitouke.service.customers import queries as people
from huitouke.service.programme.events.closing import Left, left_behind
from huitouke.service.programme.events.closing import erase as erase_person
from huitouke.service.programme.people.listing import ground_of

__all__ = ["data", "erase"]

_TAIL = 6


class _Typed(EraseForm):
    """Checks that what was typed is the end of this customer's number."""

    def __init__(self, *args: Any, expected: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._expected = expected

    def clean_typed(self) -> str:
        """Return what was typed, if it is right."""
        typed: str = self.cleaned_data["typed"].strip().lower()
        if typed != self._expected:
            self.add_error("typed", say(N_("That is not the end of the number above.")))
        return typed


def _left_said(left: list[Left]) -> tuple[str, ...]:
    """Say what the customer would leave behind."""
    found = []
    book = ground_of(now=clock.now()).rulebook
    for each in left:
        code = each.unit.partition(".")[2]
        unit = code if book is None else unit_name(book.now, code)
        if each.active or each.pending or each.held:
            found.append(
                say(
                    N_("{unit}: {active} to spend, {pending} pending, {held} set aside."),
                    unit=unit,
                    active=each.active,
                    pending=each.pending,
                    held=each.held,
                )
            )
        if each.owed:
            found.append(say(N_("{unit}: {owed} owed."), unit=unit, owed=each.owed))
    return tuple(found)


@needs("customers.erase")
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, key: str) -> HttpResponse:
    """Forget a customer, after the end of their number was typed.

    Parameters
    ----------
    request
        ``GET`` or ``POST``.
    key
        Public id of the customer.
    """
    customer = loaded(key)
    left = left_behind(customer.pk)
    number = public(customer)

    def act(given: dict[str, Any]) -> Done:
        at = clock.now()
        erase_person(
            customer.pk,
            at=at,
            actor=actor_of(request),
            warned_at=at if given.get("warned") else None,
        )
        said = say(N_("Erased. Name, contacts and notes are gone; amounts stay for the books."))
        return Done(reverse("customers"), said)

    goes = (
        say(N_("Name, birthday, all identities, labels and notes.")),
        say(N_("What shows consents, referral codes and open coupons.")),
    )
    stays = (
        say(N_("Orders, returns and entries of points, without a name.")),
        say(N_("That there was consent, and when: words without a person.")),
    )
    lost = _left_said(left)
    notices = [
        Notice("info", say(N_("What goes")), goes),
        Notice("info", say(N_("What stays")), stays),
    ]
    if lost:
        told = say(N_("Tell the customer: points are given up at once if they agree below."))
        notices.insert(0, Notice("warn", say(N_("What the customer loses")), (*lost, told)))
    form = _Typed(request.POST if request.method == "POST" else None, expected=number[-_TAIL:])
    if not lost:
        del form.fields["warned"]
    return acted(
        request,
        customer=customer,
        form=form,
        act=act,
        title=say(N_("Erase this customer")),
        lead=say(N_("This cannot be undone. Number: {number}"), number=number),
        submit=say(N_("Erase for good")),
        notices=tuple(notices),
        kind="danger",
    )


@needs("customers.erase")
@require_POST
def data(request: HttpRequest, key: str) -> HttpResponse:
    """Hand out everything that is kept about a customer, as a file.

    Parameters
    ----------
    request
        ``POST``.
    key
        Public id of the customer.
    """
    customer = loaded(key)
    kept = people.export(customer.pk)
    number = public(customer)
    audit.note("customer.data_handed_over", actor=actor_of(request), target=number)
    answer = HttpResponse(
        json.dumps(kept, ensure_ascii=False, indent=2, default=str),
        content_type="application/json; charset=utf-8",
    )
    answer["Content-Disposition"] = f'attachment; filename="{number}_{clock.now():%Y%m%d}.json"'
    answer["Cache-Control"] = "private, no-store"
    return answer
