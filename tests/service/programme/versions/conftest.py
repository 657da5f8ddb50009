"""A programme with a draft of the starter rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from huitouke.service.core.actor import Actor
from huitouke.service.programme.rules.examples import starter_definition
from huitouke.service.programme.versions import commands, creating

OPENING = datetime(2026, 3, 1, 4, tzinfo=UTC)


@pytest.fixture
def opening():
    return OPENING


@pytest.fixture
def later():
    return OPENING + timedelta(days=30)


@pytest.fixture
def marketer():
    return Actor("staff", "lin")


@pytest.fixture
def starter():
    return starter_definition().model_dump(mode="json")


@pytest.fixture
def programme(opening, marketer):
    return creating.create({"name": {"zh": "回头客会员"}}, at=opening, actor=marketer)


@pytest.fixture
def first(programme, opening, marketer, starter):
    return commands.draft(programme, definition=starter, at=opening, actor=marketer)


@pytest.fixture
def published(first, opening, marketer):
    return commands.publish(first.id, at=opening, actor=marketer).version
