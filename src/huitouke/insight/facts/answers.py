"""Survey answers: files in, one row per answer, tied to the customers of the orders."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huitouke.errors import HuitoukeError
from huitouke.insight import tables
from huitouke.insight.engine import Engine
from huitouke.insight.facts.answer_headings import ANSWER_FIELDS, ANSWER_KINDS
from huitouke.insight.facts.cells import DATE_REASONS, Check, Part, put_aside
from huitouke.insight.facts.columns import MapUnknownColumn
from huitouke.insight.facts.files import Source, open_sources
from huitouke.insight.facts.habits import Habits, learn
from huitouke.insight.facts.headings import normalised
from huitouke.insight.facts.labels import as_text
from huitouke.insight.facts.moments import MISSING, OK, OUT_OF_RANGE, UNREADABLE
from huitouke.insight.facts.quarantine import Quarantine
from huitouke.insight.facts.reading import Note, Reading, RowCounts
from huitouke.insight.facts.said import column_notes
from huitouke.insight.facts.staging import Staged, stage
from huitouke.language import N_

__all__ = ["Answers", "NoUsableAnswers", "read_answers"]

_TYPE = re.compile(r"type[ _:\-]*(.+)", re.IGNORECASE)


_NONE = pa.schema(
    [
        ("customer_id", pa.string()),
        ("at", pa.int64()),
        ("kind", pa.string()),
        ("score", pa.float64()),
        ("text", pa.string()),
    ]
).empty_table()


class NoUsableAnswers(HuitoukeError):
    """Not one answer could be used."""

    code = "facts.no_usable_answers"
    says = N_("None of the {read} answers in {path} can be used.")
    remedy = N_("Give customer, date, kind, and score or text for each answer.")


@dataclass(frozen=True)
class Answers:
    """What the answer files say.

    Parameters
    ----------
    table
        ``tables.ANSWERS``, sorted by customer_id, answered_on, kind.
    rows
        What became of the rows; ``without_customer`` counts answers of customers that the
        orders do not know.
    notes
        What was decided.
    quarantine
        ``tables.QUARANTINE``.
    """

    table: pa.Table
    rows: RowCounts
    notes: tuple[Note, ...]
    quarantine: pa.Table


def read_answers(
    paths: Sequence[Path], *, customers: ir.Table, engine: Engine, reading: Reading
) -> Answers:
    """Read survey answers: customer, date, kind, score, text.

    Of several answers of one customer to the same kind of question on one day the last
    counts; the others are merged into it, like exact copies.

    Parameters
    ----------
    paths
        Files of any form that orders may have.
    customers
        ``tables.CUSTOMER_KEYS`` of the orders.
    engine
        Where the customers are.
    reading
        The options. Its mapping may name ``answered_on, kind, score, text``, and
        ``customer_id`` if the answers have that column; the rest is left to the orders.

    Returns
    -------
    Answers
        Rows and counts that add up.

    Raises
    ------
    HuitoukeError
        As ``read_orders``.
    """
    known = set(ANSWER_FIELDS.names)
    mapping = {name: text for name, text in reading.mapping.items() if name in known}
    own = replace(reading, mapping=mapping)
    with tempfile.TemporaryDirectory(dir=engine.folder) as folder:
        staged, habits, given, aside = _given(paths, Path(folder), own)
    read = sum(file.rows_read for file in staged)
    if not given.num_rows:
        raise NoUsableAnswers(path=", ".join(file.source.name for file in staged), read=read)
    last = _last_of_day(given)
    table = _tied(last, customers, engine)
    notes = [note for file in staged for note in (*file.notes, *column_notes(file))]
    notes += habits.notes
    rows = RowCounts(
        read,
        table.num_rows,
        given.num_rows - table.num_rows,
        aside.rows,
        table["customer_no"].null_count,
    )
    if rows.without_customer:
        notes.append(
            Note(
                "facts.answers_unknown",
                N_("{rows:,} answers are from customers without orders."),
                {"rows": rows.without_customer},
            )
        )
    if rows.merged:
        notes.append(
            Note(
                "facts.answers_merged",
                N_(
                    "{rows:,} answers repeat one of the same customer and day; the last counts."
                ),
                {"rows": rows.merged},
            )
        )
    return Answers(table, rows, tuple(notes), aside.table())


def _given(
    paths: Sequence[Path], folder: Path, reading: Reading
) -> tuple[list[Staged], Habits, pa.Table, Quarantine]:
    aside = Quarantine(reading.language)
    staged = [
        _staged(one, folder, reading=reading, aside=aside)
        for one in open_sources(paths, folder=folder)
    ]
    habits = learn(staged, fields=ANSWER_FIELDS, reading=reading)
    parts = [
        _usable(Part(file, number, chunk, habits, reading.timezone, Counter()), aside)
        for number, file in enumerate(staged)
        for chunk in file.chunks()
    ]
    return staged, habits, pa.concat_tables([_NONE, *parts]), aside


def _staged(source: Source, folder: Path, *, reading: Reading, aside: Quarantine) -> Staged:
    """Stage a file; the orders' own column of customers need not be in it."""
    mapping = dict(reading.mapping)
    try:
        return stage(
            source, folder=folder, fields=ANSWER_FIELDS, mapping=mapping, quarantine=aside
        )
    except MapUnknownColumn as error:
        if error.values["field"] != "customer_id":
            raise
    del mapping["customer_id"]
    return stage(source, folder=folder, fields=ANSWER_FIELDS, mapping=mapping, quarantine=aside)


