"""Settings are read from the environment, each of its kind and within its range."""

from __future__ import annotations

from dataclasses import fields

import pytest

from huitouke.service.config.connecting import database
from huitouke.service.config.environment import Environment, SettingUnreadable


def test_what_is_not_set_has_its_default():
    assert Environment.read({"HUITOUKE_POOL_SIZE": ""}) == Environment()


def test_values_are_of_their_kind():
    found = Environment.read(
        {
            "DATABASE_URL": "postgresql://a@b/c",
            "HUITOUKE_POOL_SIZE": "4",
            "HUITOUKE_DEBUG_PAGES": "1",
            "HUITOUKE_DEMO": "no",
            "HUITOUKE_LOG_FORMAT": "json",
            "HUITOUKE_CURRENCY": "HKD",
            "HUITOUKE_TIMEZONE": "Asia/Hong_Kong",
        }
    )

    assert (found.database_url, found.pool_size) == ("postgresql://a@b/c", 4)
    assert (found.debug, found.demo, found.log_format) == (True, False, "json")
    assert (found.currency, found.timezone) == ("HKD", "Asia/Hong_Kong")


@pytest.mark.parametrize(
    ("variable", "given"),
    [
        ("HUITOUKE_POOL_SIZE", "many"),
        ("HUITOUKE_POOL_SIZE", "0"),
        ("HUITOUKE_POOL_SIZE", "-3"),
        ("HUITOUKE_POOL_SIZE", "9" * 30),
        ("HUITOUKE_DEBUG_PAGES", "perhaps"),
        ("HUITOUKE_LOG_FORMAT", "xml"),
        ("HUITOUKE_CURRENCY", "hkd"),
        ("HUITOUKE_CURRENCY", "ABC"),
        ("HUITOUKE_TIMEZONE", "Hong Kong"),
        ("HUITOUKE_TIMEZONE", "../etc/passwd"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_name(variable, given):
    with pytest.raises(SettingUnreadable) as refused:
        Environment.read({variable: given})

    assert variable in refused.value.text("en")


def test_every_setting_has_a_variable_and_a_meaning():
    variables = [each.metadata["variable"] for each in fields(Environment)]

    assert len(variables) == len(set(variables))
    assert all(each.metadata["says"].endswith(".") for each in fields(Environment))


def test_a_url_becomes_djangos_description():
    described = database(
        "postgresql://ann:s3cret@db.example.com:6432/shop?sslmode=require",
        environment=Environment(pool_size=3, pool_wait_seconds=1),
    )

    assert described["NAME"] == "shop"
    assert (described["USER"], described["PASSWORD"]) == ("ann", "s3cret")
    assert (described["HOST"], described["PORT"]) == ("db.example.com", "6432")
    assert described["OPTIONS"]["sslmode"] == "require"
    assert described["OPTIONS"]["pool"] == {"min_size": 1, "max_size": 3, "timeout": 1}
