"""Every component is described where people look for it."""

from __future__ import annotations

from pathlib import Path

import huitouke.service.ui

COTTON = Path(huitouke.service.ui.__file__).parent / "templates" / "cotton"
PAGE = Path(__file__).resolve().parents[3] / "docs" / "ui.md"


def test_every_component_has_its_line():
    names = {
        "c-" + path.relative_to(COTTON).with_suffix("").as_posix().replace("/", ".")
        for path in COTTON.rglob("*.html")
    }
    page = PAGE.read_text(encoding="utf-8")

    silent = {
        name for name in names if not name.startswith("c-look.") and f"`{name}`" not in page
    }

    assert len(names) > 20
    assert silent == set()
