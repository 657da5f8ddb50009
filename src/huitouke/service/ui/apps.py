"""Django's word for this part."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["UiConfig"]


class UiConfig(AppConfig):
    """Templates, components, static files and tags; no records."""

    name = "huitouke.service.ui"
    label = "ui"
