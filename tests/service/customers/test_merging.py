"""Two records are one person, and may turn out not to be."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from huitouke.service.core.ids import new_id, public_id
from huitouke.service.core.models import Audit, Outbox
from huitouke.service.core.person import parts
from huitouke.service.customers import commands, queries
from huitouke.service.customers.models import Customer
from huitouke.service.orders import commands as orders
from huitouke.service.orders.contract import NewLine, NewOrder

pytestmark = pytest.mark.django_db


@pytest.fixture
def lina(till, moment):
    return commands.create(
        [("phone", "13812345678")], at=moment, actor=till, name="李娜", attributes={"size": "M"}
    )


@pytest.fixture
def card(till, moment):
    return commands.create(
        [("card", "A1"), ("email", "li.na@example.com")],
        at=moment,
        actor=till,
        birthday_on=date(1990, 2, 28),
        attributes={"size": "L", "pet": "cat"},
    )


@pytest.fixture
def third(till, moment):
    return commands.create([("card", "C3")], at=moment, actor=till)


def known(customer):
    return sorted((each.kind, each.value) for each in customer.identities.all())


def test_this_app_is_a_part_of_a_person():
    assert [part.place for part in parts() if part.name == "customer"] == [10]


def test_everything_moves_and_the_old_id_leads_to_who_stayed(lina, card, till, moment):
    commands.mark_bought([(card.pk, moment)])
    commands.enrol(card.pk, at=moment, actor=till)

    made = commands.merge(card.pk, into=lina.pk, at=moment, actor=till)

    person = queries.get(card.pk)
    assert person.pk == lina.pk
    assert (made.loser_id, made.winner_id) == (card.pk, lina.pk)
    assert known(person) == [
        ("card", "A1"),
        ("email", "li.na@example.com"),
        ("phone", "+8613812345678"),
    ]
    assert (person.name, person.birthday_on) == ("李娜", date(1990, 2, 28))
    assert person.attributes == {"size": "M", "pet": "cat"}
    assert (person.stage, person.first_bought_at) == ("member", moment)
    assert queries.find("card", "a1").pk == lina.pk
    assert queries.resolve([("card", "a1"), ("card", "none")]) == {("card", "a1"): lina.pk}


def test_a_merge_is_noted_and_told_by_ids(lina, card, till, moment):
    made = commands.merge(card.pk, into=lina.pk, at=moment, actor=till)

    told = Outbox.objects.get(topic="member.merged")
    assert told.subject == public_id("cus", lina.pk)
    assert told.body == {
        "customer": public_id("cus", lina.pk),
        "merge": public_id("mrg", made.pk),
        "merged": public_id("cus", card.pk),
        "into": public_id("cus", lina.pk),
    }
    assert Audit.objects.filter(action="member.merged").count() == 1


def test_undone_both_are_as_before(lina, card, till, moment):
    before = [queries.export(each.pk)["customer"] for each in (lina, card)]
    made = commands.merge(card.pk, into=lina.pk, at=moment, actor=till)

    undone = commands.unmerge(made.pk, at=moment + timedelta(days=30), actor=till)

    after = [queries.export(each.pk)["customer"] for each in (lina, card)]
    for export in (*before, *after):
        export.pop("merges")
    assert after == before
    assert undone.undone_at == moment + timedelta(days=30)
    assert Outbox.objects.filter(topic="member.unmerged").count() == 1


def test_what_came_after_the_merge_stays_with_who_stayed(lina, card, till, moment):
    commands.enrol(card.pk, at=moment, actor=till)
    made = commands.merge(card.pk, into=lina.pk, at=moment, actor=till)
    commands.add_identity(card.pk, kind="card", value="B2", at=moment, actor=till)
    commands.remove_identity(card.pk, kind="card", value="A1", at=moment, actor=till)
    commands.change(card.pk, at=moment, actor=till, birthday_on=date(1991, 1, 1))
    earlier = moment - timedelta(days=1)
    commands.mark_bought([(lina.pk, earlier)])

    commands.unmerge(made.pk, at=moment, actor=till)

    one, other = queries.get(card.pk), queries.get(lina.pk)
    assert known(one) == [("email", "li.na@example.com")]
    assert known(other) == [("card", "B2"), ("phone", "+8613812345678")]
    assert (one.birthday_on, other.birthday_on) == (date(1990, 2, 28), date(1991, 1, 1))
    assert (one.first_bought_at, other.first_bought_at) == (None, earlier)
    assert (one.stage, other.stage) == ("member", "customer")


def test_after_thirty_days_a_merge_stays(lina, card, till, moment):
    made = commands.merge(card.pk, into=lina.pk, at=moment, actor=till)

    with pytest.raises(commands.MergeTooOld) as refused:
        commands.unmerge(made.pk, at=moment + timedelta(days=30, seconds=1), actor=till)

    assert (refused.value.code, refused.value.status) == ("customers.merge_too_old", 409)
    assert queries.get(card.pk).pk == lina.pk


def test_the_same_merge_again_is_the_same_merge(lina, card, till, moment):
    first = commands.merge(card.pk, into=lina.pk, at=moment, actor=till)

    again = commands.merge(card.pk, into=lina.pk, at=moment, actor=till)

    assert again.pk == first.pk
    assert Outbox.objects.filter(topic="member.merged").count() == 1


def test_undoing_again_changes_nothing(lina, card, till, moment):
    made = commands.merge(card.pk, into=lina.pk, at=moment, actor=till)
    commands.unmerge(made.pk, at=moment, actor=till)

    again = commands.unmerge(made.pk, at=moment + timedelta(days=90), actor=till)

    assert again.undone_at == moment
    assert Outbox.objects.filter(topic="member.unmerged").count() == 1


def test_who_was_parted_may_be_merged_anew(lina, card, till, moment):
    made = commands.merge(card.pk, into=lina.pk, at=moment, actor=till)
    commands.unmerge(made.pk, at=moment, actor=till)

    commands.merge(lina.pk, into=card.pk, at=moment, actor=till)

    assert queries.get(lina.pk).pk == card.pk


def test_nobody_is_merged_into_themselves_or_back(lina, card, till, moment):
    with pytest.raises(commands.SamePerson):
        commands.merge(lina.pk, into=lina.pk, at=moment, actor=till)
    commands.merge(card.pk, into=lina.pk, at=moment, actor=till)

    with pytest.raises(commands.SamePerson):
        commands.merge(lina.pk, into=card.pk, at=moment, actor=till)


def test_chains_are_followed_to_their_end(lina, card, third, till, moment):
    commands.merge(card.pk, into=lina.pk, at=moment, actor=till)
    commands.merge(lina.pk, into=third.pk, at=moment, actor=till)

    assert {queries.get(each.pk).pk for each in (lina, card, third)} == {third.pk}
    assert queries.find("email", "li.na@example.com").pk == third.pk
    changed = commands.change(card.pk, at=moment, actor=till, name="娜娜")
    assert changed.pk == third.pk


def test_a_merged_id_stands_for_the_person_in_a_later_merge(lina, card, third, till, moment):
    commands.merge(card.pk, into=lina.pk, at=moment, actor=till)

    made = commands.merge(card.pk, into=third.pk, at=moment, actor=till)

    assert (made.loser_id, made.winner_id) == (lina.pk, third.pk)
    assert Customer.objects.get(pk=card.pk).merged_into_id == lina.pk


def test_merges_are_undone_last_first(lina, card, third, till, moment):
    inner = commands.merge(card.pk, into=lina.pk, at=moment, actor=till)
    outer = commands.merge(lina.pk, into=third.pk, at=moment, actor=till)

    with pytest.raises(commands.MergeCovered) as refused:
        commands.unmerge(inner.pk, at=moment, actor=till)
    commands.unmerge(outer.pk, at=moment, actor=till)
    commands.unmerge(inner.pk, at=moment, actor=till)

    assert refused.value.values["later"] == public_id("mrg", outer.pk)
    assert known(queries.get(card.pk)) == [("card", "A1"), ("email", "li.na@example.com")]
    assert known(queries.get(lina.pk)) == [("phone", "+8613812345678")]
    assert known(queries.get(third.pk)) == [("card", "C3")]


def test_a_merge_of_nobody_or_of_no_merge_is_refused(lina, till, moment):
    with pytest.raises(queries.CustomerUnknown):
        commands.merge(new_id(), into=lina.pk, at=moment, actor=till)
    with pytest.raises(commands.MergeUnknown):
        commands.unmerge(new_id(), at=moment, actor=till)


def test_other_parts_move_and_come_back_with_the_person(lina, card, till, moment):
    order = NewOrder(
        source="shop",
        number="A-1",
        customer_id=card.pk,
        ordered_at=moment,
        paid_at=moment,
        currency="CNY",
        lines=(NewLine(position=1, sku="tea", amount_minor=1000),),
    )
    orders.record([order], at=moment, actor=till)

    made = commands.merge(card.pk, into=lina.pk, at=moment, actor=till)
    together = queries.export(lina.pk)
    commands.unmerge(made.pk, at=moment, actor=till)
    apart = [queries.export(each.pk) for each in (lina, card)]

    assert [each["number"] for each in together["orders"]] == ["A-1"]
    assert together["customer"]["stage"] == "customer"
    assert [len(each["orders"]) for each in apart] == [0, 1]
    assert [each["customer"]["stage"] for each in apart] == ["fan", "customer"]
