"""What lets a phone keep the pages on its first screen."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import resolve_url
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from huitouke.language import N_
from huitouke.service.portal.door import anybody
from huitouke.service.portal.shop import shop
from huitouke.service.ui.reader import current

__all__ = ["manifest"]

_HOUR_SECONDS = 3_600
# Of the page in both themes; phones draw them before a sheet is read.
_PAPER = "#fcfcfd"
_ACCENT = "#5b5bd6"


@anybody("phones read it before anybody signs in")
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """Say what the pages are called and how they look on a first screen.

    Parameters
    ----------
    request
        ``GET``.
    """
    del request
    name = shop().name
    answer = JsonResponse(
        {
            "id": resolve_url("my_home"),
            "name": current().words.say(N_("{shop} members"), shop=name),
            "short_name": name[:12],
            "lang": current().tag,
            "start_url": resolve_url("my_home"),
            "scope": resolve_url("my_home"),
            "display": "standalone",
            "background_color": _PAPER,
            "theme_color": _ACCENT,
            "icons": [
                {
                    "src": static("portal/icon.svg"),
                    "type": "image/svg+xml",
                    "sizes": "any",
                    "purpose": "any",
                },
                *(
                    {
                        "src": static(f"portal/icon-{size}.png"),
                        "type": "image/png",
                        "sizes": f"{size}x{size}",
                        "purpose": "any maskable",
                    }
                    for size in (192, 512)
                ),
            ],
        },
        content_type="application/manifest+json",
    )
    answer["Cache-Control"] = f"private, max-age={_HOUR_SECONDS}"
    return answer
