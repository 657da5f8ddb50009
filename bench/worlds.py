"""Is the picture true? The whole path, from files to customers, in worlds whose truth is known.

    python bench/worlds.py [W0 W1 …] [--seeds 10] [--customers 12000]

Simulates each world under several seeds, writes the files that its shop would export, removes
the truth from the folder, runs ``analyze`` as a shop would and lays what it says beside the
truth, customer by customer. Prints, per world and measure, the middle and the extremes over
the seeds, the limit, and in how many seeds it was kept.
"""

from __future__ import annotations

import argparse
import math
import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from huitouke.insight.flow import Analysis, analyze
from huitouke.insight.world.pure import PURE_MARGIN, PURE_PARAMETERS
from huitouke.insight.world.scenarios import SCENARIOS
from huitouke.insight.world.simulate import World, simulate
from huitouke.insight.world.write import write

__all__ = [
    "MEASURES",
    "Walk",
    "auc",
    "calibration_error",
    "deciles",
    "main",
    "slope",
    "true_equity",
    "true_futures",
    "walk",
]

_GAMMA_SHAPE = 6.25
_WEEKS_A_YEAR = 365.25 / 7


@dataclass(frozen=True)
class Walk:
    """One walk of the path: the world, what was said, and the truth in the same order."""

    world: World
    analysis: Analysis
    orders: Path
    out: Path
    table: pa.Table

    def column(self, name: str) -> np.ndarray:
        """What was said of each customer; NaN where nothing was."""
        return values_of(self.table[name])

    def truth(self, name: str) -> np.ndarray:
        """The truth of each customer; a second identity has its owner's."""
        return values_of(self.world.truth_customers[name].take(self._places))

    @property
    def _places(self) -> pa.Array:
        owners = dict(
            zip(
                self.world.truth_aliases["alias_id"].to_pylist(),
                self.world.truth_aliases["customer_id"].to_pylist(),
                strict=True,
            )
        )
        known = self.world.truth_customers["customer_id"].to_pylist()
        place = {customer: row for row, customer in enumerate(known)}
        said = self.table["customer_id"].to_pylist()
        return pa.array([place[owners.get(customer, customer)] for customer in said])

    @property
    def whole(self) -> np.ndarray:
        """True for customers whom the files know by one identity only."""
        split = {
            *self.world.truth_aliases["alias_id"].to_pylist(),
            *self.world.truth_aliases["customer_id"].to_pylist(),
        }
        return np.array([name not in split for name in self.table["customer_id"].to_pylist()])

    @property
    def summary(self) -> dict[str, Any]:
        return self.analysis.summary

    @property
    def checks(self) -> dict[str, dict[str, Any]]:
        """The loyalty score's own checks on its last past day, by name."""
        found = self.analysis.validation["loyalty_score"]["checks"]
        return {check["name"]: check for check in found}


def values_of(column: pa.ChunkedArray) -> np.ndarray:
    """A column as numbers (NaN where null) or as an array of words (None where null)."""
    if pa.types.is_string(column.type):
        return np.array(column.to_pylist(), dtype=object)
    return column.cast(pa.float64()).to_numpy(zero_copy_only=False)


def walk(
    scenario: str,
    *,
    folder: Path,
    customers: int | None = None,
    seed: int = 1,
    draws: int = 0,
    dirty: bool = False,
    answers: bool = True,
) -> Walk:
    """Make a world, hand its files over without the truth, and analyze them."""
    world = simulate(
        scenario,
        customers=customers,
        seed=seed,
        future_draws=max(draws, 1),
        truth=draws > 0,
        dirty=dirty,
    )
    shop = folder / "shop"
    write(world, folder=shop)
    # What is not there cannot be read.
    shutil.rmtree(shop / "truth")
    told = shop / "answers.csv" if answers and world.answers.num_rows else None
    out = folder / "picture"
    analysis = analyze([shop / "orders.csv"], answers=told, out=out)
    table = pq.read_table(out / "customers.parquet")
    return Walk(world, analysis, shop / "orders.csv", out, table)


