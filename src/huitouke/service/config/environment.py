"""What the environment may say about a running service, typed and with its meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.places import is_currency, is_zone

__all__ = ["Environment", "SettingUnreadable"]

#: Whether a text is known, and examples of what to give in its place.
Known = tuple[Callable[[str], bool], str]
_ZONE: Known = (is_zone, "Asia/Shanghai, Asia/Hong_Kong, …")
_CURRENCY: Known = (is_currency, "CNY, HKD, …")
_YES = {"1", "true", "yes", "on"}
_NO = {"0", "false", "no", "off"}


class SettingUnreadable(ServiceError):
    """A setting has a value of the wrong kind, or out of its range."""

    code = "config.setting_unreadable"
    status = 500
    says = N_("The setting {variable} cannot be {given!r}.")
    remedy = N_("Give {expected}; see docs/settings.md.")


def _setting(
    variable: str,
    default: Any,
    says: str,
    *,
    least: int | None = None,
    among: tuple[str, ...] = (),
    known: Known | None = None,
) -> Any:
    metadata = {
        "variable": variable, "says": says, "least": least, "among": among, "known": known
    }  # fmt: skip
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Environment:
    """The settings of one installation.

    Every field is read from the variable named in its metadata; ``docs/settings.md`` is
    made from them.
    """

    database_url: str = _setting(
        "DATABASE_URL",
        "",
        "PostgreSQL to use, `postgresql://user:password@host:port/name`; empty: the one that "
        "Huitouke starts itself.",
    )
    migrate_url: str = _setting(
        "HUITOUKE_MIGRATE_URL",
        "",
        "The same database with the owner's login, for migrations, backup and restore; empty: "
        "DATABASE_URL. With it the login that serves cannot change the schema.",
    )
    currency: str = _setting(
        "HUITOUKE_CURRENCY",
        "",
        "Currency (ISO 4217) of the programme that a new database begins with; empty: CNY. "
        "Settings → Shop changes it as long as nothing is counted.",
        known=_CURRENCY,
    )
    timezone: str = _setting(
        "HUITOUKE_TIMEZONE",
        "",
        "Time zone (IANA) of that programme, by whose days points are counted; empty: "
        "Asia/Shanghai.",
        known=_ZONE,
    )
    data_dir: str = _setting(
        "HUITOUKE_DATA_DIR",
        "",
        "Folder of the embedded PostgreSQL; empty: the user's data folder. "
        "`--data-dir` goes before it.",
    )
    static_dir: str = _setting(
        "HUITOUKE_STATIC_DIR",
        "",
        "Folder for the sheets, scripts and pictures of the pages; they are gathered into it "
        "when it is empty, and it must be emptied for another version. Empty: a temporary "
        "one for each start.",
    )
    secret_key: str = _setting(
        "HUITOUKE_SECRET_KEY",
        "",
        "Signs what is kept in browsers and closes second factors in the database, at least "
        "32 characters. The embedded database keeps one of its own in the data folder; behind "
        "DATABASE_URL it must be given.",
    )
    hosts: str = _setting(
        "HUITOUKE_HOSTS", "localhost,127.0.0.1,[::1]", "Host names answered, comma apart."
    )
    public_url: str = _setting(
        "HUITOUKE_PUBLIC_URL",
        "",
        "Address under which others reach the service, e.g. `https://loyalty.example.com`. "
        "With https, plain requests are redirected and browsers told to stay with https.",
    )
    behind_proxy: bool = _setting(
        "HUITOUKE_BEHIND_PROXY",
        False,
        "1: a proxy in front ends TLS and sets X-Forwarded-Proto and X-Forwarded-For. Only "
        "then are they believed.",
    )
    plain_http: bool = _setting(
        "HUITOUKE_PLAIN_HTTP",
        False,
        "1: serve others without https. Passwords, cookies and keys can be read on the way; "
        "only for a network of your own.",
    )
    second_factor: str = _setting(
        "HUITOUKE_SECOND_FACTOR",
        "optional",
        "`required`: owners and developers go no further than their account before they have "
        "set up a second factor.",
        among=("optional", "required"),
    )
    session_idle_minutes: int = _setting(
        "HUITOUKE_SESSION_IDLE_MINUTES",
        60,
        "A member of staff who does nothing for so long is signed out.",
        least=1,
    )
    session_hours: int = _setting(
        "HUITOUKE_SESSION_HOURS",
        12,
        "Whoever signed in so long ago signs in again, busy or not.",
        least=1,
    )
    sign_in_failures: int = _setting(
        "HUITOUKE_SIGN_IN_FAILURES",
        10,
        "Sign-ins that may fail for one address before it is locked; from one network five "
        "times as many.",
        least=1,
    )
    sign_in_lock_minutes: int = _setting(
        "HUITOUKE_SIGN_IN_LOCK_MINUTES",
        15,
        "How long failures are counted together, and how long a lock lasts.",
        least=1,
    )
    mail_from: str = _setting(
        "HUITOUKE_MAIL_FROM", "", "Address that mail comes from; needed with HUITOUKE_SMTP_URL."
    )
    oidc_url: str = _setting(
        "HUITOUKE_OIDC_URL",
        "",
        "Issuer of an OpenID Connect server by which staff may sign in, too. It must confirm "
        "e-mail addresses (`email_verified`); only addresses of staff are let in.",
    )
    oidc_client_id: str = _setting(
        "HUITOUKE_OIDC_CLIENT_ID", "", "Name under which that server knows this service."
    )
    oidc_secret: str = _setting("HUITOUKE_OIDC_SECRET", "", "The secret that goes with it.")
    oidc_name: str = _setting(
        "HUITOUKE_OIDC_NAME", "OpenID", "What the button on the sign-in page calls it."
    )
    smtp_url: str = _setting(
        "HUITOUKE_SMTP_URL",
        "",
        "Server that sends mail: `smtp://user:password@host:587` (STARTTLS) or "
        "`smtps://…:465`. Empty: mail is written to standard output.",
    )
    member_join: bool = _setting(
        "HUITOUKE_MEMBER_JOIN",
        True,
        "1: who signs in as a member with a phone or an e-mail that the shop does not know may "
        "join there.",
    )
    member_session_days: int = _setting(
        "HUITOUKE_MEMBER_SESSION_DAYS",
        180,
        "Days after which a member signs in again.",
        least=1,
    )
    member_session_idle_days: int = _setting(
        "HUITOUKE_MEMBER_SESSION_IDLE_DAYS",
        30,
        "A member who did not come for so many days signs in again.",
        least=1,
    )
    member_redeem_hours: int = _setting(
        "HUITOUKE_MEMBER_REDEEM_HOURS",
        48,
        "Hours within which a member uses at the till what they redeemed on their phone.",
        least=1,
    )
    sms_url: str = _setting(
        "HUITOUKE_SMS_URL",
        "",
        'Address that sends short messages: gets a POST of `{"to": "+86…", "text": "…"}`. '
        "Empty: none are sent.",
    )
    sms_token: str = _setting(
        "HUITOUKE_SMS_TOKEN", "", "Sent there as `Authorization: Bearer …`."
    )
    sms_seconds: int = _setting(
        "HUITOUKE_SMS_SECONDS", 10, "Longest wait for that address.", least=1
    )
    debug: bool = _setting(
        "HUITOUKE_DEBUG_PAGES",
        False,
        "1 shows details of failures; refused on a public address.",
    )
    demo: bool = _setting(
        "HUITOUKE_DEMO", False, "1: a demo; no secret key is needed, on this machine only."
    )
    workers: int = _setting(
        "HUITOUKE_WORKERS", 0, "Server processes; 0: one per processor, at most 4.", least=0
    )
    at_a_time: int = _setting(
        "HUITOUKE_AT_A_TIME",
        4,
        "Requests that one server process works on at a time.",
        least=1,
    )
    queue: int = _setting(
        "HUITOUKE_QUEUE",
        64,
        "Requests that wait their turn in one server process; more get 503 at once.",
        least=0,
    )
    pool_size: int = _setting(
        "HUITOUKE_POOL_SIZE",
        10,
        "Database connections a server process keeps at most.",
        least=1,
    )
    pool_wait_seconds: int = _setting(
        "HUITOUKE_POOL_WAIT_SECONDS",
        2,
        "Longest wait for a turn, and for a free connection, before answering 503.",
        least=1,
    )
    statement_seconds: int = _setting(
        "HUITOUKE_STATEMENT_SECONDS",
        30,
        "Longest time of one SQL statement of a request; 0: no limit.",
        least=0,
    )
    body_bytes: int = _setting(
        "HUITOUKE_BODY_BYTES",
        10_485_760,
        "Largest body of a request; a larger one is refused with 413 unread.",
        least=1_024,
    )
    rate_per_second: int = _setting(
        "HUITOUKE_RATE_PER_SECOND",
        1_000,
        "Requests per second that one API key may make in the long run, in one server "
        "process; ten facts of an array count as one more. 0: no limit.",
        least=0,
    )
    rate_burst: int = _setting(
        "HUITOUKE_RATE_BURST",
        2_000,
        "Requests that one API key may make at once after a rest, in one server process.",
        least=1,
    )
    log_format: str = _setting(
        "HUITOUKE_LOG_FORMAT",
        "text",
        "`text` for people or `json` for machines.",
        among=("text", "json"),
    )
    log_level: str = _setting(
        "HUITOUKE_LOG_LEVEL",
        "info",
        "`debug`, `info`, `warning` or `error`.",
        among=("debug", "info", "warning", "error"),
    )
    upload_dir: str = _setting(
        "HUITOUKE_UPLOAD_DIR",
        "",
        "Folder for files that staff hand in to be imported; server and worker must share it. "
        "Empty: `uploads` in the data folder.",
    )
    upload_bytes: int = _setting(
        "HUITOUKE_UPLOAD_BYTES",
        100_000_000,
        "Largest file that staff may hand in.",
        least=1_024,
    )
    upload_days: int = _setting(
        "HUITOUKE_UPLOAD_DAYS",
        7,
        "Days after which such a file, its samples and the list of its rows that were not "
        "brought in are removed; what the import changed, and its counts, stay.",
        least=1,
    )
    webhook_private: bool = _setting(
        "HUITOUKE_WEBHOOK_PRIVATE",
        False,
        "1: webhooks may go to http and to private addresses. For development only.",
    )
    analysis_hour: int = _setting(
        "HUITOUKE_ANALYSIS_HOUR",
        3,
        "Hour of the shop's day from which customers are analysed anew, once a day; 24: only "
        "when asked for.",
        least=0,
    )
    analysis_memory_mb: int = _setting(
        "HUITOUKE_ANALYSIS_MEMORY_MB",
        2_048,
        "Megabytes that the tables of an analysis may hold in memory before they spill to "
        "disk; the models come on top, about 1 KB a customer.",
        least=128,
    )
    analysis_threads: int = _setting(
        "HUITOUKE_ANALYSIS_THREADS",
        1,
        "Threads of an analysis; it also runs with low priority, so that requests go first.",
        least=1,
    )
    analyses_kept: int = _setting(
        "HUITOUKE_ANALYSES_KEPT",
        7,
        "Analyses whose profiles of customers are kept; what they said of the shop is kept "
        "for good.",
        least=2,
    )
    test_failpoints: bool = _setting(
        "HUITOUKE_TEST_FAILPOINTS",
        False,
        "1: honour HUITOUKE_FAILPOINT. For tests of the service itself only.",
    )
    failpoint: str = _setting(
        "HUITOUKE_FAILPOINT",
        "",
        "Where to fail and how, e.g. `before_commit:exit` or `after_lock:sleep-200`.",
    )

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> Environment:
        """Return the settings that these variables give.

        Parameters
        ----------
        variables
            Names and values, usually ``os.environ``.

        Raises
        ------
        SettingUnreadable
            If a value is of the wrong kind or out of its range.

        Examples
        --------
        >>> Environment.read({"HUITOUKE_POOL_SIZE": "4"}).pool_size
        4
        """
        found: dict[str, Any] = {
            each.name: _read(variables[each.metadata["variable"]], each)
            for each in fields(cls)
            if variables.get(each.metadata["variable"])
        }
        return cls(**found)


def _read(text: str, setting: Any) -> bool | int | str:
    """Return the value of a setting of a type, within its range."""
    variable, among = setting.metadata["variable"], setting.metadata["among"]
    if isinstance(setting.default, bool):
        if text.lower() not in _YES | _NO:
            raise SettingUnreadable(variable=variable, given=text[:60], expected="1, 0")
        return text.lower() in _YES
    if isinstance(setting.default, int):
        least = setting.metadata["least"] or 0
        if not text.isdecimal() or len(text) > 18 or int(text) < least:
            raise SettingUnreadable(variable=variable, given=text[:60], expected=f">= {least}")
        return int(text)
    known = setting.metadata["known"]
    if known is not None and not known[0](text):
        raise SettingUnreadable(variable=variable, given=text[:60], expected=known[1])
    if among and text not in among:
        raise SettingUnreadable(variable=variable, given=text[:60], expected=", ".join(among))
    return text
