"""What is known of a person changes; what was consented to is only added to."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from huitouke.service.core.ids import new_id
from huitouke.service.core.models import Audit, Outbox
from huitouke.service.customers import commands, queries
from huitouke.service.customers.details import DetailInvalid
from huitouke.service.customers.models import Customer

pytestmark = pytest.mark.django_db

PHONE = ("phone", "13812345678")


@pytest.fixture
def lina(till, moment):
    return commands.create(
        [PHONE], at=moment, actor=till, name="李娜", attributes={"size": "M", "pet": "cat"}
    )


def test_only_what_is_named_changes(lina, till, moment):
    commands.change(
        lina.pk,
        at=moment,
        actor=till,
        birthday_on=date(1990, 2, 28),
        attributes={"size": "L", "pet": None},
    )

    kept = queries.get(lina.pk)
    assert (kept.name, kept.birthday_on) == ("李娜", date(1990, 2, 28))
    assert kept.attributes == {"size": "L"}
    assert Audit.objects.get(action="customer.changed").facts == {
        "fields": ["attributes", "birthday_on"]
    }


def test_a_change_to_what_it_is_already_is_not_noted(lina, till, moment):
    commands.change(lina.pk, at=moment, actor=till, name="李娜", attributes={"size": "M"})

    assert not Audit.objects.filter(action="customer.changed").exists()


@pytest.mark.parametrize("field", ["enrolled_at", "id", "merged_into", "nonsense"])
def test_what_is_no_detail_cannot_be_changed(field, lina, till, moment):
    with pytest.raises(DetailInvalid):
        commands.change(lina.pk, at=moment, actor=till, **{field: None})


def test_a_fan_may_join_without_a_purchase_and_stays_a_member(lina, till, moment):
    commands.enrol(lina.pk, at=moment, actor=till)
    commands.enrol(lina.pk, at=moment + timedelta(days=1), actor=till)

    kept = queries.get(lina.pk)
    assert (kept.stage, kept.enrolled_at, kept.first_bought_at) == ("member", moment, None)
    assert Outbox.objects.filter(topic="customer.enrolled").count() == 1


def test_many_join_at_once_each_since_their_own_moment_and_once(lina, till, moment):
    ana = commands.create([("phone", "13900000001")], at=moment, actor=till)
    commands.enrol(lina.pk, at=moment, actor=till)
    later = moment + timedelta(hours=1)

    new = commands.enrol_each([(lina.pk, later), (ana.pk, later)], actor=till)

    assert new == [ana.pk]
    assert [queries.get(who.pk).enrolled_at for who in (lina, ana)] == [moment, later]
    assert Outbox.objects.filter(topic="customer.enrolled").count() == 2
    assert Audit.objects.filter(action="customer.enrolled").count() == 2
    assert commands.enrol_each([], actor=till) == []


def test_the_earliest_purchase_makes_a_customer(lina, till, moment):
    earlier, later = moment - timedelta(days=9), moment + timedelta(days=9)

    changed = [
        commands.mark_bought([(lina.pk, later), (lina.pk, moment)]),
        commands.mark_bought([(lina.pk, later)]),
        commands.mark_bought([(lina.pk, earlier)]),
    ]

    kept = queries.get(lina.pk)
    assert changed == [1, 0, 1]
    assert (kept.stage, kept.first_bought_at) == ("customer", earlier)


def test_a_purchase_of_a_merged_record_counts_for_the_person(lina, till, moment):
    old = commands.create([], at=moment, actor=till)
    commands.merge(old.pk, into=lina.pk, at=moment, actor=till)

    commands.mark_bought([(old.pk, moment)])

    assert queries.get(lina.pk).first_bought_at == moment
    assert Customer.objects.get(pk=old.pk).first_bought_at is None


def test_a_purchase_of_nobody_is_refused(moment):
    with pytest.raises(queries.CustomerUnknown):
        commands.mark_bought([(new_id(), moment)])


def test_an_identity_is_added_once_and_may_become_verified(lina, till, moment):
    first = commands.add_identity(lina.pk, kind="card", value="a 1", at=moment, actor=till)
    again = commands.add_identity(
        lina.pk, kind="card", value="A1", at=moment, actor=till, verified_at=moment
    )

    assert first.pk == again.pk
    assert (first.verified_at, again.verified_at) == (None, moment)
    assert queries.find("card", "A1").pk == lina.pk


def test_an_identity_of_another_is_not_added(lina, till, moment):
    other = commands.create([], at=moment, actor=till)

    with pytest.raises(commands.IdentityTaken):
        commands.add_identity(
            other.pk, kind="phone", value="13812345678", at=moment, actor=till
        )

    assert other.identities.count() == 0


def test_a_removed_identity_is_free_for_another(lina, till, moment):
    commands.remove_identity(lina.pk, kind="phone", value="13812345678", at=moment, actor=till)

    other = commands.create([PHONE], at=moment, actor=till)

    assert queries.find(*PHONE).pk == other.pk
    with pytest.raises(commands.IdentityUnknown):
        commands.remove_identity(
            lina.pk, kind="phone", value="13812345678", at=moment, actor=till
        )


@pytest.fixture
def say(lina, till, moment):
    def record(given, *, days=0, customer=lina, channel="sms", **more):
        more.setdefault("wording_version", "sms-2026-05" if given else "")
        return commands.record_consent(
            customer.pk,
            channel=channel,
            purpose="marketing",
            given=given,
            source="till/3",
            at=moment + timedelta(days=days),
            actor=till,
            **more,
        )

    return record


def test_the_newest_word_counts_whenever_it_was_recorded(lina, say):
    say(True, days=2)
    say(False, days=3)
    say(True, days=1)
    say(True, days=1, channel="email")

    assert {(each.channel, each.given) for each in queries.consents(lina.pk)} == {
        ("sms", False),
        ("email", True),
    }
    assert len(queries.consent_journal(lina.pk)) == 4
    assert queries.consented([lina.pk], channel="sms", purpose="marketing") == set()
    assert queries.consented([lina.pk], channel="email", purpose="marketing") == {lina.pk}


def test_no_counts_more_than_yes_of_the_same_moment(lina, say):
    say(False)
    say(True)

    assert [each.given for each in queries.consents(lina.pk)] == [False]
    assert queries.consented([lina.pk], channel="sms", purpose="marketing") == set()


def test_words_of_merged_records_are_the_persons(lina, say, till, moment):
    old = commands.create([], at=moment, actor=till)
    say(True, customer=old, days=1)
    made = commands.merge(old.pk, into=lina.pk, at=moment, actor=till)
    together = queries.consented([lina.pk], channel="sms", purpose="marketing")

    commands.unmerge(made.pk, at=moment, actor=till)

    assert together == {lina.pk}
    assert queries.consents(lina.pk) == []
    assert [each.given for each in queries.consents(old.pk)] == [True]


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("channel", {"channel": "fax"}),
        ("wording_version", {"wording_version": ""}),
        ("proof", {"proof": "x" * 4001}),
        ("proof", {"proof": "\x00"}),
    ],
)
def test_a_consent_without_what_it_needs_is_refused(field, wrong, say):
    with pytest.raises(commands.ConsentInvalid) as refused:
        say(True, **wrong)

    assert refused.value.values == {"field": field}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE customers_consent SET given = false",
        "DELETE FROM customers_consent",
        "TRUNCATE customers_consent CASCADE",
        "UPDATE customers_consentproof SET text = ''",
        "DELETE FROM customers_consentproof",
    ],
)
def test_the_journal_of_consents_cannot_be_changed(statement, say):
    said = say(True, proof="signed form 17")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with (
        pytest.raises(IntegrityError, match=r"never changed|only with the person"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    said.refresh_from_db()
    assert (said.given, said.proof.text) == (True, "signed form 17")
