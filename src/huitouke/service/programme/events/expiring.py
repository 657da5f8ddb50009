"""Members are told 30, 7 and 1 days before points go; once for each lot and number of days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain, groupby
from uuid import UUID

from django.db import connection, transaction

from huitouke.service.core.outbox import Happening, tell
from huitouke.service.ledger import telling as ledger
from huitouke.service.ledger.contract import Given
from huitouke.service.programme.events.rulebook import Rulebook
from huitouke.service.programme.events.telling import subjects
from huitouke.service.programme.rules.calendar import add_months, start_of_day
from huitouke.service.programme.rules.expiry import WARN_DAYS
from huitouke.service.programme.rules.shapes import Inactivity, Never

__all__ = ["Idleness", "active_since", "idleness", "warn_of_expiry"]

_PAGE = 1_000
# A lot of somebody who is no member of the programme has nobody to be told.
_ONCE = """
INSERT INTO programme_notice (membership_id, topic, about, threshold, told_at)
SELECT m.id, 'points.expiring', n.about, %b, %b
FROM unnest(%b::uuid[], %b::text[]) AS n(customer, about)
JOIN programme_membership m ON m.customer_id = n.customer AND m.programme_id = %b
ON CONFLICT DO NOTHING RETURNING about
"""


@dataclass(frozen=True, slots=True)
class _Going:
    """Points that go on one day: ``about`` names the lot, or the account's last activity."""

    customer: UUID
    about: str
    points: int
    through: date


@dataclass(frozen=True, slots=True)
class Idleness:
    """After how many months without an earn or a burn points go, and which points."""

    months: int
    given: Given


def warn_of_expiry(rulebook: Rulebook, *, on: date, at: datetime) -> int:
    """Tell members whose points go in 30, 7 or 1 days, one word per day on which they go.

    Parameters
    ----------
    rulebook
        Of the programme.
    on
        The local day that has begun; one that is made up late tells what is still to come.
    at
        The present moment.

    Returns
    -------
    int
        How many were told.
    """
    definition = rulebook.now.definition
    told = 0
    for threshold in WARN_DAYS:
        through = on + timedelta(days=threshold)
        if through < rulebook.now.day(at):
            continue
        for unit in definition.units:
            number = rulebook.unit(unit.code)
            pages = [_lots(rulebook, unit=number, through=through, at=at)]
            pages += [
                _idle(rulebook, unit=number, through=through, policy=policy)
                for policy in idleness(rulebook, unit=unit.code)
            ]
            told += sum(
                _tell(page, rulebook=rulebook, unit=unit.code, threshold=threshold, at=at)
                for page in chain(*pages)
            )
    return told


def _lots(
    rulebook: Rulebook, *, unit: int, through: date, at: datetime
) -> Iterator[list[_Going]]:
    """Give the lots whose last day is a day, page by page."""
    zone = rulebook.now.definition.zone_info
    until = start_of_day(through + timedelta(days=2), zone)
    since = max(at, start_of_day(through + timedelta(days=1), zone))
    last = None
    while True:
        page = ledger.expiring(unit, since=since, until=until, after=last, limit=_PAGE)
        yield [
            _Going(each.customer, f"{unit}:{each.account}:{each.lot}", each.points, through)
            for each in page
        ]
        if len(page) < _PAGE:
            return
        last = page[-1]


def active_since(on: date, *, months: int) -> date:
    """Return the first day whose activity still holds points on a day.

    Parameters
    ----------
    on
        The local day.
    months
        How long an activity holds them.

    Examples
    --------
    >>> active_since(date(2027, 3, 30), months=1)
    datetime.date(2027, 3, 1)
    """
    day = add_months(on, months=-months)
    while add_months(day, months=months) < on:
        day += timedelta(days=1)
    return day


def idleness(rulebook: Rulebook, *, unit: str) -> list[Idleness]:
    """Return how long a member may stay away before points of a unit go, and which points.

    Points keep the policy that they were given under, unless the present one lets them live
    longer: so many months more, or for ever.

    Parameters
    ----------
    rulebook
        Of the programme.
    unit
        Code within the programme.
    """
    now = rulebook.now.definition.expiry_of(unit)
    if isinstance(now, Never):
        return []
    least = now.months if isinstance(now, Inactivity) else 0
    found: dict[int, tuple[list[int], list[tuple[datetime, datetime | None]]]] = {}
    for number, begins, ends, definition in rulebook.terms():
        policy = definition.expiry_of(unit)
        if isinstance(policy, Inactivity):
            versions, spans = found.setdefault(max(policy.months, least), ([], []))
            versions.append(number)
            spans.append((begins, ends))
    return [
        Idleness(months, Given(tuple(versions), tuple(spans)))
        for months, (versions, spans) in sorted(found.items())
    ]


def _idle(
    rulebook: Rulebook, *, unit: int, through: date, policy: Idleness
) -> Iterator[list[_Going]]:
    """Give the accounts whose points go after a day unless they are used, page by page."""
    zone = rulebook.now.definition.zone_info
    gone = through + timedelta(days=1)
    since = start_of_day(active_since(through, months=policy.months), zone)
    until = start_of_day(active_since(gone, months=policy.months), zone)
    last = 0
    while since < until:
        page = ledger.idle(
            unit, since=since, until=until, given=policy.given, after=last, limit=_PAGE
        )
        yield [
            _Going(
                each.customer,
                f"{unit}:{each.account}:idle:{each.active_at.isoformat()}",
                each.points,
                through,
            )
            for each in page
        ]
        if len(page) < _PAGE:
            return
        last = page[-1].account


def _tell(
    page: Sequence[_Going], *, rulebook: Rulebook, unit: str, threshold: int, at: datetime
) -> int:
    """Tell one page, each member once for all lots that were not told of yet."""
    if not page:
        return 0
    rules = rulebook.now
    with transaction.atomic():
        whom = subjects({each.customer for each in page})
        going = [each for each in page if each.customer in whom]
        fresh = _fresh(going, programme=rulebook.programme, threshold=threshold, at=at)
        news = sorted(
            (each for each in going if each.about in fresh), key=lambda one: one.customer
        )
        happenings = []
        for customer, group in groupby(news, key=lambda one: one.customer):
            lots = list(group)
            through = lots[0].through
            points = sum(each.points for each in lots)
            body = {
                "programme": rulebook.code,
                "unit": unit,
                "points": points,
                "valid_through": through.isoformat(),
                "days": (through - rules.day(at)).days,
                "threshold": threshold,
                "lots": len(lots),
                "reason": {
                    "code": "expiring",
                    "unit": rules.named(unit),
                    "points": points,
                    "valid_through": through.isoformat(),
                },
            }
            happenings.append(Happening("points.expiring", whom[customer], body))
        tell(happenings)
    return len(happenings)


def _fresh(
    going: Sequence[_Going], *, programme: UUID, threshold: int, at: datetime
) -> set[str]:
    """Note what is told now, and return what was not noted before."""
    people = [each.customer for each in going]
    abouts = [each.about for each in going]
    with connection.cursor() as cursor:
        cursor.execute(_ONCE, [threshold, at, people, abouts, programme])
        return {row[0] for row in cursor.fetchall()}
