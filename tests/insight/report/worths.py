"""What the customers of the full picture are worth."""

from __future__ import annotations

import numpy as np

from huitouke.insight.report.picture import (
    Concentration,
    Equity,
    Estimate,
    Histogram,
    Holder,
)


def equity(worth: np.ndarray) -> Equity:
    shares = np.linspace(0, 1, 51)
    held = np.interp(shares, np.linspace(0, 1, worth.size + 1), np.r_[0, worth.cumsum()])
    edges = (0.0, 10.0, 25.0, 50.0, 100.0, 200.0, 400.0, 800.0, 1600.0, float("inf"))
    return Equity(
        Estimate(1_147_200.0, 1_052_000.0, 1_243_000.0, 4338),
        spread_parameters=21_000.0,
        spread_customers=34_500.0,
        spread_past_misses=63_000.0,
        concentration=Concentration(tuple(shares), tuple(held / worth.sum())),
        by_customer=Histogram(edges, tuple(int(n) for n in np.histogram(worth, edges)[0])),
        orders=Estimate(38_240.0, 34_900.0, 41_800.0, 4338),
        spend_per_order=Estimate(100.0, 93.0, 107.5, 1),
        holders=(
            Holder(1, 1, 1_493, Estimate(103_248.0, 92_000.0, 115_000.0, 1_493), 0.09),
            Holder(2, 3, 1_320, Estimate(206_496.0, 187_000.0, 227_000.0, 1_320), 0.18),
            Holder(4, 9, 1_015, Estimate(344_160.0, 314_000.0, 376_000.0, 1_015), 0.3),
            Holder(10, None, 510, Estimate(493_296.0, 451_000.0, 538_000.0, 510), 0.43),
        ),
    )
