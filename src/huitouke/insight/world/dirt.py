"""Order lines, and the ways in which a real export of them is dirty."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from huitouke.insight.world.scenarios import Bools, Ints

__all__ = ["Aliases", "Lines", "soiled"]

_DAY = 86_400
_DUPLICATE_SHARE = 0.02
_LATE_SHARE = 0.03
_MISSING_SHARE = 0.05
_ALIAS_SHARE = 0.01


@dataclass(frozen=True)
class Lines:
    """Order lines as columns; all arrays have shape (lines,).

    Parameters
    ----------
    order, customer
        Numbers of the order and the customer.
    at, recorded
        When it was placed and when it became known, in seconds of the world.
    cents, list_cents
        Paid and before discount; negative for returns.
    category, store, channel
        Indexes.
    place
        0 for the first line of an order, 1 for the second.
    returned
        True for returns.
    discount_known
        False where the export lost the discount.
    """

    order: Ints
    customer: Ints
    at: Ints
    recorded: Ints
    cents: Ints
    list_cents: Ints
    category: Ints
    store: Ints
    channel: Ints
    place: Ints
    returned: Bools
    discount_known: Bools

    def rows(self, index: Ints) -> Self:
        """Return the lines at these positions, copied.

        Parameters
        ----------
        index
            Positions.
        """
        return type(self)(**{f.name: getattr(self, f.name)[index] for f in fields(self)})

    def with_columns(self, **columns: npt.NDArray[Any]) -> Self:
        """Return the lines with some columns replaced.

        Parameters
        ----------
        **columns
            New columns by name.
        """
        return replace(self, **columns)

    def plus(self, other: Lines) -> Self:
        """Return these lines followed by others.

        Parameters
        ----------
        other
            The lines to add.
        """
        return type(self)(
            **{
                f.name: np.concatenate([getattr(self, f.name), getattr(other, f.name)])
                for f in fields(self)
            }
        )


@dataclass(frozen=True)
class Aliases:
    """Second identities: ``alias[i]`` is the number that ``customer[i]`` also goes by."""

    alias: Ints
    customer: Ints


def _second_identities(
    lines: Lines, *, customers: int, rng: np.random.Generator
) -> tuple[Lines, Aliases]:
    """Give 1 % of those who bought twice or more a new number half-way through."""
    first = np.full(customers, np.iinfo(np.int64).max)
    last = np.full(customers, -1)
    np.minimum.at(first, lines.customer, lines.at)
    np.maximum.at(last, lines.customer, lines.at)
    chosen = np.flatnonzero((rng.random(customers) < _ALIAS_SHARE) & (last > first))
    alias = np.full(customers, -1, dtype=np.int64)
    alias[chosen] = customers + np.arange(chosen.size)
    middle = first + (last - first) // 2
    owner = lines.customer
    renamed = (alias[owner] >= 0) & (lines.at > middle[owner])
    changed = lines.with_columns(customer=np.where(renamed, alias[owner], owner))
    return changed, Aliases(alias[chosen], chosen)


def soiled(
    lines: Lines, *, customers: int, end: int, rng: np.random.Generator
) -> tuple[Lines, Aliases, dict[str, int]]:
    """Return the lines as a careless export holds them, with a count of each fault.

    Exact doubles of 2 % of the lines, 3 % recorded one to fourteen days late, the discount
    lost on 5 % of the discounted lines, and second identities for 1 % of those who bought
    at least twice.

    Parameters
    ----------
    lines
        Clean lines.
    customers
        How many customers there are; aliases are numbered from there.
    end
        The second of the export; nothing is recorded later.
    rng
        The source of chance.
    """
    named, aliases = _second_identities(lines, customers=customers, rng=rng)
    size = named.order.size
    discounted = named.list_cents != named.cents
    missing = discounted & (rng.random(size) < _MISSING_SHARE)
    late = ~named.returned & (rng.random(size) < _LATE_SHARE)
    delay = rng.integers(1, 15, size) * _DAY
    late &= named.recorded + delay < end
    faulty = named.with_columns(
        discount_known=~missing, recorded=named.recorded + np.where(late, delay, 0)
    )
    doubled = np.flatnonzero(rng.random(size) < _DUPLICATE_SHARE)
    return (
        faulty.plus(faulty.rows(doubled)),
        aliases,
        {
            "rows_duplicated": doubled.size,
            "rows_late": int(late.sum()),
            "rows_without_discount": int(missing.sum()),
            "customers_with_alias": aliases.alias.size,
        },
    )
