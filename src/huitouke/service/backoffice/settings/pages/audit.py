"""The audit log: who did what, when and why; looked through, and taken out as a file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_POST, require_safe

from huitouke.language import N_
from huitouke.service.backoffice.acts import actor_of, say
from huitouke.service.backoffice.frame import frame_of
from huitouke.service.backoffice.guards import needs
from huitouke.service.backoffice.settings.contexts import Audit, AuditRow
from huitouke.service.backoffice.settings.words import ACTIONS, FAMILIES
from huitouke.service.core import audit as kept
from huitouke.service.core import roster
from huitouke.service.core.ids import public_id
from huitouke.service.core.spreadsheet import csv_lines
from huitouke.service.loop.place import settled
from huitouke.service.ui.pages import show

__all__ = ["export", "log"]

_LISTED = 50
_AT_A_TIME = 1_000
_MOST = 100_000
_HEAD = (N_("When"), N_("Who acted"), N_("What"), N_("On what"), N_("Why"), N_("Details"))


@dataclass(frozen=True)
class _Filter:
    """What was asked for, as it was written and as the log is asked."""

    given: Mapping[str, str]
    asked: kept.Asked


def _day(text: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(text)
    return None


def _filter(given: Mapping[str, Any]) -> _Filter:
    names = ("who", "what", "target", "since", "until")
    written = {name: str(given.get(name, "")).replace("\0", "").strip()[:120] for name in names}
    zone = ZoneInfo(settled().zone)

    def begins(day: date) -> datetime:
        return datetime.combine(day, time.min, zone)

    since, until = _day(written["since"]), _day(written["until"])
    last = date.max - timedelta(days=2)
    asked = kept.Asked(
        actor=written["who"],
        action=written["what"],
        target=written["target"],
        since=None if since is None else begins(min(since, last)),
        until=None if until is None else begins(min(until, last) + timedelta(days=1)),
    )
    return _Filter(written, asked)


def _names() -> dict[str, str]:
    return {
        f"staff:{public_id('stf', each.id)}": each.first_name or each.email
        for each in roster.all_staff()
    }


def _row(line: kept.AuditLine, names: Mapping[str, str]) -> AuditRow:
    return AuditRow(
        at=line.at,
        who=names.get(line.actor, line.actor),
        action=line.action,
        says=ACTIONS.get(line.action, ""),
        target=line.target,
        reason=line.reason,
        facts=tuple((name, _plain(value)) for name, value in line.facts.items()),
    )


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@needs("audit.read")
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """Show the log, newest first.

    Parameters
    ----------
    request
        ``GET``; ``who``, ``what``, ``target``, ``since`` and ``until`` filter, ``before``
        reads on.
    """
    wanted = _filter(request.GET)
    before = request.GET.get("before", "")
    number = (
        int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
    )
    lines = kept.searched(wanted.asked, before=number, limit=_LISTED + 1)
    names = _names()
    given = {name: value for name, value in wanted.given.items() if value}
    older = ""
    if len(lines) > _LISTED:
        older = "?" + urlencode({**given, "before": lines[_LISTED - 1].id})
    page = Audit(
        rows=tuple(_row(line, names) for line in lines[:_LISTED]),
        people=tuple(names.items()),
        families=FAMILIES,
        who=wanted.given["who"],
        what=wanted.given["what"],
        target=wanted.given["target"],
        since=wanted.given["since"],
        until=wanted.given["until"],
        filtered=bool(given or number),
        older_url=older,
    )
    frame = frame_of(request)
    return show(request, template="backoffice/settings/audit.html", page=page, frame=frame)


def _all(asked: kept.Asked) -> Iterator[kept.AuditLine]:
    before: int | None = None
    left = _MOST
    while left > 0:
        lines = kept.searched(asked, before=before, limit=min(_AT_A_TIME, left))
        yield from lines
        left -= len(lines)
        if len(lines) < _AT_A_TIME:
            return
        before = lines[-1].id


@needs("audit.read")
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """Hand out the lines that are looked for as CSV, and note that somebody took them.

    Parameters
    ----------
    request
        ``POST`` with the filters of :func:`log`.
    """
    wanted = _filter(request.POST)
    names, zone = _names(), ZoneInfo(settled().zone)
    facts = {name: value for name, value in wanted.given.items() if value}
    kept.note("audit.exported", actor=actor_of(request), target="audit", facts=facts)
    head = [say(each) for each in _HEAD]
    rows = (
        (
            line.at.astimezone(zone).isoformat(" ", "seconds"),
            names.get(line.actor, line.actor),
            line.action,
            line.target,
            line.reason,
            json.dumps(line.facts, ensure_ascii=False) if line.facts else "",
        )
        for line in _all(wanted.asked)
    )
    answer = StreamingHttpResponse(
        csv_lines(head, rows), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = 'attachment; filename="audit-log.csv"'
    return answer  # type: ignore[return-value]
