"""EMPC: the closed form equals brute force, and the ends of the scale are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huitouke.insight.validation.empc import RetentionTerms, empc, empc_by_quadrature

TELCO = np.repeat([1.0, 0.0], [1869, 7043 - 1869])

rows = st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=4, max_size=80).filter(
    lambda found: len({event for _, event in found}) == 2
)


def arrays(found):
    p, y = zip(*found, strict=True)
    return np.array(p) / 20, np.array(y, dtype=float)


@settings(max_examples=40)
@given(rows)
def test_closed_form_equals_quadrature(found):
    p, y = arrays(found)

    exact, brute = empc(p, y=y), empc_by_quadrature(p, y=y, points=2000)

    assert exact.value == pytest.approx(brute.value, abs=1e-3)
    assert exact.target_share == pytest.approx(brute.target_share, abs=5e-3)


@settings(max_examples=40)
@given(
    rows,
    st.floats(20, 500),
    st.floats(0.5, 15),
    st.floats(0.1, 5),
    st.floats(1, 8),
    st.floats(1, 20),
)
def test_closed_form_equals_quadrature_on_other_terms(found, value, offer, contact, a, b):
    p, y = arrays(found)
    terms = RetentionTerms(value=value, offer_cost=offer, contact_cost=contact, alpha=a, beta=b)

    exact = empc(p, y=y, terms=terms).value
    brute = empc_by_quadrature(p, y=y, terms=terms, points=4000).value

    assert exact == pytest.approx(brute, abs=1e-3 * max(1.0, value / 200))


def test_perfect_order_contacts_the_churners_and_nobody_else():
    found = empc(TELCO, y=TELCO)

    share = 1869 / 7043
    assert found.value == pytest.approx(200 * share * (0.3 * 0.95 - 0.005), abs=1e-3)
    assert found.value == pytest.approx(14.86, abs=0.005)
    assert found.target_share == pytest.approx(share, abs=1e-3)


def test_no_order_contacts_everybody_or_nobody():
    found = empc(np.full(7043, 0.5), y=TELCO)
    shuffled = np.random.default_rng(2).random(7043)

    assert found.value == pytest.approx(6.91, abs=0.005)
    assert empc(shuffled, y=TELCO).value == pytest.approx(6.92, abs=0.05)
    assert empc(shuffled, y=TELCO).value >= found.value


@given(rows, st.randoms(use_true_random=False))
def test_empc_does_not_depend_on_the_order_of_rows(found, random):
    shuffled = list(found)
    random.shuffle(shuffled)

    one, other = (empc(p, y=y) for p, y in (arrays(found), arrays(shuffled)))

    assert one.value == pytest.approx(other.value, abs=1e-12)


@given(rows)
def test_empc_is_never_negative_nor_above_the_perfect_order(found):
    p, y = arrays(found)

    assert -1e-12 <= empc(p, y=y).value <= empc(y, y=y).value + 1e-9


def test_one_class_earns_no_number():
    found = empc(np.array([0.1, 0.9]), y=np.zeros(2))

    assert found.value is None
    assert found.status == "insufficient_evidence"
