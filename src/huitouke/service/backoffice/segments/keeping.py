"""Ways from lists to a new segment that asks what the list asks."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from huitouke.service.backoffice.segments.asking import written_of
from huitouke.service.loop.place import settled
from huitouke.service.segments.fields import Condition

__all__ = ["keeping_url"]


def keeping_url(conditions: Sequence[Condition] | None) -> str:
    """Return the page of a new segment with conditions in it.

    Parameters
    ----------
    conditions
        What the list asks; none where it cannot be said so: then there is no such page.
    """
    if not conditions:
        return ""
    asking = written_of(conditions, name="", currency=settled().currency)
    return f"{reverse('segment_new')}?{asking.query()}"
