"""Orders to lifetime value with pymc-marketing (MAP), as its documentation calls it."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from pymc_extras.prior import Prior
from pymc_marketing.clv import BetaGeoModel, GammaGammaModel
from pymc_marketing.clv.utils import customer_lifetime_value, rfm_summary

from measure import Clock

logging.disable(logging.WARNING)


def plain(values: object) -> np.ndarray:
    """Return the one draw of a MAP fit as an array."""
    return np.asarray(values).reshape(-1)


def free(*names: str) -> dict[str, Prior]:
    """Return flat priors of some parameters."""
    return {name: Prior("HalfFlat") for name in names}


def main(path: Path, out: Path, priors: str = "default") -> None:
    """Walk the path, then write the outputs for comparison.

    With flat priors the MAP is the maximum of the likelihood.
    """
    flat = priors == "flat"
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
        model = BetaGeoModel(model_config=free("r", "alpha", "a", "b") if flat else None)
        model.fit(data=table, method="map", progressbar=False)
    with clock.step("gamma_gamma"):
        again = table[table["frequency"] > 0]
        spend_model = GammaGammaModel(model_config=free("p", "q", "v") if flat else None)
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
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
