"""Carts, rules and the worked tables of docs/rules."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from huitouke.service.programme.rules.cart import Cart, CartLine, FactView, MemberView
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.rules.standing import Qualified, metric_from
from huitouke.service.programme.rules.tier_shapes import Tiers
from huitouke.service.programme.rules.tiers import advance, begin, refunded

PAGES = Path(__file__).parents[4] / "docs" / "rules"
NOON = datetime(2026, 3, 8, 4, tzinfo=UTC)


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


@pytest.fixture(scope="session")
def worked():
    """Return the rows of one table of docs/rules, found by its page and first column."""

    def rows(page, *, first):
        lines = (PAGES / f"{page}.md").read_text(encoding="utf-8").splitlines()
        start = next(n for n, line in enumerate(lines) if line.startswith(f"| {first} |"))
        heads, found = cells(lines[start]), []
        for line in lines[start + 2 :]:
            if not line.startswith("|"):
                break
            found.append(dict(zip(heads, cells(line), strict=True)))
        assert found
        return found

    return rows


@pytest.fixture(scope="session")
def fen():
    """Return an amount of yuan in fen."""
    return lambda text: int(Decimal(re.sub(r"[¥,]", "", text)) * 100)


@pytest.fixture(scope="session")
def rule():
    """Return one rule as JSON: points per 100 fen unless said otherwise."""

    def made(code="spend", **fields):
        given = {
            "id": code,
            "name": {"zh": f"规则{code}", "en": f"Rule {code}"},
            "on": "order.paid",
            "gives": {"kind": "per_spend", "points": 1, "per_minor": 100},
        }
        return given | fields

    return made


@pytest.fixture(scope="session")
def definition(rule):
    """Return a definition of these rules (one per spend if none are given)."""

    def made(*rules, **fields):
        return Definition.model_validate({"rules": rules or (rule(),)} | fields)

    return made


@pytest.fixture(scope="session")
def cart():
    """Return a cart of lines with these amounts in fen."""

    def made(*amounts, **fields):
        lines = tuple(
            one if isinstance(one, CartLine) else CartLine(position=n, amount_minor=one)
            for n, one in enumerate(amounts, start=1)
        )
        return Cart(lines=lines, **fields)

    return made


@pytest.fixture(scope="session")
def paid(cart):
    """Return the fact that such a cart was paid, at noon of 8 March 2026 in Shanghai."""

    def made(*amounts, at=NOON, attributes=None, **fields):
        given = {} if attributes is None else attributes
        return FactView(
            type="order.paid", at=at, cart=cart(*amounts, **fields), attributes=given
        )

    return made


@pytest.fixture(scope="session")
def noon():
    return NOON


@pytest.fixture(scope="session")
def mei():
    """A member without a past."""
    return MemberView()


JOINED = date(2026, 1, 10)
LEVELS = [
    {"code": "silver", "name": {"en": "Silver"}, "reach": 0},
    {"code": "gold", "name": {"en": "Gold"}, "reach": 2000, "keep": 1500},
    {"code": "diamond", "name": {"en": "Diamond"}, "reach": 8000, "keep": 6000},
    {"code": "black", "name": {"en": "Black"}, "paid": {"price_minor": 19900, "months": 12}},
]


def tiers_of(*codes, **fields):
    levels = [level for level in LEVELS if not codes or level["code"] in codes]
    return Tiers.model_validate({"tiers": levels} | fields)


class Member:
    """A member whose journal is in hand."""

    def __init__(self, **fields):
        self.tiers = tiers_of(**fields)
        self.journal = []
        self.changes = []
        self.standing = begin(tiers=self.tiers, day=JOINED).standing

    def take(self, step):
        self.standing = step.standing
        self.changes += [change.kind for change in step.changes]
        return self

    def buy(self, on, amount, *, known_on=None):
        self.journal.append(Qualified(on, amount))
        return self.wait(known_on or on, also_on=on if known_on else None)

    def wait(self, day, *, also_on=None):
        return self.take(
            advance(
                self.standing,
                tiers=self.tiers,
                day=day,
                joined_on=JOINED,
                metric=metric_from(self.journal),
                also_on=also_on,
            )
        )

    def send_back(self, bought_on, amount, *, day, benefit_used=False):
        self.journal.append(Qualified(bought_on, -amount))
        return self.take(
            refunded(
                self.standing,
                tiers=self.tiers,
                day=day,
                joined_on=JOINED,
                metric=metric_from(self.journal),
                benefit_used=benefit_used,
                refund_days=7,
            )
        )


@pytest.fixture(scope="session")
def tiers_with():
    """Silver, gold and diamond, and black for money; or those of them that are named."""
    return tiers_of


@pytest.fixture(scope="session")
def new_member():
    """Return a member who joined on 10 January 2026, with the tiers' settings as given."""
    return Member
