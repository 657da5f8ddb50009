"""Alarms ring for what is wrong and keep quiet otherwise."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit

from huitouke.insight.validation.alarms import calibration_alarm, drift


def drawn(n=20_000):
    rng = np.random.default_rng(2)
    p = rng.beta(2, 3, n)
    return p, (rng.random(n) < p).astype(float)


def codes(found):
    return [finding.code for finding in found]


def test_right_chances_ring_no_alarm():
    p, y = drawn()
    shop = np.where(np.arange(len(p)) % 2 == 0, "north", "south")

    assert calibration_alarm(p, y=y, segments={"shop": shop}, rival=np.full(len(p), 0.4)) == ()


def test_too_extreme_chances_ring_for_slope_and_ece():
    p, y = drawn()

    found = calibration_alarm(expit(2 * logit(p)), y=y)

    assert codes(found) == ["ece", "slope"]
    assert found[1].value < 0.6
    assert found[1].limit == 0.9


def test_a_segment_that_is_wrong_is_named_though_the_whole_is_right():
    p, y = drawn()
    shop = np.where(np.arange(len(p)) % 2 == 0, "north", "south")
    bent = np.where(shop == "north", expit(logit(p) + 0.5), expit(logit(p) - 0.5))

    found = calibration_alarm(bent, y=y, segments={"shop": shop})

    assert [f.segment for f in found if f.code == "segment_ece"] == ["shop=north", "shop=south"]


def test_a_small_segment_is_left_alone():
    p, y = drawn()
    few = np.where(np.arange(len(p)) < 299, "few", "many")
    bent = np.where(few == "few", 0.99, p)

    found = calibration_alarm(bent, y=y, segments={"size": few})

    assert "size=few" not in [f.segment for f in found]


def test_falling_rates_ring():
    p = np.repeat([0.3, 0.35], 2000)
    y = np.concatenate([np.tile([1.0, 1, 0, 0, 0], 400), np.tile([1.0, 0, 0, 0, 0], 400)])

    assert "falling_rates" in codes(calibration_alarm(p, y=y))


def test_a_better_rival_rings():
    p, y = drawn()
    high = p > 0.4
    blurred = np.where(high, y[high].mean(), y[~high].mean())

    found = calibration_alarm(blurred, y=y, rival=p)

    assert codes(found) == ["rival"]
    assert found[0].value < found[0].limit


def test_drift_is_the_index_of_two_worked_shares():
    then = np.repeat([0.2, 0.8], 5000)
    now = np.repeat([0.2, 0.8], [2000, 8000])

    index, finding = drift(then, now=now)

    expected = (0.2 - 0.5) * np.log(0.2 / 0.5) + (0.8 - 0.5) * np.log(0.8 / 0.5)
    assert abs(index - expected) < 1e-3
    assert finding.code == "drift"


def test_the_same_base_does_not_drift():
    p, _ = drawn()

    index, finding = drift(p[::2], now=p[1::2])

    assert index < 0.01
    assert finding is None
