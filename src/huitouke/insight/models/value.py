"""Customer lifetime value: the expected amount, and what this customer's may come to.

Given still there and buying at all, the discounted spend ahead, divided by the scale
gamma + x m that the customer's spends are known up to, has a law that depends on (x, T)
only. The law is worked out at nodes of x and T, as a mixture over the number of occasions of
ratios of gamma variables (a beta integral, no simulation), and looked up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, expit, logit

from huitouke.insight.models.contract import Panel, check_horizon, check_levels
from huitouke.insight.models.counts import CountLaw
from huitouke.insight.models.gamma_gamma import GammaGamma
from huitouke.insight.models.predictive import parameter_models
from huitouke.insight.models.quadrature import FloatArray
from huitouke.insight.models.scores import Scores

__all__ = ["clv", "clv_quantiles"]

_DENSE_COUNTS = 6
_COUNT_RATIO = 1.3
_TENURES = 6
_DENSE_BINS = 10
_BIN_RATIO = 1.15
_LOGITS = np.linspace(-7.0, 7.0, 57)
_COARSE = np.linspace(-14.0, 10.0, 33)
_FINE = 40
_FADED = 12.0
_DRAWS = 8
_PART = 250_000


def clv(
    model: Scores,
    *,
    spend_model: GammaGamma,
    panel: Panel,
    mean_spend: npt.ArrayLike,
    count: npt.ArrayLike,
    horizon: float,
    rate_per_unit: float,
    margin: float = 1.0,
) -> FloatArray:
    """Return each customer's expected discounted margin over the horizon, from now on.

    Parameters
    ----------
    model
        A fitted repeat-purchase model.
    spend_model
        A fitted Gamma-Gamma model.
    panel
        The customers.
    mean_spend, count
        Mean spend of the repeat occasions and how many have a spend, per customer.
    horizon
        Value calendar, in the panel's time unit; may be infinite with a positive rate.
    rate_per_unit
        Continuous discount rate: ln(1 + yearly rate) over the time units of a year.
    margin
        Share of spend that is margin.

    Returns
    -------
    FloatArray
        Currency.

    References
    ----------
    Fader, Hardie & Lee (2005), "RFM and CLV", Journal of Marketing Research 42: margin x
    revenue per transaction x discounted expected transactions.
    """
    orders = model.discounted_orders(panel, horizon=horizon, rate_per_unit=rate_per_unit)
    return margin * spend_model.expected_mean_spend(mean_spend, count=count) * orders


def clv_quantiles(
    model: Scores,
    *,
    spend_model: GammaGamma,
    panel: Panel,
    mean_spend: npt.ArrayLike,
    count: npt.ArrayLike,
    horizon: float,
    rate_per_unit: float,
    margin: float = 1.0,
    levels: tuple[float, ...] = (0.1, 0.9),
    seed: int = 1,
) -> FloatArray:
    """Return quantiles of each customer's discounted margin over the horizon.

    They hold what is uncertain about this customer (whether still there, how often, how
    much) and about the parameters of both models.

    Parameters
    ----------
    model, spend_model, panel, mean_spend, count, horizon, rate_per_unit, margin
        As for ``clv``.
    levels
        Quantile levels.
    seed
        Seed of the parameter draws, see ``predictive.parameter_models``.

    Returns
    -------
    FloatArray
        One row per customer, one column per level.
    """
    check_horizon(horizon, rate=rate_per_unit)
    check_levels(levels)
    out = np.zeros((len(panel), len(levels)))
    if len(panel) == 0:
        return out
    if rate_per_unit > 0:
        horizon = min(horizon, _FADED / rate_per_unit)
    pairs = _pairs(model, spend_model=spend_model, seed=seed)
    buys = np.zeros(len(panel))
    for drawn, _ in pairs:
        buys += drawn.p_buy(panel, horizon=horizon) / len(pairs)
    buys = np.maximum(buys, 1e-300)
    counts = np.asarray(count, dtype=np.float64)
    p, q, _ = spend_model.values
    size = spend_model.scale(np.asarray(mean_spend, dtype=np.float64), count=counts)
    size = size * p / (q + p * counts)
    size *= margin * model.alive_orders(panel, horizon=horizon, rate_per_unit=rate_per_unit)
    # Occasions without a usable spend are rare: such customers take the law of the nearer
    # of two kinds, all occasions with a spend or none.
    bare = counts < 0.5 * panel.repeat_count
    for kind in (False, True):
        members = np.flatnonzero(bare == kind)
        if members.size == 0:
            continue
        table = _Table.of(
            pairs,
            panel=panel.take(members),
            point=(model, spend_model),
            horizon=horizon,
            rate=rate_per_unit,
            bare=kind,
        )
        for start in range(0, members.size, _PART):
            part = members[start : start + _PART]
            x = panel.repeat_count[part].astype(np.float64)
            for column, level in enumerate(levels):
                within = (level - 1.0 + buys[part]) / buys[part]
                value = table.read(x, tenure=panel.tenure[part], level=within)
                out[part, column] = np.where(within > 0, size[part] * value, 0.0)
    return out


def _pairs(
    model: Scores, *, spend_model: GammaGamma, seed: int
) -> list[tuple[Scores, GammaGamma]]:
    """Return pairs of drawn models; the estimates alone where they are sure."""
    models = parameter_models(model, draws=_DRAWS, seed=seed)
    if len(models) == 1:
        return [(models[0], spend_model)]
    rng = np.random.Generator(np.random.PCG64(seed + 1))
    spends: list[GammaGamma] = []
    for drawn in spend_model.draw_parameters(len(models) // 2, rng=rng):
        mirrored = {name: spend_model.parameters_[name] ** 2 / drawn[name] for name in drawn}
        spends += [spend_model.with_parameters(drawn), spend_model.with_parameters(mirrored)]
    return list(zip(models, spends, strict=True))


@dataclass(frozen=True)
class _Table:
    """ln of the quantiles, over size, at nodes: axes x, tenure, logit of the level."""

    counts: FloatArray
    shape: float
    tenures: FloatArray
    shift: float
    values: FloatArray

    @classmethod
    def of(
        cls,
        pairs: list[tuple[Scores, GammaGamma]],
        *,
        panel: Panel,
        point: tuple[Scores, GammaGamma],
        horizon: float,
        rate: float,
        bare: bool,
    ) -> _Table:
        model, spend = point
        shift = model.time_shift
        x, _ = panel.counts
        nodes = _count_nodes(x)
        low, high = float(panel.tenure.min()), float(panel.tenure.max())
        even = np.linspace(np.log(shift + low), np.log(shift + high), _TENURES)
        tenures = np.clip(np.exp(even) - shift, low, high)
        if high - low < 1e-9 * (shift + high):
            tenures = tenures[:1]
        values = np.stack(
            [
                _quantiles(
                    pairs, spend=spend, model=model, x=float(node), tenure=tenures,
                    horizon=horizon, rate=rate, count=0.0 if bare else float(node),
                )
                for node in nodes
            ]
        )  # fmt: skip
        return cls(nodes, float(model.parameters_["r"]), tenures, shift, values)

    def read(self, x: FloatArray, *, tenure: FloatArray, level: FloatArray) -> FloatArray:
        """Return quantiles over size, linear between the nodes on all three axes."""
        by_count = _between(
            np.log(self.shape + 1.0 + x), np.log(self.shape + 1.0 + self.counts)
        )
        by_tenure = _between(np.log(self.shift + tenure), np.log(self.shift + self.tenures))
        by_level = _between(logit(np.clip(level, 1e-9, 1.0 - 1e-9)), _LOGITS)
        total = np.zeros(x.size)
        for i, w_count in by_count:
            for j, w_tenure in by_tenure:
                for k, w_level in by_level:
                    total += w_count * w_tenure * w_level * self.values[i, j, k]
        return np.exp(total)


def _between(
    at: FloatArray, nodes: FloatArray
) -> list[tuple[npt.NDArray[np.int64], FloatArray]]:
    if nodes.size == 1:
        return [(np.zeros(at.size, dtype=np.int64), np.ones(at.size))]
    place = np.clip(np.searchsorted(nodes, at, side="right") - 1, 0, nodes.size - 2)
    way = np.clip((at - nodes[place]) / (nodes[place + 1] - nodes[place]), 0.0, 1.0)
    return [(place, 1.0 - way), (place + 1, way)]


def _count_nodes(x: FloatArray) -> FloatArray:
    """Return every count up to 6, then counts a third apart, inside what occurs."""
    low, high = float(x[0]), float(x[-1])
    steps = int(np.ceil(np.log(max(high / _DENSE_COUNTS, 1.0)) / np.log(_COUNT_RATIO)))
    sparse = np.round(_DENSE_COUNTS * _COUNT_RATIO ** np.arange(1, steps + 1))
    nodes = np.concatenate([np.arange(0.0, _DENSE_COUNTS + 1.0), sparse])
    nodes = nodes[(nodes >= low) & (nodes <= high)]
    return np.unique(np.concatenate([nodes, [low, high]]))


def _quantiles(
    pairs: list[tuple[Scores, GammaGamma]],
    *,
    spend: GammaGamma,
    model: Scores,
    x: float,
    tenure: FloatArray,
    horizon: float,
    rate: float,
    count: float,
) -> FloatArray:
    """Return ln of the quantiles over size at the logit levels, one row per tenure."""
    p, q, _ = spend.values
    # DET of the estimate: what the customers' sizes are measured in.
    whole = Panel(
        np.full(tenure.size, int(x)),
        np.full(tenure.size, 1e-12 if x else 0.0),
        np.maximum(tenure, 1e-12 if x else 0.0),
    )
    orders = model.alive_orders(whole, horizon=horizon, rate_per_unit=rate)
    unit = p / (q + p * count) * np.maximum(orders, 1e-300)
    parts = []
    for drawn, drawn_spend in pairs:
        law = drawn.law(x, tenure=tenure, horizon=horizon, rate=rate)
        typical = spend.observed_mean_ * count
        ratio = (drawn_spend.values[2] + typical) / (spend.values[2] + typical)
        parts.append(_mixture(law, spend=drawn_spend, count=count, unit=unit / ratio))
    rows = []
    for node in range(tenure.size):
        coarse = _chance(parts, node=node, at=_COARSE)
        ends = np.interp([-8.0, 8.0], coarse, _COARSE)
        fine = np.linspace(ends[0], ends[1], _FINE)
        rows.append(np.interp(_LOGITS, _chance(parts, node=node, at=fine), fine))
    return np.array(rows)


@dataclass(frozen=True)
class _Mixture:
    """Components per tenure: weight, shape and scale (over the unit) of a gamma sum."""

    weight: FloatArray
    shape: FloatArray
    scale: FloatArray
    tail: float


def _mixture(law: CountLaw, *, spend: GammaGamma, count: float, unit: FloatArray) -> _Mixture:
    p, q, _ = spend.values
    edges = _bins(law.grid.size)
    begin, end = edges[:-1], edges[1:]
    reached = np.concatenate([law.survival, np.zeros((unit.size, 1))], axis=1)
    weight = np.maximum(reached[:, begin] - reached[:, end], 0.0)
    middle = (begin + end - 1) // 2
    n = law.grid[middle]
    mean, square, product = (m[:, middle] for m in (law.mean, law.square, law.product))
    first = p * n * mean
    second = n * square * (p + p * p) + n * (n - 1.0) * p * p * product
    spread = np.maximum(second - first**2, 1e-9 * first**2)
    return _Mixture(weight, first**2 / spread, spread / first / unit[:, None], q + p * count)


def _bins(size: int) -> npt.NDArray[np.int64]:
    """Return the edges of bins of numbers of occasions: single ones, then wider."""
    steps = int(np.ceil(np.log(max(size / _DENSE_BINS, 1.0)) / np.log(_BIN_RATIO)))
    wide = np.round(_DENSE_BINS * _BIN_RATIO ** np.arange(steps + 1)).astype(np.int64)
    edges = np.concatenate([np.arange(_DENSE_BINS), wide])
    return np.unique(np.concatenate([edges[edges < size], [size]]))


def _chance(parts: list[_Mixture], *, node: int, at: FloatArray) -> FloatArray:
    """Return logit P(spend over size <= e^at), given any occasion."""
    above = np.zeros(at.size)
    whole = 0.0
    for part in parts:
        weight = part.weight[node][:, None]
        # Chance that a ratio of gamma variables is larger, from the beta integral.
        share = expit(np.log(part.scale[node])[:, None] - at)
        above += (weight * betainc(part.tail, part.shape[node][:, None], share)).sum(axis=0)
        whole += float(weight.sum())
    chance = np.clip(above / max(whole, 1e-300), 1e-12, 1.0 - 1e-12)
    # Strictly increasing, as the inverse look-up needs it.
    return -logit(chance) + 1e-9 * np.arange(at.size)
