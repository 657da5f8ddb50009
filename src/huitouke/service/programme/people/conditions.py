"""By what a list of customers can be narrowed: each condition is a few lines of data.

A condition turns the value that an address carries into SQL over ``customers_customer``.
Another app adds its own to the list that a page uses; nothing else changes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

from huitouke.language import N_
from huitouke.service.core.bounds import LARGEST
from huitouke.service.customers.models import Consent
from huitouke.service.customers.names import CHANNELS, STANDINGS
from huitouke.service.customers.queries import few_said_yes
from huitouke.service.ledger.lists import having_at_least
from huitouke.service.orders.totals import last_ordered
from huitouke.service.programme.events.rulebook import Rulebook
from huitouke.service.programme.segmenting import tier_options
from huitouke.service.segments.fields import Option
from huitouke.service.segments.people import brand_options

__all__ = ["CONDITIONS", "Condition", "Ground", "Where", "period"]

Where = tuple[str, list[Any]]


@dataclass(frozen=True)
class Ground:
    """What a condition may need to know.

    Parameters
    ----------
    now
        The present moment.
    rulebook
        Of the programme; none where nothing was ever published.
    unit
        Code of the unit that is counted.
    """

    now: datetime
    rulebook: Rulebook | None
    unit: str


@dataclass(frozen=True)
class Condition:
    """One way to narrow the list.

    Parameters
    ----------
    key
        Its name in the address.
    label
        English message.
    kind
        ``choice`` among options, or a whole ``number`` typed in.
    where
        Makes a condition or SQL of a value; none where the value cannot be.
    options
        What can be chosen, as of the ground.
    buyers
        Whether only who has bought can fulfil it with this value: such a list is walked
        through the sums of orders.
    """

    key: str
    label: str
    kind: Literal["choice", "number"]
    where: Callable[[str, Ground], Q | Where | None]
    options: Callable[[Ground], tuple[Option, ...]] = lambda _: ()
    buyers: Callable[[str], bool] = lambda _: False

    def expression(self, value: str, ground: Ground) -> Q | RawSQL | None:
        """Return the condition for a filter; none where the value cannot be.

        Parameters
        ----------
        value
            As the address carries it.
        ground
            What it may need to know.
        """
        found = self.where(value, ground)
        if found is None or isinstance(found, Q):
            return found
        return RawSQL(found[0], found[1], output_field=BooleanField())  # noqa: S611 - our SQL


_DAYS = re.compile(r"(\d{1,4})d")
_SPAN = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})")
_OLDER = re.compile(r"older(\d{1,4})d")
_DAY = timedelta(days=1)


def period(text: str, ground: Ground) -> tuple[datetime | None, datetime | None] | None:
    """Return from and until when a text means; none where it is none.

    Parameters
    ----------
    text
        ``30d`` (the last 30 days), ``older90d`` (longer ago), or ``2026-01-01..2026-03-31``
        with both days included, in the programme's zone.
    ground
        For the present moment and the zone.
    """
    if found := _DAYS.fullmatch(text):
        return ground.now - int(found[1]) * _DAY, None
    if found := _OLDER.fullmatch(text):
        return None, ground.now - int(found[1]) * _DAY
    if found := _SPAN.fullmatch(text):
        try:
            first, last = (date.fromisoformat(day) for day in found.groups())
            after = last + _DAY
        except (ValueError, OverflowError):
            return None
        zone = None if ground.rulebook is None else ground.rulebook.now.definition.zone_info
        begins = datetime(first.year, first.month, first.day, tzinfo=zone or ground.now.tzinfo)
        ends = datetime(after.year, after.month, after.day, tzinfo=begins.tzinfo)
        return begins, ends
    return None


_STATES = {
    "fan": "(enrolled_at IS NULL AND first_bought_at IS NULL)",
    "customer": "(enrolled_at IS NULL AND first_bought_at IS NOT NULL)",
    "member": "(enrolled_at IS NOT NULL)",
}


def _state(value: str, _: Ground) -> Where | None:
    sql = _STATES.get(value)
    return None if sql is None else (sql, [])


_TIER = """EXISTS (SELECT FROM programme_membership m
  WHERE m.customer_id = customers_customer.id AND m.programme_id = %s AND m.tier = %s
    AND m.merged_into_id IS NULL AND m.joined_at IS NOT NULL)"""


def _tier(value: str, ground: Ground) -> Where | None:
    if ground.rulebook is None or not value:
        return None
    return _TIER, [ground.rulebook.programme, "" if value == "-" else value]


def _tiers(ground: Ground) -> tuple[Option, ...]:
    return tier_options(ground.rulebook)


def _between(column: str, value: str, ground: Ground) -> Where | None:
    span = period(value, ground)
    if span is None:
        return None
    parts, given = [f"{column} IS NOT NULL"], []
    for sign, moment in ((">=", span[0]), ("<", span[1])):
        if moment is not None:
            parts.append(f"{column} {sign} %s")
            given.append(moment)
    return f"({' AND '.join(parts)})", given


def _joined(value: str, ground: Ground) -> Where | None:
    return _between("customers_customer.enrolled_at", value, ground)


def _last_order(value: str, ground: Ground) -> Q | Where | None:
    if value == "never":
        return "(customers_customer.first_bought_at IS NULL)", []
    span = period(value, ground)
    return None if span is None else last_ordered(*span)


def _points(value: str, ground: Ground) -> Where | None:
    if not value.isascii() or not value.isdigit() or not 0 < int(value) <= LARGEST:
        return None
    if ground.rulebook is None or ground.unit not in ground.rulebook.units:
        return None
    sql, given = having_at_least(int(value), unit=ground.rulebook.units[ground.unit])
    return f"(customers_customer.id IN ({sql}))", given


# The newest word of the person counts, whichever of the merged records it was said to. Most
# records were never merged with another: for them it is one look into an index.
_CONSENT = """CASE WHEN EXISTS (
  SELECT FROM customers_customer m WHERE m.merged_into_id = customers_customer.id)
