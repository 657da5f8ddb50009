"""The models of churn side by side: what they are, and which of them are cheap rivals.

Churn here is an activity target: no purchase within the horizon. Models answer who may
leave; whom an offer would keep is another question, and risk is a poor guide to it (Ascarza
2018, "Retention futility").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt

from huitouke.insight.models.churn_boosting import BoostedTrees
from huitouke.insight.models.churn_logistic import RidgeLogistic
from huitouke.insight.models.churn_purchase import PurchaseChance
from huitouke.insight.models.churn_spend import LinearSpend, PastSpend
from huitouke.insight.models.rfm import RfmColumns, RfmLogistic, RfmRankSum
from huitouke.insight.models.trees import ChurnTree
from huitouke.insight.tables import Status

__all__ = ["Candidate", "ChurnModel", "churn_candidates", "spend_candidates"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


class ChurnModel(Protocol):
    """What every model here can do."""

    name: str
    status_: Status

    def fit(
        self,
        X: FloatArray,
        y: FloatArray,
        *,
        names: Sequence[str],
        rng_seed: int,
        groups: IntArray | None = None,
    ) -> Self:
        """Fit to features of shape (N, K) and outcomes of shape (N,); return self."""
        ...

    def predict(self, X: FloatArray) -> FloatArray:
        """Return the chance of churn (or expected spend), shape (N,)."""
        ...

    def parameters(self) -> Mapping[str, Any]:
        """Return what was fitted as plain values."""
        ...


@dataclass(frozen=True)
class Candidate:
    """One model to be tested.

    Parameters
    ----------
    name
        Its name.
    make
        Returns a fresh, unfitted model.
    is_rival
        True for a cheap rival, which wins unless it is beaten.
    """

    name: str
    make: Callable[[], ChurnModel]
    is_rival: bool


def churn_candidates(
    *, rfm: RfmColumns | None = None, purchase: bool = False
) -> tuple[Candidate, ...]:
    """Return the models of churn, rivals last.

    Parameters
    ----------
    rfm
        Which features hold recency, frequency, money and age; the default names are those of
        the feature matrix.
    purchase
        True where the features hold ``p_buy``, a purchase model's chance: it is a rival then.

    Examples
    --------
    >>> [candidate.name for candidate in churn_candidates()]
    ['logistic', 'tree', 'boosting', 'rfm_rank_sum', 'rfm_logistic']
    """
    columns = rfm or RfmColumns()
    return (
        Candidate(RidgeLogistic.name, RidgeLogistic, False),
        Candidate(ChurnTree.name, ChurnTree, False),
        Candidate(BoostedTrees.name, BoostedTrees, False),
        Candidate(RfmRankSum.name, lambda: RfmRankSum(columns=columns), True),
        Candidate(RfmLogistic.name, lambda: RfmLogistic(columns=columns), True),
        *((Candidate(PurchaseChance.name, PurchaseChance, True),) if purchase else ()),
    )


def spend_candidates(*, past: str = "spend_total") -> tuple[Candidate, ...]:
    """Return the models of spend within the horizon, the rival last.

    Parameters
    ----------
    past
        The feature that holds past spend.

    Examples
    --------
    >>> [candidate.name for candidate in spend_candidates()]
    ['linear', 'past_spend']
    """
    return (
        Candidate(LinearSpend.name, LinearSpend, False),
        Candidate(PastSpend.name, lambda: PastSpend(column=past), True),
    )
