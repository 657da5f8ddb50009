"""Today: a few sentences that matter now, each leading to its list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from huitouke.language import N_, one_of
from huitouke.service.backoffice.acts import may, new_key, say
from huitouke.service.backoffice.customers.pointing import named
from huitouke.service.backoffice.frame import frame_of
from huitouke.service.backoffice.guards import needs, signed_in
from huitouke.service.backoffice.insight.contexts import FindingShown, NothingYet
from huitouke.service.backoffice.insight.looking import reader_at, shown
from huitouke.service.backoffice.insight.reading import standing_of
from huitouke.service.backoffice.insight.since import since_of
from huitouke.service.backoffice.today.contexts import LapseShown, LapsingPage, Today
from huitouke.service.backoffice.today.sentences import (
    LAPSE_DAYS,
    analysed,
    lapse,
    unit_at,
    waiting,
)
from huitouke.service.backoffice.ways import way
from huitouke.service.core import clock
from huitouke.service.core.ids import public_id
from huitouke.service.core.permissions import allowed
from huitouke.service.ledger import lapsing as ledger
from huitouke.service.loop import queries
from huitouke.service.loop.models import Analysis
from huitouke.service.orders.queries import any_paid
from huitouke.service.ui.pages import show
from huitouke.service.ui.reader import Reader, current

__all__ = ["lapsing", "matters"]

_ROWS_MOST = 100


def _failure(latest: Analysis | None, *, reader: Reader) -> FindingShown | None:
    """Return that the newest analysis failed, where nothing newer came to an end."""
    newest = next(iter(queries.analyses(limit=1)), None)
    if newest is None or newest.state != Analysis.State.FAILED:
        return None
    if latest is not None and latest.asked_at > newest.asked_at:
        return None
    return FindingShown(
        "!",
        say(N_("The analysis of {moment} could not be made."), moment=newest.asked_at),
        shown(newest, reader=reader).failure,
        "bad",
        way("insight_analyses"),
        say(N_("See analyses")),
    )


def _latest() -> Analysis | None:
    try:
        return queries.latest()
    except queries.NoAnalysis:
        return None


@signed_in()
@require_safe
def matters(request: HttpRequest) -> HttpResponse:
    """Show what matters now for who looks: only what their role may see.

    Parameters
    ----------
    request
        ``GET``.
    """
    frame = frame_of(request, here="staff_today")
    reader, now = reader_at(frame), clock.now()
    person: Any = request.user
    rights = allowed(person.role)
    insight = "insight.read" in rights
    latest = _latest() if insight else None
    unfinished = queries.open_analysis() if insight else None
    sentences_now = [
        *([] if latest is None else analysed(latest, reader=reader)),
        *waiting(rights, reader=reader),
        *lapse(rights, reader=reader, now=now),
    ]
    failure = _failure(latest, reader=reader) if "insight.run" in rights else None
    now_at_work = None if unfinished is None else shown(unfinished, reader=reader)
    page = Today(
        on=now,
        sentences=(*([] if failure is None else [failure]), *sentences_now),
        insight=insight,
        standing=None
        if latest is None
        else standing_of(
            latest,
            findings=queries.findings(language=reader.language, of=latest),
            is_open=unfinished is not None,
        ),
        since=None if latest is None else since_of(latest, reader=reader),
        now=now_at_work,
        nothing=_nothing(request)
        if insight and latest is None and unfinished is None
        else None,
        till_url=way("till") if "till.use" in rights else "",
        runs="insight.run" in rights,
    )
    return show(request, template="backoffice/today/today.html", page=page, frame=frame)


def _nothing(request: HttpRequest) -> NothingYet:
    return NothingYet(
        title=N_("Today"),
        has_orders=any_paid(),
        import_url=way("imports") if may(request, "imports.run") else "",
        runs=may(request, "insight.run"),
        now=None,
        key=new_key(),
    )


@needs("customers.read")
@require_safe
def lapsing(request: HttpRequest) -> HttpResponse:
    """Show whose points lapse within a week, the soonest first.

    Parameters
    ----------
    request
        ``GET``.
    """
    frame = frame_of(request, here="staff_today")
    now = clock.now()
    until = now + timedelta(days=LAPSE_DAYS)
    unit = unit_at(now)
    found, rows = ledger.Lapsing(0, 0, more=False), []
    if unit is not None:
        found = ledger.lapsing(unit[0], until=until)
        rows = ledger.lapses(unit[0], until=until, limit=_ROWS_MOST)
    names = named([each.customer for each in rows])
    page = LapsingPage(
        unit=_unit_name(unit),
        until=until,
        accounts=found.accounts,
        points=found.points,
        more=found.more,
        rows=tuple(
            LapseShown(
                name=names[each.customer][0],
                note=names[each.customer][1],
                url=way("customer", public_id("cus", each.customer)),
                points=each.points,
                first_at=each.first_at,
            )
            for each in rows
            if each.customer in names
        ),
        most=_ROWS_MOST,
    )
    return show(request, template="backoffice/today/lapsing.html", page=page, frame=frame)


def _unit_name(unit: tuple[int, dict[str, str] | str] | None) -> str:
    if unit is None:
        return say(N_("Points"))
    return unit[1] if isinstance(unit[1], str) else one_of(unit[1], language=current().language)
