"""Which column is which field: the header row, the mapping, and what is missing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from huitouke.errors import HuitoukeError
from huitouke.insight.facts.exports import Export, export_of
from huitouke.insight.facts.headings import FieldSet, normalised
from huitouke.language import N_

__all__ = [
    "HEADER_ROWS",
    "Columns",
    "ColumnsAmbiguous",
    "ColumnsMissing",
    "MapUnknownColumn",
    "MapUnknownField",
    "NotOrders",
    "find_columns",
    "listed",
]

#: A header is looked for in the first rows only.
HEADER_ROWS = 20
_PRICE_ALONE = frozenset({"price", "价格", "售价", "商品价格", "价钱", "價格", "售價"})


class ColumnsMissing(HuitoukeError):
    """A field that is needed has no column."""

    code = "facts.columns_missing"
    says = N_("{path} has no column for {missing}; its columns are {found}.")
    remedy = N_("If one of them is meant, say so with {options}.")


class NotOrders(ColumnsMissing):
    """The file lists customers, but no orders: neither a day nor an amount per order."""

    code = "facts.not_orders"
    says = N_(
        "{path} says nothing of orders: no column for {missing}. A list of customers is not "
        "enough, because loyalty is read from who bought when, for how much. "
        "Its columns are {found}."
    )
    remedy = N_("Give the orders behind it, one row per order, or map columns with {options}.")


class ColumnsAmbiguous(HuitoukeError):
    """Two columns claim the same field."""

    code = "facts.columns_ambiguous"
    says = N_("In {path} several columns could be {field}: {found}.")
    remedy = N_("Choose one with {options}.")


class MapUnknownField(HuitoukeError):
    """``--map`` names a field that does not exist."""

    code = "facts.map_unknown_field"
    says = N_("--map names the field {field}, which does not exist; the fields are {known}.")
    remedy = N_("Write the field first and the column second, as in amount=Total.")


class MapUnknownColumn(HuitoukeError):
    """``--map`` names a column that the file does not have."""

    code = "facts.map_unknown_column"
    says = N_("--map gives {field} the column {column}, but {path} has only {found}.")
    remedy = N_("Use a header as it stands in the file, or its position counted from 1.")


@dataclass(frozen=True)
class Columns:
    """Where each field stands in one file.

    Parameters
    ----------
    headers
        The headers as the file gives them; positions as text where it has none.
    header_row
        Index of the header among the rows looked at, or -1 if the file has no header.
    places
        Field to the indexes of its columns.
    passed_over
        Headers that also name a field but lost to a better one: (header, field).
    heads_only
        True if only the first line of an order carries its totals.
    """

    headers: tuple[str, ...]
    header_row: int
    places: dict[str, tuple[int, ...]]
    passed_over: tuple[tuple[str, str], ...]
    heads_only: bool = False

    def place(self, field: str) -> int | None:
        """Return the index of a field's column, or None."""
        found = self.places.get(field)
        return found[0] if found else None


def find_columns(
    rows: Sequence[Sequence[str]],
    *,
    fields: FieldSet,
    mapping: Mapping[str, str],
    path: str,
) -> Columns:
    """Find the header row and give every field its column.

    Parameters
    ----------
    rows
        The first rows of the file, at most ``HEADER_ROWS`` of them matter.
    fields
        The fields that are looked for.
    mapping
        Field to header or position, from ``--map``.
    path
        The file's name, for errors.

    Returns
    -------
    Columns
        The places; that every needed field has one is checked.

    Raises
    ------
    ColumnsMissing
        If a needed field has no column.
    ColumnsAmbiguous
        If two columns claim a field with equal right.
    MapUnknownField
        If the mapping names no field of this kind of file.
    MapUnknownColumn
        If the mapping names no column of this file.

    Examples
    --------
    >>> from huitouke.insight.facts.headings import ORDER_FIELDS
    >>> found = find_columns(
    ...     [["会员号", "下单时间", "实付", "金额"]],
    ...     fields=ORDER_FIELDS, mapping={}, path="x.csv",
    ... )
    >>> found.places
    {'customer_id': (0,), 'ordered_at': (1,), 'amount': (2,)}
    """
    for field in mapping:
        if field not in fields.names:
            raise MapUnknownField(field=field, known=", ".join(fields.names))
    looked_at = [list(row) for row in rows[:HEADER_ROWS]]
    header_row = _header_row(looked_at, fields, mapping)
    width = max((len(row) for row in looked_at), default=0)
    headers = (
        tuple(str(number) for number in range(1, width + 1))
        if header_row < 0
        else tuple(cell.strip() for cell in looked_at[header_row])
    )
    places = _mapped(headers, mapping, path)
    export = export_of(headers) if fields.name == "orders" else None
    named, passed_over = _recognised(headers, fields, mapped=places, path=path, export=export)
    places.update(named)
    if fields.name == "orders":
        _price_alone(headers, places)
    _require(fields, places, headers=headers, path=path)
    order = {name: index for index, name in enumerate(fields.names)}
    return Columns(
        headers,
        header_row,
        dict(sorted(places.items(), key=lambda pair: order[pair[0]])),
        passed_over,
        export is not None and export.heads_only,
    )


