"""Errors are told to machines in the shape of RFC 9457, in both languages."""

from __future__ import annotations

import json
from decimal import Decimal

from huitouke.service.core.ids import IdUnknown
from huitouke.service.core.limits import RateLimited
from huitouke.service.core.problems import Wrong, problem


def test_a_problem_speaks_the_readers_language_and_holds_both():
    error = IdUnknown(given="x", prefix="cus")

    told = problem(error, language="zh", request_id="req_1")

    assert told["detail"] == told["messages"]["zh"] == error.text("zh")
    assert told["messages"]["en"] == error.text("en")
    assert told["title"] == "不存在"
    assert told["request_id"] == "req_1"
    assert told["values"] == {"given": "x", "prefix": "cus"}


def test_places_that_are_wrong_are_named_by_pointer():
    wrong = [Wrong("/lines/0/amount_minor", "not an integer")]

    told = problem(RateLimited(retry_after=3), language="en", request_id="", errors=wrong)

    assert told["status"] == 429
    assert told["errors"] == [{"pointer": "/lines/0/amount_minor", "detail": "not an integer"}]


def test_values_of_any_kind_become_json():
    error = IdUnknown(given="x" * 2_000, prefix="cus", at=Decimal("1.5"), rows={"a": (1, None)})

    told = problem(error, language="en", request_id="r")

    assert json.loads(json.dumps(told))["values"] == {
        "given": "x" * 500,
        "prefix": "cus",
        "at": "1.5",
        "rows": {"a": [1, None]},
    }
