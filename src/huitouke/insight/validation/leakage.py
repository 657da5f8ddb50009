"""A feature that knows the future is refused, and named.

Three guards. A feature must say the latest day it may know, and that day may not lie after
the origin. A feature that alone sorts out the label is refused, unless its making has been
shown to be blind to the future. And the making itself is tested: drop or shuffle all that
came after the origin, and not one byte may change.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from huitouke.errors import HuitoukeError
from huitouke.insight.validation.ranks import ties
from huitouke.insight.validation.scores import auc
from huitouke.language import N_

__all__ = [
    "AUC_MAX",
    "Leak",
    "LeakFound",
    "find_leaks",
    "refuse_future_readers",
    "refuse_leaks",
]

AnyArray = npt.NDArray[np.generic]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

#: A single honest feature does not rank the future better than this.
AUC_MAX = 0.98

#: Rows of each class without which the label cannot accuse a feature.
_CLASS_MIN = 100

#: A feature whose pure cells hold this share of both classes has seen the label.
_PURE_SHARE = 0.2

#: Rows that make a cell large.
_CELL_MIN = 50


class LeakFound(HuitoukeError):
    """Features that know the future, by name."""

    code = "validation.leak"
    says = N_("These features know the future of the label: {names} ({reasons}).")
    remedy = N_("Leave them out, or compute them from what was known on the origin day.")


@dataclass(frozen=True)
class Leak:
    """One feature that knows the future.

    Parameters
    ----------
    name
        The feature.
    reason
        ``undated``, ``known_after_origin``, ``too_good``, ``pure_cells`` or
        ``changed_by_future``.
    measure
        The day, the AUC, or the share of rows at fault.
    """

    name: str
    reason: str
    measure: str


def _too_good(values: AnyArray, y: FloatArray) -> tuple[str, str] | None:
    """Judge one feature by the label: its AUC, then the cells it makes pure."""
    numeric = np.issubdtype(values.dtype, np.number) or values.dtype == np.bool_
    if numeric:
        cells = _numeric_order(values.astype(np.float64))
    else:
        _, places = np.unique(values.astype(str), return_inverse=True)
        rates = np.bincount(places, weights=y) / np.bincount(places)
        sizes = np.bincount(places)
        # A level of few rows is right by chance: it may not speak for itself.
        cells = np.where(sizes[places] >= _CELL_MIN, rates[places], float(y.mean()))
    area = auc(cells, y=y).value
    if area is not None and max(area, 1 - area) >= AUC_MAX:
        return "too_good", f"AUC {max(area, 1 - area):.3f}"
    shares = _pure_shares(cells, y, numeric=bool(numeric))
    if min(shares) >= _PURE_SHARE:
        return "pure_cells", f"{shares[0]:.0%}, {shares[1]:.0%}"
    return None


def _numeric_order(values: FloatArray) -> FloatArray:
    """Put missing values below all others: being missing can leak too."""
    present = values[np.isfinite(values)]
    floor = float(present.min()) - 1 if len(present) else 0.0
    return np.where(np.isfinite(values), values, floor)


def _pure_shares(cells: FloatArray, y: FloatArray, *, numeric: bool) -> tuple[float, float]:
    """Share of the non-events and of the events that lie in large pure cells.

    For a numeric feature, a cell is a run of neighbouring values with one outcome only.
    """
    found = ties(cells, outcome=y)
    counts, events = found.counts, found.totals
    pure = np.where(events == 0, 0, np.where(events == counts, 1, 2))
    starts = np.flatnonzero(np.concatenate([[True], np.diff(pure) != 0])) if numeric else None
    if starts is not None:
        counts, events = np.add.reduceat(counts, starts), np.add.reduceat(events, starts)
        pure = pure[starts]
    large = counts >= _CELL_MIN
    never = float(counts[large & (pure == 0)].sum()) / float(len(y) - y.sum())
    always = float(counts[large & (pure == 1)].sum()) / float(y.sum())
    return never, always


def find_leaks(
    features: Mapping[str, AnyArray],
    *,
    label: FloatArray,
    known_on: Mapping[str, date],
    origin: date,
    proven: Collection[str] = (),
) -> tuple[Leak, ...]:
    """Name the features that know the future.

    Parameters
    ----------
    features
        Name to values, each of shape (N,); numbers, booleans or text.
    label
        Outcomes 0 or 1, shape (N,).
    known_on
        For each feature the latest day it may know. A feature without one is a leak.
    origin
        The last day that may be known.
    proven
        Features whose making has passed ``refuse_future_readers``. Time since the last
        purchase may honestly be very good, so these are held to their days only.

    Returns
    -------
    tuple of Leak
        In the order of the features. The label accuses a feature of being ``too_good`` (AUC
        of .98 or more, either way round) or of making ``pure_cells``: cells of 50 rows or
        more with one outcome only that hold a fifth of each class. With fewer than 100 rows
        of either class the label accuses nobody.

    References
    ----------
    Kaufman, Rosset & Perlich (2012), "Leakage in data mining", sections 3-5.

    Examples
    --------
    >>> y = np.repeat([0., 1.], 200)
    >>> day = date(2024, 1, 1)
    >>> find_leaks({"answer": y}, label=y, known_on={"answer": day}, origin=day)
    (Leak(name='answer', reason='too_good', measure='AUC 1.000'),)
    """
    found: list[Leak] = []
    events = int(label.sum())
    judged = min(events, len(label) - events) >= _CLASS_MIN
    for name, values in features.items():
        day = known_on.get(name)
        if day is None:
            found.append(Leak(name, "undated", ""))
        elif day > origin:
            found.append(Leak(name, "known_after_origin", day.isoformat()))
        elif judged and name not in proven:
            verdict = _too_good(values, label)
            if verdict is not None:
                found.append(Leak(name, *verdict))
    return tuple(found)


def refuse_leaks(
    features: Mapping[str, AnyArray],
    *,
    label: FloatArray,
    known_on: Mapping[str, date],
    origin: date,
    proven: Collection[str] = (),
) -> None:
    """Refuse features that know the future, all of them by name.

    Parameters
    ----------
    features, label, known_on, origin, proven
        As in ``find_leaks``.

    Raises
    ------
    LeakFound
        If there is any.

    Examples
    --------
    >>> day = date(2024, 1, 1)
    >>> refuse_leaks({"coin": np.tile([0., 1.], 200)}, label=np.repeat([0., 1.], 200),
    ...     known_on={"coin": day}, origin=day)
    """
    _refuse(find_leaks(features, label=label, known_on=known_on, origin=origin, proven=proven))


def _refuse(leaks: Sequence[Leak]) -> None:
    if leaks:
        raise LeakFound(
            names=", ".join(leak.name for leak in leaks),
            reasons="; ".join(f"{leak.reason} {leak.measure}".strip() for leak in leaks),
            leaks=tuple(leaks),
        )


def refuse_future_readers(
    compute: Callable[[Mapping[str, AnyArray]], Mapping[str, AnyArray]],
    *,
    events: Mapping[str, AnyArray],
    known: BoolArray,
    seed: int = 0,
) -> None:
    """Drop, then shuffle, what was not yet known, and refuse features that notice.

    Parameters
    ----------
    compute
        Makes features from events; called three times.
    events
        Columns of one row per event, each of shape (E,).
    known
        True for the events that were known on the origin day (both clocks), shape (E,).
    seed
        Seed of the shuffle.

    Raises
    ------
    LeakFound
        Naming every feature of which a byte changed.

    Examples
    --------
    >>> events = {"amount": np.array([5., 7.])}
    >>> refuse_future_readers(lambda rows: {"first": rows["amount"][:1]},
    ...     events=events, known=np.array([True, False]))
    """
    future = np.flatnonzero(~known)
    order = np.random.Generator(np.random.PCG64(seed)).permutation(len(future))
    shuffled = {}
    for place, (name, values) in enumerate(events.items()):
        # A random order turned round by at least one place leaves no value where it was;
        # each column turns by its own distance, so that rows do not just change places.
        turn = 1 + place % max(len(future) - 1, 1)
        column = values.copy()
        column[future[order]] = values[np.roll(future[order], turn)]
        shuffled[name] = column
    truth = compute(events)
    dropped = compute({name: values[known] for name, values in events.items()})
    others = (dropped, compute(shuffled))
    changed = [
        name
        for name, values in truth.items()
        if any(_bytes(values) != _bytes(other.get(name)) for other in others)
    ]
    _refuse([Leak(name, "changed_by_future", "") for name in changed])


def _bytes(values: AnyArray | None) -> tuple[str, tuple[int, ...], bytes] | None:
    if values is None:
        return None
    if values.dtype == np.object_:
        return "object", values.shape, repr(values.tolist()).encode()
    return str(values.dtype), values.shape, values.tobytes()
