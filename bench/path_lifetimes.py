"""Orders to lifetime value with lifetimes, as its documentation calls it."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from lifetimes import BetaGeoFitter, GammaGammaFitter
from lifetimes.utils import summary_data_from_transaction_data

from measure import Clock


def main(path: Path, out: Path) -> None:
    """Walk the path, then write the outputs for comparison."""
    clock = Clock()
    with clock.step("summary"):
        orders = pd.read_parquet(path, columns=["customer_id", "ordered_at", "amount"])
        table = summary_data_from_transaction_data(
            orders, "customer_id", "ordered_at", monetary_value_col="amount", freq="D"
        )
        x, t_x, T = table["frequency"], table["recency"], table["T"]
        mean = table["monetary_value"]
    with clock.step("bgnbd"):
        model = BetaGeoFitter().fit(x, t_x, T)
    with clock.step("gamma_gamma"):
        again = x > 0
        spend_model = GammaGammaFitter().fit(x[again], mean[again])
    with clock.step("p_alive"):
        alive = model.conditional_probability_alive(x, t_x, T)
    with clock.step("expected"):
        expected = model.conditional_expected_number_of_purchases_up_to_time(365, x, t_x, T)
    with clock.step("clv"):
        value = spend_model.customer_lifetime_value(
            model, x, t_x, T, mean, time=12, discount_rate=0.01, freq="D"
        )
    found = {name: float(model.params_[name]) for name in ("r", "alpha", "a", "b")}
    found |= {
        "p": float(spend_model.params_["p"]),
        "q": float(spend_model.params_["q"]),
        "gamma": float(spend_model.params_["v"]),
    }
    clock.tell(**found)
    spend = spend_model.conditional_expected_average_profit(x, mean)
    np.savez(
        out, x=x, t_x=t_x, T=T, m=mean, p_alive=alive, expected=expected, spend=spend, clv=value
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
