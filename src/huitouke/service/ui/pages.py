"""How a view answers: a whole page in its frame, or one component of it for htmx."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django_cotton import render_component

from huitouke.service.ui.frame import Frame
from huitouke.service.ui.reader import current, reading

__all__ = ["announce", "fragment", "show"]


def show(
    request: HttpRequest, *, template: str, page: Any, frame: Frame, status: int = 200
) -> HttpResponse:
    """Return a whole page.

    Parameters
    ----------
    request
        What it answers.
    template
        Extends ``ui/staff.html``, ``ui/portal.html`` or ``ui/bare.html``.
    page
        A frozen dataclass: all that the template shows, as ``page``.
    frame
        What stands around it, as ``frame``.
    status
        422 for a form with errors.
    """
    shop = frame.shop
    with reading(replace(current(), currency=shop.currency, zone=shop.zone)):
        answer = render(request, template, {"page": page, "frame": frame}, status=status)
    return _kept_private(answer)


def fragment(
    request: HttpRequest,
    *,
    component: str,
    frame: Frame,
    status: int = 200,
    **attributes: Any,
) -> HttpResponse:
    """Return one component, for htmx to put where it was.

    Parameters
    ----------
    request
        What it answers.
    component
        Name as in ``<c-name>``.
    frame
        The frame of its page; currency and zone are taken from it.
    status
        422 for a form with errors.
    **attributes
        Its attributes.
    """
    shop = frame.shop
    with reading(replace(current(), currency=shop.currency, zone=shop.zone)):
        text = render_component(request, component, attributes)
    return _kept_private(HttpResponse(text, status=status))


def announce(response: HttpResponse, *, said: str, tone: str = "good") -> HttpResponse:
    """Have the browser show a toast and read it aloud when this answer arrives.

    Parameters
    ----------
    response
        An answer to htmx.
    said
        What happened and what is next, in the reader's words.
    tone
        ``"good"``, ``"info"``, ``"warn"`` or ``"bad"``.
    """
    # Header values are Latin-1: other letters go as JSON escapes.
    response["HX-Trigger"] = json.dumps({"toast": {"said": said, "tone": tone}})
    return response


def _kept_private(response: HttpResponse) -> HttpResponse:
    """Say that nobody keeps the page, and what it depends on."""
    patch_cache_control(response, private=True, no_store=True)
    patch_vary_headers(response, ["Cookie", "Accept-Language", "HX-Request"])
    return response
