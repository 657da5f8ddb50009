"""Over which days a tier is earned, how long it is promised, and where falls end."""

from __future__ import annotations

from datetime import date, timedelta

from huitouke.service.programme.rules.calendar import add_months, end_of, yearly
from huitouke.service.programme.rules.cart import Outcome
from huitouke.service.programme.rules.tier_shapes import Tiers, TierWindow

__all__ = [
    "counted",
    "imported_review",
    "landing",
    "promise",
    "reached",
    "review_of",
    "window_end",
    "window_start",
]

_DAY = timedelta(days=1)


def window_start(window: TierWindow, *, day: date, joined_on: date) -> date | None:
    """Return the first local day whose purchases count on a day; none is since ever.

    Parameters
    ----------
    window
        Over which the metric is summed.
    day
        Last day that counts.
    joined_on
        Local day of enrolment.

    Examples
    --------
    >>> window_start(TierWindow(), day=date(2027, 3, 31), joined_on=date(2020, 1, 1))
    datetime.date(2026, 4, 1)
    """
    if window.kind == "rolling":
        whole = end_of(day, period="month") == day
        back = add_months(day, months=-window.months)
        return (end_of(back, period="month") if whole else back) + _DAY
    if window.kind == "calendar_year":
        return date(day.year, 1, 1)
    if window.kind == "anniversary":
        this_year = yearly(joined_on, year=day.year)
        return this_year if this_year <= day else yearly(joined_on, year=day.year - 1)
    return None


def window_end(window: TierWindow, *, day: date, joined_on: date) -> date | None:
    """Return the last local day of the window that a day is in; none where it moves along.

    Parameters
    ----------
    window
        Over which the metric is summed.
    day
        Any day.
    joined_on
        Local day of enrolment.
    """
    if window.kind == "calendar_year":
        return date(day.year, 12, 31)
    if window.kind == "anniversary":
        first = window_start(window, day=day, joined_on=joined_on)
        return None if first is None else yearly(joined_on, year=first.year + 1) - _DAY
    return None


def promise(tiers: Tiers, *, day: date) -> date:
    """Return the day of the next review of a tier that was reached or kept on a day.

    Parameters
    ----------
    tiers
        The definition's.
    day
        On which it was reached, or through which it had been promised.
    """
    through = end_of(add_months(day, months=tiers.valid_months), period=tiers.review)
    return through + _DAY


def counted(outcome: Outcome, *, tiers: Tiers) -> int:
    """Return what an order adds to the metric, or still adds for what is kept of it.

    Parameters
    ----------
    outcome
        Of ``evaluate`` or ``kept``.
    tiers
        The definition's.
    """
    if tiers.metric == "spend":
        return outcome.eligible_minor
    if tiers.metric == "visits":
        return int(outcome.eligible_minor > 0)
    return outcome.points(tiers.unit or "")


def reached(tiers: Tiers, *, metric: int) -> str | None:
    """Return the highest tier that a metric lifts to, or none.

    Parameters
    ----------
    tiers
        The definition's.
    metric
        Sum over the window.
    """
    codes = [t.code for t in tiers.tiers if t.reach is not None and metric >= t.reach]
    return codes[-1] if codes else None


def landing(code: str, *, tiers: Tiers, metric: int) -> str | None:
    """Return the earned tier below one that is lost, or none.

    Parameters
    ----------
    code
        The tier that is lost.
    tiers
        The definition's.
    metric
        Sum over the window that was reviewed.
    """
    below = [t for t in tiers.tiers[: tiers.rank(code)] if t.reach is not None]
    if not below:
        return None
    if tiers.landing == "one_down":
        return below[-1].code
    held = [t.code for t in below if (t.keeps_at or 0) <= metric]
    if tiers.landing == "earned" and held:
        return held[-1]
    return below[0].code if below[0].reach == 0 else None


def review_of(code: str | None, *, tiers: Tiers, day: date) -> date | None:
    """Return the next review of a tier from a day on; none if it asks for nothing.

    Parameters
    ----------
    code
        The tier, or none.
    tiers
        The definition's.
    day
        From which it is promised.
    """
    found = tiers.tier(code)
    return promise(tiers, day=day) if found is not None and found.keeps_at else None


def imported_review(
    code: str,
    *,
    tiers: Tiers,
    since: date,
    until: date | None,
    day: date,
    joined_on: date,
) -> date | None:
    """Return the first review of a tier that comes from another system; none: there is none.

    The last promised day holds if the file says one that is not over. Otherwise the review
    falls on the first anniversary whose window begins after the import: what was bought
    before it was never told, and nobody falls for that. A window without a beginning is
    never told whole.

    Parameters
    ----------
    code
        The tier.
    tiers
        The definition's.
    since
        Its first local day.
    until
        Its last promised local day, if the file says one.
    day
        Local day of the import.
    joined_on
        Local day of enrolment.

    Examples
    --------
    >>> gold = Tiers(tiers=[{"code": "gold", "name": {"en": "Gold"}, "reach": 800_000}])
    >>> days = {"day": date(2026, 11, 20), "joined_on": date(2024, 3, 15)}
    >>> imported_review("gold", tiers=gold, since=date(2024, 3, 15), until=None, **days)
    datetime.date(2028, 4, 1)
    """
    if review_of(code, tiers=tiers, day=day) is None:
        return None
    if until is not None and until >= day:
        return until + _DAY
    promised = until or since
    review_on = promise(tiers, day=promised)
    while (first := _window_of(review_on, tiers=tiers, joined_on=joined_on)) is not None:
        if review_on > day and first >= day:
            return review_on
        promised = add_months(promised, months=tiers.valid_months)
        review_on = promise(tiers, day=promised)
    return None


def _window_of(review_on: date, *, tiers: Tiers, joined_on: date) -> date | None:
    return window_start(tiers.window, day=review_on - _DAY, joined_on=joined_on)
