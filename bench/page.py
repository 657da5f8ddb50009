"""The page docs/benchmarks.md: the words are in page.md, the tables are made here."""

from __future__ import annotations

import re
from typing import Any

import jinja2

from goals import goals, scoring_cpu
from ledger_page import sections, service_goals
from measure import BENCH, Cost, Run

__all__ = ["page", "seconds", "table"]

STEPS = {
    "summary": "read and summary",
    "bgnbd": "BG/NBD fit",
    "gamma_gamma": "Gamma-Gamma fit",
    "p_alive": "P(alive)",
    "expected": "orders in 365 days",
    "clv": "12-month value",
}


def page(results: dict[str, Any]) -> str:
    """Return the page."""
    about = results["about"]
    days = sorted({results[name]["on"] for name in results if name != "about"})
    found = {name: results[name]["found"] for name in results if name != "about"}
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    words = environment.from_string((BENCH / "page.md").read_text(encoding="utf-8"))
    made = {
        name: section(found) if found.get(name) else None
        for name, section in {
            "path": _path, "pareto": _pareto, "whole": _whole, "kept": _kept,
            "reading": _reading,
        }.items()
    }  # fmt: skip
    text = words.render(
        on=days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}",
        machine=about["machine"],
        command=about["command"],
        versions=", ".join(f"{name} {of}" for name, of in about["packages"].items()),
        others=", ".join(f"{name} {of}" for name, of in about["others"].items()),
        large=found.get("large"),
        checks=_checks(found),
        service=sections(found["service"], table=table) if found.get("service") else None,
        **_goals(found),
        **made,
    )
    # Sections come and go: what they leave between them is one empty line.
    return re.sub(r"\n{3,}", "\n\n", text)


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table; all columns but the first are numbers.

    >>> print(table(["a", "b"], [["x", "1"]]))
    | a | b |
    |---|--:|
    | x | 1 |
    """
    rule = "|".join(["---", *["--:"] * (len(head) - 1)])
    lines = [f"| {' | '.join(head)} |", f"|{rule}|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def seconds(value: float) -> str:
    """Return seconds with the digits that mean something.

    >>> seconds(0.00002), seconds(0.00123), seconds(0.0456), seconds(1.234), seconds(203.6)
    ('<.0001', '.0012', '.046', '1.23', '204')
    """
    if value < 0.0001:
        return "<.0001"
    if value < 0.01:
        return f"{value:.4f}".lstrip("0")
    if value < 0.9995:
        return f"{value:.3f}".lstrip("0")
    return f"{value:.2f}" if value < 100 else f"{value:,.0f}"


def _both(cost: Cost) -> str:
    return f"{seconds(cost.cpu)} ({seconds(cost.wall)})"


def _times(theirs: float, ours: float) -> str:
    ratio = theirs / max(ours, 1e-9)
    return f"{ratio:,.0f}×" if ratio >= 9.5 else f"{ratio:.1f}×"


def _goals(found: dict[str, Any]) -> dict[str, str]:
    reached = goals(found)
    if found.get("service"):
        reached += service_goals(found["service"])
    rows, short = [], []
    for goal in reached:
        sign = "≥" if goal.at_least else "≤"
        aim = f", aim {goal.number(goal.aim)}" if goal.aim is not None else ""
        bound = f"{sign} {goal.number(goal.bound)}{aim}"
        rows.append([goal.what, bound, goal.number(goal.value), goal.verdict()])
        if not goal.kept:
            short.append(f"- **Missed:** {goal.what}: {goal.number(goal.value)}.")
        elif goal.aim is not None and not goal.aim_reached:
            short.append(f"- Aim not reached: {goal.what}: {goal.number(goal.value)}.")
    heading = ["what", "goal", "measured", "verdict"]
    return {"goals": table(heading, rows), "shortfalls": "\n".join(short)}


def _path(found: dict[str, Any]) -> dict[str, Any]:
    sizes = []
    for customers, sized in found["path"].items():
        runs = {package: Run.of(one) for package, one in sized.items()}
        ours = runs["huitouke"]
        rows = [
            [label, *(seconds(run.steps[name].cpu) for run in runs.values())]
            for name, label in STEPS.items()
        ]
        total, last = ours.total.cpu, scoring_cpu(ours)
        rows += [
            ["**total CPU s (wall)**", *(_both(run.total) for run in runs.values())],
            ["ratio to Huitouke", *(_times(run.total.cpu, total) for run in runs.values())],
            ["ratio, last three steps", *(_times(scoring_cpu(r), last) for r in runs.values())],
            ["with start-up and imports", *(_both(run.whole) for run in runs.values())],
            ["peak memory, MB", *(f"{run.peak_mb:,.0f}" for run in runs.values())],
            ["runs", *(str(one["times"]) for one in sized.values())],
        ]  # fmt: skip
        head = [f"{int(customers):,} customers", *runs]
        own = seconds(ours.found["own_clv_cpu"])
        sizes.append({"table": table(head, rows), "own": own})
    return {"sizes": sizes, "agreement": _agreement(found["path"])}


def _agreement(found: dict[str, Any]) -> str:
    rows = []
    for customers, sized in found.items():
        ours = sized["huitouke"]["found"]
        for package, one in sized.items():
            flat = one.get("flat_priors")
            for label, other in ((package, one), (f"{package}, flat priors", flat)):
                if package == "huitouke" or other is None:
                    continue
                numbers = _differences(ours, told=other["found"], apart=other["agreement"])
                rows.append([f"{label}, {int(customers):,}", *(f"{n:.0e}" for n in numbers)])
    head = ["largest relative difference", "counts and days", "mean spend", "parameters",
            "P(alive)", "365 days", "12-month value"]  # fmt: skip
    return table(head, rows)


def _differences(
    ours: dict[str, float], *, told: dict[str, float], apart: dict[str, Any]
) -> list[float]:
    names = ("r", "alpha", "a", "b", "p", "q", "gamma")
    parameters = max(abs(told[name] / ours[name] - 1) for name in names)
    gaps = apart["apart"]
    counts = max(gaps[name] for name in ("x", "t_x", "T"))
    outputs = [gaps[name] for name in ("p_alive", "expected", "clv")]
    return [counts, gaps["m"], parameters, *outputs]


def _pareto(found: dict[str, Any]) -> dict[str, str]:
    rows, notes = [], []
    for customers, sized in found["pareto"].items():
        ours, theirs = Run.of(sized["huitouke"]), Run.of(sized["lifetimes"])
        for step, label in (("fit", "fit"), ("p_alive", "P(alive)"), ("expected", "365 days")):
            one, other = ours.steps[step], theirs.steps[step]
            name = f"{label}, {int(customers):,} customers"
            rows.append([name, _both(one), _both(other), _times(other.cpu, one.cpu)])
        names = ("r", "alpha", "s", "beta")
        worst = max(abs(theirs.found[name] / ours.found[name] - 1) for name in names)
        gain = ours.found["log_likelihood"] - theirs.found["log_likelihood"]
        apart, missing = sized["agreement"]["apart"], sized["agreement"]["missing_theirs"]
        note = (
            f"- {int(customers):,} customers: parameters differ by at most {worst:.0e} (the "
            f"log-likelihood of Huitouke's is higher by {gain:.1e}), P(alive) by "
            f"{apart['p_alive']:.0e}, the expectation by {apart['expected']:.0e}."
        )
        if missing:
            none = f"{max(missing.values()):,}"
            note += (
                f" lifetimes returns no number (NaN) for {none} customers, Huitouke for none."
            )
        notes.append(note)
    head = ["CPU s (wall)", "huitouke", "lifetimes", "ratio"]
    return {"table": table(head, rows), "notes": "\n".join(notes)}


def _whole(found: dict[str, Any]) -> str:
    runs = {f"{one['customers']:,}, {ids} ids": one for ids, one in found["whole"].items()}
    large = found.get("large")
    if large:
        runs[f"{large['customers']:,}, int64 ids"] = large
    rows = []
    for name, one in runs.items():
        size = {file: f"{of / 1e6:,.1f}" for file, of in one["files"].items()}
        rows.append(
            [name, f"{one['cpu']:.1f}", f"{one['wall']:.1f}", f"{one['peak_mb']:,.0f}",
             size["report.html"], size["customers.parquet"]]
        )  # fmt: skip
    head = ["customers", "CPU s", "wall s", "peak MB", "report MB", "customers.parquet MB"]
    return table(head, rows)


def _kept(found: dict[str, Any]) -> str:
    rows = []
    for customers, one in found["kept"].items():
        told, run = one["found"], Run.of(one)
        rebuild, add = run.steps["rebuild"].cpu, told["add_cpu"]
        rows.append(
            [f"{int(customers):,}", f"{told['rows']:,}", f"{told['rows_a_day']:,.0f}",
             seconds(add), f"{add / told['rows_a_day'] * 1e9:,.0f}", seconds(rebuild),
             _times(rebuild, add), seconds(run.steps["read_out"].cpu),
             "yes" if told["equal"] else "**no**"]
        )  # fmt: skip
    head = ["customers", "rows in all", "rows a day", "adding a day, CPU s", "ns a row",
            "rebuild, CPU s", "ratio", "reading out, CPU s", "equal"]  # fmt: skip
    return table(head, rows)


def _reading(found: dict[str, Any]) -> str:
    names = {"csv": "simulated orders, CSV", "journey": "Complete Journey lines, Parquet"}
    rows = []
    for name, one in found["reading"].items():
        told, cost = one["found"], Run.of(one).steps["read"]
        rows.append(
            [names[name], f"{told['rows']:,}", f"{told['orders']:,}", _both(cost),
             f"{told['rows'] / cost.cpu:,.0f}", f"{one['peak_mb']:,.0f}"]
        )  # fmt: skip
    head = ["file", "rows", "orders", "CPU s (wall)", "rows per CPU s", "peak MB"]
    return table(head, rows)


def _checks(found: dict[str, Any]) -> list[dict[str, str]]:
    made = [found[name] for name in ("recovery", "worlds") if found.get(name)]
    return [{**one, "cpu": seconds(one["cpu"])} for one in made]
