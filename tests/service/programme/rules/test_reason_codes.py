"""Every reason that is written anywhere says itself in both languages."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from huitouke import service
from huitouke.service.core.errors import ServiceError
from huitouke.service.programme.rewards import (
    code_refusals,
    pacts,
    referrals,
    refusals,
)
from huitouke.service.programme.rules.reasons import say
from huitouke.service.programme.rules.sentences import MISSES, SENTENCES

ROOT = Path(service.__file__).parent
#: Reports and drafts have words of their own; definitions name things by codes.
_OTHERS = {"economics", "migrations", "models", "versions", "examples.py", "reasons.py"}
#: How missed.condition and missed.once say themselves; no reason carries them.
_FORMS = {"missed.absent", "missed.birthday", "missed.excluded", "missed.once_a_year"}
#: Parts of a code that are put in where it is written, and all that they can be.
_FAMILIES = {
    "missed.{}": [code for code in MISSES if code not in _FORMS],
    "tier.{}": [code for code in SENTENCES if code.startswith("tier.")],
    "refund.{}": ["refund.clawed_back", "refund.cancelled"],
    "referral.{}": ["referral.advocate", "referral.friend"],
    "lose.{}": [code for code in SENTENCES if re.fullmatch(r"lose\.\w+", code)],
    "lose.{}.said": [code for code in SENTENCES if re.fullmatch(r"lose\.\w+\.said", code)],
    "{}.{}": ["held.reward", "held.order", "redeemed.reward", "redeemed.order"],
}
#: Enough for the fullest form of every sentence.
_VALUES = {
    "name": {"en": "Rule", "zh": "规则"}, "points": 3, "unit": "points", "order": "A1",
    "reward": {"en": "Cup", "zh": "杯子"}, "card": {"en": "Card", "zh": "卡"},
    "tier": {"en": "Gold", "zh": "金卡"}, "from_tier": {"en": "Silver", "zh": "银卡"},
    "on": "2026-03-01", "through": "2026-03-01", "valid_through": "2026-03-01",
    "by": "2026-03-01", "need": 100, "metric": "visits", "taken": 2, "owed": 1,
    "amount_minor": 100, "note": "sorry", "actual": "x", "required": "y", "fact": "order.store",
    "op": "eq", "months": 3, "stamps": 1, "have": 2, "of": 10, "redemption": "rdm_1", "left": 5,
}  # fmt: skip


def _strings(node):
    """Every text that an expression can come to."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _strings(node.body)
        yield from _strings(node.orelse)
    elif isinstance(node, ast.JoinedStr):
        form = "".join(
            part.value if isinstance(part, ast.Constant) else "{}" for part in node.values
        )
        yield from _FAMILIES.get(form, [form])


def _codes_of(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "code":
                    yield from _strings(value)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            named = any(isinstance(one, ast.Name) and one.id == "code" for one in targets)
            # In a class it names an error.
            if named and node.col_offset and node.value and not _in_class(tree, node):
                yield from _strings(node.value)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "reason_of":
            yield from (each for each in _strings(node.args[0]) if each not in _HALVES)


#: What reason_of completes to one of the last family.
_HALVES = {"held", "redeemed"}


def _in_class(tree, node):
    return any(node in each.body for each in ast.walk(tree) if isinstance(each, ast.ClassDef))


def _written():
    found = {}
    folders = [ROOT / "programme", ROOT / "ledger" / "commands"]
    for folder in folders:
        for file in sorted(folder.rglob("*.py")):
            if _OTHERS.isdisjoint(file.relative_to(folder).parts):
                for code in _codes_of(ast.parse(file.read_text(encoding="utf-8"))):
                    found.setdefault(code, file.name)
    for file in sorted((ROOT / "ledger" / "sql").glob("*.sql")):
        for code in re.findall(r"'code',\s*'([^']+)'", file.read_text(encoding="utf-8")):
            found.setdefault(code, file.name)
    return found


WRITTEN = _written()


def test_the_search_finds_what_is_known_to_be_written():
    assert {
        "points_expired",
        "accounts_merged",
        "merged.once",
        "unmerged.once",
        "transferred",
        "refund.cancelled",
        "referral.friend",
        "stamps.full",
        "not_enrolled",
        "no_rules",
        "goodwill",
        "released.late",
        "imported",
        "forfeited",
        "expiring",
        "missed.scope",
    } <= WRITTEN.keys()


@pytest.mark.parametrize("code", sorted(WRITTEN))
def test_every_code_says_itself_in_both_languages(code):
    whole = {"code": code, **_VALUES}
    if code == "missed.window":
        whole["required"] = {"month_days": [8]}

    english, chinese = say(whole, "en"), say(whole, "zh")

    assert not english.startswith("Recorded"), WRITTEN[code]
    assert re.search("[一-鿿]", chinese), WRITTEN[code]
    assert "{" not in english + chinese


@pytest.mark.parametrize("code", sorted(WRITTEN))
def test_a_code_alone_says_as_much_as_it_can(code):
    assert say({"code": code}, "en")
    assert say({"code": code}, "zh")


def _refusals():
    for module in (code_refusals, pacts, referrals, refusals):
        for name in module.__all__:
            found = getattr(module, name)
            if isinstance(found, type) and issubclass(found, ServiceError):
                yield found


@pytest.mark.parametrize("error", sorted(set(_refusals()), key=lambda one: one.code))
def test_a_refusal_of_rewards_says_itself_as_a_reason(error):
    because = {"en": "It was refused.", "zh": "已拒绝。"}
    reason = {"code": error.code.partition(".")[2], "because": because}

    assert not say(reason, "en").startswith("Recorded")
    assert re.search("[一-鿿]", say(reason, "zh"))


def test_one_point_is_said_in_the_singular():
    expired = {"code": "points_expired", "valid_through": "2026-03-31"}

    assert say({**expired, "points": 1}, "en").startswith("1 point expired")
    assert say({**expired, "points": 2}, "en").startswith("2 points expired")
    assert say({**expired, "points": 1}, "zh").startswith("1积分")


def test_a_transfer_reads_by_its_side():
    assert say({"code": "transfer.out", "points": 5}, "en") == (
        "5 points passed on to another member."
    )
    assert say({"code": "transfer.in", "points": 5}, "en") == (
        "5 points received from another member."
    )
