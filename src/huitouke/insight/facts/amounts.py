"""Amounts in either decimal habit, exact: digits to whole ten-thousandths, never by float.

Whether 1.234 is a thousand or one and a quarter is decided over the whole column.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from functools import cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from huitouke.insight.facts.currencies import MARKS, SEEN
from huitouke.insight.facts.labels import as_text, is_empty_word, says_nothing
from huitouke.insight.facts.moments import MISSING, OK, OUT_OF_RANGE, UNREADABLE
from huitouke.insight.facts.shapes import Shape, clean_uniques, number_at, shapes

__all__ = [
    "LARGEST",
    "AmountEvidence",
    "DecimalSign",
    "Scaled",
    "read_amounts",
    "times",
    "weigh_amounts",
]

DecimalSign = Literal[".", ","]

#: Amounts and quantities beyond this are not believed, and sums of them cannot overflow.
LARGEST = 10_000_000_000

_SIGN = "[-+]|−|–"
_CORE = "(?P<core>[9.,' \xa0\u2019]*9[9.,]*)"
_WRAPPED = re.compile(
    (
        rf"(?P<before>(?:{_SIGN}))?(?P<open>\()? *(?P<cur>{MARKS})? *(?P<sign>{_SIGN})? *"
        rf"{_CORE} *(?P<cur2>{MARKS})?(?P<after>-|−)?(?P<close>\))?"
    ).encode()
)
_SCIENTIFIC = re.compile(rb"[-+]?9+(?:[.,]9+)?e[-+]?9{1,2}")
_PLAIN = re.compile(rb"(9*)(?:([.,])(9*))?")
_GROUPED = re.compile(
    rb"9{1,3}(?P<between>[,. ']|\xe2\x80\x99)9{3}(?:(?P=between)9{3})*(?:(?P<mark>[.,])9*)?"
)
_INDIAN = re.compile(rb"9{1,2}(?P<between>,)(?:9{2},)+9{3}(?:(?P<mark>[.])9*)?")


@dataclass
class AmountEvidence:
    """What a column of numbers says about its own habit and currency.

    Parameters
    ----------
    point, comma
        Rows that can only be read with a decimal point, or a decimal comma.
    unsettled
        Rows like 1.234 or 1,234 that read either way.
    witness
        One value for ``.`` and for ``,`` that settles it.
    example
        One unsettled value.
    currencies
        Rows with each currency, by code, or by its sign where several share that
        (``currencies.currency_meant``).
    """

    point: int = 0
    comma: int = 0
    unsettled: int = 0
    witness: dict[str, str] = field(default_factory=dict)
    example: str = ""
    currencies: dict[str, int] = field(default_factory=dict)

    def settled(self) -> DecimalSign | None:
        """Return the decimal sign that most rows need, None if no row tells."""
        if self.point == self.comma:
            return None
        return "." if self.point > self.comma else ","


@dataclass(frozen=True)
class Scaled:
    """A column of numbers as whole multiples of a small unit.

    Parameters
    ----------
    units
        The numbers times ten to the number of places asked for, shape (rows,).
    state
        ``OK``, ``MISSING``, ``UNREADABLE`` or ``OUT_OF_RANGE`` per row.
    """

    units: npt.NDArray[np.int64]
    state: npt.NDArray[np.uint8]


@dataclass(frozen=True)
class _Plan:
    """Where the digits of a shape stand, and what is around them."""

    whole: npt.NDArray[np.int64]
    part: npt.NDArray[np.int64]
    negative: bool
    currency: str
    tells: str
    groups: str


@cache
def _plan(shape: bytes, decimal: DecimalSign | None) -> _Plan | None:
    found = _WRAPPED.fullmatch(shape)
    if not found or bool(found["open"]) != bool(found["close"]):
        return None
    signs = [mark for mark in (found["before"], found["sign"], found["after"]) if mark]
    if len(signs) + bool(found["open"]) > 1 or (found["cur"] and found["cur2"]):
        return None
    core = found["core"].strip()
    start = found.start("core") + len(found["core"]) - len(found["core"].lstrip())
    mark, groups = _separators(core)
    if mark is None:
        return None
    tells, decimal_at = _resolve(core, mark=mark, groups=groups, decimal=decimal)
    if tells == "bad":
        return None
    places = np.array([i for i, byte in enumerate(core) if byte == ord("9")], dtype=np.int64)
    cut = len(core) if decimal_at < 0 else decimal_at
    currency = (found["cur"] or found["cur2"] or b"").decode()
    return _Plan(
        places[places < cut] + start,
        places[places > cut] + start,
        bool(found["open"]) or any(mark != b"+" for mark in signs),
        SEEN.get(currency, ""),
        tells,
        groups,
    )


def _separators(core: bytes) -> tuple[str | None, str]:
    """Return the possible decimal sign ("" if none) and the sign between groups."""
    plain = _PLAIN.fullmatch(core)
    if plain:
        return (plain[2] or b"").decode(), ""
    grouped = _GROUPED.fullmatch(core) or _INDIAN.fullmatch(core)
    if not grouped:
        return None, ""
    return (grouped["mark"] or b"").decode(), grouped["between"].decode()


def _resolve(
    core: bytes, *, mark: str, groups: str, decimal: DecimalSign | None
) -> tuple[str, int]:
    """Return what a shape tells ("." "," either, bad or "") and where its decimals begin."""
    place = core.rfind(mark.encode()) if mark else -1
    if groups in {",", "."}:
        tells = "," if groups == "." else "."
        fits = mark in {"", tells}
    elif not mark:
        return "", -1
    elif not groups and len(core) - place == 4 and 1 <= place <= 3:
        return "either", place if decimal in {None, mark} else -1
    else:
        tells, fits = mark, True
    if not fits or decimal not in {None, tells}:
        return "bad", -1
    return tells, place


def weigh_amounts(column: pa.Array, *, evidence: AmountEvidence) -> None:
    """Add what some rows of a column say to the evidence; only text says something.

    Parameters
    ----------
    column
        Any column.
    evidence
        Added to.

    Examples
    --------
    >>> evidence = AmountEvidence()
    >>> weigh_amounts(pa.array(["€ 1.234", "12,50"]), evidence=evidence)
    >>> evidence.settled(), evidence.unsettled, evidence.currencies
    (',', 1, {'EUR': 1})
    """
    if pa.types.is_primitive(column.type) or pa.types.is_decimal(column.type):
        return
    uniques = clean_uniques(as_text(column))
    counts = uniques.counts()
    for shape in shapes(uniques.texts):
        plan = _plan(shape.text, None)
        if plan is None:
            continue
        rows = int(counts[shape.rows].sum())
        if plan.currency:
            evidence.currencies[plan.currency] = (
                evidence.currencies.get(plan.currency, 0) + rows
            )
        tells = plan.tells
        if tells == "either":
            tells = _zero_before(shape, plan)
        if tells == "either":
            evidence.unsettled += rows
            evidence.example = evidence.example or shape.example()
        elif tells:
            evidence.point += rows if tells == "." else 0
            evidence.comma += rows if tells == "," else 0
            evidence.witness.setdefault(tells, shape.example())


def _zero_before(shape: Shape, plan: _Plan) -> str:
    """Return the sign if a value such as 0.125 settles what 1.234 leaves open."""
    leading = shape.cells[:, plan.whole[0]] == ord("0")
    return chr(shape.cells[0, plan.whole[-1] + 1]) if leading.any() else "either"


def read_amounts(
    column: pa.Array, *, places: int, decimal: DecimalSign, optional: bool = False
) -> Scaled:
    """Read a column of numbers as whole multiples of ten to minus ``places``.

    Digits beyond the places round half to even.

    Parameters
    ----------
    column
        Text or numbers.
    places
        Decimal places that are kept: 4 for money, 8 for unit prices.
    decimal
        The decimal sign of text.
    optional
        True if words such as 无退款 or "no discount" mean that there is nothing.

    Returns
    -------
    Scaled
        One entry per row.

    Examples
    --------
    >>> read_amounts(pa.array(["(¥1,234.50)", "12-", "x"]), places=4, decimal=".")
    Scaled(units=array([-12345000,   -120000,         0]), state=array([0, 0, 2], dtype=uint8))
    """
    if pa.types.is_decimal(column.type):
        column, decimal = column.cast(pa.string()), "."
    if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
        return _read_native(column, places)
    uniques = clean_uniques(as_text(column))
    size = len(uniques.texts)
    units = np.zeros(size + 1, dtype=np.int64)
    state = np.full(size + 1, UNREADABLE, dtype=np.uint8)
    state[size] = MISSING
    empty: Any = is_empty_word(uniques.texts)
    state[:size][empty.to_numpy(zero_copy_only=False)] = MISSING
    for shape in shapes(uniques.texts):
        plan = _plan(shape.text, decimal)
        if plan is not None:
            units[shape.rows], state[shape.rows] = _read_shape(shape, plan, places)
        elif _SCIENTIFIC.fullmatch(shape.text):
            units[shape.rows], state[shape.rows] = _read_scientific(shape, places)
    if optional:
        open_ = np.flatnonzero(state[:size] == UNREADABLE)
        state[open_[says_nothing(uniques.texts.take(pa.array(open_)))]] = MISSING
    return Scaled(units[uniques.of_row], state[uniques.of_row])


def _read_shape(
    shape: Shape, plan: _Plan, places: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    if len(plan.whole) > 18:
        outside = np.full(len(shape.rows), OUT_OF_RANGE, dtype=np.uint8)
        return np.zeros(len(shape.rows), dtype=np.int64), outside
    whole = number_at(shape.cells, plan.whole)
    inside = whole <= LARGEST
    kept = plan.part[:places]
    part = number_at(shape.cells, kept) * 10 ** (places - len(kept))
    units = np.where(inside, whole, 0) * 10**places + part
    rest = plan.part[places : places + 18]
    if len(rest):
        beyond = number_at(shape.cells, rest)
        half = 5 * 10 ** (len(rest) - 1)
        units += (beyond > half) | ((beyond == half) & (units % 2 == 1))
    if plan.negative:
        units = -units
    return np.where(inside, units, 0), np.where(inside, OK, OUT_OF_RANGE).astype(np.uint8)


def _read_scientific(
    shape: Shape, places: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    units = np.zeros(len(shape.rows), dtype=np.int64)
    state = np.full(len(shape.rows), OK, dtype=np.uint8)
    for row in range(len(shape.rows)):
        try:
            value = Decimal(shape.example(row).replace(",", "."))
        except InvalidOperation:
            state[row] = UNREADABLE
            continue
        if abs(value) > LARGEST:
            state[row] = OUT_OF_RANGE
        else:
            units[row] = int(value.scaleb(places).to_integral_value(rounding=ROUND_HALF_EVEN))
    return units, state


def _read_native(column: pa.Array, places: int) -> Scaled:
    missing = column.is_null().to_numpy(zero_copy_only=False)
    if pa.types.is_integer(column.type):
        values: Any = pc.fill_null(column, 0).to_numpy(zero_copy_only=False)
        inside = (values <= LARGEST) & (values >= -min(LARGEST, np.iinfo(values.dtype).max))
        units = np.where(inside, values, 0).astype(np.int64) * 10**places
    else:
        values = pc.fill_null(column.cast(pa.float64()), np.nan).to_numpy(zero_copy_only=False)
        missing = missing | np.isnan(values)
        inside = np.abs(np.where(missing, 0.0, values)) <= LARGEST
        usable = np.where(inside & ~missing, values, 0.0)
        units = np.rint(usable * float(10**places)).astype(np.int64)
    state = np.where(inside, OK, OUT_OF_RANGE)
    return Scaled(units, np.where(missing, MISSING, state).astype(np.uint8))


def times(price: Scaled, *, quantity: Scaled) -> Scaled:
    """Return unit price (8 places) times quantity (4 places) as an amount (4 places).

    Exact, rounded half to even once.

    Parameters
    ----------
    price
        Unit prices with 8 decimal places.
    quantity
        Quantities with 4 decimal places.

    Examples
    --------
    >>> price = read_amounts(pa.array(["2.55", "0.0001"]), places=8, decimal=".")
    >>> pieces = read_amounts(pa.array(["6", "0.5"]), places=4, decimal=".")
    >>> times(price, quantity=pieces).units.tolist()
    [153000, 0]
    """
    state = np.where(price.state == OK, quantity.state, price.state)
    rough = np.abs(price.units / 1e8) * np.abs(quantity.units / 1e4)
    state = np.where((state == OK) & (rough > LARGEST), OUT_OF_RANGE, state)
    usable = state == OK
    p = np.where(usable, price.units, 0)
    pieces, odd = np.divmod(np.where(usable, quantity.units, 0), 10_000)
    units = _half_even(p * np.where(odd == 0, pieces, 0), 10_000)
    for row in np.flatnonzero(odd):
        exact = int(p[row]) * int(quantity.units[row])
        units[row] = int(Decimal(exact).scaleb(-8).to_integral_value(rounding=ROUND_HALF_EVEN))
    return Scaled(units, state.astype(np.uint8))


def _half_even(units: npt.NDArray[np.int64], by: int) -> npt.NDArray[np.int64]:
    quotient, rest = np.divmod(units, by)
    up = (2 * rest > by) | ((2 * rest == by) & (quotient % 2 == 1))
    rounded: npt.NDArray[np.int64] = quotient + up
    return rounded
