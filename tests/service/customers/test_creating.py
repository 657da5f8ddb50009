"""Persons become known: one by one, by identity, and from files."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from huitouke.service.core.ids import new_id, public_id
from huitouke.service.core.models import Audit, Outbox
from huitouke.service.customers import commands, queries
from huitouke.service.customers.details import DetailInvalid
from huitouke.service.customers.identity import IdentityInvalid
from huitouke.service.customers.models import Customer, Identity

pytestmark = pytest.mark.django_db

PHONE = ("phone", "13812345678")


def test_a_customer_is_made_with_identities_and_details(till, moment):
    made = commands.create(
        [PHONE, ("email", "Li.Na@example.com")],
        at=moment,
        actor=till,
        name="李娜",
        birthday_on=date(1990, 2, 28),
        attributes={"size": "M"},
    )

    kept = Customer.objects.get(pk=made.pk)
    assert (kept.name, kept.birthday_on, kept.attributes) == (
        "李娜",
        date(1990, 2, 28),
        {"size": "M"},
    )
    assert kept.created_at == moment
    assert kept.stage == "fan"
    assert {(each.kind, each.value) for each in kept.identities.all()} == {
        ("phone", "+8613812345678"),
        ("email", "li.na@example.com"),
    }


def test_who_is_made_is_noted_and_told_without_personal_data(till, moment):
    made = commands.create([PHONE], at=moment, actor=till, name="李娜")

    subject = public_id("cus", made.pk)
    line = Audit.objects.get(target=subject)
    assert (line.action, line.actor) == ("customer.created", "key:till-7")
    told = Outbox.objects.get(subject=subject)
    assert (told.topic, told.body) == (
        "customer.created",
        {"customer": subject, "kinds": ["phone"]},
    )


def test_an_identity_of_another_is_refused_and_nothing_is_made(till, moment):
    first = commands.create([PHONE], at=moment, actor=till)

    with pytest.raises(commands.IdentityTaken) as refused:
        commands.create([("card", "1"), ("phone", "+86 138 1234 5678")], at=moment, actor=till)

    assert refused.value.values["customer"] == public_id("cus", first.pk)
    assert Customer.objects.count() == 1
    assert Identity.objects.count() == 1


def test_an_identity_is_one_persons_in_the_database_itself(till, moment):
    commands.create([PHONE], at=moment, actor=till)
    other = commands.create([], at=moment, actor=till)

    with pytest.raises(IntegrityError), transaction.atomic():
        Identity.objects.create(
            customer=other, kind="phone", value="+8613812345678", created_at=moment
        )


@pytest.mark.parametrize(
    "details",
    [
        {"name": "x" * 201},
        {"name": "a\x00b"},
        {"birthday_on": date(2026, 5, 3)},
        {"birthday_on": date(1500, 1, 1)},
        {"language": "Chinese"},
        {"gender": "?"},
        {"attributes": {"a": float("nan")}},
        {"attributes": {"a": "\x00"}},
        {"attributes": {"a": 10**400}},
        {"attributes": {"a": [[[[[[1]]]]]]}},
        {"attributes": {"a": "x" * 20_000}},
    ],
)
def test_details_that_cannot_be_kept_are_refused(details, till, moment):
    with pytest.raises(DetailInvalid) as refused:
        commands.create([PHONE], at=moment, actor=till, **details)

    assert refused.value.values == {"field": next(iter(details))}
    assert Customer.objects.count() == 0


def test_unknown_identities_become_fans_and_known_ones_are_found(till, moment):
    known = commands.create([PHONE], at=moment, actor=till)

    found = commands.find_or_create(
        [("card", "A1"), ("phone", "138-1234-5678"), ("card", " a1 "), ("card", "A2")],
        at=moment,
        actor=till,
    )

    assert found[1] == known.pk
    assert found[0] == found[2] != found[3]
    assert Customer.objects.count() == 3
    assert queries.get(found[0]).stage == "fan"
    assert Outbox.objects.filter(topic="customer.created").count() == 3
    assert Audit.objects.filter(action="customer.created").count() == 3


def test_the_same_batch_again_makes_nobody(till, moment):
    batch = [("card", f"{number:05}") for number in range(200)]
    first = commands.find_or_create(batch, at=moment, actor=till)

    again = commands.find_or_create(batch[::-1], at=moment, actor=till)

    assert again == first[::-1]
    assert len(set(first)) == Customer.objects.count() == Identity.objects.count() == 200


def test_ten_thousand_identities_take_a_handful_of_statements(
    till, moment, django_assert_max_num_queries
):
    batch = [("card", f"{number:05}") for number in range(10_000)]

    with django_assert_max_num_queries(10):
        found = commands.find_or_create(batch, at=moment, actor=till)

    assert len(set(found)) == 10_000


def test_history_is_read_in_without_news(till, moment):
    commands.find_or_create([PHONE], at=moment, actor=till, quiet=True)

    assert Customer.objects.count() == Audit.objects.count() == 1
    assert Outbox.objects.count() == 0


def test_one_bad_identity_stops_the_batch_before_anything_is_written(till, moment):
    with pytest.raises(IdentityInvalid):
        commands.find_or_create([PHONE, ("phone", "?")], at=moment, actor=till)

    assert Customer.objects.count() == 0


def test_merged_identities_lead_to_who_stayed(till, moment):
    one = commands.create([PHONE], at=moment, actor=till)
    other = commands.create([("card", "1")], at=moment, actor=till)
    commands.merge(one.pk, into=other.pk, at=moment, actor=till)

    assert commands.find_or_create([PHONE], at=moment, actor=till) == [other.pk]


def row(*identities, **details):
    return commands.NewCustomer(identities=identities, **details)


def test_rows_of_a_file_that_share_an_identity_are_one_person(till, moment):
    made = commands.create_many(
        [
            row(PHONE, name="李娜"),
            row(("card", "2"), name="王芳"),
            row(("card", "1"), ("phone", "+8613812345678"), name="Li Na"),
        ],
        at=moment,
        actor=till,
    )

    assert [each.outcome for each in made] == ["created", "created", "found"]
    assert made[0].customer == made[2].customer != made[1].customer
    assert queries.find("card", "1").name == "李娜"
    assert Outbox.objects.count() == 0


def test_a_file_read_twice_changes_nothing(till, moment):
    rows = [row(("external", str(number)), ("card", f"c{number}")) for number in range(50)]
    first = commands.create_many(rows, at=moment, actor=till)
    lines = Audit.objects.count()

    again = commands.create_many(rows, at=moment, actor=till)

    assert [each.customer for each in again] == [each.customer for each in first]
    assert {each.outcome for each in again} == {"found"}
    assert (Customer.objects.count(), Audit.objects.count()) == (50, lines)


def test_a_row_that_means_two_known_persons_is_a_conflict_and_left_alone(till, moment):
    one = commands.create([PHONE], at=moment, actor=till)
    commands.create([("card", "1")], at=moment, actor=till)

    made = commands.create_many(
        [row(PHONE, ("card", "1"), ("card", "9")), row(PHONE, ("card", "8"))],
        at=moment,
        actor=till,
    )
    apart = commands.create_many([row(PHONE, ("card", "8"))], at=moment, actor=till)

    assert [(each.outcome, each.customer) for each in made] == [("conflict", None)] * 2
    assert (apart[0].outcome, apart[0].customer) == ("found", one.pk)
    assert queries.find("card", "9") is None
    assert queries.find("card", "8").pk == one.pk


def test_a_row_without_identity_is_refused_by_its_number(till, moment):
    with pytest.raises(commands.IdentityMissing) as refused:
        commands.create_many([row(PHONE), row()], at=moment, actor=till)

    assert refused.value.values == {"row": 2}


def test_the_same_person_never_leads_back_to_itself(till, moment):
    one, other, third = (commands.create([], at=moment, actor=till) for _ in range(3))
    commands.merge(one.pk, into=other.pk, at=moment, actor=till)
    commands.merge(other.pk, into=third.pk, at=moment, actor=till)

    with (
        pytest.raises(IntegrityError, match="merged into itself"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE customers_customer SET merged_into_id = %s WHERE id = %s",
            [one.pk, third.pk],
        )


def test_an_id_of_nobody_is_unknown(till, moment):
    with pytest.raises(queries.CustomerUnknown):
        queries.get(new_id())
