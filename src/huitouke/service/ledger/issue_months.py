"""What became of points by the month in which they were issued: redemptions, what is open.

Every question is one set-based statement over all accounts of a unit, as of the moment to
which entries were written; nothing is locked and nothing is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from huitouke.service.ledger.calling import ask

__all__ = ["CohortMove", "OpenLots", "cohort_moves", "open_lots", "taken_back"]

# A lot that stands for an earlier one, on this account or on one that was merged into it,
# belongs to the month of that one's earning. A gift is found nowhere else: it begins where it
# became available.
_BORN = """
WITH RECURSIVE kin AS (
  SELECT a.account, a.account AS own FROM ledger.account a WHERE a.unit = %(unit)s
  UNION ALL
  SELECT k.account, a.account FROM kin k JOIN ledger.account a ON a.merged_into = k.own
), first AS (
  SELECT DISTINCT ON (l.account, l.lot) l.account, l.lot, x.effective_at, x.contra
  FROM ledger.lot l
  JOIN kin k ON k.account = l.account
  JOIN ledger.op o ON o.account = k.own AND o.key = l.source_key
  JOIN ledger.entry x ON x.account = o.account AND x.seq = o.seq
  WHERE l.origin <> l.lot AND x.contra NOT LIKE '%%:%%'
  ORDER BY l.account, l.lot
), born AS (
  SELECT l.account, l.lot, l.earned, l.expires_at, e.contra, e.effective_at, e.kind,
         date_trunc('month', (CASE
           WHEN f.effective_at IS NOT NULL THEN f.effective_at
           WHEN coalesce(o.contra, e.contra) LIKE '%%:%%' AND isfinite(l.available_at)
             -- What the receiver waits for is not issued anew.
             THEN coalesce(g.available_at, least(l.available_at, e.effective_at))
           ELSE coalesce(o.effective_at, e.effective_at) END)
           AT TIME ZONE %(zone)s)::date AS month,
         date_trunc('month', (nullif(l.expires_at, 'infinity') - interval '1 microsecond')
           AT TIME ZONE %(zone)s)::date AS expires, e.created_at,
         coalesce(f.contra, o.contra, e.contra) = 'import' AS imported
  FROM ledger.lot l
  JOIN ledger.account a ON a.account = l.account AND a.unit = %(unit)s
  JOIN ledger.entry e ON e.account = l.account AND e.seq = l.lot
  LEFT JOIN ledger.entry o ON o.account = l.account AND o.seq = nullif(l.origin, 0)
  LEFT JOIN first f ON f.account = l.account AND f.lot = l.lot
  -- A gift that waits has a moment of its own; the lots it was taken from know theirs.
  LEFT JOIN LATERAL (
    SELECT min(t.available_at) AS available_at
    FROM ledger.op p
    JOIN ledger.op q ON q.account = (p.answer -> 'detail' ->> 'from')::bigint
      AND q.key = p.answer -> 'detail' ->> 'of'
    JOIN ledger.alloc x ON x.account = q.account AND x.seq = q.seq
    JOIN ledger.lot t ON t.account = x.account AND t.lot = x.lot
      AND t.expires_at = l.expires_at
    WHERE p.account = e.account AND p.key = e.op_key
  ) g ON e.kind = 'transfer' AND e.pending > 0
  WHERE e.created_at < %(until)s::timestamptz
)
"""

# A redemption is what took points for good: neither the hold before it nor what undid it. It
# counts once, with the first month of issue that paid for it, and not at all if all of it was
# undone.
_REDEEMED = """
, undone AS (
  SELECT r.account, r.of_key, sum(r.amount) AS points, max(r.created_at) AS created_at
  FROM (
    SELECT f.own AS account, x.of_key, x.by_key, max(x.amount) AS amount,
           max(k.created_at) AS created_at
    FROM ledger.reversal x
    JOIN kin f ON f.account = x.account
    LEFT JOIN ledger.op k ON k.account = x.account AND k.key = x.by_key
    WHERE k.created_at IS NULL OR k.created_at < %(until)s::timestamptz
    GROUP BY 1, 2, 3
  ) r
  GROUP BY 1, 2
), used AS (
  SELECT e.account, e.seq, coalesce(h.hold, e.seq) AS took, e.effective_at, e.created_at,
         CASE WHEN u.points >= -(e.amount + e.pending + e.held - e.debt)
              THEN coalesce(u.created_at, e.created_at) END AS undone_at
  FROM ledger.entry e
  JOIN ledger.account a ON a.account = e.account AND a.unit = %(unit)s
  LEFT JOIN ledger.hold h ON h.account = e.account AND h.ended_seq = e.seq
  LEFT JOIN undone u ON u.account = e.account AND u.of_key = e.op_key
  WHERE e.kind IN ('burn', 'capture') AND e.contra = 'redeem'
    AND e.created_at < %(until)s::timestamptz
), redemption AS (
  SELECT DISTINCT ON (u.account, u.seq) b.month, b.imported, b.expires, u.effective_at,
         u.created_at, u.undone_at
  FROM used u
  JOIN ledger.alloc x ON x.account = u.account AND x.seq = u.took
  JOIN born b ON b.account = x.account AND b.lot = x.lot
  ORDER BY u.account, u.seq, b.imported, b.month, b.lot
)
"""

# Points that came back from a redemption or a hold and paid a debt at once never returned to
# their lots: of what was taken, the stretch after that which did return.
_REPAID = """
, repaid AS (
  SELECT e.account, s.lot, e.contra, e.effective_at, e.created_at, s.part AS points
  FROM ledger.entry e
  JOIN ledger.account a ON a.account = e.account AND a.unit = %(unit)s
  JOIN ledger.op k ON k.account = e.account AND k.key = e.op_key
  LEFT JOIN ledger.op o ON e.kind = 'restore' AND o.account = e.account
    AND o.key = k.answer -> 'detail' ->> 'spend_key'
  LEFT JOIN ledger.hold h ON h.account = e.account
    AND h.ended_seq = CASE e.kind WHEN 'restore' THEN o.seq ELSE e.seq END
  LEFT JOIN LATERAL (
    SELECT coalesce(sum(r.amount), 0)::bigint AS points FROM ledger.reversal r
    JOIN ledger.op p ON p.account = r.account AND p.key = r.by_key
    WHERE r.account = e.account AND r.of_key = o.key AND p.created_at < e.created_at
  ) earlier ON true
  -- A restored capture lies behind what of its hold paid a debt.
  LEFT JOIN LATERAL (
    SELECT -c.debt AS repaid FROM ledger.entry c
    WHERE e.kind = 'restore' AND c.account = h.account AND c.seq = h.ended_seq
  ) ended ON true
  CROSS JOIN LATERAL ledger.part_of(
    e.account, CASE WHEN e.kind = 'restore' THEN array_remove(ARRAY[h.hold, o.seq], NULL)
               ELSE ARRAY[h.hold] END,
    earlier.points + e.amount + coalesce(ended.repaid, 0), -e.debt) s
  WHERE e.kind IN ('restore', 'release', 'capture') AND e.debt < 0
    AND e.created_at < %(until)s::timestamptz
)
"""

_COHORTS = (
    _BORN  # noqa: S608 - all parts are ours
    + _REDEEMED
    + _REPAID
    + """
