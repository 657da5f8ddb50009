"""What pages of settings and imports do alike: their frame, and refusals told in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from huitouke.service.backoffice.frame import frame_of
from huitouke.service.core.errors import ServiceError
from huitouke.service.loop.place import settled
from huitouke.service.ui.failures import failure_page
from huitouke.service.ui.frame import Frame

__all__ = ["placed", "worded"]

View = Callable[..., HttpResponse]


def placed(request: HttpRequest, *, here: str = "") -> Frame:
    """Return the frame of a page, with the shop's currency and time zone.

    Parameters
    ----------
    request
        Of whoever reads.
    here
        Name of the address that the way beside the page is marked by; empty: its own.
    """
    frame, place = frame_of(request), settled()
    shop = replace(frame.shop, currency=place.currency, zone=place.zone)
    return replace(frame, shop=shop, here=reverse(here) if here else request.path)


def worded(view: View) -> View:
    """Have what a command or query refuses told as a page.

    Parameters
    ----------
    view
        A view.
    """

    @wraps(view)
    def inside(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except ServiceError as error:
            return failure_page(request, error=error)

    return inside
