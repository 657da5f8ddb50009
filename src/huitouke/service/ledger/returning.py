"""What comes back of points that are set aside: not all does, where some lapse meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from huitouke.service.ledger.calling import ask
from huitouke.service.ledger.contract import Expiring

__all__ = ["Returning", "if_held", "on_release", "together"]

# What came back stands in the allocations of the entry that ended the hold; what would, in
# those of the hold itself, whose longest lasting points come back where debts take the rest.
_HELD = """
SELECT h.amount, h.state = 'open',
       least(h.expires_at, coalesce(e.created_at, %s::timestamptz, core_now())),
       coalesce(-e.debt, least(a.debt, h.amount)),
       abs(x.amount), nullif(l.expires_at, 'infinity')
  FROM ledger.hold h
  JOIN ledger.account a ON a.account = h.account
  LEFT JOIN ledger.entry e ON e.account = h.account AND e.seq = h.ended_seq
  LEFT JOIN ledger.alloc x ON x.account = h.account AND x.seq = coalesce(h.ended_seq, h.hold)
  LEFT JOIN ledger.lot l ON l.account = x.account AND l.lot = x.lot
 WHERE h.account = %s AND h.key = %s AND h.captured = 0
 ORDER BY l.expires_at DESC, l.available_at DESC, l.lot DESC
"""


@dataclass(frozen=True, slots=True)
class Returning:
    """What becomes of points that are set aside, when they are let go.

    Parameters
    ----------
    points
        How many were set aside.
    back
        How many can be spent again.
    lapsed
        How many are gone: they were good no longer than until then.
    repaid
        How many settle points that are owed.
    first
        Of those that come back, the ones that lapse first; none where none ever does.
    """

    points: int
    back: int
    lapsed: int = 0
    repaid: int = 0
    first: Expiring | None = None


def on_release(account: int, hold_key: str, *, at: datetime | None = None) -> Returning | None:
    """Return what comes back of a hold, or came back of one that has ended.

    Parameters
    ----------
    account
        Its number.
    hold_key
        Key of the hold.
    at
        When an open one is let go, at the latest when its time is over; None: now.

    Returns
    -------
    Returning or None
        None where there is no such hold, or its points were spent.
    """
    rows = ask(_HELD, [at, account, hold_key])
    if not rows:
        return None
    points, is_open, moment, repaid = rows[0][:4]
    lots = [Expiring(expires_at=row[5], points=row[4]) for row in rows if row[4]]
    left = points - repaid if is_open else sum(each.points for each in lots)
    kept = []
    for each in lots:
        part = min(left, each.points)
        left -= part
        kept.append(Expiring(expires_at=each.expires_at, points=part))
    return _told(kept, points=points, repaid=repaid, moment=moment)


def if_held(expiring: Iterable[Expiring], *, points: int, until: datetime) -> Returning:
    """Return what would come back of points that are set aside now and not used.

    Parameters
    ----------
    expiring
        Of the balance, soonest first: these are set aside first.
    points
        How many.
    until
        When they would be let go.

    Examples
    --------
    >>> from datetime import UTC
    >>> soon, later = datetime(2026, 5, 2, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC)
    >>> has = [Expiring(expires_at=soon, points=150), Expiring(expires_at=None, points=900)]
    >>> found = if_held(has, points=400, until=later)
    >>> (found.back, found.lapsed)
    (250, 150)
    """
    left, taken = points, []
    for each in expiring:
        part = min(left, each.points)
        left -= part
        taken.append(Expiring(expires_at=each.expires_at, points=part))
    return _told(taken, points=points - left, repaid=0, moment=until)


def together(found: Iterable[Returning | None]) -> Returning:
    """Return what becomes of several holds in all.

    Parameters
    ----------
    found
        Of :func:`on_release`; what is not known adds nothing.
    """
    known = [each for each in found if each is not None]
    return Returning(
        points=sum(each.points for each in known),
        back=sum(each.back for each in known),
        lapsed=sum(each.lapsed for each in known),
        repaid=sum(each.repaid for each in known),
    )


def _told(lots: Iterable[Expiring], *, points: int, repaid: int, moment: datetime) -> Returning:
    """Part what comes back from what is gone by then."""
    good: dict[datetime | None, int] = {}
    lapsed = 0
    for each in lots:
        if each.expires_at is not None and each.expires_at <= moment:
            lapsed += each.points
        elif each.points:
            good[each.expires_at] = good.get(each.expires_at, 0) + each.points
    ends = min((end for end in good if end is not None), default=None)
    return Returning(
        points=points,
        back=sum(good.values()),
        lapsed=lapsed,
        repaid=repaid,
        first=None if ends is None else Expiring(expires_at=ends, points=good[ends]),
    )
