"""What the report shows of the models: how they were fitted, and how far to believe them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from huitouke.insight.report.texts import Text
from huitouke.insight.tables import Status

__all__ = [
    "CalibrationBin",
    "Candidate",
    "Check",
    "Churn",
    "ChurnScore",
    "Estimate",
    "Fitted",
    "Parameter",
    "Tracking",
    "TreeRule",
]


@dataclass(frozen=True)
class Estimate:
    """A number with its 80 % interval, the n behind it and what may be said of it.

    ``value`` is None whenever ``status`` is not OK. ``lo`` and ``hi`` are None where no
    interval was computed.
    """

    value: float | None = None
    lo: float | None = None
    hi: float | None = None
    n: int | None = None
    status: Status = Status.OK


@dataclass(frozen=True)
class Parameter:
    """One fitted parameter with its 80 % interval where known."""

    name: str
    value: float
    lo: float | None = None
    hi: float | None = None


@dataclass(frozen=True)
class Fitted:
    """One fitted model in use: the purchase model or the spend model."""

    name: str
    role: Literal["purchases", "spend"]
    parameters: tuple[Parameter, ...]
    log_likelihood: float
    n: int


@dataclass(frozen=True)
class Candidate:
    """One model or cheap rival and its scores on the holdout, pooled over the origins.

    ``bias_total`` is predicted total over actual total minus 1. Scores that a candidate does
    not give are None. Exactly one candidate is ``chosen``.
    """

    name: str
    kind: Literal["model", "rival"]
    mae: float | None = None
    rmse: float | None = None
    bias_total: float | None = None
    deviance: float | None = None
    brier: float | None = None
    auc: float | None = None
    mae_lo: float | None = None
    mae_hi: float | None = None
    origins: int = 0
    n: int = 0
    chosen: bool = False
    remark: Text | None = None


@dataclass(frozen=True)
class CalibrationBin:
    """Customers with like predictions: mean predicted, observed rate, 80 % interval, n."""

    predicted: float
    observed: float
    lo: float
    hi: float
    n: int


@dataclass(frozen=True)
class Check:
    """One acceptance check: its value, the limit in words, and whether it holds."""

    name: Text
    value: float | None
    limit: Text
    passed: bool | None  # None: could not be tested


@dataclass(frozen=True)
class ChurnScore:
    """One churn model on one sample, each score with its 80 % interval."""

    name: str
    kind: Literal["model", "rival"]
    sample: Literal["in_sample", "cross_validated", "out_of_time"]
    auc: Estimate
    brier: Estimate = field(default_factory=Estimate)
    lift: Estimate = field(default_factory=Estimate)
    empc: Estimate = field(default_factory=Estimate)
    chosen: bool = False


@dataclass(frozen=True)
class TreeRule:
    """One readable leaf of the tree: its conditions, customers in it, and their risk."""

    conditions: tuple[Text, ...]
    customers: int
    risk: Estimate


@dataclass(frozen=True)
class Churn:
    """The churn models side by side, and the readable rules."""

    scores: tuple[ChurnScore, ...]
    n: int
    events: int
    origins: int
    base_rate: float
    rules: tuple[TreeRule, ...] = ()
    calibration: tuple[CalibrationBin, ...] = ()


@dataclass(frozen=True)
class Tracking:
    """Purchases a week: what happened, and what the model expected before it happened."""

    weeks: tuple[date, ...]  # first day of each week
    actual: tuple[float, ...]
    expected: tuple[float, ...]
    lo: tuple[float, ...]
    hi: tuple[float, ...]
    origin: date  # the model saw nothing after this day
    n: int
