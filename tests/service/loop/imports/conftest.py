"""Files that staff hand in, in a folder of each test's own."""

from __future__ import annotations

import pytest

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.loop.imports import commands, queries, working

ANALYST = Actor("staff", "stf_analyst")

ORDERS = """订单号,手机号,下单时间,实付金额
A1,13800138001,2025-03-05 10:00:00,100.00
A2,13800138002,2025-03-06 11:00:00,80.50
A3,13800138001,2025-04-07 12:00:00,60.00
A4,13800138003,someday,10.00
"""


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.UPLOAD_DIR = str(tmp_path / "uploads")
    return tmp_path / "uploads"


@pytest.fixture
def hand_in():
    """Hand a file in; ``content`` is text or bytes."""

    def give(content=ORDERS, *, kind="orders", name="orders.csv", language="en"):
        raw = content.encode() if isinstance(content, str) else content
        return commands.hand_in(
            [raw], kind=kind, name=name, language=language, at=clock.now(), actor=ANALYST
        )

    return give


@pytest.fixture
def worked():
    """Let a worker take the file up, and return what is known of it then."""

    def do(upload):
        working.work(upload.id)
        return queries.upload(upload.id)

    return do


@pytest.fixture
def tried(hand_in, worked):
    """A file looked into and tried with the columns that were recognised."""

    def do(*given, **how):
        seen = worked(hand_in(*given, **how))
        places = seen.looked["places"]
        mapping = {name: "+".join(str(n + 1) for n in each) for name, each in places.items()}
        columns = commands.Columns(mapping=mapping)
        asked = commands.read_as(seen.id, columns=columns, at=clock.now(), actor=ANALYST)
        return worked(asked)

    return do
