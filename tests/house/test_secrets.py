"""No committed file tells where it was made, or is too large to read."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

BYTES_MOST = 1_500_000

# Put together here, so that this file does not name what it looks for.
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("npmmirror", "com"),
        ("deb", "debian", "org"),
        ("security", "debian", "org"),
    )
]
MACHINE_PATH = re.compile(
    r"(?<![\w.~<:\-/])/(?:"
    + "|".join(("work", "root", "home", "Users"))
    + r")(?=[/\s\"'`),:;]|$)"
)
ADDRESS = re.compile(r"[a-z]+://(?:[^/@\s']*@)?([A-Za-z0-9.-]+\.[A-Za-z]{2,})")


@pytest.fixture(scope="module")
def texts(committed, checkout):
    found = {}
    for path in committed:
        try:
            found[path.relative_to(checkout).as_posix()] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return found


def hosts_set_up_here():
    settings = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"],
        capture_output=True,
        text=True,
        check=False,
    )
    return set(ADDRESS.findall(settings.stdout))


def test_no_file_names_a_package_registry(texts):
    hosts = [*REGISTRIES, *hosts_set_up_here()]

    named = [
        f"{place}: {host}" for place, text in texts.items() for host in hosts if host in text
    ]

    assert named == []


def test_no_file_names_a_path_of_the_machine_it_was_made_on(texts):
    named = [
        f"{place}:{text.count(chr(10), 0, found.start()) + 1}: {found.group()}"
        for place, text in texts.items()
        for found in MACHINE_PATH.finditer(text)
    ]

    assert named == []


def test_no_lock_file_says_where_packages_came_from(texts):
    locks = [json.loads(t) for place, t in texts.items() if place.endswith("package-lock.json")]

    resolved = [
        name
        for lock in locks
        for name, package in lock["packages"].items()
        if "resolved" in package
    ]

    assert resolved == []


def test_no_file_is_too_large_to_read(committed, checkout):
    large = [
        f"{path.relative_to(checkout).as_posix()}: {path.stat().st_size} bytes"
        for path in committed
        if path.stat().st_size > BYTES_MOST
    ]

    assert large == []


@pytest.mark.parametrize(
    ("line", "tells"),
    [
        ("cd /ho" + "me/lin", True),
        ('open("/ro' + 'ot")', True),
        ("src/home/lines.py", False),
        ("</ro" + "ot>", False),
        ("https://example.org/ho" + "me", False),
    ],
)
def test_paths_of_a_machine_are_told_from_others(line, tells):
    assert bool(MACHINE_PATH.search(line)) is tells
