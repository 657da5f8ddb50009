"""What the page says of the service: tables, and the goals with what was reached."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from typing import Any

from goals import Goal

__all__ = ["sections", "service_goals"]

Rows = list[list[str]]
Rounds = Sequence[dict[str, Any]]

_SCRIPTS = {
    "minimal": "**minimal: begin, 1 insert, 1 update, commit**",
    "earn": "earn",
    "spend": "burn, soonest to expire first, ~2 lots each",
    "replay": "earn under a known key",
    "hot": "burn, all clients on one member with 4,000 lots",
}
_BATCHES = {
    "earn_1000": "earns, 1,000 a batch",
    "earn_10000": "earns, 10,000 a batch",
    "replay_1000": "the same 1,000 again",
    "replay_10000": "the same 10,000 again",
    "spend_1000": "burns, 1,000 a batch",
    "spend_10000": "burns, 10,000 a batch",
    "sweep": "sweep of accounts with lots that expired",
}
_SINGLE = {
    "earn": "`POST …/adjustments`, new key",
    "replay": "the same requests again",
    "checkin": "`POST /v1/events`, one check-in",
    "order": "`POST /v1/events`, one order of two lines",
    "balance": "`GET …/balance`",
    "balance_calm": "`GET …/balance`, a third of that rate",
}
_ARRAYS = {
    "orders_1000": "orders of two lines, 1,000 a request",
    "orders_10000": "orders of two lines, 10,000 a request",
    "checkins_1000": "check-ins, 1,000 a request",
    "checkins_10000": "check-ins, 10,000 a request",
}


def _all(rounds: Rounds, pick: Callable[[dict[str, Any]], float]) -> list[float]:
    return [pick(each) for each in rounds]


def _middle(rounds: Rounds, pick: Callable[[dict[str, Any]], float]) -> float:
    return statistics.median(_all(rounds, pick))


def _spread(rounds: Rounds, pick: Callable[[dict[str, Any]], float], form: str) -> str:
    """Return the median, and in brackets the least and the most of several rounds."""
    values = _all(rounds, pick)
    middle = format(statistics.median(values), form)
    if len(values) == 1:
        return middle
    return f"{middle} [{min(values):{form}}–{max(values):{form}}]"


def _ratio(
    rounds: Rounds,
    over: Callable[[dict[str, Any]], float],
    under: Callable[[dict[str, Any]], float],
) -> float:
    """Return the median of the rounds' ratios."""
    return _middle(rounds, lambda each: over(each) / under(each))


def _tps(name: str) -> Callable[[dict[str, Any]], float]:
    return lambda each: float(each["pgbench"][name]["tps"])


def sections(
    found: dict[str, Any], *, table: Callable[[list[str], Rows], str]
) -> dict[str, str]:
    """Return the tables of the service.

    Parameters
    ----------
    found
        What ``service`` in ``ledger_cases`` returned.
    table
        Makes a Markdown table of a head and rows.
    """
    rounds = found["rounds"]
    http = found["http"]["rounds"]
    posted = found["posted"]
    about = found["server"]
    return {
        "server": ", ".join(
            [f"PostgreSQL {about['server_version']}"]
            + [f"{name}={value}" for name, value in about.items() if name != "server_version"]
        ),
        "rounds": str(len(rounds)),
        "scripts": table(
            ["16 clients, prepared", "a second", "× minimal", "p50 ms", "p99 ms",
             "CPU μs, server + pgbench"],
            [_script_row(rounds, name, label) for name, label in _SCRIPTS.items()],
        ),
        "refused": f"{sum(each[0] for each in posted.values()):,} postings were done and "
        f"{sum(each[1] for each in posted.values()):,} refused for lack of points.",
        "batches": table(
            ["one connection", "entries a second", "× minimal", "ms a batch",
             "CPU μs an entry, server + Python"],
            [_batch_row(rounds, name, label) for name, label in _BATCHES.items()],
        ),
        "processes": table(
            ["4 processes, no HTTP", "a second", "CPU μs, server + Python", "CPU, ratio"],
            [_process_row(rounds, "earn", "`commands.earn`"),
             _process_row(rounds, "hordak", "hordak `transfer_to`")],
        ),
        "single": table(
            ["16 connections", "a second", "× earn by SQL", "p50 ms", "p99 ms",
             "CPU μs, server + Python + client"],
            [_single_row(http, name, label) for name, label in _SINGLE.items()],
        ),
        "arrays": table(
            ["4 connections", "facts a second", "ledger entries a second", "ms a request",
             "CPU μs a fact, server + Python"],
            [_array_row(http, name, label) for name, label in _ARRAYS.items()
             if name in http[0]],
        ),
        **_grown(found["growth"], table=table),
    }  # fmt: skip


