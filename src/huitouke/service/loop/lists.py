"""Customers by list, group and rank, page by page, however many there are."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from huitouke.language import N_
from huitouke.service.core.errors import CursorUnreadable, ServiceError
from huitouke.service.core.ids import IdUnknown, private_id, public_id
from huitouke.service.loop.changes import LISTS
from huitouke.service.loop.models import Analysis, Profile
from huitouke.service.loop.queries import latest
from huitouke.service.loop.views import ProfileView, view_of

__all__ = [
    "LISTS",
    "ORDERS",
    "USUAL",
    "ListUnknown",
    "ProfilePage",
    "WorthACall",
    "calls_of",
    "counts",
    "page",
    "streamed",
    "worth_a_call",
]

_LOWEST = "'-Infinity'::float8"
#: What profiles are ranked by, the highest first; whoever has no number comes last.
ORDERS: dict[str, str] = {
    "value": f"coalesce(clv, {_LOWEST})",
    "score": f"coalesce(loyalty_score, {_LOWEST})",
    "churn": f"coalesce(churn_risk, {_LOWEST})",
    "at_stake": f"coalesce(at_stake, {_LOWEST})",
    "score_low": f"coalesce(loyalty_score_lo, {_LOWEST})",
    "spend": "spend_total",
}
#: By what each list is ordered unless one asks for another order.
USUAL = {"slipping": "at_stake", "likely_loyal": "score_low", "unlikely": "spend", "": "value"}
_PAGE_MOST = 200
_BATCH = 200
#: The part of what is at stake that calls are to reach first.
_MOST_OF_IT = 0.8
_WORTH = """
SELECT count(*) FILTER (WHERE before < %s * total), count(*), max(total) FROM (
  SELECT sum(at_stake) OVER (ORDER BY at_stake DESC, customer_id DESC) - at_stake AS before,
    sum(at_stake) OVER () AS total
  FROM loop_profile WHERE analysis_id = %s AND at_stake > 0
) AS ranked
"""


class ListUnknown(ServiceError):
    """There is no such list or order of customers."""

    code = "loop.list_unknown"
    says = N_("Customers cannot be listed by {given!r}.")
    remedy = N_("Choose among: {known}.")


@dataclass(frozen=True)
class ProfilePage:
    """Some profiles of a list, and where the next page begins; empty: nowhere."""

    profiles: tuple[ProfileView, ...]
    cursor: str


@dataclass(frozen=True)
class WorthACall:
    """The fewest slipping customers who hold most of the margin that is at stake.

    Parameters
    ----------
    customers
        How many; they are the first of the list in its usual order.
    of
        All who are slipping and have something at stake.
    share
        Which part of the margin they hold together, at least.
    at_stake
        Margin of all of them, in major units.
    """

    customers: int
    of: int
    share: float
    at_stake: float


def worth_a_call(*, shown: Analysis | None = None) -> WorthACall:
    """Return how few calls would reach most of what is at stake.

    Parameters
    ----------
    shown
        The finished analysis, where it is at hand; None: the latest.

    Raises
    ------
    NoAnalysis
        If none is finished.
    """
    found = shown or latest()
    # An analysis from before it was kept is counted again.
    return WorthACall(**(found.calls or vars(calls_of(found.id))))


def calls_of(analysis: UUID) -> WorthACall:
    """Return the same from the profiles of an analysis, which are all gone through.

    Parameters
    ----------
    analysis
        Whose profiles are written.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WORTH, [_MOST_OF_IT, analysis])
        first, of, total = cursor.fetchone()
    return WorthACall(first, of, _MOST_OF_IT, float(total or 0.0))


def counts() -> dict[str, Any]:
    """Return how many customers the latest analysis knows, by list and by group.

    ``customers``, ``profiles``, ``slipping``, ``likely_loyal``, ``unlikely``, ``groups``
    (``""``: no group could be told), ``orders``, ``lines``.

    Raises
    ------
    NoAnalysis
        If none is finished.
    """
    found: dict[str, Any] = latest().counts
    return found


def page(
    listed: str = "",
    *,
    group: str = "",
    order: str = "",
    cursor: str = "",
    limit: int = 50,
) -> ProfilePage:
    """Return a page of the customers of the latest analysis.

    Parameters
    ----------
    listed
        ``slipping``, ``likely_loyal``, ``unlikely``; empty: everybody.
    group
        Only those of this group; empty: of any or none.
    order
        One of :data:`ORDERS`; empty: what the list is for.
    cursor
        Where the page before ended.
    limit
        Most rows, up to 200.

    Raises
    ------
    NoAnalysis
        If none is finished.
    ListUnknown, CursorUnreadable
        If these cannot be used.
    """
    if listed not in {"", *LISTS}:
        raise ListUnknown(given=listed[:40], known=", ".join(LISTS))
    if order not in {"", *ORDERS}:
        raise ListUnknown(given=order[:40], known=", ".join(ORDERS))
    shown = latest()
    key = ORDERS[order or USUAL[listed]]
    wanted = max(1, min(limit, _PAGE_MOST))
    found = _rows(
        shown, listed=listed, group=group, key=key, after=_read(cursor), limit=wanted + 1
    )
    views = [view_of(row, analysis=shown) for row, _ in found[:wanted]]
    if len(found) <= wanted:
        return ProfilePage(tuple(views), "")
    last, rank = found[wanted - 1]
    # A plus sign in an address means a blank; the number reads the same without it.
    at = rank.hex().replace("+", "")
    return ProfilePage(tuple(views), f"{at}~{public_id('cus', last.customer_id)}")


def streamed(listed: str = "", *, group: str = "", order: str = "") -> Iterator[ProfileView]:
    """Yield all customers of a list, some in memory at a time.

    Parameters
    ----------
    listed, group, order
        As for :func:`page`.

    Raises
    ------
    NoAnalysis
        If none is finished.
    ListUnknown
        If these cannot be used.
    """
    cursor = ""
    while True:
        found = page(listed, group=group, order=order, cursor=cursor, limit=_BATCH)
        yield from found.profiles
        cursor = found.cursor
        if not cursor:
            return


def _rows(
    shown: Analysis,
    *,
    listed: str,
    group: str,
    key: str,
    after: tuple[float, UUID] | None,
    limit: int,
) -> list[tuple[Profile, float]]:
    """Return rows with their rank; the words of the query are our own."""
    where = ["analysis_id = %s"]
    values: list[Any] = [shown.id]
    if listed:
        where.append(LISTS[listed])
    if group:
        where.append("customer_group = %s")
        values.append(group)
    if after is not None:
        where.append(f"({key}, customer_id) < (%s::float8, %s::uuid)")
        values += after
    names = [str(field.column) for field in Profile._meta.concrete_fields]
    query = (
        f"SELECT {', '.join(names)}, {key} FROM loop_profile WHERE {' AND '.join(where)}"  # noqa: S608
        f" ORDER BY {key} DESC, customer_id DESC LIMIT %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [*values, limit])
        rows = cursor.fetchall()
    return [(Profile.from_db("default", _attnames(), row[:-1]), float(row[-1])) for row in rows]


def _attnames() -> list[str]:
    return [field.attname for field in Profile._meta.concrete_fields]


def _read(cursor: str) -> tuple[float, UUID] | None:
    if not cursor:
        return None
    rank, _, customer = cursor.partition("~")
    with suppress(ValueError, OverflowError, IdUnknown):
        found = float.fromhex(rank), private_id("cus", customer)
        if not math.isnan(found[0]):
            return found
    raise CursorUnreadable
