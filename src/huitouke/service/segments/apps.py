"""The app and its name."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["SegmentsApp"]


class SegmentsApp(AppConfig):
    """The app as Django knows it."""

    name = "huitouke.service.segments"
    label = "segments"

    def ready(self) -> None:
        """Add what can be asked of a person without knowing any other app."""
        from huitouke.service.segments.people import FIELDS  # noqa: PLC0415 - records load late
        from huitouke.service.segments.register import register  # noqa: PLC0415 - likewise

        register(FIELDS)
