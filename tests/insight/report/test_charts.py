"""Charts: small table in, plain ECharts option out, with its finding, n and numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import chain
from typing import Any

import pytest

from huitouke.insight.report import charts, group_charts, trust_charts
from huitouke.insight.report.equity_charts import equity_drivers
from huitouke.insight.report.options import Chart
from huitouke.insight.report.picture import (
    Candidate,
    Cohort,
    Cohorts,
    Concentration,
    Equity,
    Estimate,
    GroupPoint,
    Groups,
    Histogram,
    Picture,
    Rain,
    Score,
    Tracking,
)
from huitouke.insight.report.reader import Reader
from huitouke.insight.report.sections import sections, trust
from huitouke.insight.tables import Status

ENGLISH = Reader("en", currency="CNY")


@pytest.fixture(scope="module")
def drawn(full: Picture) -> list[Chart]:
    parts = sections(full, reader=ENGLISH)
    return [*chain.from_iterable(part.charts for part in parts), *trust(full, reader=ENGLISH)]


def walk(value: Any) -> Iterator[Any]:
    yield value
    if isinstance(value, dict):
        for one in value.values():
            yield from walk(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from walk(one)


def series(chart: Chart, kind: str) -> list[dict[str, Any]]:
    return [one for one in chart.option["series"] if one["type"] == kind]


def test_the_full_picture_draws_every_chart(drawn: list[Chart]) -> None:
    assert [chart.key for chart in drawn] == [
        "concentration",
        "value",
        "uncertainty",
        "drivers",
        "cohorts",
        "tracking",
        "groups",
        "moves",
        "map",
        "types",
        "rain",
        "score",
        "candidates",
        "churn",
        "score-calibration",
        "churn-calibration",
    ]


def test_every_chart_says_its_finding_its_n_and_its_numbers(drawn: list[Chart]) -> None:
    for chart in drawn:
        assert chart.title.endswith("."), chart.key
        assert re.search(r"n\s=\s[\d,]+|sample of [\d,]+", chart.note), chart.key
        assert chart.rows, chart.key
        assert all(len(row) == len(chart.columns) for row in chart.rows), chart.key


def test_options_are_plain_still_and_described(drawn: list[Chart]) -> None:
    for chart in drawn:
        json.dumps(chart.option)
        assert chart.option["animation"] is False
        assert chart.option["aria"]["enabled"] is True
        assert chart.title in chart.option["aria"]["label"]["description"]


def test_colours_come_from_tokens_only(drawn: list[Chart]) -> None:
    for chart in drawn:
        for value in walk(chart.option):
            if isinstance(value, str):
                assert not re.match(r"#[0-9a-fA-F]{3,8}$|rgba?\(", value), (chart.key, value)


def test_no_pies_no_gauges_and_at_most_six_named_series(drawn: list[Chart]) -> None:
    for chart in drawn:
        kinds = {one["type"] for one in chart.option["series"]}
        assert kinds <= {"line", "bar", "heatmap", "scatter", "custom"}
        assert sum("name" in one for one in chart.option["series"]) <= 6


def test_bars_stand_on_zero(drawn: list[Chart]) -> None:
    for chart in drawn:
        if series(chart, "bar"):
            axes = [chart.option["xAxis"], chart.option["yAxis"]]
            flat = list(chain.from_iterable(a if isinstance(a, list) else [a] for a in axes))
            values = [axis for axis in flat if axis["type"] == "value"]
            assert any(axis["min"] == 0 for axis in values), chart.key


def test_intervals_are_drawn_where_there_are_any(drawn: list[Chart]) -> None:
    with_intervals = {chart.key for chart in drawn if series(chart, "custom")}

    assert {"groups", "types", "candidates", "churn", "score-calibration"} <= with_intervals


def test_rivals_are_grey_and_the_chosen_model_is_not() -> None:
    table = [
        Candidate("bgnbd", "model", mae=0.7, n=100, chosen=True),
        Candidate("rfm", "rival", mae=0.8, n=100),
    ]

    chart = trust_charts.candidate_errors(table, reader=ENGLISH)

    colours = [point["itemStyle"]["color"] for point in series(chart, "bar")[0]["data"]]
    assert colours == ["var(--series-1)", "var(--chart-rival)"]


def test_a_rival_that_wins_is_named_in_the_title() -> None:
    table = [
        Candidate("bgnbd", "model", mae=0.9, n=100, chosen=True),
        Candidate("rfm", "rival", mae=0.8, n=100),
    ]

    chart = trust_charts.candidate_errors(table, reader=ENGLISH)

    assert chart.title.startswith("The cheap rival RFM table misses by 0.800")


def test_candidates_without_a_score_are_left_out_of_the_chart() -> None:
    table = [
        Candidate("bgnbd", "model", mae=0.7, n=100, chosen=True),
        Candidate("sbg", "model", mae=None),
    ]

    chart = trust_charts.candidate_errors(table, reader=ENGLISH)

    assert [row[0] for row in chart.rows] == ["BG/NBD"]
    assert chart.title == "BG/NBD misses by 0.700 purchases a customer."


def test_the_concentration_title_reads_the_curve_at_a_fifth() -> None:
    curve = Concentration((0.0, 0.2, 0.5, 1.0), (0.0, 0.64, 0.9, 1.0))

    chart = charts.value_concentration(curve, n=10, reader=ENGLISH)

    assert chart.title == "The best 20% of customers hold 64% of the value."


def test_the_value_title_is_exact_at_an_edge() -> None:
    histogram = Histogram((0.0, 50.0, 100.0, float("inf")), (30, 25, 45))

    chart = charts.value_distribution(histogram, n=100, reader=ENGLISH)

    assert chart.title == "55% of customers are worth less than ¥100 each."
    assert chart.rows[-1][0] == "¥100 and more"


def test_the_largest_doubt_comes_first() -> None:
    equity = Equity(
        Estimate(100.0, 80.0, 120.0, 10),
        spread_parameters=3.0,
        spread_customers=9.0,
        spread_past_misses=None,
    )

    chart = charts.value_uncertainty(equity, reader=ENGLISH)

    assert chart.title == "The largest source of doubt: what each customer happens to do."
    assert len(chart.rows) == 2


def test_what_all_are_worth_is_split_by_purchases_and_told_by_its_factors(
    full: Picture,
) -> None:
    chart = equity_drivers(full.equity, margin=full.margin, reader=ENGLISH)

    assert chart.title == "Customers with 10 purchases or more hold 43% of what all are worth."
    assert [row[0] for row in chart.rows] == [
        "1 purchase", "2 to 3 purchases", "4 to 9 purchases", "10 purchases or more",
    ]  # fmt: skip
    assert chart.rows[-1][3:] == ("between ¥451,000 and ¥538,000", "43%")
    assert "38,240 orders to come (80% interval: between 34,900 and 41,800)" in chart.note
    assert "¥100 each (80% interval: between ¥93 and ¥108)" in chart.note


def test_drivers_that_orders_cannot_tell_are_named_with_what_would(full: Picture) -> None:
    value = sections(full, reader=ENGLISH)[0]

    (gap,) = value.absent
    assert (gap.part, gap.status) == ("perceived", Status.NOT_IDENTIFIED)
    assert gap.needed.startswith("A survey")


def test_each_share_of_a_cohort_has_its_interval() -> None:
    cohort = Cohort(date(2026, 1, 1), 300, (0.2,), ((0.172, 0.231),))
    table = Cohorts("quarter", (cohort,), Estimate(0.2, 0.172, 0.231, 300))

    chart = charts.cohort_retention(table, reader=ENGLISH)

    assert chart.rows == (("Jan 1, 2026", "300", "20% (17%–23%)"),)
    assert "between 17% and 23%" in chart.note


def test_a_median_of_a_handful_is_too_few_to_tell() -> None:
    points = tuple(GroupPoint(0.1 * k, 10.0 * k, "stranger") for k in range(1, 8))
    few = tuple(GroupPoint(0.9, 90.0, "true_friend") for _ in range(3))
    shown = Groups((), 10, 50.0, 0.5, "descriptive", points=points + few)

    chart = group_charts.group_map(shown, horizon_days=91, reader=ENGLISH)

    rows = {row[0]: row[1:] for row in chart.rows}
    assert rows["Strangers"][:3] == ("7", "40%", "between 20% and 60%")
    assert rows["True friends"] == ("3", "too few to tell", "", "too few to tell", "")


def test_cohorts_are_weighted_by_their_customers() -> None:
    table = Cohorts(
        "month",
        (
            Cohort(date(2026, 1, 1), 300, (0.2, 0.1)),
            Cohort(date(2026, 2, 1), 100, (0.4,)),
            Cohort(date(2026, 3, 1), 50, ()),
        ),
    )

    chart = charts.cohort_retention(table, reader=ENGLISH)

    assert chart.title.startswith("25% of new customers")
    assert len(chart.option["series"][0]["data"]) == 3
    assert chart.rows[1] == ("Feb 2026", "100", "40%", "")


def test_a_tracking_band_holds_what_the_interval_says(full: Picture) -> None:
    assert isinstance(full.tracking, Tracking)
    chart = trust_charts.purchase_tracking(full.tracking, reader=ENGLISH)

    low, gap = chart.option["series"][:2]

    assert low["data"][0] + gap["data"][0] == pytest.approx(full.tracking.hi[0])


def test_weeks_before_the_origin_have_no_expectation(full: Picture) -> None:
    assert isinstance(full.tracking, Tracking)
    blank = (float("nan"), *full.tracking.expected[1:])

    chart = trust_charts.purchase_tracking(
        replace(full.tracking, expected=blank, lo=blank, hi=blank), reader=ENGLISH
    )

    assert series(chart, "line")[2]["data"][0] is None
    assert "nan" not in json.dumps(chart.rows).lower()


def test_a_group_that_cannot_be_told_is_named_in_the_table_only(full: Picture) -> None:
    assert isinstance(full.groups, Groups)
    chart = group_charts.group_shares(full.groups, reader=ENGLISH)

    assert "Barnacles" not in chart.option["yAxis"]["data"]
    assert ("Barnacles", "0", "these data cannot tell", "", "–") in chart.rows


def test_descriptive_limits_are_admitted(full: Picture) -> None:
    assert isinstance(full.groups, Groups)
    chart = group_charts.group_shares(replace(full.groups, rule="descriptive"), reader=ENGLISH)

    assert "describe and decide nothing" in chart.note


def test_groups_differ_by_shape_as_well_as_colour(full: Picture) -> None:
    assert isinstance(full.groups, Groups)
    chart = group_charts.group_map(full.groups, horizon_days=91, reader=ENGLISH)

    looks = {(one["symbol"], one["itemStyle"]["color"]) for one in chart.option["series"]}

    assert len(looks) == len(chart.option["series"]) == 5


def test_the_shop_level_is_marked_on_the_histogram(full: Picture) -> None:
    assert isinstance(full.rain, Rain)
    chart = charts.rain_or_shine(full.rain, reader=ENGLISH)

    marks = [one["markLine"]["data"] for one in chart.option["series"] if "markLine" in one]

    assert marks == [[{"xAxis": 71.0}]]


def test_scores_of_seventy_and_more_are_counted(full: Picture) -> None:
    assert isinstance(full.score, Score)
    score = replace(full.score, by_customer=Histogram((0.0, 70.0, 100.0), (9, 1)), n=10)

    chart = charts.score_distribution(score, horizon_days=91, reader=ENGLISH)

    assert chart.title == "1 customer scores 70 or more."


def test_calibration_measures_the_mean_distance(full: Picture) -> None:
    assert isinstance(full.score, Score)
    bins = [replace(full.score.calibration[0], predicted=0.2, observed=0.25, n=100)]

    chart = trust_charts.calibration(
        bins, key="c", title="Off by {points}.", note="n = {n}.", reader=ENGLISH
    )

    assert chart.title == "Off by 5.0."
