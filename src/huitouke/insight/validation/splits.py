"""Splits that keep the future out of the past, and a person out of two folds.

An origin is an ``as_of`` day in the past: features know it and what came before, the label
is what happened in the window after it. Folds are cut by customer, from a stable hash of the
customer's number, so that the same customer always falls into the same fold.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

__all__ = ["Roles", "grouped_folds", "origins", "roles", "stable_hash", "stable_sample"]

IntArray = npt.NDArray[np.int64]


def origins(
    as_of: date,
    *,
    horizon_days: int,
    first_on: date,
    step_days: int = 28,
    gap_days: int = 0,
    history_days: int = 1,
    at_most: int = 6,
) -> tuple[date, ...]:
    """Return the days from which a forecast can be judged by ``as_of``.

    Parameters
    ----------
    as_of
        The last day that is known.
    horizon_days
        Length of the label window (origin + gap, origin + gap + horizon].
    first_on
        The first day of the record.
    step_days
        Days between origins.
    gap_days
        Days after the origin that are left out, at least the delay with which data arrive.
    history_days
        Days of record that an origin must have behind it.
    at_most
        The most origins to return.

    Returns
    -------
    tuple of date
        Ascending; the last is the latest whose window has closed. Empty where the record is
        too short.

    References
    ----------
    Tashman (2000), "Out-of-sample tests of forecasting accuracy" (rolling origins).

    Examples
    --------
    >>> [str(day) for day in origins(date(2024, 12, 31), horizon_days=91,
    ...     first_on=date(2024, 1, 1), at_most=2)]
    ['2024-09-03', '2024-10-01']
    """
    latest = as_of - timedelta(days=horizon_days + gap_days)
    earliest = first_on + timedelta(days=history_days)
    room = (latest - earliest).days
    if room < 0 or at_most < 1:
        return ()
    many = min(at_most, room // step_days + 1)
    return tuple(latest - timedelta(days=step_days * back) for back in range(many - 1, -1, -1))


@dataclass(frozen=True)
class Roles:
    """What each origin is for.

    Parameters
    ----------
    fit
        Origins to fit on; none where the record is too short for a test in time.
    calibrate
        The origin to calibrate on; None where there is none to spare.
    test
        The origin to judge on; None without origins.
    """

    fit: tuple[date, ...]
    calibrate: date | None
    test: date | None


def roles(days: tuple[date, ...], *, horizon_days: int, gap_days: int = 0) -> Roles:
    """Share origins out so that nothing learnt was unknown on the test origin.

    The test origin is the last. An origin may be learnt from only if its label window had
    closed by the test origin; the latest of these calibrates if at least one earlier one is
    left to fit on.

    Parameters
    ----------
    days
        Origins, ascending.
    horizon_days
        Length of the label window.
    gap_days
        Days left out after an origin.

    Examples
    --------
    >>> days = tuple(date(2024, month, 1) for month in range(1, 11))
    >>> found = roles(days, horizon_days=91)
    >>> found.fit[-1].month, found.calibrate.month, found.test.month
    (6, 7, 10)
    """
    if not days:
        return Roles((), None, None)
    test = days[-1]
    closed = tuple(
        day for day in days[:-1] if day + timedelta(days=horizon_days + gap_days) <= test
    )
    if len(closed) < 2:
        return Roles(closed, None, test)
    return Roles(closed[:-1], closed[-1], test)


def stable_hash(groups: IntArray, *, seed: int = 0) -> npt.NDArray[np.uint64]:
    """Mix each number into 64 evenly spread bits, the same on every machine.

    Parameters
    ----------
    groups
        Customer numbers, shape (N,).
    seed
        Another seed gives another spread.

    References
    ----------
    Steele, Lea & Flood (2014), "Fast splittable pseudorandom number generators" (the
    finaliser of SplitMix64).

    Examples
    --------
    >>> int(stable_hash(np.array([1]))[0])
    16294208416658607535
    """
    with np.errstate(over="ignore"):
        mixed = groups.astype(np.uint64) + np.uint64(seed) * np.uint64(0xD1B54A32D192ED03)
        mixed = mixed * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def grouped_folds(groups: IntArray, *, folds: int, seed: int = 0) -> IntArray:
    """Return the fold of each row; all rows of a customer are in one fold.

    Parameters
    ----------
    groups
        Customer numbers, shape (N,).
    folds
        How many folds.
    seed
        Another seed gives other folds.

    Returns
    -------
    IntArray
        Values 0 to folds - 1, shape (N,). A customer's fold depends on nothing but the
        number and the seed: new customers move nobody.

    Examples
    --------
    >>> found = grouped_folds(np.array([7, 3, 7]), folds=5)
    >>> bool(found[0] == found[2])
    True
    """
    return (stable_hash(groups, seed=seed) % np.uint64(folds)).astype(np.int64)


def stable_sample(groups: IntArray, *, at_most: int, seed: int = 0) -> IntArray:
    """Return the rows of a stable sample of customers, whole customers only.

    Parameters
    ----------
    groups
        Customer numbers, shape (N,).
    at_most
        The most rows to keep.
    seed
        Another seed gives another sample.

    Returns
    -------
    IntArray
        Places of the kept rows, ascending; all rows where they are few enough.

    Examples
    --------
    >>> len(stable_sample(np.arange(1000), at_most=100))
    100
    """
    if len(groups) <= at_most:
        return np.arange(len(groups), dtype=np.int64)
    mixed = stable_hash(groups, seed=seed)
    border = np.partition(mixed, at_most)[at_most]
    return np.flatnonzero(mixed < border).astype(np.int64)
