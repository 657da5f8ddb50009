"""Customers from a file: who is new, who is known, what differs; how any import tells it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from huitouke.service.core.actor import Actor
from huitouke.service.customers.commands import NewCustomer, create_many
from huitouke.service.customers.details import DetailInvalid, checked
from huitouke.service.customers.identity import IdentityInvalid, normalise
from huitouke.service.customers.models import Customer
from huitouke.service.customers.owning import Pair, owners

__all__ = ["CustomersImport", "Difference", "Identities", "Refusal", "Row"]

_EXAMPLES = 5
_DETAILS = ("name", "birthday_on", "gender", "brand", "household")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was not brought in.

    Parameters
    ----------
    source, line_number
        Its place: the file, and the line in it.
    reason
        A stable code.
    column
        Which part of the row; empty: the whole.
    value
        What stood there.
    """

    source: str
    line_number: int
    reason: str
    column: str = ""
    value: str = ""


@dataclass
class Difference:
    """What a file changes, or would change.

    Parameters
    ----------
    counts
        Rows by outcome: ``new``, ``same``, ``changed``, ``refused``, and what an import adds
        to these, e.g. ``customers_new``.
    examples
        The lines of the first few that were not brought in, by outcome.
    refusals
        Every row that was not brought in; those that are known with other content too.
    """

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)

    def tell(self, outcome: str, example: str = "") -> None:
        """Count one row.

        Parameters
        ----------
        outcome
            What becomes of it.
        example
            Where it is found, kept for the first few.
        """
        self.counts[outcome] += 1
        shown = self.examples.setdefault(outcome, [])
        if example and len(shown) < _EXAMPLES:
            shown.append(example)

    def refuse(self, refusal: Refusal, *, outcome: str = "refused") -> None:
        """Count one row that is not brought in.

        Parameters
        ----------
        refusal
            Place and reason.
        outcome
            ``"refused"``, or ``"changed"`` for what is known with other content.
        """
        # Its line, not its value: a screen is copied to logs, and a value may name a person.
        self.tell(outcome, str(refusal.line_number))
        self.refusals.append(refusal)


class Identities:
    """Identities in one spelling, each worked out once."""

    def __init__(self) -> None:
        self._known: dict[Pair, Pair | None] = {}

    def of(self, pair: Pair) -> Pair | None:
        """Return the identity as it is kept, or None if it cannot be one.

        Parameters
        ----------
        pair
            Kind and value as written.
        """
        if pair not in self._known:
            try:
                self._known[pair] = (pair[0], normalise(*pair))
            except IdentityInvalid:
                self._known[pair] = None
        return self._known[pair]


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One customer as a file tells it, with its place in the file."""

    source: str
    line_number: int
    new: NewCustomer


class CustomersImport:
    """Brings customers in, part by part, or says what that would change.

    Parameters
    ----------
    write
        False: nothing is written.
    """

    def __init__(self, *, write: bool) -> None:
        self.difference = Difference()
        self._write = write
        self._identities = Identities()
        self._met: set[Pair] = set()

    def bring(self, rows: Sequence[Row], *, at: datetime, actor: Actor) -> None:
        """Bring a part of the file in, in the caller's transaction.

        Who is known keeps what is known; identities that nobody has are added.

        Parameters
        ----------
        rows
            Some thousand.
        at
            The present moment.
        actor
            Who imports.
        """
        usable = [row for row in rows if self._usable(row, at=at)]
        known = owners({pair for row in usable for pair in self._pairs(row)})
        # One row that names two persons must not make one of the others' rows.
        good = [row for row in usable if self._of_one(row, known)]
        pairs = [self._pairs(row) for row in good]
        stored = Customer.objects.in_bulk(set(known.values()))
        made = (
            [
                (each.outcome, each.customer)
                for each in create_many([row.new for row in good], at=at, actor=actor)
            ]
            if self._write
            else [self._judged(each, known) for each in pairs]
        )
        for row, (outcome, customer) in zip(good, made, strict=True):
            self._tell(row, outcome, None if customer is None else stored.get(customer))

    def pass_over(self, rows: Sequence[Row]) -> None:
        """Take notice of a part that was brought in before the import was stopped.

        Parameters
        ----------
        rows
            The part.
        """

    def _usable(self, row: Row, *, at: datetime) -> bool:
        for kind, value in row.new.identities:
            if self._identities.of((kind, value)) is None:
                self._refuse(row, "identity_invalid", column=kind, value=value)
                return False
        if not row.new.identities:
            self._refuse(row, "identity_missing")
            return False
        try:
            checked(row.new.details(), at=at)
        except DetailInvalid:
            self._refuse(row, "detail_invalid", value=row.new.name)
            return False
        return True

    def _of_one(self, row: Row, known: Mapping[Pair, UUID]) -> bool:
        one = len({known[pair] for pair in self._pairs(row) if pair in known}) < 2
        if not one:
            self._refuse(row, "identities_conflict", value=row.new.identities[0][1])
        return one

    def _pairs(self, row: Row) -> list[Pair]:
        found = (self._identities.of(pair) for pair in row.new.identities)
        return [pair for pair in found if pair is not None]

    def _judged(
        self, pairs: Sequence[Pair], known: dict[Pair, UUID]
    ) -> tuple[str, UUID | None]:
        """Return what would become of a row."""
        people = {known[pair] for pair in pairs if pair in known}
        met = not self._met.isdisjoint(pairs)
        self._met.update(pairs)
        if people:
            return "found", people.pop()
        return ("found" if met else "created"), None

    def _tell(self, row: Row, outcome: str, stored: Customer | None) -> None:
        name = row.new.identities[0][1]
        if outcome == "conflict":
            self._refuse(row, "identities_conflict", value=name)
        elif outcome == "created":
            self.difference.tell("new")
        elif stored is not None and (fields := _differing(row.new, stored)):
            place = Refusal(
                row.source, row.line_number, "customer_changed", ", ".join(fields), name
            )
            self.difference.refuse(place, outcome="changed")
        else:
            self.difference.tell("same")

    def _refuse(self, row: Row, reason: str, *, column: str = "", value: str = "") -> None:
        self.difference.refuse(Refusal(row.source, row.line_number, reason, column, value))


def _differing(new: NewCustomer, stored: Customer) -> list[str]:
    """Return the details that a file tells otherwise than they are known."""
    told = {name: value for name in _DETAILS if (value := getattr(new, name))}
    return [name for name, value in told.items() if getattr(stored, name) != value]
