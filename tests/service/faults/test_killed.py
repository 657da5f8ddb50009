"""Faults 5 and 7: killed or stopped in the middle of a stream, nothing is lost or doubled."""

from __future__ import annotations

import pytest
from harness.killing import chosen

HITS = [
    ("web",),
    ("database",),
    ("service_itself", "backend"),
    ("web_stopped", "database_stopped"),
    ("everything",),
]


@pytest.mark.parametrize(
    ("place", "names"), list(enumerate(HITS)), ids=["+".join(h) for h in HITS]
)
def test_nothing_is_lost_whatever_is_killed(served, drive, seeds, place, names):
    driver = drive(served, seed=seeds + place)
    faults = chosen(served, names=names, random=driver.random, stop_seconds=1.0)

    driver.run(200, faults=faults)
    served.wait()
    driver.settle()
    driver.replay(share=0.3)

    driver.check(database_url=served.database_url())
    assert driver.counts["answered"] >= 200


def test_the_ledger_is_whole_after_all_of_it(served):
    served.verify()
