"""A decision tree of churn, cut back until a person can read it.

The library grows the tree on binned features; the cutting back, the rules and the answers
are our own, in full precision, so that what a rule says is exactly what the tree does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.tree import DecisionTreeClassifier

from huitouke.insight.models.churn_inputs import (
    ChurnModelUnfitted,
    check_inputs,
    evidence,
    inner_folds,
    rows_to_fit,
    single_thread,
)
from huitouke.insight.models.churn_pruning import Nodes, cut_back, prunings, reachable
from huitouke.insight.models.churn_rules import Rule, leaf_rules

__all__ = ["ChurnTree"]

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_BINS = 64


def _edges(column: FloatArray) -> FloatArray:
    """Round values to cut at: the values themselves if few, else quantiles."""
    known = column[~np.isnan(column)]
    distinct = np.unique(known)
    if len(distinct) <= _BINS:
        few: FloatArray = distinct[:-1]
        return few
    cuts = np.quantile(known, np.arange(1, _BINS) / _BINS)
    size = 10.0 ** (np.floor(np.log10(np.maximum(np.abs(cuts), 1e-9))) - 2)
    whole = bool(np.all(known == np.floor(known)))
    # Three digits are what a person reads; whole numbers are cut at whole numbers.
    rounded = np.floor(cuts) if whole else np.round(cuts / size) * size
    cuts = np.unique(np.round(rounded, 9))
    kept: FloatArray = cuts[(cuts >= distinct[0]) & (cuts < distinct[-1])]
    return kept


class ChurnTree:
    """A tree of at most ``leaves_max`` leaves, each with ``leaf_min`` rows or more.

    Grown to ``depth`` questions, then cut back by minimal cost-complexity, as far as gives
    the least squared error for customers left out (and at least to ``leaves_max``).

    Parameters
    ----------
    depth
        The most questions on one path.
    leaf_min
        The fewest rows in a leaf.
    leaves_max
        The most leaves.
    folds
        Folds of the inner cross-validation.
    rows_max
        The most rows to grow on.

    Attributes
    ----------
    status_
        ``ok``, or ``insufficient_evidence`` with fewer than 300 events or others or fewer
        than 10 per leaf.

    References
    ----------
    Breiman, Friedman, Olshen & Stone (1984), *Classification and Regression Trees*, sections
    3.3 and 3.4 (weakest links, choice by cross-validation).

    Examples
    --------
    >>> X = np.repeat([[10.0], [90.0]], 400, axis=0)
    >>> y = np.concatenate([np.tile([0., 0., 0., 1.], 100), np.tile([1., 1., 1., 0.], 100)])
    >>> tree = ChurnTree().fit(X, y, names=["silence_days"], rng_seed=0)
    >>> for rule in tree.rules(): print(rule.text("en", horizon_days=91))
    Days since last purchase over 10: 75% did not buy in 91 days (72% to 78%; 400 customers)
    Days since last purchase at most 10: 25% did not buy in 91 days (22% to 28%; 400 customers)
    """

    name = "tree"

    def __init__(
        self,
        *,
        depth: int = 5,
        leaf_min: int = 50,
        leaves_max: int = 16,
        folds: int = 4,
        rows_max: int = 100_000,
    ) -> None:
        self.depth = depth
        self.leaf_min = leaf_min
        self.leaves_max = leaves_max
        self.folds = folds
        self.rows_max = rows_max
        self.nodes_: Nodes | None = None

    def fit(
        self,
        X: FloatArray,
        y: FloatArray,
        *,
        names: Sequence[str],
        rng_seed: int,
        groups: IntArray | None = None,
    ) -> Self:
        """Grow and cut back.

        Parameters
        ----------
        X
            Features, shape (N, K); NaN where missing.
        y
            1 for churn, else 0, shape (N,).
        names
            K feature names.
        rng_seed
            Seed of the inner folds and of ties between features.
        groups
            Customer numbers, shape (N,); a customer is in one inner fold only.

        Raises
        ------
        ChurnInputsInvalid
            If the inputs do not fit together.
        """
        check_inputs(X, y, names=names)
        kept = rows_to_fit(len(y), groups=groups, at_most=self.rows_max)
        X, y = X[kept], y[kept]
        self.names_ = tuple(names)
        self.gaps_ = [bool(np.isnan(column).any()) for column in X.T]
        edges = [_edges(column) for column in X.T]
        binned = np.empty(X.shape, dtype=np.float32)
        for place, cuts in enumerate(edges):
            binned[:, place] = np.searchsorted(cuts, X[:, place], side="left")
        binned[np.isnan(X)] = np.nan
        fold = inner_folds(
            len(y),
            groups=None if groups is None else groups[kept],
            folds=self.folds,
            rng_seed=rng_seed,
        )
        with single_thread():
            grown = self._grow(binned, y, rng_seed=rng_seed)
            path = prunings(grown)
            chosen = self._choose(
                grown, path=path, binned=binned, y=y, fold=fold, rng_seed=rng_seed
            )
        cut = cut_back(grown, path[chosen][1])
        self.alpha_ = path[chosen][0]
        self.nodes_ = replace(cut, threshold=_unbin(cut, edges))
        leaves = int(np.count_nonzero(cut.feature < 0))
        self.status_ = evidence(y, parameters=leaves)
        return self

    def _grow(self, binned: npt.NDArray[np.float32], y: FloatArray, *, rng_seed: int) -> Nodes:
        grower = DecisionTreeClassifier(
            max_depth=self.depth, min_samples_leaf=self.leaf_min, random_state=rng_seed
        )
        grower.fit(binned, y > 0.5)
        tree = grower.tree_
        nodes = Nodes(
            feature=np.where(tree.children_left < 0, -1, tree.feature).astype(np.int64),
            threshold=tree.threshold.copy(),
            left=tree.children_left.astype(np.int64),
            right=tree.children_right.astype(np.int64),
            missing_left=tree.missing_go_to_left.astype(bool),
            n=np.zeros(tree.node_count),
            events=np.zeros(tree.node_count),
        )
        n, events = nodes.counted(tree.apply(binned).astype(np.int64), y=y)
        return replace(nodes, n=n, events=events)

    def _choose(
        self,
        whole: Nodes,
        *,
        path: list[tuple[float, BoolArray]],
        binned: npt.NDArray[np.float32],
        y: FloatArray,
        fold: IntArray,
        rng_seed: int,
    ) -> int:
        """Place on the path: the smaller tree where the left-out squared error is least."""
        alphas = np.array([alpha for alpha, _ in path])
        # Between two alphas the same tree is best: the middle stands for the stretch.
        tried = np.concatenate([np.sqrt(alphas[:-1] * alphas[1:]), [np.inf]])
        loss = np.zeros(len(path))
        for place in range(self.folds):
            held = fold == place
            if held.any() and not held.all():
                grown = self._grow(binned[~held], y[~held], rng_seed=rng_seed)
                leaf = grown.leaf_of(binned[held])
                n, events = grown.counted(leaf, y=y[held])
                p = grown.chance
                here = events * (1 - p) ** 2 + (n - events) * p**2
                smaller = prunings(grown)
                starts = np.array([alpha for alpha, _ in smaller])
                for step, strength in enumerate(tried):
                    ends = smaller[int(np.searchsorted(starts, strength, side="right")) - 1][1]
                    ends = ends & reachable(grown, ends)
                    loss[step] += float(here[ends].sum())
        # The last of the least is the smallest tree; rounding must not make it larger.
        best = int(np.flatnonzero(loss <= loss.min() * (1 + 1e-12))[-1])
        sizes = [int(np.count_nonzero(ends & reachable(whole, ends))) for _, ends in path]
        small = next(place for place, size in enumerate(sizes) if size <= self.leaves_max)
        return max(best, small)

    def _ready(self) -> Nodes:
        if self.nodes_ is None:
            raise ChurnModelUnfitted(model=self.name)
        return self.nodes_

    def predict(self, X: FloatArray) -> FloatArray:
        """Return the chance of churn, shape (N,).

        Parameters
        ----------
        X
            Features, shape (N, K), in the order of the names fitted on.

        Raises
        ------
        ChurnModelUnfitted
            If the model has not been fitted.
        """
        nodes = self._ready()
        chances: FloatArray = nodes.chance[nodes.leaf_of(X)]
        return chances

    def rules(
        self, X: FloatArray | None = None, y: FloatArray | None = None
    ) -> tuple[Rule, ...]:
        """Return the leaves as rules, highest risk first.

        Parameters
        ----------
        X, y
            Features and outcomes to measure the rules on, best of a later origin: rates on
            the rows that made the rules flatter them. None measures on those rows.

        Raises
        ------
        ChurnModelUnfitted
            If the model has not been fitted.
        """
        nodes = self._ready()
        n, events = nodes.n, nodes.events
        if X is not None and y is not None:
            n, events = nodes.counted(nodes.leaf_of(X), y=y)
        return leaf_rules(
            nodes.feature,
            threshold=nodes.threshold,
            left=nodes.left,
            right=nodes.right,
            missing_left=nodes.missing_left,
            counts=(n, events),
            names=self.names_,
            gaps=self.gaps_,
        )

    def parameters(self) -> Mapping[str, Any]:
        """Return what was fitted as plain values, for the record.

        Raises
        ------
        ChurnModelUnfitted
            If the model has not been fitted.
        """
        nodes = self._ready()
        return {
            "depth_max": self.depth,
            "leaf_min": self.leaf_min,
            "leaves_max": self.leaves_max,
            "alpha": self.alpha_,
            "rows": int(nodes.n[0]),
            "events": int(nodes.events[0]),
            "status": str(self.status_),
            "rules": [rule.to_json() for rule in self.rules()],
        }


def _unbin(nodes: Nodes, edges: list[FloatArray]) -> FloatArray:
    """Turn thresholds on bins (k + 1/2) back into thresholds on values (edge k)."""
    values = np.full(len(nodes.feature), np.nan)
    for node in np.flatnonzero(nodes.feature >= 0).tolist():
        cut, known = float(nodes.threshold[node]), edges[nodes.feature[node]]
        values[node] = known[int(cut)] if cut < len(known) else np.inf
    return values
