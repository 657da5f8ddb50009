"""A fact is taken as it is meant, or not at all."""

from __future__ import annotations

import copy

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pydantic import ValidationError

from huitouke.service.programme.events.facts import FACT, attributes_of, fact_hash

TOLD = {
    "type": "order.paid",
    "source": "shop",
    "source_id": "1",
    "occurred_at": "2026-03-01T08:00:00+08:00",
    "customer": {"identity": {"kind": "phone", "value": "13800138000"}},
    "order": {"number": "A1", "lines": [{"sku": "tea", "amount_minor": 100}]},
}


def told(path, value):
    changed = copy.deepcopy(TOLD)
    *way, last = path
    place = changed
    for step in way:
        place = place[step]
    place[last] = value
    return changed


@pytest.mark.parametrize(
    ("path", "values"),
    [
        (("order", "lines", 0, "amount_minor"), [1.5, True, 10**16, "10", -1, float("nan")]),
        (("order", "lines", 0, "quantity"), [0, "0.000", "1.2345", "1e3", 1.5, True, "٣"]),
        (("order", "lines", 0, "tax_minor"), [101]),
        (("order", "lines"), [[]]),
        (("order", "discount_minor"), [101]),
        (("order", "paid_by_points_minor"), [101]),
        (
            ("occurred_at",),
            ["1700000000", 1700000000, "2026-03-01T08:00:00", "1999-01-01T00:00:00Z", "x"],
        ),
        (("source_id",), ["a\x00b", "", "x" * 121, "\ud800"]),
        (("type",), ["order.eaten", None, 5, "x.", "x.A"]),
        (("customer",), [{}, {"id": "cus_1", "identity": {"kind": "card", "value": "1"}}]),
        (("surprise",), [1]),
    ],
)
def test_what_cannot_be_is_not_taken(path, values):
    for value in values:
        with pytest.raises(ValidationError):
            FACT.validate_python(told(path, value))


def test_the_order_of_members_does_not_make_another_fact():
    other = dict(reversed(told(("attributes",), {"b": 1, "a": 2}).items()))
    other["attributes"] = {"a": 2, "b": 1}

    one = FACT.validate_python(told(("attributes",), {"b": 1, "a": 2}))

    assert fact_hash(one) == fact_hash(FACT.validate_python(other))
    assert fact_hash(one) != fact_hash(FACT.validate_python(TOLD))


def test_a_member_at_its_default_is_the_same_as_none():
    spoken = FACT.validate_python(told(("order", "shipping_minor"), 0))

    assert fact_hash(spoken) == fact_hash(FACT.validate_python(TOLD))


def test_what_tells_who_somebody_is_is_no_condition():
    fact = FACT.validate_python(told(("attributes",), {"device": "d1", "gift": True}))

    assert attributes_of(fact) == {"gift": True}


@pytest.mark.django_db
def test_an_order_takes_few_statements(points_shop):
    points_shop.tell(points_shop.paid(1_000))

    order = points_shop.paid(1_000)

    with CaptureQueriesContext(connection) as seen:
        points_shop.tell(order)

    work = [each for each in seen.captured_queries if "SAVEPOINT" not in each["sql"]]
    assert len(work) <= 13
