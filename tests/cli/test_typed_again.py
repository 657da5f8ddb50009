"""Commands are named so that whoever reads them can type them in another window."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from huitouke.cli.service import typed_again


@pytest.fixture
def started(monkeypatch, tmp_path):
    """Have the program started by this name, with these folders on the PATH."""
    monkeypatch.delenv("HUITOUKE_DATA_DIR", raising=False)

    def start(name, *, path=()):
        monkeypatch.setattr(sys, "argv", [name, "serve"])
        monkeypatch.setenv("PATH", ":".join(map(str, (*path, tmp_path))))

    return start


def test_who_started_it_by_its_path_is_told_that_path(started):
    started(".venv/bin/huitouke")

    assert typed_again("worker", folder=None) == ".venv/bin/huitouke worker"


def test_where_it_is_on_the_path_its_name_is_enough(started, tmp_path):
    program = tmp_path / "bin" / "huitouke"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    started(str(program), path=[program.parent])

    assert typed_again("worker", folder=None) == "huitouke worker"


def test_a_program_around_it_is_not_named(started):
    started("-c")

    assert typed_again("worker", folder=None) == "huitouke worker"


def test_the_folder_goes_along_and_a_database_of_ones_own_has_none(started, monkeypatch):
    started("-c")
    monkeypatch.setenv("HUITOUKE_DATA_DIR", "/srv/shop")

    assert (
        typed_again("worker", folder=Path("my shop")) == "huitouke worker --data-dir 'my shop'"
    )
    assert typed_again("worker", folder=None) == "huitouke worker"
