"""What each customer will do and is worth, with intervals, and what all are worth together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import special, stats

from huitouke.insight.models.contract import Panel
from huitouke.insight.models.counting import RepeatModel
from huitouke.insight.models.gamma_gamma import GammaGamma
from huitouke.insight.models.value import clv_quantiles
from huitouke.insight.profiles.equity import Equity, customer_equity
from huitouke.insight.profiles.value import CustomerValues, customer_values
from huitouke.insight.steps.forecast import Purchases
from huitouke.insight.steps.options import Options
from huitouke.insight.steps.snapshots import Snapshot
from huitouke.insight.steps.sums import Doubt, Sums, sums_of
from huitouke.insight.tables import Status

__all__ = ["Worth", "now_panel", "spend_columns", "weekly_rate", "weigh"]

Floats = npt.NDArray[np.float64]

_LEVELS = (0.1, 0.9)
_Z = float(stats.norm.ppf(0.9))
_PARAMETER_DRAWS = 24
#: Customers on whom parameter draws and individual spreads are worked out; the rest scale.
_EQUITY_SAMPLE = 20_000
_SPREAD_DRAWS = 40
_CHUNK = 1_000_000


@dataclass(frozen=True)
class Worth:
    """Forecasts and values of every customer as of the last day; NaN where not known.

    Parameters
    ----------
    p_alive, p_buy, p_buy_lo, p_buy_hi
        Chances, shape (customers,).
    orders, orders_lo, orders_hi
        Occasions within the horizon.
    mean_spend
        Expected spend per occasion, currency.
    values
        CLV with its interval.
    variances
        Variance of what each customer will do, currency squared.
    equity
        The sum, with its interval and parts.
    orders_to_come, spend_per_order
        What the sum is made of beside the margin, with their intervals in the same way: the
        discounted occasions of all over the value calendar, and what one of them brings.
    spend_model
        The fitted Gamma-Gamma model.
    spend_known
        True where a customer's expected spend is known.
    """

    p_alive: Floats
    p_buy: Floats
    p_buy_lo: Floats
    p_buy_hi: Floats
    orders: Floats
    orders_lo: Floats
    orders_hi: Floats
    mean_spend: Floats
    values: CustomerValues
    variances: Floats
    equity: Equity
    orders_to_come: Equity
    spend_per_order: Equity
    spend_model: GammaGamma
    spend_known: bool


def now_panel(panel: pa.Table) -> Panel:
    """Return the models' panel, in weeks, of rows of ``tables.PANEL``.

    Parameters
    ----------
    panel
        The rows.
    """
    names = ("repeat_count", "recency_days", "tenure_days")
    return Panel.from_table({name: panel[name].to_numpy() for name in names})


def spend_columns(panel: pa.Table) -> tuple[Floats, Floats]:
    """Return mean spend of the repeat occasions with a positive amount, and their number.

    Parameters
    ----------
    panel
        Rows of ``tables.PANEL``.

    Returns
    -------
    mean_spend, count
        Currency units (0 where there is none), and occasions.
    """
    count = panel["repeat_paid_count"].to_numpy().astype(np.float64)
    spend = panel["repeat_spend_e4"].to_numpy() / 1e4
    return spend / np.maximum(count, 1.0), count


def weigh(
    panel: pa.Table,
    *,
    purchases: Purchases,
    snapshots: Sequence[Snapshot],
    horizon_days: int,
    options: Options,
) -> Worth:
    """Forecast and value every customer.

    Parameters
    ----------
    panel
        ``tables.PANEL`` rows of all customers as of the last day.
    purchases
        The purchase models; without one in use everything is NaN.
    snapshots
        The origins of its forecasts: how far past totals of spend were off.
    horizon_days
        How far ahead forecasts look.
    options
        Margin, discount rate, value calendar, seed.
    """
    spend, count = spend_columns(panel)
    spend_model = GammaGamma().fit(spend, count=count)
    model = purchases.model
    n = panel.num_rows
    if model is None:
        nothing = np.full(n, np.nan)
        values = customer_values(nothing, mean_spend=nothing, margin=options.margin)
        equity = customer_equity(
            nothing, draws=np.zeros(0), variances=nothing, past_log_errors=()
        )
        made = dict.fromkeys(_COLUMNS, nothing)
        sums = Sums(equity, equity, equity)
        return _worth(
            made, values=values, variances=nothing, sums=sums, spend_model=spend_model
        )
    known = spend_model.status_ is Status.OK
    made = {name: np.full(n, np.nan) for name in _COLUMNS}
    for start in range(0, n, _CHUNK):
        part = slice(start, min(start + _CHUNK, n))
        found = _score(
            now_panel(panel.slice(start, _CHUNK)), spend[part], count[part],
            model=model, spend_model=spend_model, purchases=purchases,
            horizon=horizon_days / 7, options=options,
        )  # fmt: skip
        for name, column in found.items():
            made[name][part] = column
    mean_spend = made["mean_spend"] if known else np.full(n, np.nan)
    values = customer_values(
        made["discounted"], mean_spend=mean_spend, margin=options.margin,
        low=made["clv_lo"], high=made["clv_hi"],
    )  # fmt: skip
    doubt = _doubt(panel, model=model, spend_model=spend_model, options=options)
    variances = values.clv * doubt.value_variance
    sums = sums_of(
        values.clv,
        discounted=np.where(np.isfinite(values.clv), made["discounted"], np.nan),
        doubt=doubt,
        errors=_errors(purchases, snapshots),
        margin=options.margin,
    )
    made["mean_spend"] = mean_spend
    return _worth(made, values=values, variances=variances, sums=sums, spend_model=spend_model)


def _worth(
    made: dict[str, Floats],
    *,
    values: CustomerValues,
    variances: Floats,
    sums: Sums,
    spend_model: GammaGamma,
) -> Worth:
    return Worth(
        p_alive=made["p_alive"],
        p_buy=made["p_buy"],
        p_buy_lo=made["p_buy_lo"],
        p_buy_hi=made["p_buy_hi"],
        orders=made["orders"],
        orders_lo=made["orders_lo"],
        orders_hi=made["orders_hi"],
        mean_spend=made["mean_spend"],
        values=values,
        variances=variances,
        equity=sums.equity,
        orders_to_come=sums.orders,
        spend_per_order=sums.spend,
        spend_model=spend_model,
        spend_known=spend_model.status_ is Status.OK,
    )


_COLUMNS = (
    "p_alive", "p_buy", "p_buy_lo", "p_buy_hi", "orders", "orders_lo", "orders_hi",
    "mean_spend", "discounted", "clv_lo", "clv_hi",
)  # fmt: skip


def _errors(purchases: Purchases, snapshots: Sequence[Snapshot]) -> Floats:
    """Return ln(actual/predicted) of all orders, and of total spend, at each origin."""
    errors = []
    for snapshot, forecast in zip(snapshots, purchases.forecasts, strict=True):
        spend, count = spend_columns(snapshot.panel)
        each = GammaGamma().fit(spend, count=count).expected_mean_spend(spend, count=count)
        predicted = float((forecast.orders * each).sum())
        spent = math.log(max(float(snapshot.spent.sum()), 1.0) / max(predicted, 1.0))
        came = max(float(forecast.actual.sum()), 0.5) / max(float(forecast.orders.sum()), 0.5)
        errors.append((math.log(came), spent))
    return np.array(errors, dtype=np.float64).reshape(-1, 2)


def weekly_rate(discount_rate: float) -> float:
    """Return the continuous weekly rate of a yearly discount rate.

    Parameters
    ----------
    discount_rate
        A year, e.g. 0.15.
    """
    return math.log1p(discount_rate) / (365.25 / 7)


def _score(
    panel: Panel,
    spend: Floats,
    count: Floats,
    *,
    model: RepeatModel,
    spend_model: GammaGamma,
    purchases: Purchases,
    horizon: float,
    options: Options,
) -> dict[str, Floats]:
    """Score one chunk of customers."""
    p_buy = model.p_buy(panel, horizon=horizon)
    low, high = _chance_interval(
        panel, p_buy, model=model, purchases=purchases, horizon=horizon, seed=options.seed
    )
    counts = model.predictive(panel, horizon=horizon, levels=_LEVELS)
    weeks, rate = options.value_days / 7, weekly_rate(options.discount_rate)
    money = clv_quantiles(
        model, spend_model=spend_model, panel=panel,
        mean_spend=spend, count=count, horizon=weeks, rate_per_unit=rate,
        margin=options.margin, levels=_LEVELS, seed=options.seed,
    )  # fmt: skip
    return {
        "p_alive": model.p_alive(panel),
        "p_buy": p_buy,
        "p_buy_lo": low,
        "p_buy_hi": high,
        "orders": model.orders_expected(panel, horizon=horizon),
        "orders_lo": counts[:, 0],
        "orders_hi": counts[:, 1],
        "mean_spend": spend_model.expected_mean_spend(spend, count=count),
        "discounted": model.discounted_orders(panel, horizon=weeks, rate_per_unit=rate),
        "clv_lo": money[:, 0],
        "clv_hi": money[:, 1],
    }


def _chance_interval(
    panel: Panel,
    p_buy: Floats,
    *,
    model: RepeatModel,
    purchases: Purchases,
    horizon: float,
    seed: int,
) -> tuple[Floats, Floats]:
    """Return the 80 % interval of the chance to buy.

    On the logit scale: what the parameters leave open (Laplace draws), and by how much like
    chances were off at past origins.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    centre = special.logit(np.clip(p_buy, 1e-9, 1 - 1e-9))
    squares = np.zeros(len(panel))
    for drawn in model.draw_parameters(_PARAMETER_DRAWS, rng=rng):
        other = model.with_parameters(drawn).p_buy(panel, horizon=horizon)
        squares += (special.logit(np.clip(other, 1e-9, 1 - 1e-9)) - centre) ** 2
    edges, misses = purchases.past_misses()
    missed = misses[np.searchsorted(edges, p_buy, side="right")]
    half = np.sqrt(_Z**2 * squares / _PARAMETER_DRAWS + missed**2)
    low, high = special.expit(centre - half), special.expit(centre + half)
    # The scale ends at one in a billion; a smaller chance is its own lower end.
    return np.minimum(low, p_buy), np.maximum(high, p_buy)


