"""What points buy in the simulated shop, and its coupons."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from huitouke.service.core.actor import Actor
from huitouke.service.programme.models.rewards import Reward
from huitouke.service.programme.rewards.catalogue import add_campaign, add_reward
from huitouke.service.programme.rewards.generation import add_shared_code, generate_codes

__all__ = ["SHARED_CODE", "offer_all"]

#: The word that every customer may use once.
SHARED_CODE = "TEA10"

_CAMPAIGNS: dict[str, dict[str, Any]] = {
    "shared": {
        "names": {"zh": "满60减10元", "en": "10 yuan off from 60"},
        "kind": "amount",
        "value": 1_000,
        "min_spend_minor": 6_000,
        "per_code_limit": None,
        "per_member_limit": 1,
        "total_limit": 5_000,
    },
    "letters": {
        "names": {"zh": "老友回访券 85折", "en": "Come back: 15% off"},
        "kind": "percent",
        "value": 1_500,
        "most_minor": 5_000,
        "code_days": 60,
    },
    "voucher": {
        "names": {"zh": "20元抵用券", "en": "20 yuan voucher"},
        "kind": "amount",
        "value": 2_000,
        "min_spend_minor": 4_000,
        "code_days": 90,
    },
    "delivery": {
        "names": {"zh": "网店免运费券", "en": "Free delivery"},
        "kind": "free_delivery",
        "code_days": 30,
    },
}

_REWARDS: tuple[dict[str, Any], ...] = (
    {
        "code": "delivery",
        "kind": "free_delivery",
        "names": {"zh": "网店免运费一次", "en": "Free delivery once"},
        "cost_points": 80,
        "campaign": "delivery",
    },
    {
        "code": "cup",
        "kind": "product",
        "names": {"zh": "鲜萃茉莉一杯", "en": "A cup of fresh jasmine"},
        "cost_points": 200,
        "sku": "FT-02",
        "per_member_limit": 2,
        "limit_days": 30,
    },
    {
        "code": "snack_box",
        "kind": "product",
        "names": {"zh": "茶点拼盒", "en": "Snack box"},
        "cost_points": 500,
        "sku": "SN-03",
        "stock_left": 160,
    },
    {
        "code": "voucher20",
        "kind": "voucher",
        "names": {"zh": "20元抵用券", "en": "20 yuan voucher"},
        "cost_points": 800,
        "campaign": "voucher",
    },
    {
        "code": "gaiwan",
        "kind": "product",
        "names": {"zh": "白瓷盖碗", "en": "Porcelain gaiwan"},
        "cost_points": 1_200,
        "cash_minor": 2_900,
        "sku": "TW-03",
        "stock_left": 40,
        "per_member_limit": 1,
    },
    {
        "code": "tasting",
        "kind": "service",
        "names": {"zh": "茶艺师品鉴课", "en": "A tasting with our tea master"},
        "cost_points": 1_500,
        "stock_left": 24,
        "tiers": ["gold", "cloud"],
    },
    {
        "code": "teapot",
        "kind": "product",
        "names": {"zh": "紫砂壶", "en": "Yixing teapot"},
        "cost_points": 4_000,
        "sku": "TW-04",
        "stock_left": 3,
        "per_member_limit": 1,
    },
    {
        "code": "afternoon",
        "kind": "service",
        "names": {"zh": "两人下午茶", "en": "Afternoon tea for two"},
        "cost_points": 900,
        "cooperative": True,
        "stock_left": 30,
    },
    {
        "code": "summer_tumbler",
        "kind": "product",
        "names": {"zh": "夏日冷泡杯（已下架）", "en": "Summer tumbler (withdrawn)"},
        "cost_points": 600,
        "enabled": False,
    },
)


def offer_all(*, until: datetime, at: datetime, actor: Actor) -> dict[str, Reward]:
    """Put up the rewards and the coupons, with codes ready to hand out.

    Parameters
    ----------
    until
        When the shared word ends.
    at, actor
        When, and who.

    Returns
    -------
    dict
        The rewards by code.
    """
    campaigns: dict[str, UUID] = {}
    for name, fields in _CAMPAIGNS.items():
        ends = {"valid_to": until} if name == "shared" else {}
        made = add_campaign("main", at=at, actor=actor, **fields, **ends)
        campaigns[name] = made.id
    add_shared_code(campaigns["shared"], code=SHARED_CODE, at=at, actor=actor)
    for month, count in (("spring", 300), ("autumn", 500)):
        generate_codes(
            campaigns["letters"], count=count, key=f"demo:{month}", at=at, actor=actor
        )
    rewards = {}
    for fields in _REWARDS:
        given = dict(fields)
        if "campaign" in given:
            given["campaign"] = campaigns[given["campaign"]]
        if given["code"] == "summer_tumbler":
            given["valid_to"] = at + timedelta(days=30)
        rewards[given["code"]] = add_reward("main", at=at, actor=actor, **given)
    return rewards
