"""Who has no card number gets one, once."""

from __future__ import annotations

import pytest

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.customers import commands, queries

TILL = Actor("key", "till-7")

pytestmark = pytest.mark.django_db


def person(*identities: tuple[str, str]):
    return commands.create(identities, at=clock.now(), actor=TILL).pk


def test_a_number_is_given_once_and_checks_itself():
    who = person(("phone", "+8613812345678"))

    number = commands.give_card(who, at=clock.now(), actor=TILL)

    assert commands.give_card(who, at=clock.now(), actor=TILL) == number
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(number)]
    swapped = [int(digit) * (1 + place % 2) for place, digit in enumerate(number)]
    sums = [sum(each - 9 * (each > 9) for each in found) for found in (doubled, swapped)]
    assert 0 in [each % 10 for each in sums]
    assert len(number) == 12


def test_a_card_of_the_shop_stays_the_card():
    who = person(("card", "VIP 0012"))

    assert commands.give_card(who, at=clock.now(), actor=TILL) == "VIP0012"


def test_a_number_leads_to_its_owner():
    who = person(("phone", "+8613812345678"))

    number = commands.give_card(who, at=clock.now(), actor=TILL)

    assert queries.find("card", number).pk == who


def test_nobody_gets_a_card_who_is_not_there():
    who = person(("phone", "+8613812345678"))
    commands.erase(who, at=clock.now(), actor=TILL)

    with pytest.raises(queries.CustomerErased):
        commands.give_card(who, at=clock.now(), actor=TILL)
