"""Which address leads to which door."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic.base import RedirectView

from huitouke.service.api.addresses import door
from huitouke.service.backoffice.account.views import too_many
from huitouke.service.backoffice.guards import signed_in
from huitouke.service.config import pages
from huitouke.service.config.front import front
from huitouke.service.ui.look.views import look

__all__ = [
    "handler400",
    "handler403",
    "handler404",
    "handler429",
    "handler500",
    "urlpatterns",
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", front, name="front"),
    path("healthz", pages.health, name="health"),
    path("v1/", door.urls),
    path("staff/", include("huitouke.service.backoffice.urls")),
    path("my/", include("huitouke.service.portal.addresses")),
    path("staff", RedirectView.as_view(pattern_name="staff_home")),
    path("my", RedirectView.as_view(pattern_name="my_home")),
    path("look", signed_in()(look), name="look"),
    path("", include("huitouke.service.ui.urls")),
]

handler400 = pages.bad_request
handler403 = pages.not_allowed
handler404 = pages.not_found
handler429 = too_many
handler500 = pages.failed
