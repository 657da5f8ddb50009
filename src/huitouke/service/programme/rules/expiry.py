"""When points become available, when they are gone, and how long before to warn.

"Valid through local day D" is stored as the first moment of day D + 1 in the programme's
zone; a point is good as long as the clock is before it. The clock of expiry starts when
points become available, so nothing expires before it could be used.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from huitouke.service.programme.rules.calendar import (
    add_months,
    days_after,
    end_of,
    start_of_day,
    yearly,
)
from huitouke.service.programme.rules.definition import (
    ORDER_FACTS,
    Definition,
    Delivered,
    EarnRule,
)
from huitouke.service.programme.rules.shapes import Expiry, FixedDay, Rolling

__all__ = [
    "WARN_DAYS",
    "Timing",
    "available_at",
    "delivered_at",
    "expires_at",
    "grace_until",
    "timing_of",
    "valid_through",
]

#: A member is warned so many days before the last valid day.
WARN_DAYS = (30, 7, 1)


@dataclass(frozen=True, slots=True)
class Timing:
    """How long points of a rule wait, and how long they live.

    Parameters
    ----------
    pending
        Days, or days after delivery.
    expiry
        The policy.
    """

    pending: int | Delivered
    expiry: Expiry


def timing_of(rule: EarnRule, *, definition: Definition) -> Timing:
    """Return a rule's timing: its own, else its unit's, else the programme's.

    Points from facts without an order wait for no return window.

    Parameters
    ----------
    rule
        The way of earning.
    definition
        Where it stands.
    """
    unit = definition.unit(rule.unit)
    pending = rule.pending
    if pending is None and unit is not None:
        pending = unit.pending
    if pending is None:
        pending = definition.return_days if rule.on in ORDER_FACTS else 0
    return Timing(pending, definition.expiry_of(rule.unit, own=rule.expiry))


def available_at(pending: int | Delivered, *, at: datetime, zone: ZoneInfo) -> datetime:
    """Return when points may be spent, at the latest where they wait for delivery.

    Parameters
    ----------
    pending
        Days, or days after delivery.
    at
        When the fact happened.
    zone
        Of the programme.

    Examples
    --------
    >>> from datetime import UTC
    >>> paid_at = datetime(2026, 3, 1, 4, tzinfo=UTC)
    >>> available_at(7, at=paid_at, zone=ZoneInfo("Asia/Shanghai")).isoformat()
    '2026-03-08T04:00:00+00:00'
    """
    days = pending.at_latest_days if isinstance(pending, Delivered) else pending
    return days_after(at, days=days, zone=zone)


def delivered_at(
    pending: Delivered, *, paid_at: datetime, delivered_at: datetime, zone: ZoneInfo
) -> datetime:
    """Return when points that wait for delivery may be spent, now that it is known.

    Parameters
    ----------
    pending
        Days after delivery, and after payment at the latest.
    paid_at, delivered_at
        When the order was paid, and when it arrived.
    zone
        Of the programme.
    """
    latest = days_after(paid_at, days=pending.at_latest_days, zone=zone)
    return min(latest, days_after(delivered_at, days=pending.days, zone=zone))


def valid_through(expiry: Expiry, *, available_on: date) -> date | None:
    """Return the last local day on which points are valid; none is never their last.

    Parameters
    ----------
    expiry
        The policy. Points under ``Inactivity`` have no day of their own.
    available_on
        Local day on which they became available.

    Examples
    --------
    >>> valid_through(Rolling(months=12, round="month"), available_on=date(2027, 2, 28))
    datetime.date(2028, 2, 29)
    """
    if isinstance(expiry, Rolling):
        return end_of(add_months(available_on, months=expiry.months), period=expiry.round)
    if isinstance(expiry, FixedDay):
        least = add_months(available_on, months=expiry.least_months)
        leap = date(2000, expiry.month, expiry.day)
        this_year = yearly(leap, year=least.year)
        return this_year if this_year >= least else yearly(leap, year=least.year + 1)
    return None


def expires_at(expiry: Expiry, *, available_at: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the first moment at which points are gone, always after they were available.

    Parameters
    ----------
    expiry
        The policy.
    available_at
        When they may first be spent.
    zone
        Of the programme.

    Returns
    -------
    datetime or None
        In UTC; none where no date is fixed (``Never``, ``Inactivity``).

    Examples
    --------
    >>> from datetime import UTC
    >>> expires_at(
    ...     Rolling(months=1),
    ...     available_at=datetime(2027, 1, 31, 4, tzinfo=UTC),
    ...     zone=ZoneInfo("Asia/Shanghai"),
    ... ).isoformat()
    '2027-02-28T16:00:00+00:00'
    """
    day = valid_through(expiry, available_on=available_at.astimezone(zone).date())
    return None if day is None else start_of_day(day + timedelta(days=1), zone)


def grace_until(at: datetime, *, days: int, zone: ZoneInfo) -> datetime:
    """Return until when points live that come back after their own expiry.

    Parameters
    ----------
    at
        When they came back.
    days
        Whole local days after that day.
    zone
        Of the programme.
    """
    return start_of_day(at.astimezone(zone).date() + timedelta(days=days + 1), zone)
