"""Analyses are compared as far as they counted with the same conditions."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from huitouke.service.core import clock
from huitouke.service.core.ids import public_id
from huitouke.service.loop.changes import since_before
from huitouke.service.loop.models import Analysis, Telling

pytestmark = pytest.mark.django_db

AS_OF = date(2026, 6, 30)
COUNTS = {
    "slipping": 3, "likely_loyal": 2, "unlikely": 1,
    "groups": {"stranger": 4},
}  # fmt: skip


def analysis(*, days_ago=0, worth=1_000.0, **values) -> Analysis:
    """Write a finished analysis down that says what its customers are worth."""
    conditions = {"margin": 0.3, "discount_rate": 0.15, "currency": "CNY", **values}
    at = clock.now()
    made = Analysis.objects.create(
        state="done", as_of=AS_OF - timedelta(days_ago), asked_at=at, ended_at=at,
        asked_by="staff:analyst", counts=COUNTS, profiles_kept=True, **conditions,
    )  # fmt: skip
    Telling.objects.create(
        analysis=made, language="en", validation={}, story={}, summary=said(worth)
    )
    return made


def said(worth):
    equity = {"value": worth, "lo": 0.9 * worth, "hi": 1.1 * worth}
    return {"revenue": 9_000.0, "customer_equity": equity}


def test_the_same_conditions_are_compared_in_everything():
    analysis(days_ago=1)

    told = since_before(analysis(), summary=said(1_200.0))

    assert told["conditions"] == {}
    assert told["numbers"]["customer_equity"] == {
        "before": 1_000.0,
        "after": 1_200.0,
        "interval": {"before": [900.0, 1_100.0], "after": [1_080.0, 1_320.0]},
    }
    assert told["lists"].keys() == {"slipping", "likely_loyal", "unlikely"}
    assert told["groups"] == {"stranger": {"before": 4, "after": 4}}


@pytest.mark.parametrize("name", ["margin", "discount_rate"])
def test_with_another_margin_or_rate_amounts_are_not_compared_and_lists_are(name):
    analysis(days_ago=1, **{name: 0.2})
    now = analysis()

    told = since_before(now, summary=said(1_200.0))

    assert told["conditions"] == {name: {"before": 0.2, "after": getattr(now, name)}}
    assert told["numbers"]["customer_equity"]["before"] is None
    assert told["numbers"]["revenue"]["before"] == 9_000.0
    assert "slipping" in told["lists"]
    assert told["groups"] == {}


def test_with_another_horizon_lists_are_not_compared_and_amounts_are():
    analysis(days_ago=1, horizon_days=30)

    told = since_before(analysis(), summary=said(1_200.0))

    assert told["conditions"] == {"horizon_days": {"before": 30, "after": None}}
    assert told["numbers"]["customer_equity"]["before"] == 1_000.0
    assert (told["lists"], told["groups"]) == ({}, {})


def test_an_older_one_with_the_same_conditions_goes_before_a_newer_one_with_others():
    alike = analysis(days_ago=2)
    analysis(days_ago=1, margin=0.5)

    told = since_before(analysis(), summary=said(1_200.0))

    assert told["before"] == public_id("ana", alike.id)
    assert told["as_of"] == str(alike.as_of)


def test_without_an_earlier_day_there_is_nothing_to_compare():
    analysis(margin=0.5)

    assert since_before(analysis(), summary=said(1_200.0)) == {}
