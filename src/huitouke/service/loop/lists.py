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
from huitouke.service.loop.changes import LISTS, compared_with
from huitouke.service.loop.models import Analysis, Profile
from huitouke.service.loop.queries import latest
from huitouke.service.loop.views import ProfileView, view_of

__all__ = [
    "LISTS",
    "MOVES",
    "ORDERS",
    "USUAL",
    "Asked",
    "ListUnknown",
    "ProfilePage",
    "count",
    "counts",
    "page",
    "streamed",
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
USUAL = {
    "slipping": "at_stake",
    "worth_a_call": "at_stake",
    "likely_loyal": "score_low",
    "unlikely": "spend",
    "": "value",
}
_ON = "SELECT customer_id FROM loop_profile WHERE analysis_id = %s AND {meets}"
_PAGE_MOST = 200
_BATCH = 200
#: Who came on a list since the analysis before, and who left it.
MOVES = ("new", "gone")


class ListUnknown(ServiceError):
    """There is no such list or order of customers."""

    code = "loop.list_unknown"
    says = N_("Customers cannot be listed by {given!r}.")
    remedy = N_("Choose among: {known}.")


@dataclass(frozen=True)
class Asked:
    """Which customers of an analysis, in which order.

    Parameters
    ----------
    listed
        One of :data:`LISTS`; empty: everybody.
    group
        Only those of this group; empty: of any or none.
    moved
        ``new``: only who came on the list since the analysis before; ``gone``: who left it,
        and is still a customer.
    order
        One of :data:`ORDERS`, the highest first; empty: what the list is for.
    """

    listed: str = ""
    group: str = ""
    moved: str = ""
    order: str = ""

    @property
    def usual(self) -> str:
        """The order where none is chosen; who left a list is not ranked by it."""
        return USUAL[""] if self.moved == "gone" else USUAL[self.listed]


@dataclass(frozen=True)
class ProfilePage:
    """Some profiles of a list, and where the next page begins; empty: nowhere."""

    profiles: tuple[ProfileView, ...]
    cursor: str


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
    asked: Asked, *, of: Analysis | None = None, cursor: str = "", limit: int = 50
) -> ProfilePage:
    """Return a page of the customers of an analysis.

    Parameters
    ----------
    asked
        Who, in which order.
    of
        A finished analysis whose profiles are kept; None: the latest.
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
    shown = of or latest()
    wanted = max(1, min(limit, _PAGE_MOST))
    found = _rows(shown, asked=asked, after=_read(cursor), limit=wanted + 1)
    views = [view_of(row, analysis=shown) for row, _ in found[:wanted]]
    if len(found) <= wanted:
        return ProfilePage(tuple(views), "")
    last, rank = found[wanted - 1]
    # A plus sign in an address means a blank; the number reads the same without it.
    at = rank.hex().replace("+", "")
    return ProfilePage(tuple(views), f"{at}~{public_id('cus', last.customer_id)}")


def count(asked: Asked, *, of: Analysis) -> int:
    """Return how many there are, which is counted anew.

    Parameters
    ----------
    asked, of
        As for :func:`page`.

    Raises
    ------
    ListUnknown
        If these cannot be used.
    """
    where, values = _where(of, asked)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM loop_profile WHERE {where}", values)  # noqa: S608
        return int(cursor.fetchone()[0])


def streamed(asked: Asked, *, of: Analysis | None = None) -> Iterator[ProfileView]:
    """Yield all customers of a list, some in memory at a time.

    Parameters
    ----------
    asked, of
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
        found = page(asked, of=of, cursor=cursor, limit=_BATCH)
        yield from found.profiles
        cursor = found.cursor
        if not cursor:
            return


def _where(shown: Analysis, asked: Asked) -> tuple[str, list[Any]]:
    """Return the conditions, whose words are our own, and what goes into their places."""
    for given, known in (
        (asked.listed, ("", *LISTS)),
        (asked.order, ("", *ORDERS)),
        (asked.moved, ("", *MOVES) if asked.listed else ("",)),
    ):
        if given not in known:
            raise ListUnknown(given=given[:40], known=", ".join(filter(None, known)))
    where, values = ["analysis_id = %s"], list[Any]([shown.id])
    if asked.moved:
        earlier = compared_with(shown)
        if earlier is None or asked.listed not in shown.changes["lists"]:
            raise ListUnknown(given=asked.moved, known=", ".join(LISTS))
        on = _ON.format(meets=LISTS[asked.listed])
        where.append(f"customer_id = ANY(ARRAY({on} EXCEPT {on}))")
        both = [shown.id, earlier.id]
        values += both if asked.moved == "new" else both[::-1]
    elif asked.listed:
        where.append(LISTS[asked.listed])
    if asked.group:
        where.append("customer_group = %s")
        values.append(asked.group)
    return " AND ".join(where), values


def _rows(
    shown: Analysis, *, asked: Asked, after: tuple[float, UUID] | None, limit: int
) -> list[tuple[Profile, float]]:
    """Return rows with their rank; the words of the query are our own."""
    where, values = _where(shown, asked)
    key = ORDERS[asked.order or asked.usual]
    if after is not None:
        where += f" AND ({key}, customer_id) < (%s::float8, %s::uuid)"
        values += after
    names = [str(field.column) for field in Profile._meta.concrete_fields]
    query = (
        f"SELECT {', '.join(names)}, {key} FROM loop_profile WHERE {where}"  # noqa: S608
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
