"""The simulated shop has every module filled, and its ledger is whole."""

from __future__ import annotations

import json
import re
import stat
import urllib.parse
import urllib.request
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import check_password
from running import huitouke

SHANGHAI = ZoneInfo("Asia/Shanghai")
FILLED = (
    "core_apikey", "api_delivery", "api_endpoint", "core_audit", "core_staff",
    "customers_consent", "customers_customer", "customers_identity", "customers_merge",
    "ledger.entry", "orders_import", "orders_order", "orders_product", "orders_refund",
    "programme_adjustment", "programme_code", "programme_codeuse", "programme_couponcampaign",
    "programme_importedbalance", "programme_membership", "programme_notice",
    "programme_redemption", "programme_referral", "programme_reward", "programme_stamp",
    "programme_version", "segments_segment",
)  # fmt: skip


def one(database, what, *, of):
    statement = f"SELECT {what} FROM {of}"  # noqa: S608 - the words of these tests
    return database.execute(statement).fetchone()[0]


def test_every_module_has_something_to_show(database):
    empty = [table for table in FILLED if not one(database, "count(*)", of=table)]

    assert empty == []


def test_redemptions_adjustments_and_versions_stand_in_several_states(database):
    def states(table):
        return set(one(database, "array_agg(DISTINCT state)", of=table))

    assert {"captured", "held", "released", "reversed"} <= states("programme_redemption")
    assert {"done", "waiting"} <= states("programme_adjustment")
    assert {"draft", "published"} <= states("programme_version")


def test_points_wait_expire_and_lie_in_several_tiers(database):
    told = set(one(database, "array_agg(DISTINCT topic)", of="core_outbox"))
    tiers = one(database, "count(DISTINCT tier)", of="programme_membership")

    assert {"points.activated", "points.expired", "points.expiring", "tier.upgraded"} <= told
    assert one(database, "sum(pending)", of="ledger.account") > 0
    assert tiers >= 3


def test_the_last_order_was_yesterday(database):
    last, now = database.execute("SELECT max(paid_at), now() FROM orders_order").fetchone()

    yesterday = now.astimezone(SHANGHAI).date() - timedelta(days=1)
    assert yesterday - last.astimezone(SHANGHAI).date() <= timedelta(days=1)
    assert last.astimezone(SHANGHAI).date() <= yesterday


def test_a_week_has_passed_between_two_analyses_so_that_changes_show(database):
    (then, nothing), (now, before) = database.execute(
        "SELECT as_of, changes->>'as_of' FROM loop_analysis WHERE state = 'done' ORDER BY as_of"
    ).fetchall()

    assert (nothing, before) == (None, str(then))
    assert timedelta(days=6) <= now - then <= timedelta(days=7)


def test_nothing_is_dated_ahead_of_its_time(database):
    now = one(database, "now()", of="core_shop")

    for table, moment in (
        ("orders_order", "recorded_at"),
        ("core_outbox", "created_at"),
        ("core_audit", "created_at"),
    ):
        assert one(database, f"max({moment})", of=table) <= now


def test_the_shop_says_that_it_is_simulated(database):
    kind, names, attribution = database.execute(
        "SELECT kind, names, attribution FROM core_shop WHERE loaded_at IS NOT NULL"
    ).fetchone()

    assert kind == "simulated"
    assert names == {"zh": "山间茶事", "en": "Hillside Tea"}
    assert "do not exist" in attribution["en"]


def test_nobody_can_be_reached_by_what_is_known_of_them(database):
    known = "customers_identity WHERE kind = "
    phones = f"{known}'phone' AND value !~ '^[+]861500000[0-9]{{4}}$'"
    emails = f"{known}'email' AND value !~ '@example[.]com$'"

    assert one(database, "count(*)", of=phones) == 0
    assert one(database, "count(*)", of=emails) == 0


def test_the_ledger_of_the_demo_is_whole(loaded, shop_folder):
    checked = huitouke("ledger", "verify", "--data-dir", str(shop_folder), "--json")

    assert checked.returncode == 0, checked.stdout + checked.stderr
    said = json.loads(checked.stdout)
    assert said["broken"] == []
    assert said["entries"] > 500


def test_every_role_signs_in_and_the_key_opens_the_api(loaded, database, shop_folder):
    kept = json.loads((shop_folder / "sign-ins.json").read_text("utf-8"))
    rows = database.execute("SELECT role, username, password FROM core_staff").fetchall()

    assert {role for role, _, _ in rows} == set(kept["emails"])
    for role, email, hashed in rows:
        assert kept["emails"][role] == email
        assert check_password(kept["password"], hashed)
    _, page = loaded.get("/v1/customers?limit=5", key=kept["api_key"])
    assert len(page["customers"]) == 5
    assert all(kept[name] in loaded.said for name in ("password", "api_key", "member"))


def test_staff_sign_in_on_the_page(loaded, database, shop_folder):
    name = one(database, "first_name", of="core_staff WHERE role = 'analyst'")
    kept = json.loads((shop_folder / "sign-ins.json").read_text("utf-8"))
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    page = f"{loaded.address}/staff/sign-in"
    form = browser.open(page, timeout=20).read().decode()
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', form)[1]
    given = {
        "csrfmiddlewaretoken": token,
        "login": kept["emails"]["analyst"],
        "password": kept["password"],
    }

    asked = urllib.request.Request(  # noqa: S310 - our own
        page, data=urllib.parse.urlencode(given).encode(), headers={"Referer": page}
    )
    answer = browser.open(asked, timeout=20)

    assert answer.url == f"{loaded.address}/staff/today"
    assert f">{name}</a>" in answer.read().decode()


def test_the_member_of_the_sign_ins_has_points(loaded, shop_folder):
    kept = json.loads((shop_folder / "sign-ins.json").read_text("utf-8"))

    _, page = loaded.get(f"/v1/customers?identity=phone:{kept['member']}", key=kept["api_key"])

    (member,) = page["customers"]
    _, balance = loaded.get(f"/v1/customers/{member['id']}/balance", key=kept["api_key"])
    assert balance["active"] > 0


def test_only_the_owner_reads_the_sign_ins(loaded, shop_folder):
    assert stat.S_IMODE((shop_folder / "sign-ins.json").stat().st_mode) == 0o600


def test_a_demo_is_not_served_where_others_reach_it(loaded, shop_folder):
    refused = huitouke(
        "serve", "--host", "0.0.0.0", "--port", "0", "--data-dir", str(shop_folder),  # noqa: S104 - refused
        "--lang", "en",
    )  # fmt: skip

    assert refused.returncode == 2
    assert "[cli.demo_in_public]" in refused.stderr
