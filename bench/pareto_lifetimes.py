"""Pareto/NBD with lifetimes on a summary: fit, P(alive), a year's expectation."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from lifetimes import ParetoNBDFitter

from huitouke.insight.models.contract import Panel
from huitouke.insight.models.paretonbd import ParetoNbd
from measure import Clock


def log_likelihood(found: dict[str, float], *, table: Mapping[str, np.ndarray]) -> float:
    """Return what lifetimes' parameters are worth in weeks, where Huitouke's are."""
    panel = Panel.from_table(
        {
            "repeat_count": table["x"],
            "recency_days": table["t_x"],
            "tenure_days": table["T"],
        }
    )
    weeks = {**found, "alpha": found["alpha"] / 7, "beta": found["beta"] / 7}
    return ParetoNbd().with_parameters(weeks).log_likelihood(panel)


def main(summary: Path, out: Path) -> None:
    """Fit and score, then write the outputs for comparison."""
    table = np.load(summary)
    x, t_x, T = table["x"], table["t_x"], table["T"]
    clock = Clock()
    with clock.step("fit"):
        model = ParetoNBDFitter().fit(x, t_x, T)
    with clock.step("p_alive"):
        alive = model.conditional_probability_alive(x, t_x, T)
    with clock.step("expected"):
        expected = model.conditional_expected_number_of_purchases_up_to_time(365, x, t_x, T)
    found = {name: float(model.params_[name]) for name in ("r", "alpha", "s", "beta")}
    clock.tell(**found, log_likelihood=log_likelihood(found, table=table))
    np.savez(out, p_alive=alive, expected=expected)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
