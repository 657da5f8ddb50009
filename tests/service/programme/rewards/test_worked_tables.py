"""The tables of docs/rules say what the rules of rewards do."""

from __future__ import annotations

import re
from pathlib import Path

from huitouke.service.programme.rewards.part_payment import part_payment
from huitouke.service.programme.rewards.stacking import Offer, apply
from huitouke.service.programme.rewards.stamp_counting import CardCount, fill, shown_stamps
from huitouke.service.programme.rules.cart import Cart, CartLine
from huitouke.service.programme.rules.extras import Burn, StampCard
from huitouke.service.programme.rules.shapes import Name

RULES = Path(__file__).resolve().parents[4] / "docs" / "rules"


def rows_of(page, *, first):
    """The rows of the table on a page whose first column is called so."""
    lines = (RULES / f"{page}.md").read_text(encoding="utf-8").splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith(f"| {first} |"))
    cells = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        cells.append([cell.strip() for cell in line.strip("|").split("|")])
    assert cells[2:]
    return [dict(zip(cells[0], row, strict=True)) for row in cells[2:]]


def fen(text):
    yuan, _, part = text.removeprefix("¥").partition(".")
    return int(yuan) * 100 + int(part)


def offer(text):
    stacking = re.search(r"class (\w+)", text)
    word = text.split()[0]
    more = {
        "code": text,
        "exclusive": "exclusive" in text,
        "stacking_class": stacking[1] if stacking else "",
    }
    if text.startswith("free"):
        return Offer(kind="free_delivery", **more)
    if word.startswith("¥"):
        return Offer(kind="amount", value=fen(word), **more)
    return Offer(kind="percent", value=int(word) * 100, **more)


def plain(text):
    return text.partition(" class")[0].partition(" exclusive")[0]


def test_part_payment_is_as_written():
    for row in rows_of("rewards", first="100 points are worth"):
        burn = Burn(
            per_points=100,
            minor=fen(row["100 points are worth"]),
            step_points=int(row["Step"]),
            least_points=int(row["At least"]),
            most_percent=int(row["At most of the order"].split()[0]),
        )

        pays = part_payment(int(row["Offered"]), burn=burn, order_minor=fen(row["Order"]))

        assert (pays.points, pays.worth_minor) == (int(row["Taken"]), fen(row["Pays"])), row


def test_what_comes_back_of_a_part_payment_is_as_written():
    for row in rows_of("rewards", first="Points used"):
        back = int(row["Points used"]) * fen(row["Returned so far"]) // fen(row["Paid"])

        assert back == int(row["Back in all"]), row


def test_codes_in_one_cart_work_as_written():
    for row in rows_of("coupons", first="Lines"):
        lines = tuple(
            CartLine(position=place, amount_minor=fen(text))
            for place, text in enumerate(row["Lines"].split(", "), start=1)
        )
        cart = Cart(lines=lines, shipping_minor=fen(row["Delivery"]))

        found = apply(cart, offers=[offer(each) for each in row["Codes"].split(", ")])

        assert sorted(plain(each.code) for each in found.applied) == sorted(
            row["Applied"].split(", ")
        ), row
        assert found.total_minor == fen(row["Off"]), row


def test_stamp_cards_fill_as_written():
    for row in rows_of("referrals", first="Stamps needed"):
        card = StampCard(
            id="c",
            name=Name(en="C"),
            stamps=int(row["Stamps needed"]),
            head_start=int(row["Head start"]),
            points=1,
        )
        before = CardCount(stamps=int(row["Card before"]))

        after = fill(before, card=card, stamps=int(row["Stamps"]))

        assert after == CardCount(stamps=int(row["Card after"]), full=int(row["Presents"])), row
        assert shown_stamps(after, card=card) == int(row["Shown"]), row
