"""What every repeat-purchase model takes in and what it must show before it is believed.

A ``Panel`` goes in: per customer the repeat count, the recency and the tenure, in one time
unit. A ``FitRecord`` comes out beside the parameters: an optimum counts only if the gradient
is zero and the Hessian positive definite, whatever the optimiser says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from huitouke.errors import HuitoukeError
from huitouke.insight.models.quadrature import FloatArray, IntArray
from huitouke.language import N_

__all__ = [
    "FitRecord",
    "HorizonInvalid",
    "LevelsInvalid",
    "NotFitted",
    "Panel",
    "PanelInvalid",
    "TimeCodes",
    "check_horizon",
    "check_levels",
]

_WHOLE_DAY = 1e-6
_MOST_DAYS = 2**20


class PanelInvalid(HuitoukeError):
    """Numbers that no customer can have, such as a recency longer than the tenure."""

    code = "models.panel_invalid"
    says = N_("{rows} rows of the panel break the rule {rule}; the first is row {row}.")
    remedy = N_("Make the panel again from the orders, one row per customer, one time unit.")


class NotFitted(HuitoukeError):
    """A model was asked before it had parameters."""

    code = "models.not_fitted"
    says = N_("The model {model} has no parameters yet.")
    remedy = N_("Call fit first, or with_parameters.")


class HorizonInvalid(HuitoukeError):
    """A horizon or discount rate for which the sum has no finite answer."""

    code = "models.horizon_invalid"
    says = N_("The horizon {horizon} with the discount rate {rate} has no finite answer.")
    remedy = N_("Give a positive finite horizon, or a positive rate for an endless one.")


class LevelsInvalid(HuitoukeError):
    """Quantile levels outside the open interval from 0 to 1, or not increasing."""

    code = "models.levels_invalid"
    says = N_("The quantile levels {levels} should increase and lie between 0 and 1.")
    remedy = N_("Give levels such as 0.1 and 0.9.")


@dataclass(frozen=True)
class FitRecord:
    """What shows whether an optimum may be believed.

    Parameters
    ----------
    gradient
        Largest absolute derivative of the log-likelihood per customer in a log-parameter.
    eigenvalue
        Smallest eigenvalue of the Hessian of the negative log-likelihood per customer in
        the log-parameters.
    starts
        Starting points tried.
    evaluations
        Evaluations of the likelihood and its gradient.
    homogeneous
        True where customers cannot be told apart (r or a + b beyond 1000): the likelihood
        is flat to that limit, the scores stand, the parameters are not unique.
    accepted
        True where the gradient is zero and the Hessian positive definite, or flat to a
        limit that is named in ``reason``.
    reason
        Why the status is not ok, or which limit was reached; a message, empty if none.
    """

    gradient: float
    eigenvalue: float
    starts: int
    evaluations: int
    homogeneous: bool
    accepted: bool
    reason: str = ""


@dataclass(frozen=True)
class TimeCodes:
    """Times as small integers: ``values[codes]`` gives the times back.

    Parameters
    ----------
    codes
        One per customer.
    values
        Increasing times.
    step
        Spacing of ``values`` where they are whole days, else None.
    """

    codes: IntArray
    values: FloatArray
    step: float | None


@dataclass(frozen=True, eq=False)
class Panel:
    """One row per customer: repeat count x, recency t_x and tenure T.

    Parameters
    ----------
    repeat_count
        Occasions after the first (the papers' x); occasions of one day are one.
    recency
        Time from the first to the last occasion (t_x); 0 where x = 0.
    tenure
        Time from the first occasion to the last known moment (T).
    days_per_unit
        Days in the time unit; lets the models see that times are whole days.

    Raises
    ------
    PanelInvalid
        If the lengths differ, a number is missing or negative, recency exceeds tenure, or
        a repeat count of 0 does not go with a recency of 0.

    Examples
    --------
    >>> panel = Panel(np.array([2, 0]), np.array([30.43, 0.0]), np.array([38.86, 38.86]))
    >>> len(panel)
    2
    """

    repeat_count: IntArray
    recency: FloatArray
    tenure: FloatArray
    days_per_unit: float = 7.0

    def __post_init__(self) -> None:
        """Hold the numbers to what a customer can have."""
        count = np.atleast_1d(np.asarray(self.repeat_count))
        recency = np.atleast_1d(np.asarray(self.recency, dtype=np.float64))
        tenure = np.atleast_1d(np.asarray(self.tenure, dtype=np.float64))
        if not (count.shape == recency.shape == tenure.shape and count.ndim == 1):
            raise PanelInvalid(rows=max(count.size, tenure.size), rule="n = n = n", row=0)
        with np.errstate(invalid="ignore"):
            _hold(count >= 0, rule="repeat_count >= 0")
            _hold(count == np.floor(count), rule="repeat_count = 0, 1, 2, ...")
            _hold(np.isfinite(tenure) & (tenure >= 0), rule="0 <= tenure < inf")
            _hold(recency >= 0, rule="recency >= 0")
            _hold(recency <= tenure + 1e-9, rule="recency <= tenure")
            _hold((count > 0) == (recency > 0), rule="repeat_count = 0 <=> recency = 0")
        object.__setattr__(self, "repeat_count", count.astype(np.int64, copy=False))
        object.__setattr__(self, "recency", np.minimum(recency, tenure))
        object.__setattr__(self, "tenure", tenure)

    @classmethod
    def from_table(cls, table: Any, *, days_per_unit: float = 7.0) -> Self:
        """Return the panel of a table with repeat_count, recency_days and tenure_days.

        Parameters
        ----------
        table
            An Arrow table, an Ibis table or a mapping of arrays.
        days_per_unit
            Days in the model's time unit: 7 for weeks.

        Examples
        --------
        >>> days = {"repeat_count": [1], "recency_days": [7], "tenure_days": [14]}
        >>> Panel.from_table(days).tenure.tolist()
        [2.0]
        """
        names = ("repeat_count", "recency_days", "tenure_days")
        if not isinstance(table, Mapping) and hasattr(table, "to_pyarrow"):
            table = table.select(*names).to_pyarrow()
        count, recency, tenure = (_array(table[name]) for name in names)
        return cls(
            count,
            recency.astype(np.float64) / days_per_unit,
            tenure.astype(np.float64) / days_per_unit,
            days_per_unit,
        )

    def __len__(self) -> int:
        """Return the number of customers."""
        return int(self.repeat_count.size)

    def take(self, rows: IntArray) -> Panel:
        """Return the panel of some customers.

        Parameters
        ----------
        rows
            Row numbers.
        """
        return Panel(
            self.repeat_count[rows], self.recency[rows], self.tenure[rows], self.days_per_unit
        )

    @cached_property
    def counts(self) -> tuple[FloatArray, IntArray]:
        """The distinct repeat counts, increasing, and each customer's row among them."""
        x = self.repeat_count
        if x.size == 0 or int(x.max()) > _MOST_DAYS:
            values, rows = np.unique(x, return_inverse=True)
            return values.astype(np.float64), rows.astype(np.int64, copy=False)
        present = np.bincount(x) > 0
        return np.flatnonzero(present).astype(np.float64), (np.cumsum(present) - 1)[x]

    @cached_property
    def recency_codes(self) -> TimeCodes:
        """The recencies as codes."""
        return self._codes[0]

    @cached_property
    def tenure_codes(self) -> TimeCodes:
        """The tenures as codes."""
        return self._codes[1]

    @cached_property
    def _codes(self) -> tuple[TimeCodes, TimeCodes]:
        longest = float(self.tenure.max(initial=0.0)) * self.days_per_unit
        days = [np.rint(time * self.days_per_unit) for time in (self.recency, self.tenure)]
        whole = longest < _MOST_DAYS and all(
            bool((np.abs(day - time * self.days_per_unit) < _WHOLE_DAY).all())
            for day, time in zip(days, (self.recency, self.tenure), strict=True)
        )
        if whole:
            values = np.arange(round(longest) + 1) / self.days_per_unit
            step = 1.0 / self.days_per_unit
            first, second = (TimeCodes(day.astype(np.int64), values, step) for day in days)
            return first, second
        first, second = (
            TimeCodes(codes.astype(np.int64, copy=False), values, None)
            for values, codes in (
                np.unique(time, return_inverse=True) for time in (self.recency, self.tenure)
            )
        )
        return first, second


def check_horizon(horizon: float, *, rate: float = 0.0) -> None:
    """Hold a horizon and a discount rate to what has a finite answer.

    Parameters
    ----------
    horizon
        Positive; infinite only with a positive rate.
    rate
        Continuous discount rate per time unit, at least 0.

    Raises
    ------
    HorizonInvalid
        If there is no finite answer.
    """
    if not (horizon > 0 and 0 <= rate < np.inf) or (horizon == np.inf and rate == 0):
        raise HorizonInvalid(horizon=horizon, rate=rate)


def check_levels(levels: tuple[float, ...]) -> None:
    """Hold quantile levels to increasing numbers between 0 and 1.

    Parameters
    ----------
    levels
        The levels.

    Raises
    ------
    LevelsInvalid
        If they are not.
    """
    inside = all(0 < level < 1 for level in levels)
    if not levels or not inside or any(np.diff(levels) <= 0):
        raise LevelsInvalid(levels=levels)


def _array(column: Any) -> npt.NDArray[Any]:
    if hasattr(column, "to_numpy"):
        return np.asarray(column.to_numpy())
    return np.asarray(column)


def _hold(good: npt.NDArray[np.bool_], *, rule: str) -> None:
    if not good.all():
        bad = np.flatnonzero(~good)
        raise PanelInvalid(rows=int(bad.size), rule=rule, row=int(bad[0]))
