"""The benchmark's scripts import one another by name, as ``python bench/run.py`` lets them."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "bench"))
