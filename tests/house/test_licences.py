"""The licence is the whole plain text, and what is passed on is named with its version."""

from __future__ import annotations

import hashlib
import json

import pytest

#: The Apache License 2.0 as its foundation publishes it, with its appendix left blank.
APACHE = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"

PASSED_ON = {
    "echarts": "Apache ECharts",
    "zrender": "ZRender",
    "tslib": "tslib",
    "@radix-ui/colors": "Radix Colors",
}


def test_the_licence_is_the_unchanged_apache_text(checkout):
    text = (checkout / "LICENSE").read_text(encoding="utf-8")
    blank = text.replace("2026 The Huitouke authors", "[yyyy] [name of copyright owner]")

    assert "Copyright 2026 The Huitouke authors" in text
    assert hashlib.sha256(blank.encode()).hexdigest() == APACHE


@pytest.mark.parametrize("package", PASSED_ON)
def test_the_notice_names_what_is_passed_on_with_its_version(package, checkout):
    lock = json.loads((checkout / "frontend" / "package-lock.json").read_text(encoding="utf-8"))
    notice = (checkout / "NOTICE").read_text(encoding="utf-8")

    version = lock["packages"][f"node_modules/{package}"]["version"]

    assert f"{PASSED_ON[package]} {version} (" in notice
