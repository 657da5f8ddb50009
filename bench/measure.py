"""Costs of a piece of work in a process of its own: CPU, wall clock, peak memory.

The parent starts one process per measurement and stays small; the child measures its steps
and prints them as its last line. CPU seconds are user plus system time of all threads.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["BENCH", "ROOT", "ChildFailed", "Clock", "Cost", "Run", "command", "median", "run"]

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent

#: One thread for linear algebra in every package alike: idle threads that spin while they
#: wait would be counted as work.
_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONWARNINGS": "ignore",
}


class ChildFailed(RuntimeError):
    """A measured process ended with an error."""


@dataclass(frozen=True)
class Cost:
    """Seconds of CPU and of wall clock."""

    cpu: float
    wall: float


@dataclass(frozen=True)
class Run:
    """One measured process.

    ``steps`` are the parts that the child measured, in order; ``whole`` is the process from
    start to end with its imports; ``peak_mb`` its largest resident size up to the end of the
    last step; ``found`` whatever the child wants compared.
    """

    steps: dict[str, Cost]
    whole: Cost
    peak_mb: float
    found: dict[str, Any] = field(default_factory=dict)

    @property
    def total(self) -> Cost:
        """The steps together: the work without start-up and imports."""
        return Cost(
            sum(step.cpu for step in self.steps.values()),
            sum(step.wall for step in self.steps.values()),
        )

    def plain(self) -> dict[str, Any]:
        """Return the run as plain values, for JSON."""
        return asdict(self)

    @classmethod
    def of(cls, plain: dict[str, Any]) -> Run:
        """Return the run that ``plain`` came from."""
        steps = {name: Cost(**cost) for name, cost in plain["steps"].items()}
        return cls(steps, Cost(**plain["whole"]), plain["peak_mb"], plain["found"])


class Clock:
    """What a child measures its steps with.

    >>> clock = Clock()
    >>> with clock.step("nothing"):
    ...     pass
    >>> list(clock.steps)
    ['nothing']
    """

    def __init__(self) -> None:
        self.steps: dict[str, Cost] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure the body as one step, with the processes that it starts and waits for."""
        cpu, wall = _cpu_seconds(), time.perf_counter()
        yield
        self.steps[name] = Cost(_cpu_seconds() - cpu, time.perf_counter() - wall)

    def tell(self, **found: Any) -> None:
        """Print what was measured and found as the last line of standard output."""
        steps = {name: asdict(cost) for name, cost in self.steps.items()}
        print(json.dumps({"steps": steps, "peak_mb": peak_mb(), "found": found}))


def _cpu_seconds() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def peak_mb() -> float:
    """Return the largest resident size of this process so far, in MB (10^6 bytes)."""
    status = Path("/proc/self/status")
    if status.exists():
        # Unlike ru_maxrss this begins anew with the program, not with its parent.
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    scale = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale / 1e6


def command(arguments: Sequence[str | Path]) -> tuple[Cost, float, str]:
    """Run a command and return its cost, peak MB and standard output.

    The system counts a process from the size of the one that starts it: this one must stay
    small, and imports no NumPy.
    """
    began = time.perf_counter()
    with subprocess.Popen(
        [str(each) for each in arguments],
        cwd=ROOT,
        env={**os.environ, **_ENVIRONMENT},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        # Standard error is short; reading it after standard output cannot block for long.
        said = child.stdout.read() if child.stdout else ""
        complaint = child.stderr.read() if child.stderr else ""
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - began
    if child.returncode != 0:
        name = " ".join(str(each) for each in arguments)
        raise ChildFailed(f"{name} ended with {child.returncode}:\n{complaint[-2000:]}")
    scale = 1 if sys.platform == "darwin" else 1024
    return Cost(used.ru_utime + used.ru_stime, wall), used.ru_maxrss * scale / 1e6, said


def run(script: str, *arguments: str | Path) -> Run:
    """Run ``bench/<script>`` with this Python and return what it measured of itself."""
    whole, _, said = command([sys.executable, BENCH / script, *arguments])
    told = json.loads(said.strip().splitlines()[-1])
    steps = {name: Cost(**cost) for name, cost in told["steps"].items()}
    return Run(steps, whole, told["peak_mb"], told["found"])


def median(runs: Sequence[Run]) -> Run:
    """Return a run whose every number is the median of the runs; findings of the first."""
    middle = statistics.median

    def of(costs: Sequence[Cost]) -> Cost:
        return Cost(middle(c.cpu for c in costs), middle(c.wall for c in costs))

    return Run(
        {name: of([one.steps[name] for one in runs]) for name in runs[0].steps},
        of([one.whole for one in runs]),
        middle(one.peak_mb for one in runs),
        runs[0].found,
    )
