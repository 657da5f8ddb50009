"""``summary.json`` and ``validation.json``: what was found, and how far to believe it."""

from __future__ import annotations

from typing import Any

import numpy as np

from huitouke import __version__
from huitouke.insight.models.gamma_gamma import GammaGamma
from huitouke.insight.models.regularity import regularity
from huitouke.insight.profiles.equity import (
    Equity,
    equity_by_group,
    equity_by_purchases,
    equity_drivers,
)
from huitouke.insight.profiles.groups import GROUPS
from huitouke.insight.profiles.judged import Verdict
from huitouke.insight.profiles.lists import CustomerList
from huitouke.insight.profiles.loyalty_features import promo_fragility
from huitouke.insight.profiles.needs import needs_from_orders
from huitouke.insight.steps.forecast import Holdout, calibration_alarms, parameters_of
from huitouke.insight.steps.outcome import Outcome
from huitouke.insight.steps.voice import Voice
from huitouke.insight.steps.warnings import warnings_of
from huitouke.insight.tables import Status
from huitouke.insight.validation.blocks import rounded
from huitouke.language import words

__all__ = ["summary_of", "validation_of"]


def _said(verdict: Verdict, outcome: Outcome) -> dict[str, Any]:
    reader = words(outcome.options.language)
    reason = reader.say(verdict.reason, **verdict.values) if verdict.reason else ""
    return {"status": str(verdict.status), "reason": reason}


def summary_of(outcome: Outcome) -> dict[str, Any]:
    """Return the content of ``summary.json``.

    Parameters
    ----------
    outcome
        What the analysis found.
    """
    facts, options, language = outcome.facts, outcome.options, outcome.options.language
    return dict(
        rounded(
            {
                "huitouke": __version__,
                "as_of": outcome.as_of.isoformat(),
                "horizon_days": outcome.shop.horizon_days,
                "currency": outcome.currency,
                "margin": options.margin,
                "discount_rate": options.discount_rate,
                "value_days": options.value_days,
                "interval": 0.8,
                "rows": vars(facts.rows),
                "period": {
                    "first_on": facts.first_on.isoformat(),
                    "last_on": facts.last_on.isoformat(),
                },
                "customers": outcome.panel.num_rows,
                "repeat_customers": int((outcome.panel["repeat_count"].to_numpy() > 0).sum()),
                "orders": facts.orders,
                "revenue": facts.revenue_e4 / 1e4,
                "revenue_without_customer": facts.revenue_without_customer_e4 / 1e4,
                "median_gap_days": outcome.shop.median_gap_days,
                "regularity": _regularity(outcome),
                "models": _models(outcome),
                "candidates": [_candidate(h, outcome) for h in outcome.purchases.holdouts],
                "customer_equity": _equity(outcome),
                "group_shares": _groups(outcome),
                "type_shares": _types(outcome),
                "value_needs": _said(
                    needs_from_orders(outcome.panel.num_rows).verdict, outcome
                ),
                "rain_or_shine": _rain(outcome),
                "loyalty_score": _score(outcome),
                "churn": _churn(outcome),
                "lists": {
                    "at_risk": _list(outcome.lists.at_risk),
                    "likely_loyal": _list(outcome.lists.likely_loyal),
                    "unlikely_to_return": _list(outcome.lists.unlikely),
                },
                "survey": _survey(outcome),
                "warnings": [
                    {"code": w.code, "text": w.text(language)} for w in warnings_of(outcome)
                ],
                "notes": [{"code": n.code, "text": n.text(language)} for n in outcome.notes],
            }
        )
    )


