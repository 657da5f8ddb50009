"""Who carries the same number of a household lives together; an erased one with nobody."""

from __future__ import annotations

import pytest

from huitouke.service.customers import commands, queries
from huitouke.service.customers.commands import NewCustomer, create_many
from huitouke.service.customers.details import DetailInvalid
from huitouke.service.customers.households import living_with
from huitouke.service.customers.models import Customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def living(till, moment):
    def make(name, household=""):
        return commands.create([], at=moment, actor=till, name=name, household=household)

    return make


def names(customer, most=20):
    return [each.name for each in living_with(customer, most=most)]


def test_who_has_the_same_number_lives_together(living):
    lin = living("Lin", "H1")
    living("Wang", "H1")
    living("Chen", "H1")
    living("Other", "H2")
    living("Alone")

    assert names(lin) == ["Wang", "Chen"]
    assert names(lin, most=1) == ["Wang"]


def test_without_a_number_nobody_is_known(living):
    living("One")

    assert names(living("Two")) == []


def test_who_was_merged_or_erased_is_no_longer_there(living, till, moment):
    lin, wang, chen = (living(name, "H1") for name in ("Lin", "Wang", "Chen"))
    commands.merge(wang.pk, into=lin.pk, at=moment, actor=till)
    commands.erase(chen.pk, at=moment, actor=till)

    assert names(lin) == []
    assert Customer.objects.get(pk=chen.pk).household == ""


def test_a_merge_brings_the_number_and_its_undoing_takes_it_away(living, till, moment):
    lin, wang = living("Lin"), living("Wang", "H1")

    made = commands.merge(wang.pk, into=lin.pk, at=moment, actor=till)
    assert queries.get(lin.pk).household == "H1"

    commands.unmerge(made.pk, at=moment, actor=till)
    assert queries.get(lin.pk).household == ""


def test_it_is_changed_emptied_and_handed_out(living, till, moment):
    lin = living("Lin", "H1")

    assert queries.export(lin.pk)["customer"]["household"] == "H1"
    commands.change(lin.pk, household=" H2 ", at=moment, actor=till)
    assert queries.get(lin.pk).household == "H2"
    commands.change(lin.pk, household="", at=moment, actor=till)
    assert queries.get(lin.pk).household == ""
    with pytest.raises(DetailInvalid):
        commands.change(lin.pk, household="H" * 61, at=moment, actor=till)


def test_files_bring_it(till, moment):
    rows = [
        NewCustomer(identities=(("external", each),), name=each, household="H1")
        for each in ("a", "b")
    ]

    made = create_many(rows, at=moment, actor=till)

    assert names(queries.get(made[0].customer)) == ["b"]
