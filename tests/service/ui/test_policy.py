"""What browsers are told about every page, and what requests of machines are spared."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

pytestmark = pytest.mark.django_db

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
PERSON = {"Accept": "text/html"}


def policy(response) -> dict[str, str]:
    parts = response["Content-Security-Policy"].split(";")
    return dict(part.strip().split(" ", 1) for part in parts)


@pytest.mark.parametrize("address", ["/look", "/nothing", "/theme"])
def test_every_page_has_the_policy(address, owner):
    client = Client()
    client.force_login(owner)

    response = client.get(address, headers=PERSON)

    assert policy(response) == POLICY
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"


def test_a_page_is_kept_by_nobody_and_says_what_it_depends_on(owner):
    client = Client()
    client.force_login(owner)

    response = client.get("/look")

    assert response["Cache-Control"] == "private, no-store"
    assert {"Cookie", "Accept-Language", "HX-Request"} <= set(response["Vary"].split(", "))


@pytest.mark.parametrize("address", ["/healthz", "/v1/openapi.json", "/v1/customers", "/v1/x"])
def test_machines_pay_for_no_session_no_mark_and_no_policy(address, owner):
    client = Client()
    client.force_login(owner)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = client.get(address, headers=PERSON)

    assert not [each["sql"] for each in queries if "session" in each["sql"]]
    assert response.cookies == {}
    assert "Content-Security-Policy" not in response
    assert "Cookie" not in response.get("Vary", "")


def test_a_form_of_the_api_needs_no_mark():
    response = Client(enforce_csrf_checks=True).post("/v1/customers")

    assert response.status_code == 401


def test_a_redirect_for_htmx_moves_the_whole_page():
    response = Client(headers={"HX-Request": "true"}).post("/theme", {"theme": "dark"})

    assert response.status_code == 200
    assert response["HX-Redirect"] == "/"
    assert response.cookies["huitouke_theme"].value == "dark"
