"""What a reader must know before believing: said early, in words."""

from __future__ import annotations

from typing import Any

import numpy as np

from huitouke.insight.facts.reading import Note
from huitouke.insight.steps.forecast import calibration_alarms
from huitouke.insight.steps.outcome import Outcome
from huitouke.language import N_, words

__all__ = ["warnings_of"]

_NO_HOLDOUT = N_(
    "The record is too short to check a forecast against what came: {days} days, and each "
    "check takes {horizon} days to look ahead and as much before. No forecast is shown."
)
_NO_MODEL = N_(
    "No purchase model could be fitted and checked: {reason} There are {customers} customers, "
    "{repeaters} of whom came back; {needed} and {repeaters_needed} are needed. No forecast is "
    "shown."
)
_RIVAL_WINS = N_(
    "On past days a plain rule ({rival}) forecast the number of orders better than the model "
    "in use (Poisson deviance). It cannot say who has left, so the model stays; believe its "
    "numbers the less."
)
_RIVALS = {
    "nbd": N_("nobody ever leaves"),
    "same_as_before": N_("everybody goes on as before"),
}
_CUT_IN = N_(
    "{share} of all customers first appear in the first tenth of the record. They may be older "
    "than the file: a first order in it need not be their first ever."
)
_TOTALS_OFF = N_(
    "At past days the model's total was off by {low} to {high}. The intervals carry this."
)
_ALARM = N_(
    "At the last check, from {on} on, the chance to buy was off by {error} points on average; "
    "{limit} are allowed. Customers have changed lately, so believe every forecast the less."
)
_NO_DISCOUNT = N_(
    "The files tell no discounts: every purchase counts as full price, and what promotions "
    "bring cannot be told."
)
_SPEND_FREQUENCY = N_(
    "Frequent buyers spend differently per order (correlation {correlation}). The spend model "
    "takes the two as unrelated, so single values may be off."
)
_QUIET_END = N_(
    "Hardly anything was bought in the {days} days from {day} to {as_of}. If a stray date made "
    "{as_of} the last day, give the right one with --as-of."
)
_TRUNCATED = 0.6
_QUIET_DAYS = 120


def warnings_of(outcome: Outcome) -> list[Note]:
    """Return the warnings, the weightiest first.

    Parameters
    ----------
    outcome
        What the analysis found.
    """
    found = [*_last_day(outcome), *_model_warnings(outcome)]
    cut = _share_cut_in(outcome)
    if cut is not None and cut >= _TRUNCATED:
        found.append(_note("steps.left_truncation", _CUT_IN, share=f"{cut:.0%}"))
    if not outcome.full_price_told:
        found.append(_note("steps.no_discounts", _NO_DISCOUNT))
    return found


def _note(code: str, says: str, **values: Any) -> Note:
    return Note(code, says, values)


def _model_warnings(outcome: Outcome) -> list[Note]:
    bought, shop = outcome.purchases, outcome.shop
    if not outcome.snapshots:
        days = (outcome.as_of - outcome.facts.first_on).days + 1
        return [_note("steps.no_holdout", _NO_HOLDOUT, days=days, horizon=shop.horizon_days)]
    if bought.chosen is None:
        reason = words(outcome.options.language).say(bought.reason) if bought.reason else ""
        first = next(iter(bought.fitted.values()))
        values = {
            "reason": reason,
            "customers": outcome.panel.num_rows,
            "repeaters": int((outcome.panel["repeat_count"].to_numpy() > 0).sum()),
            "needed": first.minimum_customers,
            "repeaters_needed": first.minimum_repeaters,
        }
        return [_note("steps.no_model", _NO_MODEL, **values)]
    found = []
    best = bought.holdouts[0]
    if best.is_rival and best.name != bought.chosen:
        name = words(outcome.options.language).say(_RIVALS[best.name])
        found.append(_note("steps.rival_wins", _RIVAL_WINS, rival=name))
    misses = np.expm1(-np.array(bought.past_log_errors))
    if np.abs(misses).max() > 0.1:
        low, high = (f"{miss:+.0%}" for miss in (misses.min(), misses.max()))
        found.append(_note("steps.totals_off", _TOTALS_OFF, low=low, high=high))
    last = bought.forecasts[-1]
    for alarm in calibration_alarms(last):
        if alarm.code == "ece" and alarm.value is not None:
            error, limit = (f"{100 * share:.1f}" for share in (alarm.value, alarm.limit))
            values = {"on": last.on, "error": error, "limit": limit}
            found.append(_note("steps.calibration_alarm", _ALARM, **values))
    model = outcome.worth.spend_model
    if outcome.worth.spend_known and abs(model.correlation_) > model.most_correlation:
        told = f"{model.correlation_:.2f}"
        found.append(_note("steps.spend_with_frequency", _SPEND_FREQUENCY, correlation=told))
    return found


def _last_day(outcome: Outcome) -> list[Note]:
    """Warn of a last day that nearly all orders lie far before: a stray date, a wrong as_of."""
    daily, as_of = outcome.shop.daily, outcome.as_of
    running = np.cumsum(daily["occasions"].to_numpy())
    usual = daily["ordered_on"][int(np.searchsorted(running, 0.995 * running[-1]))].as_py()
    quiet = (as_of - usual).days
    if quiet <= max(_QUIET_DAYS, (usual - outcome.facts.first_on).days // 2):
        return []
    return [_note("steps.quiet_end", _QUIET_END, days=quiet, as_of=as_of, day=usual)]


def _share_cut_in(outcome: Outcome) -> float | None:
    """Share of customers who first appear in the first tenth of the record."""
    tenure = outcome.panel["tenure_days"].to_numpy()
    days = (outcome.as_of - outcome.facts.first_on).days
    if days < 30 or tenure.size == 0:
        return None
    return float((tenure >= 0.9 * days).mean())
