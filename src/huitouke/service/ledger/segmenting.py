"""What segments ask of points: how many can be spent, how many lapse soon."""

from __future__ import annotations

from datetime import timedelta

from huitouke.language import N_
from huitouke.service.ledger.units import units
from huitouke.service.segments.fields import Condition, Field, Ground, Source
from huitouke.service.segments.making import number

__all__ = ["FIELDS"]

_USUAL = "points"
_DAYS = 30
# Read from the accounts themselves: what is due to lapse since the last touch still counts.
_ACTIVE = """LEFT JOIN (SELECT h.customer, a.available AS points
  FROM ledger.holder h JOIN ledger.account a ON a.account = h.account
  WHERE h.unit = %s AND a.unit = %s) AS active ON active.customer = c.id"""
# An account falls due when its first lot lapses, or before: the index finds who to look at.
_LAPSING = """LEFT JOIN (SELECT h.customer, sum(l.remaining) AS points
  FROM ledger.account a JOIN ledger.holder h ON h.account = a.account AND h.unit = %s
  JOIN ledger.lot l ON l.account = a.account AND l.open AND l.active
    AND l.expires_at > %s AND l.expires_at <= %s
  WHERE a.unit = %s AND a.next_due_at <= %s
  GROUP BY h.customer) AS {name} ON {name}.customer = c.id"""


def _unit(ground: Ground) -> int:
    """Return the unit that is counted: the usual one, or the first; 0 is none."""

    def look() -> int:
        known = {each.code: each.unit for each in units() if each.kind == "points"}
        usual = [code for code in known if code.rpartition(".")[2] == _USUAL]
        return known[(usual or list(known))[0]] if known else 0

    return ground.once("ledger.unit", look)


def _active(_: Condition, ground: Ground) -> Source:
    unit = _unit(ground)
    return Source("active", _ACTIVE, (unit, unit))


def _lapsing(condition: Condition, ground: Ground) -> Source:
    unit, days = _unit(ground), condition.days or _DAYS
    until = ground.now + timedelta(days=days)
    name = f"lapsing_{int(days)}"
    params = (unit, ground.now, until, unit, until)
    return Source(name, _LAPSING.format(name=name), params)


FIELDS: tuple[Field, ...] = (
    Field(
        "points",
        "programme",
        N_("Number of points to spend"),
        N_("Active points of the account; who has none has 0."),
        "number",
        number("coalesce({source}.points, 0)", source=_active),
        unit="points",
    ),
    Field(
        "lapsing",
        "programme",
        N_("Number of points that lapse"),
        N_("Points that lapse within the next days, unless they are spent before."),
        "number",
        number("coalesce({source}.points, 0)", source=_lapsing),
        unit="points",
        span="ahead",
    ),
)
