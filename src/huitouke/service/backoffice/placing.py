"""The frame of pages that show money and moments as the shop counts them."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest
from django.urls import reverse

from huitouke.service.backoffice.frame import frame_of
from huitouke.service.loop.place import settled
from huitouke.service.ui.frame import Frame

__all__ = ["placed"]


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
