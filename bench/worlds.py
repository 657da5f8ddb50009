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
from functools import partial
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

#: The truth of the question that the score answers.
USUAL = "p_full_price_usual_13w"
_GAMMA_SHAPE = 6.25


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
    def _owners(self) -> dict[str, str]:
        return dict(zip(*self.world.truth_aliases.to_pydict().values(), strict=True))

    @property
    def _places(self) -> pa.Array:
        owners = self._owners
        known = self.world.truth_customers["customer_id"].to_pylist()
        place = {customer: row for row, customer in enumerate(known)}
        said = self.table["customer_id"].to_pylist()
        return pa.array([place[owners.get(customer, customer)] for customer in said])

    @property
    def whole(self) -> np.ndarray:
        """True for customers whom the files know by one identity only."""
        split = {*self._owners, *self._owners.values()}
        return np.array([name not in split for name in self.table["customer_id"].to_pylist()])

    @property
    def summary(self) -> dict[str, Any]:
        return self.analysis.summary

    @property
    def daily_rate(self) -> float:
        return math.log1p(self.summary["discount_rate"]) / 365.25

    @property
    def checks(self) -> dict[str, dict[str, Any]]:
        """The loyalty score's own checks on its last past day, by name."""
        found = self.analysis.validation["loyalty_score"]["checks"]
        return {check["name"]: check for check in found}

    @property
    def rivals(self) -> tuple[float, float]:
        return self.checks["rival"]["limit"], self.checks["rival"]["value"]


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
        scenario, customers=customers, seed=seed, dirty=dirty, truth=draws > 0,
        future_draws=max(draws, 1),
    )  # fmt: skip
    shop = folder / "shop"
    write(world, folder=shop)
    # What is not there cannot be read.
    shutil.rmtree(shop / "truth")
    told = shop / "answers.csv" if answers and world.answers.num_rows else None
    found = analyze([shop / "orders.csv"], answers=told, out=folder / "picture")
    table = pq.read_table(folder / "picture" / "customers.parquet")
    return Walk(world, found, shop / "orders.csv", folder / "picture", table)


def deciles(said: np.ndarray, came: np.ndarray, *, parts: int = 10) -> np.ndarray:
    """Rows of (mean said, mean true, customers), from the lowest tenth to the highest."""
    tenths = np.array_split(np.argsort(said, kind="stable"), parts)
    return np.array([(said[t].mean(), came[t].mean(), t.size) for t in tenths])


def calibration_error(said: np.ndarray, came: np.ndarray) -> float:
    """Mean gap between said and true over the tenths (ECE); ``came`` may hold chances."""
    rows = deciles(said, came)
    return float(np.abs(rows[:, 0] - rows[:, 1]) @ rows[:, 2] / rows[:, 2].sum())


def tenths_held(seen: Walk, *, name: str, true: str, unit: float) -> float:
    """In how many tenths the mean interval holds the mean true chance, chance aside."""
    said, low, high = (seen.column(name + end) / unit for end in ("", "_lo", "_hi"))
    use = np.isfinite(said) & seen.whole
    came = seen.truth(true)
    held = 0
    for tenth in np.array_split(np.flatnonzero(use)[np.argsort(said[use], kind="stable")], 10):
        noise, mean = 2 * came[tenth].std() / math.sqrt(tenth.size), came[tenth].mean()
        held += low[tenth].mean() - noise <= mean <= high[tenth].mean() + noise
    return float(held)


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
    baskets *= PURE_MARGIN * np.exp(-seen.daily_rate * when)
    margin = np.bincount(owner, weights=baskets, minlength=count.size)
    return np.bincount(bought, minlength=count.size), margin


def equity_held(seen: Walk) -> bool:
    """Whether the interval holds what W0's customers are worth, in closed form."""
    leave, alive = seen.truth("dropout_rate"), seen.truth("alive")
    fading = leave + 7 * seen.daily_rate
    weeks = seen.summary["value_days"] / 7
    orders = alive * seen.truth("need_rate") / fading * -np.expm1(-fading * weeks)
    true = PURE_MARGIN * (seen.truth("mean_basket") * orders).sum()
    found = seen.summary["customer_equity"]
    return bool(found["lo"] <= true <= found["hi"])


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


def _scored(seen: Walk) -> tuple[np.ndarray, np.ndarray]:
    """Scores as chances, and the truth of the question that they answer."""
    said = seen.column("loyalty_score") / 100
    use = np.isfinite(said) & seen.whole
    return said[use], seen.truth(USUAL)[use]


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
    right = (label == seen.truth("type"))[use].astype(np.float64)
    return label[use], right, seen.column("loyalty_type_confidence")[use]


def _given(name: str) -> Callable[[Walk], float]:
    return lambda seen: float((seen.column(f"{name}_status") == "ok").mean())


def _attitude(seen: Walk) -> float:
    return float("attitude" in seen.summary["loyalty_score"]["blocks"])


def _alarmed(seen: Walk) -> float:
    codes = [warning["code"] for warning in seen.summary["warnings"]]
    return float(codes.count("steps.calibration_alarm"))


