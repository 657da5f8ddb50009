"""Whole walks from files to pictures, and what every picture must keep whatever the shop."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from huitouke.insight.tables import CUSTOMERS, JUDGED, Status

CHECKOUT = Path(__file__).resolve().parents[2]

FILES = {
    "customers.parquet",
    "loyalty_reasons.parquet",
    "quarantine.csv",
    "report.html",
    "summary.json",
    "validation.json",
}
CHANCES = (
    "full_price_share", "p_alive", "p_buy", "p_buy_lo", "p_buy_hi", "churn_risk", "p_stranger",
    "p_butterfly", "p_true_friend", "p_barnacle", "loyalty_type_confidence", "rain_or_shine",
    "rain_or_shine_lo", "rain_or_shine_hi",
)  # fmt: skip
SCORES = ("loyalty_score", "loyalty_score_lo", "loyalty_score_hi")
INTERVALS = ("p_buy", "orders_expected", "clv", "rain_or_shine", "loyalty_score")
GROUP_CHANCES = ("p_stranger", "p_butterfly", "p_true_friend", "p_barnacle")


def _loaded(path):
    spec = importlib.util.spec_from_file_location(f"bench_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def worlds():
    """The long acceptance of ``bench``, walked here in short."""
    return _loaded(CHECKOUT / "bench" / "worlds.py")


@pytest.fixture(scope="session")
def walk(worlds, tmp_path_factory):
    """Walk a world once; ask again and the same walk is returned."""
    kept = {}

    def walked(scenario, **options):
        key = (scenario, *sorted(options.items()))
        if key not in kept:
            folder = tmp_path_factory.mktemp(scenario)
            kept[key] = worlds.walk(scenario, folder=folder, **options)
        return kept[key]

    return walked


def _numbers(table, name):
    return table[name].cast(pa.float64()).to_numpy(zero_copy_only=False)


def _nan(table):
    kinds = zip(table.column_names, table.schema.types, strict=True)
    for name in (name for name, kind in kinds if pa.types.is_floating(kind)):
        if not pc.all(pc.is_finite(table[name].drop_null()), min_count=0).as_py():
            yield f"{name} holds NaN or infinity"


def _judged(table):
    for name in JUDGED:
        status = table[f"{name}_status"]
        if not set(status.unique().to_pylist()) <= {str(s) for s in Status}:
            yield f"{name}_status holds other words"
        if not pc.equal(status, "ok").equals(pc.is_valid(table[name])):
            yield f"{name} is null where its status is ok, or the other way round"


def _companions(table):
    """What is null only together with something that has a status."""
    for name in INTERVALS:
        for end in ("lo", "hi"):
            if not pc.is_valid(table[f"{name}_{end}"]).equals(pc.is_valid(table[name])):
                yield f"{name}_{end} and {name} are not null together"
    told = pc.not_equal(table["customer_group_status"], Status.INSUFFICIENT)
    for name in GROUP_CHANCES[:3]:
        if not pc.is_valid(table[name]).equals(told):
            yield f"{name} is null without its status saying so"
    given = pc.is_valid(table["loyalty_type"])
    if not pc.is_valid(table["loyalty_type_confidence"]).equals(given):
        yield "loyalty_type_confidence and loyalty_type are not null together"


def _ranges(table):
    tops = dict.fromkeys(CHANCES, 1.0) | dict.fromkeys(SCORES, 100.0)
    tops |= dict.fromkeys(("orders_expected", "spend_expected", "clv"), np.inf)
    for name, top in tops.items():
        values = _numbers(table, name)
        if (values < 0).any() or (values > top).any():
            yield f"{name} leaves 0 to {top:g}"


def _intervals(table):
    for name in INTERVALS:
        value, low, high = (_numbers(table, n) for n in (name, f"{name}_lo", f"{name}_hi"))
        if (low > high).any():
            yield f"{name}_lo above {name}_hi"
        if name in {"p_buy", "loyalty_score"} and ((value < low) | (value > high)).any():
            yield f"{name} outside its interval"


def _groups(table):
    total = np.nansum([_numbers(table, name) for name in GROUP_CHANCES], axis=0)
    known = pc.is_valid(table["p_barnacle"]).to_numpy()
    if (total > 1 + 1e-9).any() or (np.abs(total[known] - 1) > 1e-9).any():
        yield "the chances of the groups do not add up to 1"


def _facts(table, summary):
    if table.schema.names != list(CUSTOMERS.names):
        yield "customers.parquet has other columns than declared"
    ids = table["customer_id"].to_pylist()
    if ids != sorted(set(ids)):
        yield "customer_id is not unique or not in order"
    if summary["customers"] != table.num_rows:
        yield "summary counts other customers"
    if not pc.all(pc.less_equal(table["recency_days"], table["tenure_days"])).as_py():
        yield "recency above tenure"
    counts = summary["rows"]
    if counts["read"] != counts["used"] + counts["merged"] + counts["quarantined"]:
        yield f"rows do not add up: {counts}"


def _refused(word):
    raise AssertionError(f"{word} is no number that JSON knows")


def _reasons(folder, table):
    reasons = pq.read_table(folder / "loyalty_reasons.parquet")
    scored = table.filter(pc.is_valid(table["loyalty_score"]))
    if reasons["customer_id"].to_pylist() != scored["customer_id"].to_pylist():
        yield "loyalty_reasons has other customers than those with a score"
        return
    parts = [_numbers(reasons, n) for n in reasons.column_names if n != "customer_id"]
    off = np.abs(np.sum(parts, axis=0) - _numbers(scored, "loyalty_score"))
    if off.size and off.max() > 1e-6:
        yield f"reasons miss the score by {off.max():.2g}"


def _files(folder):
    found = {path.name for path in folder.iterdir()}
    if found != FILES:
        yield f"files {sorted(found ^ FILES)} are missing or too many"
    for name in ("summary.json", "validation.json"):
        json.loads((folder / name).read_text(encoding="utf-8"), parse_constant=_refused)
    page = (folder / "report.html").read_text(encoding="utf-8")
    options = re.search(r'<script type="application/json" id="options">(.*?)</script>', page)
    json.loads(options.group(1), parse_constant=_refused)
    shown = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)
    for word in ("nan", "None", "inf"):
        if re.search(rf">\s*[-+]?{word}\s*%?\s*<", shown):
            yield f"the report shows {word}"


@pytest.fixture(scope="session")
def faults():
    """Return the list of promises that the files of an analysis break."""

    def broken(folder):
        table = pq.read_table(folder / "customers.parquet")
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        with np.errstate(invalid="ignore"):
            by_table = (_nan, _judged, _companions, _ranges, _intervals, _groups)
            return [
                *_files(folder),
                *_facts(table, summary),
                *(fault for check in by_table for fault in check(table)),
                *_reasons(folder, table),
            ]

    return broken


@pytest.fixture
def shop_file(tmp_path):
    """Write an orders file of customers, days counted from 2024-01-01, and amounts."""

    def written(who, *, day, amount):
        days = np.datetime64("2024-01-01") + np.asarray(day).astype("timedelta64[D]")
        table = pa.table(
            {
                "customer_id": [f"C{number:05d}" for number in who],
                "order_id": [f"O{number:06d}" for number in range(len(who))],
                "ordered_at": days.astype(str),
                "amount": np.round(np.broadcast_to(amount, len(who)), 2),
            }
        )
        path = tmp_path / "orders.csv"
        pyarrow.csv.write_csv(table, path)
        return path

    return written