def validation_of(outcome: Outcome) -> dict[str, Any]:
    """Return the content of ``validation.json``: the record beside every model.

    Parameters
    ----------
    outcome
        What the analysis found.
    """
    language = outcome.options.language
    checks = outcome.loyalty.checks
    return dict(
        rounded(
            {
                "huitouke": __version__,
                "as_of": outcome.as_of.isoformat(),
                "horizon_days": outcome.shop.horizon_days,
                "origins": [s.on.isoformat() for s in outcome.snapshots],
                "sampled_share_of_customers": outcome.shop.sample_share,
                "purchases": [r.to_json(language=language) for r in outcome.purchases.records],
                "alarms": [
                    {"on": f.on.isoformat(), **vars(alarm)}
                    for f in outcome.purchases.forecasts[-1:]
                    for alarm in calibration_alarms(f)
                ],
                "churn_and_spend": [
                    r.to_json(language=language) for r in outcome.leaving.records
                ],
                "spend_per_order": _spend(outcome.worth.spend_model),
                "loyalty_score": {
                    **_said(outcome.loyalty.verdict, outcome),
                    "customers": None if checks is None else checks.customers,
                    "events": None if checks is None else checks.events,
                    "auc": None if checks is None else checks.auc,
                    "rival_auc": None if checks is None else checks.rival_auc,
                    "log_loss": None if checks is None else checks.log_loss,
                    "checks": [
                        vars(check) for check in (() if checks is None else checks.checks)
                    ],
                    "deciles": [
                        vars(decile) for decile in (() if checks is None else checks.deciles)
                    ],
                },
            }
        )
    )


def _regularity(outcome: Outcome) -> dict[str, Any]:
    gaps = [
        outcome.panel[name].to_numpy(zero_copy_only=False).astype(np.float64)
        for name in ("gap_last_days", "gap_previous_days")
    ]
    found = regularity(gaps[0], gap_previous=gaps[1])
    return {
        "k": found.k,
        "lo": found.k_lo,
        "hi": found.k_hi,
        "customers": found.n,
        "status": str(found.status),
    }


def _models(outcome: Outcome) -> dict[str, Any]:
    bought = outcome.purchases
    reader = words(outcome.options.language)
    return {
        "purchases": {
            "chosen": bought.chosen,
            "status": str(bought.status),
            "reason": reader.say(bought.reason) if bought.reason else "",
            "fitted": {name: parameters_of(model) for name, model in bought.fitted.items()},
        },
        "spend": {"chosen": "gamma_gamma", **_spend(outcome.worth.spend_model)},
        "churn": {"chosen": outcome.leaving.chosen, "status": str(outcome.leaving.status)},
    }


def _spend(model: GammaGamma) -> dict[str, Any]:
    return {
        "status": str(model.status_),
        "parameters": model.parameters_,
        "log_likelihood": model.log_likelihood_,
        "customers": model.n_,
        "correlation_with_frequency": model.correlation_,
        "gradient_per_customer": model.fit_record_.gradient,
        "smallest_eigenvalue": model.fit_record_.eigenvalue,
    }


def _candidate(holdout: Holdout, outcome: Outcome) -> dict[str, Any]:
    return {
        "name": holdout.name,
        "is_rival": holdout.is_rival,
        "chosen": holdout.name == outcome.purchases.chosen,
        "status": str(holdout.status),
        "origins": holdout.origins,
        "n": holdout.n,
        "scores": {
            name: {"value": s.value, "lo": s.lo, "hi": s.hi}
            for name, s in holdout.scores.items()
        },
    }


def _equity(outcome: Outcome) -> dict[str, Any]:
    equity: Equity = outcome.worth.equity
    groups = equity_by_group(
        outcome.worth.values.clv,
        groups=outcome.placement.groups.label,
        names=GROUPS,
        variances=outcome.worth.variances,
        equity=equity,
    )
    by_purchases = equity_by_purchases(
        outcome.worth.values.clv,
        repeat_count=outcome.panel["repeat_count"].to_numpy(),
        variances=outcome.worth.variances,
        equity=equity,
    )
    drivers = equity_drivers()
    return {
        "value": equity.total,
        "lo": equity.low,
        "hi": equity.high,
        **_said(equity.verdict, outcome),
        "customers": equity.customers,
        "top_tenth_share": equity.top_tenth_share,
        "parts": [{"name": p.name, "log_sd": p.log_sd, "count": p.count} for p in equity.parts],
        "by_group": [vars(group) for group in groups]
        if outcome.placement.groups.verdict.ok
        else [],
        "made_of": {
            "orders": _sum(outcome.worth.orders_to_come),
            "spend_per_order": _sum(outcome.worth.spend_per_order),
            "margin": outcome.options.margin,
        },
        "by_purchases": [vars(each) for each in by_purchases],
        "drivers": {name: str(v.status) for name, v in drivers.items()},
        "drivers_reason": _said(next(iter(drivers.values())), outcome)["reason"],
    }


