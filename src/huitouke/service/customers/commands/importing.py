"""Many customers at once, from a file: those who are known are found, the others made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.db import transaction

from huitouke.language import N_
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import new_id
from huitouke.service.customers.commands.creating import IdentitiesContested, add_rows
from huitouke.service.customers.details import checked
from huitouke.service.customers.following import hold
from huitouke.service.customers.journal import noted_each
from huitouke.service.customers.owning import Pair, normalised, owners, take

__all__ = ["IdentityMissing", "Made", "NewCustomer", "create_many"]

_TRIES = 10


class IdentityMissing(ServiceError):
    """A row without identity could not be found again when the file is read twice."""

    code = "customers.identity_missing"
    status = 422
    says = N_("Row {row} names no identity.")
    remedy = N_("Give every row a phone, e-mail, card number or the id of your system.")


class _Raced(Exception):
    """Another took an identity, or merged a customer, in between."""


@dataclass(frozen=True, kw_only=True)
class NewCustomer:
    """One row of a file of customers.

    Parameters
    ----------
    identities
        Kind and value as written; at least one.
    name, birthday_on, language, gender, brand, household, attributes
        Kept only if the customer is new.
    """

    identities: tuple[Pair, ...]
    name: str = ""
    birthday_on: date | None = None
    language: str = "zh"
    gender: str = ""
    brand: str = ""
    household: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def details(self) -> dict[str, Any]:
        """Return what is said beside the identities."""
        return {
            "name": self.name,
            "birthday_on": self.birthday_on,
            "language": self.language,
            "gender": self.gender,
            "brand": self.brand,
            "household": self.household,
            "attributes": dict(self.attributes),
        }


@dataclass(frozen=True)
class Made:
    """What became of one row.

    Parameters
    ----------
    outcome
        ``created``; ``found`` (known by an identity; its other identities were added);
        ``conflict`` (its identities are of several customers; nothing was done).
    customer
        The customer; None for a conflict.
    """

    outcome: Literal["created", "found", "conflict"]
    customer: UUID | None


def _groups(rows: Sequence[Sequence[Pair]]) -> list[int]:
    """Return for each row the first row of its person: rows that share an identity.

    Examples
    --------
    >>> _groups([[("card", "1")], [("card", "2")], [("card", "2"), ("card", "1")]])
    [0, 0, 0]
    """
    leads = list(range(len(rows)))

    def lead(row: int) -> int:
        while leads[row] != row:
            leads[row] = leads[leads[row]]
            row = leads[row]
        return row

    seen: dict[Pair, int] = {}
    for row, pairs in enumerate(rows):
        for pair in pairs:
            one, other = lead(seen.setdefault(pair, row)), lead(row)
            leads[max(one, other)] = min(one, other)
    return [lead(row) for row in range(len(rows))]


def _persons(
    rows: Sequence[Sequence[Pair]], known: Mapping[Pair, UUID]
) -> tuple[list[Made], dict[Pair, UUID]]:
    """Decide who each row is; return that, and whose the free identities shall be."""
    groups = _groups(rows)
    met: dict[int, set[UUID]] = {group: set() for group in groups}
    for group, pairs in zip(groups, rows, strict=True):
        met[group].update(known[pair] for pair in pairs if pair in known)
    persons = {
        group: next(iter(customers)) if customers else new_id()
        for group, customers in met.items()
        if len(customers) < 2
    }
    made: list[Made] = []
    wanted: dict[Pair, UUID] = {}
    for row, (group, pairs) in enumerate(zip(groups, rows, strict=True)):
        person = persons.get(group)
        if person is None:
            made.append(Made("conflict", None))
            continue
        new = not met[group] and row == group
        made.append(Made("created" if new else "found", person))
        wanted |= {pair: person for pair in pairs if pair not in known}
    return made, wanted


def _create_once(
    rows: Sequence[NewCustomer], *, pairs: Sequence[Sequence[Pair]], at: datetime, actor: Actor
) -> list[Made]:
    known = owners({pair for each in pairs for pair in each})
    made, wanted = _persons(pairs, known)
    new = {
        each.customer: checked(row.details(), at=at)
        for row, each in zip(rows, made, strict=True)
        if each.outcome == "created" and each.customer is not None
    }
    grown = sorted(set(wanted.values()) - new.keys())
    if any(given != root for given, root in hold(grown).items()):
        raise _Raced
    if take(wanted, at=at) != wanted.keys():
        raise _Raced
    add_rows(new, at=at)
    noted_each("customer.created", customers=list(new), actor=actor)
    noted_each("customer.identities_added", customers=grown, actor=actor)
    return made


def create_many(rows: Sequence[NewCustomer], *, at: datetime, actor: Actor) -> list[Made]:
    """Make the customers of a file who are not known yet; the same rows twice change nothing.

    Rows that share an identity are one person. What is known of a found customer is not
    changed, except that identities nobody has are added. Strangers are told nothing.

    Parameters
    ----------
    rows
        A part of the file, some thousand rows.
    at
        The present moment.
    actor
        Who imports.

    Returns
    -------
    list[Made]
        One per row, in order.

    Raises
    ------
    IdentityMissing
        If a row names no identity.
    IdentityInvalid, DetailInvalid
        If something cannot be kept; check rows before, to set bad ones aside.
    IdentitiesContested
        If others wrote the same customers ten times in between.
    """
    for number, row in enumerate(rows, start=1):
        if not row.identities:
            raise IdentityMissing(row=number)
    pairs = [list(dict.fromkeys(normalised(row.identities))) for row in rows]
    with transaction.atomic():
        for _ in range(_TRIES):
            with suppress(_Raced), transaction.atomic():
                return _create_once(rows, pairs=pairs, at=at, actor=actor)
    raise IdentitiesContested
