"""Owners invite staff, give them roles and switch them off; nobody else does."""

from __future__ import annotations

import pytest
from django.core import mail
from django.urls import reverse

from huitouke.service.config.environment import Environment
from huitouke.service.config.signing_in import signing
from huitouke.service.core import audit
from huitouke.service.core.ids import public_id
from huitouke.service.core.models import Staff

pytestmark = pytest.mark.django_db

BO = {"email": "bo@example.com", "name": "Bo", "role": "care"}


def actions():
    return [each.action for each in audit.lines() if each.action.startswith("staff.")]


def key(person):
    return public_id("stf", person.id)


@pytest.fixture
def owner(person):
    return person("owner")


@pytest.fixture
def office(owner, sign_in):
    return sign_in(owner)


def test_an_invitation_without_mail_is_handed_over_once(office, owner, browser):
    page = office.post(reverse("staff_invite"), BO)

    made = Staff.objects.get(username="bo@example.com")
    link = page.context["page"].link
    assert (made.role, made.first_name, made.has_usable_password()) == ("care", "Bo", False)
    assert link in page.content.decode()
    assert browser().get(link).status_code == 302
    assert link.rpartition("/")[2] not in office.get(reverse("staff_list")).content.decode()
    line = audit.lines()[0]
    assert (line.action, line.actor) == ("staff.invited", f"staff:{key(owner)}")


def test_an_invitation_goes_out_by_mail_where_there_is_mail(office, settings):
    settings.SIGNING = signing(
        Environment(smtp_url="smtp://mail.example.com", mail_from="shop@example.com")
    )

    answer = office.post(reverse("staff_invite"), BO)

    assert answer["Location"] == reverse("staff_list")
    assert mail.outbox[0].to == ["bo@example.com"]
    assert "The link is on its way" in office.get(reverse("staff_list")).content.decode()


def test_a_mail_server_that_is_away_loses_no_invitation(office, settings):
    settings.SIGNING = signing(
        Environment(smtp_url="smtp://127.0.0.1:9", mail_from="shop@example.com")
    )
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 9, 1

    page = office.post(reverse("staff_invite"), BO)

    assert "No mail went out" in page.content.decode()
    assert "/staff/password/link/" in page.content.decode()


@pytest.mark.parametrize(
    "wrong", [{"email": "nobody"}, {"role": "queen"}, {"email": ""}, {"role": ""}]
)
def test_an_invitation_that_cannot_be_is_told_in_the_form(office, wrong):
    answer = office.post(reverse("staff_invite"), BO | wrong)

    assert answer.status_code == 422
    assert Staff.objects.count() == 1


def test_nobody_is_invited_twice(office):
    office.post(reverse("staff_invite"), BO)

    again = office.post(reverse("staff_invite"), BO | {"email": "BO@example.com"})

    assert again.status_code == 422
    assert "has this e-mail address already" in again.content.decode()


def test_a_name_is_drawn_as_text(office):
    office.post(reverse("staff_invite"), BO | {"name": "<script>alert(1)</script>"})

    page = office.get(reverse("staff_list")).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


@pytest.mark.parametrize("role", ["marketer", "care", "front_line", "analyst", "developer"])
def test_no_other_role_changes_anything(role, person, sign_in):
    boss, somebody = person("owner"), person(role)
    client = sign_in(somebody)

    answers = [client.post(reverse("staff_invite"), BO)]
    for name in ("staff_role", "staff_disable", "staff_link", "staff_second_factor"):
        given = {"role": "owner"}
        answers += [
            client.post(reverse(name, args=[key(whom)]), given) for whom in (boss, somebody)
        ]

    assert {each.status_code for each in answers} == {403}
    assert sorted(Staff.objects.values_list("role", "is_active")) == sorted(
        [("owner", True), (role, True)]
    )


def test_a_person_is_given_a_role_switched_off_and_on(office, person):
    bo = person("care")
    for name, given in (
        ("staff_role", {"role": "marketer"}),
        ("staff_disable", {}),
        ("staff_enable", {}),
    ):
        answer = office.post(reverse(name, args=[key(bo)]), given)
        assert answer["Location"] == reverse("staff_list")

    bo.refresh_from_db()
    assert (bo.role, bo.is_active) == ("marketer", True)
    assert actions()[:3] == ["staff.enabled", "staff.disabled", "staff.role_changed"]


@pytest.mark.parametrize(
    ("name", "given"), [("staff_disable", {}), ("staff_role", {"role": "care"})]
)
def test_the_only_owner_is_told_that_they_must_stay(office, owner, name, given):
    office.post(reverse(name, args=[key(owner)]), given)

    page = office.get(reverse("staff_list")).content.decode()
    assert "only owner who can sign in" in page
    assert Staff.objects.get().role == "owner"


@pytest.mark.parametrize("whom", ["stf_00000000000000000000000000", "stf_7", "cus_1", "x"])
def test_an_id_of_nobody_is_told(office, whom):
    answer = office.post(reverse("staff_role", args=[whom]), {"role": "owner"})

    assert answer["Location"] == reverse("staff_list")
    assert actions()[0] == "staff.signed_in"


def test_a_role_that_is_not_there_is_told(office, person):
    bo = person("care")

    office.post(reverse("staff_role", args=[key(bo)]), {"role": "queen"})

    assert "There is no role" in office.get(reverse("staff_list")).content.decode()


def test_a_browser_that_was_left_open_makes_nobody_an_owner(office, person, shift_clock):
    from datetime import timedelta

    bo = person("care")
    shift_clock(timedelta(minutes=6))

    asked = office.post(reverse("staff_role", args=[key(bo)]), {"role": "owner"})
    wrong = office.post(asked["Location"], {"password": "tea with milk at four"})
    before = Staff.objects.get(pk=bo.pk).role
    right = office.post(asked["Location"], {"password": "a long walk by the river"})

    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    assert (wrong.status_code, before) == (422, "care")
    assert right.status_code == 302
    assert Staff.objects.get(pk=bo.pk).role == "owner"


def test_a_get_changes_nothing(office, person):
    bo = person("care")

    answers = [
        office.get(reverse(name, args=[key(bo)])).status_code
        for name in ("staff_role", "staff_disable", "staff_enable", "staff_link")
    ]

    assert answers == [405] * 4
    assert actions()[0] == "staff.created"
