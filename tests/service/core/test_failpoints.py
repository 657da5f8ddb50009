"""Failpoints stop a process in tests, and do nothing where they were not allowed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

WALK = """
from huitouke.service.core.failpoints import failpoint
for number in range(3):
    failpoint("before_commit")
    print(number, flush=True)
"""


def passed(**variables):
    done = subprocess.run(
        [sys.executable, "-c", WALK],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.split()


@pytest.mark.parametrize(
    ("point", "ended"),
    [
        ("before_commit:exit", (137, [])),
        ("before_commit:exit@3", (137, ["0", "1"])),
        ("before_commit:sleep-1", (0, ["0", "1", "2"])),
        ("after_commit:exit", (0, ["0", "1", "2"])),
        ("", (0, ["0", "1", "2"])),
    ],
)
def test_a_process_ends_where_it_was_told_to(point, ended):
    assert passed(HUITOUKE_FAILPOINT=point, HUITOUKE_TEST_FAILPOINTS="1") == ended


def test_a_real_service_does_not_know_failpoints():
    assert passed(HUITOUKE_FAILPOINT="before_commit:exit") == (0, ["0", "1", "2"])
