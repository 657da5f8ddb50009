"""What our processes begin with: their own answer to signals, and no more than they need."""

from __future__ import annotations

import subprocess
import sys

import pytest

FORKED = """
import multiprocessing, os, signal, sys, types
from huitouke.cli.children import _application

ORDERS = (signal.SIGTERM, signal.SIGINT)

class Loading(types.ModuleType):
    # Stands where the application is, to see what holds at the moment it is loaded.
    def __getattr__(self, name):
        if name != "application":
            raise AttributeError(name)
        os._exit(0 if {signal.getsignal(each) for each in ORDERS} == {signal.SIG_DFL} else 1)

def loads():
    sys.modules["huitouke.service.config.wsgi"] = Loading("wsgi")
    _application()

for each in ORDERS:
    signal.signal(each, lambda *_: None)
child = multiprocessing.get_context("fork").Process(target=loads)
child.start()
child.join()
raise SystemExit(child.exitcode)
"""


def done(script):
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=120
    )


def test_a_process_that_is_still_loading_ends_when_it_is_told_to():
    """Its parent's way of ending came along with the fork and would swallow the order."""
    assert done(FORKED).returncode == 0


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("huitouke.cli.main", ["ibis", "pandas", "scipy"]),
        ("huitouke.service.config.wsgi", ["pandas", "scipy", "sklearn"]),
    ],
)
def test_what_only_shows_does_not_load_what_calculates(module, heavy):
    script = f"import sys, {module}; print([each for each in {heavy} if each in sys.modules])"

    assert done(script).stdout == "[]\n"
