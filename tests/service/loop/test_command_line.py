"""``huitouke insight`` on the service's own data, and the offer at the end of an import."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from huitouke.cli.insight import AnalysisFailed


def said(*words: str) -> str:
    from huitouke.cli.main import cli

    done = CliRunner().invoke(cli, ["insight", *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_what_was_found_is_shown_in_the_readers_language(shop):
    assert re.search(r"customers, [\d,]+ orders", said("show", "--lang", "en"))
    assert "正在流失" in said("show", "--lang", "zh")


def test_a_run_tells_its_steps_and_ends_with_what_was_found(shop):
    told = said("run", "--lang", "en")

    steps = re.findall(r"· +(\d+)%", told)
    assert [int(each) for each in steps] == sorted(map(int, steps))
    assert "Learning who leaves" in told
    assert "Worth from now on" in told


def test_where_nothing_was_bought_the_reason_is_told(nothing):
    with pytest.raises(AnalysisFailed, match="no paid order"):
        said("run", "--quiet", "--lang", "en")


def test_an_import_of_orders_ends_with_the_command_that_analyses_them(nothing, bring, written):
    told = bring(written(["A,A-1,2025-03-01 10:00:00,tea,10.00,0,1,drinks"]))

    assert told.rstrip().endswith("huitouke insight run")
