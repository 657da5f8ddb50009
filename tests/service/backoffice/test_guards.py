"""Every address of the staff's door is guarded, and opens to exactly those it should."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.urls import include, path, reverse
from doors import DOORS, address

from huitouke.service.backoffice import guards
from huitouke.service.backoffice.frame import LANDS
from huitouke.service.core.permissions import ROLES, allowed

pytestmark = pytest.mark.django_db

NAMES = {door.name: door for door in DOORS}
#: Who may come is asked before how: these lead on, refuse a method, or find nothing.
OPENED = {200, 302, 303, 404, 405, 410, 422}


def test_every_address_names_its_guard():
    assert [door.route for door in DOORS if door.guard is None] == []
    assert len(DOORS) > 20


def test_an_address_without_a_guard_is_found_wherever_it_hides():
    def forgotten(request):
        return HttpResponse()

    inner = [path("inner", guards.signed_in()(forgotten)), path("open", forgotten)]

    found = list(guards.views_of([path("a/", include((inner, "x")))]))

    assert [(door.route, door.guard is None) for door in found] == [
        ("a/inner", False),
        ("a/open", True),
    ]
    with pytest.raises(guards.Unguarded) as refused:
        guards.all_guarded([path("a/", include((inner, "x")))])
    assert "a/open" in refused.value.text("en")


def test_only_the_way_to_signing_in_is_open_to_all():
    assert {name for name, door in NAMES.items() if door.guard.open_because} == {
        "account_login",
        "mfa_authenticate",
        "openid_connect_login",
        "openid_connect_callback",
        "account_reset_password",
        "account_link",
        "account_new_password",
    }


@pytest.mark.parametrize("names", [(), ("customers.raed",), ("customers.read", "")])
def test_a_permission_that_is_not_there_is_a_fault_when_the_service_starts(names):
    with pytest.raises(KeyError):
        guards.needs(*names)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.route)
def test_who_is_not_signed_in_is_sent_to_sign_in(browser, door, method):
    client = browser()

    answer = getattr(client, method)(address(door))
    part = getattr(client, method)(address(door), headers={"HX-Request": "true"})

    if door.guard.open_because:
        assert not answer.get("Location", "").startswith("/staff/sign-in?next=")
        return
    assert answer.status_code == 302
    assert answer["Location"].partition("?")[0] == reverse("account_login")
    assert ("next=" in answer["Location"]) is (method == "get")
    assert (part.status_code, part.content) == (200, b"")
    assert part["HX-Redirect"].startswith(reverse("account_login"))


@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_what_the_table_says_and_nothing_else(role, person, browser):
    client = browser()
    somebody = person(role)
    for door in DOORS:
        if door.guard.open_because:
            continue
        client.force_login(somebody)
        may = door.guard.permissions <= allowed(role)
        for method in ("get", "post"):
            answer = getattr(client, method)(address(door))

            said = f"{role} {method} {door.route}: {answer.status_code}"
            assert (answer.status_code in OPENED) is may, said
            assert (answer.status_code == 403) is not may, said
            client.force_login(somebody)


def test_a_refusal_says_in_words_what_the_role_lacks(person, sign_in):
    client = sign_in(person("care"))

    page = client.get(reverse("staff_list")).content.decode()
    part = client.get(reverse("staff_list"), headers={"HX-Request": "true"})

    assert "Your role is" in page
    assert "Nothing here" not in page
    assert part.status_code == 403


def test_pages_of_staff_are_kept_by_nobody(person, sign_in):
    answer = sign_in(person()).get(reverse("account_overview"))

    assert "no-store" in answer["Cache-Control"]
    assert "private" in answer["Cache-Control"]
    assert {"Cookie", "HX-Request"} <= set(answer["Vary"].replace(" ", "").split(","))


def test_a_role_counts_from_the_next_page_on(person, sign_in):
    somebody = person("owner")
    client = sign_in(somebody)
    before = client.get(reverse("staff_list")).status_code

    type(somebody).objects.filter(pk=somebody.pk).update(role="front_line")

    assert (before, client.get(reverse("staff_list")).status_code) == (200, 403)


def test_a_role_that_is_no_role_opens_nothing(person, sign_in):
    somebody = person("owner")
    client = sign_in(somebody)

    type(somebody).objects.filter(pk=somebody.pk).update(role="queen")

    assert client.get(reverse("staff_list")).status_code == 403


@pytest.mark.parametrize(
    ("role", "place"),
    [
        ("owner", "staff_today"),
        ("marketer", "staff_today"),
        ("analyst", "staff_today"),
        ("care", "customers"),
        ("front_line", "till"),
        ("developer", "settings_webhooks"),
    ],
)
def test_everybody_arrives_where_their_work_is(role, place, person, sign_in):
    client = sign_in(person(role))

    answer = client.get(reverse("staff_home"))

    assert answer["Location"] == reverse(place)
    assert client.get(answer["Location"]).status_code == 200


def test_a_role_that_is_new_arrives_somewhere():
    assert set(LANDS) < set(ROLES)


@pytest.mark.parametrize("role", ROLES)
def test_the_ways_that_are_shown_are_those_that_open(role, person, sign_in):
    client = sign_in(person(role))
    frame = client.get(reverse("account_overview")).context["frame"]
    shown = {item.url for group in frame.nav for item in group.items}

    assert all(client.get(url).status_code == 200 for url in shown)
    assert (reverse("staff_list") in shown) is ("settings.staff" in allowed(role))


def test_where_one_wanted_to_go_is_kept_and_is_a_path_of_this_host(browser):
    client = browser()

    page = client.get(reverse("staff_list") + "?q=a%20b")
    part = client.get(
        reverse("staff_list"),
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/staff/account?x=1"},
    )
    stranger = client.get(
        reverse("staff_list"),
        headers={"HX-Request": "true", "HX-Current-URL": "https://evil.example/staff"},
    )

    assert page["Location"].endswith("?next=%2Fstaff%2Fsettings%2Fstaff%3Fq%3Da%2520b")
    assert part["HX-Redirect"].endswith("?next=%2Fstaff%2Faccount%3Fx%3D1")
    assert stranger["HX-Redirect"] == reverse("account_login")
