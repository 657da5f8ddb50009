"""People of the staff are entered with a role and a password that is hard to guess."""

from __future__ import annotations

import pytest

from huitouke.service.core import audit, clock, staff
from huitouke.service.core.actor import SYSTEM
from huitouke.service.core.models import Staff

pytestmark = pytest.mark.django_db


def test_a_made_password_opens_and_is_kept_only_as_its_hash():
    made = staff.create(
        "Ann@Example.com", role="owner", name="Ann", at=clock.now(), actor=SYSTEM
    )

    kept = Staff.objects.get(username="ann@example.com")
    assert made.password is not None
    assert kept.check_password(made.password)
    assert made.password not in kept.password
    assert (kept.role, kept.first_name, kept.is_superuser) == ("owner", "Ann", False)
    assert [each.action for each in audit.lines()] == ["staff.created"]
    assert "ann@example.com" not in str(audit.lines())


def test_a_given_password_is_not_shown_again():
    made = staff.create(
        "bo@example.com",
        role="care",
        password="a long walk by the river",  # noqa: S106 - nobody's
        at=clock.now(),
        actor=SYSTEM,
    )

    assert made.password is None
    assert made.record.check_password("a long walk by the river")


@pytest.mark.parametrize("password", ["", "short", "password1234", "123456789012"])
def test_a_password_that_would_be_guessed_is_refused(password):
    with pytest.raises(staff.PasswordWeak):
        staff.create(
            "cy@example.com", role="care", password=password, at=clock.now(), actor=SYSTEM
        )

    assert not Staff.objects.exists()


def test_an_address_is_taken_once_whatever_its_case():
    staff.create("di@example.com", role="care", at=clock.now(), actor=SYSTEM)

    with pytest.raises(staff.StaffExists) as refused:
        staff.create("DI@example.com", role="owner", at=clock.now(), actor=SYSTEM)

    assert "di@example.com" not in refused.value.text("en")


@pytest.mark.parametrize(
    ("email", "role", "error"),
    [
        ("nobody", "care", staff.EmailBad),
        ("a@b", "care", staff.EmailBad),
        ("eve@example.com", "queen", staff.RoleUnknown),
    ],
)
def test_what_cannot_be_a_person_of_the_staff_is_refused(email, role, error):
    with pytest.raises(error):
        staff.create(email, role=role, at=clock.now(), actor=SYSTEM)
