"""Who may leave: churn models tested three ways, the best used, the rival shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huitouke.insight.features.matrix import Matrix, matrix
from huitouke.insight.models.churn import Candidate, churn_candidates, spend_candidates
from huitouke.insight.steps.forecast import Forecast
from huitouke.insight.steps.snapshots import Snapshot
from huitouke.insight.tables import Status
from huitouke.insight.validation.blocks import score_amounts
from huitouke.insight.validation.calibrators import (
    Calibrator,
    IdentityCalibrator,
    choose_calibrator,
)
from huitouke.insight.validation.crossval import Predictor, Sample, Task, evaluate, pool
from huitouke.insight.validation.gates import Choice, choose
from huitouke.insight.validation.leakage import refuse_leaks
from huitouke.insight.validation.records import ValidationRecord
from huitouke.insight.validation.splits import roles

__all__ = ["Leaving", "learn_churn", "predict_churn"]

Floats = npt.NDArray[np.float64]

_FIT_ROWS = 60_000
_CHUNK = 250_000
#: The purchase model's chance as a feature, the last column.
_CHANCE = "p_buy"


@dataclass(frozen=True)
class Leaving:
    """The churn model in use and the records of all.

    Parameters
    ----------
    chosen
        Name of the model in use; None without an out-of-time result.
    model, calibrator
        Fitted on every origin but the last, calibrated on the last.
    names
        The features it asks for.
    records
        Every candidate's validation record, of churn and of spend.
    rows, events
        Customers at the test origin and those of them who did not buy.
    origins
        How many origins there were.
    status
        What may be said.
    tree
        The fitted decision tree, for its readable rules; None without one.
    """

    chosen: str | None
    model: Predictor | None
    calibrator: Calibrator
    names: tuple[str, ...]
    records: tuple[ValidationRecord, ...]
    rows: int
    events: int
    origins: int
    status: Status
    tree: Predictor | None


def _aligned(found: Matrix, names: Sequence[str]) -> Floats:
    place = {name: n for n, name in enumerate(found.names)}
    missing = np.full(found.values.shape[0], np.nan)
    return np.column_stack(
        [found.values[:, place[name]] if name in place else missing for name in names]
    )


def _features(found: Matrix, names: Sequence[str], *, p_buy: Floats | None) -> Floats:
    """Return the features, the purchase model's own chance beside them where there is one."""
    values = _aligned(found, [name for name in names if name != _CHANCE])
    return values if p_buy is None else np.column_stack([values, p_buy])


def learn_churn(
    snapshots: Sequence[Snapshot],
    *,
    forecasts: Sequence[Forecast],
    horizon_days: int,
    seed: int,
) -> Leaving:
    """Test every churn and spend model, and fit the best churn model for use.

    Churn is an activity target: no purchase within the horizon after the origin. What the
    purchase model said at the origin is a feature of all, and a rival by itself.

    Parameters
    ----------
    snapshots
        The origins, oldest first.
    forecasts
        What the purchase model in use said at each; none without one.
    horizon_days
        The horizon.
    seed
        Of folds and models.

    Raises
    ------
    LeakFound
        If a feature knows anything later than its origin.
    """
    if not snapshots:
        nothing = IdentityCalibrator(Status.INSUFFICIENT)
        return Leaving(None, None, nothing, (), (), 0, 0, 0, Status.INSUFFICIENT, None)
    chances: list[Floats | None] = [None] * len(snapshots)
    if forecasts:
        chances = [forecast.p_buy for forecast in forecasts]
    names = snapshots[-1].matrix.names + ((_CHANCE,) if forecasts else ())
    left = [
        Sample(
            _features(s.matrix, names, p_buy=chance),
            (s.bought == 0).astype(np.float64),
            s.matrix.customer_no,
            s.on,
        )
        for s, chance in zip(snapshots, chances, strict=True)
    ]
    for snapshot, sample in zip(snapshots, left, strict=True):
        refuse_leaks(
            {name: sample.X[:, n] for n, name in enumerate(names)},
            label=sample.y,
            known_on=dict.fromkeys(names, snapshot.on) | snapshot.matrix.known_on,
            origin=snapshot.on,
            # Their making is held to the past by test, and silence may honestly be very good:
            # what is refused here is a feature that says it knows a later day.
            proven=names,
        )
    choice, tree = _judge(
        left, churn_candidates(purchase=bool(forecasts)), names=names,
        target="no_purchase_in_horizon", horizon_days=horizon_days, seed=seed,
    )  # fmt: skip
    spent = [
        Sample(sample.X, s.spent, sample.groups, s.on)
        for s, sample in zip(snapshots, left, strict=True)
    ]
    spend, _ = _judge(
        spent, spend_candidates(), names=names, target="spend_in_horizon",
        horizon_days=horizon_days, seed=seed, amounts=True,
    )  # fmt: skip
    model, calibrator = _for_use(choice, left, names=names, seed=seed)
    return Leaving(
        chosen=choice.winner,
        model=model,
        calibrator=calibrator,
        names=names,
        records=(*choice.records, *spend.records),
        rows=len(left[-1].y),
        events=int(left[-1].y.sum()),
        origins=len(snapshots),
        status=choice.status,
        tree=tree,
    )


