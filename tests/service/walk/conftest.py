"""What the walk shares with tests of the doors: their shops, and where its own modules are."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytest.register_assert_rewrite("filled", "readers")
for folder in (Path(__file__).parent, Path(__file__).parent.parent / "backoffice"):
    sys.path.insert(0, str(folder))
