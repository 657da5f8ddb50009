"""The app and its name."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import psycopg
from django.apps import AppConfig
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from psycopg.abc import AdaptContext
from psycopg.adapt import Loader
from psycopg.pq import Format

__all__ = ["CoreApp"]


class CoreApp(AppConfig):
    """The app as Django knows it."""

    name = "huitouke.service.core"
    label = "core"

    def ready(self) -> None:
        """Read moments by psycopg's compiled loader.

        Django reads them in Python to give them the connection's time zone, which is UTC
        here in any case; in a batch that is a twentieth of the time.
        """
        connection_created.connect(_fast_moments)


_MOMENT = psycopg.adapters.types["timestamptz"].oid


class _Moments(Loader):
    """psycopg's own loader, with the time zone that Django asks a loader for."""

    timezone = UTC

    def __init__(self, oid: int, context: AdaptContext | None = None) -> None:
        super().__init__(oid, context)
        compiled = psycopg.adapters.get_loader(_MOMENT, Format.TEXT) or Loader
        self._load = compiled(oid, context).load

    def load(self, data: Any) -> Any:
        """Return the moment."""
        return self._load(data)


def _fast_moments(*, connection: BaseDatabaseWrapper, **_: object) -> None:
    connection.connection.adapters.register_loader("timestamptz", _Moments)
