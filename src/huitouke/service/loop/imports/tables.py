"""Files of one row a person, read by the same steps as the analysis; customers from them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from huitouke.insight.facts.cells import Part
from huitouke.insight.facts.files import open_sources
from huitouke.insight.facts.habits import Habits, learn
from huitouke.insight.facts.headings import FieldSet, normalised
from huitouke.insight.facts.labels import as_text
from huitouke.insight.facts.quarantine import Quarantine
from huitouke.insight.facts.read import NoRows
from huitouke.insight.facts.reading import DateOrder, Reading
from huitouke.insight.facts.staging import Chunk, Staged, stage
from huitouke.language import language_of_tag
from huitouke.service.customers.commands import NewCustomer
from huitouke.service.customers.imports import Row
from huitouke.service.loop.imports.fields import CUSTOMER_FIELDS, IDENTITY_KINDS

__all__ = [
    "TableFile",
    "born_on",
    "customer_rows",
    "identities",
    "language_named",
    "read_table",
    "texts",
]

_ROWS = 2_000
_GENDERS = {
    **dict.fromkeys(("female", "f", "woman", "女", "女士", "女性"), "female"),
    **dict.fromkeys(("male", "m", "man", "男", "先生", "男性"), "male"),
}
_DAY = re.compile(r"(\d{1,4})[-/.年](\d{1,2})[-/.月](\d{1,4})日?(?:[ T].*)?")
_PACKED = re.compile(r"(\d{4})(\d{2})(\d{2})")


@dataclass(frozen=True)
class TableFile:
    """One file, its columns known, ready to be read part by part."""

    staged: Staged
    habits: Habits
    reading: Reading
    aside: Quarantine

    def parts(self) -> Iterator[Part]:
        """Yield the rows, two thousand at a time, always cut at the same places."""
        for chunk in self.staged.chunks():
            for start in range(0, len(chunk.lines), _ROWS):
                some = Chunk(
                    chunk.lines[start : start + _ROWS],
                    [cells.slice(start, _ROWS) for cells in chunk.cells],
                )
                yield Part(self.staged, 0, some, self.habits, self.reading.timezone, Counter())

    @property
    def source(self) -> str:
        """The file's name."""
        return self.staged.source.name


def read_table(
    path: Path, *, fields: FieldSet, folder: Path, reading: Reading, name: str = ""
) -> TableFile:
    """Read a file's columns and habits.

    Parameters
    ----------
    path
        The file.
    fields
        What its columns may be.
    folder
        Takes the staged copy.
    reading
        The options.
    name
        What the file is called; empty: its path.

    Raises
    ------
    NoRows
        If there is nothing below the header.
    HuitoukeError
        As ``read_orders`` of the analysis.
    """
    aside = Quarantine(reading.language)
    (source,) = open_sources([path], folder=folder)
    source = replace(source, name=name or source.name)
    staged = stage(
        source, folder=folder, fields=fields, mapping=reading.mapping, quarantine=aside
    )
    if not staged.rows_read:
        raise NoRows(path=name or path.name)
    return TableFile(staged, learn([staged], fields=fields, reading=reading), reading, aside)


def texts(part: Part, name: str) -> list[str | None]:
    """Return a field of some rows as text, None where there is none.

    Parameters
    ----------
    part
        The rows.
    name
        The field.
    """
    found = part.labels(name)
    if found is None:
        return [None] * part.rows
    cells: list[str | None] = as_text(found).to_pylist()
    return cells


def identities(part: Part) -> list[tuple[tuple[str, str], ...]]:
    """Return the identities of each row, kind and value, the best first.

    Parameters
    ----------
    part
        The rows.
    """
    columns = [texts(part, name) for name in IDENTITY_KINDS]
    kinds = tuple(IDENTITY_KINDS.values())
    return [
        tuple([(kind, value) for kind, value in zip(kinds, row, strict=True) if value])
        for row in zip(*columns, strict=True)
    ]


def customer_rows(file: TableFile) -> Iterator[list[Row]]:
    """Yield the customers of a file, part by part.

    Parameters
    ----------
    file
        Read with ``CUSTOMER_FIELDS``.
    """
    order = file.reading.date_order
    for part in file.parts():
        named = {name: texts(part, name) for name in CUSTOMER_FIELDS.names}
        yield [
            Row(
                source=file.source,
                line_number=int(line),
                new=NewCustomer(
                    identities=who,
                    name=named["name"][n] or "",
                    birthday_on=born_on(named["birthday"][n] or "", order=order),
                    gender=_GENDERS.get((named["gender"][n] or "").strip().lower(), ""),
                    language=language_named(named["language"][n] or ""),
                    brand=named["brand"][n] or "",
                    household=named["household"][n] or "",
                ),
            )
            for n, (line, who) in enumerate(
                zip(part.chunk.lines, identities(part), strict=True)
            )
        ]


def language_named(text: str) -> str:
    """Return the language that a text names; Chinese if none.

    Parameters
    ----------
    text
        As in the file.

    Examples
    --------
    >>> language_named("English"), language_named("繁體中文"), language_named("zh-CN")
    ('en', 'zh-Hant', 'zh')
    """
    name = normalised(text)
    if name.startswith(("繁", "正體")):
        return "zh-Hant"
    return "en" if name.startswith(("en", "英")) else (language_of_tag(text) or "zh")


def born_on(text: str, *, order: DateOrder | None) -> date | None:
    """Return the day that a text names, or None.

    Parameters
    ----------
    text
        As in the file.
    order
        What 4/9/1985 means; None: such a day is not read.

    Examples
    --------
    >>> born_on("1985年4月9日", order=None), born_on("19850409", order=None)
    (datetime.date(1985, 4, 9), datetime.date(1985, 4, 9))
    >>> born_on("9/4/1985", order="dmy"), born_on("9/4/1985", order=None)
    (datetime.date(1985, 4, 9), None)
    """
    found = _DAY.fullmatch(text.strip()) or _PACKED.fullmatch(text.strip())
    if found is None:
        return None
    one, two, three = (int(each) for each in found.groups())
    if one > 31:
        year, month, day = one, two, three
    elif order == "dmy":
        day, month, year = one, two, three
    elif order == "mdy":
        month, day, year = one, two, three
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
