"""What the house tests read: committed files, source files, the maker of the docs."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from types import ModuleType

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Source:
    """One Python file: its place in the checkout, its text and its syntax tree."""

    place: str
    text: str
    tree: ast.Module

    @property
    def module(self) -> str:
        """The dotted name, for a file under src."""
        return self.place.removeprefix("src/").removesuffix(".py").replace("/", ".")


def _walked() -> list[Path]:
    lines = (CHECKOUT / ".gitignore").read_text(encoding="utf-8").split()
    left_out = [".git", ".venv*", *(line.strip("/") for line in lines)]
    return [
        path
        for path in CHECKOUT.rglob("*")
        if not any(
            fnmatch(part, pattern)
            for part in path.relative_to(CHECKOUT).parts
            for pattern in left_out
        )
    ]


@pytest.fixture(scope="session")
def checkout() -> Path:
    return CHECKOUT


@pytest.fixture(scope="session")
def committed() -> tuple[Path, ...]:
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    named = [CHECKOUT / name for name in listing.stdout.split("\0") if name]
    paths = named if listing.returncode == 0 and (CHECKOUT / ".git").exists() else _walked()
    return tuple(sorted(path for path in paths if path.is_file()))


@pytest.fixture(scope="session")
def python_files(committed) -> tuple[Source, ...]:
    found = []
    for path in committed:
        if path.suffix == ".py":
            text = path.read_text(encoding="utf-8")
            place = path.relative_to(CHECKOUT).as_posix()
            found.append(Source(place, text, ast.parse(text, filename=place)))
    return tuple(found)


@pytest.fixture(scope="session")
def sources(python_files) -> tuple[Source, ...]:
    """The product's own modules; migrations are written by a machine and kept as they were."""
    return tuple(
        source
        for source in python_files
        if source.place.startswith("src/") and "/migrations/" not in source.place
    )


@pytest.fixture(scope="session")
def docs_build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_build", CHECKOUT / "docs" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
