"""Trees as plain arrays, and the cutting back of a tree to its nested smaller trees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from huitouke.insight.models.churn_logistic import chunks

__all__ = ["Nodes", "cut_back", "prunings", "reachable"]

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Nodes:
    """A binary tree as arrays; node 0 is the root and children come after their parent.

    Parameters
    ----------
    feature
        Feature asked about; -1 in a leaf, shape (V,).
    threshold
        Go left if the value is at most this; infinite if the question is only whether the
        value is known.
    left, right
        Children; -1 in a leaf.
    missing_left
        Whether a missing value goes left.
    n, events
        Training rows and those of them with churn.
    """

    feature: IntArray
    threshold: FloatArray
    left: IntArray
    right: IntArray
    missing_left: BoolArray
    n: FloatArray
    events: FloatArray

    @property
    def chance(self) -> FloatArray:
        """Chance of churn in each node, never 0 or 1 (Jeffreys' prior), shape (V,)."""
        smoothed: FloatArray = (self.events + 0.5) / (self.n + 1.0)
        return smoothed

    def leaf_of(self, X: FloatArray) -> IntArray:
        """Return the leaf each row falls into, shape (N,).

        Parameters
        ----------
        X
            Features, shape (N, K).
        """
        leaf = np.zeros(len(X), dtype=np.int64)
        for part in chunks(len(X)):
            rows = X[part]
            node = leaf[part]
            for _ in range(len(self.feature)):
                asked = self.feature[node]
                moving = np.flatnonzero(asked >= 0)
                if not len(moving):
                    break
                at = node[moving]
                value = rows[moving, asked[moving]]
                go_left = np.where(
                    np.isnan(value), self.missing_left[at], value <= self.threshold[at]
                )
                node[moving] = np.where(go_left, self.left[at], self.right[at])
        return leaf

    def counted(self, leaf: IntArray, *, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return rows and events in every node, given each row's leaf.

        Parameters
        ----------
        leaf
            Leaf of each row, shape (N,).
        y
            Outcomes, shape (N,).
        """
        n = np.bincount(leaf, minlength=len(self.feature)).astype(np.float64)
        events = np.bincount(leaf, weights=y, minlength=len(self.feature)).astype(np.float64)
        for node in range(len(self.feature) - 1, -1, -1):
            if self.feature[node] >= 0:
                for child in (self.left[node], self.right[node]):
                    n[node] += n[child]
                    events[node] += events[child]
        return n, events


def prunings(nodes: Nodes) -> list[tuple[float, BoolArray]]:
    """Return the nested trees of minimal cost-complexity, from the full tree to the root.

    Parameters
    ----------
    nodes
        A grown tree.

    Returns
    -------
    list
        Pairs of alpha (rising from 0) and which nodes are leaves of the tree that is best
        from that alpha on, shape (V,). Cost is the Gini impurity, weighted by rows.

    References
    ----------
    Breiman, Friedman, Olshen & Stone (1984), *Classification and Regression Trees*,
    section 3.3 (weakest links).
    """
    total = float(nodes.n[0])
    share = nodes.events / nodes.n
    risk = 2 * share * (1 - share) * nodes.n / total
    leaf = nodes.feature < 0
    found = [(0.0, leaf.copy())]
    while not leaf[0]:
        below, leaves = _subtrees(nodes, risk, leaf)
        inner = np.flatnonzero(reachable(nodes, leaf) & ~leaf)
        gain = (risk[inner] - below[inner]) / (leaves[inner] - 1)
        weakest = max(float(gain.min()), found[-1][0])
        leaf = leaf.copy()
        leaf[inner[gain <= weakest + 1e-15]] = True
        found.append((weakest, leaf))
    return found


def _subtrees(nodes: Nodes, risk: FloatArray, leaf: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Risk and number of the leaves below each node."""
    below, leaves = risk.copy(), np.ones(len(risk))
    for node in range(len(risk) - 1, -1, -1):
        if not leaf[node]:
            pair = [nodes.left[node], nodes.right[node]]
            below[node], leaves[node] = below[pair].sum(), leaves[pair].sum()
    return below, leaves


def reachable(nodes: Nodes, leaf: BoolArray) -> BoolArray:
    """Return which nodes are still reached from the root, shape (V,).

    Parameters
    ----------
    nodes
        A grown tree.
    leaf
        Nodes that count as leaves, shape (V,).
    """
    alive = np.zeros(len(leaf), dtype=bool)
    alive[0] = True
    for node in range(len(leaf)):
        if alive[node] and not leaf[node]:
            alive[[nodes.left[node], nodes.right[node]]] = True
    return alive


def cut_back(nodes: Nodes, leaf: BoolArray) -> Nodes:
    """Return the tree in which the given nodes are leaves and nothing hangs below them.

    Parameters
    ----------
    nodes
        A grown tree.
    leaf
        Nodes that become leaves, shape (V,).
    """
    alive = np.flatnonzero(reachable(nodes, leaf))
    place = np.full(len(leaf), -1, dtype=np.int64)
    place[alive] = np.arange(len(alive))
    ends = leaf[alive]
    return Nodes(
        feature=np.where(ends, -1, nodes.feature[alive]),
        threshold=np.where(ends, np.nan, nodes.threshold[alive]),
        left=np.where(ends, -1, place[nodes.left[alive]]),
        right=np.where(ends, -1, place[nodes.right[alive]]),
        missing_left=nodes.missing_left[alive],
        n=nodes.n[alive],
        events=nodes.events[alive],
    )
