"""Lists of people: who is slipping, who is surely loyal, who will hardly come back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from huitouke.insight.models.counting import RepeatModel
from huitouke.insight.profiles.lists import (
    CustomerList,
    ListedCustomers,
    at_risk,
    likely_loyal,
    unlikely_to_return,
)
from huitouke.insight.profiles.loyalty import LoyaltyScores
from huitouke.insight.profiles.profitability import RatePrior, rate_prior
from huitouke.insight.profiles.rain_or_shine import RainOrShine
from huitouke.insight.steps.worth import Worth, spend_columns

__all__ = ["Lists", "list_people"]

#: As many of each list as the report shows.
_AT_MOST = 25


@dataclass(frozen=True)
class Lists:
    """The three lists."""

    at_risk: CustomerList
    likely_loyal: CustomerList
    unlikely: CustomerList


def list_people(
    panel: pa.Table,
    *,
    worth: Worth,
    scores: LoyaltyScores,
    steady: RainOrShine,
    model: RepeatModel | None,
    horizon_days: int,
    margin: float,
    full_price: bool,
) -> Lists:
    """List who is slipping, who is surely loyal, and who will hardly come back.

    Parameters
    ----------
    panel, worth, scores, steady
        What is known of all customers.
    model
        The purchase model in use: a customer's own rhythm while there, departures aside.
    horizon_days, margin, full_price
        The conditions.
    """
    if model is None:
        weeks = panel["tenure_days"].to_numpy() / 7
        rates = rate_prior(panel["repeat_count"].to_numpy(), tenure_weeks=weeks)
    else:
        rates = RatePrior(model.parameters_["r"], model.parameters_["alpha"])
    mean_spend = worth.mean_spend
    if not worth.spend_known:
        paid, count = spend_columns(panel)
        mean_spend = np.where(count > 0, paid, np.nan)
    customers = ListedCustomers(
        repeat_count=panel["repeat_count"].to_numpy(),
        recency_days=panel["recency_days"].to_numpy(),
        tenure_days=panel["tenure_days"].to_numpy(),
        spend_total=panel["spend_e4"].to_numpy() / 1e4,
        mean_spend=mean_spend,
        p_buy=worth.p_buy,
        p_buy_low=worth.p_buy_lo,
        p_buy_high=worth.p_buy_hi,
        orders_expected=worth.orders,
        orders_low=worth.orders_lo,
        orders_high=worth.orders_hi,
        horizon_days=horizon_days,
        margin=margin,
        full_price_count=panel["full_price_count"].to_numpy() if full_price else None,
        score=scores.score if scores.verdict.ok else None,
        score_low=scores.low if scores.verdict.ok else None,
        score_high=scores.high if scores.verdict.ok else None,
        steady=steady.share if steady.verdict.ok else None,
        steady_low=steady.low if steady.verdict.ok else None,
        steady_high=steady.high if steady.verdict.ok else None,
    )
    return Lists(
        at_risk(customers, rates=rates, at_most=_AT_MOST),
        likely_loyal(customers, at_most=_AT_MOST),
        unlikely_to_return(customers, at_most=_AT_MOST),
    )
