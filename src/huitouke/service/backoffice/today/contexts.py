"""What the templates of Today receive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from huitouke.service.backoffice.insight.contexts import (
    AnalysisShown,
    FindingShown,
    NothingYet,
    Since,
    Standing,
)

__all__ = ["LapseShown", "LapsingPage", "Today"]


@dataclass(frozen=True)
class Today:
    """What matters now for who looks.

    Parameters
    ----------
    on
        The shop's day.
    sentences
        What to know and where it leads, the most urgent first.
    insight
        Whether the reader may see figures of the analysis.
    standing
        Which analysis they come from; none before there is one.
    since
        What moved since the analysis of an earlier day; none without one.
    now
        The analysis that waits or runs.
    nothing
        What to do where nothing was analysed; none otherwise, or for who may not see it.
    till_url
        Where to serve at the counter; empty for who does not.
    runs
        Whether the reader may call an analysis off.
    """

    on: date
    sentences: tuple[FindingShown, ...]
    insight: bool
    standing: Standing | None
    since: Since | None
    now: AnalysisShown | None
    nothing: NothingYet | None
    till_url: str
    runs: bool


@dataclass(frozen=True)
class LapseShown:
    """Points of one customer that lapse: who, how many, when the first of them do."""

    name: str
    note: str
    url: str
    points: int
    first_at: datetime


@dataclass(frozen=True)
class LapsingPage:
    """Whose points lapse within a week; ``most`` is how many rows are shown at most."""

    unit: str
    until: datetime
    accounts: int
    points: int
    more: bool
    rows: tuple[LapseShown, ...]
    most: int
