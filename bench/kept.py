"""A kept summary: what adding one day costs beside a full rebuild, and that both agree."""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from huitouke.insight.features.summary import KeptSummary, Summary, summarise
from measure import Clock

DAYS_ADDED = 30


def columns(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return customer, day and amount of the orders."""
    table = pq.read_table(path)
    moment = table["ordered_at"].to_numpy()
    return (
        table["customer_id"].to_numpy(),
        moment.astype("datetime64[D]").astype(np.int64),
        np.rint(table["amount"].to_numpy() * 1e4).astype(np.int64),
    )


def main(path: Path) -> None:
    """Keep all but the last days, add these one by one, and rebuild from all rows."""
    who, day, amount = columns(path)
    last = int(day.max())
    kept = KeptSummary()
    old = day <= last - DAYS_ADDED
    clock, daily = Clock(), Clock()
    with clock.step("load"):
        kept.add(who[old], day=day[old], amount_e4=amount[old])
    rows = []
    for each in range(last - DAYS_ADDED + 1, last + 1):
        new = day == each
        part = who[new], day[new], amount[new]
        rows.append(int(new.sum()))
        with daily.step(str(each)):
            kept.add(part[0], day=part[1], amount_e4=part[2])
    with clock.step("read_out"):
        found = kept.summary(as_of_day=last)
    with clock.step("rebuild"):
        whole = summarise(who, day=day, amount_e4=amount, as_of_day=last)
    same = all(
        np.array_equal(getattr(found, name), getattr(whole, name))
        for name in Summary.__dataclass_fields__
    )
    clock.tell(
        rows=int(day.size),
        rows_a_day=statistics.median(rows),
        add_cpu=statistics.median(cost.cpu for cost in daily.steps.values()),
        equal=same,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