def deciles(said: np.ndarray, came: np.ndarray, *, parts: int = 10) -> np.ndarray:
    """Rows of (mean said, mean true, customers), from the lowest tenth to the highest."""
    order = np.argsort(said, kind="stable")
    return np.array(
        [(said[t].mean(), came[t].mean(), t.size) for t in np.array_split(order, parts)]
    )


def calibration_error(said: np.ndarray, came: np.ndarray) -> float:
    """Mean gap between said and true over the tenths (ECE); ``came`` may hold chances."""
    rows = deciles(said, came)
    return float(np.abs(rows[:, 0] - rows[:, 1]) @ rows[:, 2] / rows[:, 2].sum())


def slope(said: np.ndarray, came: np.ndarray) -> float:
    """Slope of the truth (0, 1 or a chance) on the logit of what was said."""
    p = np.clip(said, 1e-6, 1 - 1e-6)
    design = np.column_stack([np.ones(p.size), np.log(p / (1 - p))])
    theta = np.array([0.0, 1.0])
    for _ in range(50):
        q = 1 / (1 + np.exp(-design @ theta))
        hessian = (design * (q * (1 - q))[:, None]).T @ design
        theta += np.linalg.solve(hessian, design.T @ (came - q))
    return float(theta[1])


def auc(score: np.ndarray, came: np.ndarray) -> float:
    """Chance that a buyer is ranked above another who does not buy; chances count in part."""
    values, place = np.unique(score, return_inverse=True)
    yes = np.bincount(place, weights=came, minlength=values.size)
    no = np.bincount(place, weights=1 - came, minlength=values.size)
    below = np.cumsum(no) - no / 2
    return float(yes @ below / (yes.sum() * no.sum()))


def rfm(seen: Walk) -> np.ndarray:
    """The cheap rival: the sum of the customer's ranks by recency, frequency and spend."""
    silence = seen.column("tenure_days") - seen.column("recency_days")
    columns = (-silence, seen.column("repeat_count"), seen.column("spend_total"))
    ranks = (np.unique(c, return_inverse=True, return_counts=True)[1:] for c in columns)
    return sum(((np.cumsum(n) - n / 2)[place] for place, n in ranks), start=np.zeros(1))