def _sum(found: Equity) -> dict[str, float | None]:
    return {"value": found.total, "lo": found.low, "hi": found.high}


def _groups(outcome: Outcome) -> dict[str, Any]:
    groups, moves = outcome.placement.groups, outcome.placement.moves
    ok = groups.verdict.ok
    return {
        **_said(groups.verdict, outcome),
        "shares": groups.shares() if ok else {},
        "labelled": int((groups.label >= 0).sum()),
        "profit_threshold": vars(groups.profit),
        "loyalty_threshold": vars(groups.loyalty),
        "barnacle_status": str(Status.NOT_IDENTIFIED if ok else groups.verdict.status),
        "transitions": None
        if moves is None
        else {
            "names": list(GROUPS),
            "counts": moves.counts.tolist(),
            "customers": moves.customers,
            "kappa": moves.kappa,
            "kappa_lo": moves.kappa_low,
            "kappa_hi": moves.kappa_high,
        },
    }


def _types(outcome: Outcome) -> dict[str, Any]:
    types = outcome.types
    named = int((types.label >= 0).sum())
    return {
        **_said(types.verdict, outcome),
        "named": named,
        "shares": types.shares() if named else {},
    }


def _rain(outcome: Outcome) -> dict[str, Any]:
    steady = outcome.steady
    response = steady.response
    fragile = promo_fragility(outcome.worth.p_buy, rain_or_shine=steady.share)
    shop = None
    if response is not None:
        shop = {
            "value": response.share,
            "lo": response.share_low,
            "hi": response.share_high,
            "rate_ratio": response.rate_ratio,
            "overdispersion_p": response.p_value,
            "customers": response.customers,
        }
    return {
        **_said(steady.verdict, outcome),
        "shop": shop,
        "customers": int(np.isfinite(steady.share).sum()),
        # The second number, never merged into the score: what would go without promotions.
        "mean_fragility": float(np.nanmean(fragile)) if np.isfinite(fragile).any() else None,
    }


def _score(outcome: Outcome) -> dict[str, Any]:
    found = outcome.scores.mean()
    basis = "discounts in the files" if outcome.full_price_told else "any purchase"
    return {
        **_said(outcome.loyalty.verdict, outcome),
        "customers": found.customers,
        "mean": found.mean,
        "mean_lo": found.low,
        "mean_hi": found.high,
        "full_price_from": basis,
        "blocks": [block.name for block in outcome.loyalty.blocks],
        "kept_out": list(outcome.loyalty.diagnostic),
    }


def _churn(outcome: Outcome) -> dict[str, Any]:
    known = np.isfinite(outcome.churn_risk)
    return {
        "status": str(outcome.leaving.status),
        "chosen": outcome.leaving.chosen,
        "origins": outcome.leaving.origins,
        "rows": outcome.leaving.rows,
        "events": outcome.leaving.events,
        "mean_risk": float(outcome.churn_risk[known].mean()) if known.any() else None,
    }


def _list(found: CustomerList) -> dict[str, Any]:
    return {
        "customers": found.meeting,
        "total": found.total,
        "total_lo": found.total_low,
        "total_hi": found.total_high,
    }


def _attitude(voice: Voice, outcome: Outcome) -> dict[str, Any]:
    index, gap = voice.satisfaction, voice.gap
    return {
        "satisfaction": None
        if index is None
        else {
            **_said(index.verdict, outcome),
            "value": index.index,
            "lo": index.low,
            "hi": index.high,
            "n": index.answers,
        },
        "expectation_gap": None
        if gap is None
        else {
            **_said(gap.verdict, outcome),
            "coefficients": gap.coefficients,
            "worse_than_expected": gap.worse,
            "better_than_expected": gap.better,
            "only_the_difference_matters_p": gap.difference_p_value,
            "r_squared": gap.r_squared,
            "n": gap.answers,
        },
    }


def _survey(outcome: Outcome) -> dict[str, Any] | None:
    if outcome.answers is None:
        return None
    voice = outcome.voice
    nps = None if voice is None else voice.nps
    return {
        "rows": vars(outcome.answers.rows),
        "nps": None
        if nps is None
        else {
            "status": str(nps.verdict.status),
            "value": nps.score,
            "lo": nps.low,
            "hi": nps.high,
            "n": nps.answers,
        },
        **({} if voice is None else _attitude(voice, outcome)),
    }
