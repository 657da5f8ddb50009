"""Orders to lifetime value with Huitouke's own parts, as a program would call them."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from huitouke.insight.features.summary import Summary, dense, summarise
from huitouke.insight.models.bgnbd import BgNbd
from huitouke.insight.models.contract import Panel
from huitouke.insight.models.gamma_gamma import GammaGamma
from huitouke.insight.models.value import clv
from measure import Clock

MONTH_DAYS = 30
MONTHS = 12
MONTHLY_RATE = 0.01
_COLUMNS = ["customer_id", "ordered_at", "amount"]
_BATCH = 1 << 16
_DAY_US = 86_400_000_000


def read(path: Path) -> Summary:
    """Read a Parquet file of orders batch by batch and summarise it per customer."""
    # Without this the whole file would stay in memory beside its rows.
    file = pq.ParquetFile(path, pre_buffer=False)
    rows = file.metadata.num_rows
    customer, day = np.empty(rows, np.int32), np.empty(rows, np.int32)
    amount = np.empty(rows, np.int64)
    start = 0
    for batch in file.iter_batches(_BATCH, columns=_COLUMNS, use_threads=False):
        part = slice(start, start + batch.num_rows)
        # DLPack shares the memory; to_numpy() would first import pandas, half a second.
        customer[part] = np.from_dlpack(batch.column(0))
        day[part] = np.from_dlpack(batch.column(1).view(pa.int64())) // _DAY_US
        amount[part] = np.rint(np.from_dlpack(batch.column(2)) * 1e4)
        start = part.stop
    # What the decoder worked in goes back to the system before more is asked for.
    pa.default_memory_pool().release_unused()
    numbers, _ = dense(customer)
    return summarise(numbers, day=day, amount_e4=amount, as_of_day=int(day.max()))


def months_ahead(model: BgNbd, summary: Summary) -> np.ndarray:
    """Return the orders of 12 months of 30 days, each month discounted at its end by 1 %.

    That is the convention of lifetimes and pymc-marketing; ``clv`` of Huitouke discounts
    continuously. What is bought by month m counts with d(m) - d(m + 1), which are all
    positive and add up to the same sum. Given still there, the orders ahead depend on the
    repeat count and the tenure alone: they are worked out once per pair that occurs.
    """
    width = int(summary.tenure_days.max()) + 1
    place, pairs = dense(summary.repeat_count * width + summary.tenure_days)
    count, tenure = np.divmod(pairs, width)
    days = {
        "repeat_count": count,
        "recency_days": np.where(count > 0, tenure, 0),
        "tenure_days": tenure,
    }
    panel = Panel.from_table(days)
    discount = [(1 + MONTHLY_RATE) ** -month for month in range(1, MONTHS + 1)] + [0.0]
    orders = np.zeros(len(panel))
    for month in range(1, MONTHS + 1):
        by_then = model.alive_orders(panel, horizon=month * MONTH_DAYS / 7)
        orders += (discount[month - 1] - discount[month]) * by_then
    return orders[place]


def main(path: Path, out: Path) -> None:
    """Walk the path, then write the outputs for comparison."""
    clock, apart = Clock(), Clock()
    with clock.step("summary"):
        summary = read(path)
    with clock.step("bgnbd"):
        days = {
            "repeat_count": summary.repeat_count,
            "recency_days": summary.recency_days,
            "tenure_days": summary.tenure_days,
        }
        panel = Panel.from_table(days)
        model = BgNbd().fit(panel)
    with clock.step("gamma_gamma"):
        count = summary.repeat_paid_count
        mean = summary.repeat_spend_e4 / 1e4 / np.maximum(count, 1)
        spend_model = GammaGamma().fit(mean, count=count)
    with clock.step("p_alive"):
        alive = model.p_alive(panel)
    with clock.step("expected"):
        orders = alive * model.alive_orders(panel, horizon=365 / 7)
    with clock.step("clv"):
        spend = spend_model.expected_mean_spend(mean, count=count)
        value = alive * months_ahead(model, summary) * spend
    with apart.step("clv"):
        clv(
            model,
            spend_model=spend_model,
            panel=panel,
            mean_spend=mean,
            count=count,
            horizon=MONTHS * MONTH_DAYS / 7,
            rate_per_unit=float(np.log1p(MONTHLY_RATE)) * 7 / MONTH_DAYS,
        )
    found = {**model.parameters_, **spend_model.parameters_}
    found["alpha"] *= 7
    clock.tell(**found, own_clv_cpu=apart.steps["clv"].cpu)
    np.savez(
        out,
        x=summary.repeat_count,
        t_x=summary.recency_days,
        T=summary.tenure_days,
        m=mean,
        p_alive=alive,
        expected=orders,
        spend=spend,
        clv=value,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
