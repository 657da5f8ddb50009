"""Do the models find the parameters that made their customers, and say how sure they are?

    python bench/recovery.py [worlds] [customers]

Simulates worlds in continuous time (200 of 5 000 customers unless told otherwise), fits each
and prints, per model and parameter: bias of the log-parameter, how often the 95 % Laplace
interval holds the truth, and, per tenth of P(alive), the share truly alive.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np

from huitouke.insight.models.bgnbd import BgNbd
from huitouke.insight.models.contract import Panel
from huitouke.insight.models.mbgnbd import MbgNbd
from huitouke.insight.models.nbd import Nbd
from huitouke.insight.models.paretonbd import ParetoNbd
from huitouke.insight.tables import Status

WEEKS = 104.0
TRUTHS = {
    Nbd: {"r": 0.8, "alpha": 7.0},
    BgNbd: {"r": 0.9, "alpha": 6.0, "a": 0.8, "b": 2.5},
    MbgNbd: {"r": 0.9, "alpha": 6.0, "a": 0.8, "b": 2.5},
    ParetoNbd: {"r": 0.8, "alpha": 7.0, "s": 0.7, "beta": 12.0},
}


def timed(truth: dict[str, float], *, n: int, rng: np.random.Generator):
    """Customers who leave at a moment of their own (or never), and who is alive."""
    tenure = rng.uniform(WEEKS / 2, WEEKS, n)
    pace = rng.gamma(truth["r"], 1.0 / truth["alpha"], n)
    stop = np.full(n, np.inf)
    if "s" in truth:
        leave = np.maximum(rng.gamma(truth["s"], 1.0 / truth["beta"], n), 1e-300)
        stop = rng.exponential(1.0, n) / leave
    end = np.minimum(stop, tenure)
    count = rng.poisson(pace * end)
    last = end * rng.random(n) ** (1.0 / np.maximum(count, 1))
    return Panel(count, np.where(count > 0, last, 0.0), tenure), stop > tenure


def geometric(truth: dict[str, float], *, n: int, rng: np.random.Generator, first: bool):
    """Customers who may leave after a purchase, and who is alive."""
    tenure = rng.uniform(WEEKS / 2, WEEKS, n)
    pace = rng.gamma(truth["r"], 1.0 / truth["alpha"], n)
    leave = rng.beta(truth["a"], truth["b"], n)
    count, last, now = np.zeros(n, dtype=np.int64), np.zeros(n), np.zeros(n)
    alive = np.ones(n, dtype=bool)
    if first:
        alive = rng.random(n) >= leave
    here = np.flatnonzero(alive)
    while here.size:
        now[here] += rng.exponential(1.0, here.size) / pace[here]
        here = here[now[here] < tenure[here]]
        count[here] += 1
        last[here] = now[here]
        gone = rng.random(here.size) < leave[here]
        alive[here[gone]] = False
        here = here[~gone]
    return Panel(count, last, tenure), alive


def world(kind: type, *, n: int, seed: int):
    rng = np.random.default_rng(seed)
    truth = TRUTHS[kind]
    if kind in {Nbd, ParetoNbd}:
        return timed(truth, n=n, rng=rng)
    return geometric(truth, n=n, rng=rng, first=kind is MbgNbd)


def recover(kind: type, *, worlds: int, customers: int, say: Callable[[str], None]) -> None:
    truth = np.log(list(TRUTHS[kind].values()))
    errors, held, accepted = [], [], 0
    deciles, truly = np.zeros((2, 10)), np.zeros(10)
    for seed in range(worlds):
        panel, alive = world(kind, n=customers, seed=seed)
        model = kind().fit(panel)
        accepted += model.status_ == Status.OK and model.fit_record_.gradient < 1e-6
        error = np.log(list(model.parameters_.values())) - truth
        errors.append(error)
        held.append(np.abs(error) < 1.959964 * np.sqrt(np.diag(model.covariance_)))
        chance = model.p_alive(panel)
        tenth = np.minimum((chance * 10).astype(int), 9)
        deciles += np.stack(
            [np.bincount(tenth, minlength=10), np.bincount(tenth, chance, minlength=10)]
        )
        truly += np.bincount(tenth, alive, minlength=10)
    say(f"{kind.label}: {worlds} worlds of {customers} customers, {accepted} accepted")
    for name, bias, cover in zip(
        kind.names, np.mean(errors, axis=0), np.mean(held, axis=0), strict=True
    ):
        say(f"  ln {name:6} bias {bias:+.4f}   95 % interval holds the truth {cover:6.1%}")
    stated = " ".join(f"{p / max(n, 1):.2f}" for n, p in deciles.T)
    found = " ".join(f"{p / max(n, 1):.2f}" for n, p in zip(deciles[0], truly, strict=True))
    say(f"  P(alive) stated {stated}\n  truly alive     {found}")


def main() -> None:
    worlds = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    customers = int(sys.argv[2]) if len(sys.argv) > 2 else 5000
    for kind in TRUTHS:
        recover(kind, worlds=worlds, customers=customers, say=print)


if __name__ == "__main__":
    main()
