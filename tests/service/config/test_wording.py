"""Whatever refuses a request, the answer is problem details with a stable code."""

from __future__ import annotations

import json

import pytest
from django.http import HttpResponse, HttpResponseForbidden, JsonResponse
from django.test import Client, RequestFactory

from huitouke.service.api.addresses import door
from huitouke.service.config.wording import Worded
from huitouke.service.core import clock, keys
from huitouke.service.core.actor import Actor

pytestmark = pytest.mark.django_db

REQUESTS = RequestFactory()
ADDRESSES = sorted(json.loads(json.dumps(door.get_openapi_schema()))["paths"])


def problem(response, *, status: int, code: str):
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    said = json.loads(response.content)
    assert (said["status"], said["code"]) == (status, code)
    assert set(said["messages"]) == {"zh", "en"}
    return said


@pytest.mark.parametrize("address", ADDRESSES)
def test_another_method_is_a_problem_that_says_which_are_allowed(address):
    response = Client().generic("PUT", address.replace("{", "").replace("}", ""))

    said = problem(response, status=405, code="method_not_allowed")
    assert set(response["Allow"].split(", ")) <= {"GET", "POST", "PATCH", "DELETE"}
    assert said["values"]["allowed"] == ", ".join(sorted(response["Allow"].split(", ")))
    assert said["request_id"] == response["X-Request-Id"]


def test_health_tells_other_methods_the_same():
    problem(Client().post("/healthz"), status=405, code="method_not_allowed")


@pytest.mark.parametrize("address", ["/v1", "/v1/", "/v1/nothing", "/v1/customers/", "/x/%ff"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_address_is_a_problem(address, method):
    problem(Client().generic(method, address), status=404, code="address_unknown")


@pytest.mark.parametrize("host", ["evil.example", "a b", "x" * 300, "[::1"])
def test_a_foreign_host_is_a_problem(host):
    problem(
        Client().get("/v1/customers", headers={"Host": host}), status=400, code="request_bad"
    )


def test_too_many_fields_are_a_problem():
    made = keys.create(
        "desk", scopes=["customers:read"], at=clock.now(), actor=Actor("staff", "operator")
    )
    query = "&".join(f"a{number}=1" for number in range(1_100))

    response = Client().get(
        f"/v1/customers?{query}", headers={"Authorization": f"Bearer {made.secret}"}
    )

    problem(response, status=400, code="request_bad")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (HttpResponse("no", status=400), "request_bad"),
        (HttpResponseForbidden("<h1>no</h1>"), "not_permitted"),
        (HttpResponse("Traceback of 13800138000", status=500), "page_broken"),
    ],
)
def test_a_refusal_in_other_words_is_told_in_ours(answer, code):
    worded = Worded(lambda _: answer)(REQUESTS.get("/"))

    problem(worded, status=answer.status_code, code=code)


def test_what_is_json_already_and_what_is_well_stays():
    for answer in (JsonResponse({"status": "waiting"}, status=503), HttpResponse("ok")):
        assert Worded(lambda _, answer=answer: answer)(REQUESTS.get("/")) is answer
