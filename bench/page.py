"""The page docs/benchmarks.md, written from what was measured."""

from __future__ import annotations

from typing import Any

from goals import goals, scoring_cpu
from measure import Cost, Run

__all__ = ["page"]

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
    parts = [_head(results, about), _goals(results)]
    for name, section in (
        ("path", _path), ("pareto", _pareto), ("whole", _whole), ("kept", _kept),
        ("reading", _reading), ("recovery", _recovery),
    ):  # fmt: skip
        if results.get(name):
            parts.append(section(results[name]["found"], results))
    parts.append(_versions(about))
    return "\n\n".join(parts) + "\n"


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

    >>> seconds(0.00123), seconds(0.0456), seconds(1.234), seconds(203.6)
    ('.0012', '.046', '1.23', '204')
    """
    if value < 0.01:
        return f"{value:.4f}".lstrip("0")
    if value < 1:
        return f"{value:.3f}".lstrip("0")
    return f"{value:.2f}" if value < 100 else f"{value:,.0f}"


def _both(cost: Cost) -> str:
    return f"{seconds(cost.cpu)} ({seconds(cost.wall)})"


def _times(theirs: float, ours: float) -> str:
    return f"{theirs / ours:,.0f}×" if theirs / ours >= 2 else f"{theirs / ours:.1f}×"


def _head(results: dict[str, Any], about: dict[str, Any]) -> str:
    days = sorted({results[name]["on"] for name in results if name != "about"})
    on = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    where = about["machine"]
    return f"""\
<!-- Written by `make bench`; do not edit. -->

# Benchmarks

Measured {on} on {where["processor"]}, {where["cores"]} cores, {where["memory"]}, {where["system"]}, Python {where["python"]}, with `{about["command"]}` (`make bench`).

**How to read.** The number to compare is CPU seconds: user plus system time of all threads and of processes started on the way. Wall seconds, in brackets, depend on what else the machine does. Every measurement is a process of its own; steps are measured after the imports, short ones several times with the median shown, long ones once. Memory is the process's largest resident size, imports included, in MB of 10⁶ bytes. Linear algebra has one thread in every package. Ratios compare runs of the same session.

