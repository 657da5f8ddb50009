"""What this customer will do: quantiles of the number of occasions to come.

Given still there, the number depends on (x, T) only, and its law has a closed form. A
customer's quantile is therefore a search in the table of that law: with P = P(alive), the
level-u quantile is the number of m with P · P(at least m) > 1 - u.
"""

from __future__ import annotations

import numpy as np

from huitouke.insight.models.contract import Panel, check_horizon, check_levels
from huitouke.insight.models.quadrature import FloatArray, IntArray
from huitouke.insight.models.scores import Scores

__all__ = ["grouped", "occasion_quantiles", "parameter_models", "tenure_nodes"]

_SURE = 50_000
_NODES = 48


def parameter_models(model: Scores, *, draws: int, seed: int) -> list[Scores]:
    """Return models whose parameters are draws, to average what they say.

    Draws come in mirrored pairs, so that their mean is the estimate. From 50 000 customers
    on the parameters are so sure (standard errors below 1 %) that the estimate alone is
    returned; so also without draws or covariance.

    Parameters
    ----------
    model
        A fitted model.
    draws
        How many, an even number.
    seed
        Seed.
    """
    sure = getattr(model, "n_", 0) >= _SURE or not model.covariance_.any()
    if sure or draws < 2:
        return [model]
    rng = np.random.Generator(np.random.PCG64(seed))
    models: list[Scores] = []
    for drawn in model.draw_parameters(draws // 2, rng=rng):
        mirrored = {name: model.parameters_[name] ** 2 / drawn[name] for name in drawn}
        models += [model.with_parameters(drawn), model.with_parameters(mirrored)]
    return models


def grouped(rows: IntArray, *, groups: int) -> list[IntArray]:
    """Return the positions of each group, in order.

    Parameters
    ----------
    rows
        Group of each position.
    groups
        How many groups.

    Examples
    --------
    >>> [group.tolist() for group in grouped(np.array([1, 0, 1]), groups=2)]
    [[1], [0, 2]]
    """
    order = np.argsort(rows, kind="stable")
    ends = np.cumsum(np.bincount(rows, minlength=groups))
    return [
        order[begin:end]
        for begin, end in zip(np.concatenate([[0], ends[:-1]]), ends, strict=True)
    ]


def tenure_nodes(
    tenure: FloatArray, *, shift: float, most: int
) -> tuple[FloatArray, IntArray, FloatArray]:
    """Return tenures to work at, and for each customer the node below and the way to the next.

    Parameters
    ----------
    tenure
        Tenures of the customers.
    shift
        Nodes are even in ln(shift + tenure).
    most
        Most nodes; with fewer distinct tenures these are the nodes.
    """
    low, high = float(tenure.min()), float(tenure.max())
    if tenure.size <= 20 * most:
        nodes, place = np.unique(tenure, return_inverse=True)
        if nodes.size <= most:
            return nodes, place.astype(np.int64), np.zeros(tenure.size)
    edges = np.linspace(np.log(shift + low), np.log(shift + high), most)
    nodes = np.clip(np.exp(edges) - shift, low, high)
    if high - low < 1e-9 * (shift + high):
        return nodes[:1], np.zeros(tenure.size, dtype=np.int64), np.zeros(tenure.size)
    way = (np.log(shift + tenure) - edges[0]) / (edges[1] - edges[0])
    place = np.clip(np.floor(way), 0, most - 2).astype(np.int64)
    return nodes, place, np.clip(way - place, 0.0, 1.0)


def occasion_quantiles(
    model: Scores,
    panel: Panel,
    *,
    horizon: float,
    levels: tuple[float, ...],
    draws: int,
    seed: int,
) -> FloatArray:
    """Return quantiles of the number of occasions of each customer in the horizon.

    Parameters
    ----------
    model
        A fitted repeat-purchase model.
    panel
        The customers.
    horizon
        Length in the panel's time unit, finite.
    levels
        Quantile levels.
    draws, seed
        Parameter draws, see ``parameter_models``.

    Returns
    -------
    FloatArray
        One row per customer, one column per level.
    """
    check_horizon(horizon)
    check_levels(levels)
    out = np.zeros((len(panel), len(levels)))
    if len(panel) == 0:
        return out
    models = parameter_models(model, draws=draws, seed=seed)
    alive = np.zeros(len(panel))
    for drawn in models:
        alive += drawn.p_alive(panel) / len(models)
    counts, rows = panel.counts
    for x, members in zip(counts, grouped(rows, groups=counts.size), strict=True):
        most = int(min(400, _NODES + 4 * np.sqrt(x)))
        nodes, place, way = tenure_nodes(
            panel.tenure[members], shift=model.time_shift, most=most
        )
        grids = [
            drawn.reach_of(float(x), shortest=float(nodes[0]), horizon=horizon)
            for drawn in models
        ]
        grid = max(grids, key=lambda numbers: float(numbers[-1]))
        survival = np.zeros((nodes.size, grid.size))
        for drawn in models:
            law = drawn.law(float(x), tenure=nodes, horizon=horizon, grid=grid)
            survival += law.survival / len(models)
        for column, level in enumerate(levels):
            with np.errstate(divide="ignore"):
                limit = (1.0 - level) / alive[members]
            out[members, column] = _search(
                survival, grid=grid, place=place, way=way, limit=limit
            )
    return out


def _search(
    survival: FloatArray,
    *,
    grid: FloatArray,
    place: IntArray,
    way: FloatArray,
    limit: FloatArray,
) -> FloatArray:
    """Return the largest number whose survival is above the limit, by halving."""
    last = survival.shape[0] - 1
    after = np.minimum(place + 1, last)

    def at(k: IntArray) -> FloatArray:
        low: FloatArray = survival[place, k]
        high: FloatArray = survival[after, k]
        return low + way * (high - low)

    above = np.zeros(place.size, dtype=np.int64)
    below = np.full(place.size, grid.size, dtype=np.int64)
    for _ in range(int(np.ceil(np.log2(grid.size + 1)))):
        middle = np.minimum((above + below) // 2, grid.size - 1)
        open_ = above < below
        more = open_ & (at(middle) > limit)
        above = np.where(more, middle + 1, above)
        below = np.where(open_ & ~more, middle, below)
    reached = np.maximum(above - 1, 0)
    beyond = np.minimum(above, grid.size - 1)
    first, second = at(reached), at(beyond)
    drop = np.where(first > second, first - second, 1.0)
    share = np.clip((first - np.minimum(limit, 1e9)) / drop, 0.0, 1.0 - 1e-9)
    value = grid[reached] + np.floor((grid[beyond] - grid[reached]) * share)
    return np.where(above == 0, 0.0, value)
