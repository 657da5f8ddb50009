"""Persons are forgotten on request, and get all that is kept about them."""

from __future__ import annotations

import json
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from huitouke.service.core.ids import public_id
from huitouke.service.core.models import Audit, Outbox
from huitouke.service.core.person import parts
from huitouke.service.customers import commands, queries
from huitouke.service.customers.models import (
    Consent,
    ConsentProof,
    Customer,
    Identity,
    Merge,
)

pytestmark = pytest.mark.django_db

PERSONAL = (
    "李娜",
    "13812345678",
    "li.na@example.com",
    "1990-02-28",
    "form of Li Na",
    "a cat, Momo",
    "A1-7731-NA",
)


@pytest.fixture
def lina(till, moment):
    """A person with two records, both with personal data, and a consent on each."""
    old = commands.create(
        [("card", "A1-7731-NA"), ("email", "Li.Na@example.com")],
        at=moment,
        actor=till,
        name="Li Na",
        gender="female",
        attributes={"pet": "a cat, Momo"},
    )
    lina = commands.create(
        [("phone", "13812345678")],
        at=moment,
        actor=till,
        name="李娜",
        birthday_on=date(1990, 2, 28),
    )
    for each in (old, lina):
        commands.record_consent(
            each.pk,
            channel="sms",
            purpose="marketing",
            given=True,
            source="till/3",
            wording_version="v1",
            proof="form of Li Na",
            at=moment,
            actor=till,
        )
    commands.merge(old.pk, into=lina.pk, at=moment, actor=till)
    return lina


def everything_kept():
    records = (Customer, Identity, Consent, ConsentProof, Merge, Audit, Outbox)
    return str([list(record.objects.values()) for record in records])


def test_an_export_holds_all_there_is(lina):
    export = queries.export(lina.pk)

    text = json.dumps(export, ensure_ascii=False)
    assert [word for word in PERSONAL if word not in text] == []
    assert set(export) == {part.name for part in parts()} | {"merged"}
    own = export["customer"]
    assert own["id"] == public_id("cus", lina.pk)
    assert [each["proof"] for each in own["consents"]] == ["form of Li Na"]
    assert [each["customer"]["name"] for each in export["merged"]] == ["Li Na"]
    assert len(own["merges"]) == 1


def test_an_export_under_an_old_id_is_the_same(lina):
    old = Customer.objects.get(merged_into=lina)

    assert queries.export(old.pk) == queries.export(lina.pk)


def test_an_erased_person_is_found_by_nothing(lina, till, moment):
    old = Customer.objects.get(merged_into=lina)

    erased = commands.erase(old.pk, at=moment, actor=till)

    assert (erased.pk, erased.erased_at) == (lina.pk, moment)
    assert queries.find("phone", "13812345678") is None
    assert queries.find("email", "li.na@example.com") is None
    assert queries.search("李娜").customers == ()
    assert queries.search().customers == ()
    for each in (old.pk, lina.pk):
        with pytest.raises(queries.CustomerErased) as gone:
            queries.get(each)
        assert gone.value.status == 410


def test_nothing_that_tells_who_it_was_is_left(lina, till, moment):
    commands.enrol(lina.pk, at=moment, actor=till)

    commands.erase(lina.pk, at=moment, actor=till)

    kept = everything_kept()
    assert [word for word in (*PERSONAL, "Li Na", "female") if word in kept] == []
    assert Customer.objects.filter(erased_at=moment).count() == 2
    assert Customer.objects.get(pk=lina.pk).enrolled_at == moment
    assert Consent.objects.count() == 2


def test_an_erasure_is_noted_told_and_done_once(lina, till, moment):
    commands.erase(lina.pk, at=moment, actor=till)
    commands.erase(lina.pk, at=moment, actor=till)

    assert Audit.objects.filter(action="member.erased").count() == 1
    told = Outbox.objects.get(topic="member.erased")
    assert told.subject == public_id("cus", lina.pk)


def test_nothing_is_done_to_an_erased_person(lina, till, moment):
    made = Merge.objects.get()
    other = commands.create([], at=moment, actor=till)
    commands.erase(lina.pk, at=moment, actor=till)

    acts = [
        lambda: commands.change(lina.pk, at=moment, actor=till, name="x"),
        lambda: commands.enrol(lina.pk, at=moment, actor=till),
        lambda: commands.add_identity(lina.pk, kind="card", value="1", at=moment, actor=till),
        lambda: commands.merge(lina.pk, into=other.pk, at=moment, actor=till),
        lambda: commands.merge(other.pk, into=lina.pk, at=moment, actor=till),
        lambda: commands.unmerge(made.pk, at=moment, actor=till),
        lambda: queries.export(lina.pk),
        lambda: queries.consents(lina.pk),
    ]

    for act in acts:
        with pytest.raises(queries.CustomerErased):
            act()
    assert queries.consented([lina.pk], channel="sms", purpose="marketing") == set()


def test_the_phone_of_an_erased_person_makes_a_new_one(lina, till, moment):
    commands.erase(lina.pk, at=moment, actor=till)

    (found,) = commands.find_or_create([("phone", "13812345678")], at=moment, actor=till)

    assert found != lina.pk
    assert queries.get(found).name == ""


def test_the_database_itself_keeps_an_erased_person_blank(lina, till, moment):
    commands.erase(lina.pk, at=moment, actor=till)

    with pytest.raises(IntegrityError, match="erased_is_blank"), transaction.atomic():
        Customer.objects.filter(pk=lina.pk).update(name="李娜")