SELECT month, imported, expires, contra,
       date_trunc('month', effective_at AT TIME ZONE %(zone)s)::date,
       date_trunc('month', created_at AT TIME ZONE %(zone)s)::date,
       sum(points)::bigint, sum(times)::bigint
FROM (
  SELECT b.month, b.imported, b.expires,
         CASE WHEN b.kind = 'regrant' AND b.contra = 'adjust' THEN 'adjust_down'
              ELSE split_part(b.contra, ':', 1) END AS contra, b.effective_at, b.created_at,
         b.earned AS points, 0 AS times
  FROM born b
  UNION ALL
  -- What pays a debt off at once was credited and taken by the same entry.
  SELECT b.month, b.imported, b.expires,
         CASE WHEN x.lot = x.seq OR e.kind = 'activate' AND starts_with(e.op_key, 'settle:')
                THEN 'settle'
              WHEN e.contra = 'adjust' THEN 'adjust_down'
              WHEN e.kind = 'hold' AND e.contra = 'redeem' AND n.seq IS NULL THEN 'held'
              ELSE split_part(e.contra, ':', 1) END,
         e.effective_at, e.created_at, -x.amount, 0
  FROM born b
  JOIN ledger.alloc x ON x.account = b.account AND x.lot = b.lot
  JOIN ledger.entry e ON e.account = x.account AND e.seq = x.seq
  LEFT JOIN ledger.hold h ON e.kind = 'hold' AND h.account = e.account AND h.hold = e.seq
  LEFT JOIN ledger.entry n ON n.account = h.account AND n.seq = h.ended_seq
    AND n.created_at < %(until)s::timestamptz
  WHERE e.created_at < %(until)s::timestamptz
  UNION ALL
  SELECT b.month, b.imported, b.expires, t.contra, r.effective_at, r.created_at,
         t.sign * r.points, 0
  FROM repaid r
  JOIN born b ON b.account = r.account AND b.lot = r.lot
  CROSS JOIN LATERAL (VALUES
    (CASE r.contra WHEN 'adjust' THEN 'adjust_down' ELSE r.contra END, 1), ('settle', -1)
  ) t (contra, sign)
  UNION ALL
  SELECT r.month, r.imported, r.expires, 'redeem', r.effective_at, t.created_at, 0, t.sign
  FROM redemption r
  CROSS JOIN LATERAL (VALUES (r.created_at, 1), (r.undone_at, -1)) t (created_at, sign)
  WHERE t.created_at IS NOT NULL
) m
GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
"""
)

_OPEN = (
    _BORN  # noqa: S608 - both halves are ours
    + """
