"""The simulated orders that every case reads, written once."""

from __future__ import annotations

import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from huitouke.insight.world.volume import write_btyd_orders
from measure import Clock

CSV_ROWS = 1_000_000


def with_text_ids(source: Path, target: Path) -> int:
    """Write the same orders with ids such as C000012345."""
    table = pq.read_table(source)
    digits = pc.utf8_lpad(table["customer_id"].cast(pa.string()), 9, "0")
    ids = pc.binary_join_element_wise("C", digits, "")
    pq.write_table(table.set_column(0, "customer_id", ids), target, compression="zstd")
    return table.num_rows


def as_csv(source: Path, target: Path) -> int:
    """Write the first million orders as CSV."""
    table = pq.read_table(source).slice(0, CSV_ROWS)
    pyarrow.csv.write_csv(table, target)
    return table.num_rows


def main(kind: str, target: Path, source: str) -> None:
    """Write one file and say how many rows it has."""
    if kind == "orders":
        rows = write_btyd_orders(target, customers=int(source), seed=1)
    elif kind == "text":
        rows = with_text_ids(Path(source), target)
    else:
        rows = as_csv(Path(source), target)
    Clock().tell(rows=rows)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
