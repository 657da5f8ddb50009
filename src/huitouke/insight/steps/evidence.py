"""Fill the part of the report that says how far to believe the rest."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from huitouke.insight.features.history import after, cohorts
from huitouke.insight.features.occasions import sample
from huitouke.insight.models.counting import RepeatModel
from huitouke.insight.models.trees import ChurnTree
from huitouke.insight.report.picture import (
    Absent,
    CalibrationBin,
    Candidate,
    Check,
    Churn,
    ChurnScore,
    Cohort,
    Cohorts,
    Estimate,
    Tracking,
    TreeRule,
)
from huitouke.insight.report.texts import Message
from huitouke.insight.steps.forecast import Purchases
from huitouke.insight.steps.outcome import Outcome
from huitouke.insight.steps.snapshots import Shop
from huitouke.insight.steps.worth import now_panel
from huitouke.insight.tables import Status
from huitouke.insight.validation.blocks import ScoreBlock
from huitouke.insight.validation.ranks import wilson
from huitouke.insight.validation.records import ValidationRecord
from huitouke.insight.validation.scores import Score
from huitouke.language import N_

__all__ = [
    "candidates_of",
    "churn_of",
    "cohorts_of",
    "score_calibration",
    "score_checks",
    "tracking_of",
]

Floats = npt.NDArray[np.float64]

_PERIOD_DAYS = 91
_PERIODS = 12
#: Fewer newcomers make no share worth showing.
_FEWEST = 30
_TRACKED_CUSTOMERS = 50_000
_DRAWS = 12
_Z = 1.2815515655446004
_CHECK_NAMES = {
    "ece": N_("Calibration error"),
    "slope": N_("Calibration slope"),
    "deciles": N_("Tenths in order"),
    "rival": N_("Ranks better than RFM"),
    "segment": N_("Calibration error of segments"),
}
#: The limit of a check, and the same where it was missed by no more than chance does.
_AT_MOST = N_("at most {limit}"), N_("at most {limit}; missed within chance")
_AROUND = N_("{low} to {high}"), N_("{low} to {high}; missed within chance")
_AT_LEAST = N_("at least {limit}"), N_("at least {limit}; missed within chance")
_SHORT = N_("No past day has a whole horizon after it.")


def candidates_of(outcome: Outcome) -> tuple[Candidate, ...]:
    """Return the purchase models and rivals with their holdout scores, best first.

    Parameters
    ----------
    outcome
        What the analysis found.
    """
    made = []
    for holdout in outcome.purchases.holdouts:
        score = {name: found.value for name, found in holdout.scores.items()}
        made.append(
            Candidate(
                name=holdout.name,
                kind="rival" if holdout.is_rival else "model",
                mae=score["mae"],
                rmse=score["rmse"],
                bias_total=score["total_bias"],
                deviance=score["poisson_deviance"],
                brier=score["brier"],
                auc=score["auc"],
                mae_lo=holdout.scores["mae"].lo,
                mae_hi=holdout.scores["mae"].hi,
                origins=holdout.origins,
                n=holdout.n,
                chosen=holdout.name == outcome.purchases.chosen,
            )
        )
    return tuple(made)


def tracking_of(outcome: Outcome) -> Tracking | Absent:
    """Return purchases a week after the last origin beside what was expected of them.

    Parameters
    ----------
    outcome
        What the analysis found.
    """
    bought, shop = outcome.purchases, outcome.shop
    if not outcome.snapshots:
        return Absent(why=Message(_SHORT))
    if bought.chosen is None:
        return Absent(why=Message(bought.reason) if bought.reason else None)
    origin = outcome.snapshots[-1].on
    weeks = shop.horizon_days // 7
    if weeks < 2:
        return Absent(why=Message(_SHORT))
    actual = _weekly(shop, origin=origin, weeks=weeks)
    expected, sd = _expected(outcome, bought, weeks=weeks)
    half = _Z * np.sqrt(expected + sd**2)
    return Tracking(
        weeks=tuple(origin + timedelta(days=1 + 7 * week) for week in range(weeks)),
        actual=tuple(actual.tolist()),
        expected=tuple(expected.tolist()),
        lo=tuple(np.maximum(expected - half, 0.0).tolist()),
        hi=tuple((expected + half).tolist()),
        origin=origin,
        n=outcome.snapshots[-1].panel.num_rows,
    )


def _weekly(shop: Shop, *, origin: date, weeks: int) -> Floats:
    table = shop.engine.fetch(
        after(
            sample(shop.occasions, share=shop.sample_share),
            origin=origin,
            until=origin + timedelta(days=7 * weeks),
        ),
        order_by=("ordered_on",),
    )
    made = np.zeros(weeks)
    for day, count in zip(
        table["ordered_on"].to_pylist(), table["occasions"].to_pylist(), strict=True
    ):
        made[((day - origin).days - 1) // 7] += count
    return made


def _expected(outcome: Outcome, bought: Purchases, *, weeks: int) -> tuple[Floats, Floats]:
    """Return the expected occasions by week and their standard deviation over parameters."""
    rows = outcome.snapshots[-1].panel
    step = -(-rows.num_rows // _TRACKED_CUSTOMERS)
    whole, panel = now_panel(rows), now_panel(rows.take(np.arange(0, rows.num_rows, step)))
    assert bought.chosen is not None  # noqa: S101 - the caller has looked
    fitted = type(bought.fitted[bought.chosen])().fit(whole)
    scale = rows.num_rows / len(panel)

    def weekly(model: RepeatModel) -> Floats:
        total = [
            float(model.orders_expected(panel, horizon=float(week)).sum())
            for week in range(1, weeks + 1)
        ]
        return np.asarray(np.diff(np.array([0.0, *total])) * scale)

    rng = np.random.Generator(np.random.PCG64(outcome.options.seed))
    drawn = np.stack(
        [
            weekly(fitted.with_parameters(each))
            for each in fitted.draw_parameters(_DRAWS, rng=rng)
        ]
    )
    return weekly(fitted), drawn.std(axis=0, ddof=1)


def cohorts_of(outcome: Outcome) -> Cohorts | Absent:
    """Return the share of each quarter's newcomers who bought in each later quarter.

    Parameters
    ----------
    outcome
        What the analysis found.
    """
    shop = outcome.shop
    table = shop.engine.fetch(
        cohorts(
            sample(shop.occasions, share=shop.sample_share),
            as_of=shop.as_of,
            days=_PERIOD_DAYS,
        ),
        order_by=("cohort_age", "period_age"),
    )
    found = {
        (row["cohort_age"], row["period_age"]): row["customers"] for row in table.to_pylist()
    }
    made = []
    for age in range(_PERIODS, 0, -1):
        size = found.get((age, age), 0)
        if size < _FEWEST:
            continue
        shares = tuple(found.get((age, k), 0) / size for k in range(age - 1, -1, -1))
        first = shop.as_of - timedelta(days=_PERIOD_DAYS * (age + 1) - 1)
        ends = tuple(wilson(share * size, n=size) for share in shares)
        made.append(Cohort(max(first, shop.first_on), size, shares, ends))
    if not made:
        return Absent()
    people = sum(each.customers for each in made)
    came = sum(each.customers * each.returned[0] for each in made)
    return Cohorts(
        "quarter", tuple(made), Estimate(came / people, *wilson(came, n=people), people)
    )


def score_calibration(outcome: Outcome) -> tuple[CalibrationBin, ...]:
    """Return what the loyalty score promised at the last origin, and what came.

    Parameters
    ----------
    outcome
        What the analysis found.
    """
    checks = outcome.loyalty.checks
    if checks is None:
        return ()
    made = []
    for tenth in checks.deciles:
        low, high = wilson(tenth.actual * tenth.customers, n=max(tenth.customers, 1))
        said = (tenth.predicted, tenth.actual, low, high, tenth.customers)
        made.append(CalibrationBin(*said))
    return tuple(made)


def score_checks(outcome: Outcome) -> tuple[Check, ...]:
    """Return the acceptance checks of the loyalty score.

    Parameters
    ----------
    outcome
        What the analysis found.
    """
    checks = outcome.loyalty.checks
    made = []
    for check in () if checks is None else checks.checks:
        by_chance = int(check.within_noise and not check.passed)
        limit = Message(_AT_MOST[by_chance], {"limit": f"{check.limit:.3g}"})
        if check.name == "slope":
            ends = {"low": f"{check.limit - 0.1:.3g}", "high": f"{check.limit + 0.1:.3g}"}
            limit = Message(_AROUND[by_chance], ends)
        elif check.name == "rival":
            limit = Message(_AT_LEAST[by_chance], {"limit": f"{check.limit:.3g}"})
        passed = check.passed or check.within_noise
        made.append(Check(Message(_CHECK_NAMES[check.name]), check.value, limit, passed))
    return tuple(made)


def churn_of(outcome: Outcome) -> Churn | Absent:
    """Return the churn models side by side, and the tree's rules.

    Parameters
    ----------
    outcome
        What the analysis found.
    """
    found = outcome.leaving
    records = [r for r in found.records if r.target == "no_purchase_in_horizon"]
    if not records or found.rows == 0:
        return Absent(why=Message(_SHORT))
    # With too few leavers the best rule only stands in: nothing is chosen.
    chosen = found.chosen if found.status is Status.OK else None
    scores = []
    for record in records:
        for sample_name, block in (
            ("in_sample", record.in_sample),
            ("cross_validated", record.cross_validated),
            ("out_of_time", record.out_of_time),
        ):
            if block is not None:
                scores.append(_churn_score(record, sample_name, block, chosen=chosen))
    used = next((r for r in records if r.model == found.chosen), records[0])
    bins = used.out_of_time.bins if used.out_of_time is not None else ()
    return Churn(
        scores=tuple(scores),
        n=found.rows,
        events=found.events,
        origins=found.origins,
        base_rate=found.events / found.rows,
        rules=_rules(found.tree),
        calibration=tuple(
            CalibrationBin(b.predicted, b.observed, b.lo, b.hi, b.n) for b in bins
        ),
    )


def _churn_score(
    record: ValidationRecord, sample_name: str, block: ScoreBlock, *, chosen: str | None
) -> ChurnScore:
    return ChurnScore(
        name=record.model,
        kind="rival" if record.is_rival else "model",
        sample=sample_name,  # type: ignore[arg-type]
        auc=_estimate(block.score("auc")),
        brier=_estimate(block.score("brier")),
        lift=_estimate(block.score("top_decile_lift")),
        empc=_estimate(block.score("empc")),
        chosen=record.model == chosen,
    )


def _estimate(score: Score) -> Estimate:
    if score.value is None:
        return Estimate(n=score.n, status=Status.INSUFFICIENT)
    return Estimate(score.value, score.lo, score.hi, score.n, Status.OK)


def _rules(tree: object) -> tuple[TreeRule, ...]:
    if not isinstance(tree, ChurnTree):
        return ()
    made = []
    for rule in tree.rules():
        risk = Estimate(rule.rate, rule.lo, rule.hi, rule.n)
        if rule.rate is None:
            risk = Estimate(n=rule.n, status=Status.INSUFFICIENT)
        made.append(TreeRule(tuple(rule.conditions), rule.n, risk))
    return tuple(made)
