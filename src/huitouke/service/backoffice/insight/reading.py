"""From what the bridge keeps to what pages show: standing, findings, charts, tables, rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from huitouke.language import N_
from huitouke.service.backoffice.customers.pointing import named
from huitouke.service.backoffice.insight.contexts import (
    ChartShown,
    FindingShown,
    GapShown,
    PartShown,
    RowShown,
    Standing,
    TableShown,
)
from huitouke.service.backoffice.insight.wording import figure, group_name
from huitouke.service.backoffice.ways import way
from huitouke.service.core.ids import private_id
from huitouke.service.loop.models import Analysis
from huitouke.service.loop.views import ProfileView
from huitouke.service.ui.reader import Reader

__all__ = [
    "charts_of",
    "findings_of",
    "gaps_of",
    "parts_of",
    "rows_of",
    "standing_of",
    "tables_of",
]

_SHORT_MOST = 200
_MEDIUM_MOST = 330
_BELIEVE = "believe"
_SHOWS = {"at-risk": "slipping", "likely-loyal": "likely_loyal", "unlikely": "unlikely"}
_REASONS_MOST = 2


def standing_of(
    analysis: Analysis,
    *,
    findings: Iterable[Mapping[str, Any]],
    is_open: bool,
    is_past: bool = False,
) -> Standing:
    """Return which analysis a page shows, and how far to believe it.

    Parameters
    ----------
    analysis
        A finished one.
    findings
        Of its story: one of them says how well its forecasts held.
    is_open
        Whether a new one waits or runs.
    is_past
        Whether the page goes back to it, and a later one is there.
    """
    trust = next((each for each in findings if each["target"] == _BELIEVE), None)
    return Standing(
        as_of=analysis.as_of,
        ended_at=analysis.ended_at,
        horizon_days=analysis.ahead_days,
        customers=analysis.counts.get("customers", 0),
        orders=analysis.counts.get("orders", 0),
        trust="" if trust is None else trust["sentence"],
        trust_note="" if trust is None else trust["support"],
        open=is_open,
        then=f"{analysis.as_of}" if is_past else "",
    )


def findings_of(
    found: Iterable[Mapping[str, Any]], *, reader: Reader, then: str = ""
) -> tuple[FindingShown, ...]:
    """Return findings with where each leads: a list, the models, or a part of the page.

    Parameters
    ----------
    found
        Of the story.
    reader
        Who reads.
    then
        The day that the page goes back to: lists are those of now, so nothing leads there.
    """
    return tuple(_finding(each, reader, then) for each in found)


def _finding(found: Mapping[str, Any], reader: Reader, then: str) -> FindingShown:
    target = found["target"]
    href, act = f"#{target}", N_("Show the chart")
    if target in _SHOWS:
        href = "" if then else way("insight_list", _SHOWS[target])
        act = N_("Open the list")
    elif target == _BELIEVE:
        href, act = way("insight_models", as_of=then), N_("See the models")
    return FindingShown(
        figure=found["figure"],
        sentence=found["sentence"],
        support=found["support"],
        tone=found["tone"],
        href=href,
        act=reader.words.say(act),
    )


def charts_of(found: Iterable[Mapping[str, Any]]) -> tuple[ChartShown, ...]:
    """Return charts as pages show them.

    Parameters
    ----------
    found
        Of the story.
    """
    return tuple(_chart(each) for each in found)


def _chart(found: Mapping[str, Any]) -> ChartShown:
    height = found["height"]
    size = "short" if height <= _SHORT_MOST else "medium" if height <= _MEDIUM_MOST else "tall"
    return ChartShown(
        key=found["key"],
        title=found["title"],
        note=found["note"],
        option=found["option"],
        columns=tuple(found["columns"]),
        rows=tuple(tuple(row) for row in found["rows"]),
        size=size,
    )


def tables_of(found: Iterable[Mapping[str, Any]]) -> tuple[TableShown, ...]:
    """Return tables of the evidence as pages show them.

    Parameters
    ----------
    found
        Of the story.
    """
    return tuple(
        TableShown(
            key=each["key"],
            title=each["title"],
            note=each["note"],
            columns=tuple(each["columns"]),
            rows=tuple(tuple(row) for row in each["rows"]),
            chosen=tuple(each["chosen"]),
        )
        for each in found
    )


def gaps_of(found: Iterable[Mapping[str, Any]]) -> tuple[GapShown, ...]:
    """Return what could not be told, and why.

    Parameters
    ----------
    found
        Of the story.
    """
    return tuple(
        GapShown(each["what"], each["verdict"], each["why"], each["needed"]) for each in found
    )


def parts_of(found: Iterable[Mapping[str, Any]]) -> tuple[PartShown, ...]:
    """Return the parts of the picture in reading order.

    Parameters
    ----------
    found
        Sections of the story.
    """
    return tuple(
        PartShown(
            key=each["key"],
            title=each["title"],
            lead=each["lead"],
            charts=charts_of(each["charts"]),
            gaps=gaps_of(each["absent"]),
        )
        for each in found
    )


def rows_of(
    views: Collection[ProfileView], *, reader: Reader, opens: bool
) -> tuple[RowShown, ...]:
    """Return customers as lists show them.

    Parameters
    ----------
    views
        A page of profiles.
    reader
        Who reads.
    opens
        Whether the reader sees who they are; else only their numbers.
    """
    keys = {each.customer: private_id("cus", each.customer) for each in views}
    names = named(keys.values()) if opens else {}
    return tuple(
        _row(
            each,
            name=names.get(keys[each.customer], ("", "")),
            reader=replace(reader, currency=each.currency or reader.currency),
            url=way("customer", each.customer) if opens else "",
        )
        for each in views
    )


def _row(view: ProfileView, *, name: tuple[str, str], reader: Reader, url: str) -> RowShown:
    numbers = view.numbers
    return RowShown(
        key=view.customer,
        url=url,
        name=name[0] or view.customer,
        note=name[1],
        group=group_name(view.group),
        last_on=view.last_order_on,
        orders=view.orders,
        spend=reader.worth(view.spend_total),
        score=figure(numbers["loyalty_score"], how="score", reader=reader, short=True),
        chance=figure(numbers["p_buy"], how="share", reader=reader, short=True),
        value=figure(numbers["clv"], how="worth", reader=reader, short=True),
        at_stake=figure(view.at_stake, how="worth", reader=reader, short=True),
        # What stands in a column of its own is not said twice.
        why=reader.words.gap.join(
            [
                each.text(reader.language)
                for each in view.reasons
                if each.code not in {"scored", "likely"}
            ][:_REASONS_MOST]
        ),
    )
