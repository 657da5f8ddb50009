"""Dates and times in every habit, read shape by shape.

What 4/9/2012 means is decided over the whole column: one day above 12 settles it, whatever
stands between the numbers. A column that never tells is a question for the user.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from huitouke.insight.facts.labels import as_text, is_empty_word
from huitouke.insight.facts.reading import DateOrder
from huitouke.insight.facts.shapes import Shape, clean_uniques, number_at, shapes

__all__ = [
    "CONTRADICTS",
    "MISSING",
    "OK",
    "OUT_OF_RANGE",
    "UNREADABLE",
    "DayEvidence",
    "Moments",
    "read_moments",
    "weigh_days",
]

OK, MISSING, UNREADABLE, CONTRADICTS, OUT_OF_RANGE = range(5)

_ORDERS: tuple[DateOrder, ...] = ("dmy", "mdy", "ymd")
_DAY = 86_400_000_000
_SECOND = 1_000_000
_EARLIEST = np.datetime64("1990-01-01", "us").astype(np.int64)
_LATEST = np.datetime64("2101-01-01", "us").astype(np.int64)
_EXCEL_ZERO = np.datetime64("1899-12-30", "us").astype(np.int64)
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
        start=1,
    )
}
_MONTH = (
    "(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    "|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_WEEKDAY = "(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[,.]? +)?"
_TIME = (
    "(?: *(?:星期|周)(?:一|二|三|四|五|六|日|天))?"
    "(?:(?:[ t]*|, *)(?P<half>上午|下午|凌晨|早上|晚上)? *"
    "(?P<H>9{1,2})(?::|时|点)(?P<M>9{1,2})"
    "(?:(?::|分)(?P<S>9{1,2})(?:秒)?(?:[.,](?P<F>9{1,9}))?|分)?"
    " *(?P<noon>am|pm|a[.]m[.]|p[.]m[.])?"
    " *(?:(?P<z>z|utc|gmt)?(?P<zsign>[+-])(?P<zh>9{2}):?(?P<zm>9{2})?|(?P<zulu>z|utc|gmt))?)?"
)
_PATTERNS = tuple(
    re.compile((_WEEKDAY + pattern).encode())
    for pattern in (
        r"(?P<y>9{4})(?P<sep>[-/. ])(?P<m>9{1,2})(?P=sep)(?P<d>9{1,2})" + _TIME,
        r"(?P<y>9{4}|9{2})年 *(?P<m>9{1,2})月 *(?P<d>9{1,2})(?:日|号)?" + _TIME,
        r"(?P<a>9{1,2})(?P<sep>[-/. ])(?P<b>9{1,2})(?P=sep)(?P<c>9{4}|9{2})" + _TIME,
        rf"(?P<d>9{{1,2}})(?:st|nd|rd|th)?[-/ .,]*{_MONTH}[-/ .,]*(?P<y>9{{4}}|9{{2}})" + _TIME,
        rf"{_MONTH}[-/ .]*(?P<d>9{{1,2}})(?:st|nd|rd|th)?[-/ ,]+(?P<y>9{{4}})" + _TIME,
        rf"(?P<y>9{{4}})[-/ .]*{_MONTH}[-/ .]*(?P<d>9{{1,2}})" + _TIME,
        r"(?P<y>9{4})(?P<m>9{2})(?P<d>9{2})[ t]?(?P<H>9{2})(?P<M>9{2})(?P<S>9{2})?(?P<zulu>z)?",
        r"(?P<y>9{4})(?P<m>9{2})(?P<d>9{2})" + _TIME,
        r"(?P<serial>9{5})(?:[.](?P<part>9{1,15}))?",
        r"(?P<epoch>9{10})(?:[.]9{1,9})?",
        r"(?P<epoch>9{10})(?P<F>9{3}|9{6})",
    )
)


@dataclass(frozen=True)
class _Plan:
    """Where the parts of a shape stand, in bytes."""

    spans: dict[str, npt.NDArray[np.int64]]
    words: dict[str, str]

    def part(self, shape: Shape, name: str) -> npt.NDArray[np.int64]:
        places = self.spans.get(name)
        if places is None:
            return np.zeros(len(shape.cells), dtype=np.int64)
        return number_at(shape.cells, places)

    @property
    def numeric(self) -> bool:
        return "a" in self.spans

    @property
    def aware(self) -> bool:
        return bool({"zulu", "zsign"} & self.words.keys()) or "epoch" in self.spans


@cache
def _plan(shape: bytes) -> _Plan | None:
    for pattern in _PATTERNS:
        found = pattern.fullmatch(shape)
        if found:
            spans = {}
            words = {}
            for name, text in found.groupdict().items():
                if text and text.strip(b"9") == b"":
                    spans[name] = np.arange(*found.span(name))
                elif text:
                    words[name] = text.decode()
            return _Plan(spans, words)
    return None


@dataclass
class DayEvidence:
    """What a column says about its own order of day, month and year.

    Parameters
    ----------
    numeric
        Rows with three short numbers.
    against
        For each order, rows that it cannot read.
    witness
        For each order, one value that it cannot read.
    example
        One value with three short numbers.
    firsts, lasts
        The different first and last numbers.
    epochs, serials, offsets
        Rows with seconds since 1970, Excel day numbers, and offsets from UTC.
    """

    numeric: int = 0
    against: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_ORDERS, 0))
    witness: dict[str, str] = field(default_factory=dict)
    example: str = ""
    firsts: set[int] = field(default_factory=set)
    lasts: set[int] = field(default_factory=set)
    epochs: int = 0
    serials: int = 0
    offsets: int = 0

    def settled(self) -> DateOrder | None:
        """Return the order with the fewest contradictions, None if the column never tells.

        Where both 21-08-24 as a day of August and as a day of 2021 go through, the day is
        the part that takes more different values.
        """
        fewest = min(self.against.values())
        fit = [order for order in _ORDERS if self.against[order] == fewest]
        if fit == ["dmy", "ymd"]:
            firsts, lasts = len(self.firsts), len(self.lasts)
            return None if firsts == lasts else "dmy" if firsts > lasts else "ymd"
        return fit[0] if len(fit) == 1 else None


@dataclass(frozen=True)
class Moments:
    """A column of moments.

    Parameters
    ----------
    micros
        Microseconds since 1970 on the shop's wall clock, shape (rows,); 0 where not ``OK``.
    clock
        True where the value says a time of day other than midnight.
    state
        ``OK``, ``MISSING``, ``UNREADABLE``, ``CONTRADICTS`` or ``OUT_OF_RANGE`` per row.
    """

    micros: npt.NDArray[np.int64]
    clock: npt.NDArray[np.bool_]
    state: npt.NDArray[np.uint8]


def weigh_days(column: pa.Array, *, evidence: DayEvidence) -> None:
    """Add what some rows of a column say to the evidence.

    Parameters
    ----------
    column
        Any column; only text and numbers say something.
    evidence
        Added to.

    Examples
    --------
    >>> evidence = DayEvidence()
    >>> weigh_days(pa.array(["4/9/2012", "21-08-2013"]), evidence=evidence)
    >>> evidence.numeric, evidence.settled(), evidence.witness["mdy"]
    (2, 'dmy', '21-08-2013')
    """
    if pa.types.is_temporal(column.type):
        evidence.offsets += len(column) if getattr(column.type, "tz", None) else 0
        return
    uniques = clean_uniques(as_text(column))
    counts = uniques.counts()
    for shape in shapes(uniques.texts):
        plan = _plan(shape.text)
        if plan is None:
            continue
        weight = counts[shape.rows]
        evidence.offsets += int(weight.sum()) if plan.aware else 0
        evidence.epochs += int(weight.sum()) if "epoch" in plan.spans else 0
        evidence.serials += int(weight.sum()) if "serial" in plan.spans else 0
        if plan.numeric:
            _weigh_numeric(shape, plan, weight=weight, evidence=evidence)


def _weigh_numeric(
    shape: Shape, plan: _Plan, *, weight: npt.NDArray[np.int64], evidence: DayEvidence
) -> None:
    fits = {
        order: _civil(*_year_month_day(shape, plan, order))[1]
        & (order != "ymd" or len(plan.spans["c"]) == 2)
        for order in _ORDERS
    }
    sensible = fits["dmy"] | fits["mdy"] | fits["ymd"]
    if not sensible.any():
        return
    evidence.numeric += int(weight[sensible].sum())
    evidence.firsts.update(np.unique(plan.part(shape, "a")[sensible]).tolist())
    evidence.lasts.update(np.unique(plan.part(shape, "c")[sensible]).tolist())
    evidence.example = evidence.example or shape.example(int(np.flatnonzero(sensible)[0]))
    for order in _ORDERS:
        against = sensible & ~fits[order]
        evidence.against[order] += int(weight[against].sum())
        if order not in evidence.witness and against.any():
            evidence.witness[order] = shape.example(int(np.flatnonzero(against)[0]))


def _year_month_day(
    shape: Shape, plan: _Plan, order: DateOrder
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    if plan.numeric:
        named = dict(zip(order, "abc", strict=True))
        year, month, day = (plan.part(shape, named[letter]) for letter in "ymd")
        digits = len(plan.spans[named["y"]])
    else:
        year, month, day = (plan.part(shape, letter) for letter in "ymd")
        digits = len(plan.spans["y"])
        if "month" in plan.words:
            month = np.full_like(year, _MONTHS[plan.words["month"][:3]])
    if digits <= 2:
        year = np.where(year < 69, year + 2000, year + 1900)
    return year, month, day


def _civil(
    year: npt.NDArray[np.int64], month: npt.NDArray[np.int64], day: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return microseconds at midnight, and whether the day exists."""
    months = (year - 1970) * 12 + np.clip(month, 1, 12) - 1
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    after = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    exists = (month >= 1) & (month <= 12) & (day >= 1) & (day <= after - first)
    return (first + day - 1) * _DAY, exists


