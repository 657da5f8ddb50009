"""What the service says of its orders is what analyze says of the file they came from."""

from __future__ import annotations

import json
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from huitouke.insight.flow import analyze
from huitouke.insight.tables import JUDGED
from huitouke.service.customers.models import Identity
from huitouke.service.loop import queries
from huitouke.service.loop.models import Analysis, Profile, Telling

#: About the file itself: how it was read, and how many rows it had.
OF_THE_FILE = {"rows", "notes"}
LETTERS = {"ok": "o", "insufficient_evidence": "i", "not_identified": "n"}
DERIVED = {"customer_id", "as_of", "recency_days", "tenure_days", "spend_mean"}


def without(summary: dict, names: set[str] = OF_THE_FILE) -> dict:
    return {name: each for name, each in summary.items() if name not in names}


def differing(one, other, place=""):
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted({*one, *other}):
            yield from differing(one.get(name), other.get(name), f"{place}/{name}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, pair in enumerate(zip(one, other, strict=True)):
            yield from differing(*pair, f"{place}/{number}")
    elif one != other:
        yield f"{place}: {one!r} but {other!r}"


def differing_summaries(of_this) -> list[str]:
    here = queries.summary(language="en").content
    return list(differing(without(of_this.summary), without(here)))


def said_by_service() -> dict[str, Profile]:
    """The profiles by the shop's own name for each customer."""
    shown = queries.latest()
    own = dict(Identity.objects.filter(kind="external").values_list("customer_id", "value"))
    return {own[row.customer_id]: row for row in Profile.objects.filter(analysis=shown)}


def differences(table: pa.Table) -> list[str]:
    profiles = said_by_service()
    found = []
    for row in table.to_pylist():
        mine = profiles.pop(row["customer_id"], None)
        if mine is None:
            found.append(f"{row['customer_id']} has no profile")
            continue
        found += [
            f"{row['customer_id']} {name}: {value} but {getattr(mine, name)}"
            for name, value in row.items()
            if name not in DERIVED
            and not name.endswith("_status")
            and getattr(mine, name) != value
        ]
        letters = "".join(LETTERS[row[f"{name}_status"]] for name in JUDGED)
        if mine.statuses != letters:
            found.append(f"{row['customer_id']} statuses: {letters} but {mine.statuses}")
    return found + [f"{name} has a profile only here" for name in profiles]


def test_a_simulated_shop_gets_the_same_summary(shop, of_file):
    assert differing_summaries(of_file) == []


def test_a_simulated_shop_gets_the_same_validation(shop, of_file):
    of_this = json.loads(json.dumps(of_file.validation))

    assert list(differing(of_this, queries.validation(language="en"))) == []


def test_every_customer_of_a_simulated_shop_gets_the_same_row(shop, of_file):
    assert of_file.customers.num_rows > 500
    assert differences(of_file.customers) == []


def test_both_languages_say_the_same_numbers(shop):
    en, zh = (
        Telling.objects.get(analysis=queries.latest(), language=each).summary
        for each in ("en", "zh")
    )

    assert en["customer_equity"]["value"] == zh["customer_equity"]["value"]
    assert en["customer_equity"]["value"] > 0
    assert [each["code"] for each in en["warnings"]] == [
        each["code"] for each in zh["warnings"]
    ]


def by_hand() -> list[str]:
    """Orders with discounts, and returns of a line, of part of a line, and of everything."""
    rng = np.random.default_rng(11)
    rows = []
    for who in range(60):
        for number in range(1 + int(rng.integers(0, 9))):
            on = date(2025, 1, 1) + timedelta(days=int(rng.integers(0, 330)))
            order = f"B{who:03}-{number}"
            paid, off = 20 + int(rng.integers(0, 80)), int(rng.integers(0, 2)) * 5
            rows.append(f"K{who:03},{order},{on} 12:00:00,tea,{paid}.50,{off},2,drinks")
            rows.append(f"K{who:03},{order},{on} 12:00:00,cake,30.00,0,1,food")
            back = on + timedelta(days=9)
            if number % 4 == 1:
                rows.append(f"K{who:03},{order},{back} 15:30:00,cake,-30.00,0,-1,food")
            if number % 4 == 2:
                half = f"{(paid + 0.5) / 2:.2f},{off / 2}"
                rows.append(f"K{who:03},{order},{back} 15:30:00,tea,-{half},-1,drinks")
            if number % 7 == 3:
                rows.append(f"K{who:03},{order},{back} 10:00:00,tea,-{paid}.50,{off},-2,drinks")
                rows.append(f"K{who:03},{order},{back} 10:00:00,cake,-30.00,0,-1,food")
    rows.append(",B-nobody,2025-06-01 09:00:00,tea,12.00,0,1,drinks")
    return rows


def test_returns_and_discounts_mean_the_same_as_in_a_file(nothing, written, bring, analysed):
    file = written(by_hand())
    of_this = analyze([file], timezone="Asia/Shanghai", currency="CNY", lang="en")
    bring(file)

    done = analysed()

    assert done.state == Analysis.State.DONE
    assert differing_summaries(of_this) == []
    assert differences(of_this.customers) == []


def test_an_earlier_day_gives_the_same_as_the_file_with_that_day(
    nothing, written, bring, analysed
):
    file = written(by_hand())
    of_this = analyze([file], timezone="Asia/Shanghai", currency="CNY", as_of=date(2025, 7, 31))
    bring(file)

    done = analysed(as_of=date(2025, 7, 31))

    assert done.as_of == date(2025, 7, 31)
    assert differing_summaries(of_this) == []
    assert differences(of_this.customers) == []
