"""The code that a problem shows names one error, without the part that raised it."""

from __future__ import annotations

from collections import Counter

from huitouke.errors import all_errors
from huitouke.service.core.errors import ServiceError


def test_short_codes_are_unique():
    short = Counter(
        code.rpartition(".")[2]
        for code, error in all_errors().items()
        if issubclass(error, ServiceError)
    )

    assert [code for code, count in short.items() if count > 1] == []