def true_futures(seen: Walk, *, days: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """One future of each customer of W0: days with a purchase, and discounted margin.

    Drawn from the true rates: living customers buy by a Poisson process until they leave.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    alive = seen.truth("alive") > 0
    leave = seen.truth("dropout_rate")
    stays = np.where(alive, np.minimum(rng.exponential(1 / leave) * 7, days), 0.0)
    count = rng.poisson(seen.truth("need_rate") / 7 * stays)
    owner = np.repeat(np.arange(count.size), count)
    when = rng.random(owner.size) * stays[owner]
    bought = np.unique(owner * (days + 1) + np.floor(when).astype(np.int64)) // (days + 1)
    baskets = rng.gamma(_GAMMA_SHAPE, 1 / _GAMMA_SHAPE, owner.size)
    baskets *= seen.truth("mean_basket")[owner]
    faded = np.exp(-_weekly(seen) / 7 * when)
    margin = PURE_MARGIN * np.bincount(owner, weights=baskets * faded, minlength=count.size)
    return np.bincount(bought, minlength=count.size), margin


def _weekly(seen: Walk) -> float:
    return math.log1p(seen.summary["discount_rate"]) / _WEEKS_A_YEAR


def true_equity(seen: Walk) -> float:
    """What W0's customers are worth, in closed form from their true rates."""
    leave, alive = seen.truth("dropout_rate"), seen.truth("alive")
    fading = leave + _weekly(seen)
    weeks = seen.summary["value_days"] / 7
    orders = alive * seen.truth("need_rate") / fading * -np.expm1(-fading * weeks)
    return float(PURE_MARGIN * (seen.truth("mean_basket") * orders).sum())


@dataclass(frozen=True)
class Measure:
    """One thing held to a limit: ``least <= value <= most``."""

    what: str
    of: Callable[[Walk], float]
    least: float = -math.inf
    most: float = math.inf


def _calibration(said: str, true: str) -> tuple[Measure, Measure]:
    def error(seen: Walk) -> float:
        return calibration_error(seen.column(said), seen.truth(true))

    def steepness(seen: Walk) -> float:
        return slope(seen.column(said), seen.truth(true))

    return Measure(f"{said}: ECE", error, 0, 0.03), Measure(
        f"{said}: slope", steepness, 0.9, 1.1
    )


def _pure_ratio(over: str, under: str) -> Callable[[Walk], float]:
    def ratio(seen: Walk) -> float:
        found = seen.summary["models"]["purchases"]["fitted"]["paretonbd"]
        return found[over] / found[under] / (PURE_PARAMETERS[over] / PURE_PARAMETERS[under])

    return ratio


def _cover(seen: Walk, *, from_expected: float) -> float:
    """How often the interval of orders holds what comes, over five futures."""
    low, high = (seen.column(f"orders_expected_{end}") for end in ("lo", "hi"))
    use = seen.column("orders_expected") >= from_expected
    days = seen.summary["horizon_days"]
    futures = [true_futures(seen, days=days, seed=future)[0] for future in range(5)]
    return float(np.mean([((low <= f) & (f <= high))[use].mean() for f in futures]))


def _equity(seen: Walk) -> float:
    found = seen.summary["customer_equity"]
    return float(found["lo"] <= true_equity(seen) <= found["hi"])


def _scored(seen: Walk) -> tuple[np.ndarray, np.ndarray]:
    """Scores as chances, and the truth of the question that they answer."""
    said = seen.column("loyalty_score") / 100
    use = np.isfinite(said) & seen.whole
    return said[use], seen.truth("p_full_price_usual_13w")[use]


def _worst_fall(seen: Walk) -> float:
    came = deciles(*_scored(seen))[:, 1]
    return float(np.max(came[:-1] - came[1:]))


def _steady(seen: Walk) -> tuple[np.ndarray, np.ndarray]:
    said = seen.column("rain_or_shine")
    use = np.isfinite(said) & (seen.column("repeat_count") >= 5) & seen.whole
    return said[use], seen.truth("ros")[use]


def named(seen: Walk) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Types given, whether each is right, and how sure it was said to be."""
    label = seen.column("loyalty_type")
    use = np.array([name is not None and not name.startswith("mixed") for name in label])
    use &= seen.whole
    right = label[use] == seen.truth("type")[use]
    return label[use], right, seen.column("loyalty_type_confidence")[use]


def _overconfident(seen: Walk) -> float:
    _, right, sure = named(seen)
    return float(sure.mean() - right.mean())


def _given(name: str) -> Callable[[Walk], float]:
    return lambda seen: float(np.mean(seen.column(f"{name}_status") == "ok"))


def _attitude(seen: Walk) -> float:
    return float("attitude" in seen.summary["loyalty_score"]["blocks"])


def _alarmed(seen: Walk) -> float:
    codes = {warning["code"] for warning in seen.summary["warnings"]}
    return float("steps.calibration_alarm" in codes)


def _lead(seen: Walk) -> float:
    return seen.checks["rival"]["value"] - seen.checks["rival"]["limit"]


_SCORE = (
    Measure("score given", _given("loyalty_score")),
    Measure("score: ECE", lambda w: calibration_error(*_scored(w)), 0, 0.03),
    Measure("score: slope", lambda w: slope(*_scored(w)), 0.9, 1.1),
    Measure("score: worst fall of a tenth", _worst_fall, most=0.0),
    Measure("score: ECE at the last origin", lambda w: w.checks["ece"]["value"], 0, 0.03),
    Measure("score: slope at the last origin", lambda w: w.checks["slope"]["value"], 0.9, 1.1),
    Measure("score: AUC less RFM's there", _lead, 0),
)
_TYPES = (
    Measure("types: given", _given("loyalty_type")),
    Measure("types: right where named", lambda w: float(named(w)[1].mean()), 0.75),
    Measure("types: surer than right", _overconfident, most=0.03),
)
_QUIET = Measure("calibration alarm", _alarmed, 0, 0)
_SILENT = Measure("attitude scores", _attitude, 0, 0)

MEASURES: dict[str, tuple[Measure, ...]] = {
    "W0": (
        Measure("r/alpha over truth", _pure_ratio("r", "alpha"), 0.9, 1.1),
        Measure("s/beta over truth", _pure_ratio("s", "beta"), 0.85, 1.15),
        *_calibration("p_alive", "alive"),
        *_calibration("p_buy", "p_any_13w"),
        Measure("orders: interval holds", lambda w: _cover(w, from_expected=0), 0.8),
        Measure("orders: same, 3 expected", lambda w: _cover(w, from_expected=3), 0.78, 0.92),
        Measure("equity: interval holds", _equity),
        *_SCORE,
        _QUIET,
    ),
    "W1": (
        *_SCORE,
        *_TYPES,
        Measure("rain or shine: r", lambda w: float(np.corrcoef(*_steady(w))[0, 1]), 0.8),
        Measure(
            "rain or shine: mean error",
            lambda w: float(np.abs(np.subtract(*_steady(w))).mean()),
            most=0.1,
        ),
        _SILENT,
        _QUIET,
    ),
    "W2": (Measure("rain or shine given", _given("rain_or_shine"), 0, 0),),
    "W3": (_SILENT, *_TYPES),
    "W4": (Measure("attitude scores", _attitude, 1, 1), *_TYPES),
    "W5": (*_SCORE, _QUIET),
    "W6": (Measure("calibration alarm", _alarmed, 1, 1), *_SCORE[:4]),
    "W7": (*_TYPES, Measure("rain or shine given", _given("rain_or_shine"), 0, 0)),
    "W8": tuple(
        Measure(f"{name} given", _given(name), 0, 0)
        for name in ("p_buy", "clv", "churn_risk", "customer_group", "loyalty_score")
    ),
}
#: Worlds in which the true chances at the end are needed.
_WITH_FUTURES = {"W1", "W5", "W6"}


def _walks(scenario: str, *, customers: int, seeds: int) -> Iterator[Walk]:
    for seed in range(1, seeds + 1):
        with tempfile.TemporaryDirectory() as folder:
            yield walk(
                scenario,
                folder=Path(folder),
                customers=None if scenario == "W8" else customers,
                seed=seed,
                draws=100 if scenario in _WITH_FUTURES else 0,
                dirty=scenario == "W1",
            )


def hold(scenario: str, *, customers: int, seeds: int) -> None:
    """Print one world's table."""
    found: dict[str, list[float]] = {measure.what: [] for measure in MEASURES[scenario]}
    for seen in _walks(scenario, customers=customers, seeds=seeds):
        for measure in MEASURES[scenario]:
            found[measure.what].append(measure.of(seen))
    print(f"{scenario}: {SCENARIOS[scenario].meaning}")
    for measure in MEASURES[scenario]:
        values = found[measure.what]
        kept = sum(measure.least <= value <= measure.most for value in values)
        told = (statistics.median(values), statistics.fmean(values), min(values), max(values))
        numbers = " ".join(f"{value:8.3f}" for value in told)
        limits = f"{measure.least:6.2f} to {measure.most:5.2f}"
        print(f"  {measure.what:32} {numbers}   {limits}   kept {kept} of {len(values)}")


def main(arguments: Sequence[str] | None = None) -> None:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("worlds", nargs="*", default=list(MEASURES), metavar="W0 … W8")
    reader.add_argument("--seeds", type=int, default=10)
    reader.add_argument("--customers", type=int, default=12_000)
    asked = reader.parse_args(arguments)
    names = " ".join(f"{name:>8}" for name in ("median", "mean", "least", "most"))
    print(f"  {'measure':32} {names}   limits")
    for scenario in asked.worlds:
        hold(scenario.upper(), customers=asked.customers, seeds=asked.seeds)


if __name__ == "__main__":
    main()
