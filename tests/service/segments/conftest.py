"""A town of customers whose every fact is known twice: in rows, and in plain Python."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "backoffice"))


@pytest.fixture
def town(db):
    from town import Town

    return Town().build()


@pytest.fixture
def shop(db):
    """Rules with two tiers, and nobody yet."""
    from counter import Counter

    return Counter().open()
