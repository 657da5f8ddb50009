"""The habits of each file: order of dates, decimal sign, look of ids, currency.

A column decides for itself from all its values. A column that cannot tell follows the other
columns of its kind, in the same file or another, where those agree. What is decided is noted
with its evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from huitouke.insight.errors import HuitoukeError
from huitouke.insight.facts.amounts import AmountEvidence, DecimalSign, weigh_amounts
from huitouke.insight.facts.headings import FieldSet
from huitouke.insight.facts.labels import IdEvidence, weigh_ids
from huitouke.insight.facts.moments import DayEvidence, weigh_days
from huitouke.insight.facts.reading import DateOrder, Note, Reading
from huitouke.insight.facts.staging import Staged
from huitouke.insight.language import N_

__all__ = ["DateOrderAmbiguous", "Habits", "learn"]

#: A column: which file, which place.
Place = tuple[int, int]


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
    days: dict[Place, DayEvidence] = {}
    sums: dict[Place, AmountEvidence] = {}
    habits = Habits()
    for number, file in enumerate(staged):
        wanted: dict[int, str] = {}
        kinds = file.kinds()
        for name, places in file.columns.places.items():
            kind = fields.field(name).kind
            for place in places:
                if kind == "moment":
                    days[number, place] = DayEvidence()
                    if getattr(kinds[place], "tz", None):
                        days[number, place].offsets = file.rows_read
                elif kind in {"money", "measure"}:
                    sums[number, place] = AmountEvidence()
                elif kind == "id":
                    habits.ids[number, place] = IdEvidence()
                if _tells(kind, kinds[place]):
                    wanted[place] = kind
        for chunk in file.some_columns(list(wanted)):
            for place, column in chunk.items():
                if wanted[place] == "moment":
                    weigh_days(column, evidence=days[number, place])
                elif wanted[place] == "id":
                    weigh_ids(column, evidence=habits.ids[number, place])
                else:
                    weigh_amounts(column, evidence=sums[number, place])
    _settle_days(days, staged, reading, habits)
    _settle_sums(sums, staged, habits)
    _settle_currency(sums, reading, habits, _money(staged, fields))
    _note_ids(staged, habits)
    return habits


def _tells(kind: str, column: pa.DataType) -> bool:
    if kind == "label":
        return False
    if kind == "moment":
        return not pa.types.is_temporal(column)
    return not (pa.types.is_primitive(column) or pa.types.is_decimal(column))


def _money(staged: Sequence[Staged], fields: FieldSet) -> set[Place]:
    return {
        (number, place)
        for number, file in enumerate(staged)
        for name, places in file.columns.places.items()
        if fields.field(name).kind == "money"
        for place in places
    }


def _where(staged: Sequence[Staged], place: Place) -> dict[str, str]:
    file = staged[place[0]]
    return {"path": file.source.name, "column": file.columns.headers[place[1]]}


def _settle_days(
    days: dict[Place, DayEvidence], staged: Sequence[Staged], reading: Reading, habits: Habits
) -> None:
    settled = {place: seen.settled() for place, seen in days.items() if seen.numeric}
    agreed = {order for order in settled.values() if order}
    for place, seen in days.items():
        where = _where(staged, place)
        _note_clocks(seen, where, reading, habits)
        order = reading.date_order or settled.get(place)
        if order is None and seen.numeric:
            if len(agreed) != 1:
                raise DateOrderAmbiguous(**where, example=seen.example, rows=seen.numeric)
            order = next(iter(agreed))
        habits.order[place] = order or "dmy"
        if seen.numeric and order:
            habits.notes.append(_note_order(seen, order, where, reading))


_SPELLED: dict[DateOrder, str] = {
    "dmy": "day/month/year",
    "mdy": "month/day/year",
    "ymd": "year/month/day",
}


def _note_order(
    seen: DayEvidence, order: DateOrder, where: dict[str, str], reading: Reading
) -> Note:
    values = {
        **where,
        "order": _SPELLED[order],
        "example": seen.example,
        "rows": seen.numeric,
        "against": seen.against[order],
    }
    rivals = [
        seen.witness[rival]
        for rival in ("dmy", "mdy")
        if rival != order and rival in seen.witness
    ]
    if reading.date_order:
        says = N_(
            "{path}, column {column}: dates such as {example} are read as {order}, as asked; "
            "{against} of {rows} rows do not fit."
        )
    elif rivals and seen.settled() == order:
        values["witness"] = rivals[0]
        says = N_(
            "{path}, column {column}: dates such as {example} are read as {order}, because "
            "{witness} cannot be read otherwise; {against} of {rows} rows do not fit."
        )
    else:
        says = N_(
            "{path}, column {column}: dates such as {example} read either way in this column "
            "and are read as {order}, like those of the other columns."
        )
    return Note("facts.date_order", says, values)


def _note_clocks(
    seen: DayEvidence, where: dict[str, str], reading: Reading, habits: Habits
) -> None:
    if seen.offsets:
        zone = reading.timezone or "UTC"
        says = (
            N_("{path}, column {column}: moments with an offset are converted to {timezone}.")
            if reading.timezone
            else N_(
                "{path}, column {column}: moments with an offset are kept in {timezone}; give "
                "the shop's own time zone with --timezone."
            )
        )
        habits.notes.append(Note("facts.offset", says, {**where, "timezone": zone}))
    if seen.epochs:
        habits.notes.append(
            Note(
                "facts.epoch",
                N_("{path}, column {column}: {rows} values are read as seconds since 1970."),
                {**where, "rows": seen.epochs},
            )
        )
    if seen.serials:
        habits.notes.append(
            Note(
                "facts.serial",
                N_("{path}, column {column}: {rows} values are read as Excel day numbers."),
                {**where, "rows": seen.serials},
            )
        )


def _settle_sums(
    sums: dict[Place, AmountEvidence], staged: Sequence[Staged], habits: Habits
) -> None:
    settled = {place: seen.settled() for place, seen in sums.items()}
    agreed = {sign for sign in settled.values() if sign}
    for place, seen in sums.items():
        own = settled[place]
        sign: DecimalSign = own or (next(iter(agreed)) if len(agreed) == 1 else ".")
        habits.decimal[place] = sign
        against = seen.comma if sign == "." else seen.point
        values = {**_where(staged, place), "sign": sign, "example": seen.example}
        values |= {"rows": str(seen.unsettled), "against": str(against)}
        if own and (sign == "," or against or seen.unsettled):
            values["witness"] = seen.witness[sign]
            says = N_(
                "{path}, column {column}: the decimal sign is “{sign}”, because of values such "
                "as {witness}; {against} rows do not fit."
            )
        elif not own and seen.unsettled:
            says = N_(
                "{path}, column {column}: {rows} values such as {example} read either way; "
                "“{sign}” is taken as the decimal sign."
            )
        else:
            continue
        habits.notes.append(Note("facts.decimal", says, values))


def _settle_currency(
    sums: dict[Place, AmountEvidence], reading: Reading, habits: Habits, money: set[Place]
) -> None:
    rows: dict[str, int] = {}
    for place, seen in sums.items():
        for currency, count in seen.currencies.items():
            if place in money:
                rows[currency] = rows.get(currency, 0) + count
    if len(rows) > 1:
        seen_list = ", ".join(f"{name} ({rows[name]})" for name in sorted(rows))
        habits.notes.append(
            Note(
                "facts.currency_mixed",
                N_(
                    "The amounts carry several currencies, {seen}; they are added as they stand."
                ),
                {"seen": seen_list},
            )
        )
        return
    habits.currency = next(iter(rows), None)
    if habits.currency and reading.currency and habits.currency != reading.currency:
        habits.notes.append(
            Note(
                "facts.currency_clash",
                N_(
                    "The amounts are marked {seen}, but {asked} was asked for; {asked} is shown."
                ),
                {"seen": habits.currency, "asked": reading.currency},
            )
        )


def _note_ids(staged: Sequence[Staged], habits: Habits) -> None:
    for place, seen in habits.ids.items():
        if seen.scientific:
            habits.notes.append(
                Note(
                    "facts.id_rounded",
                    N_(
                        "{path}, column {column}: ids such as 1.38E+10 were rounded by a "
                        "spreadsheet; different customers may have become one."
                    ),
                    dict(_where(staged, place)),
                )
            )
