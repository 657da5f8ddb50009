"""The Complete Journey as a shop: public orders, and a small programme on top of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.db import transaction

from huitouke.cli.demo.chance import Chance
from huitouke.cli.demo.report import journey_orders
from huitouke.cli.demo.shops import ACTOR, JOURNEY, JOURNEY_PLACE, Tell
from huitouke.language import N_, words
from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.customers.commands import NewCustomer, add_identity
from huitouke.service.customers.imports import CustomersImport, Row
from huitouke.service.customers.owning import owners
from huitouke.service.loop.imports.opening import Request
from huitouke.service.loop.imports.running import run
from huitouke.service.programme.commands import adjust
from huitouke.service.programme.imported import BalanceRow
from huitouke.service.programme.imports import BalancesImport
from huitouke.service.programme.rewards.catalogue import add_reward
from huitouke.service.programme.rewards.completion import capture
from huitouke.service.programme.rewards.redemptions import redeem
from huitouke.service.programme.versions.commands import draft, publish
from huitouke.service.programme.versions.creating import create

__all__ = ["load"]

_SEED = 2017
_LEAST_VISITS = 12
_PART = 1_000
_POINT_E4 = 10_000
_TIERS = (("gold", 3_000), ("silver", 1_200), ("blue", 0))
_REWARDS: tuple[dict[str, Any], ...] = (
    {
        "code": "coffee",
        "kind": "product",
        "names": {"en": "A coffee", "zh": "咖啡一杯"},
        "cost_points": 150,
    },
    {
        "code": "bag",
        "kind": "product",
        "names": {"en": "A cooler bag", "zh": "保温袋"},
        "cost_points": 600,
        "stock_left": 80,
    },
    {
        "code": "breakfast",
        "kind": "service",
        "names": {"en": "Breakfast for two", "zh": "双人早餐"},
        "cost_points": 1_200,
        "per_member_limit": 1,
        "tiers": ["gold"],
    },
)


def _name(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def _rules() -> dict[str, Any]:
    names = {"blue": ("蓝卡", "Blue"), "silver": ("银卡", "Silver"), "gold": ("金卡", "Gold")}
    return {
        **JOURNEY_PLACE,
        "units": [{"code": "points", "kind": "points", "name": _name("积分", "points")}],
        "return_days": 7,
        "expiry": {"kind": "rolling", "months": 24, "round": "year"},
        "rules": [
            {
                "id": "spend",
                "name": _name("消费积分", "Points on purchases"),
                "on": "order.paid",
                "gives": {"kind": "per_spend", "points": 1, "per_minor": 100},
            }
        ],
        "tiers": {
            "metric": "spend",
            "tiers": [
                {
                    "code": code,
                    "name": _name(*names[code]),
                    "reach": least * 100,
                    "benefits": [
                        {
                            "id": f"{code}_welcome",
                            "name": _name("专属礼遇", "Offers of the tier"),
                            "short": _name("专属礼遇", "tier offers"),
                            "kind": "recognition",
                        }
                    ],
                }
                for code, least in reversed(_TIERS)
            ],
        },
        "benefits": [
            {
                "id": "earn",
                "name": _name("每消费1美元得1积分", "1 point for every dollar"),
                "short": _name("1美元1积分", "1 point a dollar"),
                "kind": "monetary",
            }
        ],
    }


def load(*, staff: Mapping[str, Actor], customers: int | None, tell: Tell) -> str:
    """Load the public orders into an empty database; who came often is a member.

    The days of the orders stay what they are: nothing is moved to the present.

    Parameters
    ----------
    staff
        Who acts, by role.
    customers
        Not used: the households are those that there are.
    tell
        Told each step in a sentence.

    Returns
    -------
    str
        E-mail address of the household that bought for most, for the portal.
    """
    del customers
    at, owner = clock.now(), staff["owner"]
    programme = create(
        {
            "code": "main",
            "name": _name("会员计划", "Member programme"),
            **JOURNEY_PLACE,
        },
        at=at,
        actor=ACTOR,
    )
    made = draft(programme, definition=_rules(), at=at, actor=owner)
    publish(made.pk, at=at - timedelta(days=365 * 10), actor=owner)
    with journey_orders() as orders:
        tell(N_("Importing a year of public orders, 1.47 million lines"))
        _name_households(orders, actor=owner)
        _import_orders(orders)
        tell(N_("Giving cards to households that came often"))
        members = _regulars(orders)
    _bring_balances(members, actor=owner)
    _offer_and_redeem(members, staff=staff)
    return _reachable(max(members, key=lambda each: each["spend"]), actor=owner)


def _reachable(member: Mapping[str, Any], *, actor: Actor) -> str:
    """Give one household an address, and return it: the data tell none to send a code to."""
    pair = ("external", str(member["customer_id"]))
    address = f"household-{member['customer_id']}@example.com"
    add_identity(owners([pair])[pair], kind="email", value=address, at=clock.now(), actor=actor)
    return address


def _name_households(orders: Path, *, actor: Actor) -> None:
    """Call every household by its number: the data tell no names."""
    numbers = pq.read_table(orders, columns=["customer_id"])["customer_id"].unique()
    rows = [
        Row(
            source="households",
            line_number=line,
            new=NewCustomer(
                identities=(("external", str(number)),),
                name=f"Household {number}",
                language=JOURNEY.language,
            ),
        )
        for line, number in enumerate(numbers.to_pylist(), start=2)
    ]
    with transaction.atomic():
        CustomersImport(write=True).bring(rows, at=clock.now(), actor=actor)


def _import_orders(orders: Path) -> None:
    run(
        "orders",
        request=Request(
            file=orders,
            reader=words("en"),
            actor=ACTOR,
            timezone=JOURNEY_PLACE["zone"],
            currency=JOURNEY_PLACE["currency"],
        ),
        tell=lambda _: None,
    )


def _regulars(orders: Path) -> list[dict[str, Any]]:
    """Return households that came often: number, visits, spend, first day."""
    lines = pq.read_table(orders, columns=["customer_id", "order_id", "amount", "ordered_at"])
    found = lines.group_by("customer_id").aggregate(
        [("order_id", "count_distinct"), ("amount", "sum"), ("ordered_at", "min")]
    )
    named = found.rename_columns({
        "order_id_count_distinct": "visits",
        "amount_sum": "spend",
        "ordered_at_min": "since",
    })  # fmt: skip
    often: pa.Table = named.filter(pc.greater_equal(named["visits"], _LEAST_VISITS))
    rows: list[dict[str, Any]] = often.sort_by("customer_id").to_pylist()
    return rows


def _bring_balances(members: list[dict[str, Any]], *, actor: Actor) -> None:
    importer = BalancesImport("main", unit="points", at=clock.now(), write=True)
    until = date(clock.now().year + 1, 12, 31)
    rows = list(_balance_rows(members, until=until))
    for first in range(0, len(rows), _PART):
        with transaction.atomic():
            importer.bring(rows[first : first + _PART], at=clock.now(), actor=actor)


def _balance_rows(members: list[dict[str, Any]], *, until: date) -> Iterator[BalanceRow]:
    draw = Chance(_SEED)
    for line, row in enumerate(members, start=2):
        spend = float(row["spend"])
        since = row["since"].date()
        yield BalanceRow(
            source="cards",
            line_number=line,
            identities=(("external", str(row["customer_id"])),),
            points_e4=max(1, int(spend * draw.choice((0.1, 0.3, 0.6, 1.0)))) * _POINT_E4,
            expires_on=until if draw.is_so(0.8) else date(until.year - 1, 12, 31),
            earned_on=since,
            tier=next(tier for tier, least in _TIERS if spend >= least),
            tier_since=since,
            tier_until=until,
            joined_on=since,
        )


def _offer_and_redeem(members: list[dict[str, Any]], *, staff: Mapping[str, Actor]) -> None:
    """Put rewards up, and let some members fetch one; correct a few points by hand."""
    at, draw = clock.now(), Chance(_SEED)
    rewards = [
        add_reward("main", at=at, actor=staff["marketer"], **fields) for fields in _REWARDS
    ]
    pairs = [("external", str(each["customer_id"])) for each in members]
    known = owners(pairs)
    rich = [pair for pair, each in zip(pairs, members, strict=True) if each["spend"] > 1_600]
    for place, pair in enumerate(draw.some(rich, count=40)):
        made = redeem(
            known[pair],
            programme="main",
            key=f"demo:{pair[1]}",
            actor=staff["front_line"],
            at=clock.now(),
            reward=rewards[0].id,
            ttl=timedelta(days=7),
        )
        if place % 5:
            capture(made.id, at=clock.now(), actor=staff["front_line"])
        if place % 8 == 0:
            adjust(
                known[pair], points=50, reason_code="goodwill", note="Waited at the till",
                key=f"demo:{pair[1]}", at=clock.now(), actor=staff["care"],
            )  # fmt: skip
