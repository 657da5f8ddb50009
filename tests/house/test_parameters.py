"""Tests have the same names in every process, or they cannot be shared out among several."""

from __future__ import annotations

import ast
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
#: What answers differently each time.
NEVER_THE_SAME = {"id", "new_id", "now", "today", "uuid1", "uuid4", "uuid7", "token_hex"}


def calls(node):
    """Yield the names of what is called at once: what stands in a lambda is called later."""
    if isinstance(node, ast.Lambda):
        return
    if isinstance(node, ast.Call):
        yield getattr(node.func, "attr", getattr(node.func, "id", ""))
    for child in ast.iter_child_nodes(node):
        yield from calls(child)


def changing(text):
    """Return the lines of parameters that are others in each process."""
    return [
        decorator.lineno
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        for decorator in node.decorator_list
        if "parametrize" in ast.unparse(decorator) and NEVER_THE_SAME & set(calls(decorator))
    ]


def test_parameters_are_the_same_in_every_process():
    found = [
        f"{path.relative_to(CHECKOUT)}:{line}"
        for path in sorted((CHECKOUT / "tests").rglob("*.py"))
        for line in changing(path.read_text("utf-8"))
    ]

    assert found == []


def test_a_parameter_that_changes_is_found():
    made = "@pytest.mark.parametrize('code', ['a', {0}])\ndef test_it(code): pass\n"

    assert changing(made.format("public_id('rdm', new_id())")) == [1]
    assert changing(made.format("lambda: new_id()")) == []
