"""Test a model three ways: on the rows it saw, on customers it did not, on a later period.

The models are strangers here: anything with ``fit``, ``predict`` and ``parameters`` will do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from huitouke.insight.validation.blocks import ScoreBlock, score_chances
from huitouke.insight.validation.calibrators import (
    Calibrator,
    IdentityCalibrator,
    choose_calibrator,
)
from huitouke.insight.validation.records import ValidationRecord
from huitouke.insight.validation.splits import grouped_folds, stable_sample

__all__ = ["Evaluation", "Predictor", "Sample", "Task", "cross_validate", "evaluate", "pool"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


class Predictor(Protocol):
    """A model that can be fitted and asked."""

    def fit(
        self,
        X: FloatArray,
        y: FloatArray,
        *,
        names: Sequence[str],
        rng_seed: int,
        groups: IntArray | None = None,
    ) -> Predictor:
        """Fit to features X of shape (N, K) and outcomes y of shape (N,); return self."""
        ...

    def predict(self, X: FloatArray) -> FloatArray:
        """Return one prediction per row, shape (N,)."""
        ...

    def parameters(self) -> Mapping[str, Any]:
        """Return what was fitted as plain values."""
        ...


@dataclass(frozen=True)
class Sample:
    """Features and outcomes of one origin.

    Parameters
    ----------
    X
        Features, shape (N, K); NaN where missing.
    y
        Outcomes, shape (N,).
    groups
        Customer numbers, shape (N,).
    origin
        The origin day; None for data without time.
    """

    X: FloatArray
    y: FloatArray
    groups: IntArray
    origin: date | None = None

    def at_most(self, rows: int) -> Sample:
        """Return a stable sample of whole customers.

        Parameters
        ----------
        rows
            The most rows.
        """
        if len(self.y) <= rows:
            return self
        kept = stable_sample(self.groups, at_most=rows)
        return Sample(self.X[kept], self.y[kept], self.groups[kept], self.origin)


def pool(samples: Sequence[Sample]) -> Sample:
    """Put samples of several origins one after another.

    Parameters
    ----------
    samples
        At least one sample; all with the same features.
    """
    if len(samples) == 1:
        return samples[0]
    return Sample(
        np.concatenate([sample.X for sample in samples]),
        np.concatenate([sample.y for sample in samples]),
        np.concatenate([sample.groups for sample in samples]),
    )


@dataclass(frozen=True)
class Task:
    """What is predicted and how it is tested.

    Parameters
    ----------
    target
        What is predicted, for the record.
    horizon_days
        Length of the label window.
    names
        Feature names.
    score
        Makes a block of scores from predictions and outcomes.
    folds
        Folds of the cross-validation.
    seed
        Seed of folds and models.
    fit_rows
        The most rows to fit on.
    test_rows
        The most rows to calibrate and to judge on.
    """

    target: str
    horizon_days: int
    names: tuple[str, ...]
    score: Callable[[FloatArray, FloatArray], ScoreBlock] = score_chances
    folds: int = 5
    seed: int = 0
    fit_rows: int = 60_000
    test_rows: int = 100_000


@dataclass(frozen=True)
class Evaluation:
    """A fitted model with its calibrator and its record.

    Parameters
    ----------
    record
        How it was tested; its verdict is filled in when models are compared.
    model
        Fitted on the training origins.
    calibrator
        Fitted on the calibration origin; the identity where there is none.
    """

    record: ValidationRecord
    model: Predictor
    calibrator: Calibrator

    def predict(self, X: FloatArray) -> FloatArray:
        """Return calibrated predictions, shape (N,).

        Parameters
        ----------
        X
            Features, shape (N, K).
        """
        return self.calibrator.apply(self.model.predict(X))


def cross_validate(
    make_model: Callable[[], Predictor],
    *,
    sample: Sample,
    names: Sequence[str],
    folds: int,
    seed: int,
) -> FloatArray | None:
    """Predict every row with a model that saw none of its customer's rows.

    Parameters
    ----------
    make_model
        Returns a fresh model.
    sample
        Features, outcomes and customers.
    names
        Feature names.
    folds
        How many folds, cut by customer.
    seed
        Seed of folds and models.

    Returns
    -------
    FloatArray or None
        Predictions, shape (N,), in the order of the rows; None where all customers fall
        into one fold, as a single customer does.

    References
    ----------
    Stone (1974), "Cross-validatory choice and assessment of statistical predictions".
    """
    fold = grouped_folds(sample.groups, folds=folds, seed=seed)
    predictions = np.empty(len(sample.y))
    for place in range(folds):
        held = fold == place
        if held.all():
            return None
        if held.any():
            model = make_model().fit(
                sample.X[~held],
                sample.y[~held],
                names=names,
                rng_seed=seed,
                groups=sample.groups[~held],
            )
            predictions[held] = model.predict(sample.X[held])
    return predictions


def evaluate(
    make_model: Callable[[], Predictor],
    *,
    model: str,
    task: Task,
    train: Sequence[Sample],
    calibrate: Sample | None = None,
    test: Sample | None = None,
    is_rival: bool = False,
    version: str = "1",
) -> Evaluation:
    """Fit a model and test it in sample, by cross-validation, and out of time.

    Parameters
    ----------
    make_model
        Returns a fresh model.
    model
        Its name.
    task
        What is predicted and how it is tested.
    train
        One sample per training origin.
    calibrate
        A later origin to calibrate chances on; None leaves predictions as they are, and
        amounts are never calibrated.
    test
        The last origin, of which nothing was seen; None where there is none.
    is_rival
        True for a cheap rival.
    version
        Version of the model's definition.

    Returns
    -------
    Evaluation
        ``out_of_time`` is None without a test sample: such a model is never used. Where
        several origins are pooled, a customer appears once per origin, so the intervals of
        the first two blocks are somewhat too narrow; those out of time are not.
    """
    whole = pool(train).at_most(task.fit_rows)
    fitted = make_model().fit(
        whole.X, whole.y, names=task.names, rng_seed=task.seed, groups=whole.groups
    )
    across = cross_validate(
        make_model, sample=whole, names=task.names, folds=task.folds, seed=task.seed
    )
    calibrator: Calibrator = IdentityCalibrator()
    if calibrate is not None:
        later = calibrate.at_most(task.test_rows)
        calibrator = choose_calibrator(
            fitted.predict(later.X), y=later.y, groups=later.groups, seed=task.seed
        )
    late = None
    if test is not None:
        judged = test.at_most(task.test_rows)
        late = task.score(calibrator.apply(fitted.predict(judged.X)), judged.y)
    record = ValidationRecord(
        model=model,
        version=version,
        parameters=fitted.parameters(),
        target=task.target,
        horizon_days=task.horizon_days,
        train_origins=tuple(sample.origin for sample in train if sample.origin is not None),
        calibration_origin=None if calibrate is None else calibrate.origin,
        test_origin=None if test is None else test.origin,
        calibrator=calibrator.name,
        is_rival=is_rival,
        in_sample=task.score(fitted.predict(whole.X), whole.y),
        cross_validated=None if across is None else task.score(across, whole.y),
        out_of_time=late,
    )
    return Evaluation(record, fitted, calibrator)
