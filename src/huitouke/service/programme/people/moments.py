"""What a timeline is made of: one thing that happened, and from where on the next are asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from huitouke.service.core.ids import public_id
from huitouke.service.programme.people.conditions import Ground

__all__ = ["Asked", "Moment"]


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened.

    Parameters
    ----------
    at
        When, in the shop.
    kind
        One of ``timeline.KINDS``.
    key
        Sorts what happened at one moment; unique within the customer.
    what
        What it was, e.g. ``order``, ``refund``, ``entry``, or an action of the audit log.
    about
        Its own values: numbers, amounts, points, names.
    reason
        A sentence for ``rules.reasons.say``; empty where ``what`` says it.
    actor
        Who did it, as the journals name them; empty where it is not known.
    """

    at: datetime
    kind: str
    key: str
    what: str
    about: dict[str, Any] = field(default_factory=dict)
    reason: dict[str, Any] = field(default_factory=dict)
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose story, and from where on.

    Parameters
    ----------
    customer
        The record of today.
    records
        It, and all that were merged into it.
    ground
        Of ``listing.ground_of``.
    at, key
        Only what comes after this place, on the way back in time.
    limit
        How many moments of one source at most.
    """

    customer: UUID
    records: Sequence[UUID]
    ground: Ground
    at: datetime
    key: str
    limit: int

    @property
    def subjects(self) -> list[str]:
        """What the audit log calls them."""
        return [public_id("cus", each) for each in self.records]

    def older(self, column: str, *, prefix: str, by: str = "id") -> Q:
        """Return the filter of a source whose keys are its prefix and the row's id.

        Of one moment the larger keys come first: whether a source still has to tell what
        happened at the cursor's own moment depends on where its prefix stands.

        Parameters
        ----------
        column
            By which the source is dated.
        prefix
            Its own, before the dot of its keys.
        by
            What stands behind the dot.
        """
        mine, _, last = self.key.partition(".")
        older = Q(**{f"{column}__lt": self.at})
        if prefix > mine:
            return older
        until = Q(**{f"{column}__lte": self.at})
        # The bound by itself lets an index begin there; the rest sorts out one moment.
        return until & (older | Q(**{f"{by}__lt": last})) if prefix == mine else until
