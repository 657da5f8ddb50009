"""What all pages of the programme do alike: who acts, at most once, and in which frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from huitouke.service.backoffice.frame import frame_of
from huitouke.service.core import roster
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import public_id
from huitouke.service.programme.models.versions import Programme
from huitouke.service.programme.versions import queries as versions
from huitouke.service.ui.failures import failure_page
from huitouke.service.ui.frame import Frame
from huitouke.service.ui.pages import show
from huitouke.service.ui.reader import current

__all__ = [
    "goes",
    "names_of_staff",
    "own_programme",
    "page_frame",
    "shown",
    "tell",
    "tell_error",
    "telling",
]

View = Callable[..., HttpResponse]
_CHOSEN = "programme"


def telling(view: View) -> View:
    """Have a page tell what is not there or cannot be, in words, with its status.

    Where there is no programme at all, every page says so and is there.

    Parameters
    ----------
    view
        May raise a :class:`ServiceError`.
    """

    @wraps(view)
    def inside(request: HttpRequest, **which: Any) -> HttpResponse:
        try:
            return view(request, **which)
        except versions.ProgrammeUnknown:
            return shown(request, name="none", page=None)
        except ServiceError as error:
            return failure_page(request, error=error)

    return inside


def goes(address: str) -> HttpResponse:
    """Send the browser on, so that loading anew repeats nothing.

    Parameters
    ----------
    address
        Of this door.
    """
    answer = HttpResponseRedirect(address)
    answer.status_code = 303
    return answer


def tell(request: HttpRequest, message: str, **values: Any) -> None:
    """Have the next page say what happened.

    Parameters
    ----------
    request
        Whose.
    message
        An English message.
    **values
        What goes into its places.
    """
    reader = current()
    written = {name: reader.written(value) for name, value in values.items()}
    messages.success(request, reader.words.say(message, **written))


def tell_error(request: HttpRequest, error: ServiceError) -> None:
    """Have the next page say why something was not done.

    Parameters
    ----------
    request
        Whose.
    error
        What went wrong.
    """
    messages.error(request, error.text(current().language))


def own_programme(request: HttpRequest) -> Programme:
    """Return the programme that is looked at: the one chosen in this session, else the first.

    Parameters
    ----------
    request
        ``?of=`` chooses another.

    Raises
    ------
    ProgrammeUnknown
        If there is none at all.
    """
    known = {each.code: each for each in versions.programmes()}
    asked = request.GET.get("of", "")
    if asked in known:
        request.session[_CHOSEN] = asked
    for code in (request.session.get(_CHOSEN, ""), "main", *known):
        if code in known:
            return known[code]
    raise versions.ProgrammeUnknown(programme="main")


def page_frame(request: HttpRequest, *, own: Programme | None = None, here: str = "") -> Frame:
    """Return the frame of a page of the programme, in the programme's money and zone.

    Parameters
    ----------
    request
        Of whoever reads.
    own
        The programme.
    here
        Name of the address that the way beside the page is marked by.
    """
    frame = frame_of(request)
    shop = frame.shop
    if own is not None:
        shop = replace(shop, currency=own.currency, zone=own.zone)
    return replace(frame, shop=shop, here=reverse(here or "programme_home"))


def shown(
    request: HttpRequest,
    *,
    name: str,
    page: Any,
    own: Programme | None = None,
    here: str = "",
    status: int = 200,
) -> HttpResponse:
    """Return a page of the programme.

    Parameters
    ----------
    request
        What it answers.
    name
        Of the template, below ``backoffice/programme/``.
    page
        All that it shows.
    own, here
        As for :func:`page_frame`.
    status
        422 for a form with errors.
    """
    return show(
        request,
        template=f"backoffice/programme/{name}.html",
        page=page,
        frame=page_frame(request, own=own, here=here),
        status=status,
    )


def names_of_staff() -> dict[str, str]:
    """Return what people of the staff are called, by how journals name them."""
    return {
        f"staff:{public_id('stf', each.id)}": each.first_name or each.email
        for each in roster.all_staff()
    }
