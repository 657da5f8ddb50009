"""Refusals and failures as pages, for people; machines get problem details."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import Error as DatabaseFailed
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.module_loading import import_string

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError
from huitouke.service.ui.choosing import reader_of
from huitouke.service.ui.frame import Frame
from huitouke.service.ui.reader import reading

__all__ = ["MACHINES", "Failure", "FormStale", "failure_page", "for_people", "form_stale"]

#: How the addresses of machines begin; pages and what pages need stand elsewhere.
MACHINES = ("/v1/", "/healthz")

_TITLES = {
    400: N_("This address cannot be read"),
    403: N_("This is not for you to see"),
    404: N_("There is nothing here"),
    405: N_("This page cannot be opened this way"),
    413: N_("That was too large"),
    429: N_("Too many tries"),
    500: N_("Something broke on our side"),
    503: N_("Busy for a moment"),
}
_OTHER = N_("This did not work")
# What errors of the whole service say to a developer is said to everybody else like this.
_PLAIN = {
    "config.request_bad": (
        N_("The address is not complete, or it names another place."),
        N_("Type it anew, or begin at the start page."),
    ),
    "config.not_permitted": (
        N_("Your role does not include this page."),
        N_("The owner of the shop can change that in the settings."),
    ),
    "config.address_unknown": (
        N_("The page has moved, or the address was cut off."),
        N_("Begin at the start page, or search there."),
    ),
    "config.method_not_allowed": (
        N_("The address belongs to a form, not to a page."),
        N_("Begin at the start page."),
    ),
    "config.page_broken": (
        N_("Nothing was half done. We have noted what happened."),
        N_("Try once more; if it happens again, tell us the request below."),
    ),
    "config.overloaded": (
        N_("More people ask at this moment than can be answered."),
        N_("Try once more in a few seconds; nothing is lost."),
    ),
    "config.database_away": (
        N_("The database cannot be reached for a moment."),
        N_("Try once more in a few seconds; nothing is lost."),
    ),
}
#: From this status on the cause is ours, and may be the database.
_BROKEN = 500
_ICONS = {404: "compass", 403: "lock", 429: "hourglass", 503: "hourglass"}


class FormStale(ServiceError):
    """The form was sent without its mark, or with that of another visit."""

    code = "ui.form_stale"
    status = 403
    says = N_("This form was open for too long, or cookies are blocked. Nothing was changed.")
    remedy = N_("Go back, load the page anew and send the form once more.")


@dataclass(frozen=True)
class Failure:
    """What a failure page says.

    Parameters
    ----------
    status
        HTTP status.
    title, said, remedy
        In the reader's words.
    icon
        Name of a Lucide icon.
    request_id
        Finds the request in the log.
    """

    status: int
    title: str
    said: str
    remedy: str
    icon: str
    request_id: str


def for_people(request: HttpRequest) -> bool:
    """Say whether a browser asks: htmx does, and whoever accepts HTML outside the API.

    Parameters
    ----------
    request
        Its path and headers are looked at.
    """
    if request.path.startswith(MACHINES):
        return False
    return "text/html" in request.headers.get("Accept", "") or "HX-Request" in request.headers


def failure_page(request: HttpRequest, *, error: ServiceError) -> HttpResponse:
    """Return a page that tells an error, with the ways of its door around it where it can be.

    What broke on our side asks neither session nor database; and where the database does not
    answer, the page stands alone.

    Parameters
    ----------
    request
        What it answers.
    error
        What went wrong.
    """
    reader = reader_of(request)
    say = reader.words.say
    says, remedy = _PLAIN.get(error.code, (error.says, error.remedy))
    page = Failure(
        status=error.status,
        title=say(_TITLES.get(error.status, _OTHER)),
        said=say(says, **error.values),
        remedy=say(remedy, **error.values),
        icon=_ICONS.get(error.status, "circle-alert"),
        request_id=str(getattr(request, "request_id", "")),
    )
    with reading(reader):
        text = _framed(request, page) or render_to_string(
            "ui/failure.html", {"page": page, "layout": "ui/bare.html"}
        )
    answer = HttpResponse(text, status=error.status)
    answer["Cache-Control"] = "no-store"
    answer["Content-Language"] = reader.tag
    if "retry_after" in error.values:
        answer["Retry-After"] = str(error.values["retry_after"])
    return answer


def _framed(request: HttpRequest, page: Failure) -> str:
    """Return the page in the frame of its door; empty where it has none or none can be made."""
    around = next(
        (
            import_string(each)
            for prefix, each in settings.FAILURE_FRAMES.items()
            if request.path.startswith(prefix)
        ),
        None,
    )
    if around is None or page.status >= _BROKEN or "HX-Request" in request.headers:
        return ""
    try:
        frame: Frame = around(request)
        layout = "ui/staff.html" if frame.nav else "ui/bare.html"
        values = {"page": page, "frame": frame, "layout": layout}
        return render_to_string("ui/failure.html", values, request=request)
    except (DatabaseFailed, ServiceError):
        return ""


def form_stale(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """Answer a form without a valid mark (Django's ``CSRF_FAILURE_VIEW``).

    Parameters
    ----------
    request
        What it answers.
    reason
        Django's words; not told.
    """
    return failure_page(request, error=FormStale())
