"""Pareto/NBD with Huitouke on a summary: fit, P(alive), a year's expectation."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from huitouke.insight.models.contract import Panel
from huitouke.insight.models.paretonbd import ParetoNbd
from measure import Clock


def main(summary: Path, out: Path) -> None:
    """Fit and score, then write the outputs for comparison."""
    table = np.load(summary)
    days = {
        "repeat_count": table["x"],
        "recency_days": table["t_x"],
        "tenure_days": table["T"],
    }
    clock = Clock()
    with clock.step("fit"):
        panel = Panel.from_table(days)
        model = ParetoNbd().fit(panel)
    with clock.step("p_alive"):
        alive = model.p_alive(panel)
    with clock.step("expected"):
        expected = model.orders_expected(panel, horizon=365 / 7)
    found = dict(model.parameters_)
    found["alpha"] *= 7
    found["beta"] *= 7
    clock.tell(**found, log_likelihood=model.log_likelihood_)
    np.savez(out, p_alive=alive, expected=expected)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
