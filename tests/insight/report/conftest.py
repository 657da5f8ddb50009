"""Two pictures to draw: a shop of which all could be told, and one of which almost nothing."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

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
    Fitted,
    Group,
    GroupPoint,
    Groups,
    Histogram,
    ListRow,
    Missing,
    Parameter,
    People,
    Picture,
    Rain,
    Rows,
    Score,
    Tracking,
    TreeRule,
    Types,
    TypeShare,
)
from huitouke.insight.tables import Status
from huitouke.language import Language

sys.path.append(str(Path(__file__).resolve().parent))
from worths import equity

AS_OF = date(2026, 9, 30)

CUSTOMER_IDS = ("13089", "会员-20417", "a.lin+shop@example.com", "C-000" + "9" * 30)


@dataclass(frozen=True)
class Both:
    en: str
    zh: str

    def text(self, language: Language) -> str:
        return self.en if language == "en" else self.zh


def full_picture() -> Picture:
    """A shop of 4,338 customers with two years of orders, drawn from a seed."""
    rng = np.random.default_rng(20260930)
    worth = np.sort(rng.gamma(0.55, 420.0, 4338))[::-1]
    p_buy = np.clip(rng.beta(0.8, 1.6, 4338), 0.001, 0.999)
    return Picture(
        as_of=AS_OF,
        horizon_days=91,
        currency="CNY",
        margin=0.3,
        discount_rate=0.15,
        rows=Rows(
            read=541_909, used=536_641, merged=5_231, quarantined=37, without_customer=135_080
        ),
        period_first=date(2024, 10, 1),
        period_last=AS_OF,
        customers=4338,
        orders=18_532,
        revenue=8_911_407.9,
        shop="一间小店 Little Shop",
        repeaters=2845,
        median_gap_days=48.0,
        warnings=(Both("135,080 rows name no customer.", "135,080 行没有顾客。"),),
        notes=(
            Both(
                "Dates were read as day/month/year: 13/10/2024 cannot be otherwise.",
                "日期按日/月/年读取：13/10/2024 只能这样解释。",
            ),
        ),
        fitted=fitted(),
        candidates=candidates(),
        equity=equity(worth),
        tracking=tracking(rng),
        cohorts=cohorts(rng),
        groups=groups(rng, p_buy),
        types=types(),
        rain=rain(rng),
        score=score(rng),
        churn=churn(rng),
        at_risk=people(rng, total=412, value=86_400.0, low=0.12, high=0.5),
        likely_loyal=people(rng, total=96, value=31_200.0, low=0.6, high=0.97),
        unlikely=people(rng, total=1203, value=4_150.0, low=0.004, high=0.06),
        missing=(
            Missing(
                Both("Referrals and recommendations", "推荐与口碑"),
                Status.NOT_IDENTIFIED,
                Both("Orders do not say who recommended whom.", "订单不会说明谁推荐了谁。"),
                Both("A log of referral codes.", "推荐码的记录。"),
            ),
        ),
        version="0.1.0",
    )


def sparse_picture() -> Picture:
    """A shop of 150 customers: facts, and honest refusals."""
    return Picture(
        as_of=date(2026, 3, 14),
        horizon_days=91,
        currency="GBP",
        margin=0.3,
        discount_rate=0.15,
        rows=Rows(read=188, used=181, merged=2, quarantined=5),
        period_first=date(2026, 1, 2),
        period_last=date(2026, 3, 14),
        customers=150,
        orders=181,
        revenue=5_423.5,
        repeaters=22,
        median_gap_days=19.0,
        rain=Absent(Status.NOT_IDENTIFIED),
        types=Absent(Status.NOT_IDENTIFIED),
    )


def fitted() -> tuple[Fitted, ...]:
    return (
        Fitted(
            "bgnbd",
            "purchases",
            (
                Parameter("r", 0.243, 0.231, 0.255),
                Parameter("α", 4.414, 4.1, 4.73),
                Parameter("a", 0.793, 0.66, 0.95),
                Parameter("b", 2.426, 1.9, 3.05),
            ),
            -9582.43,
            4338,
        ),
        Fitted(
            "gamma_gamma", "spend", (Parameter("p", 6.25), Parameter("q", 3.744)), -4055.6, 946
        ),
    )


def candidates() -> tuple[Candidate, ...]:
    def one(name: str, kind: Any, mae: float, **more: Any) -> Candidate:
        return Candidate(
            name,
            kind,
            mae=mae,
            rmse=2.1 * mae,
            deviance=1.6 * mae,
            brier=0.14 + mae / 20,
            auc=0.9 - mae / 9,
            mae_lo=mae - 0.018,
            mae_hi=mae + 0.019,
            origins=3,
            n=4120,
            **more,
        )

    return (
        one("bgnbd", "model", 0.712, bias_total=-0.031, chosen=True),
        one("mbgnbd", "model", 0.718, bias_total=-0.036),
        one("paretonbd", "model", 0.721, bias_total=-0.044),
        one("rfm", "rival", 0.804, bias_total=0.092),
        one("recency", "rival", 0.861, bias_total=0.118),
    )


def tracking(rng: np.random.Generator) -> Tracking:
    weeks = tuple(date(2026, 1, 5) + timedelta(weeks=k) for k in range(39))
    expected = 118 * np.exp(-np.arange(39) / 42)
    return Tracking(
        weeks,
        tuple(float(n) for n in rng.poisson(expected * 1.03)),
        tuple(expected),
        tuple(expected - 1.28 * np.sqrt(1.6 * expected)),
        tuple(expected + 1.28 * np.sqrt(1.6 * expected)),
        origin=date(2026, 1, 4),
        n=4120,
    )


def cohorts(rng: np.random.Generator) -> Cohorts:
    starts = [date(2025 + (m > 12), (m - 1) % 12 + 1, 1) for m in range(10, 22)]
    made = []
    for i, start in enumerate(starts):
        customers = int(rng.integers(140, 420))
        ages = np.arange(1, len(starts) - i)
        rates = (0.31 - 0.003 * i) * ages**-0.35 * rng.uniform(0.9, 1.1, ages.size)
        made.append(Cohort(start, customers, tuple(float(r) for r in rates)))
    return Cohorts("month", tuple(made))


def groups(rng: np.random.Generator, p_buy: np.ndarray) -> Groups:
    profit = rng.gamma(0.9, 90.0, 700) * (0.5 + p_buy[:700])
    names = np.where(
        p_buy[:700] > 0.5,
        np.where(profit > 60, "true_friend", "barnacle"),
        np.where(profit > 60, "butterfly", "stranger"),
    )
    near = (abs(p_buy[:700] - 0.5) < 0.05) | (abs(profit - 60) < 6)
    names = np.where(near, "borderline", names)
    return Groups(
        (
            Group("stranger", 1702, Estimate(0.392, 0.371, 0.414), 61_000.0),
            Group("butterfly", 1204, Estimate(0.278, 0.259, 0.301), 402_000.0),
            Group("true_friend", 806, Estimate(0.186, 0.171, 0.199), 588_000.0),
            Group("borderline", 626, Estimate(0.144, 0.131, 0.158), 96_000.0),
            Group("barnacle", 0, Estimate(status=Status.NOT_IDENTIFIED)),
        ),
        n=4338,
        profit_threshold=60.0,
        loyalty_threshold=0.5,
        rule="youden",
        points=tuple(
            GroupPoint(float(a), float(b), str(c))
            for a, b, c in zip(p_buy[:700], profit, names, strict=True)
        ),
        move_names=("true_friend", "butterfly", "barnacle", "stranger"),
        moves=(
            (0.58, 0.38, 0.01, 0.03),
            (0.09, 0.79, 0.0, 0.12),
            (0.2, 0.1, 0.5, 0.2),
            (0.01, 0.06, 0.01, 0.92),
        ),
        kappa=0.71,
    )


def types() -> Types:
    return Types(
        (
            TypeShare("inertia", 188, Estimate(0.34, 0.29, 0.39)),
            TypeShare("benefit", 143, Estimate(0.26, 0.2, 0.33)),
            TypeShare("none", 121, Estimate(0.24, 0.19, 0.3)),
            TypeShare("experience", 61, Estimate(0.16, 0.09, 0.24)),
            TypeShare("identity", 0, Estimate(status=Status.NOT_IDENTIFIED)),
            TypeShare("forced", 0, Estimate(status=Status.NOT_IDENTIFIED)),
            TypeShare("nostalgic", 0, Estimate(status=Status.NOT_IDENTIFIED)),
        ),
        judged=513,
        n=4338,
        capped=("identity", "forced", "nostalgic"),
    )


def rain(rng: np.random.Generator) -> Rain:
    edges = tuple(float(e) for e in np.linspace(0, 1, 21))
    counts = np.histogram(np.clip(rng.beta(6, 2.4, 1894), 0, 1), edges)[0]
    return Rain(
        Estimate(0.71, 0.69, 0.73, 1894),
        opportunity=0.28,
        by_customer=Histogram(edges, tuple(int(n) for n in counts)),
        overdispersion_p=1e-9,
    )


def score(rng: np.random.Generator) -> Score:
    edges = tuple(float(e) for e in range(0, 101, 5))
    counts = np.histogram(100 * rng.beta(0.75, 1.5, 4338), edges)[0]
    predicted = np.linspace(0.04, 0.93, 10)
    observed = np.clip(predicted + rng.normal(0, 0.015, 10), 0, 1)
    half = 1.28 * np.sqrt(predicted * (1 - predicted) / 430)
    return Score(
        Histogram(edges, tuple(int(n) for n in counts)),
        n=4338,
        mean=Estimate(33.4, 32.1, 34.8, 4338),
        calibration=tuple(
            CalibrationBin(float(p), float(o), float(o - h), float(o + h), 430)
            for p, o, h in zip(predicted, observed, half, strict=True)
        ),
        checks=(
            Check(Both("Calibration error", "校准误差"), 0.0172, "≤ 0.03", passed=True),
            Check(Both("Calibration slope", "校准斜率"), 1.24, "0.9–1.1", passed=False),
            Check("κ", None, "≥ 0.8", passed=None),
        ),
    )


def churn(rng: np.random.Generator) -> Churn:
    def estimate(value: float, half: float) -> Estimate:
        return Estimate(value, value - half, value + half, 4120)

    scores = tuple(
        ChurnScore(
            name,
            kind,
            sample,
            auc=estimate(auc - drop, 0.012),
            brier=estimate(0.17 + drop, 0.006),
            lift=estimate(2.4 - 9 * drop, 0.12),
            empc=estimate(9.8 - 20 * drop, 0.4),
            chosen=name == "boosting" and sample == "out_of_time",
        )
        for name, kind, auc in (
            ("boosting", "model", 0.842),
            ("logistic", "model", 0.829),
            ("tree", "model", 0.801),
            ("rfm_logistic", "rival", 0.786),
        )
        for sample, drop in (
            ("in_sample", 0.0),
            ("cross_validated", 0.012),
            ("out_of_time", 0.021),
        )
    )
    predicted = np.linspace(0.1, 0.9, 8)
    return Churn(
        scores,
        n=4120,
        events=1604,
        origins=4,
        base_rate=0.389,
        rules=(
            TreeRule(
                (Both("Last purchase more than 120 days ago", "距最近购买超过 120 天"),),
                1130,
                estimate(0.81, 0.02),
            ),
            TreeRule(
                (
                    Both("Last purchase at most 120 days ago", "距最近购买不超过 120 天"),
                    Both("At least 4 purchases", "至少购买 4 次"),
                ),
                902,
                estimate(0.09, 0.014),
            ),
        ),
        calibration=tuple(
            CalibrationBin(
                float(p), float(p + d), float(p + d - 0.03), float(p + d + 0.03), 515
            )
            for p, d in zip(predicted, rng.normal(0, 0.02, 8), strict=True)
        ),
    )


def people(
    rng: np.random.Generator, *, total: int, value: float, low: float, high: float
) -> People:
    rows = []
    for k in range(25):
        p = float(rng.uniform(low, high))
        half = 0.5 * min(p, 1 - p)
        worth = float(rng.gamma(2.0, 160.0))
        rows.append(
            ListRow(
                CUSTOMER_IDS[k]
                if k < len(CUSTOMER_IDS)
                else str(int(rng.integers(12_000, 19_000))),
                AS_OF - timedelta(days=int(rng.integers(20, 260))),
                int(rng.integers(2, 40)),
                float(rng.gamma(2.0, 600.0)),
                Estimate(p, p - half, p + half),
                value=Estimate(worth, worth * 0.6, worth * 1.5),
                reasons=(
                    Both(
                        "Usually buys every 21 days; silent for 64.",
                        "通常每 21 天购买一次，已 64 天没有动静。",
                    ),
                    Both("74% of spend at full price.", "74% 的消费为原价。"),
                )[: 1 + k % 2],
            )
        )
    return People(tuple(rows), total=total, value=Estimate(value, value * 0.81, value * 1.22))


@pytest.fixture(scope="session")
def full() -> Picture:
    return full_picture()


@pytest.fixture(scope="session")
def sparse() -> Picture:
    return sparse_picture()
