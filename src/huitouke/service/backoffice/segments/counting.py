"""What the conditions of a form come to, told beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from django.http import HttpRequest

from huitouke.language import N_
from huitouke.service.backoffice.acts import may, say
from huitouke.service.backoffice.customers.contexts import RowShown
from huitouke.service.backoffice.customers.pages.listing import row_shown, tier_names
from huitouke.service.backoffice.segments.asking import SegmentForm
from huitouke.service.backoffice.segments.contexts import Counted
from huitouke.service.backoffice.segments.narrowing import asked
from huitouke.service.backoffice.segments.wording import sentences
from huitouke.service.programme.people.listing import (
    Narrowed,
    SearchTooWide,
    ground_of,
    listed,
)
from huitouke.service.segments import queries
from huitouke.service.segments.conditions import as_json
from huitouke.service.segments.fields import Condition, Ground

__all__ = ["counted_of", "newest", "token_of"]

_SHOWN = 5
_UNFINISHED = N_("Fill in every condition to see who is in the segment.")


def token_of(conditions: Sequence[Condition]) -> str:
    """Return what tells whether conditions are those that were counted.

    Parameters
    ----------
    conditions
        Which.
    """
    written = json.dumps(as_json(conditions), ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()[:32]


def newest(
    request: HttpRequest, conditions: Sequence[Condition], *, ground: Ground
) -> tuple[RowShown, ...]:
    """Return the newest customers of a segment, if that is the reader's business.

    Parameters
    ----------
    request
        Of whoever reads.
    conditions
        All of them must hold.
    ground
        Of the conditions.
    """
    if not may(request, "customers.read"):
        return ()
    around = ground_of(now=ground.now)
    narrowed = Narrowed(chosen=(asked(conditions),))
    try:
        found = listed(narrowed, ground=around, currency=ground.currency, limit=_SHOWN)
    except SearchTooWide:
        return ()
    tiers = tier_names(around)
    return tuple(row_shown(each, tiers=tiers) for each in found.rows)


def counted_of(request: HttpRequest, form: SegmentForm, *, ground: Ground) -> Counted:
    """Return what the conditions of a form come to.

    Parameters
    ----------
    request
        Of whoever reads.
    form
        Bound; what is wrong with its name does not matter here.
    ground
        Of the conditions.
    """
    if not form.asking.rows:
        return Counted("empty")
    if set(form.errors) - {"name", "__all__"}:
        return Counted("unfinished", problem=say(_UNFINISHED))
    conditions = form.conditions()
    told = sentences(conditions, ground=ground)
    token = token_of(conditions)
    as_of = queries.as_of(conditions, ground=ground)
    tally = queries.counted(conditions, ground=ground, milliseconds=queries.GLANCE_MS)
    if tally is None:
        return Counted("too_long", as_of=as_of, sentences=told, token=token)
    return Counted(
        "known",
        number=tally.number,
        unknown=tally.unknown,
        judged=tally.judged,
        as_of=as_of,
        sentences=told,
        rows=newest(request, conditions, ground=ground) if tally.number else (),
        token=token,
    )
