"""Whom to call first: the fewest of those slipping who hold most of what is at stake."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from uuid import UUID

from django.db import connection

from huitouke.service.loop.models import Analysis

__all__ = ["Staked", "WorthACall", "calls_of", "mark", "worth_a_call"]

#: The part of what is at stake that calls are to reach first.
_MOST_OF_IT = 0.8
_RANKED = """WITH ranked AS (
  SELECT customer_id, at_stake, at_stake_lo, at_stake_hi,
    sum(at_stake) OVER (ORDER BY at_stake DESC, customer_id DESC) - at_stake
      < %s * sum(at_stake) OVER () AS called
  FROM loop_profile WHERE analysis_id = %s AND at_stake > 0
)
"""
# Where one of them has no interval, neither has the sum.
_SUMS = """SELECT count(*), coalesce(sum(at_stake), 0),
  CASE WHEN count(at_stake_lo) = count(*) THEN sum(at_stake_lo) END,
  CASE WHEN count(at_stake_hi) = count(*) THEN sum(at_stake_hi) END
FROM ranked WHERE called OR %s
"""
_MARK = """UPDATE loop_profile AS p SET worth_a_call = true FROM ranked
WHERE called AND p.analysis_id = %s AND p.customer_id = ranked.customer_id
"""


@dataclass(frozen=True)
class Staked:
    """What some customers have at stake together.

    Parameters
    ----------
    customers
        How many.
    at_stake
        Expected margin, in major units.
    lo, hi
        The ends of their own 80 % intervals, added up: as if all erred the same way, so rather
        too wide. None where somebody has no interval.
    """

    customers: int
    at_stake: float
    lo: float | None
    hi: float | None


@dataclass(frozen=True)
class WorthACall:
    """Those who are called first, the first of the list in its usual order, and all of it."""

    first: Staked
    all: Staked


def worth_a_call(shown: Analysis) -> WorthACall:
    """Return how few calls would reach most of what is at stake.

    Parameters
    ----------
    shown
        A finished analysis.
    """
    names = [each.name for each in fields(WorthACall)]
    # Of an analysis from before these were kept it is counted again.
    if not set(names) <= shown.calls.keys():
        return calls_of(shown.id)
    return WorthACall(*(Staked(**shown.calls[name]) for name in names))


def calls_of(analysis: UUID) -> WorthACall:
    """Return the same from the profiles of an analysis, which are all gone through.

    Parameters
    ----------
    analysis
        Whose profiles are written.
    """
    found = []
    with connection.cursor() as cursor:
        for everybody in (False, True):
            cursor.execute(_RANKED + _SUMS, [_MOST_OF_IT, analysis, everybody])
            found.append(Staked(*cursor.fetchone()))
    return WorthACall(*found)


def mark(analysis: Analysis) -> None:
    """Note on the profiles of an analysis who is called first, and with it how many.

    Parameters
    ----------
    analysis
        Its profiles are written; whoever saves it keeps what is noted.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RANKED + _MARK, [_MOST_OF_IT, analysis.id, analysis.id])
        analysis.counts["worth_a_call"] = cursor.rowcount
    analysis.calls = asdict(calls_of(analysis.id))
