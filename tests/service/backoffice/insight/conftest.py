"""Somebody of a role, signed in."""

from __future__ import annotations

import pytest


@pytest.fixture
def as_role(person, browser):
    """A browser in which somebody of a role is signed in."""

    def enter(role="owner"):
        client = browser()
        client.force_login(person(role))
        return client

    return enter
