"""The end of an id is read out and typed by people, in any spelling."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huitouke.service.core.ids import heard_id, spoken_id


@given(st.uuids())
def test_what_is_read_out_is_heard_as_the_end_of_the_same_id(key):
    said = spoken_id(key)

    assert heard_id(said) == key.hex[-10:]
    assert heard_id(f" {said.lower().replace(' ', '-')}\t") == key.hex[-10:]


@pytest.mark.parametrize(
    "text", ["", "7K2M", "7K2M 9QXT 2", "7K2M_9QX", "七K2M9QXT", "7K2M9QX\ud800", "+7K2M9QX"]
)
def test_what_is_no_end_of_an_id_is_not_heard(text):
    assert heard_id(text) is None


def test_letters_that_ids_do_not_have_are_heard_as_those_they_look_like():
    assert heard_id("OIlL ouUO") == heard_id("0111 0vv0")
    assert spoken_id(UUID(int=0)) == "0000 0000"
