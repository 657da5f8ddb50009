"""Django's settings, made from the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from huitouke.service.config.connecting import database
from huitouke.service.config.environment import Environment
from huitouke.service.config.logs import logging_settings
from huitouke.service.config.members import Members, channels_of, members_of
from huitouke.service.config.signing_in import APPS, Signing, signing, signing_settings
from huitouke.service.config.uploads import uploads_folder
from huitouke.service.outreach.senders.choosing import Channels

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
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "django_cotton.apps.SimpleAppConfig",
    "django_htmx",
    "csp",
    "huitouke.service.core",
    "huitouke.service.customers",
    "huitouke.service.segments",
    "huitouke.service.orders",
    "huitouke.service.ledger",
    "huitouke.service.programme",
    "huitouke.service.loop",
    "huitouke.service.ui",
    "huitouke.service.loop.imports",
    "huitouke.service.backoffice",
    "huitouke.service.portal",
    "huitouke.service.api",
    *APPS,
]
# What stands in config.browsers is passed by for the API and for health.
MIDDLEWARE = [
    "huitouke.service.config.middleware.RequestLog",
    "huitouke.service.config.browsers.Policy",
    "huitouke.service.config.browsers.Frames",
    "huitouke.service.config.wording.Worded",
    "huitouke.service.config.admission.Admission",
    "django.middleware.security.SecurityMiddleware",
    "huitouke.service.config.middleware.KnownHost",
    "huitouke.service.config.middleware.BodyLimit",
    "huitouke.service.config.middleware.DatabaseCare",
    "huitouke.service.ui.assets.Static",
    "huitouke.service.config.browsers.Sessions",
    "huitouke.service.config.browsers.Forms",
    "huitouke.service.config.browsers.SignedIn",
    "huitouke.service.config.browsers.Uploads",
    "huitouke.service.config.browsers.Letters",
    "huitouke.service.config.browsers.Messages",
    "allauth.account.middleware.AccountMiddleware",
    "huitouke.service.config.browsers.Htmx",
    "huitouke.service.config.browsers.Readers",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "huitouke.service.backoffice.guards.allowances",
                "huitouke.service.backoffice.frame.framed",
            ],
            "builtins": [
                "django.templatetags.static",
                "django_cotton.templatetags.cotton",
                "lucide.templatetags.lucide",
                "huitouke.service.ui.templatetags.writing",
                "huitouke.service.ui.templatetags.drawing",
            ],
        },
    }
]
# A component sees what it is given, and nothing of the page around it.
COTTON_ISOLATE_BY_DEFAULT = True
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

STATIC_URL = "/static/"
STATIC_ROOT = ENVIRONMENT.static_dir or None
STATICFILES_FINDERS = [
    "huitouke.service.ui.assets.LookFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "huitouke.service.ui.assets.Gathered"},
}
WHITENOISE_AUTOREFRESH = False
WHITENOISE_USE_FINDERS = False
WHITENOISE_ALLOW_ALL_ORIGINS = False
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# What a page may load: our own files, and nothing that stands inside the page itself.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
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
SIGNING: Signing = signing(ENVIRONMENT)
globals().update(signing_settings(ENVIRONMENT, https=HTTPS))
MEMBERS: Members = members_of(ENVIRONMENT, https=HTTPS)
CHANNELS: Channels = channels_of(ENVIRONMENT)
CSRF_FAILURE_VIEW = "huitouke.service.ui.failures.form_stale"
#: What stands around refusals, by the beginning of the address.
FAILURE_FRAMES = {
    "/staff/": "huitouke.service.backoffice.frame.around_failure",
    "/my/": "huitouke.service.portal.door.frame_of",
}
# Frames and forms are guarded in config.browsers, which the check does not recognise.
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
UPLOAD_DIR = ENVIRONMENT.upload_dir or str(uploads_folder(ENVIRONMENT))
UPLOAD_BYTES = ENVIRONMENT.upload_bytes
#: Where larger bodies are taken, as the address of the page stands in the list.
UPLOAD_PATH = "/staff/imports/upload"
UPLOAD_DAYS = ENVIRONMENT.upload_days
ANALYSIS_HOUR = ENVIRONMENT.analysis_hour
ANALYSIS_MEMORY_MB = ENVIRONMENT.analysis_memory_mb
ANALYSIS_THREADS = ENVIRONMENT.analysis_threads
ANALYSES_KEPT = ENVIRONMENT.analyses_kept

# Background work lies in files named tasks.py, in whatever part of an app.
_SERVICE = Path(__file__).resolve().parents[1]
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""
PROCRASTINATE_IMPORT_PATHS = [
    ".".join(("huitouke", "service", *file.relative_to(_SERVICE).with_suffix("").parts))
    for file in sorted(_SERVICE.rglob("tasks.py"))
]

LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = logging_settings(style=ENVIRONMENT.log_format, level=ENVIRONMENT.log_level)
