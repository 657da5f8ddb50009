"""The app and its name."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["LedgerApp"]


class LedgerApp(AppConfig):
    """The app as Django knows it."""

    name = "huitouke.service.ledger"
    label = "ledger"
