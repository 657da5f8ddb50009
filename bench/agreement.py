"""How far the outputs of two packages are apart, customer by customer."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from measure import Clock


def furthest(one: np.ndarray, other: np.ndarray) -> float:
    """Return the largest relative difference where both gave a number."""
    both = np.isfinite(one) & np.isfinite(other)
    size = np.maximum(np.abs(one), np.abs(other))
    apart = np.abs(one - other) / np.where(size > 0, size, 1.0)
    return float(apart[both].max(initial=0.0))


def main(ours: Path, theirs: Path) -> None:
    """Print the largest difference of every output that both wrote, and what is missing."""
    one, other = np.load(ours), np.load(theirs)
    names = [name for name in one if name in other]
    Clock().tell(
        apart={name: furthest(one[name], other[name]) for name in names},
        missing_ours=int(sum((~np.isfinite(one[name])).any() for name in names)),
        missing_theirs={
            name: int((~np.isfinite(other[name])).sum())
            for name in names
            if not np.isfinite(other[name]).all()
        },
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
