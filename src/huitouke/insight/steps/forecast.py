"""Repeat purchases: every candidate forecasts from past days, the best of them is used.

At each origin every model is fitted anew on what was known then, and its forecast is held
against what came. The model with the lowest Poisson deviance over all origins is used; the
others stay beside it, and so do the cheap rivals.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import special, stats

from huitouke.insight.models.bgnbd import BgNbd
from huitouke.insight.models.contract import Panel
from huitouke.insight.models.counting import RepeatModel
from huitouke.insight.models.heuristics import past_rate
from huitouke.insight.models.mbgnbd import MbgNbd
from huitouke.insight.models.nbd import Nbd
from huitouke.insight.models.paretonbd import ParetoNbd
from huitouke.insight.steps.snapshots import Snapshot
from huitouke.insight.tables import Status
from huitouke.insight.validation.alarms import Finding, calibration_alarm
from huitouke.insight.validation.amounts import mae, poisson_deviance, rmse, total_bias
from huitouke.insight.validation.blocks import ScoreBlock, score_amounts, score_chances
from huitouke.insight.validation.records import ValidationRecord
from huitouke.insight.validation.scores import Score, auc, brier

__all__ = [
    "Forecast",
    "Holdout",
    "Purchases",
    "calibration_alarms",
    "choose_purchase_model",
    "parameters_of",
]

Floats = npt.NDArray[np.float64]

_TENTHS = 10

_MODELS: dict[str, type[RepeatModel]] = {
    "paretonbd": ParetoNbd,
    "mbgnbd": MbgNbd,
    "bgnbd": BgNbd,
    "nbd": Nbd,
}
#: What a model must beat: no one ever leaves, and everyone goes on as before.
_RIVALS = ("nbd", "same_as_before")


@dataclass(frozen=True)
class Forecast:
    """What one candidate said at one origin, and what came.

    Parameters
    ----------
    name
        The candidate.
    on
        The origin.
    orders, p_buy
        Expected occasions and chance of at least one, per customer.
    actual
        What came.
    status
        Whether the fit may be believed.
    p_alive
        Chance of still being there, per customer.
    parameters
        What was fitted at the origin; empty for a rule.
    """

    name: str
    on: date
    orders: Floats
    p_buy: Floats
    actual: Floats
    status: Status
    p_alive: Floats
    parameters: Mapping[str, float]


@dataclass(frozen=True)
class Holdout:
    """A candidate's scores over all origins.

    Parameters
    ----------
    name
        The candidate.
    is_rival
        True for a cheap rival.
    scores
        mae, rmse, total_bias, poisson_deviance, brier, auc.
    origins, n
        How many origins and forecasts.
    status
        Whether every fit behind it may be believed.
    """

    name: str
    is_rival: bool
    scores: Mapping[str, Score]
    origins: int
    n: int
    status: Status


@dataclass(frozen=True)
class Purchases:
    """The purchase models, tested and fitted.

    Parameters
    ----------
    chosen
        Name of the model in use; None where none has an out-of-time result.
    fitted
        Every model fitted on all customers as of the last day.
    holdouts
        Scores of every candidate, best first.
    forecasts
        What the chosen model said at each origin, oldest first.
    records
        Validation records of every candidate.
    status
        ``ok``, or why no model is used.
    reason
        The message behind a status that is not ok.
    """

    chosen: str | None
    fitted: Mapping[str, RepeatModel]
    holdouts: tuple[Holdout, ...]
    forecasts: tuple[Forecast, ...]
    records: tuple[ValidationRecord, ...]
    status: Status
    reason: str

    @property
    def model(self) -> RepeatModel | None:
        """The model in use."""
        return None if self.chosen is None else self.fitted[self.chosen]

    @property
    def past_log_errors(self) -> tuple[float, ...]:
        """ln(actual / predicted) of the total at each origin, oldest first."""
        return tuple(
            math.log(max(float(f.actual.sum()), 0.5) / max(float(f.orders.sum()), 0.5))
            for f in self.forecasts
        )

    def past_misses(self) -> tuple[Floats, Floats]:
        """Return by how much chances to buy were off at past origins, tenth by tenth.

        On the logit scale: root mean square over the origins of what came less what was
        said, less what chance does, times Student's t for few origins; at least the same of
        the mean of all.

        Returns
        -------
        edges, misses
            The nine borders between the tenths of the last origin, and the half width of an
            80 % interval that each tenth adds.
        """
        edges = np.quantile(self.forecasts[-1].p_buy, np.linspace(0, 1, _TENTHS + 1)[1:-1])
        squares = np.zeros((len(self.forecasts), _TENTHS + 1))
        for row, forecast in zip(squares, self.forecasts, strict=True):
            place = np.searchsorted(edges, forecast.p_buy, side="right")
            row[:_TENTHS] = _squared_gaps(forecast, place, groups=_TENTHS)
            row[_TENTHS] = _squared_gaps(forecast, np.zeros_like(place), groups=1)[0]
        width = float(stats.t.ppf(0.9, len(self.forecasts)))
        misses = width * np.sqrt(np.maximum(squares.mean(axis=0), 0.0))
        return edges, np.maximum(misses[:_TENTHS], misses[_TENTHS])


def calibration_alarms(forecast: Forecast) -> tuple[Finding, ...]:
    """Return every breach of the calibration protocol by the chances of a past day.

    Parameters
    ----------
    forecast
        What the model said, and what came.
    """
    bought = (forecast.actual > 0).astype(np.float64)
    return calibration_alarm(np.clip(forecast.p_buy, 0.0, 1.0), y=bought)


def _squared_gaps(forecast: Forecast, place: npt.NDArray[np.int64], *, groups: int) -> Floats:
    """Return per group the squared gap of the logits, less the variance that chance gives."""
    count = np.bincount(place, minlength=groups) + 1.0
    # Half a buyer and half a non-buyer more keep empty and pure groups finite.
    came = (np.bincount(place, weights=forecast.actual > 0, minlength=groups) + 0.5) / count
    said = (np.bincount(place, weights=forecast.p_buy, minlength=groups) + 0.5) / count
    gap = special.logit(came) - special.logit(said)
    return np.asarray(gap**2 - 1 / (count * came * (1 - came)))


def choose_purchase_model(
    snapshots: Sequence[Snapshot], *, now: Panel, horizon_days: int
) -> Purchases:
    """Fit, forecast and choose.

    Parameters
    ----------
    snapshots
        The origins, oldest first.
    now
        All customers as of the last day, in weeks.
    horizon_days
        How far ahead.

    Returns
    -------
    Purchases
        With no model in use where there is no origin, or no acceptable fit.
    """
    fitted = {name: make().fit(now) for name, make in _MODELS.items()}
    by_name: dict[str, list[Forecast]] = {name: [] for name in (*_MODELS, "same_as_before")}
    for snapshot in snapshots:
        for forecast in _forecasts(snapshot, horizon_weeks=horizon_days / 7):
            by_name[forecast.name].append(forecast)
    tested = {name: found for name, found in by_name.items() if found}
    holdouts = sorted((_holdout(name, found) for name, found in tested.items()), key=_deviance)
    # A rival knows no leaving: it can be better at totals and blind to who has gone.
    able = [
        h.name
        for h in holdouts
        if not h.is_rival
        and fitted[h.name].status_ is Status.OK
        and _mostly_accepted(tested[h.name])
    ]
    chosen = able[0] if able else None
    first = next(iter(fitted.values()))
    status = Status.OK if chosen else Status.INSUFFICIENT
    return Purchases(
        chosen=chosen,
        fitted=fitted,
        holdouts=tuple(holdouts),
        forecasts=tuple(tested[chosen]) if chosen else (),
        records=tuple(
            _record(h, fitted=fitted, found=tested[h.name], horizon_days=horizon_days)
            for h in holdouts
        ),
        status=status,
        reason="" if chosen else first.fit_record_.reason,
    )


def _forecasts(snapshot: Snapshot, *, horizon_weeks: float) -> list[Forecast]:
    panel = Panel.from_table(_columns(snapshot.panel))
    made = []
    for name, make in _MODELS.items():
        model = make().fit(panel)
        made.append(
            Forecast(
                name=name,
                on=snapshot.on,
                orders=model.orders_expected(panel, horizon=horizon_weeks),
                p_buy=model.p_buy(panel, horizon=horizon_weeks),
                actual=snapshot.bought,
                status=model.status_,
                p_alive=model.p_alive(panel),
                parameters=dict(model.parameters_),
            )
        )
    past = past_rate(panel, horizon=horizon_weeks)
    made.append(
        Forecast(
            name="same_as_before",
            on=snapshot.on,
            orders=past,
            p_buy=-np.expm1(-past),
            actual=snapshot.bought,
            status=Status.OK,
            p_alive=np.ones(past.size),
            parameters={},
        )
    )
    return made


def _columns(panel: pa.Table) -> dict[str, npt.NDArray[Any]]:
    names = ("repeat_count", "recency_days", "tenure_days")
    return {name: panel[name].to_numpy() for name in names}


def _mostly_accepted(found: Sequence[Forecast]) -> bool:
    """Tell whether at most half of the fits were refused.

    A fit that ran to a limit of its parameters once is judged by its forecast like any other.
    """
    return 2 * sum(f.status is Status.OK for f in found) >= len(found)


def _pooled(found: Sequence[Forecast]) -> tuple[Floats, Floats, Floats]:
    return (
        np.concatenate([f.orders for f in found]),
        np.concatenate([f.p_buy for f in found]),
        np.concatenate([f.actual for f in found]),
    )


def _holdout(name: str, found: Sequence[Forecast]) -> Holdout:
    orders, p_buy, actual = _pooled(found)
    bought = (actual > 0).astype(np.float64)
    scores = {
        "mae": mae(orders, actual=actual),
        "rmse": rmse(orders, actual=actual),
        "total_bias": total_bias(orders, actual=actual),
        "poisson_deviance": poisson_deviance(np.maximum(orders, 1e-9), actual=actual),
        "brier": brier(np.clip(p_buy, 0.0, 1.0), y=bought),
        "auc": auc(p_buy, y=bought),
    }
    bad = [f.status for f in found if f.status is not Status.OK]
    return Holdout(
        name, name in _RIVALS, scores, len(found), orders.size, bad[0] if bad else Status.OK
    )


def _deviance(holdout: Holdout) -> tuple[float, str]:
    value = holdout.scores["poisson_deviance"].value
    return (math.inf if value is None else value, holdout.name)


def _record(
    holdout: Holdout,
    *,
    fitted: Mapping[str, RepeatModel],
    found: Sequence[Forecast],
    horizon_days: int,
) -> ValidationRecord:
    orders, p_buy, actual = _pooled(found[-1:])
    amounts = score_amounts(orders, actual)
    chances = score_chances(np.clip(p_buy, 0, 1), (actual > 0).astype(np.float64))
    model = fitted.get(holdout.name)
    return ValidationRecord(
        model=holdout.name,
        version="1",
        parameters={} if model is None else parameters_of(model),
        target="occasions_in_horizon",
        horizon_days=horizon_days,
        # Fitted anew at each origin, on nothing later than it.
        train_origins=tuple(f.on for f in found[:-1]),
        calibration_origin=None,
        test_origin=found[-1].on,
        calibrator="identity",
        is_rival=holdout.is_rival,
        in_sample=None,
        cross_validated=None,
        out_of_time=ScoreBlock(
            "amount",
            amounts.n,
            amounts.events,
            amounts.status,
            (*amounts.scores, *chances.scores),
            chances.bins,
        ),
    )


def parameters_of(model: RepeatModel) -> dict[str, Any]:
    """Return what was fitted, as plain values.

    Parameters
    ----------
    model
        A fitted model; times are in weeks.
    """
    record = model.fit_record_
    return {
        **model.parameters_,
        "log_likelihood": model.log_likelihood_,
        "time_unit": "week",
        "customers": model.n_,
        "status": str(model.status_),
        "gradient_per_customer": record.gradient,
        "smallest_eigenvalue": record.eigenvalue,
        "homogeneous": record.homogeneous,
    }
