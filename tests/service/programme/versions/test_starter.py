"""A new installation has a programme; an old one keeps its own."""

from __future__ import annotations

import pytest

from huitouke.service.core import clock
from huitouke.service.core.actor import SYSTEM
from huitouke.service.programme.models.versions import Version
from huitouke.service.programme.versions.queries import current
from huitouke.service.programme.versions.starter import begin

pytestmark = pytest.mark.django_db


def test_the_first_start_publishes_a_programme_and_the_second_nothing():
    at = clock.now()

    first, second = begin(at=at, actor=SYSTEM), begin(at=clock.now(), actor=SYSTEM)

    assert first is not None
    assert second is None
    view, definition = current("main", at=clock.now())
    assert (view.number, Version.objects.count()) == (1, 1)
    assert [tier.code for tier in definition.tiers.tiers] == ["silver", "gold", "diamond"]
