"""A segment is written: conditions that read as sentences, counted before they are kept.

The form is sent as a whole. Whatever is done with it but to keep it leads back to the page
with all that was written in its address: to go back, to send to somebody, to read again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from huitouke.language import N_
from huitouke.service.backoffice.acts import Done, actor_of, done_once, failed, new_key, say
from huitouke.service.backoffice.frame import frame_of
from huitouke.service.backoffice.guards import needs
from huitouke.service.backoffice.segments.asking import (
    Asking,
    SegmentForm,
    asking_of,
    written_of,
)
from huitouke.service.backoffice.segments.contexts import Counted, Family, WritePage
from huitouke.service.backoffice.segments.counting import counted_of, token_of
from huitouke.service.backoffice.segments.grounding import ground_at
from huitouke.service.core import clock
from huitouke.service.core.errors import ServiceError
from huitouke.service.segments import commands, queries
from huitouke.service.segments.conditions import CONDITIONS_MOST
from huitouke.service.segments.fields import FAMILIES, Ground
from huitouke.service.segments.models import Segment
from huitouke.service.segments.register import FieldUnknown, fields
from huitouke.service.ui.pages import fragment, show

__all__ = ["change", "new"]

_NOT_COUNTED = N_(
    "The conditions are others than those that were counted. Look, and save again."
)
_NONE = N_("Add a condition first: without one it would be everybody.")


@dataclass(frozen=True)
class _Place:
    """Which page this is: that of a new segment, or of one that changes."""

    title: str
    back: str
    back_url: str
    here: str
    keep: Callable[[SegmentForm], Segment]
    revision: int | None = None

    def address(self, asking: Asking) -> str:
        """Return the address of the page with all that is written."""
        read = [] if self.revision is None else [f"revision={self.revision}"]
        return f"{self.here}?{'&'.join([asking.query(), *read])}"


def _families(ground: Ground) -> tuple[Family, ...]:
    known = [each for each in fields() if each.kind != "choice" or each.options(ground)]
    return tuple(
        Family(
            say(label),
            tuple((each.key, say(each.label)) for each in known if each.family == family),
        )
        for family, label in FAMILIES.items()
    )


def _moved(asking: Asking, act: str, *, add: str) -> Asking:
    """Return what is asked after a row was added or taken out."""
    kind, _, place = act.partition("-")
    if kind == "drop" and place in map(str, range(CONDITIONS_MOST)):
        return asking.without_row(int(place))
    if kind == "add" and add:
        try:
            return asking.with_row(add)
        except FieldUnknown:
            return asking
    return asking


def _shown(
    request: HttpRequest,
    *,
    at: _Place,
    form: SegmentForm,
    counted: Counted,
    status: int = 200,
) -> HttpResponse:
    form.focus()
    page = WritePage(
        title=at.title,
        back=at.back,
        back_url=at.back_url,
        here=at.here,
        form=form,
        rows=tuple(form.rows()),
        families=_families(form.ground),
        full=len(form.asking.rows) >= CONDITIONS_MOST,
        counted=counted,
        key=new_key(),
        revision=at.revision,
    )
    frame = frame_of(request, here="segments")
    template = "backoffice/segments/write.html"
    return show(request, template=template, page=page, frame=frame, status=status)


def _written(
    request: HttpRequest, *, at: _Place, asking: Asking, ground: Ground
) -> HttpResponse:
    """Show the page, or to htmx what the conditions come to."""
    checked = SegmentForm(asking, ground=ground, sent=True)
    counted = counted_of(request, checked, ground=ground)
    here: Any = request
    if here.htmx:
        answer = fragment(
            request,
            component="backoffice.segments.counted",
            frame=frame_of(request),
            counted=counted,
        )
        answer["HX-Replace-Url"] = at.address(asking)
        return answer
    form = SegmentForm(asking, ground=ground, sent=False)
    return _shown(request, at=at, form=form, counted=counted)


def _kept(request: HttpRequest, *, at: _Place, ground: Ground) -> HttpResponse:
    """Keep what was written if it was counted, and lead to it."""
    form = SegmentForm(asking_of(request.POST), ground=ground, sent=True)
    counted = counted_of(request, form, ground=ground)
    if not form.asking.rows:
        form.add_error(None, say(_NONE))
    elif form.is_valid():
        if request.POST.get("counted") == token_of(form.conditions()):
            try:
                return done_once(request, lambda: _done(at, form, counted=counted))
            except ServiceError as error:
                named = isinstance(error, commands.NameTaken | commands.NameInvalid)
                failed(form, error, field="name" if named else None)
        else:
            form.add_error(None, say(_NOT_COUNTED))
    return _shown(request, at=at, form=form, counted=counted, status=422)


def _done(at: _Place, form: SegmentForm, *, counted: Counted) -> Done:
    kept = at.keep(form)
    to = reverse("segment", args=[str(kept)])
    if counted.state != "known":
        return Done(to, say(N_("Kept. It was not counted: that took too long.")), "info")
    tally = queries.Tally(counted.number, counted.unknown, counted.judged)
    at_moment = form.ground.now
    commands.note_count(kept.id, revision=kept.revision, tally=tally, at=at_moment)
    return Done(to, say(N_("Kept. {n} customers are in it now."), n=tally.number))


def _answer(request: HttpRequest, *, at: _Place, start: Asking, ground: Ground) -> HttpResponse:
    if request.method == "POST":
        act = request.POST.get("act", "")
        if act == "save":
            return _kept(request, at=at, ground=ground)
        asking = _moved(asking_of(request.POST), act, add=request.POST.get("add", ""))
        answer = HttpResponseRedirect(at.address(asking))
        answer.status_code = 303
        return answer
    asking = asking_of(request.GET) if request.GET else start
    return _written(request, at=at, asking=asking, ground=ground)


@needs("segments.write")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Write a new segment.

    Parameters
    ----------
    request
        ``GET`` with what was written so far; ``POST`` with ``act``: ``save``, ``count``,
        ``add`` or ``drop-0``.
    """
    ground = ground_at(clock.now())

    def keep(form: SegmentForm) -> Segment:
        return commands.save(
            form.cleaned_data["name"],
            conditions=form.conditions(),
            ground=ground,
            at=ground.now,
            actor=actor_of(request),
        )

    at = _Place(
        say(N_("New segment")),
        say(N_("Segments")),
        reverse("segments"),
        reverse("segment_new"),
        keep,
    )
    return _answer(request, at=at, start=Asking(), ground=ground)


@needs("segments.write")
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, segment: str) -> HttpResponse:
    """Change the name or the conditions of a segment.

    Parameters
    ----------
    request
        As for :func:`new`, with ``revision``.
    segment
        Its public id.
    """
    found = queries.get(segment)
    ground = ground_at(clock.now())
    given = (request.POST or request.GET).get("revision", "")
    revision = int(given) if given.isdecimal() and len(given) < 10 else found.revision

    def keep(form: SegmentForm) -> Segment:
        return commands.change(
            found.id,
            name=form.cleaned_data["name"],
            conditions=form.conditions(),
            revision=revision,
            ground=ground,
            at=ground.now,
            actor=actor_of(request),
        )

    at = _Place(
        say(N_("Change segment")),
        found.name,
        reverse("segment", args=[segment]),
        reverse("segment_change", args=[segment]),
        keep,
        revision,
    )
    conditions = queries.conditions_of(found)
    start = written_of(conditions, name=found.name, currency=ground.currency)
    return _answer(request, at=at, start=start, ground=ground)
