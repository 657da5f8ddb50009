"""Staff are invited, given other roles, switched off and on; an owner always remains."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import connection

from huitouke.service.core import audit, clock, roster, staff
from huitouke.service.core.actor import SYSTEM, Actor
from huitouke.service.core.models import Staff

BOSS = Actor("staff", "stf_boss")


def entered(name, *, role):
    made = staff.create(f"{name}@example.com", role=role, at=clock.now(), actor=SYSTEM)
    return made.record


def actions():
    return [each.action for each in audit.lines() if each.action != "staff.created"]


@pytest.mark.django_db
def test_who_is_invited_has_no_password_until_they_set_one():
    made = roster.invite(" Bo@Example.com", role="care", at=clock.now(), actor=BOSS, name="Bo")

    kept = Staff.objects.get(username="bo@example.com")
    assert not kept.has_usable_password()
    assert (kept.role, kept.first_name, len(made.secret)) == ("care", "Bo", 43)
    line = audit.lines()[0]
    assert (line.action, line.actor, line.facts) == (
        "staff.invited",
        "staff:stf_boss",
        {"role": "care"},
    )
    assert made.secret not in str(audit.lines())


@pytest.mark.django_db
def test_nobody_is_invited_twice_or_into_a_role_that_is_not_there():
    entered("bo", role="care")

    with pytest.raises(staff.StaffExists):
        roster.invite("BO@example.com", role="owner", at=clock.now(), actor=BOSS)
    with pytest.raises(staff.RoleUnknown):
        roster.invite("cy@example.com", role="queen", at=clock.now(), actor=BOSS)
    assert Staff.objects.get().role == "care"


@pytest.mark.django_db
def test_a_role_is_changed_and_noted_once():
    bo = entered("bo", role="care")

    for _ in range(2):
        roster.change_role(bo.id, role="marketer", at=clock.now(), actor=BOSS)

    assert Staff.objects.get().role == "marketer"
    assert actions() == ["staff.role_changed"]
    assert audit.lines()[0].facts == {"from": "care", "to": "marketer"}


@pytest.mark.django_db
def test_what_is_no_role_or_nobody_is_refused():
    bo = entered("bo", role="care")

    with pytest.raises(staff.RoleUnknown):
        roster.change_role(bo.id, role="queen", at=clock.now(), actor=BOSS)
    for act in (roster.disable, roster.enable, roster.invite_again):
        with pytest.raises(roster.StaffUnknown):
            act(UUID(int=7), at=clock.now(), actor=BOSS)
    with pytest.raises(roster.StaffUnknown):
        roster.change_role(UUID(int=7), role="care", at=clock.now(), actor=BOSS)


@pytest.mark.django_db
def test_switched_off_and_on_again_old_sessions_stay_dead():
    entered("ann", role="owner")
    bo = entered("bo", role="care")
    before = bo.get_session_auth_hash()

    for act in (roster.disable, roster.disable, roster.enable, roster.enable):
        act(bo.id, at=clock.now(), actor=BOSS)

    bo.refresh_from_db()
    assert bo.is_active
    assert bo.get_session_auth_hash() != before
    assert actions() == ["staff.enabled", "staff.disabled"]


@pytest.mark.django_db
def test_the_last_owner_stays():
    ann = entered("ann", role="owner")
    entered("bo", role="care")

    with pytest.raises(roster.LastOwner):
        roster.disable(ann.id, at=clock.now(), actor=BOSS)
    with pytest.raises(roster.LastOwner):
        roster.change_role(ann.id, role="care", at=clock.now(), actor=BOSS)
    assert roster.change_role(ann.id, role="owner", at=clock.now(), actor=BOSS).is_active


@pytest.mark.django_db
def test_an_owner_who_is_switched_off_does_not_count():
    ann = entered("ann", role="owner")
    bo = entered("bo", role="owner")
    roster.disable(bo.id, at=clock.now(), actor=BOSS)

    with pytest.raises(roster.LastOwner):
        roster.disable(ann.id, at=clock.now(), actor=BOSS)
    assert roster.disable(bo.id, at=clock.now(), actor=BOSS).is_active is False


def test_owners_who_step_down_at_once_leave_one(own_database, django_db_blocker):
    def step_down(owner):
        try:
            roster.change_role(owner.id, role="care", at=clock.now(), actor=BOSS)
        except roster.LastOwner:
            return False
        finally:
            connection.close()
        return True

    with django_db_blocker.unblock():
        owners = [entered(name, role="owner") for name in ("ann", "bo", "cy", "di")]
        with ThreadPoolExecutor(4) as pool:
            stepped = list(pool.map(step_down, owners))

        assert stepped.count(True) == 3
        assert Staff.objects.filter(role="owner").count() == 1


@pytest.mark.django_db
def test_people_are_found_by_address_in_any_case():
    bo = entered("bo", role="care")

    assert roster.by_address(" BO@example.com ") == bo
    assert roster.all_staff() == [bo]
    with pytest.raises(roster.StaffUnknown):
        roster.by_address("cy@example.com")
