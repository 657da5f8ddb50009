"""The tables of the rules pages say what the code does."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from huitouke.service.programme.economics import exploits
from huitouke.service.programme.economics.fitting import (
    COHORTS_LEAST,
    ENDED_LEAST,
    REDEMPTIONS_LEAST,
)

PAGES = Path(__file__).resolve().parents[4] / "docs" / "rules"


def page(name):
    return (PAGES / name).read_text(encoding="utf-8")


def test_every_kind_of_loop_is_on_the_page():
    told = set(re.findall(r"^\| `(\w+)` \|", page("exploits.md"), flags=re.MULTILINE))

    modules = {inspect.getmodule(look) for look in exploits.LOOKED_FOR}
    code = "\n".join(inspect.getsource(module) for module in modules)
    made = set(re.findall(r'kind="(\w+)"', code))
    assert told == made


def test_the_least_data_are_on_the_page():
    text = (
        f"at least {COHORTS_LEAST} months of issue, {ENDED_LEAST} of them at their end, "
        f"{REDEMPTIONS_LEAST} redemptions"
    )

    assert text in page("liability.md")


def test_the_published_figures_are_on_the_page():
    figures = re.findall(r"\b\d{1,3},\d{3}\b", page("liability.md"))

    assert {"91,324", "8,676", "4,110", "3,493", "1,073"} <= set(figures)
    assert {"4,175", "3,552", "4,140"} <= set(figures)
