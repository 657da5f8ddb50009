"""``huitouke programme``: drafts checked and replayed, points reported, in both languages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

RUN = """
from huitouke.cli import main as door
from huitouke.cli.programme import programme
door.cli.add_command(programme)
door.main()
"""
OPEN = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from huitouke.cli.service import service

with service(data_dir=Path(sys.argv[1])):
    from huitouke.service.core.actor import Actor
    from huitouke.service.programme.events.facts import FACT
    from huitouke.service.programme.events.record import record
    from huitouke.service.programme.rules.examples import starter_definition
    from huitouke.service.programme.versions import commands as versions
    from huitouke.service.programme.versions.creating import create

    till, began = Actor("key", "till"), datetime(2026, 1, 1, tzinfo=UTC)
    own = create({"code": "club", "name": {"zh": "会员"}}, at=began, actor=till)
    rules = starter_definition().model_dump(mode="json")
    made = versions.draft(own, definition=rules, at=began, actor=till)
    versions.publish(made.id, at=began, actor=till)
    facts = []
    for person in range(20):
        who = {"identity": {"kind": "external", "value": f"p{person}"}}
        base = {"source": "shop", "customer": who, "programme": "club"}
        facts.append({**base, "type": "customer.signed_up", "source_id": f"s{person}",
                      "occurred_at": (began + timedelta(days=1)).isoformat()})
        facts += [{**base, "type": "order.paid", "source_id": f"o{person}-{n}",
                   "occurred_at": (began + timedelta(days=2 + 7 * n)).isoformat(),
                   "order": {"number": f"{person}-{n}",
                             "lines": [{"sku": "a", "amount_minor": 5000 + 1000 * person}]}}
                  for n in range(10)]
    told = record([FACT.validate_python(each) for each in facts], actor=till)
    assert {each.status for each in told} == {"done"}
"""
SPEND = {
    "id": "spend",
    "name": {"zh": "消费积分", "en": "Points on purchases"},
    "on": "order.paid",
    "gives": {"kind": "per_spend", "points": 2, "per_minor": 100},
}
AT_CLUB = ("--programme", "club", "--data-dir")
DRAFT = {"rules": [SPEND], "burn": {"per_points": 100, "minor": 100, "most_percent": 50}}


