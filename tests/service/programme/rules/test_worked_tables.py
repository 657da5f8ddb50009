"""The tables of docs/rules say what the rules do."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from huitouke.service.programme.rules.cart import CartLine, MemberView
from huitouke.service.programme.rules.definition import Eligible
from huitouke.service.programme.rules.earning import evaluate, kept
from huitouke.service.programme.rules.eligible import eligible_minor
from huitouke.service.programme.rules.examples import starter_definition
from huitouke.service.programme.rules.expiry import expires_at, valid_through
from huitouke.service.programme.rules.shapes import FixedDay, Inactivity, Never, Rolling
from huitouke.service.programme.rules.standing import Qualified, metric_from
from huitouke.service.programme.rules.tier_shapes import TierWindow
from huitouke.service.programme.rules.tier_windows import imported_review, window_start
from huitouke.service.programme.rules.tiers import advance, begin


def listed(text):
    return [part.strip() for part in text.split(",")]


def test_rounding_is_as_written(worked, fen, definition, rule, paid, mei):
    for row in worked("rounding", first="Points"):
        gives = {
            "kind": "per_spend",
            "points": int(row["Points"]),
            "per_minor": fen(row["Per"]),
        }
        amounts = [fen(each) for each in listed(row["Lines"])]

        outcome = evaluate(paid(*amounts), definition=definition(rule(gives=gives)), member=mei)

        by_line = dict(outcome.effects[0].lines) if outcome.effects else {}
        assert outcome.points("points") == int(row["Given"]), row
        places = range(1, len(amounts) + 1)
        assert [by_line.get(place, 0) for place in places] == [
            int(each) for each in listed(row["Per line"])
        ], row


def test_what_counts_is_as_written(worked, fen, cart):
    for row in worked("earning", first="Goods"):
        card = CartLine(position=2, amount_minor=fen(row["Gift card bought"]), gift_card=True)
        bought = cart(
            fen(row["Goods"]),
            card,
            shipping_minor=fen(row["Delivery"]),
            paid_by_points_minor=fen(row["Paid by points"]),
            paid_by_gift_card_minor=fen(row["Paid by gift card"]),
        )
        switches = Eligible(**({row["Switches"]: True} if row["Switches"] else {}))

        assert eligible_minor(bought, switches=switches) == fen(row["Counts"]), row


def multiplier(text, *, rule, place):
    factor, _, word = text.removeprefix("×").partition(" ")
    num, _, den = factor.partition("/")
    gives = {"kind": "multiplier", "num": int(num), "den": int(den or 1)}
    return rule(f"times{place}", gives=gives | {"compound": word == "compound"})


def test_multipliers_are_as_written(worked, fen, definition, rule, paid, mei):
    for row in worked("earning", first="Counts"):
        more = [
            multiplier(text, rule=rule, place=place)
            for place, text in enumerate(listed(row["Multipliers"]))
        ]

        outcome = evaluate(
            paid(fen(row["Counts"])), definition=definition(rule(), *more), member=mei
        )

        given = {effect.rule_id: effect.value for effect in outcome.effects}
        extra = [given.get(one["id"], 0) for one in more]
        assert given.get("spend", 0) == int(row["Base"]), row
        assert extra == [int(each) for each in listed(row["Extra"])], row
        assert outcome.points("points") == int(row["Together"]), row


def test_caps_are_as_written(worked, definition, rule, paid):
    keys = {"day": "2026-03-08", "month": "2026-03", "ever": "ever"}
    for row in worked("earning", first="Desired"):
        caps = [
            {"points": int(points), "per": per}
            for points, per in re.findall(r"(\d+) per (\w+)", row["Caps"])
        ]
        uses = {
            ("spend", keys[cap["per"]]): int(row["Used before"])
            for cap in caps
            if cap["per"] != "order"
        }

        outcome = evaluate(
            paid(int(row["Desired"]) * 100),
            definition=definition(rule(caps=caps)),
            member=MemberView(uses=uses),
        )

        effect = outcome.effects[0]
        assert effect.desired == int(row["Desired"]), row
        assert effect.value == int(row["Given"]), row
        assert (effect.capped_by or "") == row["Capped by"], row


def test_what_is_kept_is_as_written(worked, fen, definition, rule, cart, noon, mei):
    rules = definition(
        rule(caps=[{"points": 150, "per": "day"}]),
        rule(
            "large",
            when=[{"fact": "order.eligible_minor", "op": "gte", "value": 20_000}],
            gives={"kind": "fixed", "points": 50},
        ),
    )
    for row in worked("earning", first="Bought"):
        bought, left = (
            cart(*[fen(each) for each in listed(row[head])]) for head in ("Bought", "Kept")
        )
        worth = [
            kept(
                bought, kept_cart=one, definition=rules, member_at_purchase=mei, at=noon
            ).points("points")
            for one in (bought, left)
        ]

        assert worth == [int(row["Worth before"]), int(row["Worth after"])], row
        assert worth[0] - worth[1] == int(row["Taken back"]), row


def policy(text):
    if text == "never":
        return Never()
    first, _, rest = text.partition(", ")
    number, word = first.split()[:2]
    if first.endswith("inactive"):
        return Inactivity(months=int(number))
    if word.startswith("month"):
        return Rolling(months=int(number), round=rest.rpartition(" ")[2] or "none")
    month = {"February": 2, "December": 12}[word]
    least = int(rest.split()[2]) if rest else 0
    return FixedDay(month=month, day=int(number), least_months=least)


def test_expiry_is_as_written(worked):
    for row in worked("expiry", first="Policy"):
        expiry, zone = policy(row["Policy"]), ZoneInfo(row["Zone"])
        available = datetime.fromisoformat(row["Available"])

        day = valid_through(expiry, available_on=available.astimezone(zone).date())
        gone = expires_at(expiry, available_at=available, zone=zone)

        assert ("" if day is None else day.isoformat()) == row["Valid through"], row
        shown = "" if gone is None else gone.astimezone(UTC).strftime("%Y-%m-%dT%H:%M")
        assert shown == row["Gone at (UTC)"], row


def test_a_members_years_are_as_written(worked, fen):
    tiers = starter_definition().tiers.model_copy(update={"metric": "spend", "unit": None})
    yuan = tiers.tiers
    tiers = tiers.model_copy(
        update={
            "tiers": tuple(
                one.model_copy(
                    update={"reach": one.reach * 100, "keep": one.keep and one.keep * 100}
                )
                for one in yuan
            )
        }
    )
    rows = worked("tiers", first="Day")
    joined, journal = date.fromisoformat(rows[0]["Day"]), []
    standing = begin(tiers=tiers, day=joined).standing
    for row in rows:
        day = date.fromisoformat(row["Day"])
        journal.append(Qualified(day, fen(row["Net spend"])))

        standing = advance(
            standing, tiers=tiers, day=day, joined_on=joined, metric=metric_from(journal)
        ).standing

        held = "" if standing.review_on is None else str(standing.review_on)
        assert standing.tier == row["Tier"], row
        through = row["Promised through"]
        assert (held and str(date.fromordinal(standing.review_on.toordinal() - 1))) == (
            through
        ), row


def window(text):
    kind, months = text.replace(" ", "_"), 12
    if kind[0].isdigit():
        kind, months = "rolling", int(text.split()[0])
    return TierWindow(kind=kind, months=months)


def test_first_reviews_of_imported_tiers_are_as_written(worked):
    for row in worked("tiers", first="Imported"):
        until = row["Tier until"]
        tiers = starter_definition().tiers.model_copy(update={"window": window(row["Window"])})

        review_on = imported_review(
            tiers.tiers[-1].code,
            tiers=tiers,
            since=date.fromisoformat(row["Tier since"]),
            until=date.fromisoformat(until) if until else None,
            day=date.fromisoformat(row["Imported"]),
            joined_on=date(2024, 3, 15),
        )

        assert (review_on.isoformat() if review_on else "") == row["First review"], row


def test_windows_are_as_written(worked):
    for row in worked("tiers", first="Window"):
        first = window_start(
            window(row["Window"]),
            day=date.fromisoformat(row["Day"]),
            joined_on=date.fromisoformat(row["Joined"]),
        )

        assert (first.isoformat() if first else "") == row["First day that counts"], row
