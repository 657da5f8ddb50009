"""Pages made from the code are up to date, and nothing public goes without a word."""

from __future__ import annotations

import ast
import re

import ibis
import pytest

from huitouke.errors import HuitoukeError
from huitouke.insight import tables


@pytest.fixture(scope="module")
def modules(docs_build):
    return docs_build.import_all()


@pytest.fixture(scope="module")
def product_errors(modules):
    found, open_ends = {}, [HuitoukeError]
    while open_ends:
        for error in open_ends.pop().__subclasses__():
            open_ends.append(error)
            if error.__module__ in modules:
                found[f"{error.__module__}.{error.__qualname__}"] = error
    return found


def public_nodes(source):
    """Yield what a module shows: listed functions and classes, and their public members."""
    for node in source.tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node.name, node
            if isinstance(node, ast.ClassDef):
                for member in node.body:
                    if isinstance(member, ast.FunctionDef) and not member.name.startswith("_"):
                        yield f"{node.name}.{member.name}", member


def test_pages_made_from_the_code_are_up_to_date(docs_build):
    stale = [
        path.name
        for path, text in docs_build.pages().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]

    assert stale == [], "run `make docs`"


def test_every_public_name_has_a_summary(sources):
    silent = []
    for source in sources:
        summary = (ast.get_docstring(source.tree) or "").split("\n\n")[0]
        if not summary.endswith((".", "?", ":")):
            silent.append(f"{source.place}: the module says nothing of itself")
        for name, node in public_nodes(source):
            first = (ast.get_docstring(node) or "").split("\n\n")[0]
            overrides = {"override", "overload", f"{node.name}.setter"}
            marks = {ast.unparse(mark).rpartition("typing.")[2] for mark in node.decorator_list}
            if not first.endswith(".") and not marks & overrides:
                silent.append(f"{source.place}:{node.lineno}: {name}")

    assert silent == []


def test_every_table_is_listed():
    declared = {
        value.name for value in vars(tables).values() if isinstance(value, tables.Table)
    }

    assert declared == {table.name for table in tables.ALL_TABLES}


def test_every_column_has_a_meaning_and_a_type():
    wrong = []
    for table in tables.ALL_TABLES:
        if not table.meaning.endswith("."):
            wrong.append(f"{table.name}: no meaning")
        if missing := set(table.key) - set(table.names):
            wrong.append(f"{table.name}: key names no column: {sorted(missing)}")
        if len(set(table.names)) != len(table.names):
            wrong.append(f"{table.name}: a column stands twice")
        for column in table.columns:
            if not column.meaning.endswith("."):
                wrong.append(f"{table.name}.{column.name}: no meaning")
            if not ibis.dtype(column.type):
                wrong.append(f"{table.name}.{column.name}: no such type: {column.type}")

    assert wrong == []


def test_every_judged_column_has_a_status_beside_it():
    judged = {f"{name}_status" for name in tables.JUDGED}

    assert set(tables.JUDGED) | judged <= set(tables.CUSTOMERS.names)


def test_every_error_has_a_code_of_its_stage(product_errors):
    wrong = [
        f"{name}: {error.code!r}"
        for name, error in sorted(product_errors.items())
        if "code" in vars(error) or not error.__subclasses__()
        if not re.fullmatch(r"[a-z]+(_[a-z]+)*\.[a-z0-9]+(_[a-z0-9]+)*", error.code)
        or error.code.partition(".")[0] not in error.__module__.split(".")
    ]

    assert wrong == []


def test_every_error_says_what_is_wrong_and_what_to_do_in_both_languages(
    product_errors, docs_build
):
    wrong = [
        f"{name}.{part}: {message!r}"
        for name, error in sorted(product_errors.items())
        if error.code
        for part, message in (("says", error.says), ("remedy", error.remedy))
        if not message or docs_build.said(message, "zh") in ("", docs_build.said(message, "en"))
    ]

    assert wrong == []


def test_every_error_is_documented(product_errors, checkout):
    page = (checkout / "docs" / "errors.md").read_text(encoding="utf-8")

    missing = [
        name
        for name, error in sorted(product_errors.items())
        if error.code and f"### `{error.code}`\n" not in page
    ]

    assert missing == []