def python(source, *words):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("HUITOUKE", "DATABASE"))}
    return subprocess.run(
        [sys.executable, "-c", source, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        env=kept,
        timeout=180,
    )


def programme(*words):
    return python(RUN, "programme", *words)


@pytest.fixture(scope="module")
def opened(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    made = python(OPEN, folder)
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture
def draft(tmp_path) -> Path:
    file = tmp_path / "double.json"
    file.write_text(json.dumps(DRAFT), encoding="utf-8")
    return file


def test_a_draft_is_replayed_beside_the_rules_in_force(opened, draft):
    done = programme("backtest", draft, *AT_CLUB, opened, "--lang", "en", "--top", "3")

    assert done.returncode == 0, done.stderr
    assert "200 orders with 200 lines of 20 customers" in done.stdout
    assert "double against current" in done.stdout
    assert "cannot be told yet" in done.stdout


def test_the_same_is_said_in_chinese(opened, draft):
    done = programme("backtest", draft, *AT_CLUB, opened, "--lang", "zh")

    assert "20 位顾客的 200 笔订单" in done.stdout
    assert "发放积分" in done.stdout


@pytest.mark.parametrize(
    ("language", "says"),
    [
        (
            "en",
            (
                "Stamp cards of friends",
                "full cards",
                "Referrals of friends",
                "not known",
                "Stamp cards are stamped for everybody who buys.",
            ),
        ),
        ("zh", ("friends的集次卡", "集满张数", "friends的推荐奖励", "未知", "都盖章")),
    ],
)
def test_stamp_cards_and_referrals_are_told(opened, tmp_path, language, says):
    more = {
        "stamps": [
            {"id": "tea", "name": {"en": "Tea"}, "stamps": 4, "points": 50},
            {"id": "mug", "name": {"en": "Mug"}, "stamps": 5, "reward": "nowhere"},
        ],
        "referral": {"advocate_points": 100},
    }
    file = tmp_path / "friends.json"
    file.write_text(json.dumps(DRAFT | more), encoding="utf-8")

    done = programme("backtest", file, *AT_CLUB, opened, "--lang", language)
    told = json.loads(programme("backtest", file, *AT_CLUB, opened, "--json").stdout)

    assert [word for word in says if word not in done.stdout] == []
    (tea, mug), friends = told["runs"][1]["cards"], told["runs"][1]["referrals"]
    assert (tea["stamps"], tea["full"], tea["points"]) == (200, 40, 2_000)
    assert (mug["full"], mug["reward_minor"]) == (40, None)
    assert (friends["pairs"], friends["not_replayed"]) == (0, {})


def test_a_period_and_a_rate_are_taken_and_said_as_json(opened, draft):
    done = programme(
        "backtest", draft, *AT_CLUB, opened, "--json", "--since", "2026-01-03",
        "--until", "2026-01-10", "--redemption", "0.5", "--cost", "0.6",
    )  # fmt: skip

    told = json.loads(done.stdout)
    assert told["seen"]["orders"] == 40
    assert told["since"] == "2026-01-02T16:00:00+00:00"
    assert told["until"] == "2026-01-10T16:00:00+00:00"
    assert told["assumed"]["source"] == "given"
    assert told["runs"][1]["worth"]["cost"] == {"num": 3, "den": 5}


def test_points_are_reported_from_opening_to_closing(opened):
    said = programme("liability", *AT_CLUB, opened, "--lang", "en")
    told = json.loads(programme("liability", *AT_CLUB, opened, "--json").stdout)

    assert "Closing" in said.stdout
    assert "(complete months to " in said.stdout
    assert "cannot tell, possible: " in said.stdout
    roll = told["roll"]
    assert roll["closing"] == roll["issued"] > 0
    assert told["breakage"]["status"] == "too_few"


def test_a_clean_draft_passes_the_check(draft):
    done = programme("check", draft, "--lang", "en")

    assert (done.returncode, done.stdout.strip()) == (0, "No money loop was found.")


def test_a_money_loop_is_shown_and_fails_the_check(draft, tmp_path):
    file = tmp_path / "loop.json"
    present = {**SPEND, "id": "present", "gives": {"kind": "fixed", "points": 500}}
    file.write_text(json.dumps({**DRAFT, "rules": [SPEND, present]}), encoding="utf-8")

    said = programme("check", file, "--lang", "zh")
    told = json.loads(programme("check", file, "--json").stdout)

    assert said.returncode == 1
    assert "[严重]" in said.stdout
    assert told[0]["kind"] == "earn_over_price"
    assert told[0]["cart"]["lines"][0]["amount_minor"] == 100


def test_a_check_takes_in_the_rewards_of_the_programme(opened, draft):
    done = programme("check", draft, *AT_CLUB, opened)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("text", "code"),
    [("{", "cli.draft_unreadable"), ("[]", "cli.draft_unreadable"),
     ('{"rules": 1}', "programme.definition_invalid")],
)  # fmt: skip
def test_a_file_that_is_no_draft_is_named(tmp_path, text, code):
    file = tmp_path / "draft.json"
    file.write_text(text, encoding="utf-8")

    done = programme("check", file, "--lang", "en")

    assert done.returncode == 2
    assert f"[{code}]" in done.stderr


def test_two_drafts_of_one_name_are_refused(tmp_path, draft):
    other = tmp_path / "more" / draft.name
    other.parent.mkdir()
    other.write_text(draft.read_text(encoding="utf-8"), encoding="utf-8")

    done = programme("backtest", draft, other)

    assert "[cli.same_draft]" in done.stderr


@pytest.mark.parametrize("cost", ["-1", "much", "nan", "inf"])
def test_a_cost_that_is_no_amount_is_refused(draft, cost):
    done = programme("backtest", draft, "--cost", cost, "--lang", "en")

    assert done.returncode == 2
    assert "--cost" in done.stderr
