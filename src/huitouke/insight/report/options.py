"""What the chart options share: axes, grids, intervals, and the chart with its words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

__all__ = [
    "ACCENT",
    "QUIET",
    "STRONG",
    "Chart",
    "Option",
    "band",
    "base",
    "category",
    "columns_with_intervals",
    "heat",
    "heatmap",
    "histogram_bars",
    "interval_series",
    "label",
    "mark_line",
    "narrow_without_numbers",
    "on_heat",
    "value_axis",
]

#: A plain ECharts option.
Option = dict[str, Any]

ACCENT = "var(--series-1)"
QUIET = "var(--chart-rival)"
STRONG = "var(--text-strong)"


@dataclass(frozen=True)
class Chart:
    """A chart and everything a reader needs to believe it.

    Parameters
    ----------
    key
        The chart's id on the page.
    title
        The finding, as a sentence.
    note
        What is shown, the interval, and the n behind it.
    option
        The plain ECharts option; its colours are CSS variables.
    columns, rows
        The same numbers as a table, written for the reader.
    height
        In pixels.
    wide
        Whether the chart wants the full width of the page.
    """

    key: str
    title: str
    note: str
    option: Option
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    height: int = 260
    wide: bool = False


def base(*, title: str, note: str, **parts: Any) -> Option:
    """Return what every option begins with: no motion, words for those who cannot see it.

    Parameters
    ----------
    title, note
        The chart's own; they become its description.
    **parts
        Axes, series and the rest.
    """
    return {
        "animation": False,
        "aria": {"enabled": True, "label": {"description": f"{title} {note}"}},
        "grid": {
            "left": 2,
            "right": 12,
            "top": 12,
            "bottom": 4,
            "outerBoundsMode": "same",
            "outerBoundsContain": "all",
        },
        "tooltip": {"trigger": "item", "confine": True},
        **parts,
    }


def label(**parts: Any) -> Option:
    """Return a direct label in the text's own colour."""
    return {"show": True, "color": STRONG, "fontSize": 12, **parts}


def category(names: Sequence[str], **parts: Any) -> Option:
    """Return an axis of names."""
    return {"type": "category", "data": list(names), **parts}


def value_axis(name: str = "", *, suffix: str = "", prefix: str = "", **parts: Any) -> Option:
    """Return an axis of numbers that begins at zero.

    Parameters
    ----------
    name
        What is measured, written at the end of the axis.
    suffix, prefix
        Written around each number.
    **parts
        Anything else of an ECharts axis.
    """
    axis: Option = {"type": "value", "min": 0, "splitNumber": 4, **parts}
    if axis["min"] == 0 and axis.get("max") == 100:
        axis["interval"] = 25
    axis["axisLabel"] = {
        "formatter": f"{prefix}{{value}}{suffix}",
        "hideOverlap": True,
        **parts.get("axisLabel", {}),
    }
    if name:
        axis.update({"name": name, "nameGap": axis.get("nameGap", 12)})
    return axis


def interval_series(
    ends: Sequence[tuple[Any, float, float]], *, across: bool = False, color: str | None = None
) -> Option:
    """Return error bars: from lo to hi at each place.

    Parameters
    ----------
    ends
        (place, lo, hi) of each; the place is a category's index or a number.
    across
        Whether values run from left to right.
    color
        A CSS variable; the interval's own colour if None.
    """
    payload: Option = {"across": across}
    if color is not None:
        payload["color"] = color
    encode = {"x": [0, 1], "y": 2} if across else {"x": 0, "y": [1, 2]}
    return {
        "type": "custom",
        "renderItem": "interval",
        "itemPayload": payload,
        "encode": encode,
        "silent": True,
        "z": 3,
        "data": [[lo, hi, at] if across else [at, lo, hi] for at, lo, hi in ends],
    }


def band(lo: Sequence[float | None], hi: Sequence[float | None], *, name: str) -> list[Option]:
    """Return two stacked lines whose gap is filled: an interval along a time axis.

    Parameters
    ----------
    lo, hi
        The ends; None where there is no interval.
    name
        What the band is called.
    """
    hidden: Option = {
        "type": "line",
        "stack": name,
        "symbol": "none",
        "silent": True,
        "lineStyle": {"opacity": 0},
        "emphasis": {"disabled": True},
    }
    gap = [
        None if low is None or high is None else high - low
        for low, high in zip(lo, hi, strict=True)
    ]
    return [
        {**hidden, "data": list(lo)},
        {**hidden, "data": gap, "areaStyle": {"color": "var(--chart-band)", "opacity": 1}},
    ]


def mark_line(*, text: str, at: dict[str, Any]) -> Option:
    """Return a thin line across the chart with its name written on it.

    Parameters
    ----------
    text
        The name.
    at
        ``{"xAxis": …}`` or ``{"yAxis": …}``.
    """
    return {
        "silent": True,
        "symbol": "none",
        "animation": False,
        "lineStyle": {"color": "var(--chart-mark)", "type": "solid", "width": 1},
        "label": {
            "show": bool(text),
            "formatter": text,
            "position": "end",
            "color": "var(--text-quiet)",
            "fontSize": 12,
        },
        "data": [at],
    }


