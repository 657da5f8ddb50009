"""Points given or taken by staff, and those that wait for a second person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huitouke.language import N_
from huitouke.service.backoffice.acts import Done, actor_of, done_once, new_key, say
from huitouke.service.backoffice.customers.contexts import Notice, Person
from huitouke.service.backoffice.customers.forms import REASONS, AdjustForm
from huitouke.service.backoffice.customers.naming import actor_names
from huitouke.service.backoffice.customers.pages.acting import acted, loaded, to_customer
from huitouke.service.backoffice.customers.pages.person import person_of
from huitouke.service.backoffice.customers.standing import points_shown
from huitouke.service.backoffice.frame import frame_of
from huitouke.service.backoffice.guards import needs
from huitouke.service.core import clock
from huitouke.service.core.ids import private_id, public_id
from huitouke.service.customers.models import Customer
from huitouke.service.programme.events import adjusting
from huitouke.service.programme.models.members import Adjustment
from huitouke.service.programme.people.adjustments import whose
from huitouke.service.programme.people.conditions import Ground
from huitouke.service.programme.people.listing import ground_of
from huitouke.service.ui.pages import show

__all__ = ["Waiting", "WaitingPage", "adjust", "decide", "waiting"]


@dataclass(frozen=True)
class Waiting:
    """One adjustment that waits.

    Parameters
    ----------
    key, form_key
        Public id, and the key of its form.
    person
        Whose points.
    points, reason, note, asked_by, asked_at
        What is asked for, why, by whom and when.
    own
        Whether who reads asked for it: nobody decides on their own.
    url
        Where the decision is sent.
    """

    key: str
    form_key: str
    person: Person
    points: int
    reason: str
    note: str
    asked_by: str
    asked_at: datetime
    own: bool
    url: str


@dataclass(frozen=True)
class WaitingPage:
    """All that wait, the oldest first."""

    waiting: tuple[Waiting, ...]


def _limit(ground: Ground) -> int:
    book = ground.rulebook
    if book is None or ground.unit not in book.units:
        return 0
    return book.settings(ground.unit).adjust_limit


@needs("points.adjust")
@require_http_methods(["GET", "HEAD", "POST"])
def adjust(request: HttpRequest, key: str) -> HttpResponse:
    """Give a member points, or take some, with a reason.

    Parameters
    ----------
    request
        ``GET`` or ``POST``.
    key
        Public id of the customer.
    """
    customer = loaded(key)
    ground = ground_of(now=clock.now())
    limit = _limit(ground)
    has = points_shown(customer.pk, ground=ground)

    def act(given: dict[str, Any]) -> Done:
        made = adjusting.adjust(
            customer.pk,
            points=given["points"],
            reason_code=given["reason_code"],
            note=given["note"],
            key=f"page:{request.POST.get('key', '')[:60]}",
            unit=ground.unit,
            at=clock.now(),
            actor=actor_of(request),
        )
        said, tone = _told(made)
        return to_customer(customer, said, tone=tone)

    lines = (
        say(N_("{n} points can be spent now."), n=0 if has is None else has.active),
        say(
            N_("Up to {n} within a day you decide alone; above, a second person does."), n=limit
        ),
    )
    return acted(
        request,
        customer=customer,
        form=AdjustForm(request.POST or None),
        act=act,
        title=say(N_("Adjust points")),
        lead=say(N_("The member sees the reason in the history.")),
        submit=say(N_("Adjust points")),
        notices=(Notice("info", "", lines),),
    )


def _told(made: Adjustment) -> tuple[str, str]:
    """Return what an adjustment came to, and its tone."""
    if made.state == Adjustment.State.WAITING:
        text = N_("{n} points are above your limit and wait for a second person.")
        return say(text, n=made.points), "info"
    if made.state == Adjustment.State.REFUSED:
        return say(
            N_("Not adjusted: the member has fewer points than were to be taken.")
        ), "error"
    if made.points > 0:
        return say(N_("{n} points given. They can be spent now."), n=made.points), "success"
    return say(N_("{n} points taken."), n=-made.points), "success"


@needs("points.approve")
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """Show the adjustments that wait for a second person.

    Parameters
    ----------
    request
        ``GET``.
    """
    found = adjusting.waiting()
    people = whose(found)
    names = actor_names(each.asked_by for each in found)
    me = str(actor_of(request))
    page = WaitingPage(
        tuple(
            _waiting(each, customer=people[each.id], asked_by=names[each.asked_by], me=me)
            for each in found
            if each.id in people
        )
    )
    template = "backoffice/customers/adjustments.html"
    return show(request, template=template, page=page, frame=frame_of(request))


def _waiting(found: Adjustment, *, customer: Customer, asked_by: str, me: str) -> Waiting:
    reason = REASONS.get(found.reason_code)
    key = public_id("adj", found.id)
    return Waiting(
        key=key,
        form_key=new_key(),
        person=person_of(customer),
        points=found.points,
        reason=say(reason) if reason else found.reason_code,
        note=found.note,
        asked_by=asked_by,
        asked_at=found.asked_at,
        own=found.asked_by == me,
        url=reverse("adjustment_decide", args=[key]),
    )


@needs("points.approve")
@require_POST
def decide(request: HttpRequest, key: str) -> HttpResponse:
    """Approve or reject an adjustment that waits.

    Parameters
    ----------
    request
        ``POST``; ``decision`` is ``approve``, anything else rejects; then ``note`` says why.
    key
        Public id of the adjustment.
    """
    wanted = private_id("adj", key)
    note = request.POST.get("note", "").strip()[:500]
    approves = request.POST.get("decision") == "approve"
    if not approves and not note:
        messages.error(request, say(N_("Say why it is rejected: who asked reads it.")))
        return redirect("adjustments")

    def act() -> Done:
        at, actor = clock.now(), actor_of(request)
        if approves:
            made = adjusting.approve(wanted, at=at, actor=actor)
            if made.state == Adjustment.State.REFUSED:
                text, tone = _told(made)
                return Done(reverse("adjustments"), text, tone)
            said = say(N_("Approved: {n} points are booked."), n=made.points)
        else:
            made = adjusting.reject(wanted, at=at, actor=actor, note=note)
            said = say(N_("Rejected: nothing is booked."))
        return Done(reverse("adjustments"), said)

    return done_once(request, act)