**Data.** Simulated orders: BG/NBD purchases (r .9, α 44 days, a .55, b 2.4) with Gamma-Gamma amounts (p 6.25, q 3.74, γ 15.44), customers arriving evenly over two years, 4.9 orders each; one Parquet file in order of time with whole-number ids, times in microseconds and amounts as doubles (`huitouke.insight.world.volume`)."""


def _goals(results: dict[str, Any]) -> str:
    found = goals(results)
    rows = []
    for goal in found:
        sign = "≥" if goal.at_least else "≤"
        aim = f", aim {goal.number(goal.aim)}" if goal.aim is not None else ""
        bound = f"{sign} {goal.number(goal.bound)}{aim}"
        rows.append([goal.what, bound, goal.number(goal.value), goal.verdict()])
    missed = [goal for goal in found if not goal.kept]
    short = [goal for goal in found if goal.kept and not goal.aim_reached]
    said = [f"- **Missed:** {g.what}: {g.number(g.value)}." for g in missed]
    said += [
        f"- Aim not reached: {g.what}: {g.number(g.value)} of {g.number(g.aim or 0)}."
        for g in short
    ]
    shortfalls = "\n".join(said) or "None."
    heading = ["what", "goal", "measured", ""]
    return f"## Goals\n\n{table(heading, rows)}\n\n**Shortfalls.**\n\n{shortfalls}"


def _path(found: dict[str, Any], _: dict[str, Any]) -> str:
    parts = [
        "## Orders to lifetime value, like for like\n\n"
        "Parquet file → recency, frequency and spend per customer → BG/NBD → Gamma-Gamma → "
        "P(alive), orders in the next 365 days, value of the next 12 months. The peers are "
        "called as their documentation shows. The value is worked out in all three by the "
        "peers' convention (12 months of 30 days, each discounted at its end by 1 %)."
    ]
    for customers, sized in found.items():
        runs = {package: Run.of(one) for package, one in sized.items()}
        ours = runs["huitouke"]
        rows = []
        for name, label in STEPS.items():
            rows.append([label, *(seconds(run.steps[name].cpu) for run in runs.values())])
        rows.append(["**total CPU s (wall)**", *(_both(run.total) for run in runs.values())])
        rows.append(
            ["ratio to Huitouke", *(_times(r.total.cpu, ours.total.cpu) for r in runs.values())]
        )
        rows.append(
            ["scoring, last three steps",
             *(_times(scoring_cpu(r), scoring_cpu(ours)) for r in runs.values())]
        )  # fmt: skip
        rows.append(
            ["with start-up and imports (wall)", *(_both(run.whole) for run in runs.values())]
        )
        rows.append(["peak memory, MB", *(f"{run.peak_mb:,.0f}" for run in runs.values())])
        head = [f"{int(customers):,} customers", *runs]
        own = seconds(ours.found["own_clv_cpu"])
        parts.append(
            f"{table(head, rows)}\n\nHuitouke's own `clv`, which discounts continuously, "
            f"takes {own} CPU s in place of the 12-month value above."
        )
    return "\n\n".join([*parts, _agreement(found)])


def _agreement(found: dict[str, Any]) -> str:
    names = ("r", "alpha", "a", "b", "p", "q", "gamma")
    rows = []
    for customers, sized in found.items():
        ours = sized["huitouke"]["found"]
        for package in sized:
            if package == "huitouke":
                continue
            told = sized[package]["found"]
            worst = max(abs(told[name] / ours[name] - 1) for name in names)
            apart = sized[package]["agreement"]["apart"]
            exact = max(apart[name] for name in ("x", "t_x", "T", "m"))
            outputs = (apart[name] for name in ("p_alive", "expected", "clv"))
            numbers = (exact, worst, *outputs)
            rows.append(
                [f"{package}, {int(customers):,}", *(f"{number:.0e}" for number in numbers)]
            )
    head = ["largest relative difference", "summary", "parameters", "P(alive)",
            "365 days", "12-month value"]  # fmt: skip
    return f"""\
### Do they agree?

Over all customers, Huitouke beside the other package:

{table(head, rows)}

Where conventions differ: Huitouke fits in weeks (α is compared in days); pymc-marketing's MAP carries its default priors, whose pull fades with the number of customers; the two peers discount by whole months, Huitouke's `clv` continuously. pymc-marketing is measured with its compiled functions already on disk; the very first run compiles for some twenty seconds more. Summaries agree in every count and day; mean spends to rounding."""


def _pareto(found: dict[str, Any], _: dict[str, Any]) -> str:
    rows, notes = [], []
    for customers, sized in found.items():
        ours, theirs = Run.of(sized["huitouke"]), Run.of(sized["lifetimes"])
        for step, label in (("fit", "fit"), ("p_alive", "P(alive)"), ("expected", "365 days")):
            one, other = ours.steps[step], theirs.steps[step]
            rows.append(
                [f"{label}, {int(customers):,}", _both(one), _both(other),
                 _times(other.cpu, one.cpu)]
            )  # fmt: skip
        parameters = max(
            abs(theirs.found[name] / ours.found[name] - 1)
            for name in ("r", "alpha", "s", "beta")
        )
        apart, missing = sized["agreement"]["apart"], sized["agreement"]["missing_theirs"]
        note = (
            f"- {int(customers):,} customers: parameters differ by at most {parameters:.0e}, "
            f"P(alive) by {apart['p_alive']:.0e}, the expectation by {apart['expected']:.0e}."
        )
        if missing:
            worst = max(missing.values())
            note += (
                f" lifetimes gives no number (NaN) for {worst:,} customers; Huitouke for none."
            )
        notes.append(note)
    head = ["CPU s (wall)", "huitouke", "lifetimes", "ratio"]
    told = "\n".join(notes)
    return f"## Pareto/NBD\n\n{table(head, rows)}\n\n{told}"


def _whole(found: dict[str, Any], results: dict[str, Any]) -> str:
    runs = {f"{one['customers']:,}, {ids} ids": one for ids, one in found.items()}
    large = results.get("large")
    if large:
        runs[f"{large['found']['customers']:,}, int64 ids"] = large["found"]
    rows = [
        [name, seconds(one["cpu"]), seconds(one["wall"]), f"{one['peak_mb']:,.0f}",
         f"{one['files']['report.html'] / 1e6:.2f}", f"{one['files']['customers.parquet'] / 1e6:,.0f}"]
        for name, one in runs.items()
    ]  # fmt: skip
    head = ["customers", "CPU s", "wall s", "peak MB", "report MB", "customers.parquet MB"]
    absent = "" if large else "\n\nThe run of 10 million customers is asked for by `--large`."
    return f"""\