def _doubt(
    panel: pa.Table, *, model: RepeatModel, spend_model: GammaGamma, options: Options
) -> Doubt:
    """Return how unsure the sums are, worked out on a stable sample of customers."""
    step = -(-panel.num_rows // _EQUITY_SAMPLE)
    rows = panel.take(np.arange(0, panel.num_rows, step))
    sample = now_panel(rows)
    spend, count = spend_columns(rows)
    rng = np.random.Generator(np.random.PCG64(options.seed))
    weeks, rate = options.value_days / 7, weekly_rate(options.discount_rate)

    def totals(one: RepeatModel, other: GammaGamma) -> tuple[float, float]:
        orders = one.discounted_orders(sample, horizon=weeks, rate_per_unit=rate)
        value = orders * other.expected_mean_spend(spend, count=count)
        return float(orders.sum()), float(value.sum())

    base = np.maximum(totals(model, spend_model), 1e-300)
    pairs = zip(
        model.draw_parameters(_PARAMETER_DRAWS, rng=rng),
        spend_model.draw_parameters(_PARAMETER_DRAWS, rng=rng),
        strict=True,
    )
    drawn = np.array(
        [totals(model.with_parameters(a), spend_model.with_parameters(b)) for a, b in pairs]
    )
    each = options.margin * spend_model.expected_mean_spend(spend, count=count)
    counts = np.stack(
        [model.simulate(sample, horizon=weeks, rng=rng) for _ in range(_SPREAD_DRAWS)]
    )
    futures = counts * each
    # Orders vary more than baskets do: a basket's own variance adds its square of variation.
    p, _, _ = spend_model.values
    variance = float(
        futures.var(axis=0, ddof=1).sum() + (futures.mean(axis=0) * each).sum() / p
    )
    return Doubt(
        orders_drawn=drawn[:, 0] / base[0],
        value_drawn=drawn[:, 1] / base[1],
        orders_variance=float(counts.var(axis=0, ddof=1).sum()) / base[0],
        value_variance=variance / (options.margin * base[1]),
    )
