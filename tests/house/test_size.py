"""Files fit a sitting and functions a screen; what must be longer says why."""

from __future__ import annotations

import ast

LINES_MOST = 400
STATEMENTS_MOST = 50
LONG_KINDS = {".html", ".j2", ".mjs", ".py", ".sql"}

#: place -> (its own limit in lines, why)
LONGER_FILES: dict[str, tuple[int, str]] = {
    "src/huitouke/insight/tables.py": (
        520,
        "a list of declarations: every table of the loop is read in one place",
    ),
}

#: place::function -> (its own limit in statements, why)
LONGER_FUNCTIONS: dict[str, tuple[int, str]] = {}


def file_lengths(committed, checkout):
    lengths = {}
    for path in committed:
        place = path.relative_to(checkout).as_posix()
        # A machine writes migrations, and nobody changes them afterwards.
        if (
            path.suffix in {".py", ".j2", ".html", ".mjs", ".sql"}
            and "/migrations/" not in place
        ):
            lengths[place] = len(path.read_text(encoding="utf-8").splitlines())
    return lengths


def statements_in(function):
    inner = sum(isinstance(node, ast.stmt) for node in ast.walk(function)) - 1
    return inner - (ast.get_docstring(function) is not None)


def function_lengths(python_files):
    return {
        f"{source.place}::{node.name}": statements_in(node)
        for source in python_files
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def too_long(lengths, most, exceptions):
    return [
        f"{place}: {length}, at most {exceptions.get(place, (most, ''))[0]}"
        for place, length in sorted(lengths.items())
        if length > exceptions.get(place, (most, ""))[0]
    ]


def test_files_keep_to_four_hundred_lines(committed, checkout):
    lengths = file_lengths(committed, checkout)

    assert too_long(lengths, LINES_MOST, LONGER_FILES) == []


def test_functions_keep_to_fifty_statements(python_files):
    lengths = function_lengths(python_files)

    assert too_long(lengths, STATEMENTS_MOST, LONGER_FUNCTIONS) == []


def test_every_exception_is_still_needed_and_says_why(committed, checkout, python_files):
    files = file_lengths(committed, checkout)
    functions = function_lengths(python_files)

    needless = [
        place
        for lengths, most, exceptions in (
            (files, LINES_MOST, LONGER_FILES),
            (functions, STATEMENTS_MOST, LONGER_FUNCTIONS),
        )
        for place, (_, why) in exceptions.items()
        if lengths.get(place, 0) <= most or not why
    ]

    assert needless == []


def test_statements_are_counted_through_every_block():
    function = ast.parse('def f():\n "say"\n if 1:\n  a = 1\n else:\n  a = 2\n return a').body[
        0
    ]

    assert statements_in(function) == 4
