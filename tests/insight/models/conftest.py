"""Panels that many tests of the models share."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from huitouke.insight.models.contract import Panel

Leave = Callable[[np.random.Generator, int], np.ndarray]


@pytest.fixture(scope="session")
def cdnow(shared_data: Path) -> Panel:
    """CDNOW, 2 357 customers, 39 weeks, as the papers use it (weeks, two decimals)."""
    with (shared_data / "cdnow" / "cdnow_customers_summary.csv").open() as file:
        rows = list(csv.DictReader(file))
    return Panel(
        np.array([int(row["frequency"]) for row in rows]),
        np.array([float(row["recency"]) for row in rows]),
        np.array([float(row["T"]) for row in rows]),
    )


@pytest.fixture(scope="session")
def cdnow_spend(shared_data: Path) -> tuple[np.ndarray, np.ndarray]:
    """Mean repeat spend and repeat count of the same customers."""
    path = shared_data / "cdnow" / "cdnow_customers_summary_with_transactions.csv"
    with path.open() as file:
        rows = list(csv.DictReader(file))
    return np.array([float(row["zbar"]) for row in rows]), np.array(
        [int(row["x"]) for row in rows]
    )


def _events(
    rng: np.random.Generator, *, pace: np.ndarray, tenure: np.ndarray, stop: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    count = rng.poisson(pace * np.minimum(stop, tenure))
    # The last of n uniform moments.
    last = np.minimum(stop, tenure) * rng.random(tenure.size) ** (1.0 / np.maximum(count, 1))
    return count, np.where(count > 0, last, 0.0)


@pytest.fixture(scope="session")
def pareto_world() -> Callable[..., Panel]:
    """Customers in continuous time who leave at their own pace, with known parameters."""

    def make(
        n: int, *, seed: int, r: float, alpha: float, s: float, beta: float, weeks: float
    ) -> Panel:
        rng = np.random.default_rng(seed)
        tenure = rng.uniform(weeks / 2, weeks, n)
        stop = rng.exponential(1.0, n) / (rng.gamma(s, 1.0, n) / beta)
        pace = rng.gamma(r, 1.0, n) / alpha
        count, last = _events(rng, pace=pace, tenure=tenure, stop=stop)
        return Panel(count, last, tenure)

    return make


@pytest.fixture(scope="session")
def geometric_world() -> Callable[..., Panel]:
    """Customers who may leave after a purchase (``first``: even after the very first)."""

    def make(
        n: int,
        *,
        seed: int,
        r: float,
        alpha: float,
        a: float,
        b: float,
        weeks: float,
        first: bool,
        days: bool = False,
    ) -> Panel:
        rng = np.random.default_rng(seed)
        tenure = rng.uniform(weeks / 2, weeks, n)
        if days:
            tenure = np.round(tenure * 7) / 7
        pace = rng.gamma(r, 1.0, n) / alpha
        leave = rng.beta(a, b, n)
        count, last, now = np.zeros(n, dtype=np.int64), np.zeros(n), np.zeros(n)
        here = np.arange(n)
        if first:
            here = here[rng.random(n) >= leave]
        while here.size:
            now[here] += rng.exponential(1.0, here.size) / pace[here]
            here = here[now[here] < tenure[here]]
            day = np.floor(now[here] * 7) / 7 if days else now[here]
            new = day > last[here]
            count[here[new]] += 1
            last[here[new]] = day[new]
            here = here[rng.random(here.size) >= leave[here]]
        return Panel(count, last, tenure)

    return make
