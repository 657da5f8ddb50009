"""The segments that a demo shop begins with fit every shop, analysed or not."""

from __future__ import annotations

from huitouke.cli.demo.segments import SEGMENTS, keep_segments
from huitouke.service.core.actor import Actor
from huitouke.service.segments import queries


def test_a_demo_shop_keeps_its_segments_with_their_counts(town):
    keep_segments(actor=Actor("staff", "stf_marketer"))

    kept = queries.listed()
    assert {each.name for each in kept} == set(SEGMENTS)
    assert all(each.counted is not None for each in kept)
