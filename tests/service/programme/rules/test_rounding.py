"""A split loses nothing."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from huitouke.service.programme.rules.rounding import split

WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=12)


@given(total=st.integers(0, 10**12), weights=WEIGHTS)
def test_parts_sum_to_the_whole_and_stay_within_one_of_their_share(total, weights):
    parts = split(total, weights)

    whole = sum(weights) or len(weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        share = Fraction(total * (weight if sum(weights) else 1), whole)
        assert abs(part - share) < 1
        assert part >= 0


@given(total=st.integers(0, 10**6), weights=WEIGHTS)
def test_a_larger_weight_never_gets_less(total, weights):
    parts = split(total, weights)

    for i, heavy in enumerate(weights):
        for j, light in enumerate(weights):
            assert heavy <= light or parts[i] >= parts[j]


def test_equal_remainders_go_to_the_earlier_part():
    assert split(2, [1, 1, 1, 1]) == [1, 1, 0, 0]


def test_weights_of_nothing_count_as_equal():
    assert split(3, [0, 0]) == [2, 1]
