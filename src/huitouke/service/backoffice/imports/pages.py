"""Pages of imports: the list, one file, and what is done with it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from huitouke.language import N_
from huitouke.service.backoffice.account import refusals
from huitouke.service.backoffice.acts import (
    Done,
    actor_of,
    done_once,
    explain,
    failed,
    new_key,
    say,
)
from huitouke.service.backoffice.frame import frame_of
from huitouke.service.backoffice.guards import needs
from huitouke.service.backoffice.imports.contexts import (
    PastImports,
    kinds_open_to,
    page_of,
    past_of,
)
from huitouke.service.backoffice.imports.forms import HandInForm
from huitouke.service.core import clock
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import IdUnknown, private_id, public_id
from huitouke.service.loop.imports import commands, keeping, queries
from huitouke.service.loop.imports.commands import Columns
from huitouke.service.loop.imports.models import Upload
from huitouke.service.ui.pages import fragment, show
from huitouke.service.ui.reader import current

__all__ = [
    "again",
    "aside",
    "cancel",
    "columns",
    "hand_in",
    "one",
    "past",
    "start",
]

_LISTED = 20
_PREFIX = "column-"

Act = Callable[[HttpRequest, Upload], HttpResponse]


def _listed(request: HttpRequest, form: HandInForm, *, status: int = 200) -> HttpResponse:
    before = None
    with suppress(IdUnknown):
        before = private_id("imp", request.GET.get("before", ""))
    found = queries.past(kinds=kinds_open_to(request), before=before, limit=_LISTED + 1)
    shown = found[:_LISTED]
    older = ""
    if len(found) > _LISTED:
        older = "?" + urlencode({"before": public_id("imp", shown[-1].id)})
    page = PastImports(
        imports=past_of(shown),
        form=form,
        form_key=new_key(),
        most_mb=settings.UPLOAD_BYTES // 1_000_000,
        days=settings.UPLOAD_DAYS,
        older_url=older,
        reading_on=before is not None,
    )
    return show(
        request,
        template="backoffice/imports/list.html",
        page=page,
        frame=frame_of(request, here="imports"),
        status=status,
    )


@needs("imports.run")
@require_safe
def past(request: HttpRequest) -> HttpResponse:
    """Show the form for a file, and the files that were handed in.

    Parameters
    ----------
    request
        ``GET``; ``before`` reads on.
    """
    kinds = kinds_open_to(request)
    return _listed(request, HandInForm(kinds=kinds, initial={"kind": kinds[0]}))


@needs("imports.run")
@require_POST
def hand_in(request: HttpRequest) -> HttpResponse:
    """Take a file.

    Parameters
    ----------
    request
        ``POST`` with ``kind`` and ``file``.
    """
    form = HandInForm(request.POST, request.FILES, kinds=kinds_open_to(request))
    if form.is_valid():
        given = form.cleaned_data["file"]

        def act() -> Done:
            made = commands.hand_in(
                given.chunks(),
                kind=form.cleaned_data["kind"],
                name=given.name,
                language=current().language,
                at=clock.now(),
                actor=actor_of(request),
            )
            return Done(reverse("imports_one", args=[public_id("imp", made.id)]))

        try:
            return done_once(request, act)
        except ServiceError as error:
            failed(form, error, field="file")
    return _listed(request, form, status=422)


def _of(key: str) -> Upload:
    return queries.upload(private_id("imp", key))


def _closed(request: HttpRequest, found: Upload) -> HttpResponse | None:
    """Return the answer to who may not bring in files of this kind."""
    if found.kind in kinds_open_to(request):
        return None
    return refusals.not_permitted(request, {"imports.balances"})


def _act(function: Act) -> Callable[..., HttpResponse]:
    """Return the view of an act on one file: what it refuses is told on the file's page."""

    @needs("imports.run")
    @require_POST
    def view(request: HttpRequest, key: str) -> HttpResponse:
        found = _of(key)
        closed = _closed(request, found)
        if closed is not None:
            return closed
        try:
            return function(request, found)
        except ServiceError as error:
            messages.error(request, explain(error))
            return _to(found)

    view.__doc__ = function.__doc__
    return view


