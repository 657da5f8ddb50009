"""Currency and time zone are not chosen while somebody writes what is counted in them."""

from __future__ import annotations

import psycopg
import pytest

from huitouke.service.core import clock
from huitouke.service.core.actor import SYSTEM
from huitouke.service.programme.models.versions import Programme
from huitouke.service.programme.versions.moving import BeingWritten, move
from huitouke.service.programme.versions.starter import begin


def test_who_writes_is_not_held_up_and_the_owner_tries_again(own_database):
    begin(at=clock.now(), actor=SYSTEM)
    here = {"zone": "Asia/Hong_Kong", "currency": "HKD", "actor": SYSTEM}

    with psycopg.connect(own_database) as other:
        other.execute("LOCK TABLE orders_order IN ROW EXCLUSIVE MODE")
        with pytest.raises(BeingWritten):
            move("main", **here, at=clock.now())
        before = Programme.objects.get().currency
    move("main", **here, at=clock.now())

    assert before == "CNY"
    assert Programme.objects.get().currency == "HKD"
