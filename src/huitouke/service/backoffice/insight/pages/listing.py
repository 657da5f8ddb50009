"""Customers by list: who is slipping, surely loyal, unlikely to return, or everybody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
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
from huitouke.service.loop.changes import compared_with
from huitouke.service.loop.models import Analysis
from huitouke.service.loop.names import GROUPS
from huitouke.service.segments.fields import Condition
from huitouke.service.ui.frame import Frame
from huitouke.service.ui.pages import fragment, show

__all__ = ["ALL", "ORDERS", "asked_of", "customers", "first", "listed_of"]

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
_MOVED: dict[str, str] = {"new": N_("Came on"), "gone": N_("Went off")}
_MOVED_LEADS: dict[str, str] = {
    "new": N_("On the list now, and not in the analysis of {day}."),
    "gone": N_("On the list in the analysis of {day}, and no longer."),
}
_FIELDS = ("group", "moved", "order")
_LEADS: dict[str, str] = {
    "slipping": N_(
        "Silent for longer than their own rhythm explains, the most margin at stake first. "
        "Call some, leave others alone to compare."
    ),
    "worth_a_call": N_(
        "The fewest of those slipping who hold four fifths of the margin at stake, the most "
        "first. The others are slipping, too."
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
        # An analysis from before a list there is does not know who is on it.
        if key in counted
    )


def asked_of(name: str, given: Mapping[str, str]) -> lists.Asked:
    """Return what is asked of a list.

    Parameters
    ----------
    name
        Of the list, as the address names it.
    given
        The fields ``group``, ``moved`` and ``order``, as far as they are there.

    Raises
    ------
    Http404
        If there is no such list.
    """
    return lists.Asked(listed_of(name), *(given.get(key, "") for key in _FIELDS))


def _total(latest: Analysis, asked: lists.Asked) -> int | None:
    """Return how many there are: as the analysis counted them, those who moved now."""
    if asked.moved:
        return lists.count(asked, of=latest)
    if asked.listed and asked.group:
        return None
    counts = latest.counts
    if asked.group:
        return int(counts["groups"].get(asked.group, 0))
    return int(counts.get(asked.listed or "profiles", 0))


def _moves(latest: Analysis, asked: lists.Asked) -> tuple[tuple[str, str], ...]:
    """Return what can be chosen of who came and went; nothing where nothing is compared."""
    if asked.listed not in latest.changes.get("lists", {}) or compared_with(latest) is None:
        return ()
    return (("", say(N_("All"))), *((move, say(label)) for move, label in _MOVED.items()))


def _lead(latest: Analysis, asked: lists.Asked, *, name: str) -> str:
    if not asked.moved:
        return say(_LEADS[name])
    day = date.fromisoformat(latest.changes["as_of"])
    return say(_MOVED_LEADS[asked.moved], day=day)


def _page(request: HttpRequest, *, name: str, latest: Analysis, frame: Frame) -> ListPage:
    asked, reader = asked_of(name, request.GET), reader_at(frame)
    here = {key: getattr(asked, key) for key in _FIELDS}
    cursor = request.GET.get("after", "")
    found = lists.page(asked, of=latest, cursor=cursor)
    order_now = asked.order or asked.usual
    url = way("insight_list", name)
    # Who left has nothing at stake any more, or not enough.
    staked = name in {"slipping", "worth_a_call"} and asked.moved != "gone"
    return ListPage(
        standing=standing_of(
            latest,
            findings=queries.findings(language=reader.language, of=latest),
            is_open=False,
        ),
        listed=name,
        title=say(LISTS[name]),
        lead=_lead(latest, asked, name=name),
        tabs=_tabs(latest.counts, name),
        rows=rows_of(found.profiles, reader=reader, opens=may(request, "customers.read")),
        total=_total(latest, asked),
        group=asked.group,
        groups=(
            ("", say(N_("All groups"))),
            *((key, say(each)) for key, each in GROUPS.items()),
        ),
        moved=asked.moved,
        moves=_moves(latest, asked),
        order=order_now,
        orders=tuple(
            (key, say(each)) for key, each in ORDERS.items() if staked or key != "at_stake"
        ),
        sort=f"-{order_now}",
        sort_urls={key: way("insight_list", name, **{**here, "order": key}) for key in ORDERS},
        staked=staked,
        next_url=way("insight_list", name, **here, after=found.cursor) if found.cursor else "",
        first_url=way("insight_list", name, **here) if cursor else "",
        clear_url=url,
        url=url,
        exports=may(request, "customers.export"),
        segment_url=_segment_url(request, asked),
    )


def _segment_url(request: HttpRequest, asked: lists.Asked) -> str:
    """Return where list and group are kept as a segment; empty where that is not to be."""
    # Who came and went is so for one night: no condition that could be asked anew.
    if asked.moved or not may(request, "segments.write"):
        return ""
    kept = [("list", asked.listed)] if asked.listed in lists.LISTS else []
    kept += [("group", asked.group)] if asked.group in GROUPS else []
    return keeping_url([Condition(key, "any_of", (value,)) for key, value in kept])


@needs("insight.read")
@require_safe
def customers(request: HttpRequest, name: str) -> HttpResponse:
    """Show a list; htmx gets its rows alone.

    Parameters
    ----------
    request
        ``GET``; ``group`` and ``moved`` narrow, ``order`` sorts, ``after`` leads on.
    name
        ``slipping``, ``worth_a_call``, ``likely_loyal``, ``unlikely`` or ``all``.
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
