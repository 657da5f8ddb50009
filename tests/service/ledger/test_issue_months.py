"""By which month points were issued, whoever has them by now."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from huitouke.service.core import clock
from huitouke.service.ledger import commands
from huitouke.service.ledger.contract import Earn
from huitouke.service.ledger.issue_months import cohort_moves, open_lots
from huitouke.service.ledger.units import UnitSettings, create_unit

pytestmark = pytest.mark.django_db

WHO = {"actor": "system:test", "reason": {"code": "goodwill"}}


@pytest.mark.parametrize("wait", [timedelta(0), timedelta(days=40)])
def test_a_gift_stays_of_the_month_in_which_its_points_were_issued(wait):
    unit = create_unit("main.points", kind="points", settings=UnitSettings(transfers=True))
    giver, receiver = commands.open_accounts([UUID(int=1), UUID(int=2)], unit=unit)
    now = clock.now()
    for month in (1, 3):
        at = datetime(2026, month, 15, tzinfo=UTC)
        ends = now + timedelta(days=300 + month)
        commands.earn(
            Earn(
                account=giver,
                key=f"order-{month}",
                amount=10,
                effective_at=at,
                available_at=at,
                expires_at=ends,
                **WHO,
            )
        )

    commands.transfer(
        giver,
        to_account=receiver,
        key="gift",
        amount=15,
        effective_at=now,
        available_at=now + wait,
        **WHO,
    )

    moves = cohort_moves(unit, until=now + timedelta(days=1), zone="UTC")
    given = [(one.month, one.points) for one in moves if one.contra == "transfer"]
    # What one month lost with the giver, the same month has with the receiver.
    assert sorted(given) == [(date(2026, 1, 1), 0), (date(2026, 3, 1), 0)]
    left = open_lots(unit, until=now + timedelta(days=1), zone="UTC")
    assert sorted((one.month, one.points) for one in left) == [
        (date(2026, 1, 1), 10),
        (date(2026, 3, 1), 10),
    ]
