"""A profile goes with the person: erased, merged, exported, or not wanted."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client, RequestFactory

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import public_id
from huitouke.service.customers import commands as customers
from huitouke.service.customers import queries as customer_queries
from huitouke.service.customers.models import Identity
from huitouke.service.loop import queries
from huitouke.service.loop.models import Profile
from huitouke.service.portal.signing import sessions

CARE = Actor("staff", "care")


def some() -> list[UUID]:
    rows = Profile.objects.filter(analysis=queries.latest()).order_by("-spend_total")
    return [row.customer_id for row in rows[:2]]


def test_an_export_holds_the_profile_with_its_reasons(shop):
    person, _ = some()

    (said,) = customer_queries.export(person)["profiles"]

    assert said["customer"] == public_id("cus", person)
    assert said["numbers"]["clv"]["lo"] <= said["numbers"]["clv"]["value"]
    assert {each["code"] for each in said["reasons"]} >= {"likely", "bought_often"}
    assert all(each["zh"] and each["en"] for each in said["reasons"])


def test_the_points_of_a_score_add_up_to_it(shop):
    person, _ = some()

    found = queries.profile(person)

    total = found.base_points + sum(each.points for each in found.points)
    assert total == pytest.approx(found.numbers["loyalty_score"].value)
    told = [each.as_json() for each in found.points]
    assert all(each["zh"] != each["en"] for each in told)


def test_who_is_erased_has_no_profile_any_more(shop):
    person, other = some()

    customers.erase(person, at=clock.now(), actor=CARE)

    with pytest.raises(queries.NoProfile):
        queries.profile(person)
    assert not Profile.objects.filter(customer_id=person).exists()
    assert queries.profile(other).customer == public_id("cus", other)


def test_an_old_id_leads_to_the_person_who_stayed(shop):
    gone, stays = some()

    made = customers.merge(gone, into=stays, at=clock.now(), actor=CARE)

    assert queries.profile(gone).customer == public_id("cus", stays)
    assert not Profile.objects.filter(customer_id=gone).exists()
    customers.unmerge(made.pk, at=clock.now(), actor=CARE)
    with pytest.raises(queries.NoProfile):
        queries.profile(stays)


def test_who_does_not_want_to_be_profiled_is_not_shown(shop):
    person, _ = some()

    customers.record_consent(
        person, channel="push", purpose="profiling", given=False, source="portal",
        wording_version="", proof="", at=clock.now(), actor=CARE,
    )  # fmt: skip

    with pytest.raises(queries.NoProfile):
        queries.profile(person)


def test_a_no_that_was_said_under_a_merged_record_counts(shop):
    gone, stays = some()
    customers.record_consent(
        gone, channel="push", purpose="profiling", given=False, source="portal",
        wording_version="", proof="", at=clock.now(), actor=CARE,
    )  # fmt: skip
    queries.profile(stays)

    customers.merge(gone, into=stays, at=clock.now(), actor=CARE)

    with pytest.raises(queries.NoProfile):
        queries.profile(stays)


def rows() -> list[str]:
    """Six months in which A and B, one person, take turns; C, D and E come every week."""
    first = date(2025, 1, 6)
    made = []
    for week in range(26):
        on = first + timedelta(weeks=week)
        turn = "AB"[week % 2]
        made += [
            f"{who},{who}-{week},{on} 10:00:00,tea,{10 + week}.00,0,1,drinks"
            for who in (turn, "C", "D", "E")
        ]
    return made


def of(name: str) -> UUID:
    return Identity.objects.get(kind="external", value=name).customer_id


def test_an_analysis_sees_persons_as_they_are_today(nothing, bring, written, analysed):
    bring(written(rows()))
    gone, stays, erased, refuses = of("A"), of("B"), of("C"), of("D")
    customers.merge(gone, into=stays, at=clock.now(), actor=CARE)
    customers.erase(erased, at=clock.now(), actor=CARE)
    customers.record_consent(
        refuses, channel="push", purpose="profiling", given=False, source="portal",
        wording_version="", proof="", at=clock.now(), actor=CARE,
    )  # fmt: skip
    refused_before = customers.create(
        identities=[("external", "E-old")], at=clock.now(), actor=CARE
    ).pk
    customers.record_consent(
        refused_before, channel="sms", purpose="profiling", given=False, source="till",
        wording_version="", proof="", at=clock.now(), actor=CARE,
    )  # fmt: skip
    customers.merge(refused_before, into=of("E"), at=clock.now(), actor=CARE)

    done = analysed()

    assert done.state == "done", done.error_says
    assert done.counts["customers"] == 4
    (only,) = Profile.objects.all()
    assert (only.customer_id, only.repeat_count) == (stays, 25)
    assert queries.summary(language="en").content["orders"] == 104


def phone_of(member: UUID) -> Client:
    """The browser of a member who signed in."""
    phone, answer = Client(), HttpResponse()
    sessions.begin(RequestFactory().get("/my/"), answer, customer=member, at=clock.now())
    name = settings.MEMBERS.cookie
    phone.cookies[name] = answer.cookies[name].value
    return phone


def test_who_objects_on_their_phone_is_not_analysed_until_they_take_it_back(
    nothing, bring, written, analysed
):
    bring(written(rows()))
    phone, version = phone_of(of("D")), {"version": "profiling-standard-1"}

    objected = phone.post("/my/me/profiling", version | {"objects": "1"})
    without = analysed()
    seen = {each.customer_id for each in Profile.objects.filter(analysis=without)}
    taken_back = phone.post("/my/me/profiling", version)
    again = analysed()

    assert objected["Location"] == "/my/me?said=objected#analysed"
    assert taken_back["Location"] == "/my/me?said=analysed#analysed"
    assert of("D") not in seen
    assert {of("A"), of("C")} <= seen
    assert Profile.objects.filter(analysis=again, customer_id=of("D")).exists()
