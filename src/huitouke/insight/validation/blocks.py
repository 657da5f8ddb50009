"""All the scores of one model on one body of rows, gathered in one block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from huitouke.insight.tables import Status
from huitouke.insight.validation.amounts import (
    mae,
    normalised_gini,
    rmse,
    spearman,
    total_bias,
)
from huitouke.insight.validation.calibration import CalibrationBin, calibration
from huitouke.insight.validation.empc import RetentionTerms, empc
from huitouke.insight.validation.scores import Score, auc, brier, log_loss, top_decile_lift

__all__ = ["ScoreBlock", "rounded", "score_amounts", "score_chances"]

FloatArray = npt.NDArray[np.float64]


def rounded(value: Any) -> Any:
    """Return a value fit for a deterministic JSON file: floats to 10 significant digits.

    Parameters
    ----------
    value
        A number, text, date, None, or mappings and sequences of these.

    Examples
    --------
    >>> rounded({"loss": 1 / 3, "names": ("a", "b")})
    {'loss': 0.3333333333, 'names': ['a', 'b']}
    """
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(f"{value:.10g}") if np.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): rounded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [rounded(inner) for inner in value]
    return str(value)


@dataclass(frozen=True)
class ScoreBlock:
    """The scores of one model on one body of rows.

    Parameters
    ----------
    kind
        ``chance`` or ``amount``.
    n
        Rows.
    events
        Rows with the event; None for amounts.
    status
        ``ok`` or ``insufficient_evidence``.
    scores
        Every score, in a fixed order.
    bins
        The calibration table; empty for amounts.
    """

    kind: str
    n: int
    events: int | None
    status: Status
    scores: tuple[Score, ...]
    bins: tuple[CalibrationBin, ...] = ()

    def score(self, name: str) -> Score:
        """Return one score by name.

        Parameters
        ----------
        name
            For example ``auc``.

        Raises
        ------
        KeyError
            If the block has no such score.
        """
        for score in self.scores:
            if score.name == name:
                return score
        raise KeyError(name)

    def to_json(self) -> dict[str, Any]:
        """Return a plain, rounded dictionary, the same for the same scores."""
        metrics = {
            score.name: {
                "value": score.value,
                "lo": score.lo,
                "hi": score.hi,
                "level": score.level,
                "n": score.n,
                "events": score.events,
                "status": str(score.status),
            }
            for score in self.scores
        }
        bins = [
            {
                "n": row.n,
                "predicted": row.predicted,
                "observed": row.observed,
                "lo": row.lo,
                "hi": row.hi,
            }
            for row in self.bins
        ]
        found: dict[str, Any] = rounded(
            {
                "kind": self.kind,
                "n": self.n,
                "events": self.events,
                "status": str(self.status),
                "metrics": metrics,
                "calibration": bins,
            }
        )
        return found


def score_chances(
    p: FloatArray, y: FloatArray, *, terms: RetentionTerms | None = None, level: float = 0.8
) -> ScoreBlock:
    """Score predicted chances.

    Parameters
    ----------
    p
        Predicted chances, shape (N,).
    y
        What happened, 0 or 1, shape (N,).
    terms
        Terms of the retention campaign behind EMPC.
    level
        Coverage of the intervals.

    Returns
    -------
    ScoreBlock
        auc, brier, log_loss, top_decile_lift, slope, intercept, ece, empc,
        empc_target_share, and the calibration table.

    Raises
    ------
    ScoreInputsInvalid
        If the predictions are not chances or the outcomes not 0 and 1.

    Examples
    --------
    >>> y = np.tile([0., 1.], 300)
    >>> score_chances(np.where(y == 1, .6, .4), y).score("auc").value
    1.0
    """
    area = auc(p, y=y, level=level)
    told = calibration(p, y=y, level=level)
    profit = empc(p, y=y, terms=terms)
    counts = (profit.n, profit.events, profit.status, level)
    scores = (
        area,
        brier(p, y=y, level=level),
        log_loss(p, y=y, level=level),
        top_decile_lift(p, y=y, level=level),
        told.slope,
        told.intercept,
        told.ece,
        Score("empc", profit.value, None, None, *counts),
        Score("empc_target_share", profit.target_share, None, None, *counts),
    )
    return ScoreBlock("chance", area.n, area.events, told.ece.status, scores, told.bins)


def score_amounts(
    predicted: FloatArray, actual: FloatArray, *, level: float = 0.8
) -> ScoreBlock:
    """Score predicted amounts.

    Parameters
    ----------
    predicted
        Expected amounts, shape (N,).
    actual
        What came, shape (N,), same unit.
    level
        Coverage of the intervals.

    Returns
    -------
    ScoreBlock
        mae, rmse, total_bias, spearman, normalised_gini.

    Raises
    ------
    ScoreInputsInvalid
        If lengths differ or a number is not finite.

    Examples
    --------
    >>> score_amounts(np.array([1., 2.]), np.array([1., 4.])).score("mae").value
    1.0
    """
    measures = (mae, rmse, total_bias, spearman, normalised_gini)
    scores = tuple(measure(predicted, actual=actual, level=level) for measure in measures)
    return ScoreBlock("amount", len(actual), None, scores[0].status, scores)
