"""A code that was mistyped shows it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from huitouke.service.programme.rewards.code_text import (
    LETTERS,
    check_letter,
    is_well_formed,
    plain,
)

codes = st.text(LETTERS, min_size=7, max_size=14).map(lambda text: text + check_letter(text))


@given(codes, st.data())
def test_one_wrong_letter_is_found(code, data):
    place = data.draw(st.integers(0, len(code) - 1))
    other = data.draw(st.sampled_from(LETTERS).filter(lambda letter: letter != code[place]))

    assert is_well_formed(code)
    assert not is_well_formed(code[:place] + other + code[place + 1 :])


@given(codes, st.data())
def test_two_letters_swapped_are_found_wherever_they_stand(code, data):
    one, two = sorted(data.draw(st.permutations(range(len(code))))[:2])
    swapped = list(code)
    swapped[one], swapped[two] = swapped[two], swapped[one]

    assert is_well_formed("".join(swapped)) == (code[one] == code[two])


@given(codes)
def test_how_it_is_written_does_not_matter(code):
    groups = [code[start : start + 4] for start in range(0, len(code), 4)]

    assert plain("-".join(groups).lower()) == code


def test_no_letter_can_be_taken_for_another():
    assert len(LETTERS) == 32
    assert not set("01OI") & set(LETTERS)
