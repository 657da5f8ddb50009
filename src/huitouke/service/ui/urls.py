"""Addresses of what belongs to no door."""

from __future__ import annotations

from django.urls import URLPattern, path

from huitouke.service.ui.switches import choose_language, choose_theme

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern] = [
    path("language", choose_language, name="choose_language"),
    path("theme", choose_theme, name="choose_theme"),
]
