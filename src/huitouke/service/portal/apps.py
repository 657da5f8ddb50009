"""The app and its name."""

from __future__ import annotations

from django.apps import AppConfig
from django.core import checks

from huitouke.service.core.person import register

__all__ = ["PortalApp"]


class PortalApp(AppConfig):
    """The app as Django knows it."""

    name = "huitouke.service.portal"
    label = "portal"

    def ready(self) -> None:
        """Add this app's part of a person, and have every address checked for a guard."""
        from huitouke.service.portal import door, part  # noqa: PLC0415 - records load late

        register(part.PART)
        checks.register(door.every_view_is_guarded, "security")
