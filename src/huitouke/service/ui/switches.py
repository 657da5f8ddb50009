"""The switches of language and theme: small forms that work without scripts."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError
from huitouke.service.ui.choosing import LANGUAGE_COOKIE, THEME_COOKIE, THEMES, known_language
from huitouke.service.ui.failures import failure_page

__all__ = ["ChoiceUnknown", "choose_language", "choose_theme"]

_YEAR_SECONDS = 31_536_000


class ChoiceUnknown(ServiceError):
    """A switch was sent with a value it does not have."""

    code = "ui.choice_unknown"
    status = 400
    says = N_("There is no such language or theme.")
    remedy = N_("Choose one of those that the switch shows.")


def _back(request: HttpRequest) -> str:
    """Return the page to go back to: one of ours, else the first."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours and wanted.startswith("/") else "/"


def _kept(request: HttpRequest, *, cookie: str, value: str) -> HttpResponse:
    answer = HttpResponseRedirect(_back(request))
    answer.set_cookie(
        cookie,
        value,
        max_age=_YEAR_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return answer


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep a language in a cookie and go back.

    Parameters
    ----------
    request
        ``POST`` with ``language`` and ``next``.
    """
    language = known_language(request.POST.get("language", ""))
    if language is None:
        return failure_page(request, error=ChoiceUnknown())
    return _kept(request, cookie=LANGUAGE_COOKIE, value=language)


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Keep a theme in a cookie and go back.

    Parameters
    ----------
    request
        ``POST`` with ``theme`` and ``next``.
    """
    theme = request.POST.get("theme", "")
    if theme not in THEMES:
        return failure_page(request, error=ChoiceUnknown())
    return _kept(request, cookie=THEME_COOKIE, value=theme)
