"""The app and its name."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["ProgrammeApp"]


class ProgrammeApp(AppConfig):
    """The app as Django knows it."""

    name = "huitouke.service.programme"
    label = "programme"
