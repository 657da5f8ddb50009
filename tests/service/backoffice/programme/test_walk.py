"""Every page of the programme opens, in both languages, with and without anything to show."""

from __future__ import annotations

import pytest

from huitouke.service.core.ids import public_id

pytestmark = pytest.mark.django_db

PLAIN = (
    "home",
    "cost",
    "history",
    "rewards",
    "reward_new",
    "coupons",
    "campaign_new",
    "code",
    "referrals",
    "stamps",
    "liability",
)
PARTS = ("tiers", "benefits", "basics", "burn", "referral")
PLACED = (("rules", 0), ("rules", 2), ("rules", 5), ("tier", 1), ("stamps", 0), ("units", 0))
NEW = (
    ("rules", "per_spend"),
    ("rules", "per_item"),
    ("rules", "fixed"),
    ("rules", "multiplier"),
    ("tier", "one"),
    ("stamps", "one"),
)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_opens(owner, to, force, draft_id, offer, campaign, busy, language):
    shown = [to(name) for name in PLAIN]
    shown += [to("version", public_id("ver", force.id)), to("draft", draft_id)]
    shown += [to("check", draft_id), to("try", draft_id)]
    shown += [to("part", draft_id, name) for name in PARTS]
    shown += [to("part_at", draft_id, *each) for each in PLACED]
    shown += [to("part_new", draft_id, *each) for each in NEW]
    shown += [to("reward", public_id("rwd", offer().id))]
    shown += [to("campaign", public_id("cpn", campaign.id))]
    for address in shown:
        answer = owner.get(address, headers={"Accept-Language": language})

        assert answer.status_code == 200, (address, answer.content.decode()[:2000])
        assert "{% " not in answer.content.decode(), address


def test_every_page_opens_where_nothing_is_there_yet(owner, to, programme):
    for name in PLAIN:
        assert owner.get(to(name)).status_code == 200, name


def test_without_any_programme_every_page_says_so(owner, to):
    for name in PLAIN:
        answer = owner.get(to(name))

        assert answer.status_code == 200, name
        assert "No programme yet" in answer.content.decode(), name