def _usable(part: Part, aside: Quarantine) -> pa.Table:
    places = part.staged.columns.places
    when = part.moments("answered_on")
    assert when is not None  # noqa: S101 - find_columns requires the column
    customer = _texts(part, "customer_id")
    kind, kind_state = _kinds(_texts(part, "kind"))
    text = _texts(part, "text")
    score, score_state = _scores(part, kind)
    score_state = np.where((_state(text) == OK) & (score_state == MISSING), OK, score_state)
    said = places["score"][0] if "score" in places else places["text"][0]
    kinds = {MISSING: "kind_missing", UNREADABLE: "kind_unknown"}
    scores = {
        MISSING: "answer_empty",
        UNREADABLE: "score_unreadable",
        OUT_OF_RANGE: "score_out_of_range",
    }
    checks = [
        Check(places["customer_id"][0], _state(customer), {MISSING: "customer_missing"}),
        Check(places["answered_on"][0], when.state, DATE_REASONS),
        Check(places["kind"][0], kind_state, kinds),
        Check(said, score_state, scores),
    ]
    bad = put_aside(part, checks=checks, aside=aside)
    return pa.table(
        {
            "customer_id": customer,
            "at": pa.array(when.micros),
            "kind": kind,
            "score": score,
            "text": text,
        }
    ).filter(pa.array(~bad))


def _texts(part: Part, name: str) -> pa.Array:
    found = part.labels(name)
    return pa.nulls(part.rows, pa.string()) if found is None else as_text(found)


def _state(column: pa.Array) -> npt.NDArray[np.uint8]:
    there = column.is_valid().to_numpy(zero_copy_only=False)
    state: npt.NDArray[np.uint8] = np.where(there, OK, MISSING).astype(np.uint8)
    return state


def _kinds(column: pa.Array) -> tuple[pa.Array, npt.NDArray[np.uint8]]:
    names: list[str | None] = []
    state = []
    for word in column.to_pylist():
        kind = None if word is None else _kind(word)
        names.append(kind)
        state.append(OK if kind else MISSING if word is None else UNREADABLE)
    return pa.array(names, pa.string()), np.array(state, dtype=np.uint8)


def _kind(word: str) -> str | None:
    if found := ANSWER_KINDS.get(normalised(word)):
        return found
    named = _TYPE.fullmatch(word.strip())
    return f"type_{normalised(named[1])}" if named and normalised(named[1]) else None


def _scores(part: Part, kind: pa.Array) -> tuple[pa.Array, npt.NDArray[np.uint8]]:
    scaled = part.numbers("score")
    if scaled is None:
        missing = np.full(part.rows, MISSING, dtype=np.uint8)
        return pa.nulls(part.rows, pa.float64()), missing
    value = scaled.units / 1e4
    is_nps = np.array([name == "nps" for name in kind.to_pylist()], dtype=bool)
    outside = is_nps & (scaled.state == OK) & ((value < 0) | (value > 10))
    state = np.where(outside, OUT_OF_RANGE, scaled.state).astype(np.uint8)
    return pa.array(value, mask=state != OK), state


def _last_of_day(given: pa.Table) -> pa.Table:
    """Return one answer per customer, day and kind: the latest, then the last in the file."""
    order = np.lexsort((np.arange(given.num_rows), given["at"].to_numpy()))
    last: dict[tuple[str, int, str], int] = {}
    day = given["at"].to_numpy() // 86_400_000_000
    customers = given["customer_id"].to_pylist()
    kinds = given["kind"].to_pylist()
    for row in order:
        last[customers[row], int(day[row]), kinds[row]] = int(row)
    return given.take(pa.array([last[key] for key in sorted(last)], pa.int64()))


def _tied(answers: pa.Table, customers: ir.Table, engine: Engine) -> pa.Table:
    numbered = answers.append_column("row", pa.array(np.arange(answers.num_rows)))
    asked = engine.put(numbered.select(["row", "customer_id"]))
    found = engine.fetch(
        asked.join(customers, "customer_id").select("row", "customer_no"), order_by=("row",)
    )
    numbers = np.zeros(answers.num_rows, dtype=np.int64)
    rows = found["row"].to_numpy()
    numbers[rows] = found["customer_no"].to_numpy()
    unknown = np.ones(answers.num_rows, dtype=bool)
    unknown[rows] = False
    days = answers["at"].to_numpy() // 86_400_000_000
    return pa.table(
        {
            "customer_no": pa.array(numbers, mask=unknown),
            "customer_id": answers["customer_id"],
            "answered_on": pa.array(days.astype(np.int32)).cast(pa.date32()),
            "kind": answers["kind"],
            "score": answers["score"],
            "text": answers["text"],
        }
    ).cast(tables.ANSWERS.arrow_schema())
