"""Who works here: the list, and what an owner does with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from smtplib import SMTPException
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from huitouke.language import N_
from huitouke.service.backoffice.account import letters, second_factor
from huitouke.service.backoffice.account.acting import actor_of
from huitouke.service.backoffice.account.forms import InviteForm
from huitouke.service.backoffice.account.views import base_of
from huitouke.service.backoffice.account.wording import invalid, say
from huitouke.service.core import clock, roster
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import private_id, public_id
from huitouke.service.core.models import Staff
from huitouke.service.core.permissions import ROLES
from huitouke.service.core.staff import StaffExists
from huitouke.service.ui.reader import current

__all__ = [
    "Invitation",
    "People",
    "Person",
    "disable",
    "enable",
    "invite",
    "new_link",
    "people",
    "role",
    "take_second_factor",
]

_APP = "huitouke.service.backoffice"
_MAILED = N_("The link is on its way to {email}.")
_NOW = N_("{email} is now: {role}.")
_OFF = N_("{email} is signed out everywhere and can no longer sign in.")
_ON = N_("{email} can sign in again.")
_TAKEN = N_("The second factor of {email} is taken away; the password alone opens now.")


@dataclass(frozen=True)
class Person:
    """One row of the list.

    Parameters
    ----------
    key
        Public id.
    name, email, role
        Who, and what they are.
    active, invited, second_factor
        Whether they may sign in, have no password yet, have a second factor.
    last_at
        Last sign-in.
    """

    key: str
    name: str
    email: str
    role: str
    active: bool
    invited: bool
    second_factor: bool
    last_at: datetime | None


@dataclass(frozen=True)
class People:
    """The page of staff.

    Parameters
    ----------
    people
        Everybody.
    roles
        Keys, and the English messages that name them.
    form
        To invite somebody.
    """

    people: tuple[Person, ...]
    roles: tuple[tuple[str, str], ...]
    form: InviteForm


@dataclass(frozen=True)
class Invitation:
    """A link that an owner hands over, because no mail went out.

    Parameters
    ----------
    email
        Whom it is for.
    link
        The link, shown this once.
    """

    email: str
    link: str


def _page(form: InviteForm) -> People:
    having = set(
        Authenticator.objects.filter(type=Authenticator.Type.TOTP).values_list(
            "user_id", flat=True
        )
    )
    found = tuple(
        Person(
            key=public_id("stf", each.id),
            name=each.first_name,
            email=each.email,
            role=each.role,
            active=each.is_active,
            invited=not each.has_usable_password(),
            second_factor=each.id in having,
            last_at=each.last_login,
        )
        for each in roster.all_staff()
    )
    return People(found, tuple((key, each.name) for key, each in ROLES.items()), form)


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("staff_list"))


Act = Callable[[HttpRequest, Staff], HttpResponse | None]


def _act(function: Act) -> Callable[..., HttpResponse]:
    """Return the view of an act on one person: confirmed, told in words, back to the list."""

    @require_POST
    @reauthentication_required(app=_APP)
    def view(request: HttpRequest, key: str) -> HttpResponse:
        try:
            person = Staff.objects.filter(id=private_id("stf", key)).first()
            if person is None:
                raise roster.StaffUnknown
            return function(request, person) or _back()
        except ServiceError as error:
            messages.error(request, error.text(current().language))
            return _back()

    view.__doc__ = function.__doc__
    guarded: Callable[..., HttpResponse] = view
    return guarded


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Show everybody who works here.

    Parameters
    ----------
    request
        Of who manages staff.
    """
    return render(request, "staff/people.html", {"page": _page(InviteForm())})


@require_POST
@reauthentication_required(app=_APP)
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody.

    Parameters
    ----------
    request
        Address, name and role in a form.
    """
    form = InviteForm(request.POST)
    if form.is_valid():
        given: dict[str, Any] = form.cleaned_data
        try:
            made = roster.invite(
                given["email"],
                role=given["role"],
                name=given["name"],
                at=clock.now(),
                actor=actor_of(request),
            )
        except StaffExists as error:
            form.add_error("email", invalid(error))
        else:
            return _handed_over(request, made)
    return render(request, "staff/people.html", {"page": _page(form)}, status=422)


def _handed_over(request: HttpRequest, made: roster.Invited) -> HttpResponse:
    """Send the link by mail; where that cannot be, show it to who made it."""
    base = base_of(request)
    if settings.SIGNING.mails:
        try:
            letters.send_invitation(made.record, base=base, secret=made.secret)
        except (OSError, SMTPException):
            pass  # The page that follows says so.
        else:
            messages.success(request, say(_MAILED, email=made.record.email))
            return _back()
    link = base + reverse("account_link", args=[made.secret])
    page = Invitation(made.record.email, link)
    return render(request, "staff/invited.html", {"page": page})


def _new_link(request: HttpRequest, person: Staff) -> HttpResponse:
    """Make a new link for somebody; the one before is no longer good."""
    made = roster.invite_again(person.id, at=clock.now(), actor=actor_of(request))
    return _handed_over(request, made)


def _role(request: HttpRequest, person: Staff) -> None:
    """Give somebody another role."""
    wanted = request.POST.get("role", "")
    changed = roster.change_role(
        person.id, role=wanted, at=clock.now(), actor=actor_of(request)
    )
    name = say(ROLES[changed.role].name)
    messages.success(request, say(_NOW, email=person.email, role=name))


def _disable(request: HttpRequest, person: Staff) -> None:
    """Switch somebody's sign-in off."""
    roster.disable(person.id, at=clock.now(), actor=actor_of(request))
    messages.success(request, say(_OFF, email=person.email))


def _enable(request: HttpRequest, person: Staff) -> None:
    """Switch somebody's sign-in on again."""
    roster.enable(person.id, at=clock.now(), actor=actor_of(request))
    messages.success(request, say(_ON, email=person.email))


def _take(request: HttpRequest, person: Staff) -> None:
    """Take somebody's second factor away, e.g. when the phone is lost."""
    second_factor.remove(person.id, actor=actor_of(request))
    messages.success(request, say(_TAKEN, email=person.email))


new_link = _act(_new_link)
role = _act(_role)
disable = _act(_disable)
enable = _act(_enable)
take_second_factor = _act(_take)
