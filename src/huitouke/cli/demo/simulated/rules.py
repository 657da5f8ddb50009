"""The programme of the simulated shop: its rules in two published versions and a draft."""

from __future__ import annotations

from datetime import date
from typing import Any

__all__ = ["draft_rules", "first_rules", "own_rules", "second_rules"]

_POINTS_OF_TIERS = (("silver", 11, 10), ("gold", 5, 4), ("cloud", 3, 2))


def _name(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def _rules() -> list[dict[str, Any]]:
    per_yuan = {"kind": "per_spend", "points": 1, "per_minor": 100}
    return [
        {
            "id": "spend",
            "name": _name("消费积分", "Points on purchases"),
            "on": "order.paid",
            "gives": per_yuan,
        },
        {
            "id": "tea_ware",
            "name": _name("茶器加赠", "Extra points on tea ware"),
            "on": "order.paid",
            "gives": {"kind": "per_item", "points": 20},
            "scope": {"include": {"categories": ["茶器 Tea ware"]}},
            "caps": [{"points": 200, "per": "day"}],
        },
        {
            "id": "member_day",
            "name": _name("会员日双倍积分", "Double points on member day"),
            "on": "order.paid",
            "window": {"month_days": [8]},
            "gives": {"kind": "multiplier", "num": 2},
            "caps": [{"points": 500, "per": "day"}],
        },
        *(
            {
                "id": f"{tier}_extra",
                "name": _name("等级加赠积分", "Extra points of the tier"),
                "on": "order.paid",
                "when": [{"fact": "member.tier", "op": "eq", "value": tier}],
                "gives": {"kind": "multiplier", "num": num, "den": den},
            }
            for tier, num, den in _POINTS_OF_TIERS
        ),
        {
            "id": "welcome",
            "name": _name("入会礼", "Welcome present"),
            "on": "customer.signed_up",
            "gives": {"kind": "fixed", "points": 50},
            "once": "ever",
        },
        {
            "id": "birthday",
            "name": _name("生日礼", "Birthday present"),
            "on": "birthday",
            "gives": {"kind": "fixed", "points": 100},
            "once": "year",
            "expiry": {"kind": "rolling", "months": 1},
        },
        {
            "id": "review",
            "name": _name("评价奖励", "Points for a review"),
            "on": "review.approved",
            "gives": {"kind": "fixed", "points": 15},
            "caps": [{"points": 30, "per": "week"}],
        },
        {
            "id": "checkin",
            "name": _name("签到积分", "Points for checking in"),
            "on": "checkin",
            "gives": {"kind": "fixed", "points": 2},
            "caps": [{"points": 2, "per": "day"}, {"points": 20, "per": "month"}],
        },
    ]


def _benefit(
    code: str, *, zh: str, en: str, short: tuple[str, str], kind: str
) -> dict[str, Any]:
    return {
        "id": code,
        "name": _name(zh, en),
        "short": _name(*short),
        "kind": kind,
    }


def _tiers() -> list[dict[str, Any]]:
    return [
        {
            "code": "leaf",
            "name": _name("青叶会员", "Leaf"),
            "reach": 0,
            "benefits": [
                _benefit(
                    "birthday_present",
                    zh="生日当天赠送100积分",
                    en="100 points on your birthday",
                    short=("生日礼", "a birthday gift"),
                    kind="emotional",
                )
            ],
        },
        {
            "code": "silver",
            "name": _name("银毫会员", "Silver"),
            "reach": 80_000,
            "keep": 60_000,
            "benefits": [
                _benefit(
                    "silver_points",
                    zh="消费多得10%积分",
                    en="10% more points on every purchase",
                    short=("多得10%积分", "10% more points"),
                    kind="monetary",
                ),
                _benefit(
                    "tasting",
                    zh="每月一次新茶品鉴",
                    en="A tasting of new teas every month",
                    short=("新茶品鉴", "monthly tastings"),
                    kind="emotional",
                ),
            ],
        },
        {
            "code": "gold",
            "name": _name("金芽会员", "Gold"),
            "reach": 200_000,
            "keep": 150_000,
            "benefits": [
                _benefit(
                    "gold_points",
                    zh="消费多得25%积分",
                    en="25% more points on every purchase",
                    short=("多得25%积分", "25% more points"),
                    kind="monetary",
                ),
                _benefit(
                    "free_delivery",
                    zh="网店订单免运费",
                    en="Free delivery on every online order",
                    short=("网店免运费", "free delivery"),
                    kind="monetary",
                ),
            ],
        },
        {
            "code": "cloud",
            "name": _name("云顶会员", "Cloud"),
            "reach": 500_000,
            "keep": 400_000,
            "benefits": [
                _benefit(
                    "cloud_points",
                    zh="消费多得50%积分",
                    en="50% more points on every purchase",
                    short=("多得50%积分", "50% more points"),
                    kind="monetary",
                ),
                _benefit(
                    "tea_adviser",
                    zh="专属茶艺师，到店优先",
                    en="A tea master of your own, served first",
                    short=("专属茶艺师", "your own tea master"),
                    kind="recognition",
                ),
                _benefit(
                    "first_picking",
                    zh="头采新茶提前三天选购",
                    en="First pickings three days before others",
                    short=("头采先选", "first pickings"),
                    kind="emotional",
                ),
            ],
        },
    ]


def first_rules() -> dict[str, Any]:
    """Return the rules of the first day: what was bought before counts for tiers."""
    rules = own_rules()
    rules["tiers"]["imported_orders"] = True
    return rules


def own_rules() -> dict[str, Any]:
    """Return the rules of the days after it."""
    return {
        "zone": "Asia/Shanghai",
        "currency": "CNY",
        "units": [
            {
                "code": "points",
                "kind": "points",
                "name": _name("积分", "points"),
                "transfers": True,
                "adjust_limit": 500,
            }
        ],
        "return_days": 7,
        "expiry": {"kind": "rolling", "months": 12, "round": "month"},
        "rules": _rules(),
        "tiers": {
            "metric": "spend",
            "grace_days": 14,
            "tiers": _tiers(),
        },
        "benefits": [
            _benefit(
                "earn",
                zh="每消费1元得1积分",
                en="1 point for every yuan",
                short=("1元1积分", "1 point a yuan"),
                kind="monetary",
            )
        ],
        "burn": {
            "per_points": 100,
            "minor": 100,
            "least_points": 200,
            "step_points": 100,
            "most_percent": 30,
        },
        "referral": {
            "advocate_points": 100,
            "friend_points": 50,
            "least_order_minor": 3000,
            "code_valid_days": 60,
            "most_per_month": 10,
        },
    }


def second_rules(*, since: date, until: date) -> dict[str, Any]:
    """Return the rules in force: a coffee card, and weeks with more points on coffee.

    Parameters
    ----------
    since, until
        First and last local day of the weeks.
    """
    rules = own_rules()
    rules["rules"].append(
        {
            "id": "coffee_weeks",
            "name": _name("咖啡季1.5倍积分", "Coffee weeks: half as much again"),
            "on": "order.paid",
            "scope": {"include": {"categories": ["咖啡 Coffee"]}},
            "window": {"from_on": since.isoformat(), "to_on": until.isoformat()},
            "gives": {"kind": "multiplier", "num": 3, "den": 2},
            "caps": [{"points": 300, "per": "month"}],
        }
    )
    rules["stamps"] = [
        {
            "id": "coffee_card",
            "name": _name("咖啡集杯卡", "Coffee card"),
            "per": "item",
            "scope": {"include": {"categories": ["咖啡 Coffee"]}},
            "stamps": 8,
            "head_start": 1,
            "most_per_day": 3,
            "points": 200,
            "valid_months": 6,
        }
    ]
    return rules


def draft_rules(*, since: date, until: date) -> dict[str, Any]:
    """Return a draft that somebody left lying: 20 % more for tea snacks, birthdays worth less.

    Parameters
    ----------
    since, until
        As for :func:`second_rules`.
    """
    rules = second_rules(since=since, until=until)
    for rule in rules["rules"]:
        if rule["id"] == "birthday":
            rule["gives"]["points"] = 80
    rules["rules"].append(
        {
            "id": "snack_weeks",
            "name": _name("茶点1.2倍积分", "Tea snacks: a fifth more points"),
            "on": "order.paid",
            "scope": {"include": {"categories": ["茶点 Tea snacks"]}},
            "gives": {"kind": "multiplier", "num": 6, "den": 5},
        }
    )
    return rules
