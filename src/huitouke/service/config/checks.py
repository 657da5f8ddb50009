"""What a server must not start with: settings under which points could be lost or taken."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import psycopg

from huitouke.language import N_
from huitouke.service.config.environment import Environment
from huitouke.service.core.errors import ServiceError

__all__ = [
    "ClockShifted",
    "ConnectionsTooFew",
    "CookiesInPlain",
    "DebugInPublic",
    "EncodingWrong",
    "FailpointsInPublic",
    "IsolationUnexpected",
    "MailIncomplete",
    "NotDurable",
    "OidcIncomplete",
    "ReadOnly",
    "SecretMissing",
    "ZonesMissing",
    "is_loopback",
    "open_host",
    "refuse_unsafe_database",
    "refuse_unsafe_settings",
]

_SECRET_LEAST = 32
_ZONE = "Asia/Shanghai"
_SPARE_CONNECTIONS = 15
_LOOK = """
SELECT name, setting FROM pg_settings
 WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'max_connections',
                'default_transaction_isolation', 'default_transaction_read_only',
                'server_encoding')
UNION ALL SELECT 'clock_shift', coalesce(current_setting('huitouke.clock_shift', true), '')
UNION ALL SELECT 'in_recovery', pg_is_in_recovery()::text
UNION ALL SELECT 'zones', count(*)::text FROM pg_timezone_names WHERE name = %s
"""


class NotDurable(ServiceError):
    """PostgreSQL may forget what it has confirmed."""

    code = "config.not_durable"
    status = 500
    says = N_("PostgreSQL runs with {setting} = {value}: a crash would lose confirmed points.")
    remedy = N_("Set {setting} = on for this server, database and user, then start again.")


class ClockShifted(ServiceError):
    """The database's clock is shifted, as tests do."""

    code = "config.clock_shifted"
    status = 500
    says = N_("huitouke.clock_shift is set to {value}: every decision would have a false time.")
    remedy = N_("Remove the setting from server, database and user; it is for tests only.")


class IsolationUnexpected(ServiceError):
    """The database begins transactions at another level than the ledger is made for."""

    code = "config.isolation_unexpected"
    status = 500
    says = N_("The database's default isolation is {value}; the ledger needs read committed.")
    remedy = N_("Set default_transaction_isolation = 'read committed' for this database.")


class ReadOnly(ServiceError):
    """The server only reads."""

    code = "config.read_only"
    status = 500
    says = N_("The database can only be read: it is a standby, or set to read only.")
    remedy = N_("Point DATABASE_URL to the primary server.")


class EncodingWrong(ServiceError):
    """The database does not keep Unicode."""

    code = "config.encoding_wrong"
    status = 500
    says = N_("The database keeps text as {value}.")
    remedy = N_("Create it anew with ENCODING 'UTF8'.")


class ZonesMissing(ServiceError):
    """Time zones are unknown here, so days would be wrong."""

    code = "config.zones_missing"
    status = 500
    says = N_("{where} does not know the time zone {zone}.")
    remedy = N_("Install the time zone data (tzdata) there.")


class ConnectionsTooFew(ServiceError):
    """The server processes would want more connections than there are."""

    code = "config.connections_too_few"
    status = 500
    says = N_(
        "{workers} server processes with {pool} connections each need more than the {most} "
        "that PostgreSQL gives."
    )
    remedy = N_("Lower HUITOUKE_POOL_SIZE or --workers, or raise max_connections.")


class SecretMissing(ServiceError):
    """There is no secret key, or one that can be guessed."""

    code = "config.secret_missing"
    status = 500
    says = N_("HUITOUKE_SECRET_KEY is missing or shorter than {least} characters.")
    remedy = N_("Set it to a long random text, kept secret and the same on every server.")


class DebugInPublic(ServiceError):
    """Details of failures would be shown to everybody."""

    code = "config.debug_in_public"
    status = 500
    says = N_("HUITOUKE_DEBUG_PAGES would show details of failures on {host}.")
    remedy = N_("Remove it, or serve on 127.0.0.1 without a public address.")


class FailpointsInPublic(ServiceError):
    """A setting for tests is on where others can reach the service."""

    code = "config.failpoints_in_public"
    status = 500
    says = N_("{setting} is for tests on this machine, not for {host}.")
    remedy = N_("Remove it, or serve on 127.0.0.1 without a public address.")


class CookiesInPlain(ServiceError):
    """Passwords and cookies would be sent readable."""

    code = "config.cookies_in_plain"
    status = 500
    says = N_(
        "On {host} others would sign in without https: passwords and cookies could be read."
    )
    remedy = N_(
        "Put a proxy with https in front and set HUITOUKE_PUBLIC_URL=https://…; in a network "
        "of your own set HUITOUKE_PLAIN_HTTP=1."
    )


class MailIncomplete(ServiceError):
    """The settings for mail do not fit together."""

    code = "config.mail_incomplete"
    status = 500
    says = N_("Mail cannot be sent with this HUITOUKE_SMTP_URL and HUITOUKE_MAIL_FROM.")
    remedy = N_("Give smtp://… or smtps://… with a host, and the address that mail comes from.")