THEN EXISTS (SELECT FROM (
  WITH RECURSIVE person AS (
    SELECT customers_customer.id AS id UNION
    SELECT m.id FROM person JOIN customers_customer m ON m.merged_into_id = person.id)
  SELECT s.given FROM person JOIN customers_consent s ON s.customer_id = person.id
  WHERE s.channel = %s AND s.purpose = 'marketing'
  ORDER BY s.at DESC, s.given, s.id DESC LIMIT 1) AS word WHERE word.given)
ELSE coalesce((SELECT s.given FROM customers_consent s
  WHERE s.customer_id = customers_customer.id AND s.channel = %s AND s.purpose = 'marketing'
  ORDER BY s.at DESC, s.given, s.id DESC LIMIT 1), false) END"""
# Who never said yes needs no further look; where few ever did, the search begins with them.
_MAYBE = """coalesce((SELECT true FROM customers_consent s
  WHERE s.customer_id = customers_customer.id AND s.channel = %s AND s.purpose = 'marketing'
    AND s.given LIMIT 1),
  (SELECT true FROM customers_customer m
   WHERE m.merged_into_id = customers_customer.id LIMIT 1))"""
_FEW = """customers_customer.id IN (
  SELECT s.customer_id FROM customers_consent s
  WHERE s.channel = %s AND s.purpose = 'marketing' AND s.given
  UNION ALL
  SELECT m.merged_into_id FROM customers_customer m WHERE m.merged_into_id IS NOT NULL)"""


def _brand(value: str, _: Ground) -> Where | None:
    # That it is not empty lets the index be used, whatever is asked for.
    where = "(customers_customer.brand <> '' AND customers_customer.brand = %s)"
    return (where, [value]) if value else None


def _consent(value: str, _: Ground) -> Where | None:
    if value not in Consent.Channel.values:
        return None
    first = _FEW if few_said_yes(value, purpose="marketing") else _MAYBE
    return f"({first} AND {_CONSENT})", [value, value, value]


def _fixed(*options: tuple[str, str]) -> Callable[[Ground], tuple[Option, ...]]:
    made = tuple(Option(value, label) for value, label in options)
    return lambda _: made


CONDITIONS: tuple[Condition, ...] = (
    Condition(
        "state",
        N_("Standing"),
        "choice",
        _state,
        _fixed(*STANDINGS.items()),
    ),
    Condition("tier", N_("Tier"), "choice", _tier, _tiers),
    Condition(
        "joined",
        N_("Joined"),
        "choice",
        _joined,
        _fixed(
            ("7d", N_("in the last 7 days")),
            ("30d", N_("in the last 30 days")),
            ("365d", N_("in the last 12 months")),
            ("older365d", N_("longer ago than 12 months")),
        ),
    ),
    Condition(
        "last",
        N_("Last order"),
        "choice",
        _last_order,
        _fixed(
            ("30d", N_("in the last 30 days")),
            ("90d", N_("in the last 90 days")),
            ("older90d", N_("longer ago than 90 days")),
            ("older180d", N_("longer ago than 180 days")),
            ("older365d", N_("longer ago than 12 months")),
            ("never", N_("never bought")),
        ),
        buyers=lambda value: value != "never",
    ),
    Condition("points", N_("Points at least"), "number", _points),
    Condition("brand", N_("Brand"), "choice", _brand, lambda _: brand_options()),
    Condition(
        "consent",
        N_("Marketing allowed by"),
        "choice",
        _consent,
        _fixed(*CHANNELS.items()),
    ),
)
