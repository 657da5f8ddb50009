"""The whole path on real, public orders: the published and the measured numbers come out."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pytest

from huitouke.insight.engine import Engine
from huitouke.insight.facts.read import read_orders
from huitouke.insight.facts.reading import Reading
from huitouke.insight.features.occasions import occasions
from huitouke.insight.features.panel import panel
from huitouke.insight.flow import Analysis, analyze
from huitouke.insight.models.contract import Panel
from huitouke.insight.models.gamma_gamma import GammaGamma
from huitouke.insight.models.paretonbd import ParetoNbd
from huitouke.insight.models.value import clv

SAMPLE = {"customer_id": "2", "ordered_at": "3", "amount": "5"}
LAST = date(1998, 6, 30)


@pytest.fixture(scope="module")
def cdnow(shared_data: Path) -> Analysis:
    return analyze(
        [shared_data / "cdnow" / "CDNOW_sample.txt"],
        mapping=SAMPLE,
        as_of=LAST,
        horizon_days=273,
        currency="USD",
    )


def holdout(found: Analysis, name: str) -> dict[str, Any]:
    candidate = next(c for c in found.summary["candidates"] if c["name"] == name)
    return {score: told["value"] for score, told in candidate["scores"].items()}


def test_cdnow_forecasts_meet_the_measured_holdout(cdnow: Analysis) -> None:
    # 39 weeks to learn from, 39 to be judged by; 2,357 customers, 1,882 purchases.
    measured = {
        "bgnbd": (-0.122, 0.786, 1.608),
        "mbgnbd": (-0.162, 0.765, 1.607),
        "paretonbd": (-0.115, 0.755, 1.603),
    }
    for name, (bias, mae, rmse) in measured.items():
        scores = holdout(cdnow, name)
        assert scores["total_bias"] == pytest.approx(bias, abs=0.001)
        assert scores["mae"] == pytest.approx(mae, abs=0.001)
        assert scores["rmse"] == pytest.approx(rmse, abs=0.001)


def test_the_model_in_use_on_cdnow_is_good_enough(cdnow: Analysis) -> None:
    chosen = cdnow.summary["models"]["purchases"]["chosen"]

    scores = holdout(cdnow, chosen)

    assert chosen == "paretonbd"
    assert scores["mae"] <= 0.760
    assert scores["rmse"] <= 1.61
    assert abs(scores["total_bias"]) < abs(holdout(cdnow, "same_as_before")["total_bias"])


def test_equity_on_cdnow_carries_the_past_miss(cdnow: Analysis) -> None:
    equity = cdnow.summary["customer_equity"]
    parts = {part["name"]: part["log_sd"] for part in equity["parts"]}

    # Measured: revenue of Pareto/NBD times Gamma-Gamma falls 14.8 % short of what came.
    assert parts["misspecification"] == pytest.approx(-math.log(1 - 0.148), abs=0.003)
    assert parts["misspecification"] > 2 * parts["parameters"]
    assert equity["lo"] < equity["value"] < equity["hi"]


def test_too_short_a_record_gives_no_score_and_says_why(cdnow: Analysis) -> None:
    # One origin only: nothing to fit, to calibrate and to check the score on.
    assert cdnow.customers is not None
    score = cdnow.summary["loyalty_score"]

    assert score["status"] == "insufficient_evidence"
    assert "3" in score["reason"]
    assert cdnow.customers["loyalty_score"].null_count == cdnow.customers.num_rows


def cdnow_panel(shared_data: Path, file: str, mapping: dict[str, str]) -> Any:
    with Engine() as engine:
        facts = read_orders(
            [shared_data / "cdnow" / file], engine=engine, reading=Reading(mapping=mapping)
        )
        rows = panel(occasions(facts.postings, as_of=LAST), as_of=LAST, postings=facts.postings)
        return engine.fetch(rows, order_by=("customer_no",))


def test_cdnow_customer_equity_is_the_published_one(shared_data: Path) -> None:
    # Fader, Hardie & Lee (2005), "RFM and CLV": parameters of 78 weeks of the 1/10 sample,
    # applied to the whole cohort, margin 30 %, 15 % a year, without end.
    learn = cdnow_panel(shared_data, "CDNOW_sample.txt", SAMPLE)
    whole = cdnow_panel(shared_data, "CDNOW_master.txt", {})

    def parts(table: Any) -> tuple[Panel, np.ndarray, np.ndarray]:
        count = table["repeat_paid_count"].to_numpy().astype(float)
        spend = table["repeat_spend_e4"].to_numpy() / 1e4 / np.maximum(count, 1)
        return Panel.from_table(table), spend, count

    small, spend, count = parts(learn)
    model = ParetoNbd().fit(small)
    money = GammaGamma().fit(spend, count=count)
    everyone, spend, count = parts(whole)
    value = clv(
        model,
        spend_model=money,
        panel=everyone,
        mean_spend=spend,
        count=count,
        horizon=np.inf,
        rate_per_unit=math.log(1.15) / 52.18,
        margin=0.3,
    )

    once = everyone.repeat_count == 0
    assert int(once.sum()) == 12_054
    assert float(value.sum()) == pytest.approx(1_147_000, rel=0.01)
    assert float(value[once].mean()) == pytest.approx(4.42, rel=0.01)
    assert float(value[once].sum() / value.sum()) == pytest.approx(0.046, abs=0.001)


def test_online_retail_adds_up_and_nets_returns(shared_data: Path, tmp_path: Path) -> None:
    found = analyze(
        [shared_data / "online_retail" / "online_retail.parquet"],
        out=tmp_path / "out",
        currency="GBP",
        timezone="Europe/London",
    )

    rows = found.summary["rows"]
    assert rows == {
        "read": 541_909, "used": 536_641, "merged": 5_268, "quarantined": 0,
        "without_customer": 135_037,
    }  # fmt: skip
    # The file's well-known total less its exact duplicates.
    assert found.summary["revenue"] == pytest.approx(9_726_006.954, abs=1e-3)
    assert found.summary["customers"] < 4_372
    assert any(n["code"] == "facts.returns_matched" for n in found.summary["notes"]) or any(
        "return" in n["code"] for n in found.summary["notes"]
    )
    assert (tmp_path / "out" / "report.html").stat().st_size < 2_000_000


def test_customers_without_orders_are_told_what_is_missing(shared_data: Path) -> None:
    from huitouke.insight.facts.columns import ColumnsMissing

    with pytest.raises(ColumnsMissing) as caught:
        analyze([shared_data / "customer_personality" / "marketing_campaign.csv.gz"])

    for language in ("en", "zh"):
        text = caught.value.text(language)  # type: ignore[arg-type]
        assert "ordered_at" in text
        assert "--map" in text


def test_the_cdnow_master_gives_every_customer_a_row(shared_data: Path) -> None:
    found = analyze([shared_data / "cdnow" / "CDNOW_master.txt"], currency="USD")

    table = found.customers
    assert table is not None
    assert table.num_rows == 23_570
    assert found.summary["period"] == {"first_on": "1997-01-01", "last_on": "1998-06-30"}
    assert pc.sum(table["spend_total"]).as_py() == pytest.approx(found.summary["revenue"])
    # Churn on real data: every model out of time beats chance, and the rival is shown.
    records = {r["model"]: r for r in found.validation["churn_and_spend"]}
    for name in ("logistic", "tree", "boosting", "rfm_logistic"):
        assert records[name]["out_of_time"]["metrics"]["auc"]["lo"] > 0.7
    used = [r["model"] for r in records.values() if r["verdict"]["used"]]
    assert found.summary["models"]["churn"]["chosen"] in used
