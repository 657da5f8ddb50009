"""The tables of docs/rules/customers.md say what the code does."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from huitouke.service.customers import commands, queries
from huitouke.service.customers.identity import KINDS, IdentityInvalid, normalise

PAGE = Path(__file__).resolve().parents[3] / "docs" / "rules" / "customers.md"


def table(heading):
    lines = PAGE.read_text(encoding="utf-8").split("\n")
    start = next(place for place, line in enumerate(lines) if line.startswith(heading))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip().strip("`") for cell in line.strip("|").split(" | ")])
    return rows


def kept(kind, written):
    try:
        return normalise(kind, written)
    except IdentityInvalid:
        return "refused"


def test_every_identity_of_the_page_is_kept_as_it_says():
    rows = table("| Kind |")

    assert [[kind, written, kept(kind, written)] for kind, written, _ in rows] == rows
    assert {kind for kind, _, _ in rows} == set(KINDS)


@pytest.mark.django_db
def test_consents_of_the_page_hold_as_it_says(till, moment):
    person = commands.create([], at=moment, actor=till)
    held = []
    rows = table("| Said at |")

    for said, _, word, _ in rows:
        commands.record_consent(
            person.pk,
            channel="sms",
            purpose="marketing",
            given=word == "yes",
            wording_version="v1",
            source="till/3",
            at=datetime(2026, 5, int(re.sub(r"\D", "", said)), tzinfo=UTC),
            actor=till,
        )
        held.append("yes" if queries.consents(person.pk)[0].given else "no")

    assert held == [holds for *_, holds in rows]
