"""A link to set a password is good once, for a while, and for one person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huitouke.service.core import audit, clock, links, roster, staff
from huitouke.service.core.actor import SYSTEM
from huitouke.service.core.models import Link

pytestmark = pytest.mark.django_db

GOOD = "a long walk by the river"
OTHER = "tea with milk at four"


@pytest.fixture
def ann():
    return roster.invite("ann@example.com", role="owner", at=clock.now(), actor=SYSTEM)


def test_a_link_sets_the_password_once(ann):
    links.spend(ann.secret, password=GOOD, at=clock.now())

    ann.record.refresh_from_db()
    assert ann.record.check_password(GOOD)
    with pytest.raises(links.LinkSpent):
        links.spend(ann.secret, password=OTHER, at=clock.now())
    ann.record.refresh_from_db()
    assert ann.record.check_password(GOOD)


def test_setting_a_password_ends_all_sessions_and_is_noted_without_the_address(ann):
    before = ann.record.get_session_auth_hash()

    links.spend(ann.secret, password=GOOD, at=clock.now())

    ann.record.refresh_from_db()
    assert ann.record.get_session_auth_hash() != before
    line = audit.lines()[0]
    assert (line.action, line.actor) == ("staff.password_set", f"staff:{line.target}")
    assert "@" not in str(audit.lines())


def test_the_database_does_not_hold_the_link(ann):
    kept = Link.objects.get()

    assert ann.secret.encode() not in bytes(kept.secret_hash)
    assert str(kept) == str(ann.record.id)


@pytest.mark.parametrize("secret", ["", "x" * 43, "\x00", "é" * 500])
def test_a_link_that_was_never_made_is_refused(ann, secret):
    with pytest.raises(links.LinkSpent):
        links.person_of(secret, at=clock.now())


def test_a_link_grows_old(ann, shift_clock):
    shift_clock(timedelta(days=6))
    assert links.person_of(ann.secret, at=clock.now()) == ann.record
    shift_clock(timedelta(days=8))

    with pytest.raises(links.LinkSpent):
        links.spend(ann.secret, password=GOOD, at=clock.now())


def test_a_newer_link_replaces_the_one_before(ann):
    again = roster.invite_again(ann.record.id, at=clock.now(), actor=SYSTEM)

    with pytest.raises(links.LinkSpent):
        links.person_of(ann.secret, at=clock.now())
    assert links.person_of(again.secret, at=clock.now()) == ann.record


def test_who_is_switched_off_cannot_come_back_by_a_link(ann):
    bo = roster.invite("bo@example.com", role="care", at=clock.now(), actor=SYSTEM)
    roster.disable(bo.record.id, at=clock.now(), actor=SYSTEM)
    again = roster.invite_again(bo.record.id, at=clock.now(), actor=SYSTEM)

    for secret in (bo.secret, again.secret):
        with pytest.raises(links.LinkSpent):
            links.spend(secret, password=GOOD, at=clock.now())


def test_a_weak_password_leaves_the_link_good(ann):
    with pytest.raises(staff.PasswordWeak):
        links.spend(ann.secret, password="ann@example.com", at=clock.now())  # noqa: S106 - nobody's

    assert links.person_of(ann.secret, at=clock.now()) == ann.record


def test_links_of_long_ago_are_deleted(ann, shift_clock):
    shift_clock(timedelta(days=36))
    assert links.forget_old(at=clock.now()) == 0
    shift_clock(timedelta(days=38))

    assert links.forget_old(at=clock.now()) == 1
    assert not Link.objects.exists()