, rest AS (
  SELECT b.month, b.imported, b.expires, b.expires_at,
         b.earned - coalesce(t.taken, 0) AS points
  FROM born b
  LEFT JOIN LATERAL (
    SELECT sum(x.amount)::bigint AS taken FROM ledger.alloc x
    JOIN ledger.entry e ON e.account = x.account AND e.seq = x.seq
    WHERE x.account = b.account AND x.lot = b.lot AND e.created_at < %(until)s::timestamptz
  ) t ON true
)
SELECT month, imported, expires,
       expires_at <= %(until)s::timestamptz, sum(points)::bigint, count(*)
FROM rest WHERE points <> 0 GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
)


_TAKEN_BACK = """
SELECT r.of_key, sum(r.amount)::bigint
FROM (
  SELECT DISTINCT x.of_key, x.by_key, x.amount
  FROM ledger.reversal x
  JOIN ledger.account a ON a.account = x.account AND a.unit = %(unit)s
  JOIN ledger.op k ON k.account = x.account AND k.key = x.by_key
    AND k.created_at < %(until)s::timestamptz
  WHERE x.of_key = ANY (%(keys)s)
) r
GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class CohortMove:
    """What happened in one month to points that were issued in one month.

    Parameters
    ----------
    month
        First day of the local month of issue.
    imported
        True for balances that were brought in: what was used of them before is not known.
    expires
        First day of the local month that holds their last day; none is never.
    contra
        ``issue``, ``import``, ``redeem``, ``held`` (set aside to be redeemed, and not yet
        captured or released), ``expire``, ``forfeit``, ``claw_back``, ``adjust``
        and ``adjust_down`` (by hand: given and taken), ``settle`` (paid a debt off),
        ``transfer``, ``merge``.
    happened
        First day of the local month in which it happened.
    written
        First day of the local month in which the ledger came to know it.
    points
        Added to (+) or taken from (−) what is left of them.
    redemptions
        How many of them there were; each counts once, with the first month of issue that paid
        for it, and none that was undone in full.
    """

    month: date
    imported: bool
    expires: date | None
    contra: str
    happened: date
    written: date
    points: int
    redemptions: int


@dataclass(frozen=True, slots=True)
class OpenLots:
    """What is left of points of one month of issue that expire in one month.

    Parameters
    ----------
    month, imported
        As in :class:`CohortMove`.
    expires
        First day of the local month that holds their last day; none is never.
    overdue
        True where they are gone by now, but no expiry was written yet.
    points, lots
        How many.
    """

    month: date
    imported: bool
    expires: date | None
    overdue: bool
    points: int
    lots: int


def cohort_moves(unit: int, *, until: datetime, zone: str) -> list[CohortMove]:
    """Return what happened to points by month of issue and month of happening.

    Per month of issue the points add up to what is open of it.

    Parameters
    ----------
    unit
        What is counted.
    until
        Entries written before this.
    zone
        IANA zone whose calendar makes the months.
    """
    rows = ask(_COHORTS, {"zone": zone, "unit": unit, "until": until})
    return [CohortMove(*row) for row in rows]


def open_lots(unit: int, *, until: datetime, zone: str) -> list[OpenLots]:
    """Return what is left, by month of issue and of expiry.

    Parameters
    ----------
    unit
        What is counted.
    until
        Entries written before this.
    zone
        IANA zone whose calendar makes the months.
    """
    rows = ask(_OPEN, {"zone": zone, "unit": unit, "until": until})
    return [OpenLots(*row) for row in rows]


def taken_back(unit: int, *, keys: Sequence[str], until: datetime) -> dict[str, int]:
    """Return how many points of what operations gave were taken back by a moment.

    Parameters
    ----------
    unit
        What is counted.
    keys
        Of the operations that gave them; one of which nothing was taken back is left out.
    until
        What was taken back before this.
    """
    rows = ask(_TAKEN_BACK, {"unit": unit, "keys": list(keys), "until": until})
    return {key: int(points) for key, points in rows}
