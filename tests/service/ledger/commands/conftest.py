"""One member's account and the postings tests make on it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from huitouke.service.ledger import commands, queries
from huitouke.service.ledger.contract import Earn, Receipt, Spend
from huitouke.service.ledger.units import UnitSettings, create_unit

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MEMBER, FRIEND = UUID(int=1), UUID(int=2)
WHO = {"actor": "key:till", "reason": {"code": "order"}, "effective_at": NOON}


class Book:
    """An account with short words for its postings; keys are made where none is given."""

    def __init__(self, account: int) -> None:
        self.account = account
        self._numbers = itertools.count(1)

    def earning(self, amount: int, *, key: str | None = None, **more) -> Earn:
        return Earn(
            account=self.account,
            key=key or f"key-{next(self._numbers)}",
            amount=amount,
            **WHO | more,
        )

    def spending(self, amount: int, *, key: str | None = None, **more) -> Spend:
        return Spend(
            account=self.account,
            key=key or f"key-{next(self._numbers)}",
            amount=amount,
            **WHO | more,
        )

    def earn(self, amount: int, **more) -> Receipt:
        return commands.earn(self.earning(amount, **more))

    def spend(self, amount: int, **more) -> Receipt:
        return commands.spend(self.spending(amount, **more))

    def hold(self, amount: int, *, expires_at: datetime, **more) -> Receipt:
        return commands.hold(self.spending(amount, **more), expires_at=expires_at)

    def capture(self, hold_key: str, *, amount: int | None = None, key="capture", **more):
        return commands.capture(
            self.account, key=key, hold_key=hold_key, amount=amount, **WHO | more
        )

    def release(self, hold_key: str, *, key="release", **more) -> Receipt:
        return commands.release(self.account, key=key, hold_key=hold_key, **WHO | more)

    def prolong(self, hold_key: str, *, expires_at: datetime, key="prolong") -> Receipt:
        who = {name: WHO[name] for name in ("actor", "reason")}
        return commands.prolong(
            self.account, key=key, hold_key=hold_key, expires_at=expires_at, **who
        )

    def claw_back(self, amount: int, *, of: list[str], policy="debt", key="refund", **more):
        return commands.claw_back(
            self.account, key=key, amount=amount, earn_keys=of, policy=policy, **WHO | more
        )

    def restore(self, spend_key: str, *, amount=None, grace_until=None, key="undo", **more):
        return commands.restore(
            self.account,
            key=key,
            spend_key=spend_key,
            amount=amount,
            grace_until=grace_until,
            **WHO | more,
        )

    def activate(self, earn_key: str, *, expires_at=None, key="delivered", **more) -> Receipt:
        return commands.activate(
            self.account, key=key, earn_key=earn_key, expires_at=expires_at, **WHO | more
        )

    def extend(self, earn_key: str, *, expires_at, key="longer", **more) -> Receipt:
        return commands.extend(
            self.account, key=key, earn_key=earn_key, expires_at=expires_at, **WHO | more
        )

    def transfer(self, amount: int, *, to: int, key="gift", **more) -> Receipt:
        return commands.transfer(
            self.account, to_account=to, key=key, amount=amount, **WHO | more
        )

    @property
    def four(self) -> tuple[int, int, int, int]:
        """Active, pending, held, owed."""
        now = queries.balance(self.account)
        return (now.active, now.pending, now.held, now.owed)

    @property
    def kinds(self) -> list[str]:
        """The kinds of the entries, oldest first."""
        return [line.kind for line in reversed(queries.entries(self.account, limit=1000))]


@pytest.fixture
def unit(request) -> int:
    """Points; in a database of the test's own where it asks for one."""
    request.getfixturevalue("own_database" if "own_database" in request.fixturenames else "db")
    return create_unit("main.points", kind="points", settings=UnitSettings(transfers=True))


@pytest.fixture
def book(unit) -> Book:
    return Book(commands.open_accounts([MEMBER], unit=unit)[0])


@pytest.fixture
def friend(unit, book) -> Book:
    return Book(commands.open_accounts([FRIEND], unit=unit)[0])


@pytest.fixture
def now(unit, after) -> datetime:
    """The database's time when the test begins."""
    return after()


@pytest.fixture
def after(request) -> Callable[..., datetime]:
    """Say what the database's time will be after so long, e.g. ``after(days=2)``."""
    from huitouke.service.core import clock

    request.getfixturevalue("own_database" if "own_database" in request.fixturenames else "db")
    begun = clock.now()

    def moment(**parts) -> datetime:
        return begun + timedelta(**parts)

    return moment


@pytest.fixture
def wait(shift_clock) -> Callable[..., None]:
    """Let time pass from the beginning of the test, e.g. ``wait(days=2)``."""

    def pass_time(**parts) -> None:
        shift_clock(timedelta(**parts))

    return pass_time
