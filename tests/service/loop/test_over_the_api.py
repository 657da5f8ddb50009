"""Machines read profiles and the summary, ask for analyses, and only with the right scope."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client

from huitouke.service.core import clock, keys
from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import public_id
from huitouke.service.core.shop import set_economics
from huitouke.service.loop import queries
from huitouke.service.loop.models import Analysis, Profile

OPERATOR = Actor("staff", "operator")
NOBODY = "cus_0123456789abcdefghjkmnpqrs"


@pytest.fixture
def send():
    """Send a request with a key of some scopes; give status and body."""

    def act(method: str, path: str, *scopes: str, body=None, **headers: str):
        made = keys.create("erp", scopes=scopes, at=clock.now(), actor=OPERATOR)
        answer = Client().generic(
            method, f"/v1{path}", b"" if body is None else json.dumps(body).encode(),
            content_type="application/json",
            headers={"Authorization": f"Bearer {made.secret}", **headers},
        )  # fmt: skip
        return answer.status_code, answer.json()

    return act


def test_a_profile_is_read_with_intervals_and_reasons(shop, send):
    best = Profile.objects.order_by("-clv").first()

    status, body = send(
        "GET", f"/customers/{public_id('cus', best.customer_id)}/profile", "insight:read"
    )

    assert status == 200
    assert body["numbers"]["clv"]["value"] == best.clv
    assert body["numbers"]["clv"]["lo"] < best.clv < body["numbers"]["clv"]["hi"]
    assert body["reasons"][0]["zh"]
    assert body["as_of"] == str(queries.latest().as_of)


def test_who_never_bought_has_no_profile(shop, send):
    status, body = send("GET", f"/customers/{NOBODY}/profile", "insight:read")

    assert (status, body["code"]) == (404, "customer_unknown")


def test_the_summary_speaks_the_language_asked_for(shop, send):
    _, zh = send("GET", "/insight/summary", "insight:read")
    _, en = send("GET", "/insight/summary", "insight:read", **{"Accept-Language": "en"})

    assert (
        zh["summary"]["customer_equity"]["value"] == (en["summary"]["customer_equity"]["value"])
    )
    assert zh["summary"]["loyalty_score"] != en["summary"]["loyalty_score"] or (
        zh["summary"]["value_needs"]["reason"] != en["summary"]["value_needs"]["reason"]
    )


def test_the_summary_of_an_earlier_day_is_what_was_said_then(shop, send, analysed):
    then = queries.latest()
    now = analysed(as_of=then.as_of + timedelta(days=28), margin=0.5)

    path = f"/insight/summary?as_of={then.as_of + timedelta(days=1)}"
    _, earlier = send("GET", path, "insight:read")
    _, latest = send("GET", "/insight/summary", "insight:read")
    status, before = send("GET", "/insight/summary?as_of=2001-01-01", "insight:read")

    assert earlier["analysis"]["id"] == public_id("ana", then.id)
    assert earlier["summary"]["margin"] == 0.3
    assert latest["analysis"]["id"] == public_id("ana", now.id)
    assert latest["changes"]["conditions"] == {"margin": {"before": 0.3, "after": 0.5}}
    assert (status, before["code"]) == (404, "nothing_said_then")


def test_before_the_first_analysis_the_answer_says_what_to_do(nothing, send):
    status, body = send("GET", "/insight/summary", "insight:read")

    assert (status, body["code"]) == (404, "no_analysis")
    assert "huitouke insight run" in body["messages"]["zh"]


def test_the_list_of_those_slipping_is_read_page_by_page(shop, send):
    _, first = send("GET", "/insight/profiles?list=slipping&limit=5", "insight:read")
    _, second = send(
        "GET", f"/insight/profiles?list=slipping&limit=5&cursor={first['next']}",
        "insight:read",
    )  # fmt: skip

    assert len(first["profiles"]) == 5
    assert all("slipping" in each["lists"] for each in first["profiles"])
    named = [each["customer"] for each in (*first["profiles"], *second["profiles"])]
    assert len(named) == len(set(named)) > 5


def test_an_analysis_is_asked_for_once_per_key_watched_and_cancelled(nothing, send):
    key = {"Idempotency-Key": "night-1"}
    status, made = send("POST", "/insight/analyses", "insight:write", body={}, **key)
    again, same = send("POST", "/insight/analyses", "insight:write", body={}, **key)

    assert (status, again) == (202, 202)
    assert made == same
    _, seen = send("GET", f"/insight/analyses/{made['id']}", "insight:read")
    assert (seen["state"], seen["share"]) == ("queued", 0.0)
    assert seen["says"] == {"zh": "排队等待中", "en": "Waiting for its turn"}
    _, ended = send("POST", f"/insight/analyses/{made['id']}/cancel", "insight:write")
    assert ended["state"] == "cancelled"
    assert Analysis.objects.count() == 1


def test_without_conditions_an_analysis_has_those_of_the_shop(nothing, send):
    set_economics(margin=0.42, discount_rate=0.08, at=clock.now(), actor=OPERATOR)

    _, made = send(
        "POST", "/insight/analyses", "insight:write", body={"discount_rate": 0.2},
        **{"Idempotency-Key": "night-1"},
    )  # fmt: skip

    assert (made["margin"], made["discount_rate"]) == (0.42, 0.2)


def test_a_failed_analysis_says_why_in_both_languages(nothing, send, analysed):
    failed = analysed()

    _, seen = send("GET", f"/insight/analyses/{public_id('ana', failed.id)}", "insight:read")

    assert seen["error"]["code"] == "facts.nothing_told"
    assert seen["error"]["zh"] != seen["error"]["en"]


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", f"/customers/{NOBODY}/profile", "customers:read"),
        ("GET", "/insight/summary", "customers:read"),
        ("POST", "/insight/analyses", "insight:read"),
    ],
)
def test_another_scope_does_not_open_it(nothing, send, method, path, scope):
    status, body = send(method, path, scope, body={}, **{"Idempotency-Key": "k"})

    assert (status, body["code"]) == (403, "forbidden")
    assert not Analysis.objects.exists()