def _script_row(rounds: Rounds, name: str, label: str) -> list[str]:
    def of(key: str) -> Callable[[dict[str, Any]], float]:
        return lambda each: float(each["pgbench"][name][key])

    return [
        label,
        _spread(rounds, of("tps"), ",.0f"),
        f"{_ratio(rounds, of('tps'), _tps('minimal')):.2f}",
        _spread(rounds, of("p50_ms"), ".1f"),
        _spread(rounds, of("p99_ms"), ".1f"),
        f"{_middle(rounds, of('pg_us')):,.0f} + {_middle(rounds, of('client_us')):,.0f}",
    ]


def _batch_row(rounds: Rounds, name: str, label: str) -> list[str]:
    def of(key: str) -> Callable[[dict[str, Any]], float]:
        return lambda each: float(each["batches"][name][key])

    return [
        label,
        _spread(rounds, of("per_second"), ",.0f"),
        f"{_ratio(rounds, of('per_second'), _tps('minimal')):.1f}",
        _spread(rounds, of("ms"), ",.0f"),
        f"{_middle(rounds, of('pg_us')):,.0f} + {_middle(rounds, of('python_us')):,.0f}",
    ]


def _process_cpu(name: str) -> Callable[[dict[str, Any]], float]:
    return lambda each: float(
        each["processes"][name]["pg_us"] + each["processes"][name]["python_us"]
    )


def _process_row(rounds: Rounds, name: str, label: str) -> list[str]:
    def of(key: str) -> Callable[[dict[str, Any]], float]:
        return lambda each: float(each["processes"][name][key])

    return [
        label,
        _spread(rounds, of("per_second"), ",.0f"),
        f"{_middle(rounds, of('pg_us')):,.0f} + {_middle(rounds, of('python_us')):,.0f}",
        f"{_ratio(rounds, _process_cpu(name), _process_cpu('hordak')):.2f}",
    ]


def _beside(each: dict[str, Any]) -> float:
    return float(each["beside"]["earn"]["tps"])


def _single_row(rounds: Rounds, name: str, label: str) -> list[str]:
    def of(key: str) -> Callable[[dict[str, Any]], float]:
        return lambda each: float(each[name][key])

    parts = (f"{_middle(rounds, of(key)):,.0f}" for key in ("pg_us", "python_us", "client_us"))
    return [
        label,
        _spread(rounds, of("rate"), ",.0f"),
        f"{_ratio(rounds, of('rate'), _beside):.2f}",
        _spread(rounds, of("p50_ms"), ".1f"),
        _spread(rounds, of("p99_ms"), ".1f"),
        " + ".join(parts),
    ]


_PARTS = ("pg_us", "python_us")


def _array_row(rounds: Rounds, name: str, label: str) -> list[str]:
    def of(key: str) -> Callable[[dict[str, Any]], float]:
        return lambda each: float(each[name][key])

    facts = int(name.rpartition("_")[2])
    return [
        label,
        _spread(rounds, of("facts_per_second"), ",.0f"),
        _spread(rounds, of("entries_per_second"), ",.0f"),
        _spread(rounds, of("p50_ms"), ",.0f"),
        " + ".join(f"{_middle(rounds, of(part)) / facts:,.0f}" for part in _PARTS),
    ]


_GROWN = {
    "earn": "earn, 16 clients",
    "burn_few": "burn of one client, 10 open lots",
    "burn_many": "burn of one client, 10,000 open lots",
    "balance": "balance now, 4 clients",
    "as_of": "balance at a random earlier moment, 4 clients",
}


def _mean_ms(size: str, script: str) -> Callable[[dict[str, Any]], float]:
    clients = {"earn": 16, "balance": 4, "as_of": 4}.get(script, 1)
    return lambda each: clients * 1e3 / float(each[size][script]["tps"])


def _grown_row(rounds: Rounds, script: str, label: str) -> list[str]:
    row = [label]
    for size in ("small", "large"):
        row.append(_spread(rounds, _mean_ms(size, script), ".2f"))
        slow = _middle(rounds, lambda each, size=size: each[size][script]["p99_ms"])
        row.append(f"{slow:.1f}")
    ratio = _ratio(rounds, _mean_ms("large", script), _mean_ms("small", script))
    return [*row, f"{ratio:.2f}"]


