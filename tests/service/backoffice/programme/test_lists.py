"""Several words in one blank come back as they were typed, whatever commas they have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huitouke.service.backoffice.programme.forms.lists import typed, words_of

WORD = st.text(alphabet="ab茶 ,，、\"“”'", min_size=1).map(str.strip).filter(bool)


@given(st.lists(WORD))
def test_what_is_typed_for_words_is_read_as_these_words(words):
    assert words_of(typed(words)) == words


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("", []),
        (" , ，", []),
        ("tea，coffee、milk, bread", ["tea", "coffee", "milk", "bread"]),
        ('"fruit, fresh", tea', ["fruit, fresh", "tea"]),
        ("“水果、蔬菜”，茶", ["水果、蔬菜", "茶"]),
        ('12" plate, tea', ['12" plate', "tea"]),
        ('"open, tea', ['"open', "tea"]),
        ('"a" b, c', ['"a" b', "c"]),
        ('"", tea', ["tea"]),
    ],
)
def test_words_are_read_as_people_type_them(written, words):
    assert words_of(written) == words
