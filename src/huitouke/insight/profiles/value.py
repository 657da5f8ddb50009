"""What each customer is worth from now on.

``CLV_i = margin x E[M_i] x discounted orders_i - PV(serving cost_i)``: the residual value, of
today's customers only. Discounted orders and mean spend come from the models; a value whose
inputs are not known is null with a status, never a population mean.

References
----------
Fader, Hardie & Lee (2005), "RFM and CLV", J. Marketing Research 42.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from huitouke.errors import HuitoukeError
from huitouke.insight.profiles.judged import INSUFFICIENT, OK, Codes, Floats, even_length
from huitouke.language import N_

__all__ = ["CustomerValues", "MarginInvalid", "customer_values"]


class MarginInvalid(HuitoukeError):
    """A margin is not a share of the price."""

    code = "profiles.margin_invalid"
    says = N_("The margin {margin} is not above 0 and at most 1.")
    remedy = N_("Give the contribution margin as a share, for example 0.3.")


@dataclass(frozen=True)
class CustomerValues:
    """What each customer is worth from now on.

    Parameters
    ----------
    clv
        (customers,) expected discounted margin less serving cost, currency; NaN if unknown.
    low, high
        (customers,) 80 % interval as computed by the models, currency; NaN if unknown. The
        interval is of what one customer will do, so its ends may both lie below the mean.
    status
        (customers,) status codes.
    """

    clv: Floats
    low: Floats
    high: Floats
    status: Codes


def customer_values(
    discounted_orders: Floats,
    *,
    mean_spend: Floats,
    margin: float,
    low: Floats | None = None,
    high: Floats | None = None,
    service_cost: Floats | None = None,
) -> CustomerValues:
    """Return the residual lifetime value of each customer.

    Parameters
    ----------
    discounted_orders
        (customers,) expected discounted orders from now on, over the value calendar.
    mean_spend
        (customers,) expected mean spend per order, currency.
    margin
        Contribution margin, share of spend, in (0, 1].
    low, high
        (customers,) 80 % interval of the value, currency, before serving cost.
    service_cost
        (customers,) present value of the cost to serve, currency.

    Raises
    ------
    MarginInvalid
        If the margin is not in (0, 1].
    ArraysUneven
        If arrays differ in length.

    Examples
    --------
    >>> customer_values(np.array([2.0]), mean_spend=np.array([50.0]), margin=0.3).clv
    array([30.])

    References
    ----------
    Fader, Hardie & Lee (2005), "RFM and CLV", eq. 1.
    """
    if not 0 < margin <= 1:
        raise MarginInvalid(margin=margin)
    n = len(discounted_orders)
    even_length(n, mean_spend=mean_spend, low=low, high=high, service_cost=service_cost)
    cost = np.zeros(n) if service_cost is None else service_cost
    clv = margin * mean_spend * discounted_orders - cost
    known = np.isfinite(clv)
    nothing = np.full(n, np.nan)
    return CustomerValues(
        clv=np.where(known, clv, np.nan),
        low=nothing if low is None else np.where(known, low - cost, np.nan),
        high=nothing if high is None else np.where(known, high - cost, np.nan),
        status=np.where(known, OK, INSUFFICIENT).astype(np.int8),
    )
