"""The page says what was measured, and shortfalls first of all."""

from __future__ import annotations

import copy

import pytest

from goals import Goal
from page import page

STEPS = ("summary", "bgnbd", "gamma_gamma", "p_alive", "expected", "clv")
FITTED = dict.fromkeys(("r", "alpha", "a", "b", "p", "q", "gamma"), 1.0)
APART = {"apart": dict.fromkeys(("x", "t_x", "T", "m", "p_alive", "expected", "clv"), 1e-7)}


def measured(cpu, *, peak_mb=300.0, **found):
    steps = {name: {"cpu": cpu, "wall": cpu} for name in STEPS}
    whole = {"cpu": 7 * cpu, "wall": 8 * cpu}
    return {"steps": steps, "whole": whole, "peak_mb": peak_mb, "found": found, "times": 1}


@pytest.fixture
def results():
    sized = {
        "huitouke": measured(0.1, **FITTED, own_clv_cpu=0.05),
        "lifetimes": {**measured(4.2, **FITTED), "agreement": APART},
        "pymc-marketing": {**measured(1.3, **FITTED), "agreement": APART},
    }
    return {
        "path": {"on": "2031-02-03", "found": {"1000000": sized}},
        "about": {
            "machine": dict.fromkeys(("processor", "cores", "memory", "system", "python"), "m"),
            "packages": {"huitouke": "1.2"},
            "others": {"six": "1.0"},
            "command": "python bench/run.py",
        },
    }


def test_ratios_are_of_cpu_seconds(results):
    text = page(results)

    assert "| ratio to Huitouke | 1.0× | 42× | 13× |" in text
    assert "Measured 2031-02-03" in text


def test_a_missed_goal_and_a_missed_aim_are_said(results):
    text = page(results)

    assert "less CPU than lifetimes | ≥ 20×, aim 40× | 42× | reached |" in text
    assert "| ≥ 12×, aim 25× | 13× | bound kept, aim missed |" in text
    shortfalls = text.split("Shortfalls:")[1].split("##")[0]
    assert "- **Missed:** scoring, 1,000,000 customers" in shortfalls
    assert "- Aim not reached: orders to lifetime value" in shortfalls


def test_nothing_is_called_a_shortfall_where_every_goal_is_reached(results):
    better = copy.deepcopy(results)
    for package in ("lifetimes", "pymc-marketing"):
        for step in better["path"]["found"]["1000000"][package]["steps"].values():
            step["cpu"] = 100.0

    text = page(better)

    assert "No goal is missed." in text
    assert "Shortfalls" not in text


def test_sections_that_were_not_measured_are_left_out(results):
    assert "## Reading" not in page(results)
    assert "## Pareto/NBD" not in page(results)


def test_a_bound_from_above_is_kept_from_below():
    goal = Goal("memory", 900.0, 1200.0, 400.0, "MB", at_least=False)

    assert (goal.kept, goal.aim_reached) == (True, False)
    assert goal.verdict() == "bound kept, aim missed"
    assert Goal("memory", 1300.0, 1200.0, None, "MB", at_least=False).verdict() == "**missed**"
