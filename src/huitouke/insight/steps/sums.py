"""Customer equity and what it is made of: orders to come times spend per order times margin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from huitouke.insight.profiles.equity import Equity, customer_equity

__all__ = ["Doubt", "Sums", "sums_of"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Doubt:
    """How unsure the sums are, as ratios that all customers share.

    Parameters
    ----------
    orders_drawn, value_drawn
        (draws,) the sum under drawn parameters over the sum.
    orders_variance, value_variance
        Variance of what a customer will do over what is expected.
    """

    orders_drawn: Floats
    value_drawn: Floats
    orders_variance: float
    value_variance: float


@dataclass(frozen=True)
class Sums:
    """The equity and what it is made of."""

    equity: Equity
    orders: Equity
    spend: Equity


def sums_of(
    clv: Floats, *, discounted: Floats, doubt: Doubt, errors: Floats, margin: float
) -> Sums:
    """Add up values and orders, and divide them; each with its interval.

    Parameters
    ----------
    clv
        (customers,) values, currency; NaN where not known.
    discounted
        (customers,) discounted occasions of the same customers.
    doubt
        What parameters and individuals leave open.
    errors
        (origins, 2) ln(actual/predicted) of all orders, and of total spend.
    margin
        Margin on spend.
    """
    total, orders = float(np.nansum(clv)), float(np.nansum(discounted))
    each = np.array([total / (margin * orders) if orders > 0 else np.nan])
    of_orders, of_value = doubt.orders_drawn, doubt.value_drawn
    return Sums(
        customer_equity(
            clv,
            draws=of_value * total,
            variances=clv * doubt.value_variance,
            past_log_errors=errors[:, 1],
        ),
        customer_equity(
            discounted,
            draws=of_orders * orders,
            variances=discounted * doubt.orders_variance,
            past_log_errors=errors[:, 0],
        ),
        # Of one number: what individuals happen to spend is small beside the other doubts.
        customer_equity(
            each,
            draws=of_value / np.maximum(of_orders, 1e-300) * each,
            variances=np.zeros(1),
            past_log_errors=errors[:, 1] - errors[:, 0],
        ),
    )
