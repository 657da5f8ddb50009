"""The OpenAPI document is true: every answer to anything it allows is as it declares."""

from __future__ import annotations

import json
import re

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from huitouke.service.api.addresses import door
from huitouke.service.config.wsgi import application
from huitouke.service.core import clock
from huitouke.service.core.actor import SYSTEM
from huitouke.service.core.scopes import SCOPES
from huitouke.service.programme.versions.starter import begin

EXAMPLES = 15


def described():
    # As a reader gets it: over JSON.
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(door.get_openapi_schema())))
    schema.app = application
    schema.location = "/v1/openapi.json"
    return schema


OPERATIONS = {found.ok().label: found.ok() for found in described().get_all_operations()}


@pytest.fixture
def token(key_with):
    """A key for everything; the test's transaction outlives each request, as with Client."""
    begin(at=clock.now(), actor=SYSTEM)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield key_with(*SCOPES, name="probe").token
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("label", sorted(OPERATIONS))
def test_whatever_is_sent_the_answer_is_as_declared(label, token):
    operation = OPERATIONS[label]

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def sends(case):
        # What a shape allows can still name a customer or version that is not there.
        case.call_and_validate(
            headers={"Authorization": f"Bearer {token}"},
            excluded_checks=[positive_data_acceptance],
        )

    sends()


def test_every_operation_says_who_may_call_it_and_what_can_go_wrong():
    silent = [
        label
        for label, operation in OPERATIONS.items()
        if not operation.definition.raw.get("security")
        or not {"401", "403", "422"} <= set(operation.definition.raw["responses"])
    ]

    assert silent == []


def test_every_reference_of_the_document_leads_somewhere():
    schema = json.loads(json.dumps(door.get_openapi_schema()))
    wanted = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(schema)))

    assert wanted - set(schema["components"]["schemas"]) == set()


def test_the_example_order_of_the_document_runs_as_it_stands(token):
    schema = json.loads(json.dumps(door.get_openapi_schema()))
    body = schema["paths"]["/v1/events"]["post"]["requestBody"]["content"]["application/json"]

    answer = Client().post(
        "/v1/events",
        json.dumps(body["example"]),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )

    assert (answer.status_code, answer.json()["status"]) == (200, "done")
