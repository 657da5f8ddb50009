"""The app and its name."""

from __future__ import annotations

from django.apps import AppConfig

from huitouke.service.segments.register import register

__all__ = ["LedgerApp"]


class LedgerApp(AppConfig):
    """The app as Django knows it."""

    name = "huitouke.service.ledger"
    label = "ledger"

    def ready(self) -> None:
        """Add points to what segments can ask."""
        from huitouke.service.ledger.segmenting import FIELDS  # noqa: PLC0415 - needs the apps

        register(FIELDS)