def _read_shape(
    shape: Shape, plan: _Plan, order: DateOrder
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return microseconds as written (UTC if aware), exists, and fits the order."""
    if "serial" in plan.spans:
        seconds = np.array(
            [round(float(shape.example(row)) * 86_400) for row in range(len(shape.rows))],
            dtype=np.int64,
        )
        every = np.ones(len(seconds), dtype=bool)
        return _EXCEL_ZERO + seconds * _SECOND, every, every
    fraction = plan.part(shape, "F") * 10 ** (6 - min(6, len(plan.spans.get("F", ()))))
    if len(plan.spans.get("F", ())) > 6:
        fraction = fraction // 10 ** (len(plan.spans["F"]) - 6)
    if "epoch" in plan.spans:
        every = np.ones(len(shape.rows), dtype=bool)
        return plan.part(shape, "epoch") * _SECOND + fraction, every, every
    days, exists = _civil(*_year_month_day(shape, plan, order))
    fits = exists
    if plan.numeric and order == "ymd":
        fits = exists & (len(plan.spans["c"]) == 2)
    hour, minute, second = (plan.part(shape, name) for name in "HMS")
    exists = exists & (hour < 24) & (minute < 60) & (second < 60)
    hour = _half_day(hour, plan)
    micros = days + ((hour * 60 + minute) * 60 + second) * _SECOND + fraction
    if "zsign" in plan.words:
        offset = (plan.part(shape, "zh") * 60 + plan.part(shape, "zm")) * 60 * _SECOND
        micros = micros - offset if plan.words["zsign"] == "+" else micros + offset
    return micros, exists, fits


def _half_day(hour: npt.NDArray[np.int64], plan: _Plan) -> npt.NDArray[np.int64]:
    half = plan.words.get("noon", plan.words.get("half", ""))
    if not half:
        return hour
    late = half[0] == "p" or half in {"下午", "晚上"}
    return np.where(hour > 12, hour, hour % 12 + 12 * late)


def read_moments(column: pa.Array, *, order: DateOrder, timezone: str | None) -> Moments:
    """Read a column of dates or times.

    Parameters
    ----------
    column
        Text, numbers, dates or timestamps.
    order
        What 4/9/2012 means.
    timezone
        The shop's time zone, to which moments with an offset are converted; None is UTC.

    Returns
    -------
    Moments
        One entry per row.

    Examples
    --------
    >>> found = read_moments(
    ...     pa.array(["2024/3/5 14:02", "5-Mar-24", "2024年3月5日", "soon", None]),
    ...     order="dmy", timezone=None,
    ... )
    >>> found.micros.astype("datetime64[us]").astype("datetime64[m]")[:3].astype(str).tolist()
    ['2024-03-05T14:02', '2024-03-05T00:00', '2024-03-05T00:00']
    >>> found.state.tolist(), found.clock.tolist()
    ([0, 0, 0, 2, 1], [True, False, False, False, False])
    """
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        return _read_native(column, timezone)
    uniques = clean_uniques(as_text(column))
    size = len(uniques.texts)
    micros = np.zeros(size + 1, dtype=np.int64)
    clock = np.zeros(size + 1, dtype=bool)
    state = np.full(size + 1, UNREADABLE, dtype=np.uint8)
    state[size] = MISSING
    state[:size][_empty(uniques.texts)] = MISSING
    for shape in shapes(uniques.texts):
        plan = _plan(shape.text)
        if plan is None:
            continue
        value, exists, fits = _read_shape(shape, plan, order)
        written = value % _DAY != 0
        if plan.aware:
            value = _local(value, timezone)
        inside = (value >= _EARLIEST) & (value < _LATEST)
        outcome = np.where(inside, OK, OUT_OF_RANGE)
        outcome = np.where(exists, outcome, UNREADABLE)
        if plan.numeric:
            outcome = np.where(fits, outcome, CONTRADICTS)
        state[shape.rows] = outcome
        micros[shape.rows] = np.where(outcome == OK, value, 0)
        clock[shape.rows] = written & (outcome == OK)
    rows = uniques.of_row
    return Moments(micros[rows], clock[rows], state[rows])


def _empty(texts: pa.Array) -> npt.NDArray[np.bool_]:
    found: Any = is_empty_word(texts)
    mask: npt.NDArray[np.bool_] = found.to_numpy(zero_copy_only=False)
    return mask


def _local(utc: npt.NDArray[np.int64], timezone: str | None) -> npt.NDArray[np.int64]:
    if timezone is None or timezone == "UTC":
        return utc
    near = np.clip(utc, _EARLIEST - 2 * _DAY, _LATEST + 2 * _DAY)
    moments = pa.array(near).cast(pa.timestamp("us", tz=timezone))
    local: npt.NDArray[np.int64] = pc.local_timestamp(moments).cast(pa.int64()).to_numpy()
    return local


def _read_native(column: pa.Array, timezone: str | None) -> Moments:
    missing = column.is_null().to_numpy(zero_copy_only=False)
    zone = getattr(column.type, "tz", None)
    kind = pa.timestamp("us", tz=zone) if zone else pa.timestamp("us")
    raw = pc.fill_null(column.cast(kind, safe=False).cast(pa.int64()), 0).to_numpy()
    clock = raw % _DAY != 0
    value = _local(raw, timezone) if zone else raw
    inside = (value >= _EARLIEST) & (value < _LATEST)
    state = np.where(inside, OK, OUT_OF_RANGE)
    state = np.where(missing, MISSING, state).astype(np.uint8)
    return Moments(np.where(state == OK, value, 0), clock & (state == OK), state)
