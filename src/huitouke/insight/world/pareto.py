"""Customers drawn from the Pareto/NBD and Gamma-Gamma models themselves.

For recovery tests: a model that is fitted to these customers must find the parameters that
made them. Time is continuous, so that no rounding of days to weeks biases the estimates.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huitouke.errors import HuitoukeError
from huitouke.insight.world.scenarios import Floats, whole_number
from huitouke.language import N_

__all__ = [
    "Lives",
    "ParameterInvalid",
    "draw_lives",
    "expected_purchases",
    "pareto_panel",
    "positive",
]

_MOST_CUSTOMERS = 100_000_000


class ParameterInvalid(HuitoukeError):
    """A parameter of a simulated model is not a number above its bound."""

    code = "world.parameter"
    says = N_("The parameter {name} must be a number above {bound}, but is {value}.")
    remedy = N_("Choose a larger value.")


def positive(bound: float = 0.0, **parameters: float) -> None:
    """Hold parameters to be finite numbers above a bound.

    Parameters
    ----------
    bound
        What each must exceed.
    **parameters
        Values by name.

    Raises
    ------
    ParameterInvalid
        At the first that is not.

    Examples
    --------
    >>> positive(r=0.5, alpha=10.0)
    """
    for name, value in parameters.items():
        number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or value <= bound:
            raise ParameterInvalid(name=name, bound=bound, value=value)


@dataclass(frozen=True)
class Lives:
    """Customers of the Pareto/NBD model; all arrays have shape (customers,), time in weeks.

    Parameters
    ----------
    purchase_rate, dropout_rate
        lambda and mu.
    tenure
        Weeks from the first purchase to the end of observation (T).
    lifetime
        Weeks from the first purchase to leaving for good.
    count
        Repeat purchases up to the end of observation (x).
    spend_rate
        nu: baskets are Gamma(p, nu).
    """

    purchase_rate: Floats
    dropout_rate: Floats
    tenure: Floats
    lifetime: Floats
    count: npt.NDArray[np.int64]
    spend_rate: Floats

    @property
    def alive(self) -> npt.NDArray[np.bool_]:
        """Whether each is still a customer at the end of observation."""
        return self.lifetime > self.tenure

    @property
    def active(self) -> Floats:
        """Weeks in which each could buy: the shorter of lifetime and tenure."""
        return np.minimum(self.lifetime, self.tenure)


def draw_lives(
    customers: int,
    *,
    rng: np.random.Generator,
    weeks: float,
    r: float,
    alpha: float,
    s: float,
    beta: float,
    q: float,
    gamma: float,
) -> Lives:
    """Draw customers: first purchase uniform over the first half of the observation.

    Parameters
    ----------
    customers
        How many.
    rng
        The source of chance.
    weeks
        Length of the observation; tenures lie between half of it and all of it.
    r, alpha, s, beta
        Pareto/NBD: purchase rate Gamma(r, alpha), dropout rate Gamma(s, beta), in weeks
        (Schmittlein, Morrison & Colombo 1987).
    q, gamma
        Gamma-Gamma: scale of baskets Gamma(q, gamma) (Fader, Hardie & Lee 2005b).
    """
    rate = rng.standard_gamma(r, customers) / alpha
    # A shape far below 1 underflows to 0; such a customer never leaves.
    leave = np.maximum(rng.standard_gamma(s, customers) / beta, 1e-12)
    tenure = weeks * (1.0 - 0.5 * rng.random(customers))
    lifetime = rng.standard_exponential(customers) / leave
    count = rng.poisson(rate * np.minimum(lifetime, tenure)).astype(np.int64)
    scale = rng.standard_gamma(q, customers) / gamma
    return Lives(rate, leave, tenure, lifetime, count, scale)


def pareto_panel(
    customers: int,
    *,
    seed: int,
    weeks: float = 104.0,
    horizon_weeks: float = 52.0,
    r: float = 0.55,
    alpha: float = 10.6,
    s: float = 0.61,
    beta: float = 11.7,
    spend: tuple[float, float, float] = (6.25, 3.74, 15.44),
) -> pa.Table:
    """Simulate a Pareto/NBD and Gamma-Gamma panel in continuous time, with its truth.

    Given the count of purchases in the active time, their moments are uniform over it, so
    that the last one is drawn directly as ``active * U ** (1 / x)``.

    Parameters
    ----------
    customers
        How many, 1 to 100 million.
    seed
        Seed of the source of chance.
    weeks
        Length of observation; first purchases are uniform over its first half.
    horizon_weeks
        Length of the future in which purchases are counted.
    r, alpha, s, beta
        Pareto/NBD parameters in weeks (Schmittlein, Morrison & Colombo 1987).
    spend
        Gamma-Gamma parameters p, q, gamma (Fader, Hardie & Lee 2005b, "RFM and CLV").

    Returns
    -------
    Table
        One row per customer: customer_no, repeat_count (x), recency_weeks (t_x),
        tenure_weeks (T), spend_mean (mean repeat basket; null without repeats), and the
        truth: alive, purchase_rate, dropout_rate, basket_mean, future_count.

    Raises
    ------
    WorldSizeInvalid
        If ``customers`` or ``seed`` is out of range.
    ParameterInvalid
        If a parameter is not above 0 (q: not above 1, where the mean basket is infinite).

    Examples
    --------
    >>> panel = pareto_panel(3, seed=1)
    >>> panel.num_rows, panel.column_names[:4]
    (3, ['customer_no', 'repeat_count', 'recency_weeks', 'tenure_weeks'])
    """
    whole_number(customers, name="customers", least=1, most=_MOST_CUSTOMERS)
    whole_number(seed, name="seed", least=0, most=2**63 - 1)
    p, q, gamma = spend
    positive(weeks=weeks, horizon_weeks=horizon_weeks)
    positive(r=r, alpha=alpha, s=s, beta=beta, p=p, gamma=gamma)
    positive(1.0, q=q)
    rng = np.random.default_rng(seed)
    lives = draw_lives(
        customers, rng=rng, weeks=weeks, r=r, alpha=alpha, s=s, beta=beta, q=q, gamma=gamma
    )
    x = lives.count
    latest = rng.random(customers) ** (1.0 / np.maximum(x, 1))
    mean = rng.standard_gamma(p * np.maximum(x, 1)) / (lives.spend_rate * np.maximum(x, 1))
    ahead = np.clip(lives.lifetime - lives.tenure, 0.0, horizon_weeks)
    return pa.table(
        {
            "customer_no": np.arange(customers),
            "repeat_count": x,
            "recency_weeks": np.where(x > 0, lives.active * latest, 0.0),
            "tenure_weeks": lives.tenure,
            "spend_mean": pa.array(mean, mask=x == 0),
            "alive": lives.alive,
            "purchase_rate": lives.purchase_rate,
            "dropout_rate": lives.dropout_rate,
            "basket_mean": p / lives.spend_rate,
            "future_count": rng.poisson(lives.purchase_rate * ahead).astype(np.int64),
        }
    )


def expected_purchases(
    weeks: Floats, *, r: float, alpha: float, s: float, beta: float
) -> Floats:
    """Return the expected repeat purchases of a new customer: E[X(t)] of the Pareto/NBD.

    ``E[X(t)] = r beta / (alpha (s - 1)) * (1 - (beta / (beta + t)) ** (s - 1))``
    (Schmittlein, Morrison & Colombo 1987; Fader & Hardie, note 008).

    Parameters
    ----------
    weeks
        Time since the first purchase (t).
    r, alpha, s, beta
        Pareto/NBD parameters in weeks.

    Returns
    -------
    array
        Purchases, of the shape of ``weeks``.

    Examples
    --------
    >>> float(expected_purchases(np.array(0.0), r=0.5, alpha=10.0, s=1.0, beta=10.0))
    0.0
    """
    span = np.log1p(np.asarray(weeks, dtype=np.float64) / beta)
    # (1 - e^{-(s-1) span}) / (s - 1) is 0/0 at s = 1, where it tends to span.
    order = s - 1.0
    grown = span if abs(order) < 1e-12 else -np.expm1(-order * span) / order
    expected: Floats = r * beta / alpha * grown
    return expected