def _held(name: str, true: str, unit: float) -> Measure:
    found = partial(tenths_held, name=name, true=true, unit=unit)
    return Measure(f"{name}: tenths held", _shown(found, name), 8)


def _shown(of: Callable[[Walk], float], name: str = "loyalty_score") -> Callable[[Walk], float]:
    return lambda seen: of(seen) if _given(name)(seen) else math.nan


_SCORE = (
    Measure("score given", _given("loyalty_score")),
    Measure("score: ECE", _shown(lambda w: calibration_error(*_scored(w))), 0, 0.03),
    Measure("score: slope", _shown(lambda w: slope(*_scored(w))), 0.9, 1.1),
    Measure("score: worst fall of a tenth", _shown(_worst_fall), most=0.005),
    Measure("score: ECE at the last origin", lambda w: w.checks["ece"]["value"], 0, 0.03),
    Measure("score: slope at the last origin", lambda w: w.checks["slope"]["value"], 0.9, 1.1),
    Measure("score: AUC above RFM's", lambda w: -np.subtract(*w.rivals), 0),
    _held("loyalty_score", USUAL, 100),
    _held("p_buy", "p_any_13w", 1),
)
_TYPES = (
    Measure("types: given", _given("loyalty_type")),
    Measure("types: right where named", lambda w: float(named(w)[1].mean()), 0.75),
    Measure("types: righter than sure", lambda w: np.subtract(*named(w)[1:]).mean(), -0.03),
)
_QUIET = Measure("calibration alarm", _alarmed, 0, 0)

MEASURES: dict[str, tuple[Measure, ...]] = {
    "W0": (
        Measure("r/alpha over truth", _pure_ratio("r", "alpha"), 0.9, 1.1),
        Measure("s/beta over truth", _pure_ratio("s", "beta"), 0.85, 1.15),
        *_calibration("p_alive", "alive"),
        *_calibration("p_buy", "p_any_13w"),
        Measure("orders: interval holds", lambda w: _cover(w, from_expected=0), 0.8),
        Measure("orders: same, 3 expected", lambda w: _cover(w, from_expected=3), 0.78, 0.92),
        Measure("equity: interval holds", equity_held),
        *_SCORE,
        _QUIET,
    ),
    "W1": (
        *_SCORE,
        *_TYPES,
        Measure("rain or shine: r", lambda w: float(np.corrcoef(*_steady(w))[0, 1]), 0.8),
        Measure("rain or shine: error", lambda w: abs(np.subtract(*_steady(w))).mean(), 0, 0.1),
        # It does cause a little here: to find it at this size is no error.
        Measure("attitude scores", _attitude),
        _QUIET,
    ),
    "W2": (Measure("rain or shine given", _given("rain_or_shine"), 0, 0),),
    "W3": (Measure("attitude scores", _attitude, 0, 0), *_TYPES),
    "W4": (Measure("attitude scores", _attitude, 1, 1), *_TYPES),
    "W5": (*_SCORE, _QUIET),
    "W6": (
        Measure("calibration alarm", _alarmed, 1, 1),
        Measure("score given", _given("loyalty_score")),
    ),
    "W7": (*_TYPES, Measure("rain or shine given", _given("rain_or_shine"), 0, 0)),
    "W8": tuple(
        Measure(f"{name} given", _given(name), 0, 0)
        for name in ("p_buy", "clv", "churn_risk", "customer_group", "loyalty_score")
    ),
}
#: Worlds in which the true chances at the end are needed.
_WITH_FUTURES = {"W1", "W5"}


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
    measures = MEASURES[scenario]
    walks = _walks(scenario, customers=customers, seeds=seeds)
    by_seed = [[measure.of(seen) for measure in measures] for seen in walks]
    print(f"{scenario}: {SCENARIOS[scenario].meaning}")
    for measure, column in zip(measures, zip(*by_seed, strict=True), strict=True):
        values = [value for value in column if not math.isnan(value)]
        if not values:
            print(f"  {measure.what:32} nothing was said")
            continue
        kept = sum(measure.least <= value <= measure.most for value in values)
        told = (statistics.median(values), statistics.fmean(values), min(values), max(values))
        numbers = " ".join(f"{value:8.3f}" for value in (*told, measure.least, measure.most))
        print(f"  {measure.what:32} {numbers}   kept {kept} of {len(values)}")


def main(arguments: Sequence[str] | None = None) -> None:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("worlds", nargs="*", default=list(MEASURES), metavar="W0 … W8")
    reader.add_argument("--seeds", type=int, default=10)
    reader.add_argument("--customers", type=int, default=12_000)
    asked = reader.parse_args(arguments)
    names = ("median", "mean", "lowest", "highest", "limit", "limit")
    print(" " * 34 + " ".join(f"{name:>8}" for name in names))
    for scenario in asked.worlds:
        hold(scenario.upper(), customers=asked.customers, seeds=asked.seeds)


if __name__ == "__main__":
    main()
