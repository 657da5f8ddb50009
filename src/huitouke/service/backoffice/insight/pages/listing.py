"""Customers by list: who is slipping, surely loyal, unlikely to return, or everybody."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from huitouke.language import N_
from huitouke.service.backoffice.acts import may, say
from huitouke.service.backoffice.frame import frame_of
from huitouke.service.backoffice.guards import needs
from huitouke.service.backoffice.insight.contexts import ListPage, ListTab
from huitouke.service.backoffice.insight.looking import nothing_yet, reader_at
from huitouke.service.backoffice.insight.reading import rows_of, standing_of
from huitouke.service.backoffice.insight.wording import LISTS
from huitouke.service.backoffice.segments.keeping import keeping_url
from huitouke.service.backoffice.ways import way
from huitouke.service.loop import lists, queries
from huitouke.service.loop.models import Analysis
from huitouke.service.loop.names import GROUPS
from huitouke.service.segments.fields import Condition
from huitouke.service.ui.frame import Frame
from huitouke.service.ui.pages import fragment, show

__all__ = ["ALL", "ORDERS", "customers", "first", "listed_of"]

#: The list that holds everybody.
ALL = "all"
#: What lists can be sorted by, the highest first.
ORDERS: dict[str, str] = {
    "at_stake": N_("Margin at stake"),
    "value": N_("Worth from now on"),
    "score": N_("Loyalty score"),
    "score_low": N_("Loyalty score, for sure"),
    "churn": N_("Risk of leaving"),
    "spend": N_("Spent so far"),
}
_LEADS: dict[str, str] = {
    "slipping": N_(
        "Silent for longer than their own rhythm explains, the most margin at stake first. "
        "Call some, leave others alone to compare."
    ),
    "likely_loyal": N_(
        "Loyal even at the low end of the interval. Thank them; do not discount."
    ),
    "unlikely": N_("A return is unlikely. Spend nothing on them that others could have."),
    ALL: N_("Everybody who has a profile, by what they are worth from now on."),
}


def listed_of(name: str) -> str:
    """Return the list as the bridge knows it; empty: everybody.

    Parameters
    ----------
    name
        As the address names it.

    Raises
    ------
    Http404
        If there is no such list.
    """
    if name == ALL:
        return ""
    if name not in lists.LISTS:
        raise Http404
    return name


def _tabs(counts: dict[str, Any], name: str) -> tuple[ListTab, ...]:
    counted = {**counts, ALL: counts["profiles"]}
    return tuple(
        ListTab(say(label), counted[key], way("insight_list", key), here=key == name)
        for key, label in LISTS.items()
    )


def _total(counts: dict[str, Any], *, listed: str, group: str) -> int | None:
    """Return how many there are where the analysis counted them."""
    if listed and group:
        return None
    return int(counts["groups"].get(group, 0) if group else counts[listed or "profiles"])


def _page(request: HttpRequest, *, name: str, latest: Analysis, frame: Frame) -> ListPage:
    listed, reader = listed_of(name), reader_at(frame)
    asked = {key: request.GET.get(key, "") for key in ("group", "order")}
    cursor = request.GET.get("after", "")
    group, order = asked["group"], asked["order"]
    found = lists.page(listed, group=group, order=order, cursor=cursor)
    order_now = order or lists.USUAL[listed]
    url = way("insight_list", name)
    staked = name == "slipping"
    return ListPage(
        standing=standing_of(
            latest,
            findings=queries.findings(language=reader.language, of=latest),
            is_open=False,
        ),
        listed=name,
        title=say(LISTS[name]),
        lead=say(_LEADS[name]),
        tabs=_tabs(latest.counts, name),
        rows=rows_of(found.profiles, reader=reader, opens=may(request, "customers.read")),
        total=_total(latest.counts, listed=listed, group=group),
        group=group,
        groups=(
            ("", say(N_("All groups"))),
            *((key, say(each)) for key, each in GROUPS.items()),
        ),
        order=order_now,
        orders=tuple(
            (key, say(each)) for key, each in ORDERS.items() if staked or key != "at_stake"
        ),
        sort=f"-{order_now}",
        sort_urls={key: way("insight_list", name, group=group, order=key) for key in ORDERS},
        staked=staked,
        next_url=way("insight_list", name, **asked, after=found.cursor) if found.cursor else "",
        first_url=way("insight_list", name, **asked) if cursor else "",
        clear_url=url,
        url=url,
        exports=may(request, "customers.export"),
        segment_url=_segment_url(request, listed=listed, group=group),
    )


def _segment_url(request: HttpRequest, *, listed: str, group: str) -> str:
    """Return where list and group are kept as a segment; empty where that is not to be."""
    if not may(request, "segments.write"):
        return ""
    asked = [("list", listed)] if listed in lists.LISTS else []
    asked += [("group", group)] if group in GROUPS else []
    return keeping_url([Condition(key, "any_of", (value,)) for key, value in asked])


@needs("insight.read")
@require_safe
def customers(request: HttpRequest, name: str) -> HttpResponse:
    """Show a list; htmx gets its rows alone.

    Parameters
    ----------
    request
        ``GET``; ``group`` narrows, ``order`` sorts, ``after`` leads on.
    name
        ``slipping``, ``likely_loyal``, ``unlikely`` or ``all``.
    """
    listed_of(name)
    try:
        latest = queries.latest()
    except queries.NoAnalysis:
        return nothing_yet(request, title=LISTS[name], here="insight")
    frame = frame_of(request, here="insight_lists")
    page = _page(request, name=name, latest=latest, frame=frame)
    here: Any = request
    if here.htmx:
        return fragment(request, component="backoffice.insight_list", frame=frame, page=page)
    return show(request, template="backoffice/insight/list.html", page=page, frame=frame)


@needs("insight.read")
@require_safe
def first(request: HttpRequest) -> HttpResponse:
    """Show the list that needs attention first.

    Parameters
    ----------
    request
        ``GET``.
    """
    return customers(request, name="slipping")
