"""Every sentence of the stage has its Chinese, with the same places."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import huitouke

ROOT = Path(huitouke.__file__).parent
STAGE = ROOT / "insight" / "validation"


def messages(files):
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "N_":
                yield node.args[0].value


@pytest.mark.parametrize(
    ("catalogue", "files"),
    [
        ("validation", sorted(STAGE.glob("*.py"))),
        (
            "churn",
            [
                *sorted((ROOT / "insight" / "models").glob("churn*.py")),
                ROOT / "insight" / "models" / "trees.py",
                ROOT / "insight" / "models" / "rfm.py",
            ],
        ),
    ],
)
def test_every_message_has_its_chinese_with_the_same_places(catalogue, files):
    with (ROOT / "locale" / "zh_Hans" / f"{catalogue}.po").open("rb") as file:
        known = {m.id: m for m in read_po(file, locale="zh_Hans") if m.id}
    said = set(messages(files))

    assert said == set(known)
    for message, entry in known.items():
        assert not entry.fuzzy
        assert sorted(re.findall(r"{\w+}", message)) == sorted(
            re.findall(r"{\w+}", entry.string)
        )
