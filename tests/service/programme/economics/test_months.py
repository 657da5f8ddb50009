"""Month by month the books lead from one balance to the next, and agree with the report."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from huitouke.service.programme.economics.liability import liability
from huitouke.service.programme.economics.months import months

pytestmark = pytest.mark.django_db
LIN = "13800138000"


def test_every_month_begins_with_what_the_one_before_ended_with(shop, rules_of):
    shop.publish(rules_of())
    shop.join(LIN, at=datetime(2026, 3, 2, 4, tzinfo=UTC))
    for day in (3, 40, 70):
        shop.buy(LIN, 50_000, at=datetime(2026, 3, 2, 4, tzinfo=UTC) + timedelta(days=day))
    at = shop.now()

    found = months("main", at=at, count=4)

    assert len(found.months) == 4
    for before, after in zip(found.months, found.months[1:], strict=False):
        assert before.roll.closing == after.roll.opening
    last = found.months[-1]
    assert not last.complete
    assert last.roll.closing == liability("main", at=at).roll.closing == 1500
    assert sum(each.roll.issued for each in found.months) == 1500
    assert found.worth.money(last.roll.closing).face_minor == 1500
