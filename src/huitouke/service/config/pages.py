"""Answers that belong to no door: health, and what is said where no door opens."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from huitouke import __version__
from huitouke.language import N_
from huitouke.service.config.middleware import told
from huitouke.service.core.errors import ServiceError

__all__ = [
    "AddressUnknown",
    "Broken",
    "NotPermitted",
    "RequestBad",
    "bad_request",
    "failed",
    "health",
    "not_allowed",
    "not_found",
]


class RequestBad(ServiceError):
    """The request breaks a rule of HTTP, or names a host that is not ours."""

    code = "config.request_bad"
    status = 400
    says = N_("The request cannot be read, or names a host that is not served here.")
    remedy = N_("Check the address; the operator lists host names in HUITOUKE_HOSTS.")


class NotPermitted(ServiceError):
    """The request may not do this."""

    code = "config.not_permitted"
    status = 403
    says = N_("This request may not do that.")
    remedy = N_("Ask the operator of this service.")


class AddressUnknown(ServiceError):
    """There is nothing at this address."""

    code = "config.address_unknown"
    status = 404
    says = N_("There is nothing at this address of the service.")
    remedy = N_("The API stands under /v1; see /v1/openapi.json.")


class Broken(ServiceError):
    """Huitouke itself failed."""

    code = "config.page_broken"
    status = 500
    says = N_("The service itself failed; nothing was half done.")
    remedy = N_("Send the request again with the same key; report it with its request id.")


@require_safe
def health(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - no word of it matters
    """Say whether the service and its database answer.

    Parameters
    ----------
    request
        ``GET /healthz``.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except DatabaseError:
        answer = JsonResponse(
            {"status": "waiting", "database": "away", "version": __version__}, status=503
        )
        answer["Retry-After"] = "2"
        return answer
    return JsonResponse({"status": "ok", "database": "ok", "version": __version__})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Answer 400; Django hands over why, which is not told."""
    return told(request, RequestBad())


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Answer 403; Django hands over why, which is not told."""
    return told(request, NotPermitted())


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Answer 404; Django hands over why, which is not told."""
    return told(request, AddressUnknown())


def failed(request: HttpRequest) -> HttpResponse:
    """Answer 500 with the request's id and nothing of the inside."""
    return told(request, Broken())
