from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from huitouke.insight import tables
from huitouke.insight.engine import Engine
from huitouke.insight.facts.answers import Answers, NoUsableAnswers, read_answers
from huitouke.insight.facts.columns import ColumnsMissing
from huitouke.insight.facts.read import Reading, read_orders

Ask = Callable[..., Answers]


@pytest.fixture
def ask(tmp_path: Path, engine: Engine) -> Ask:
    """Read answers beside orders of the customers a and b."""

    def run(text: str, **options: Any) -> Answers:
        orders = tmp_path / "orders.csv"
        orders.write_text("customer_id,date,amount\nb,2024-03-05,1\na,2024-03-05,1\n")
        facts = read_orders([orders], engine=engine, reading=Reading())
        path = tmp_path / "answers.csv"
        path.write_text(text, encoding="utf-8")
        return read_answers(
            [path], customers=facts.customers, engine=engine, reading=Reading(**options)
        )

    return run


def test_answers_are_tied_to_the_customers_of_the_orders(ask: Ask) -> None:
    answers = ask(
        "会员号,填写时间,题目,分数,评论\n"
        "b,2024-04-01 10:00,NPS,9,很好\nz,2024-04-02,满意度,4.5,\n"
        "a,2024/4/3,type_identity,,爱这家店\n"
    )

    assert answers.table.schema == tables.ANSWERS.arrow_schema()
    assert answers.table.to_pylist() == [
        {
            "customer_no": 0,
            "customer_id": "a",
            "answered_on": dt.date(2024, 4, 3),
            "kind": "type_identity",
            "score": None,
            "text": "爱这家店",
        },
        {
            "customer_no": 1,
            "customer_id": "b",
            "answered_on": dt.date(2024, 4, 1),
            "kind": "nps",
            "score": 9.0,
            "text": "很好",
        },
        {
            "customer_no": None,
            "customer_id": "z",
            "answered_on": dt.date(2024, 4, 2),
            "kind": "satisfaction",
            "score": 4.5,
            "text": None,
        },
    ]
    assert (answers.rows.used, answers.rows.without_customer) == (3, 1)


def test_answers_that_cannot_be_used_are_put_aside(ask: Ask) -> None:
    answers = ask(
        "customer_id,date,kind,score,text\n"
        "a,2024-04-01,nps,11,\na,2024-04-01,nps,,\na,2024-04-01,colour,3,\n"
        "a,2024-04-01,,3,\n,2024-04-01,nps,3,\na,later,nps,3,\na,2024-04-01,csat,good,\n"
        "a,2024-04-01,nps,10,fine\n"
    )

    assert answers.quarantine["reason"].to_pylist() == [
        "score_out_of_range",
        "answer_empty",
        "kind_unknown",
        "kind_missing",
        "customer_missing",
        "date_unreadable",
        "score_unreadable",
    ]
    assert answers.quarantine["line_number"].to_pylist() == list(range(2, 9))
    assert answers.rows.adds_up
    assert answers.table["score"].to_pylist() == [10.0]


def test_the_last_answer_of_a_day_counts(ask: Ask) -> None:
    answers = ask(
        "customer_id,date,kind,score\n"
        "a,2024-04-01 12:00,nps,9\na,2024-04-01 09:00,nps,2\na,2024-04-01 12:00,nps,7\n"
        "a,2024-04-02,nps,1\n"
    )

    assert answers.table["score"].to_pylist() == [7.0, 1.0]
    assert (answers.rows.read, answers.rows.used, answers.rows.merged) == (4, 2, 2)


def test_the_orders_mapping_does_not_disturb_the_answers(ask: Ask) -> None:
    answers = ask(
        "会员号,日期,类型,得分\na,2024-04-01,nps,9\n",
        mapping={"customer_id": "买家", "amount": "实付"},
    )
    assert answers.rows.used == 1


def test_answers_without_the_needed_columns_are_refused(ask: Ask) -> None:
    with pytest.raises(ColumnsMissing) as caught:
        ask("customer_id,date,colour\na,2024-04-01,red\n")
    assert "kind, score" in str(caught.value)
    with pytest.raises(NoUsableAnswers):
        ask("customer_id,date,kind,score\na,2024-04-01,colour,1\n")
