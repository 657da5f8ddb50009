"""Django's settings, made from the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from huitouke.service.config.environment import Environment, database
from huitouke.service.config.logs import logging_settings

__all__: list[str] = []

ENVIRONMENT = Environment.read(os.environ)
PUBLIC = urlsplit(ENVIRONMENT.public_url)
HTTPS = PUBLIC.scheme == "https"

SECRET_KEY = ENVIRONMENT.secret_key or "not-secret-refused-outside-demo-and-tests"
DEBUG = ENVIRONMENT.debug
ALLOWED_HOSTS = [name.strip() for name in ENVIRONMENT.hosts.split(",") if name.strip()]
if PUBLIC.hostname:
    ALLOWED_HOSTS.append(PUBLIC.hostname)

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "huitouke.service.core",
    "huitouke.service.customers",
    "huitouke.service.orders",
    "huitouke.service.ledger",
    "huitouke.service.programme",
    "huitouke.service.api",
]
MIDDLEWARE = [
    "huitouke.service.config.middleware.RequestLog",
    "huitouke.service.config.wording.Worded",
    "huitouke.service.config.admission.Admission",
    "django.middleware.security.SecurityMiddleware",
    "huitouke.service.config.middleware.KnownHost",
    "huitouke.service.config.middleware.BodyLimit",
    "huitouke.service.config.middleware.DatabaseCare",
]
ROOT_URLCONF = "huitouke.service.config.urls"
WSGI_APPLICATION = "huitouke.service.config.wsgi.application"

DATABASES: dict[str, Any] = {
    "default": database(ENVIRONMENT.database_url, environment=ENVIRONMENT)
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "core.Staff"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "zh-hans"

# The doors of today carry keys, not cookies; what a browser is told guards those to come.
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = ["^healthz$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.behind_proxy else None
)
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
# Doors that answer with keys know no forms and no frames.
SILENCED_SYSTEM_CHECKS = ["security.W002", "security.W003"]
APPEND_SLASH = False

# A little more than our own limit, so that the answer is ours and not Django's page.
DATA_UPLOAD_MAX_MEMORY_SIZE = ENVIRONMENT.body_bytes + 1_024
BODY_BYTES = ENVIRONMENT.body_bytes
AT_A_TIME = ENVIRONMENT.at_a_time
QUEUE = ENVIRONMENT.queue
WAIT_SECONDS = ENVIRONMENT.pool_wait_seconds
RATE_PER_SECOND = ENVIRONMENT.rate_per_second
RATE_BURST = ENVIRONMENT.rate_burst
WEBHOOK_PRIVATE = ENVIRONMENT.webhook_private

# Background work lies in files named tasks.py, in whatever part of an app.
_SERVICE = Path(__file__).resolve().parents[1]
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""
PROCRASTINATE_IMPORT_PATHS = [
    ".".join(("huitouke", "service", *file.relative_to(_SERVICE).with_suffix("").parts))
    for file in sorted(_SERVICE.rglob("tasks.py"))
]

LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = logging_settings(style=ENVIRONMENT.log_format, level=ENVIRONMENT.log_level)
