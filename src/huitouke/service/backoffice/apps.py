"""The app and its name."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["BackofficeApp"]


class BackofficeApp(AppConfig):
    """The app as Django knows it."""

    name = "huitouke.service.backoffice"
    label = "backoffice"

    def ready(self) -> None:
        """Write down what allauth tells."""
        from huitouke.service.backoffice.account import noting  # noqa: PLC0415 - needs the apps

        noting.listen()