def _grown(found: dict[str, Any], *, table: Callable[[list[str], Rows], str]) -> dict[str, str]:
    rounds = found["rounds"]
    names = {size: f"{found['entries'][size]:,} entries" for size in ("small", "large")}
    rows = [_grown_row(rounds, script, label) for script, label in _GROWN.items()]
    head = ["mean ms (p99 ms)"]
    for name in names.values():
        head += [name, "p99"]
    checks = [
        [names[size], f"{one['load_seconds']:,.0f}", f"{one['megabytes']:,.0f}",
         f"{one['verify']['seal_seconds']:,.0f}", f"{one['verify']['seconds']:,.1f}",
         f"{one['verify']['entries'] / one['verify']['seconds']:,.0f}",
         f"{one['verify']['since_entries']:,} in {one['verify']['since_seconds']:.1f} s",
         str(one["verify"]["broken"])]
        for size in names for one in (found[size],)
    ]  # fmt: skip
    return {
        "grown": table([*head, "ratio"], rows),
        "checked": table(
            ["ledger", "loading s", "MB on disk", "sealing s", "full check s",
             "entries checked a second", "check of what came since", "broken"],
            checks,
        ),
    }  # fmt: skip


def service_goals(found: dict[str, Any]) -> list[Goal]:
    """Return the goals of the service.

    Parameters
    ----------
    found
        What ``service`` in ``ledger_cases`` returned.
    """
    rounds, http, growth = found["rounds"], found["http"]["rounds"], found["growth"]
    minimal = _tps("minimal")

    def batch(size: int) -> float:
        return _ratio(
            rounds, lambda each: each["batches"][f"earn_{size}"]["per_second"], minimal
        )

    made = [
        Goal("earn by SQL, 16 clients : pgbench minimal",
             _ratio(rounds, _tps("earn"), minimal), 0.45, None, "", True),
        Goal("burn by SQL, 16 clients : pgbench minimal",
             _ratio(rounds, _tps("spend"), minimal), 0.40, None, "", True),
        Goal("burns of one member with 4,000 lots, 16 clients",
             _middle(rounds, _tps("hot")), 300, None, "a second", True),
        Goal("earns, 1,000 a batch : pgbench minimal", batch(1_000), 2, None, "", True),
        Goal("earns, 10,000 a batch : pgbench minimal", batch(10_000), 3, None, "", True),
        Goal("earn from Python : hordak transfer, CPU",
             _ratio(rounds, _process_cpu("earn"), _process_cpu("hordak")), 0.30, None, "",
             False),
        Goal("earn over HTTP, 16 connections : earn by SQL",
             _ratio(http, lambda each: each["earn"]["rate"], _beside), 0.35, None, "", True),
        Goal("earn over HTTP, 16 connections: p99",
             _middle(http, lambda each: each["earn"]["p99_ms"]), 60, None, "ms", False),
        Goal("balance over HTTP, a third of the highest rate: p99",
             _middle(http, lambda each: each["balance_calm"]["p99_ms"]), 10, None, "ms", False),
    ]  # fmt: skip
    for size in (1_000, 10_000):
        if f"orders_{size}" in http[0]:
            made += _array_goals(http, size)
    return [*made, *_growth_goals(growth)]


def _array_goals(http: Rounds, size: int) -> list[Goal]:
    """Either of the two is enough."""
    what = f"order facts, {size:,} a request: ledger entries"

    def entries(each: dict[str, Any]) -> float:
        return float(each[f"orders_{size}"]["entries_per_second"])

    def minimal(each: dict[str, Any]) -> float:
        return float(each["beside"]["minimal"]["tps"])

    return [
        Goal(what, _middle(http, entries), 10_000, None, "a second", True),
        Goal(f"{what} : pgbench minimal", _ratio(http, entries, minimal), 1.5, None, "", True),
    ]


def _growth_goals(found: dict[str, Any]) -> list[Goal]:
    rounds, large = found["rounds"], found["large"]["verify"]
    names = {size: f"{found['entries'][size]:,}" for size in ("small", "large")}
    few, many = _mean_ms("large", "burn_few"), _mean_ms("large", "burn_many")
    return [
        Goal(f"earn at {names['large']} entries : at {names['small']}, mean time",
             _ratio(rounds, _mean_ms("large", "earn"), _mean_ms("small", "earn")), 1.3, None,
             "", False),
        Goal("burn with 10,000 open lots : with 10", _ratio(rounds, many, few), 1.5, None, "",
             False),
        Goal(f"balance at a random moment, {names['large']} entries: p99",
             _middle(rounds, lambda each: each["large"]["as_of"]["p99_ms"]), 5, None, "ms",
             False),
        Goal(f"full check, {names['large']} entries", large["entries"] / large["seconds"],
             150_000, None, "a second", True),
    ]  # fmt: skip
