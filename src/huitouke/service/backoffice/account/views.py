"""Pages of signing in and of a person's own account; most of the work is allauth's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from allauth.account import views as account
from allauth.mfa.base import views as codes
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.usersessions import views as sessions
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from huitouke.service.backoffice.account import guessing, second_factor
from huitouke.service.backoffice.account.forms import ForgottenForm, NewPasswordForm
from huitouke.service.backoffice.account.tasks import send_link, tell_changed
from huitouke.service.backoffice.account.wording import invalid, say
from huitouke.service.core import attempts, clock, links
from huitouke.service.core.models import Staff
from huitouke.service.core.permissions import PERMISSIONS, ROLES
from huitouke.service.core.staff import PasswordWeak
from huitouke.service.ui.failures import failure_page

__all__ = [
    "Activate",
    "ChangePassword",
    "Code",
    "Confirm",
    "ConfirmByCode",
    "Deactivate",
    "MakeCodes",
    "Overview",
    "Sessions",
    "SignIn",
    "SignOut",
    "base_of",
    "forgotten",
    "link",
    "new_password",
    "overview",
    "too_many",
]

_LINK = "account.link"
_NOBODY = UUID(int=0)
_WRONG = 422


class _Told:
    """Answers a form with errors by 422, as every form of the doors."""

    def form_invalid(self, form: Any) -> HttpResponse:
        """Return the page with what is wrong."""
        answer: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        answer.status_code = _WRONG
        return answer


class SignIn(_Told, account.LoginView):
    """Address and password."""


class SignOut(account.LogoutView):
    """The end of a session; a POST ends it, a GET asks."""


class ChangePassword(_Told, account.PasswordChangeView):
    """Another password, by who knows the one that is."""


class Confirm(_Told, account.ReauthenticateView):
    """The password once more, before something is changed."""


class Code(_Told, codes.AuthenticateView):
    """The second factor at sign-in."""


class ConfirmByCode(_Told, codes.ReauthenticateView):
    """A code once more, before something is changed."""


class Activate(_Told, totp.ActivateTOTPView):
    """A second factor, set up with an authenticator app."""


class Deactivate(_Told, totp.DeactivateTOTPView):
    """The second factor, switched off where the role allows it."""


class MakeCodes(_Told, recovery.GenerateRecoveryCodesView):
    """New recovery codes instead of those that were."""


class Sessions(_Told, sessions.ListUserSessionsView):
    """Where somebody is signed in, and the end of all but this."""


@dataclass(frozen=True)
class Overview:
    """What a person sees of their account.

    Parameters
    ----------
    name, email
        Who.
    role_name
        What they are, in their language.
    role_says
        English message: whom that is for.
    may
        English messages: what they may do.
    second_factor
        Whether there is one.
    needed
        Whether their role must have one.
    password
        Whether they have one; who came by an OpenID Connect server may not.
    """

    name: str
    email: str
    role_name: str
    role_says: str
    may: tuple[str, ...]
    second_factor: bool
    needed: bool
    password: bool


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show a person their account.

    Parameters
    ----------
    request
        Of somebody who is signed in.
    """
    person = request.user
    assert isinstance(person, Staff)  # noqa: S101 - the guard let nobody else in
    role = ROLES[person.role]
    found = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP)
    page = Overview(
        name=person.first_name,
        email=person.email,
        role_name=say(role.name),
        role_says=role.says,
        may=tuple(says for name, says in PERMISSIONS.items() if name in role.permissions),
        second_factor=found.exists(),
        needed=second_factor.needed(person),
        password=person.has_usable_password(),
    )
    return render(request, "account/overview.html", {"page": page})


def base_of(request: HttpRequest) -> str:
    """Return the address of the service for a link in a letter.

    Parameters
    ----------
    request
        Its host is one that is served here; the public address goes before it.
    """
    public: str = settings.SIGNING.public_url
    return public or request.build_absolute_uri("/").rstrip("/")


@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Send a link to set a new password; the answer is the same for every address.

    Parameters
    ----------
    request
        The address in a form.
    """
    form = ForgottenForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        status = _WRONG if form.is_bound else 200
        return render(request, "account/forgotten.html", {"form": form}, status=status)
    address = form.cleaned_data["email"].strip().lower()
    try:
        send = guessing.ask_for_link(request, address=address)
    except attempts.LockedOut as error:
        return failure_page(request, error=error)
    found = Staff.objects.filter(username=address).values_list("id", flat=True).first()
    if send:
        send_link.defer(who=str(found or _NOBODY), base=base_of(request))
    return render(request, "account/forgotten_sent.html")


@require_safe
def link(request: HttpRequest, secret: str) -> HttpResponse:
    """Take a link out of the address, where it would be seen and passed on.

    Parameters
    ----------
    request
        Of who followed it.
    secret
        What it carries.
    """
    try:
        links.person_of(secret, at=clock.now())
    except links.LinkSpent as error:
        return failure_page(request, error=error)
    request.session[_LINK] = secret
    return HttpResponseRedirect(reverse("account_new_password"))


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def new_password(request: HttpRequest) -> HttpResponse:
    """Set a password by the link that was followed.

    Parameters
    ----------
    request
        The password in a form, twice.
    """
    secret = request.session.get(_LINK, "")
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    try:
        person = links.person_of(secret, at=clock.now())
        if request.method == "POST" and form.is_valid():
            known = person.has_usable_password()
            links.spend(secret, password=form.cleaned_data["password1"], at=clock.now())
            # Whoever was signed in here is not who the link is for.
            request.session.flush()
            guessing.lift(person)
            if known:
                at = clock.now().isoformat()
                tell_changed.defer(who=str(person.pk), what="password", at=at)
            return HttpResponseRedirect(reverse("account_login"))
    except links.LinkSpent as error:
        return failure_page(request, error=error)
    except PasswordWeak as error:
        form.add_error("password1", invalid(error))
    status = _WRONG if form.is_bound else 200
    context = {"form": form, "email": person.email}
    return render(request, "account/new_password.html", context, status=status)


def too_many(request: HttpRequest) -> HttpResponse:
    """Answer who asks too often (allauth's ``handler429``).

    Parameters
    ----------
    request
        What it answers.
    """
    return failure_page(
        request, error=attempts.LockedOut(minutes=1, retry_after=60, began=False)
    )
