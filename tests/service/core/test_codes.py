"""The code that a problem shows names one kind of error, without the part that raised it."""

from __future__ import annotations

from collections import defaultdict

from huitouke.errors import all_errors
from huitouke.service.core.errors import ServiceError


def test_short_codes_are_unique_but_for_special_cases_of_one_error():
    short = defaultdict(list)
    for code, error in all_errors().items():
        if issubclass(error, ServiceError):
            short[code.rpartition(".")[2]].append(error)

    strangers = {
        code: errors
        for code, errors in short.items()
        if not any(all(issubclass(one, each) for one in errors) for each in errors)
    }

    assert strangers == {}
