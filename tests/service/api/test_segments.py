"""Segments over the API: which there are, and who is in one now."""

from __future__ import annotations

from uuid import UUID

import pytest

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import public_id
from huitouke.service.customers import commands as customers
from huitouke.service.segments import commands, queries
from huitouke.service.segments.fields import Condition

OPERATOR = Actor("staff", "operator")


@pytest.fixture
def segment(db):
    """Everybody known of late: three persons."""
    ground = queries.ground_of(now=clock.now(), zone="Asia/Shanghai", currency="CNY")
    for name in ("a", "b", "c"):
        customers.create([("external", name)], at=clock.now(), actor=OPERATOR)
    known = Condition("known", "within", (30,))
    return commands.save(
        "新客", conditions=[known], ground=ground, at=clock.now(), actor=OPERATOR
    )


def test_segments_are_listed_with_their_conditions(segment, key_with):
    answer = key_with("segments:read").get("/segments").json()

    assert [each["id"] for each in answer["segments"]] == [str(segment)]
    one = answer["segments"][0]
    assert (one["name"], one["counted"], one["archived"]) == ("新客", None, False)
    assert one["conditions"] == [{"field": "known", "op": "within", "values": [30]}]


def test_one_that_was_put_away_is_still_read(segment, key_with):
    commands.archive(segment.id, at=clock.now(), actor=OPERATOR)
    caller = key_with("segments:read")

    assert caller.get("/segments").json() == {"segments": []}
    assert caller.get(f"/segments/{segment}").json()["archived"] is True


def test_its_customers_come_page_by_page(segment, key_with):
    caller = key_with("segments:read")
    path = f"/segments/{segment}/customers?limit=2"

    first = caller.get(path).json()
    second = caller.get(f"{path}&cursor={first['next']}").json()

    assert len({*first["customers"], *second["customers"]}) == 3
    assert all(each.startswith("cus_") for each in first["customers"])
    assert second["next"] is None


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"/segments/{public_id('seg', UUID(int=1))}", 404, "segment_unknown"),
        ("/segments/cus_1", 404, "id_unknown"),
    ],
)
def test_a_segment_that_is_none_is_told(db, key_with, path, status, code):
    answer = key_with("segments:read").get(path)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_cursor_that_is_none_is_told(segment, key_with):
    answer = key_with("segments:read").get(f"/segments/{segment}/customers?cursor=x")

    assert answer.json()["code"] == "cursor_unreadable"