def _header_row(rows: list[list[str]], fields: FieldSet, mapping: Mapping[str, str]) -> int:
    parts = [part.strip() for text in mapping.values() for part in text.split("+")]
    wanted = {normalised(part) for part in parts if not part.isdecimal()}
    best, best_score = 0, 0
    for index, row in enumerate(rows):
        known = {field for cell in row for field in fields.claims(cell)}
        score = len(known) + 2 * len(wanted & {normalised(cell) for cell in row if cell})
        if score > best_score:
            best, best_score = index, score
    positional = bool(parts) and all(part.isdecimal() for part in parts)
    if best_score < 2 and positional and rows and _looks_like_values(rows[0]):
        return -1
    return best if best_score >= 2 else 0


def _looks_like_values(row: Sequence[str]) -> bool:
    return sum(any(letter.isdigit() for letter in cell) for cell in row) >= 2


def _mapped(
    headers: tuple[str, ...], mapping: Mapping[str, str], path: str
) -> dict[str, tuple[int, ...]]:
    places = {}
    for field, text in mapping.items():
        exact = _named(headers, text)
        parts = [text] if exact else text.split("+")
        places[field] = tuple(
            _column(headers, part.strip(), field=field, path=path) for part in parts
        )
    return places


def _named(headers: tuple[str, ...], text: str) -> list[int]:
    same = [index for index, header in enumerate(headers) if header == text.strip()]
    if same:
        return same
    plain = normalised(text)
    return [index for index, header in enumerate(headers) if normalised(header) == plain]


def _column(headers: tuple[str, ...], text: str, *, field: str, path: str) -> int:
    same = _named(headers, text)
    if len(same) > 1:
        raise ColumnsAmbiguous(
            path=path,
            field=field,
            found=", ".join(f"{headers[index]} ({index + 1})" for index in same),
            options=f"--map {field}={same[0] + 1}",
        )
    if same:
        return same[0]
    if text.isdecimal() and 1 <= int(text) <= len(headers):
        return int(text) - 1
    raise MapUnknownColumn(field=field, column=text, path=path, found=listed(headers))


def _recognised(
    headers: tuple[str, ...],
    fields: FieldSet,
    *,
    mapped: Mapping[str, tuple[int, ...]],
    path: str,
    export: Export | None,
) -> tuple[dict[str, tuple[int, ...]], tuple[tuple[str, str], ...]]:
    taken = {index for places in mapped.values() for index in places}
    claims: dict[str, dict[int, list[int]]] = {}
    for index, header in enumerate(headers):
        own = export.claims.get(normalised(header)) if export else None
        for name, tier in (fields.claims(header) if own is None else own).items():
            if index not in taken and name not in mapped:
                claims.setdefault(name, {}).setdefault(tier, []).append(index)
    places: dict[str, tuple[int, ...]] = {}
    passed_over: list[tuple[str, str]] = []
    for field in fields.fields:
        tiers = claims.get(field.name)
        if not tiers:
            continue
        best = tiers[min(tiers)]
        if len(best) > 1 and not field.adds_up:
            raise ColumnsAmbiguous(
                path=path,
                field=field.name,
                found=", ".join(f"{headers[index]} ({index + 1})" for index in best),
                options=f"--map {field.name}={best[0] + 1}",
            )
        places[field.name] = tuple(best)
        passed_over += [
            (headers[index], field.name)
            for tier, indexes in sorted(tiers.items())
            if tier > min(tiers)
            for index in indexes
        ]
    return places, tuple(passed_over)


def _price_alone(headers: tuple[str, ...], places: dict[str, tuple[int, ...]]) -> None:
    """Take a lone ``price`` for the amount where no quantity could multiply it."""
    price = places.get("unit_price")
    alone = "amount" not in places and "quantity" not in places
    if price and alone and normalised(headers[price[0]]) in _PRICE_ALONE:
        places["amount"] = places.pop("unit_price")


def _require(
    fields: FieldSet,
    places: Mapping[str, tuple[int, ...]],
    *,
    headers: tuple[str, ...],
    path: str,
) -> None:
    if fields.needs:
        needed = {group[0]: any(name in places for name in group) for group in fields.needs}
    elif fields.name == "orders":
        paid = "amount" in places or {"unit_price", "quantity"} <= places.keys()
        needed = {name: name in places for name in ("customer_id", "ordered_at")}
        needed["amount"] = paid
    else:
        needed = {name: name in places for name in ("customer_id", "answered_on", "kind")}
        needed["score"] = "score" in places or "text" in places
    missing = [name for name, there in needed.items() if not there]
    if not missing:
        return
    no_orders = fields.name == "orders" and {"ordered_at", "amount"} <= set(missing)
    error = NotOrders if no_orders and len(headers) > 3 else ColumnsMissing
    raise error(
        path=path,
        missing=", ".join(missing),
        found=listed(headers),
        options=" ".join(f"--map {name}=…" for name in missing),
    )


def _is_value(cell: str) -> bool:
    return "@" in cell or sum(letter.isdigit() for letter in cell) * 2 >= max(len(cell), 1)


def listed(headers: Sequence[str]) -> str:
    """Return headers as one phrase, cut after 30.

    Where the first row is data, its cells may be of a person, and positions stand for them.

    Examples
    --------
    >>> listed(["a", "", "b"])
    'a, (2), b'
    >>> listed(["Li Lei", "13800000000", "2024-03-05"])
    '(1), (2), (3)'
    """
    if sum(map(_is_value, headers)) >= 2:
        headers = [""] * len(headers)
    named = [
        re.sub(r"\s+", " ", header)[:40] or f"({number})"
        for number, header in enumerate(headers, start=1)
    ]
    return ", ".join(named[:30]) + (" …" if len(named) > 30 else "")
