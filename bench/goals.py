"""What is aimed at, and what was reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from measure import Run

__all__ = ["Goal", "goals", "scoring_cpu"]

SCORING = ("p_alive", "expected", "clv")


@dataclass(frozen=True)
class Goal:
    """A number with the bound it must keep and the one it aims at.

    ``unit`` is empty for a plain ratio; ``at_least`` tells which side is good; ``aim`` is
    None where there is none.
    """

    what: str
    value: float
    bound: float
    aim: float | None
    unit: str
    at_least: bool

    @property
    def kept(self) -> bool:
        """Whether the bound is kept."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    @property
    def aim_reached(self) -> bool:
        """Whether the aim is reached; True where there is none."""
        if self.aim is None:
            return True
        return self.value >= self.aim if self.at_least else self.value <= self.aim

    def number(self, value: float) -> str:
        """Return a value of this goal with its unit."""
        if self.unit == "×":
            return f"{value:,.0f}×"
        if self.unit in {"MB", "a second"}:
            return f"{value:,.0f} {self.unit}"
        if not self.unit:
            return f"{value:.2f}"
        return f"{value:.1f} {self.unit}"

    def verdict(self) -> str:
        """Return whether it was reached, in words."""
        if not self.kept:
            return "**missed**"
        return "reached" if self.aim_reached else "bound kept, aim missed"


def scoring_cpu(run: Run) -> float:
    """Return the CPU seconds of P(alive), a year's expectation and the 12-month value."""
    return sum(run.steps[name].cpu for name in SCORING)


def goals(found: dict[str, Any]) -> list[Goal]:
    """Return every goal whose numbers have been measured."""
    made: list[Goal] = []
    makers = {"path": _path, "pareto": _pareto, "whole": _whole, "large": _large}
    for name, of in makers.items():
        if found.get(name):
            made += of(found[name])
    return made


def _path(found: dict[str, Any]) -> list[Goal]:
    customers = list(found)[-1]
    runs = {package: Run.of(found[customers][package]) for package in found[customers]}
    ours, lifetimes, pymc = (runs[each] for each in ("huitouke", "lifetimes", "pymc-marketing"))
    size = f"{int(customers):,} customers"
    own = scoring_cpu(ours) - ours.steps["clv"].cpu + ours.found["own_clv_cpu"]
    theirs = scoring_cpu(lifetimes)
    return [
        Goal(f"orders to lifetime value, {size}: less CPU than lifetimes",
             lifetimes.total.cpu / ours.total.cpu, 20, 40, "×", True),
        Goal(f"orders to lifetime value, {size}: less CPU than pymc-marketing MAP",
             pymc.total.cpu / ours.total.cpu, 12, 25, "×", True),
        Goal(f"scoring, {size}: less CPU than lifetimes, value by its monthly convention",
             theirs / scoring_cpu(ours), 80, None, "×", True),
        Goal(f"scoring, {size}: less CPU than lifetimes, value by Huitouke's own `clv`",
             theirs / own, 80, None, "×", True),
        Goal(f"orders to lifetime value, {size}: peak memory", ours.peak_mb, 1200, 400, "MB",
             False),
    ]  # fmt: skip


def _pareto(found: dict[str, Any]) -> list[Goal]:
    made = []
    for (customers, sized), bound in zip(found.items(), (40, 150), strict=True):
        ours, theirs = Run.of(sized["huitouke"]), Run.of(sized["lifetimes"])
        ratio = theirs.steps["fit"].cpu / ours.steps["fit"].cpu
        what = f"Pareto/NBD fit, {int(customers):,} customers: less CPU than lifetimes"
        made.append(Goal(what, ratio, bound, None, "×", True))
    return made


def _whole(found: dict[str, Any]) -> list[Goal]:
    return [
        Goal(
            f"`huitouke analyze`, {one['customers']:,} customers, {ids} ids, report included",
            one["cpu"], 60, None, "CPU s", False,
        )
        for ids, one in found.items()
    ]  # fmt: skip


def _large(found: dict[str, Any]) -> list[Goal]:
    what = f"`huitouke analyze`, {found['customers']:,} customers: peak memory"
    return [Goal(what, found["peak_mb"], 12_000, None, "MB", False)]
