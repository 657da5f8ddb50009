"""Pareto/NBD with lifetimes on a summary: fit, P(alive), a year's expectation."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from lifetimes import ParetoNBDFitter
from measure import Clock


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
    clock.tell(**{name: float(model.params_[name]) for name in ("r", "alpha", "s", "beta")})
    np.savez(out, p_alive=alive, expected=expected)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
