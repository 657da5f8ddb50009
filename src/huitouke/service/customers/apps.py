"""The app and its name."""

from __future__ import annotations

from django.apps import AppConfig

from huitouke.service.core.person import register

__all__ = ["CustomersApp"]


class CustomersApp(AppConfig):
    """The app as Django knows it."""

    name = "huitouke.service.customers"
    label = "customers"

    def ready(self) -> None:
        """Add this app's part of a person."""
        from huitouke.service.customers.part import PART  # noqa: PLC0415 - records load late

        register(PART)