## The whole analysis

`huitouke analyze ORDERS.parquet --out DIR`: everything, from reading and checking over model choice at past origins, churn models, groups, lists and intervals to the report and the files; the process from start to end.

{table(head, rows)}{absent}"""


def _kept(found: dict[str, Any], _: dict[str, Any]) -> str:
    rows = []
    for customers, one in found.items():
        told, run = one["found"], Run.of(one)
        per_row = told["add_cpu"] / told["rows_a_day"] * 1e6
        rows.append(
            [f"{int(customers):,}", f"{told['rows']:,}", f"{told['rows_a_day']:,.0f}",
             seconds(told["add_cpu"]), f"{per_row:.2f}", seconds(run.steps["rebuild"].cpu),
             _times(run.steps["rebuild"].cpu, told["add_cpu"]),
             seconds(run.steps["read_out"].cpu), "yes" if told["equal"] else "**no**"]
        )  # fmt: skip
    head = ["customers", "rows before", "rows a day", "adding a day, CPU s", "µs a row",
            "rebuild, CPU s", "ratio", "reading out, CPU s", "equal"]  # fmt: skip
    return f"""\
## A day added to a kept summary

`KeptSummary.add` of one day (median of the last 30) beside `summarise` of all rows in memory. Adding costs in proportion to the new rows, whatever was there before; reading the summary out costs in proportion to the customers.

{table(head, rows)}"""


def _reading(found: dict[str, Any], _: dict[str, Any]) -> str:
    names = {"csv": "simulated orders, CSV", "journey": "Complete Journey lines, Parquet"}
    rows = []
    for name, one in found.items():
        told, cost = one["found"], Run.of(one).steps["read"]
        rows.append(
            [names[name], f"{told['rows']:,}", f"{told['orders']:,}", _both(cost),
             f"{told['rows'] / cost.cpu:,.0f}", f"{one['peak_mb']:,.0f}"]
        )  # fmt: skip
    head = ["file", "rows", "orders", "CPU s (wall)", "rows per CPU s", "peak MB"]
    return f"""\
## Reading

Files read, headings recognised, every cell checked, lines added up to orders (`read_orders`).

{table(head, rows)}"""


def _recovery(found: dict[str, Any], _: dict[str, Any]) -> str:
    parts = ["## Recovery of known truth"]
    for name, one in found.items():
        parts.append(
            f"`python bench/{name}.py {one['worlds']}` ({seconds(one['cpu'])} CPU s):\n\n"
            f"```text\n{one['said']}\n```"
        )
    return "\n\n".join(parts)


def _versions(about: dict[str, Any]) -> str:
    named = ", ".join(f"{name} {version}" for name, version in about["packages"].items())
    others = ", ".join(f"{name} {version}" for name, version in about["others"].items())
    return f"""\
## Versions

{named}.

All live in one environment, installed from `requirements/bench.txt`. The newest pymc-marketing needs Python 3.12; the version here is the newest that runs on Python 3.11.

Everything else that was installed: {others}."""
