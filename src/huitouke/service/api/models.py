"""Records that belong to the app: those of webhooks, whose tables are named after it."""

from __future__ import annotations

from huitouke.service.core.webhooks.models import Attempt, Delivery, Endpoint

__all__ = ["Attempt", "Delivery", "Endpoint"]
