"""The app and its name."""

from __future__ import annotations

from django.apps import AppConfig

from huitouke.service.core.person import register
from huitouke.service.segments.register import register as add_fields

__all__ = ["OrdersApp"]


class OrdersApp(AppConfig):
    """The app as Django knows it."""

    name = "huitouke.service.orders"
    label = "orders"

    def ready(self) -> None:
        """Add the orders to what is known of a person, and to what segments can ask."""
        from huitouke.service.orders.person import PART  # noqa: PLC0415 - needs the models
        from huitouke.service.orders.segmenting import FIELDS  # noqa: PLC0415 - likewise

        register(PART)
        add_fields(FIELDS)
