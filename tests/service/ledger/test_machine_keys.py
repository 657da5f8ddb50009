"""Keys that the ledger makes never meet keys that callers make."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huitouke.service.core import clock
from huitouke.service.core.ids import new_id
from huitouke.service.ledger import commands, units
from huitouke.service.ledger.contract import Earn, Spend

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def accounts(db) -> list[int]:
    settings = units.UnitSettings(transfers=True)
    unit = units.create_unit("keys.points", kind="points", settings=settings)
    return commands.open_accounts([new_id(), new_id(), new_id()], unit=unit)


def common() -> dict:
    return {"effective_at": clock.now(), "actor": "system:test", "reason": {"code": "test"}}


def earn(account: int, key: str, *, days: int = 9) -> str:
    expires_at = clock.now() + days * DAY
    posting = Earn(account=account, key=key, amount=10, expires_at=expires_at, **common())
    return commands.earn(posting).outcome


@pytest.mark.parametrize("key", ["r:1", "r:2", "r:1:1", "from:1:r", "r/1"])
def test_a_caller_may_use_what_looks_like_a_part_of_another_key(accounts, shift_clock, key):
    account = accounts[0]
    earn(account, "one", days=1)
    earn(account, "two", days=2)
    commands.spend(Spend(account=account, key="gift", amount=20, **common()))
    earn(account, key)
    shift_clock(5 * DAY)

    said = commands.restore(
        account,
        key="r",
        spend_key="gift",
        amount=None,
        grace_until=clock.now() + DAY,
        **common(),
    )

    assert (said.outcome, said.detail["regranted"]) == ("done", 20)


def test_two_members_give_to_a_third_under_the_same_key(accounts):
    first, second, third = accounts
    earn(third, "gift:1")
    for giver in (first, second):
        earn(giver, "one")
        earn(giver, "two", days=3)
        said = commands.transfer(giver, to_account=third, key="gift", amount=20, **common())
        assert said.outcome == "done"

    assert said.replayed is False
    assert commands.settle(third) == 0


def test_two_merges_into_one_account_under_the_same_key(accounts):
    first, second, third = accounts
    earn(third, "merge:1")
    for loser in (first, second):
        earn(loser, "one")
        said = commands.merge_accounts(
            loser, into=third, key="merge", actor="system:test", effective_at=clock.now()
        )
        assert said.outcome == "done"
