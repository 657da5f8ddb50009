"""Orders to lifetime value with pymc-marketing, fitted by MAP, as its documentation calls it."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from measure import Clock
from pymc_marketing.clv import BetaGeoModel, GammaGammaModel
from pymc_marketing.clv.utils import customer_lifetime_value, rfm_summary

logging.disable(logging.WARNING)


def plain(values: object) -> np.ndarray:
    """Return the one draw of a MAP fit as an array."""
    return np.asarray(values).reshape(-1)


def main(path: Path, out: Path) -> None:
    """Walk the path, then write the outputs for comparison."""
    clock = Clock()
    with clock.step("summary"):
        orders = pd.read_parquet(path, columns=["customer_id", "ordered_at", "amount"])
        table = rfm_summary(
            orders,
            customer_id_col="customer_id",
            datetime_col="ordered_at",
            monetary_value_col="amount",
            time_unit="D",
        )
    with clock.step("bgnbd"):
        model = BetaGeoModel()
        model.fit(data=table, method="map", progressbar=False)
    with clock.step("gamma_gamma"):
        again = table[table["frequency"] > 0]
        spend_model = GammaGammaModel()
        spend_model.fit(data=again, method="map", progressbar=False)
    with clock.step("p_alive"):
        alive = model.expected_probability_alive(table)
    with clock.step("expected"):
        expected = model.expected_purchases(table, future_t=365)
    with clock.step("clv"):
        spend = spend_model.expected_customer_spend(table)
        value = customer_lifetime_value(
            model,
            table.assign(future_spend=plain(spend)),
            future_t=12,
            discount_rate=0.01,
            time_unit="D",
        )
    found = {
        name: float(plain(model.idata.posterior[name])[0]) for name in ("r", "alpha", "a", "b")
    }
    fitted = spend_model.idata.posterior
    found |= {
        "p": float(plain(fitted["p"])[0]),
        "q": float(plain(fitted["q"])[0]),
        "gamma": float(plain(fitted["v"])[0]),
    }
    clock.tell(**found)
    np.savez(
        out,
        x=table["frequency"],
        t_x=table["recency"],
        T=table["T"],
        m=table["monetary_value"],
        p_alive=plain(alive),
        expected=plain(expected),
        spend=plain(spend),
        clv=plain(value),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
