"""A first look into a file: which column is taken for what, on what evidence, with samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from huitouke.insight.engine import Engine
from huitouke.insight.facts.columns import ColumnsAmbiguous, ColumnsMissing
from huitouke.insight.facts.files import Source, open_sources
from huitouke.insight.facts.habits import DateOrderAmbiguous, learn
from huitouke.insight.facts.headings import FieldSet
from huitouke.insight.facts.labels import as_text
from huitouke.insight.facts.quarantine import Quarantine
from huitouke.insight.facts.read import NoRows
from huitouke.insight.facts.staging import Staged, stage
from huitouke.service.loop.imports.fields import IDENTITY_KINDS
from huitouke.service.loop.imports.hazards import TooManyColumns, look_over
from huitouke.service.loop.imports.opening import Request, settled

__all__ = ["Look", "look", "missing_fields"]

_SAMPLES = 5
_CELL_SHOWN = 60
_COLUMNS_MOST = 500


@dataclass(frozen=True, kw_only=True)
class Look:
    """What was seen of a file.

    Parameters
    ----------
    headers
        The columns as the file names them; positions where it has no header.
    places
        Field to the indexes of its columns.
    doubtful
        Fields that several columns could be; the first of them is taken for now.
    missing
        Fields that are needed and have no column, as groups of which one is enough.
    rows
        How many there are below the header.
    samples
        The first few rows, as text, cut where a cell is long.
    notes
        What was decided of encoding, dates, amounts, in the reader's words.
    undecided
        A date that reads either day first or month first; empty: all can be read.
    currency
        What the amounts are marked with, if it is one.
    """

    headers: tuple[str, ...]
    places: Mapping[str, tuple[int, ...]]
    doubtful: tuple[str, ...]
    missing: tuple[tuple[str, ...], ...]
    rows: int
    samples: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    undecided: str = ""
    currency: str = ""

    def stored(self) -> dict[str, Any]:
        """Return it as JSON-able values."""
        return asdict(self)


def missing_fields(kind: str, fields: set[str]) -> tuple[tuple[str, ...], ...]:
    """Return which fields are needed and not there, as groups of which one is enough.

    Parameters
    ----------
    kind
        ``customers``, ``orders`` or ``balances``.
    fields
        Those that have a column.

    Examples
    --------
    >>> missing_fields("orders", {"customer_id", "ordered_at"})
    (('amount',),)
    >>> missing_fields("customers", {"phone"})
    ()
    """
    if kind == "orders":
        if {"unit_price", "quantity"} <= fields:
            fields = {*fields, "amount"}
        groups: tuple[tuple[str, ...], ...] = (("customer_id",), ("ordered_at",), ("amount",))
    elif kind == "customers":
        groups = (tuple(IDENTITY_KINDS),)
    else:
        groups = (tuple(IDENTITY_KINDS), ("points", "tier"))
    return tuple(group for group in groups if fields.isdisjoint(group))


def look(kind: str, *, request: Request) -> Look:
    """Look into a file without bringing anything in.

    Parameters
    ----------
    kind
        ``customers``, ``orders`` or ``balances``.
    request
        Which file, and what was said of it so far.

    Raises
    ------
    HuitoukeError
        If it is no table, or a hazard.
    """
    request = settled(request)
    look_over(request.file, name=request.name or request.file.name)
    fields = request.fields(kind)
    with Engine() as engine:
        (source,) = open_sources([request.file], folder=engine.folder)
        source = replace(source, name=request.name or source.name)
        aside = Quarantine(request.reader.language)
        staged, doubtful, known = _staged(
            source,
            fields=fields,
            mapping=dict(request.mapping),
            folder=engine.folder,
            aside=aside,
        )
        if len(staged.columns.headers) > _COLUMNS_MOST:
            what = TooManyColumns.columns
            raise TooManyColumns(path=source.name, most=_COLUMNS_MOST, what=what)
        if not staged.rows_read:
            raise NoRows(path=source.name)
        places = dict(staged.columns.places) if known else {}
        notes, undecided, currency = _habits(staged, fields=fields, request=request)
        return Look(
            headers=staged.columns.headers,
            places=places,
            doubtful=tuple(doubtful),
            missing=missing_fields(kind, set(places)),
            rows=staged.rows_read,
            samples=_samples(staged),
            notes=notes,
            undecided=undecided,
            currency=currency,
        )


def _staged(
    source: Source,
    *,
    fields: FieldSet,
    mapping: dict[str, str],
    folder: Path,
    aside: Quarantine,
) -> tuple[Staged, list[str], bool]:
    """Return the file staged, fields in doubt, and whether any column is known at all."""
    anything = replace(fields, needs=(fields.names,))
    doubtful: list[str] = []
    while True:
        try:
            found = stage(
                source, folder=folder, fields=anything, mapping=mapping, quarantine=aside
            )
        except ColumnsAmbiguous as error:
            # The error says how to choose the first of them: ``--map field=3``.
            field, _, place = str(error.values["options"]).removeprefix("--map ").partition("=")
            if mapping.get(field) == place:
                raise
            mapping[field] = place
            doubtful.append(field)
        except ColumnsMissing:
            # Nothing is recognised; taken by position, so that the columns can be shown.
            mapping = {fields.names[0]: "1"}
            found = stage(
                source, folder=folder, fields=anything, mapping=mapping, quarantine=aside
            )
            return found, [], False
        else:
            return found, doubtful, True


def _habits(
    staged: Staged, *, fields: FieldSet, request: Request
) -> tuple[tuple[str, ...], str, str]:
    """Return what is decided of dates and amounts, a date in doubt, and the currency."""
    language = request.reader.language
    said = [note.text(language) for note in staged.notes]
    try:
        habits = learn([staged], fields=fields, reading=request.reading)
    except DateOrderAmbiguous as error:
        return tuple(said), str(error.values["example"]), ""
    said += [note.text(language) for note in habits.notes]
    return tuple(said), "", habits.currency or ""


def _samples(staged: Staged) -> tuple[tuple[str, ...], ...]:
    for chunk in staged.chunks():
        columns = [as_text(cells.slice(0, _SAMPLES)).to_pylist() for cells in chunk.cells]
        return tuple(
            tuple((cell or "").replace("\0", "")[:_CELL_SHOWN] for cell in row)
            for row in zip(*columns, strict=True)
        )
    return ()
