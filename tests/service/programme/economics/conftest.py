"""What tests of the programme's costs share: definitions with one thing changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.rules.examples import starter_definition

SPEND = {
    "id": "spend",
    "name": {"en": "Points on purchases"},
    "on": "order.paid",
    "gives": {"kind": "per_spend", "points": 1, "per_minor": 100},
}


@pytest.fixture
def starter() -> Definition:
    return starter_definition()


@pytest.fixture
def rules_of() -> Callable[..., Definition]:
    """Make a small programme: a point a yuan, 100 points pay a yuan, and what is given."""

    def make(*more: dict[str, Any], **changes: Any) -> Definition:
        given = {
            "rules": [SPEND, *more],
            "burn": {"per_points": 100, "minor": 100, "most_percent": 50},
            **changes,
        }
        return Definition.model_validate(given)

    return make
