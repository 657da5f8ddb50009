"""The app and its name."""

from __future__ import annotations

from django.apps import AppConfig

from huitouke.service.core.person import register

__all__ = ["LoopApp"]


class LoopApp(AppConfig):
    """The app as Django knows it."""

    name = "huitouke.service.loop"
    label = "loop"

    def ready(self) -> None:
        """Add the profiles to what is known of a person."""
        from huitouke.service.loop.person import PART  # noqa: PLC0415 - needs the models

        register(PART)
