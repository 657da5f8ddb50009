"""How the embedded PostgreSQL uses the machine it runs on.

What it keeps (fsync, synchronous_commit, full_page_writes) is left as PostgreSQL ships it.
"""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["machine_memory", "tune", "tuned"]

_FILE = "huitouke.conf"
_INCLUDED = f"""
# Written by Huitouke. What ALTER SYSTEM says goes before it.
include_if_exists = '{_FILE}'
"""
_MEBIBYTE = 1024 * 1024
_LEAST_BUFFERS, _MOST_BUFFERS = 128, 1024
#: What a container may use, where it is bounded.
_BOUND = Path("/sys/fs/cgroup/memory.max")


def machine_memory() -> int:
    """Return the bytes of memory that this machine, or this container, has."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        bound = _BOUND.read_text(encoding="ascii").strip()
    except OSError:
        return whole
    return min(whole, int(bound)) if bound.isdecimal() else whole


def tuned(memory: int) -> str:
    """Return the settings for a machine, as lines of a configuration file.

    An eighth of the memory, at most 1 GiB, holds pages: the analysis, the server processes
    and the file system's own cache need the rest.

    Parameters
    ----------
    memory
        Bytes.

    Examples
    --------
    >>> print(tuned(8 * 1024**3).splitlines()[1])
    shared_buffers = 1024MB
    """
    mebibytes = memory // _MEBIBYTE
    buffers = max(_LEAST_BUFFERS, min(_MOST_BUFFERS, mebibytes // 8))
    return "\n".join(
        (
            "# Written by Huitouke at every start; ALTER SYSTEM goes before it.",
            f"shared_buffers = {buffers}MB",
            f"effective_cache_size = {max(buffers, mebibytes // 2)}MB",
            # Fewer checkpoints: after each of them every page is written whole once more.
            "max_wal_size = 2GB",
            "checkpoint_timeout = 15min",
            # Postings are short statements; compiling a plan takes longer than running it.
            "jit = off",
            "random_page_cost = 1.1",
            "",
        )
    )


def tune(place: Path) -> None:
    """Write the settings into a database folder; they hold from its next start.

    Parameters
    ----------
    place
        The folder of the database.
    """
    (place / _FILE).write_text(tuned(machine_memory()), encoding="utf-8")
    main = place / "postgresql.conf"
    if _FILE not in main.read_text(encoding="utf-8"):
        with main.open("a", encoding="utf-8") as settings:
            settings.write(_INCLUDED)
