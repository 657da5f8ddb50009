"""A server refuses to start where points could be lost or taken."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from huitouke.service.config import checks
from huitouke.service.config.environment import Environment

SECRET = "x" * 32
MAIL, OIDC = checks.MailIncomplete, checks.OidcIncomplete
HTTPS = "https://loyalty.example.com"
#: A server that listens for this machine alone, with a proxy in front that others reach.
BEHIND = {"secret_key": SECRET, "public_url": HTTPS}
KNOWN = {"oidc_client_id": "huitouke", "oidc_secret": "between the two servers"}


def with_setting(url, *, name, value):
    with psycopg.connect(url, autocommit=True) as connection:
        database = sql.Identifier(connection.info.dbname)
        connection.execute(
            sql.SQL("ALTER DATABASE {} SET {} = {}").format(
                database, sql.SQL(name), sql.Literal(value)
            )
        )


def test_the_database_of_the_tests_is_safe(own_database):
    checks.refuse_unsafe_database(own_database, connections=10, workers=2)


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("synchronous_commit", "off", checks.NotDurable),
        ("huitouke.clock_shift", "3 days", checks.ClockShifted),
        ("default_transaction_isolation", "serializable", checks.IsolationUnexpected),
        ("default_transaction_isolation", "read uncommitted", checks.IsolationUnexpected),
        ("default_transaction_read_only", "on", checks.ReadOnly),
    ],
)
def test_an_unsafe_setting_of_the_database_is_refused(own_database, name, value, error):
    with_setting(own_database, name=name, value=value)

    with pytest.raises(error) as refused:
        checks.refuse_unsafe_database(own_database)

    assert refused.value.code.startswith("config.")
    assert refused.value.text("zh") != refused.value.text("en")


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
def test_a_server_that_a_crash_would_corrupt_is_refused(own_database, postgres, setting):
    with psycopg.connect(postgres, autocommit=True) as admin:
        admin.execute(f"ALTER SYSTEM SET {setting} = off")
        admin.execute("SELECT pg_reload_conf()")
        try:
            with pytest.raises(checks.NotDurable) as refused:
                _until_refused(own_database)
        finally:
            admin.execute(f"ALTER SYSTEM RESET {setting}")
            admin.execute("SELECT pg_reload_conf()")

    assert refused.value.values["setting"] == setting


def _until_refused(url):
    """The server takes a new setting a moment after it was asked to."""
    for _ in range(200):
        checks.refuse_unsafe_database(url)


def test_pools_that_want_more_connections_than_there_are_are_refused(own_database):
    with pytest.raises(checks.ConnectionsTooFew):
        checks.refuse_unsafe_database(own_database, connections=50, workers=2)


@pytest.mark.parametrize(
    ("settings", "host", "error"),
    [
        ({}, "127.0.0.1", checks.SecretMissing),
        ({"secret_key": "short"}, "127.0.0.1", checks.SecretMissing),
        ({"demo": True}, "0.0.0.0", checks.SecretMissing),  # noqa: S104 - nothing listens
        ({"secret_key": SECRET, "demo": True}, "0.0.0.0", checks.FailpointsInPublic),  # noqa: S104 - nothing listens
        ({"secret_key": SECRET, "debug": True}, "0.0.0.0", checks.DebugInPublic),  # noqa: S104 - nothing listens
        ({"secret_key": SECRET, "debug": True}, "shop.example.com", checks.DebugInPublic),
        (
            {"secret_key": SECRET, "test_failpoints": True},
            "192.168.0.7",
            checks.FailpointsInPublic,
        ),
        ({"secret_key": SECRET, "webhook_private": True}, "::", checks.FailpointsInPublic),
        ({"secret_key": SECRET}, "0.0.0.0", checks.CookiesInPlain),  # noqa: S104 - nothing listens
        (
            {"secret_key": SECRET, "public_url": "http://loyalty.example.com"},
            "192.168.0.7",
            checks.CookiesInPlain,
        ),
        ({"demo": True, "public_url": HTTPS}, "127.0.0.1", checks.SecretMissing),
        ({**BEHIND, "demo": True}, "127.0.0.1", checks.FailpointsInPublic),
        ({**BEHIND, "test_failpoints": True}, "::1", checks.FailpointsInPublic),
        ({**BEHIND, "webhook_private": True}, "localhost", checks.FailpointsInPublic),
        ({**BEHIND, "debug": True}, "127.0.0.1", checks.DebugInPublic),
        ({**BEHIND, "public_url": "http://shop.lan"}, "127.0.0.1", checks.CookiesInPlain),
        ({"secret_key": SECRET, "smtp_url": "smtp://h", "mail_from": ""}, "::1", MAIL),
        ({"secret_key": SECRET, "smtp_url": "http://h", "mail_from": "a@b.c"}, "::1", MAIL),
        ({"secret_key": SECRET, "smtp_url": "smtp://", "mail_from": "a@b.c"}, "::1", MAIL),
        ({"secret_key": SECRET, "oidc_url": "https://id.example.com"}, "::1", OIDC),
        ({"secret_key": SECRET, "oidc_secret": "x"}, "::1", OIDC),
        ({"secret_key": SECRET, "oidc_url": "http://id.example.com", **KNOWN}, "::1", OIDC),
    ],
)
def test_settings_that_open_the_service_are_refused(settings, host, error):
    with pytest.raises(error):
        checks.refuse_unsafe_settings(Environment(**settings), host=host)


@pytest.mark.parametrize(
    ("settings", "host"),
    [
        ({"secret_key": SECRET, "plain_http": True}, "0.0.0.0"),  # noqa: S104 - nothing listens
        ({"secret_key": SECRET, "public_url": "https://loyalty.example.com"}, "::"),
        ({"secret_key": SECRET, "smtp_url": "smtps://u:p@h:465", "mail_from": "a@b.c"}, "::1"),
        ({"secret_key": SECRET, "oidc_url": "https://id.example.com", **KNOWN}, "::1"),
        ({"secret_key": SECRET, "oidc_url": "http://127.0.0.1:9", **KNOWN}, "::1"),
        ({"secret_key": SECRET, "debug": True}, "localhost"),
        (BEHIND, "127.0.0.1"),
        ({**BEHIND, "public_url": "https://localhost:8443", "debug": True}, "::1"),
        ({"demo": True, "public_url": "http://127.0.0.1:8000"}, "127.0.0.1"),
        ({"demo": True}, "127.0.0.1"),
        ({"secret_key": SECRET, "test_failpoints": True}, "::1"),
    ],
)
def test_safe_settings_pass(settings, host):
    checks.refuse_unsafe_settings(Environment(**settings), host=host)
