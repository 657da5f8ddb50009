"""Many do the same to the same persons at the same moment."""

from __future__ import annotations

from functools import partial

import pytest

from huitouke.service.customers import commands, queries
from huitouke.service.customers.models import Customer, Identity, Merge

pytestmark = pytest.mark.usefixtures("own_database")


def test_sixteen_who_bring_one_phone_get_one_customer(till, moment, at_once):
    bring = partial(commands.find_or_create, [("phone", "13812345678")], at=moment, actor=till)

    results = at_once([bring] * 16)

    assert len({customer for (customer,) in results}) == 1
    assert (Customer.objects.count(), Identity.objects.count()) == (1, 1)


def test_overlapping_batches_in_other_orders_neither_double_nor_deadlock(till, moment, at_once):
    cards = [("card", f"{number:04}") for number in range(600)]
    batches = [cards[start : start + 300] for start in (0, 100, 200, 300)]
    batches += [batch[::-1] for batch in batches]

    results = at_once(
        [partial(commands.find_or_create, batch, at=moment, actor=till) for batch in batches]
    )

    owners = queries.resolve(cards)
    assert [[owners[card] for card in batch] for batch in batches] == results
    assert Customer.objects.count() == Identity.objects.count() == 600


def test_two_who_create_with_one_phone_make_one_customer(till, moment, at_once):
    make = partial(commands.create, [("phone", "13812345678")], at=moment, actor=till)

    results = at_once([make] * 8)

    made = [result for result in results if isinstance(result, Customer)]
    refused = [result for result in results if isinstance(result, commands.IdentityTaken)]
    assert (len(made), len(refused), Customer.objects.count()) == (1, 7, 1)


def test_files_that_share_customers_make_each_once(till, moment, at_once):
    rows = [
        commands.NewCustomer(identities=(("card", str(number)), ("external", f"x{number}")))
        for number in range(100)
    ]

    results = at_once(
        [partial(commands.create_many, rows, at=moment, actor=till) for _ in range(4)]
    )

    assert len({tuple(each.customer for each in made) for made in results}) == 1
    assert (Customer.objects.count(), Identity.objects.count()) == (100, 200)


@pytest.mark.parametrize("turn", range(5))
def test_of_two_opposite_merges_one_wins(turn, till, moment, at_once):
    one, other = (
        commands.create([("card", f"{name}")], at=moment, actor=till) for name in "AB"
    )

    results = at_once(
        [
            partial(commands.merge, one.pk, into=other.pk, at=moment, actor=till),
            partial(commands.merge, other.pk, into=one.pk, at=moment, actor=till),
        ]
    )

    kinds = sorted(type(result).__name__ for result in results)
    assert kinds == ["Merge", "SamePerson"], results
    assert Merge.objects.count() == 1
    assert Customer.objects.filter(merged_into__isnull=True).count() == 1
    assert queries.find("card", "A").pk == queries.find("card", "B").pk


def test_a_circle_of_merges_with_changes_leaves_one_person(till, moment, at_once):
    ring = [
        commands.create([("card", str(number))], at=moment, actor=till).pk
        for number in range(6)
    ]
    merges = [
        partial(commands.merge, one, into=other, at=moment, actor=till)
        for one, other in zip(ring, ring[1:] + ring[:1], strict=True)
    ]
    changes = [
        partial(
            commands.add_identity, one, kind="external", value=str(one), at=moment, actor=till
        )
        for one in ring
    ]

    results = at_once(merges + changes)

    unexpected = [
        result
        for result in results
        if isinstance(result, Exception) and not isinstance(result, commands.SamePerson)
    ]
    assert unexpected == []
    (person,) = Customer.objects.filter(merged_into__isnull=True)
    assert {queries.get(one).pk for one in ring} == {person.pk}
    assert person.identities.count() == Identity.objects.count() == 12


def test_a_merge_and_an_erasure_leave_nothing_behind_or_nobody_erased(till, moment, at_once):
    one = commands.create([("card", "A")], at=moment, actor=till, name="李娜")
    other = commands.create([("card", "B")], at=moment, actor=till, name="李娜")

    at_once(
        [
            partial(commands.merge, one.pk, into=other.pk, at=moment, actor=till),
            partial(commands.erase, other.pk, at=moment, actor=till),
        ]
    )

    one, other = Customer.objects.get(pk=one.pk), Customer.objects.get(pk=other.pk)
    assert other.erased_at == moment
    assert other.name == ""
    if one.merged_into_id == other.pk:
        assert (one.name, Identity.objects.count()) == ("", 0)
    else:
        assert (one.name, queries.find("card", "A").pk) == ("李娜", one.pk)


def test_an_undo_asked_for_twice_at_once_is_done_once(till, moment, at_once):
    one, other = (commands.create([("card", name)], at=moment, actor=till) for name in "AB")
    made = commands.merge(one.pk, into=other.pk, at=moment, actor=till)

    results = at_once([partial(commands.unmerge, made.pk, at=moment, actor=till)] * 4)

    assert [type(result) for result in results] == [Merge] * 4
    assert queries.find("card", "A").pk == one.pk
    assert queries.find("card", "B").pk == other.pk
