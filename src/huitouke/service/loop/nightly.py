"""The analysis of the night: once a day of the shop, from a set hour on."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from huitouke.service.core.actor import SYSTEM
from huitouke.service.loop.commands import AnalysisOpen, ask
from huitouke.service.loop.models import Analysis
from huitouke.service.loop.place import settled
from huitouke.service.orders.models import Order

__all__ = ["ask_when_due"]


def ask_when_due(*, at: datetime) -> Analysis | None:
    """Ask for the day's analysis if its hour has come and nobody did; None: not now.

    Parameters
    ----------
    at
        The present moment.
    """
    local = at.astimezone(ZoneInfo(settled().zone))
    if local.hour < settings.ANALYSIS_HOUR:
        return None
    day = local.replace(hour=0, minute=0, second=0, microsecond=0)
    asked = Analysis.objects.filter(asked_by=str(SYSTEM), asked_at__gte=day)
    if asked.exists() or not Order.objects.filter(paid_at__isnull=False).exists():
        return None
    with suppress(AnalysisOpen):
        return ask(at=at, actor=SYSTEM, ring=False)
    return None
