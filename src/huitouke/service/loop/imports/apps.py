"""The app and its name."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["ImportsApp"]


class ImportsApp(AppConfig):
    """The app as Django knows it."""

    name = "huitouke.service.loop.imports"
    label = "imports"
