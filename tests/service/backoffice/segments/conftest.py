"""A shop with members in it, and staff of each role."""

from __future__ import annotations

import pytest
from counter import Counter


@pytest.fixture
def shop(db):
    """Rules with two tiers, in force since long."""
    return Counter().open()


@pytest.fixture
def as_role(person, browser):
    """A browser in which somebody of a role is signed in."""

    def enter(role="marketer"):
        client = browser()
        client.force_login(person(role))
        return client

    return enter
