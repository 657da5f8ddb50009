"""Charts of the programme as plain ECharts options: labels at the lines, bars from zero."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from huitouke.language import N_
from huitouke.service.ui.reader import current

__all__ = ["Series", "grouped", "lines", "months_of", "stacked"]


@dataclass(frozen=True)
class Series:
    """One row of numbers.

    Parameters
    ----------
    name
        In the reader's words.
    values
        One per place on the axis; none where nothing is known.
    quiet
        Whether it is what others are compared with.
    """

    name: str
    values: Sequence[int | None]
    quiet: bool = False


_GRID = {"left": 8, "right": 84, "top": 20, "bottom": 8, "containLabel": True}


def lines(places: Sequence[str], *, series: Sequence[Series]) -> dict[str, Any]:
    """Return lines over time, each named at its end.

    Parameters
    ----------
    places
        Names along the axis.
    series
        At most six.
    """
    found = []
    for number, each in enumerate(series, start=1):
        colour = "var(--chart-rival)" if each.quiet else f"var(--series-{number})"
        text = "var(--text-quiet)" if each.quiet else f"var(--series-{number})"
        found.append(
            {
                "type": "line",
                "name": each.name,
                # Of one place alone there is no line to draw.
                "showSymbol": len(places) == 1,
                "data": list(each.values),
                "lineStyle": {"color": colour, "type": "dashed" if each.quiet else "solid"},
                "itemStyle": {"color": colour},
                "endLabel": {
                    "show": True,
                    "formatter": "{a}",
                    "color": text,
                    "offset": [0, -8 if each.quiet else 8],
                },
            }
        )
    return {
        "grid": _GRID,
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": list(places), "boundaryGap": False},
        "yAxis": {"type": "value", "min": 0},
        "series": found,
    }


def stacked(places: Sequence[str], *, series: Sequence[Series]) -> dict[str, Any]:
    """Return bars that come and go: above zero what was added, below what went.

    Parameters
    ----------
    places
        Names along the axis.
    series
        At most six; with a legend, because bars have no ends to name.
    """
    return {
        "grid": {**_GRID, "right": 16, "top": 44},
        "legend": {
            "top": 0,
            "left": 0,
            "icon": "roundRect",
            "textStyle": {"color": "var(--text-quiet)"},
        },
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": list(places)},
        "yAxis": {"type": "value"},
        "series": [
            {
                "type": "bar",
                "stack": "all",
                "name": each.name,
                "data": list(each.values),
                "itemStyle": {"color": f"var(--series-{number})"},
                "barMaxWidth": 36,
            }
            for number, each in enumerate(series, start=1)
        ],
    }


def grouped(places: Sequence[str], *, series: Sequence[Series]) -> dict[str, Any]:
    """Return bars side by side, with their numbers above them.

    Parameters
    ----------
    places
        Names along the axis.
    series
        Two or three.
    """
    reader = current()
    return {
        "grid": {**_GRID, "right": 16, "top": 44},
        "legend": {
            "top": 0,
            "left": 0,
            "icon": "roundRect",
            "textStyle": {"color": "var(--text-quiet)"},
        },
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": list(places)},
        "yAxis": {"type": "value", "min": 0, "minInterval": 1},
        "series": [
            {
                "type": "bar",
                "name": each.name,
                "data": [
                    {"value": value, "label": {"formatter": reader.number(value)}}
                    for value in each.values
                ],
                "label": {"show": True, "position": "top", "color": "var(--text-quiet)"},
                "itemStyle": {
                    "color": "var(--chart-rival)" if each.quiet else f"var(--series-{number})"
                },
                "barMaxWidth": 44,
            }
            for number, each in enumerate(series)
        ],
    }


def months_of(
    before: dict[str, Any] | None, after: dict[str, Any], *, unit: str
) -> tuple[dict[str, Any], tuple[tuple[date, int | None, int], ...]]:
    """Return the points of a unit by month as a chart, and its numbers.

    Parameters
    ----------
    before, after
        What the rules in force gave, if any are, and what the draft gave.
    unit
        Code of the unit.

    Returns
    -------
    tuple
        The chart; and month, before, after.
    """
    sums = []
    for run in (before, after):
        counted: Counter[str] = Counter()
        for rule in run["rules"] if run else ():
            if rule["unit"] == unit:
                counted.update(dict(rule["months"]))
        sums.append(counted)
    months = sorted({*sums[0], *sums[1]})
    rows = tuple(
        (
            date.fromisoformat(month),
            None if before is None else sums[0][month],
            sums[1][month],
        )
        for month in months
    )
    series = [Series(current().words.say(N_("Draft")), [row[2] for row in rows])]
    if before is not None:
        now = Series(current().words.say(N_("Now")), [row[1] for row in rows], quiet=True)
        series.append(now)
    return lines([current().month(row[0]) for row in rows], series=series), rows