def _judge(
    samples: Sequence[Sample],
    candidates: Sequence[Candidate],
    *,
    names: tuple[str, ...],
    target: str,
    horizon_days: int,
    seed: int,
    amounts: bool = False,
) -> tuple[Choice, Predictor | None]:
    """Test each candidate on origins whose windows had closed by the last one."""
    by_day: dict[date | None, Sample] = {sample.origin: sample for sample in samples}
    days = tuple(sample.origin for sample in samples if sample.origin is not None)
    parts = roles(days, horizon_days=horizon_days)
    task = Task(target, horizon_days, names, seed=seed, fit_rows=_FIT_ROWS)
    if amounts:
        task = Task(
            target, horizon_days, names, score=score_amounts, seed=seed, fit_rows=_FIT_ROWS
        )
    # With one origin alone there is no later period: the models are shown, none is used.
    train = [by_day[day] for day in parts.fit] or [samples[-1]]
    test = by_day[parts.test] if parts.fit else None
    calibrate = by_day[parts.calibrate] if parts.calibrate and not amounts else None
    records, tree = [], None
    for candidate in candidates:
        found = evaluate(
            candidate.make, model=candidate.name, task=task, train=train,
            calibrate=calibrate, test=test, is_rival=candidate.is_rival,
        )  # fmt: skip
        records.append(found.record)
        if candidate.name == "tree":
            tree = found.model
    return choose(records), tree


def _for_use(
    choice: Choice, samples: Sequence[Sample], *, names: tuple[str, ...], seed: int
) -> tuple[Predictor | None, Calibrator]:
    """Fit the winner on all origins but the last and calibrate it on the last."""
    makers = {c.name: c.make for c in churn_candidates(purchase=_CHANCE in names)}
    if choice.winner is None or choice.status is not Status.OK:
        return None, IdentityCalibrator(Status.INSUFFICIENT)
    whole = pool(samples[:-1] or samples).at_most(_FIT_ROWS)
    model = makers[choice.winner]().fit(
        whole.X, whole.y, names=names, rng_seed=seed, groups=whole.groups
    )
    last = samples[-1]
    calibrator = choose_calibrator(
        model.predict(last.X), y=last.y, groups=last.groups, seed=seed
    )
    return model, calibrator


def predict_churn(leaving: Leaving, *, panel: pa.Table, p_buy: Floats, as_of: date) -> Floats:
    """Return each customer's chance of no purchase in the horizon, NaN without a model.

    Parameters
    ----------
    leaving
        From ``learn_churn``.
    panel
        ``tables.PANEL`` rows as of ``as_of``.
    p_buy
        The purchase model's chance of each; NaN without one.
    as_of
        The last day that is known.
    """
    if leaving.model is None or leaving.status is not Status.OK:
        return np.full(panel.num_rows, np.nan)
    made = np.empty(panel.num_rows)
    for start in range(0, panel.num_rows, _CHUNK):
        part = panel.slice(start, _CHUNK)
        chance = p_buy[start : start + _CHUNK] if _CHANCE in leaving.names else None
        features = _features(matrix(part, as_of=as_of), leaving.names, p_buy=chance)
        made[start : start + _CHUNK] = leaving.calibrator.apply(leaving.model.predict(features))
    return np.clip(made, 0.0, 1.0)
