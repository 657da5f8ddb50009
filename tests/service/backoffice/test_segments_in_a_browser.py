"""Segments in a real browser: counted while they are written."""

from __future__ import annotations

import pytest
from counter import Counter
from looked import analysis, profile

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.core.staff import create
from huitouke.service.segments import commands, queries
from huitouke.service.segments.fields import Condition

pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser

OPERATOR = Actor("staff", "operator")


@pytest.fixture(scope="module")
def shop(site):
    """Four members, one of whom was never analysed; two segments, one put away."""
    made = Counter().open()
    known = [made.member(name, points=300) for name in ("林晓雨", "Anna Lee", "王伟")]
    made.member("New Here", points=50)
    for each in known:
        made.buy(each, 12_500)
    scores = (20.0, 60.0, 90.0)
    analysis(profiles=[profile(who, score=n) for who, n in zip(known, scores, strict=True)])
    ground = queries.ground_of(now=clock.now(), zone="Asia/Shanghai", currency="CNY")
    conditions = [
        Condition("points", "at_least", (100,)),
        Condition("loyalty_score", "at_least", (50,)),
    ]
    how = {"ground": ground, "at": clock.now(), "actor": OPERATOR}
    kept = commands.save("忠诚且有积分的会员", conditions=conditions, **how)
    tally = queries.counted(conditions, ground=ground)
    commands.note_count(kept.id, revision=1, tally=tally, at=clock.now())
    old = commands.save("Old one", conditions=[Condition("coupon", "is")], **how)
    commands.archive(old.id, at=clock.now(), actor=OPERATOR)
    made.kept, made.old = str(kept), str(old)
    made.marketer = create(
        "li@example.com", role="marketer", name="Li Na", at=clock.now(), actor=OPERATOR
    ).record
    return made


def test_a_segment_is_written_counted_kept_and_opened(visit, shop):
    how = {"staff": shop.marketer, "language": "en"}
    with visit("/staff/customers/segments", **how) as (page, complaints):
        page.get_by_role("link", name="New segment").click()
        page.get_by_label("Add a condition on").select_option("loyalty_score")
        page.get_by_role("button", name="Add", exact=True).click()
        page.get_by_label("Loyalty score", exact=True).last.fill("50")
        page.get_by_label("Name of the segment").click()
        page.locator("#counted .stat", has_text="2").wait_for()
        assert "1" in page.locator("#counted").get_by_text("are not known").inner_text()
        assert "v0=50" in page.url

        page.get_by_label("Name of the segment").fill("Loyal ones")
        page.get_by_role("button", name="Save segment").click()
        page.get_by_text("Kept. 2 customers are in it now.").first.wait_for()
        page.get_by_role("link", name="See its customers").click()
        names = page.locator("#customers tbody th").all_inner_texts()

        assert ["Anna Lee" in " ".join(names), "王伟" in " ".join(names)] == [True, True]
        assert len(names) == 2
        assert complaints == []


def test_a_segment_is_written_without_scripts(visit, shop):
    how = {"staff": shop.marketer, "language": "en", "scripts": False}
    with visit("/staff/customers/segments/new", **how) as (page, _):
        page.get_by_label("Add a condition on").select_option("points")
        page.get_by_role("button", name="Add", exact=True).click()
        page.get_by_label("Number of points to spend", exact=True).last.fill("100")
        page.get_by_label("Name of the segment").fill("With points")
        page.get_by_role("button", name="Save segment").click()
        page.get_by_text("The conditions are others than those that were counted").wait_for()
        page.get_by_role("button", name="Save segment").click()

        page.get_by_text("Kept. 3 customers are in it now.").first.wait_for()


def test_a_segment_is_put_away_and_taken_back(visit, shop):
    path = f"/staff/customers/segments/{shop.kept}"
    with visit(path, staff=shop.marketer, language="en") as (page, complaints):
        page.get_by_role("button", name="Put away").click()
        page.locator("dialog").get_by_role("button", name="Put away").click()
        page.get_by_text("It stays as it is until it is taken back").wait_for()
        page.get_by_role("button", name="Bring back").click()
        page.get_by_role("link", name="Change").wait_for()

        assert complaints == []
