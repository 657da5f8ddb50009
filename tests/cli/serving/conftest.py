"""The service as a user starts it, with a folder of its own."""

from __future__ import annotations

import pytest
from running import many


@pytest.fixture
def start(tmp_path):
    """Start the service and wait until it answers."""
    with many(300) as starts:

        def act(*words, folder=tmp_path, **more):
            return starts(folder, "serve", "--port", "0", *words, **more)

        yield act
