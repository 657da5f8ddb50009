"""API keys are shown once, found by their hash, and end when told to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huitouke.service.core import audit, clock, keys
from huitouke.service.core.actor import SYSTEM, Actor
from huitouke.service.core.ids import new_id, public_id
from huitouke.service.core.models import ApiKey

pytestmark = pytest.mark.django_db


@pytest.fixture
def till():
    return keys.create(
        "till-7", scopes=["points:read", "events:write"], at=clock.now(), actor=SYSTEM
    )


def test_a_key_opens_with_its_scopes(till):
    found = keys.authenticate(till.secret)

    assert found == keys.KeyView(
        till.record.id, "till-7", frozenset({"points:read", "events:write"}), found.at
    )


def test_the_key_itself_is_kept_nowhere(till):
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(k)::text FROM core_apikey k")
        row = cursor.fetchone()[0]
        cursor.execute("SELECT json_agg(a)::text FROM core_audit a")
        log = cursor.fetchone()[0]

    assert till.secret.startswith("hk_")
    assert len(till.secret) == 46
    assert till.secret not in row + log
    assert till.secret.encode().hex() not in row + log


def test_a_key_is_looked_up_by_one_statement(till):
    keys.authenticate(till.secret)
    with CaptureQueriesContext(connection) as seen:
        keys.authenticate(till.secret)

    assert len(seen) == 1


@pytest.mark.parametrize(
    "token", ["", "hk_", "hk_" + "x" * 43, "hk_" + "x" * 44, "hk_\0" + "x" * 42, "é" * 46]
)
def test_an_unknown_key_opens_nothing(till, token):
    assert keys.authenticate(token) is None


def test_a_key_ends_at_its_moment(shift_clock):
    at = clock.now()
    made = keys.create(
        "till-8",
        scopes=["points:read"],
        at=at,
        actor=SYSTEM,
        expires_at=at + timedelta(days=30),
    )

    shift_clock(timedelta(days=29, hours=23))
    before = keys.authenticate(made.secret)
    shift_clock(timedelta(days=30))

    assert before is not None
    assert keys.authenticate(made.secret) is None


def test_a_revoked_key_stays_revoked(till):
    at = clock.now()

    first = keys.revoke(till.record.id, at=at, actor=Actor("staff", "ann"))
    second = keys.revoke(till.record.id, at=at + timedelta(days=1), actor=SYSTEM)

    assert keys.authenticate(till.secret) is None
    assert first.revoked_at == second.revoked_at == at
    log = audit.lines(target=public_id("key", till.record.id))
    assert [(each.action, each.actor) for each in log] == [
        ("api_key.revoked", "staff:ann"),
        ("api_key.created", "system:huitouke"),
    ]


def test_a_key_that_is_not_there_cannot_be_revoked():
    with pytest.raises(keys.KeyUnknown):
        keys.revoke(new_id(), at=clock.now(), actor=SYSTEM)


@pytest.mark.parametrize("scopes", [[], ["points:rule"], ["points:read", "*"]])
def test_a_scope_that_is_not_there_is_refused(scopes):
    with pytest.raises(keys.ScopeUnknown):
        keys.create("till-9", scopes=scopes, at=clock.now(), actor=SYSTEM)

    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "till\n7"])
def test_a_name_that_does_not_fit_is_refused(name):
    with pytest.raises(keys.KeyNameBad):
        keys.create(name, scopes=["points:read"], at=clock.now(), actor=SYSTEM)


def test_keys_are_listed_newest_first(till):
    later = keys.create("shop", scopes=["points:read"], at=clock.now(), actor=SYSTEM)

    assert [each.name for each in keys.all_keys()] == [later.record.name, "till-7"]


def used(made):
    return ApiKey.objects.get(pk=made.record.pk).used_at


def test_when_a_key_was_last_used_is_noted_once_an_hour(till, shift_clock):
    before = used(till)
    keys.authenticate(till.secret)
    first = used(till)
    shift_clock(timedelta(minutes=59))
    with CaptureQueriesContext(connection) as quick:
        keys.authenticate(till.secret)
    soon = used(till)
    shift_clock(timedelta(minutes=61))
    keys.authenticate(till.secret)

    assert before is None
    assert first == soon
    assert len(quick) == 1
    assert used(till) - first > timedelta(minutes=60)


def test_a_key_that_is_turned_away_was_not_used(till):
    keys.revoke(till.record.pk, at=clock.now(), actor=SYSTEM)

    assert keys.authenticate(till.secret) is None
    assert used(till) is None
