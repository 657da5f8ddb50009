"""Every module lists its public names, and the list is true."""

from __future__ import annotations

import ast


def listed_names(tree):
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        )
        if targets[0] is not None and ast.unparse(targets[0]) == "__all__":
            return list(ast.literal_eval(node.value))
    return None


def top_level(tree):
    """Yield the statements of a module, those under a condition included."""
    for node in tree.body:
        yield node
        if isinstance(node, ast.If | ast.Try):
            yield from node.body
            yield from node.orelse


def functions_and_classes(tree):
    return {
        node.name
        for node in top_level(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }


def is_route(node):
    """Say whether a function is an address of the API: the router lists it."""
    return isinstance(node, ast.FunctionDef) and any(
        ast.unparse(mark).startswith("router.") for mark in node.decorator_list
    )


def routes(tree):
    return {node.name for node in tree.body if is_route(node)}


def all_names(tree):
    named = set(functions_and_classes(tree))
    for node in top_level(tree):
        if isinstance(node, ast.ImportFrom):
            named |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            named |= {
                name.id
                for target in targets
                for name in ast.walk(target)
                if isinstance(name, ast.Name)
            }
    return named


def test_every_module_lists_its_public_names(sources):
    unlisted = [
        source.place
        for source in sources
        if listed_names(source.tree) is None
        and not source.place.endswith("/__main__.py")
        and all_names(source.tree)
    ]

    assert unlisted == []


def test_what_is_listed_is_there_once(sources):
    wrong = []
    for source in sources:
        listed = listed_names(source.tree) or []
        unknown = set(listed) - all_names(source.tree)
        if unknown or len(listed) != len(set(listed)):
            wrong.append(f"{source.place}: {sorted(unknown) or 'a name stands twice'}")

    assert wrong == []


def test_every_public_function_and_class_is_listed(sources):
    """Constants and types of arrays are a module's own until it lists them; mypy holds
    other modules to the list."""
    unlisted = [
        f"{source.place}: {name}"
        for source in sources
        if not source.place.endswith("/__main__.py")
        for name in sorted(
            functions_and_classes(source.tree)
            - routes(source.tree)
            - set(listed_names(source.tree) or [])
        )
        if not name.startswith("_")
    ]

    assert unlisted == []
