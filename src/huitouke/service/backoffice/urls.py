"""Addresses of the staff's door: each names its guard."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("huitouke.service.backoffice.account.urls")),
    path("", include("huitouke.service.backoffice.staff.urls")),
]
