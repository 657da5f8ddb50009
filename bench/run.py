"""Measure everything and write docs/benchmarks.md.

    python bench/run.py                      all but the largest run
    python bench/run.py --large              with 10 million customers (12 GB, long)
    python bench/run.py --only kept reading  measure these anew, keep the rest of the page
    python bench/run.py --only service       the service: ledger, API, growth
    python bench/run.py --quick              tiny sizes: whether the benchmark itself works

Results are kept in build/bench/results.json; the page is written from them.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from cases import CASES as PARTS
from cases import Job
from ledger_cases import service
from machine import machine, packages, today
from measure import ROOT
from page import page

CASES = {**PARTS, "service": service}
SIZES = (10_000, 100_000, 1_000_000)
QUICK_SIZES = (1_000, 2_000, 4_000)


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--large", action="store_true", help="also 10 million customers")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, page not in docs/")
    parser.add_argument("--only", nargs="+", choices=list(CASES), help="these cases")
    parser.add_argument("--work", type=Path, help="folder for data and results")
    return parser.parse_args(given)


def main(given: list[str] | None = None) -> None:
    """Run the cases in order; keep what is found after each."""
    chosen = arguments(given)
    work = chosen.work or ROOT / "build" / ("bench-quick" if chosen.quick else "bench")
    work.mkdir(parents=True, exist_ok=True)
    job = Job(
        work=work.resolve(),
        sizes=QUICK_SIZES if chosen.quick else SIZES,
        large=(8_000 if chosen.quick else 10_000_000) if chosen.large else 0,
        worlds=2 if chosen.quick else 200,
        seeds=0 if chosen.quick else 10,
        say=lambda step: print(f"· {step}", file=sys.stderr, flush=True),
    )
    kept = work / "results.json"
    results: dict[str, Any] = {}
    if kept.exists():
        results = json.loads(kept.read_text(encoding="utf-8"))
    named, others = packages()
    target = work / "benchmarks.md" if chosen.quick else ROOT / "docs" / "benchmarks.md"
    text = ""
    for name in chosen.only or CASES:
        if name == "large" and not job.large:
            continue
        results[name] = {"on": today(), "found": CASES[name](job)}
        results["about"] = {
            "machine": machine(),
            "packages": named,
            "others": others,
            # What measures the whole page; --only renews parts of it.
            "command": "python bench/run.py" + (" --large" if results.get("large") else ""),
        }
        kept.write_text(json.dumps(results, indent=1), encoding="utf-8")
        text = page(results)
        target.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
