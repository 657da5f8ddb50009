"""Roles are sets of permissions, each with its sentence; nobody has more than they need."""

from __future__ import annotations

import pytest

from huitouke.language import words
from huitouke.service.core.models import Staff
from huitouke.service.core.permissions import PERMISSIONS, ROLES, allowed, may


def test_roles_are_those_of_the_records():
    assert sorted(ROLES) == sorted(Staff.Role.values)


def test_the_owner_may_do_everything():
    assert allowed("owner") == set(PERMISSIONS)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_names_only_permissions_that_are_there(role):
    assert allowed(role) <= set(PERMISSIONS)


def test_every_permission_is_somebodys_besides_the_owners_or_the_owners_alone_on_purpose():
    others = set().union(*(allowed(role) for role in ROLES if role != "owner"))

    assert set(PERMISSIONS) - others == {
        "audit.read",
        "imports.balances",
        "points.approve",
        "programme.publish",
        "settings.shop",
        "settings.staff",
    }


@pytest.mark.parametrize(
    ("role", "never"),
    [
        (
            "marketer",
            {"points.adjust", "programme.publish", "customers.write", "settings.keys"},
        ),
        ("care", {"points.approve", "customers.export", "coupons.issue", "insight.run"}),
        ("front_line", {"customers.read", "customers.export", "points.adjust"}),
        ("analyst", {"customers.read", "customers.export", "imports.balances"}),
        ("developer", {"customers.read", "points.adjust", "audit.read", "settings.staff"}),
    ],
)
def test_a_role_never_has_what_would_let_one_person_help_themselves(role, never):
    assert never <= set(PERMISSIONS)
    assert not never & allowed(role)


def test_who_adjusts_points_does_not_approve_them():
    assert [role for role in ROLES if may(role, "points.approve")] == ["owner"]


def test_a_role_that_is_not_there_may_do_nothing():
    assert allowed("queen") == frozenset()
    assert not may("", "customers.read")


def test_a_permission_that_is_not_there_is_an_error_and_not_a_no():
    with pytest.raises(KeyError):
        may("owner", "customers.raed")


def test_every_permission_and_role_has_its_sentence_in_both_languages():
    said = [*PERMISSIONS.values()]
    said += [text for role in ROLES.values() for text in (role.name, role.says)]

    untold = [text for text in said if words("zh").say(text) in {text, ""}]

    assert untold == []
    assert len(set(said)) == len(said)
