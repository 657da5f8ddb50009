"""The app and its name."""

from __future__ import annotations

from django.apps import AppConfig
from django.core import checks

__all__ = ["BackofficeApp"]


class BackofficeApp(AppConfig):
    """The app as Django knows it."""

    name = "huitouke.service.backoffice"
    label = "backoffice"

    def ready(self) -> None:
        """Write down what allauth tells, and have every address checked for a guard."""
        from huitouke.service.backoffice import guards  # noqa: PLC0415 - needs the apps
        from huitouke.service.backoffice.account import noting  # noqa: PLC0415

        noting.listen()
        checks.register(guards.every_view_is_guarded, "security")
