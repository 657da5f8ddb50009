"""How staff sign in: the part of Django's settings that says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from huitouke.service.config.environment import Environment

__all__ = ["APPS", "Signing", "signing", "signing_settings"]

APPS = [
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]
_ACCOUNT = "huitouke.service.backoffice.account"
#: Roles whose sign-in opens everything, or hands out keys that do.
_POWERFUL = frozenset({"owner", "developer"})


@dataclass(frozen=True)
class Signing:
    """What our own code asks of the settings.

    Parameters
    ----------
    second_factor_roles
        Roles that must have one.
    idle_minutes, hours
        How long a session lives without and with use.
    failures, lock_minutes
        When guessing ends, and for how long.
    public_url
        Where others reach the service; empty: where the request came to.
    mails
        Whether letters reach anybody, or are only written out.
    """

    second_factor_roles: frozenset[str]
    idle_minutes: int
    hours: int
    failures: int
    lock_minutes: int
    public_url: str
    mails: bool


def signing(environment: Environment) -> Signing:
    """Return what our own code asks.

    Parameters
    ----------
    environment
        What the installation says.
    """
    required = environment.second_factor == "required"
    return Signing(
        second_factor_roles=_POWERFUL if required else frozenset(),
        idle_minutes=environment.session_idle_minutes,
        hours=environment.session_hours,
        failures=environment.sign_in_failures,
        lock_minutes=environment.sign_in_lock_minutes,
        public_url=environment.public_url.rstrip("/"),
        mails=bool(environment.smtp_url),
    )


def signing_settings(environment: Environment, *, https: bool) -> dict[str, Any]:
    """Return Django's and allauth's settings for signing in.

    Parameters
    ----------
    environment
        What the installation says.
    https
        Whether browsers reach the service by https.
    """
    return {
        **_cookies(environment, https=https),
        **_allauth(environment),
        **_mail(environment),
    }


def _cookies(environment: Environment, *, https: bool) -> dict[str, Any]:
    # Browsers keep a cookie of this name only if it is secure, of this host and of all paths:
    # another host of the same domain cannot plant one.
    prefix = "__Host-" if https else ""
    return {
        "SESSION_COOKIE_NAME": f"{prefix}huitouke_session",
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_HTTPONLY": True,
        # Not strict: the answer of an OpenID Connect server comes from another site.
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_AGE": environment.session_hours * 3_600,
        "SESSION_EXPIRE_AT_BROWSER_CLOSE": True,
        "CSRF_COOKIE_NAME": f"{prefix}huitouke_csrf",
        "CSRF_COOKIE_SECURE": https,
        # Pages hand the mark to htmx themselves, so no script needs to read the cookie.
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SAMESITE": "Lax",
    }


def _allauth(environment: Environment) -> dict[str, Any]:
    return {
        "AUTHENTICATION_BACKENDS": [f"{_ACCOUNT}.backend.ByAddress"],
        "LOGIN_URL": "account_login",
        "LOGIN_REDIRECT_URL": "staff_home",
        "LOGOUT_REDIRECT_URL": "account_login",
        "ACCOUNT_ADAPTER": f"{_ACCOUNT}.adapters.StaffAdapter",
        "ACCOUNT_LOGIN_METHODS": {"email"},
        "ACCOUNT_SIGNUP_FIELDS": ["email*", "password1*"],
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_SESSION_REMEMBER": False,
        "ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE": False,
        "ACCOUNT_FORMS": {
            "login": f"{_ACCOUNT}.forms.SignInForm",
            "change_password": f"{_ACCOUNT}.forms.ChangePasswordForm",
            "reauthenticate": f"{_ACCOUNT}.forms.ConfirmForm",
        },
        # Sign-in and codes are counted by our own counters, in the database.
        "ACCOUNT_RATE_LIMITS": {"login": None, "login_failed": None},
        "ALLAUTH_TRUSTED_PROXY_COUNT": 1 if environment.behind_proxy else 0,
        "MFA_ADAPTER": f"{_ACCOUNT}.adapters.SecondFactorAdapter",
        "MFA_FORMS": {
            "authenticate": f"{_ACCOUNT}.forms.CodeForm",
            "reauthenticate": f"{_ACCOUNT}.forms.ConfirmByCodeForm",
            "activate_totp": f"{_ACCOUNT}.forms.ActivateForm",
        },
        "MFA_SUPPORTED_TYPES": ["totp", "recovery_codes"],
        "MFA_TOTP_ISSUER": "Huitouke",
        # Clocks of phones may be half a minute off.
        "MFA_TOTP_TOLERANCE": 1,
        "MFA_RECOVERY_CODE_DIGITS": 10,
        "MFA_RECOVERY_CODES_SHOW_ONCE": True,
        "USERSESSIONS_ADAPTER": f"{_ACCOUNT}.adapters.SessionsAdapter",
        "SOCIALACCOUNT_ADAPTER": f"{_ACCOUNT}.oidc.OidcAdapter",
        "SOCIALACCOUNT_EMAIL_VERIFICATION": "none",
        "SOCIALACCOUNT_STORE_TOKENS": False,
        # A form may be sent to this host alone, so the way to the other server is a link.
        "SOCIALACCOUNT_LOGIN_ON_GET": True,
        "SOCIALACCOUNT_PROVIDERS": _oidc(environment),
        "CACHES": {
            "default": {
                "BACKEND": "django.core.cache.backends.db.DatabaseCache",
                "LOCATION": "core_cache",
                "OPTIONS": {"MAX_ENTRIES": 100_000},
            }
        },
    }


def _oidc(environment: Environment) -> dict[str, Any]:
    if not environment.oidc_url:
        return {}
    app = {
        "provider_id": "staff",
        "name": environment.oidc_name,
        "client_id": environment.oidc_client_id,
        "secret": environment.oidc_secret,
        "settings": {"server_url": environment.oidc_url, "oauth_pkce_enabled": True},
    }
    return {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}


def _mail(environment: Environment) -> dict[str, Any]:
    parts = urlsplit(environment.smtp_url)
    if not parts.hostname:
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    closed = parts.scheme == "smtps"
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if closed else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": closed,
        "EMAIL_USE_TLS": not closed,
        "EMAIL_TIMEOUT": 10,
        "DEFAULT_FROM_EMAIL": environment.mail_from,
    }