def _to(found: Upload) -> HttpResponse:
    answer = HttpResponseRedirect(reverse("imports_one", args=[public_id("imp", found.id)]))
    answer.status_code = 303
    return answer


def _shown(request: HttpRequest, page: Any, *, status: int = 200) -> HttpResponse:
    frame = frame_of(request, here="imports")
    if request.htmx:  # type: ignore[attr-defined]
        component = "backoffice.import_file"
        return fragment(request, component=component, frame=frame, page=page, status=status)
    return show(
        request,
        template="backoffice/imports/one.html",
        page=page,
        frame=frame,
        status=status,
    )


@needs("imports.run")
@require_safe
def one(request: HttpRequest, key: str) -> HttpResponse:
    """Show a file: where it stands, and what can be done next.

    Parameters
    ----------
    request
        ``GET``.
    key
        Public id of the file.
    """
    found = _of(key)
    return _closed(request, found) or _shown(request, page_of(request, found))


def _chosen(request: HttpRequest) -> dict[int, str]:
    """Return the field that was chosen for each column, by its index."""
    chosen = {}
    for name, field in request.POST.items():
        number = name.removeprefix(_PREFIX)
        if name.startswith(_PREFIX) and number.isdecimal() and len(number) < 5 and field:
            chosen[int(number) - 1] = str(field)
    return chosen


def _columns(request: HttpRequest, found: Upload) -> HttpResponse:
    """Say what the columns are, and have the file tried."""
    chosen = _chosen(request)
    mapping: dict[str, str] = {}
    for place, field in sorted(chosen.items()):
        mapping[field] = f"{mapping[field]}+{place + 1}" if field in mapping else str(place + 1)
    given = Columns(
        mapping=mapping,
        date_order=request.POST.get("date_order", ""),
        timezone=request.POST.get("timezone", "").strip(),
        currency=request.POST.get("currency", "").strip().upper(),
    )

    def act() -> Done:
        commands.read_as(found.id, columns=given, at=clock.now(), actor=actor_of(request))
        return Done(reverse("imports_one", args=[public_id("imp", found.id)]))

    try:
        return done_once(request, act)
    except (commands.ColumnsLacking, commands.ReadingInvalid) as error:
        page = page_of(request, found, given=chosen, wrong=explain(error))
        return _shown(request, page, status=422)


def _again(request: HttpRequest, found: Upload) -> HttpResponse:
    """Try a file once more."""
    commands.check(found.id, at=clock.now(), actor=actor_of(request))
    return _to(found)


def _start(request: HttpRequest, found: Upload) -> HttpResponse:
    """Bring a file in, or go on where it was stopped."""

    def act() -> Done:
        commands.start(found.id, at=clock.now(), actor=actor_of(request))
        return Done(reverse("imports_one", args=[public_id("imp", found.id)]))

    return done_once(request, act)


def _cancel(request: HttpRequest, found: Upload) -> HttpResponse:
    """Stop what is at work on a file."""
    commands.cancel(found.id, at=clock.now(), actor=actor_of(request))
    messages.info(request, say(N_("It stops within seconds. What is in stays in.")))
    return _to(found)


def _aside(request: HttpRequest, found: Upload) -> HttpResponse:
    """Hand out the rows that were not brought in, as CSV."""
    if not queries.has_quarantine(found):
        raise keeping.FileGone(name=found.name)
    commands.note_taken(found, actor=actor_of(request))
    answer: Any = FileResponse(
        keeping.quarantine_of(found.stored).open("rb"),
        as_attachment=True,
        filename=f"set-aside-{public_id('imp', found.id)}.csv",
        content_type="text/csv; charset=utf-8",
    )
    return answer  # type: ignore[no-any-return]


columns = _act(_columns)
again = _act(_again)
start = _act(_start)
cancel = _act(_cancel)
aside = _act(_aside)
