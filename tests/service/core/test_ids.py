"""Ids outside have a prefix and lead to the same id inside."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huitouke.service.core.ids import IdUnknown, new_id, private_id, public_id


@given(st.uuids())
def test_an_id_comes_back_from_its_public_form(key):
    assert private_id("cus", public_id("cus", key)) == key


def test_later_ids_sort_after_earlier_ones():
    made = [new_id() for _ in range(1_000)]

    assert made == sorted(made)
    assert [public_id("cus", each) for each in made] == sorted(
        public_id("cus", each) for each in made
    )


@pytest.mark.parametrize(
    "given_id",
    [
        "",
        "cus",
        "cus_",
        "ord_0000000000000000000000000z",
        "cus_000000000000000000000000z",
        "cus_zzzzzzzzzzzzzzzzzzzzzzzzzz",
        "cus_0000000000000000000000000l",
        "cus_0000000000000000000000000Z",
        "cus_0000000000000000000000000\0",
    ],
)
def test_what_is_no_id_of_the_kind_is_refused(given_id):
    with pytest.raises(IdUnknown):
        private_id("cus", given_id)


def test_the_highest_id_has_a_public_form():
    key = UUID(int=(1 << 128) - 1)

    assert private_id("cus", public_id("cus", key)) == key
