"""What people see when something is refused or fails; machines get problem details."""

from __future__ import annotations

import json

import pytest
from django.test import Client, RequestFactory, override_settings
from django.urls import path

from huitouke.service.config.admission import Overloaded
from huitouke.service.config.middleware import told
from huitouke.service.config.urls import (
    handler400,
    handler403,
    handler404,
    handler500,
    urlpatterns,
)

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

PERSON = {"Accept": "text/html,application/xhtml+xml", "Accept-Language": "en"}


def broken(request):
    raise RuntimeError("13800138000")


urlpatterns = [*urlpatterns, path("broken", broken)]


@pytest.mark.django_db
def test_an_unknown_address_is_a_page_for_people():
    response = Client().get("/nothing", headers=PERSON)

    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")
    assert response["Content-Language"] == "en"
    assert "There is nothing here" in response.text
    assert response["X-Request-Id"] in response.text


@pytest.mark.django_db
def test_it_is_told_in_the_language_of_the_switch():
    client = Client()
    client.cookies["huitouke_language"] = "zh"
    client.cookies["huitouke_theme"] = "dark"

    response = client.get("/nothing", headers=PERSON)

    assert '<html lang="zh-Hans" data-theme="dark">' in response.text
    assert "这里什么都没有" in response.text


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [{}, {"Accept": "*/*"}, {"Accept": "application/json"}])
def test_machines_get_problem_details(headers):
    response = Client().get("/nothing", headers=headers)

    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/v1/nothing", "/v1/customers/cus_x"])
def test_the_api_answers_as_it_does_whoever_asks(address):
    response = Client().get(address, headers=PERSON)

    assert response["Content-Type"] == "application/problem+json"
    assert json.loads(response.content)["status"] == response.status_code


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__)
def test_a_failure_tells_nothing_of_the_inside():
    client = Client(raise_request_exception=False)

    response = client.get("/broken", headers=PERSON)

    assert response.status_code == 500
    assert "Something broke on our side" in response.text
    assert "13800138000" not in response.text
    assert "RuntimeError" not in response.text


@pytest.mark.django_db
def test_a_foreign_host_is_a_page_too():
    response = Client().get("/look", headers={**PERSON, "Host": "evil.example"})

    assert response.status_code == 400
    assert "This address cannot be read" in response.text
    assert "evil.example" not in response.text


def test_overload_says_when_to_come_back_and_asks_nothing_of_the_database():
    request = RequestFactory().get("/look", headers=PERSON)

    response = told(request, Overloaded(retry_after=1))

    assert (response.status_code, response["Retry-After"]) == (503, "1")
    assert "Busy for a moment" in response.text


@pytest.mark.django_db
def test_htmx_gets_pages_not_problems():
    response = Client().get("/nothing", headers={"HX-Request": "true"})

    assert response["Content-Type"].startswith("text/html")
