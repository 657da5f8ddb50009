"""Addresses of the page that the day begins with."""

from __future__ import annotations

from django.urls import URLPattern, path

from huitouke.service.backoffice.today import pages

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern] = [
    path("today", pages.matters, name="staff_today"),
    path("today/lapsing", pages.lapsing, name="today_lapsing"),
]
