"""A shop with a programme in force, a draft, orders, rewards and coupons."""

from __future__ import annotations

import itertools
import sys
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.urls import reverse

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import public_id
from huitouke.service.programme.events.facts import FACT
from huitouke.service.programme.events.record import record
from huitouke.service.programme.models.versions import Programme, Version
from huitouke.service.programme.rewards import catalogue
from huitouke.service.programme.versions import commands
from huitouke.service.programme.versions.starter import begin

pytest.register_assert_rewrite("sent")
sys.path.insert(0, str(Path(__file__).parent))

TILL = Actor("key", "till")
_numbers = itertools.count(1)


def _offer(**fields):
    given = {
        "code": f"gift_{next(_numbers)}",
        "kind": "product",
        "names": {"zh": "保温杯", "en": "Thermos"},
        "cost_points": 500,
        **fields,
    }
    return catalogue.add_reward("main", at=clock.now(), actor=TILL, **given)


def _campaign():
    return catalogue.add_campaign(
        "main",
        at=clock.now(),
        actor=TILL,
        names={"zh": "春季九折", "en": "Spring tenth off"},
        kind="percent",
        value=1000,
    )


@pytest.fixture
def programme(db):
    """The programme that a new installation begins with."""
    if not Programme.objects.exists():
        begin(at=clock.now(), actor=TILL)
    return Programme.objects.get(code="main")


@pytest.fixture
def force(programme):
    return Version.objects.get(programme=programme, state="published")


@pytest.fixture
def draft(programme, force):
    """A draft that is a copy of the version in force."""
    return commands.draft(programme, definition=force.definition, at=clock.now(), actor=TILL)


@pytest.fixture
def draft_id(draft):
    return public_id("ver", draft.id)


@pytest.fixture
def changed():
    """Return the definition of a draft as it is kept now."""

    def read(draft):
        draft.refresh_from_db()
        return draft.definition

    return read


@pytest.fixture
def offer(programme):
    """Offer a reward."""

    return _offer


@pytest.fixture
def campaign(programme):
    return _campaign()


def _tell(kind, *, at, **given):
    fact = {
        "type": kind,
        "source": "shop",
        "source_id": f"f{next(_numbers)}",
        "occurred_at": at.isoformat(),
        **given,
    }
    (result,) = record([FACT.validate_python(fact)], actor=TILL)
    assert result.status == "done", result


def _who(phone):
    return {"identity": {"kind": "phone", "value": phone}}


@pytest.fixture(scope="session")
def shop():
    """A till that tells sign-ups and orders of any day."""

    def join(phone, *, days_ago):
        at = clock.now() - timedelta(days=days_ago)
        _tell("customer.signed_up", at=at, customer=_who(phone))

    def buy(phone, amount, *, days_ago, category="tea"):
        at = clock.now() - timedelta(days=days_ago)
        lines = [{"sku": "s1", "category": category, "amount_minor": amount}]
        order = {"number": f"A{next(_numbers)}", "lines": lines}
        _tell("order.paid", at=at, customer=_who(phone), order=order)

    return SimpleNamespace(join=join, buy=buy)


@pytest.fixture(scope="session")
def open_shop(shop):
    """Fill a database: members who bought over half a year, a draft, rewards, a campaign."""

    def fill():
        if not Programme.objects.exists():
            begin(at=clock.now(), actor=TILL)
        programme = Programme.objects.get(code="main")
        force = Version.objects.get(programme=programme, state="published")
        for place in range(5):
            phone = f"1380013800{place}"
            shop.join(phone, days_ago=200)
            for days in (180, 150, 120, 90, 60, 40, 20, 9):
                category = "coffee" if days % 40 == 0 else "tea"
                shop.buy(phone, 10_000 * (place + 1), days_ago=days, category=category)
        definition = {
            **force.definition,
            "rules": [dict(each) for each in force.definition["rules"]],
        }
        definition["rules"][0]["gives"] = {"kind": "per_spend", "points": 2, "per_minor": 100}
        definition["rules"] = definition["rules"][:-1]
        draft = commands.draft(
            programme, definition=definition, note="双倍试算", at=clock.now(), actor=TILL
        )
        gift = _offer(stock_left=3)
        campaign = _campaign()
        return SimpleNamespace(
            programme=programme, force=force, draft=draft, gift=gift, campaign=campaign
        )

    return fill


@pytest.fixture
def busy(programme, shop):
    """Three members who bought over half a year."""
    for place in range(3):
        phone = f"1380013800{place}"
        shop.join(phone, days_ago=200)
        for days in (180, 120, 60, 20):
            shop.buy(phone, 10_000 * (place + 1), days_ago=days)


@pytest.fixture
def owner(person, sign_in):
    return sign_in(person("owner"))


@pytest.fixture
def marketer(person, sign_in):
    return sign_in(person("marketer"))


@pytest.fixture
def form_of():
    """Return what a browser would send of the form of a page, with changes."""
    from sent import fields_of

    def read(answer, *, form, **changes):
        found = fields_of(answer.content.decode(), form=form)
        assert found, f"no form {form}"
        return {**found, **changes}

    return read


@pytest.fixture
def to():
    """Return an address by its name."""

    def address(name, *args):
        return reverse(f"programme_{name}", args=args)

    return address
