"""History: what happened and why, month by month, with what was not earned."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.views.decorators.http import require_safe

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError
from huitouke.service.customers import queries as customers
from huitouke.service.portal.coming import to_come
from huitouke.service.portal.contexts.points import History
from huitouke.service.portal.door import frame_of, members
from huitouke.service.portal.entries import entries_of, months_of
from huitouke.service.portal.shop import PROGRAMME, UNIT, counted, rules_of
from huitouke.service.portal.signing.sessions import Me
from huitouke.service.programme.events import reading
from huitouke.service.programme.mine.missed import missed
from huitouke.service.ui.pages import show
from huitouke.service.ui.reader import current

__all__ = ["PlaceUnknown", "history"]

_PAGE = 30


class PlaceUnknown(ServiceError):
    """The place to read on from is none that a page gave."""

    code = "portal.place_unknown"
    status = 404
    says = N_("There is no such place in the history.")
    remedy = N_("Begin at the newest entry.")


@members
@require_safe
def history(request: HttpRequest, me: Me) -> HttpResponse:
    """Show entries before a place, newest first.

    Parameters
    ----------
    request, me
        Who asks; ``before`` is the number of an entry.
    """
    before = _before(request.GET.get("before", ""))
    rules, _ = rules_of(me.at)
    reader = current()
    lines = reading.history(
        me.customer,
        now=me.at,
        language=reader.language,
        unit=UNIT,
        programme=PROGRAMME,
        before=before,
        limit=_PAGE + 1,
    )
    more, lines = len(lines) > _PAGE, lines[:_PAGE]
    # What was not earned belongs between the entries of the same time.
    since = lines[-1].line.created_at if more else None
    until = None if before is None or not lines else lines[0].line.created_at
    not_earned = (
        []
        if before is not None and not lines
        else missed(me.customer, language=reader.language, since=since, until=until)
    )
    page = History(
        months=months_of(
            entries_of(
                lines, counted=counted(rules.definition), waiting=to_come(me, lines=lines)
            ),
            not_earned,
            zone=rules.definition.zone_info,
        ),
        first=before is None,
        older=f"{resolve_url('my_history')}?before={lines[-1].line.seq}" if more else "",
    )
    frame = frame_of(request, me=me, who=customers.get(me.customer).name)
    return show(request, template="portal/history.html", page=page, frame=frame)


def _before(given: str) -> int | None:
    if not given:
        return None
    if not given.isascii() or not given.isdecimal() or len(given) > 18:
        raise PlaceUnknown
    return int(given)
