"""What the templates of insight receive: complete, and written out as late as possible."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.forms import Form

__all__ = [
    "AnalysesPage",
    "AnalysisShown",
    "Change",
    "ChartShown",
    "Figure",
    "FindingShown",
    "GapShown",
    "ListPage",
    "ListTab",
    "Models",
    "NothingYet",
    "Overview",
    "Part",
    "PartShown",
    "RowShown",
    "Since",
    "Standing",
    "TableShown",
]


@dataclass(frozen=True)
class Standing:
    """Which analysis a page shows.

    Parameters
    ----------
    as_of, ended_at
        Last day that is known, and when the analysis was done.
    horizon_days
        How far it looks ahead.
    customers, orders
        What it rests on.
    trust
        How far to believe it, in a sentence; empty where it could not be tried.
    trust_note
        What that rests on.
    open
        Whether a new one waits or runs.
    then
        The day, where the page goes back to it; empty where it is the latest analysis.
    """

    as_of: date | None
    ended_at: datetime | None
    horizon_days: int | None
    customers: int
    orders: int
    trust: str
    trust_note: str
    open: bool
    then: str = ""


@dataclass(frozen=True)
class FindingShown:
    """One finding: its figure, the sentence, what it rests on, and where it leads."""

    figure: str
    sentence: str
    support: str
    tone: str
    href: str = ""
    act: str = ""


@dataclass(frozen=True)
class ChartShown:
    """One chart with its finding, what it rests on, and its numbers as a table."""

    key: str
    title: str
    note: str
    option: dict[str, Any]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    size: str


@dataclass(frozen=True)
class TableShown:
    """One table of the evidence; ``chosen`` are the places of the rows that are in use."""

    key: str
    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    chosen: tuple[int, ...]


@dataclass(frozen=True)
class GapShown:
    """Something that could not be told, why, and what it would take."""

    what: str
    verdict: str
    why: str
    needed: str


@dataclass(frozen=True)
class PartShown:
    """A part of the picture: its question, its charts, and what is missing in it."""

    key: str
    title: str
    lead: str
    charts: tuple[ChartShown, ...]
    gaps: tuple[GapShown, ...]


@dataclass(frozen=True)
class Figure:
    """A number in words, and its interval or why there is none."""

    value: str
    range: str = ""


@dataclass(frozen=True)
class Part:
    """Some words, and where they lead; empty: nowhere."""

    text: str
    href: str = ""


@dataclass(frozen=True)
class Change:
    """What moved since the analysis before: in words, and where each of them leads."""

    label: str
    now: Part
    moves: tuple[Part, ...]


@dataclass(frozen=True)
class Since:
    """What moved since the analysis of an earlier day.

    Parameters
    ----------
    on
        That day.
    changes
        What moved, as far as the two can be compared.
    unlike
        Which conditions were others then; empty where none were.
    """

    on: date
    changes: tuple[Change, ...]
    unlike: str


@dataclass(frozen=True)
class RowShown:
    """One customer of a list.

    Parameters
    ----------
    key, url, name, note
        Public id, page (empty: the reader opens none), how they are called.
    group
        English message; empty: could not be told.
    last_on, orders, spend
        What was bought.
    score, chance, value, at_stake
        In words with intervals.
    why
        The weightiest reasons, one sentence after the other.
    """

    key: str
    url: str
    name: str
    note: str
    group: str
    last_on: date
    orders: int
    spend: str
    score: Figure
    chance: Figure
    value: Figure
    at_stake: Figure
    why: str


@dataclass(frozen=True)
class Overview:
    """The page of insight.

    Parameters
    ----------
    standing
        Which analysis.
    lead
        The first finding.
    findings
        The others.
    since
        What moved since the analysis of an earlier day; none without one.
    slipping, slipping_url
        The first of the list, and the whole.
    parts
        Charts.
    gaps, warnings, notes
        What could not be told; what to know before reading on.
    runs
        Whether the reader may ask for an analysis.
    """

    standing: Standing
    lead: FindingShown | None
    findings: tuple[FindingShown, ...]
    since: Since | None
    slipping: tuple[RowShown, ...]
    slipping_url: str
    parts: tuple[PartShown, ...]
    gaps: tuple[GapShown, ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    runs: bool


@dataclass(frozen=True)
class ListTab:
    """One list: its name, how many are in it, where it is."""

    label: str
    count: int
    url: str
    here: bool


@dataclass(frozen=True)
class ListPage:
    """One list of customers.

    Parameters
    ----------
    standing
        Which analysis.
    listed, title, lead
        Key of the list, its name, who is in it.
    tabs
        All lists.
    rows
        Of this page.
    total
        How many there are; none: not counted for this filter.
    group, groups, moved, moves, order, orders
        What is chosen and what can be.
    sort, sort_urls
        The column by which it is sorted, and the addresses that sort by others.
    staked
        Whether the column of what is at stake is shown.
    next_url, first_url, clear_url, url
        Ways on, back, without filter, and of the list itself.
    exports
        Whether the reader may take it out.
    segment_url
        Where its conditions are kept as a segment; empty where they cannot be.
    """

    standing: Standing
    listed: str
    title: str
    lead: str
    tabs: tuple[ListTab, ...]
    rows: tuple[RowShown, ...]
    total: int | None
    group: str
    groups: tuple[tuple[str, str], ...]
    moved: str
    moves: tuple[tuple[str, str], ...]
    order: str
    orders: tuple[tuple[str, str], ...]
    sort: str
    sort_urls: dict[str, str]
    staked: bool
    next_url: str
    first_url: str
    clear_url: str
    url: str
    exports: bool
    segment_url: str = ""


@dataclass(frozen=True)
class Models:
    """How far to believe the analysis: charts, tables, cautions."""

    standing: Standing
    charts: tuple[ChartShown, ...]
    tables: tuple[TableShown, ...]
    gaps: tuple[GapShown, ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    cautions: tuple[str, ...]
    definitions: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class AnalysisShown:
    """One analysis.

    Parameters
    ----------
    key, url
        Public id, and where what it said is shown; empty: nowhere.
    state, label, tone
        Where it stands: the key, an English message, the tone of its badge.
    step, share
        What it does now in words, and how far it is, 0 to 100.
    as_of, asked_at, ended_at, asked_by
        When and who; ``as_of`` may not be known yet.
    margin, discount_rate
        What it counts with, in words.
    customers
        How many it knows; none before it is done.
    failure
        What went wrong and what to do; empty if nothing did.
    cancelling
        Whether it was called off and is about to end.
    """

    key: str
    url: str
    state: str
    label: str
    tone: str
    step: str
    share: int
    as_of: date | None
    asked_at: datetime
    ended_at: datetime | None
    asked_by: str
    margin: str
    discount_rate: str
    customers: int | None
    failure: str
    cancelling: bool


@dataclass(frozen=True)
class AnalysesPage:
    """Past analyses, the one that runs, and the form for a new one."""

    now: AnalysisShown | None
    past: tuple[AnalysisShown, ...]
    form: Form | None
    key: str
    runs: bool


@dataclass(frozen=True)
class NothingYet:
    """Nothing was analysed: what to do about it.

    Parameters
    ----------
    title
        Of the page.
    has_orders
        Whether there is anything to analyse.
    import_url
        Where orders are brought in; empty: the reader may not.
    runs
        Whether the reader may ask for an analysis.
    now
        The analysis that waits or runs.
    key
        Key of the form.
    """

    title: str
    has_orders: bool
    import_url: str
    runs: bool
    now: AnalysisShown | None
    key: str