class OidcIncomplete(ServiceError):
    """The settings for OpenID Connect do not fit together."""

    code = "config.oidc_incomplete"
    status = 500
    says = N_("Sign-in by OpenID Connect needs an https address, a client id and a secret.")
    remedy = N_(
        "Set HUITOUKE_OIDC_URL, HUITOUKE_OIDC_CLIENT_ID and HUITOUKE_OIDC_SECRET together."
    )


def is_loopback(host: str) -> bool:
    """Say whether only this machine reaches an address.

    Parameters
    ----------
    host
        What the server listens on.

    Examples
    --------
    >>> [is_loopback(each) for each in ("127.0.0.1", "localhost", "0.0.0.0", "::1", "shop")]
    [True, True, False, True, False]
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def open_host(environment: Environment, *, host: str) -> str:
    """Return the host under which others reach the service; empty: only this machine does.

    A proxy in front of a server that listens for this machine alone opens it to others.

    Parameters
    ----------
    environment
        The settings.
    host
        What the server listens on.
    """
    public = urlsplit(environment.public_url).hostname or ""
    return next((each for each in (host, public) if each and not is_loopback(each)), "")


def refuse_unsafe_settings(environment: Environment, *, host: str) -> None:
    """Refuse settings that would open the service to others, or make it guessable.

    Parameters
    ----------
    environment
        The settings.
    host
        What the server will listen on; of a process that listens to nobody, the loopback.

    Raises
    ------
    SecretMissing, DebugInPublic, FailpointsInPublic, ZonesMissing
        If one of them is so.
    CookiesInPlain, MailIncomplete, OidcIncomplete
        If staff could not sign in safely with them.
    """
    others = open_host(environment, host=host)
    short = len(environment.secret_key) < _SECRET_LEAST
    if short and (others or not environment.demo):
        raise SecretMissing(least=_SECRET_LEAST)
    if environment.debug and others:
        raise DebugInPublic(host=others)
    for setting, on in (
        ("HUITOUKE_TEST_FAILPOINTS", environment.test_failpoints),
        ("HUITOUKE_DEMO", environment.demo),
        ("HUITOUKE_WEBHOOK_PRIVATE", environment.webhook_private),
    ):
        if on and others:
            raise FailpointsInPublic(setting=setting, host=others)
    _refuse_unsafe_sign_in(environment, others=others)
    try:
        ZoneInfo(_ZONE)
    except ZoneInfoNotFoundError as error:
        raise ZonesMissing(where="Python", zone=_ZONE) from error


def _refuse_unsafe_sign_in(environment: Environment, *, others: str) -> None:
    """Refuse settings under which staff cannot sign in, or not safely."""
    https = urlsplit(environment.public_url).scheme == "https"
    if others and not (https or environment.plain_http):
        raise CookiesInPlain(host=others)
    smtp = urlsplit(environment.smtp_url)
    known = smtp.scheme in {"smtp", "smtps"} and smtp.hostname and "@" in environment.mail_from
    if environment.smtp_url and not known:
        raise MailIncomplete
    oidc = (environment.oidc_url, environment.oidc_client_id, environment.oidc_secret)
    issuer = urlsplit(environment.oidc_url)
    safe = issuer.scheme == "https" or is_loopback(issuer.hostname or "")
    if any(oidc) and not (all(oidc) and safe):
        raise OidcIncomplete


def refuse_unsafe_database(url: str, *, connections: int = 0, workers: int = 1) -> None:
    """Refuse a database that could lose what it confirms, or decide at a false time.

    Parameters
    ----------
    url
        Address for serving: settings may differ by database and user.
    connections
        Most connections of one server process.
    workers
        How many server processes there will be.

    Raises
    ------
    NotDurable, ClockShifted, IsolationUnexpected, ReadOnly, EncodingWrong, ZonesMissing
        If the database is so.
    ConnectionsTooFew
        If the pools could want more connections than there are.
    """
    with psycopg.connect(url) as connection:
        rows: list[tuple[str, str]] = connection.execute(_LOOK, [_ZONE]).fetchall()
        found = dict(rows)
    for rule in _RULES:
        rule(found)
    most = int(found["max_connections"])
    if connections * workers + _SPARE_CONNECTIONS > most:
        raise ConnectionsTooFew(workers=workers, pool=connections, most=most)


def _durable(found: Mapping[str, str]) -> None:
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        if found[setting] == "off":
            raise NotDurable(setting=setting, value="off")


def _true_clock(found: Mapping[str, str]) -> None:
    if found["clock_shift"]:
        raise ClockShifted(value=found["clock_shift"])


def _isolated(found: Mapping[str, str]) -> None:
    if found["default_transaction_isolation"] != "read committed":
        raise IsolationUnexpected(value=found["default_transaction_isolation"])


def _writable(found: Mapping[str, str]) -> None:
    if found["default_transaction_read_only"] == "on" or found["in_recovery"] == "true":
        raise ReadOnly


def _readable(found: Mapping[str, str]) -> None:
    if found["server_encoding"] != "UTF8":
        raise EncodingWrong(value=found["server_encoding"])
    if found["zones"] == "0":
        raise ZonesMissing(where="PostgreSQL", zone=_ZONE)


_RULES: tuple[Callable[[Mapping[str, str]], None], ...] = (
    _durable,
    _true_clock,
    _isolated,
    _writable,
    _readable,
)
