"""The lock files hold what the project declares, at one version each, with hashes."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

SETS = {"run": (), "demo": ("demo",), "dev": ("demo", "spark", "dev"), "bench": ("bench",)}
PINNED = re.compile(
    r"^(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>\S+?)(?: ; (?P<marker>.+?))? \\\n"
    r"(?P<hashes>(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)",
    re.MULTILINE,
)


def pins(checkout, name):
    text = (checkout / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    return [
        (found["name"], found["version"])
        for found in PINNED.finditer(text)
        if not found["marker"] or Requirement(f"x; {found['marker']}").marker.evaluate()
    ]


@pytest.fixture(scope="module")
def project(checkout):
    return tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", SETS)
def test_a_lock_holds_everything_that_is_declared(name, checkout, project):
    extras = project["project"]["optional-dependencies"]
    declared = [
        *project["build-system"]["requires"],
        *project["project"]["dependencies"],
        *(line for extra in SETS[name] for line in extras[extra]),
    ]
    locked = dict(pins(checkout, name))

    unmet = [
        line
        for line in declared
        if (wanted := Requirement(line)).marker is None or wanted.marker.evaluate()
        if locked.get(canonicalize_name(wanted.name), "0") not in wanted.specifier
    ]

    assert unmet == [], "run `make lock`"


@pytest.mark.parametrize("name", SETS)
def test_a_lock_holds_packages_and_hashes_only(name, checkout):
    text = (checkout / "requirements" / f"{name}.txt").read_text(encoding="utf-8")

    rest = [
        line for line in PINNED.sub("", text).splitlines() if not line.lstrip().startswith("#")
    ]

    assert rest == []


def test_smaller_sets_are_part_of_larger_ones_at_the_same_versions(checkout):
    run, demo, dev = (set(pins(checkout, name)) for name in ("run", "demo", "dev"))

    assert run <= demo <= dev


def test_the_build_needs_what_the_locks_were_made_with(checkout, project):
    lines = (checkout / "requirements" / "build.in").read_text(encoding="utf-8").split()

    assert lines == project["build-system"]["requires"]
