"""A programme to start from: sensible for a shop in China, and changed at will."""

from __future__ import annotations

from functools import cache
from typing import Any

from huitouke.service.programme.rules.definition import Definition

__all__ = ["starter_definition"]

_NEVER = {"kind": "never"}

_RULES: tuple[dict[str, Any], ...] = (
    {
        "id": "spend",
        "name": {"zh": "消费积分", "en": "Points on purchases"},
        "on": "order.paid",
        "gives": {"kind": "per_spend", "points": 1, "per_minor": 100},
    },
    {
        "id": "growth",
        "name": {"zh": "消费成长值", "en": "Growth value on purchases"},
        "on": "order.paid",
        "unit": "growth",
        "gives": {"kind": "per_spend", "points": 1, "per_minor": 100},
    },
    {
        "id": "member_day",
        "name": {"zh": "会员日双倍积分", "en": "Double points on member day"},
        "on": "order.paid",
        "window": {"month_days": [8]},
        "gives": {"kind": "multiplier", "num": 2},
        "caps": [{"points": 2000, "per": "day"}],
    },
    {
        "id": "gold_extra",
        "name": {"zh": "金卡加赠积分", "en": "Gold extra points"},
        "on": "order.paid",
        "when": [{"fact": "member.tier", "op": "eq", "value": "gold"}],
        "gives": {"kind": "multiplier", "num": 6, "den": 5},
    },
    {
        "id": "diamond_extra",
        "name": {"zh": "钻卡加赠积分", "en": "Diamond extra points"},
        "on": "order.paid",
        "when": [{"fact": "member.tier", "op": "eq", "value": "diamond"}],
        "gives": {"kind": "multiplier", "num": 3, "den": 2},
    },
    {
        "id": "welcome",
        "name": {"zh": "入会礼", "en": "Welcome present"},
        "on": "customer.signed_up",
        "gives": {"kind": "fixed", "points": 100},
        "once": "ever",
    },
    {
        "id": "birthday",
        "name": {"zh": "生日礼", "en": "Birthday present"},
        "on": "birthday",
        "gives": {"kind": "fixed", "points": 200},
        "once": "year",
        "expiry": {"kind": "rolling", "months": 2},
    },
    {
        "id": "review",
        "name": {"zh": "评价奖励", "en": "Points for a review"},
        "on": "review.approved",
        "gives": {"kind": "fixed", "points": 20},
        "caps": [{"points": 20, "per": "day"}],
    },
)


def _benefit(
    code: str, *, zh: str, en: str, kind: str, short: tuple[str, str], once: bool = False
) -> dict[str, Any]:
    return {
        "id": code,
        "name": {"zh": zh, "en": en},
        "short": {"zh": short[0], "en": short[1]},
        "kind": kind,
        "lasts": "one_off" if once else "continuing",
    }


_FOR_ALL = (
    _benefit(
        "earn",
        zh="每消费1元得1积分",
        en="Points on all you buy",
        kind="monetary",
        short=("1元1积分", "points on all you buy"),
    ),
)

_TIERS: tuple[dict[str, Any], ...] = (
    {
        "code": "silver",
        "name": {"zh": "银卡", "en": "Silver"},
        "reach": 0,
        "benefits": [
            _benefit(
                "birthday_present",
                zh="生日当天赠送200积分",
                en="200 points on your birthday",
                kind="emotional",
                short=("生日礼", "a birthday gift"),
            )
        ],
    },
    {
        "code": "gold",
        "name": {"zh": "金卡", "en": "Gold"},
        "reach": 2000,
        "keep": 1500,
        "benefits": [
            _benefit(
                "gold_points",
                zh="消费多得20%积分",
                en="20% more points on every purchase",
                kind="monetary",
                short=("多得20%积分", "20% more points"),
            ),
            _benefit(
                "free_delivery",
                zh="订单免运费",
                en="Free delivery on every order",
                kind="monetary",
                short=("免运费", "free delivery"),
            ),
        ],
    },
    {
        "code": "diamond",
        "name": {"zh": "钻卡", "en": "Diamond"},
        "reach": 8000,
        "keep": 6000,
        "benefits": [
            _benefit(
                "diamond_points",
                zh="消费多得50%积分",
                en="50% more points on every purchase",
                kind="monetary",
                short=("多得50%积分", "50% more points"),
            ),
            _benefit(
                "own_adviser",
                zh="专属顾问，优先服务",
                en="An adviser of your own, served first",
                kind="recognition",
                short=("专属顾问", "your own adviser"),
            ),
            _benefit(
                "first_look",
                zh="新品提前一天选购",
                en="New arrivals a day before others",
                kind="emotional",
                short=("新品先选", "first look"),
            ),
        ],
    },
)


@cache
def starter_definition() -> Definition:
    """Return a programme for a shop that sells in yuan, ready to publish.

    One point and one growth value (成长值) per yuan, double points on the 8th of each
    month, presents for joining and for birthdays, points for reviews, three tiers 银卡,
    金卡 and 钻卡 by growth value of the last twelve months, part payment at 100 points a
    yuan, a referral reward and a stamp card. Points become available after seven days and
    hold for twelve months, to the end of that month.

    Examples
    --------
    >>> [tier.code for tier in starter_definition().tiers.tiers]
    ['silver', 'gold', 'diamond']
    """
    return Definition.model_validate(
        {
            "zone": "Asia/Shanghai",
            "currency": "CNY",
            "units": [
                {"code": "points", "kind": "points", "name": {"zh": "积分", "en": "points"}},
                {
                    "code": "growth",
                    "kind": "growth",
                    "name": {"zh": "成长值", "en": "growth value"},
                    "pending": 0,
                    "expiry": _NEVER,
                },
            ],
            "return_days": 7,
            "expiry": {"kind": "rolling", "months": 12, "round": "month"},
            "rules": _RULES,
            "tiers": {"metric": "qualifying", "unit": "growth", "tiers": _TIERS},
            "benefits": _FOR_ALL,
            "burn": {
                "per_points": 100,
                "minor": 100,
                "least_points": 100,
                "step_points": 100,
                "most_percent": 50,
            },
            "referral": {
                "advocate_points": 200,
                "friend_points": 100,
                "least_order_minor": 5000,
                "code_valid_days": 90,
                "most_per_month": 10,
            },
            "stamps": [
                {
                    "id": "coffee",
                    "name": {"zh": "咖啡集次卡", "en": "Coffee card"},
                    "per": "item",
                    "scope": {"include": {"categories": ["coffee"]}},
                    "stamps": 9,
                    "points": 300,
                    "valid_months": 6,
                }
            ],
        }
    )
