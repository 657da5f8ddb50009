"""Addresses of the staff's door: each names its guard."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from huitouke.service.backoffice.frame import home
from huitouke.service.backoffice.guards import all_guarded, signed_in

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern | URLResolver] = all_guarded(
    [
        path("", signed_in()(home), name="staff_home"),
        path("", include("huitouke.service.backoffice.today.addresses")),
        path("", include("huitouke.service.backoffice.insight.addresses")),
        path("", include("huitouke.service.backoffice.account.urls")),
        path("", include("huitouke.service.backoffice.staff.urls")),
        path("", include("huitouke.service.backoffice.segments.addresses")),
        path("", include("huitouke.service.backoffice.customers.addresses")),
        path("", include("huitouke.service.backoffice.till.addresses")),
        path("", include("huitouke.service.backoffice.programme.addresses")),
        path("", include("huitouke.service.backoffice.imports.addresses")),
        path("", include("huitouke.service.backoffice.settings.addresses")),
    ]
)
