"""How fast order files are read, checked and rolled up to postings."""

from __future__ import annotations

import sys
from pathlib import Path

import pyarrow.parquet as pq

from huitouke.cli.demo.report import journey_lines
from huitouke.insight.engine import Engine
from huitouke.insight.facts.read import read_orders
from huitouke.insight.facts.reading import Reading
from measure import Clock


def main(kind: str, source: Path, work: Path) -> None:
    """Read one file and say what became of its rows."""
    path = source
    if kind == "journey":
        path = work / "complete_journey.parquet"
        pq.write_table(journey_lines(source), path, compression="zstd")
    clock = Clock()
    with Engine() as engine, clock.step("read"):
        facts = read_orders([path], engine=engine, reading=Reading())
    clock.tell(rows=facts.rows.read, used=facts.rows.used, orders=facts.orders)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
