"""The habits of each file: order of dates, decimal sign, look of ids, currency.

A column decides for itself from all its values. A column that cannot tell follows the other
columns of its kind, in the same file or another, where those agree. What is decided is noted
with its evidence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from huitouke.errors import HuitoukeError
from huitouke.insight.facts.amounts import AmountEvidence, DecimalSign, weigh_amounts
from huitouke.insight.facts.currencies import currency_meant
from huitouke.insight.facts.headings import FieldSet, Kind
from huitouke.insight.facts.labels import IdEvidence, weigh_ids
from huitouke.insight.facts.moments import DayEvidence, weigh_days
from huitouke.insight.facts.reading import DateOrder, Note, Reading
from huitouke.insight.facts.staging import Staged
from huitouke.language import N_

__all__ = ["DateOrderAmbiguous", "Habits", "learn"]

#: A column: which file, which place.
Place = tuple[int, int]


_SPELLED: dict[DateOrder, str] = {
    "dmy": "DD/MM/YYYY",
    "mdy": "MM/DD/YYYY",
    "ymd": "YYYY/MM/DD",
}


class DateOrderAmbiguous(HuitoukeError):
    """No value tells day from month."""

    code = "facts.date_order_ambiguous"
    says = N_(
        "The dates in column {column} of {path}, such as {example}, read either day first or "
        "month first, and the column never tells ({rows} rows)."
    )
    remedy = N_("Say which with --date-order dmy, --date-order mdy or --date-order ymd.")


@dataclass
class Habits:
    """How each column is to be read.

    Parameters
    ----------
    order
        Order of day, month and year of each column of dates.
    decimal
        Decimal sign of each column of numbers.
    ids
        What the ids of each column look like.
    notes
        What was decided, and why.
    currency
        The one currency seen, or None.
    """

    order: dict[Place, DateOrder] = field(default_factory=dict)
    decimal: dict[Place, DecimalSign] = field(default_factory=dict)
    ids: dict[Place, IdEvidence] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    currency: str | None = None


def learn(staged: Sequence[Staged], *, fields: FieldSet, reading: Reading) -> Habits:
    """Look at every value of every column that has a habit, and decide.

    Parameters
    ----------
    staged
        The files.
    fields
        What their columns may be.
    reading
        The options; a given date order is not questioned.

    Returns
    -------
    Habits
        The decisions with their notes.

    Raises
    ------
    DateOrderAmbiguous
        If a column of dates reads either way and no other column tells.
    """
    study = _Study(staged, fields, reading)
    for number, file in enumerate(staged):
        study.look_at(number, file)
    study.settle_days()
    study.settle_numbers()
    study.settle_currency()
    study.note_ids()
    return study.habits


def _tells(kind: Kind, column: pa.DataType) -> bool:
    """Return whether the values of a column say something about its habits."""
    if kind == "moment":
        return not pa.types.is_temporal(column)
    plain = pa.types.is_primitive(column) or pa.types.is_decimal(column)
    return kind != "label" and not plain


@dataclass
class _Study:
    """Evidence column by column, and what is concluded."""

    staged: Sequence[Staged]
    fields: FieldSet
    reading: Reading
    days: dict[Place, DayEvidence] = field(default_factory=dict)
    numbers: dict[Place, AmountEvidence] = field(default_factory=dict)
    money: set[Place] = field(default_factory=set)
    habits: Habits = field(default_factory=Habits)

    def look_at(self, number: int, file: Staged) -> None:
        columns = file.kinds()
        wanted = []
        for name, places in file.columns.places.items():
            kind = self.fields.field(name).kind
            for place in places:
                self._expect((number, place), kind)
                if getattr(columns[place], "tz", None):
                    self.days[number, place].offsets = file.rows_read
                if _tells(kind, columns[place]):
                    wanted.append(place)
        for chunk in file.some_columns(wanted):
            for place, column in chunk.items():
                self._weigh((number, place), column)

    def _expect(self, place: Place, kind: Kind) -> None:
        if kind == "moment":
            self.days[place] = DayEvidence()
        elif kind == "id":
            self.habits.ids[place] = IdEvidence()
        elif kind != "label":
            self.numbers[place] = AmountEvidence()
        if kind == "money":
            self.money.add(place)

    def _weigh(self, place: Place, column: pa.Array) -> None:
        if place in self.days:
            weigh_days(column, evidence=self.days[place])
        elif place in self.numbers:
            weigh_amounts(column, evidence=self.numbers[place])
        else:
            weigh_ids(column, evidence=self.habits.ids[place])

    def where(self, place: Place) -> dict[str, str]:
        file = self.staged[place[0]]
        return {"path": file.source.name, "column": file.columns.headers[place[1]]}

    def note(self, code: str, says: str, **values: Any) -> None:
        self.habits.notes.append(Note(code, says, values))

    def settle_days(self) -> None:
        settled = {place: seen.settled() for place, seen in self.days.items() if seen.numeric}
        agreed = {order for order in settled.values() if order}
        for place, seen in self.days.items():
            self._note_clocks(place, seen)
            order = self.reading.date_order or settled.get(place)
            if order is None and seen.numeric:
                if len(agreed) != 1:
                    raise DateOrderAmbiguous(
                        **self.where(place), example=seen.example, rows=seen.numeric
                    )
                order = next(iter(agreed))
            self.habits.order[place] = order or "dmy"
            if seen.numeric and order:
                self._note_order(place, seen, order)

    def _note_order(self, place: Place, seen: DayEvidence, order: DateOrder) -> None:
        rivals = [
            seen.witness[rival]
            for rival in ("dmy", "mdy")
            if rival != order and rival in seen.witness
        ]
        if self.reading.date_order:
            says = N_(
                "{path}, {column}: dates such as {example} are read as {order}, as asked; "
                "{against:,} of {rows:,} do not fit."
            )
        elif rivals and seen.settled() == order:
            says = N_(
                "{path}, {column}: dates such as {example} are read as {order}, because of "
                "{witness}; {against:,} of {rows:,} do not fit."
            )
        else:
            says = N_(
                "{path}, {column}: dates such as {example} are read as {order}, like the "
                "other columns."
            )
        self.note(
            "facts.date_order",
            says,
            **self.where(place),
            order=_SPELLED[order],
            example=seen.example,
            witness=rivals[0] if rivals else seen.example,
            rows=seen.numeric,
            against=seen.against[order],
        )

    def _note_clocks(self, place: Place, seen: DayEvidence) -> None:
        where = self.where(place)
        if seen.offsets:
            says = (
                N_("{path}, {column}: times with an offset are converted to {timezone}.")
                if self.reading.timezone
                else N_(
                    "{path}, {column}: times with an offset are kept in {timezone}; set "
                    "the shop's zone with --timezone."
                )
            )
            zone = self.reading.timezone or "UTC"
            self.note("facts.offset", says, **where, timezone=zone)
        if seen.epochs:
            says = N_("{path}, {column}: {rows:,} values are read as seconds since 1970.")
            self.note("facts.epoch", says, **where, rows=seen.epochs)
        if seen.serials:
            says = N_("{path}, {column}: {rows:,} values are read as Excel day numbers.")
            self.note("facts.serial", says, **where, rows=seen.serials)

    def settle_numbers(self) -> None:
        settled = {place: seen.settled() for place, seen in self.numbers.items()}
        agreed = {sign for sign in settled.values() if sign}
        common: DecimalSign = "," if agreed == {","} else "."
        for place, seen in self.numbers.items():
            own = settled[place]
            sign = own or common
            self.habits.decimal[place] = sign
            against = seen.comma if sign == "." else seen.point
            if own and (sign == "," or against or seen.unsettled):
                self.note(
                    "facts.decimal",
                    N_(
                        "{path}, {column}: the decimal sign is “{sign}”, because of "
                        "{witness}; {against:,} rows do not fit."
                    ),
                    **self.where(place),
                    sign=sign,
                    witness=seen.witness[sign],
                    against=against,
                )
            elif not own and seen.unsettled:
                self.note(
                    "facts.decimal_open",
                    N_(
                        "{path}, {column}: {rows:,} values such as {example} read either "
                        "way; “{sign}” is taken as the decimal sign."
                    ),
                    **self.where(place),
                    sign=sign,
                    rows=seen.unsettled,
                    example=seen.example,
                )

    def settle_currency(self) -> None:
        rows: Counter[str] = Counter()
        asked = self.reading.currency
        for place in sorted(self.money):
            for seen, count in self.numbers[place].currencies.items():
                rows[currency_meant(seen, usual=asked or self.reading.usual)] += count
        if len(rows) > 1:
            self.note(
                "facts.currency_mixed",
                N_("Amounts carry several currencies ({seen}) and are added as they stand."),
                seen=", ".join(f"{name} ({rows[name]})" for name in sorted(rows)),
            )
            return
        self.habits.currency = next(iter(rows), None)
        if self.habits.currency and asked and self.habits.currency != asked:
            self.note(
                "facts.currency_clash",
                N_("Amounts are marked {seen} but shown as {asked}, as asked."),
                seen=self.habits.currency,
                asked=asked,
            )

    def note_ids(self) -> None:
        for place, seen in self.habits.ids.items():
            if seen.scientific:
                self.note(
                    "facts.id_rounded",
                    N_(
                        "{path}, {column}: a spreadsheet rounded ids to the form 1.38E+10; "
                        "customers may have merged."
                    ),
                    **self.where(place),
                )