def columns_with_intervals(
    *,
    names: Sequence[str],
    values: Sequence[float],
    labels: Sequence[str],
    tips: Sequence[str],
    ends: Sequence[tuple[int, float, float]] = (),
    colors: Sequence[str],
    title: str,
    note: str,
) -> Option:
    """Return bars that run across, first name at the top, each with number and interval.

    Parameters
    ----------
    names, values, labels, tips, colors
        One each per bar.
    ends
        (index of the bar, lo, hi) of those that have an interval.
    title, note
        The chart's words.
    """
    reach = dict.fromkeys(range(len(values)), 0.0) | {at: hi for at, _, hi in ends}
    bars = {
        "type": "bar",
        "barWidth": 18,
        "emphasis": {"disabled": True},
        "data": [
            {"value": value, "tip": tip, "itemStyle": {"color": color}}
            for value, tip, color in zip(values, tips, colors, strict=True)
        ],
    }
    # The numbers stand clear of the interval: they hang on points at its far end.
    written = {
        "type": "scatter",
        "symbolSize": 1,
        "silent": True,
        "itemStyle": {"color": "transparent", "opacity": 1},
        "z": 4,
        "emphasis": {"disabled": True},
        "data": [
            {
                "value": [max(value, reach[at]), at],
                "label": label(formatter=text, position="right", distance=8),
            }
            for at, (value, text) in enumerate(zip(values, labels, strict=True))
        ],
    }
    return base(
        title=title,
        note=note,
        xAxis=value_axis(
            max=_room(values, reach), axisLabel={"show": False}, splitLine={"show": False}
        ),
        yAxis=category(
            names,
            inverse=True,
            axisLine={"show": False},
            axisLabel={"color": STRONG, "fontSize": 13},
        ),
        series=[bars, interval_series(ends, across=True), written],
    )


def histogram_bars(
    *,
    edges: Sequence[float],
    counts: Sequence[int],
    tips: Sequence[str],
    edge_labels: Sequence[str],
    title: str,
    note: str,
    mark: Option | None = None,
    suffix: str = "",
    colors: Sequence[str] = (),
) -> Option:
    """Return a histogram: bars between edges, with the edges on the axis.

    Parameters
    ----------
    edges, counts
        One edge more than counts; the last edge may be infinite.
    tips
        A sentence for each bar.
    edge_labels
        The lower edge of each bar as written; used where the bars are not evenly wide.
    title, note
        The chart's words.
    mark
        A line on the axis of the edges (``mark_line``), where they are even.
    suffix
        Written after each edge.
    colors
        One for each bar; the accent if empty.
    """
    painted = list(colors) or [ACCENT] * len(counts)
    bars: Option = {
        "type": "bar",
        "barCategoryGap": "6%",
        "xAxisIndex": 1,
        "emphasis": {"disabled": True},
        "data": [
            {"value": count, "tip": tip, "itemStyle": {"color": color}}
            for count, tip, color in zip(counts, tips, painted, strict=True)
        ],
    }
    places = category(edge_labels, axisLabel={"hideOverlap": True})
    even = _even(edges)
    axes: list[Option] = [
        value_axis(
            suffix=suffix,
            min=edges[0],
            max=edges[-1] if even else 1,
            show=even,
            splitLine={"show": False},
            axisLine={"show": True, "lineStyle": {"color": "var(--chart-axis)"}},
        ),
        {**places, "position": "bottom", "show": not even},
    ]
    carrier: Option = {"type": "scatter", "data": [], "silent": True}
    if mark is not None and even:
        carrier["markLine"] = mark
    return base(title=title, note=note, xAxis=axes, yAxis=value_axis(), series=[bars, carrier])


def heat(share: float, *, top: float) -> str:
    """Return the colour of a heat map's cell: one of ten steps up to ``top``."""
    return f"var(--heat-{_step(share, top)})"


def on_heat(share: float, *, top: float) -> str:
    """Return the colour of a number written on such a cell."""
    return "var(--on-heat)" if _step(share, top) >= 7 else STRONG


def _step(share: float, top: float) -> int:
    return min(9, int(10 * share / top)) if top > 0 else 0


def narrow_without_numbers(*, columns: int) -> list[Option]:
    """Return the rule that takes the numbers off a heat map too narrow to hold them."""
    return [
        {
            "query": {"maxWidth": 90 + 36 * columns},
            "option": {"series": [{"label": {"show": False}}]},
        }
    ]


def heatmap(cells: Sequence[Option]) -> Option:
    """Return the series of a heat map whose cells bring their own colours and numbers."""
    return {
        "type": "heatmap",
        "label": {"show": True, "fontSize": 12},
        "itemStyle": {"borderColor": "var(--surface-panel)", "borderWidth": 2},
        "emphasis": {"disabled": True},
        "data": list(cells),
    }


def _even(edges: Sequence[float]) -> bool:
    """Whether all bars are equally wide."""
    widths = [high - low for low, high in pairwise(edges)]
    if not all(math.isfinite(width) for width in widths):
        return False
    return bool(widths) and max(widths) - min(widths) <= 1e-9 * max(abs(edges[-1]), 1.0)


def _room(values: Sequence[float], reach: dict[int, float]) -> float:
    """Return an axis end that leaves room for the written numbers."""
    longest = max([*values, *reach.values(), 0.0])
    return longest * 1.35 or 1.0
