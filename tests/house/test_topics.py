"""Webhooks are offered what the code tells, all of it and nothing else.

The type checker lets only a ``Topic`` be told; here it is seen that each of them is.
"""

from __future__ import annotations

import ast
from typing import get_args

import pytest

from huitouke.service.core.webhooks.topics import FAMILIES, Topic

TOPICS = set(get_args(Topic))


def takers(source):
    """Yield the functions and records that take a topic: name, its place, its keyword."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef):
            taken = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            fields = [(each.arg, each.annotation) for each in taken]
        elif isinstance(node, ast.ClassDef):
            of = [each for each in node.body if isinstance(each, ast.AnnAssign)]
            fields = [(ast.unparse(each.target), each.annotation) for each in of]
        else:
            continue
        for place, (keyword, annotation) in enumerate(fields):
            if annotation is not None and ast.unparse(annotation) == "Topic":
                yield node.name, place, keyword


def words(node):
    """Return the texts that an expression may come to, or holds."""
    return {
        each.value
        for each in ast.walk(node)
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    }


def given(call, place, keyword):
    """Return what a call gives at a place or by a keyword: one expression, or none."""
    named = [each.value for each in call.keywords if each.arg == keyword]
    return call.args[place : place + 1] or named


def told_in(source, public):
    """Return the topics that a module tells: given to a taker, or kept to be given."""
    own = list(takers(source))
    known = own + [each for each in public if not each[0].startswith("_")]
    found = set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            for taker, place, keyword in known:
                if taker == name:
                    found.update(*(words(each) for each in given(node, place, keyword)))
        elif isinstance(node, ast.AnnAssign) and "Topic" in ast.unparse(node.annotation):
            found |= words(node) & TOPICS
    return found


@pytest.fixture(scope="module")
def told(sources):
    service = [each for each in sources if "/service/" in each.place]
    public = [taker for source in service for taker in takers(source)]
    return set().union(*(told_in(source, public) for source in service))


def test_every_topic_is_told_and_what_is_told_is_a_topic(told):
    assert told == TOPICS


def test_the_families_offered_are_those_that_are_told(told):
    assert set(FAMILIES) == {f"{topic.partition('.')[0]}.*" for topic in told}
