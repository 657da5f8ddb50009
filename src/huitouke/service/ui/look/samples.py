"""What the components show on ``/look``: made-up people and numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from huitouke.language import N_
from huitouke.service.ui.frame import Frame, NavGroup, NavItem, Shop
from huitouke.service.ui.reader import current

__all__ = [
    "SAMPLE_AT",
    "SAMPLE_COUNTS",
    "Look",
    "Person",
    "chart_option",
    "frame",
    "people",
    "tiers",
]


@dataclass(frozen=True)
class Person:
    """A made-up customer.

    Parameters
    ----------
    name, tier, tone
        Who, and the badge beside the name.
    chance
        Chance of buying in the next quarter, 0 to 1.
    spend_minor
        Spent in a year.
    last_on
        Day of the last order.
    """

    name: str
    tier: str
    tone: str
    chance: float
    spend_minor: int
    last_on: date


@dataclass(frozen=True)
class Look:
    """What ``/look`` shows.

    Parameters
    ----------
    people
        Rows of the table, as filtered.
    query, tier, sort
        The filter.
    option
        ECharts option of the sample chart.
    counts
        The numbers of the chart.
    at, on
        A moment and its day.
    form
        A bound form with errors.
    sentence
        The same form, to be read as a sentence.
    tiers
        What the tier may be filtered to: value and label.
    """

    people: tuple[Person, ...]
    query: str
    tier: str
    sort: str
    option: dict[str, Any]
    counts: tuple[tuple[date, int, int], ...]
    at: datetime
    on: date
    form: Any
    sentence: Any
    tiers: tuple[tuple[str, str], ...]


_PEOPLE = (
    Person("林晓雨", N_("Gold"), "warn", 0.82, 1_284_000, date(2026, 11, 18)),
    Person("Ada Lovelace", N_("Silver"), "info", 0.41, 386_050, date(2026, 10, 2)),
    Person("欧阳建国", N_("Silver"), "info", 0.093, 120_000, date(2026, 7, 30)),
    Person("Maximiliane Featherstonehaugh-Cholmondeley", "", "", 0.6, 9_900, date(2026, 11, 1)),
    Person("陈默", N_("Gold"), "warn", 0.77, 2_460_700, date(2026, 11, 20)),
)
#: A moment that stands in the samples.
SAMPLE_AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
#: Month, customers who came back, customers expected.
SAMPLE_COUNTS = tuple(
    (date(2026, month, 1), came, expected)
    for month, came, expected in (
        (1, 412, 398),
        (2, 355, 361),
        (3, 431, 402),
        (4, 447, 415),
        (5, 401, 420),
        (6, 386, 424),
        (7, 358, 421),
        (8, 349, 418),
        (9, 371, 416),
        (10, 402, 419),
    )
)


def people(*, query: str = "", tier: str = "", sort: str = "") -> tuple[Person, ...]:
    """Return the sample people that a filter leaves.

    Parameters
    ----------
    query
        Part of the name.
    tier
        English name of the tier.
    sort
        ``"spend"``, ``"-spend"`` or nothing.
    """
    found = [
        each
        for each in _PEOPLE
        if query.lower() in each.name.lower() and tier in {"", each.tier}
    ]
    if sort.endswith("spend"):
        found.sort(key=lambda each: each.spend_minor, reverse=sort.startswith("-"))
    return tuple(found)


def tiers() -> tuple[tuple[str, str], ...]:
    """Return what the tier may be filtered to, in the reader's words."""
    say = current().words.say
    return (("", say("All")), ("Gold", say("Gold")), ("Silver", say("Silver")))


def chart_option() -> dict[str, Any]:
    """Return an option as the charts of insight make them: zero baseline, direct labels."""
    reader = current()
    say = reader.words.say
    came = [
        {"value": n, "tip": say("{n} came back", n=reader.number(n))}
        for _, n, _ in SAMPLE_COUNTS
    ]
    return {
        "grid": {"left": 8, "right": 72, "top": 16, "bottom": 8, "containLabel": True},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": [reader.month(on) for on, _, _ in SAMPLE_COUNTS]},
        "yAxis": {"type": "value"},
        "series": [
            {
                "type": "line",
                "name": say("Actual"),
                "showSymbol": False,
                "endLabel": _label("var(--series-1)", down=8),
                "data": came,
            },
            {
                "type": "line",
                "name": say("Expected"),
                "showSymbol": False,
                "lineStyle": {"type": "dashed", "color": "var(--chart-rival)"},
                "endLabel": _label("var(--text-quiet)", down=-8),
                "data": [expected for _, _, expected in SAMPLE_COUNTS],
            },
        ],
    }


def _label(colour: str, *, down: int) -> dict[str, Any]:
    return {"show": True, "formatter": "{a}", "offset": [0, down], "color": colour}


def frame(*, who: str, here: str) -> Frame:
    """Return a frame with every kind of way in it.

    Parameters
    ----------
    who
        Name of the person who looks.
    here
        Address of the page.
    """
    return Frame(
        shop=Shop("一间小店 Little Shop", simulated=True),
        nav=(
            NavGroup(
                (
                    NavItem(N_("Today"), "/look?open=today", "sun"),
                    NavItem(N_("Components"), here, "layout-grid"),
                    NavItem(N_("Customer list"), "/look?open=customers", "users", count=12),
                )
            ),
            NavGroup(
                (
                    NavItem(N_("Programme"), "/look?open=programme", "gift"),
                    NavItem(N_("Settings"), "/look?open=settings", "settings", primary=False),
                ),
                label=N_("The shop"),
            ),
        ),
        here=here,
        who=who,
        role="",
        home=here,
    )
