"""What conditions need to know, for pages: the shop's days and money."""

from __future__ import annotations

from datetime import datetime

from huitouke.service.loop.place import settled
from huitouke.service.segments.fields import Ground
from huitouke.service.segments.queries import ground_of

__all__ = ["ground_at"]


def ground_at(now: datetime) -> Ground:
    """Return what conditions need to know.

    Parameters
    ----------
    now
        The present moment.
    """
    place = settled()
    return ground_of(now=now, zone=place.zone, currency=place.currency)
