"""Which rewards are near, and which one is named first."""

from __future__ import annotations

from huitouke.service.programme.mine.reach import reach
from huitouke.service.programme.models.rewards import Reward
from huitouke.service.programme.rewards.offers import RewardOffer


def offer(points, *, cooperative=False):
    reward = Reward(cost_points=points, cooperative=cooperative)
    return RewardOffer(
        reward=reward, reachable=True, points_missing=0, left_for_member=None, why_not=()
    )


def test_the_dearest_that_one_may_have_alone_is_named_first():
    tea, kettle, shared = offer(200), offer(400), offer(900, cooperative=True)

    found = reach([tea, kettle, shared])

    assert found.now == (shared, kettle, tea)
    assert found.best is kettle


def test_what_takes_two_is_not_named_as_within_reach_of_one():
    assert reach([offer(900, cooperative=True)]).best is None
