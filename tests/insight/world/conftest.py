"""Worlds that several tests look at; each is made once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from huitouke.insight.world.scenarios import SCENARIOS
from huitouke.insight.world.simulate import World, simulate


@pytest.fixture(scope="session")
def default_world() -> World:
    return simulate("W1", future_draws=60)


@pytest.fixture(scope="session")
def plain_world() -> World:
    """W1 before needs wait for promotions and before a region pauses them."""
    plain = replace(SCENARIOS["W1"], deferral=False, promotion_pause=False)
    return simulate(plain, future_draws=60)


@pytest.fixture(scope="session")
def dirty_world() -> World:
    return simulate("W1", customers=3_000, truth=False, dirty=True)


@pytest.fixture(scope="session")
def pure_world() -> World:
    return simulate("W0")
