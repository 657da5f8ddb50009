"""One segment: what it asks, who is in it, what was done to it; counted and put away."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from huitouke.language import N_
from huitouke.service.backoffice.acts import Done, actor_of, done_once, may, new_key, say
from huitouke.service.backoffice.customers.naming import actor_names
from huitouke.service.backoffice.frame import frame_of
from huitouke.service.backoffice.guards import needs
from huitouke.service.backoffice.segments.contexts import HistoryLine, OnePage
from huitouke.service.backoffice.segments.counting import newest
from huitouke.service.backoffice.segments.grounding import ground_at
from huitouke.service.backoffice.segments.pages.listing import listed_as
from huitouke.service.backoffice.segments.wording import sentences
from huitouke.service.backoffice.settings.words import ACTIONS
from huitouke.service.backoffice.ways import way
from huitouke.service.core import audit, clock
from huitouke.service.segments import commands, queries
from huitouke.service.segments.conditions import from_json
from huitouke.service.segments.fields import Ground
from huitouke.service.segments.models import Segment
from huitouke.service.ui.pages import show

__all__ = ["archive", "count", "restore", "segment"]

_HISTORY_MOST = 20


def _history(found: Segment, *, ground: Ground) -> tuple[HistoryLine, ...]:
    lines = audit.lines(target=str(found), limit=_HISTORY_MOST)
    names = actor_names(each.actor for each in lines)
    return tuple(
        HistoryLine(
            what=ACTIONS.get(each.action, each.action),
            by=names.get(each.actor, ""),
            at=each.at,
            before=sentences(from_json(each.facts.get("before", [])), ground=ground),
        )
        for each in lines
    )


@needs("segments.read")
@require_safe
def segment(request: HttpRequest, segment: str) -> HttpResponse:
    """Show one segment.

    Parameters
    ----------
    request
        ``GET``.
    segment
        Its public id.
    """
    found = queries.get(segment)
    ground = ground_at(clock.now())
    conditions = queries.conditions_of(found)
    page = OnePage(
        listed=listed_as(found, ground=ground, names=actor_names([found.changed_by])),
        judged=found.judged,
        as_of=queries.as_of(conditions, ground=ground),
        archived=found.archived_at is not None,
        opens_url=way("customers", segment=str(found)),
        change_url=reverse("segment_change", args=[str(found)]),
        rows=newest(request, conditions, ground=ground),
        value=str(found),
        history=_history(found, ground=ground),
        key=new_key(),
        exports=may(request, "customers.export"),
    )
    frame = frame_of(request, here="segments")
    return show(request, template="backoffice/segments/one.html", page=page, frame=frame)


def _acted(request: HttpRequest, act: Callable[[], str], *, key: str) -> HttpResponse:
    return done_once(request, lambda: Done(reverse("segment", args=[key]), act()))


@needs("segments.read")
@require_POST
def count(request: HttpRequest, segment: str) -> HttpResponse:
    """Count anew who is in a segment, and keep the count with its moment.

    Parameters
    ----------
    request
        ``POST`` with ``key``.
    segment
        Its public id.
    """
    found = queries.get(segment)
    now = clock.now()
    tally = queries.counted(queries.conditions_of(found), ground=ground_at(now))

    def act() -> str:
        commands.note_count(found.id, revision=found.revision, tally=tally, at=now)
        if tally is None:
            return say(N_("It took too long to count. Add a condition that leaves fewer."))
        return say(N_("Counted: {n} customers are in it now."), n=tally.number)

    return _acted(request, act, key=segment)


@needs("segments.write")
@require_POST
def archive(request: HttpRequest, segment: str) -> HttpResponse:
    """Put a segment away.

    Parameters
    ----------
    request
        ``POST`` with ``key``.
    segment
        Its public id.
    """
    found = queries.get(segment)

    def act() -> str:
        commands.archive(found.id, at=clock.now(), actor=actor_of(request))
        return say(N_("Put away. It stands under the segments that were put away."))

    return _acted(request, act, key=segment)


@needs("segments.write")
@require_POST
def restore(request: HttpRequest, segment: str) -> HttpResponse:
    """Take a segment back that was put away.

    Parameters
    ----------
    request
        ``POST`` with ``key``.
    segment
        Its public id.
    """
    found = queries.get(segment)

    def act() -> str:
        commands.restore(found.id, at=clock.now(), actor=actor_of(request))
        return say(N_("Taken back. It can be used and changed again."))

    return _acted(request, act, key=segment)
