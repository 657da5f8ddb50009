"""The first sentences of the report."""

from __future__ import annotations

from dataclasses import replace

from huitouke.insight.report.findings import findings
from huitouke.insight.report.picture import Absent, Estimate, People, Picture, Score
from huitouke.insight.report.reader import Reader

ENGLISH = Reader("en", currency="CNY")


def test_those_slipping_away_come_first(full: Picture) -> None:
    found = findings(full, reader=ENGLISH)

    assert (
        found[0].sentence
        == "412 valuable customers are slipping away: ¥86,400 of margin is at stake."
    )
    assert found[0].support.startswith(
        "80% interval: between ¥70,000 and ¥105,000, each customer\u2019s own added up; "
        "n\xa0=\xa0412."
    )
    assert found[0].tone == "bad"


def test_every_finding_points_at_a_part_of_the_page(full: Picture) -> None:
    targets = {finding.target for finding in findings(full, reader=ENGLISH)}

    assert targets <= {"at-risk", "value", "return", "likely-loyal", "loyalty", "believe"}


def test_a_shop_that_loses_nobody_hears_so(full: Picture) -> None:
    found = findings(replace(full, at_risk=People((), total=0)), reader=ENGLISH)

    assert found[0].sentence == "No customer of value is slipping away."
    assert found[0].tone == "good"


def test_one_customer_is_spoken_of_in_the_singular(full: Picture) -> None:
    found = findings(replace(full, at_risk=People((), total=1)), reader=ENGLISH)

    assert found[0].sentence == "1 customer is slipping away."


def test_nothing_is_found_that_was_not_told(sparse: Picture) -> None:
    found = findings(sparse, reader=ENGLISH)

    assert [finding.target for finding in found] == ["return"]


def test_a_score_that_failed_its_checks_warns(full: Picture) -> None:
    assert isinstance(full.score, Score)
    found = findings(replace(full, score=replace(full.score, accepted=False)), reader=ENGLISH)

    warned = next(finding for finding in found if "loyalty score" in finding.sentence)
    assert warned.tone == "warn"
    assert "not as a chance" in warned.support


def test_a_large_miss_of_the_total_is_not_called_good(full: Picture) -> None:
    chosen = replace(full.candidates[0], bias_total=0.4)
    found = findings(replace(full, candidates=(chosen,)), reader=ENGLISH)

    assert found[-1].tone == "warn"


def test_an_equity_without_an_interval_says_so(full: Picture) -> None:
    assert not isinstance(full.equity, Absent)
    found = findings(
        replace(full, equity=replace(full.equity, total=Estimate(5e4, n=10))), reader=ENGLISH
    )

    assert any("80% interval: unknown" in finding.support for finding in found)
