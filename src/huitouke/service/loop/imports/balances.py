"""Files of old balances as rows: points with their expiry, tiers with their dates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np

from huitouke.insight.facts.amounts import Scaled
from huitouke.insight.facts.cells import DATE_REASONS, Check, Part, put_aside
from huitouke.insight.facts.labels import as_text
from huitouke.insight.facts.moments import MISSING, OK, OUT_OF_RANGE, UNREADABLE
from huitouke.service.loop.imports.fields import BALANCE_FIELDS
from huitouke.service.loop.imports.tables import TableFile, identities, texts
from huitouke.service.programme.imports import BalanceRow

__all__ = ["balance_rows"]

_EPOCH = date(1970, 1, 1)
_DAY_MICROS = 86_400_000_000
#: Systems write a year like these where points never expire.
_NEVER = re.compile(r"9999|2999|2100|2099")
_POINTS = {
    MISSING: "amount_missing",
    UNREADABLE: "amount_unreadable",
    OUT_OF_RANGE: "amount_out_of_range",
}
_DATES = tuple(field.name for field in BALANCE_FIELDS.fields if field.kind == "moment")


def balance_rows(file: TableFile) -> Iterator[list[BalanceRow]]:
    """Yield the balances of a file, part by part.

    Parameters
    ----------
    file
        Read with ``BALANCE_FIELDS``.
    """
    for part in file.parts():
        points = part.numbers("points")
        days = {name: _days(part, name) for name in _DATES}
        bad = put_aside(part, checks=_checks(part, points, days), aside=file.aside)
        tiers, who = texts(part, "tier"), identities(part)
        whole = _whole(points, part.rows)
        yield [
            BalanceRow(
                source=file.source,
                line_number=int(part.chunk.lines[n]),
                identities=who[n],
                points_e4=whole[n],
                tier=tiers[n] or "",
                **{name: days[name][0][n] for name in _DATES},
            )
            for n in range(part.rows)
            if not bad[n]
        ]


def _whole(points: Scaled | None, rows: int) -> list[int]:
    if points is None:
        return [0] * rows
    found: list[int] = np.where(points.state == OK, points.units, 0).tolist()
    return found


def _days(part: Part, name: str) -> tuple[list[date | None], Any]:
    """Return the day of each row, None where there is none, and the states."""
    moments = part.moments(name)
    if moments is None:
        return [None] * part.rows, None
    state = moments.state.copy()
    place = part.place(name)
    assert place is not None  # noqa: S101 - there are moments
    cells = as_text(part.chunk.cells[place]).to_pylist()
    for row in np.flatnonzero(state != OK):
        if name == "expires_on" and _NEVER.search(cells[row] or ""):
            state[row] = MISSING
    days = [
        _EPOCH + timedelta(days=int(micros // _DAY_MICROS)) if good else None
        for micros, good in zip(moments.micros, state == OK, strict=True)
    ]
    return days, state


def _checks(
    part: Part, points: Scaled | None, days: dict[str, tuple[list[date | None], Any]]
) -> list[Check]:
    """Return what must hold: points that can be read, or none; dates likewise."""
    checks = []
    reasons = {state: reason for state, reason in DATE_REASONS.items() if state != MISSING}
    place = part.place("points")
    if points is not None and place is not None:
        needed = dict(_POINTS)
        if part.place("tier") is not None:
            del needed[MISSING]
        checks.append(Check(place, points.state, needed))
    for name, (_, state) in days.items():
        column = part.place(name)
        if state is not None and column is not None:
            checks.append(Check(column, state, reasons))
    return checks
