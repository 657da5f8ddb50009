"""Every key that the header takes does its one thing once, whatever route it is sent to."""

from __future__ import annotations

import pytest
from django.db import connection

from huitouke.service.core import clock
from huitouke.service.core.actor import SYSTEM
from huitouke.service.programme.versions.starter import begin

# Around 250, the most that the ledger keeps as it is, with what is put in front of a key.
LENGTHS = (1, 240, 241, 242, 250, 251, 255)
MUG = {"code": "mug", "kind": "product", "names": {"en": "Mug"}, "cost_points": 600}


@pytest.fixture
def shop(caller):
    begin(at=clock.now(), actor=SYSTEM)
    return caller


def publish_with(shop, **changes):
    definition = shop.get("/programmes/main/versions").json()[0]["definition"] | changes
    made = shop.post("/programmes/main/versions", {"definition": definition}).json()
    done = shop.post(f"/versions/{made['id']}/publish", {"despite": True})
    assert done.status_code == 200, done.content


@pytest.fixture
def members(shop) -> list[str]:
    """Two members, the first with many points; they may give them to each other."""
    units = [
        {"code": "points", "name": {"en": "points", "zh": "积分"}, "transfers": True},
        {"code": "growth", "kind": "growth", "name": {"en": "growth", "zh": "成长值"}},
    ]
    publish_with(shop, units=units)
    made = [shop.post("/customers", {}).json()["id"] for _ in range(2)]
    for each in made:
        assert shop.post(f"/customers/{each}/enrol", None).status_code == 200
    given = {"points": 9_000, "reason_code": "x"}
    shop.post(f"/customers/{made[0]}/adjustments", given, key="begin")
    return made


def active(shop, customer: str) -> int:
    return shop.get(f"/customers/{customer}/balance").json()["active"]


def transfer_keys() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT key FROM ledger.op WHERE key LIKE 'transfer%'")
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.parametrize("length", LENGTHS)
def test_points_are_given_once_under_a_key_of_any_length(shop, members, length):
    before = active(shop, members[1])
    body = {"giver": members[0], "receiver": members[1], "points": 10}

    first = shop.post("/transfers", body, key="k" * length)
    again = shop.post("/transfers", body, key="k" * length)

    assert (first.status_code, again.content) == (201, first.content)
    assert active(shop, members[1]) == before + 10


def test_keys_that_fit_keep_their_names_and_long_ones_do_not_share_one(shop, members):
    body = {"giver": members[0], "receiver": members[1], "points": 10}
    before = active(shop, members[1])

    for key in ("short", "k" * 254 + "a", "k" * 254 + "b", "soft\u00adhyphen"):
        assert shop.post("/transfers", body, key=key).status_code == 201

    kept = sorted(transfer_keys())
    assert kept[-1] == "transfer:short"
    assert [each.split(":")[0] for each in kept[:-1]] == ["transfer.sha256"] * 3
    assert active(shop, members[1]) == before + 40


@pytest.mark.parametrize("length", LENGTHS)
def test_a_redemption_lives_under_keys_of_any_length(shop, members, length):
    reward = shop.post("/rewards", MUG).json()["id"]
    before = active(shop, members[0])

    def key(letter: str) -> str:
        return letter * length

    held = shop.post("/redemptions", {"customer": members[0], "reward": reward}, key=key("a"))
    path = f"/redemptions/{held.json()['id']}"
    renewed = shop.post(f"{path}/renew", {}, key=key("b"))
    captured = shop.post(f"{path}/capture", {}, key=key("c"))
    back = shop.post(f"{path}/reversals", {"because": "goods_returned"}, key=key("d"))

    done = [each.status_code for each in (held, renewed, captured, back)]
    assert done == [201, 200, 200, 201], back.content
    assert active(shop, members[0]) == before


@pytest.mark.parametrize("length", LENGTHS)
def test_points_are_adjusted_and_records_merged_under_keys_of_any_length(shop, members, length):
    before = [active(shop, each) for each in members]
    path = f"/customers/{members[1]}"

    adjusted = shop.post(
        f"{path}/adjustments", {"points": 5, "reason_code": "x"}, key="a" * length
    )
    merged = shop.post(f"{path}/merge", {"into": members[0]}, key="b" * length)
    undone = shop.post(f"/merges/{merged.json()['id']}/undo", None, key="c" * length)

    assert (adjusted.status_code, merged.status_code) == (201, 200), merged.content
    assert undone.status_code == 200, undone.content
    assert [active(shop, each) for each in members] == [before[0], before[1] + 5]


def test_orders_with_the_longest_names_stamp_a_card_and_redeem_a_code(shop, members):
    card = {
        "id": "tea",
        "name": {"en": "Tea card", "zh": "茶卡"},
        "per": "order",
        "stamps": 9,
        "points": 50,
    }
    publish_with(shop, stamps=[card])
    spring = {"names": {"en": "Spring"}, "kind": "percent", "value": 1_000}
    offer = shop.post("/campaigns", {**spring, "per_code_limit": None}).json()["id"]
    shop.post(f"/campaigns/{offer}/shared-codes", {"code": "SPRING"}, key="word")

    def pay(last: str):
        line = {"sku": "TEA", "amount_minor": 10_000}
        fact = {
            "type": "order.paid",
            "source": ":" * 60,
            "source_id": "n" * 119 + last,
            "occurred_at": clock.now().isoformat(),
            "customer": {"id": members[1]},
            "order": {"number": last, "coupons": ["SPRING"], "lines": [line]},
        }
        return [shop.post("/events", fact) for _ in range(2)]

    for first, again in (pay("1"), pay("2")):
        assert first.status_code == again.status_code == 200, first.content
        codes = [each["reason"]["code"] for each in first.json()["effects"]]
        assert {"stamps.added", "code_redeemed"} < set(codes)
        assert again.json()["effects"] == first.json()["effects"]
