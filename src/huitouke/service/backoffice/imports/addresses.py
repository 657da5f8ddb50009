"""Addresses of imports."""

from __future__ import annotations

from django.urls import URLPattern, path

from huitouke.service.backoffice.imports import pages

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern] = [
    path("imports", pages.past, name="imports"),
    # config.settings names this address: larger bodies are taken here.
    path("imports/upload", pages.hand_in, name="imports_hand_in"),
    path("imports/<str:key>", pages.one, name="imports_one"),
    path("imports/<str:key>/columns", pages.columns, name="imports_columns"),
    path("imports/<str:key>/again", pages.again, name="imports_again"),
    path("imports/<str:key>/start", pages.start, name="imports_start"),
    path("imports/<str:key>/cancel", pages.cancel, name="imports_cancel"),
    path("imports/<str:key>/aside", pages.aside, name="imports_aside"),
]
