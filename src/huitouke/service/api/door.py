"""The API itself: its parser, its words for every failure, its OpenAPI document."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from huitouke import __version__
from huitouke.language import N_
from huitouke.service.api.answers import KEY_NEEDED, Unusable, answer, pointers, refusal
from huitouke.service.api.bodies import StrictParser
from huitouke.service.api.keys import KeyRefused, Scoped
from huitouke.service.core.errors import ServiceError

__all__ = ["Described", "Door", "Failed", "NotThere", "make_door"]

_KEY_SHAPE = {"type": "string", "minLength": 1, "maxLength": 255}
_log = logging.getLogger("huitouke.api")


class NotThere(ServiceError):
    """Nothing has this address."""

    code = "api.not_found"
    status = 404
    says = N_("There is nothing at this address.")
    remedy = N_("See /v1/openapi.json for all addresses.")


class Failed(ServiceError):
    """Huitouke itself failed."""

    code = "api.failed"
    status = 500
    says = N_("Huitouke itself failed.")
    remedy = N_("Send the same request with the same key again; report it with the request id.")


class Described(OpenAPISchema):
    """The OpenAPI document; it also says which scope an operation asks for."""

    def operation_security(self, operation: Operation) -> list[dict[str, Any]] | None:
        """Return the key an operation needs, with its scope (allowed since OpenAPI 3.1)."""
        super().operation_security(operation)
        return [
            {type(each).__name__: [each.scope]}
            for each in operation.auth_callbacks
            if isinstance(each, Scoped)
        ]


class Door(NinjaAPI):
    """The API; its document names problem details by their own media type.

    ``components`` are further schemas that operations refer to.
    """

    components: Mapping[str, Any] = MappingProxyType({})

    def get_openapi_schema(
        self,
        *,
        path_prefix: str | None = None,
        path_params: dict[str, Any] | None = None,
    ) -> OpenAPISchema:
        """Return the OpenAPI document.

        Parameters
        ----------
        path_prefix
            Where the API stands; none asks the addresses of the site.
        path_params
            What goes into the places of that address.
        """
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        schema = Described(self, prefix)
        schema["components"]["schemas"].update(self.components)
        for path in schema["paths"].values():
            for operation in path.values():
                _refine(operation)
        return schema


def _refine(operation: dict[str, Any]) -> None:
    for parameter in operation["parameters"]:
        if parameter.get("description") == KEY_NEEDED:
            parameter["required"] = True
            parameter["schema"] = dict(_KEY_SHAPE)
    for status, said in operation["responses"].items():
        if int(status) >= 400 and "content" in said:
            content = said["content"].pop("application/json", None)
            if content is not None:
                said["content"] = {"application/problem+json": content}


def _problem(request: HttpRequest, error: Any) -> HttpResponse:
    response = answer(refusal(request, error), status=error.status)
    if isinstance(error, KeyRefused):
        response["WWW-Authenticate"] = "Bearer"
    if "retry_after" in error.values:
        response["Retry-After"] = str(error.values["retry_after"])
    return response


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    places = pointers(error.errors)
    said = refusal(request, Unusable.of(len(error.errors), shown=len(places)))
    return answer({**said, "errors": places}, status=Unusable.status)


def _unreadable(request: HttpRequest, error: Any) -> HttpResponse:
    """Tell what the parser found; ninja wraps its errors in one of its own."""
    found = error.__cause__ or error.__context__
    return _problem(request, found if isinstance(found, ServiceError) else Unusable.of(1))


def _failed(request: HttpRequest, error: Any) -> HttpResponse:
    """Tell the caller nothing of the inside; the log names the kind and the place only."""
    if isinstance(error, OperationalError | InterfaceError | SuspiciousOperation | BadRequest):
        raise error  # middleware knows what to do about the database, Django about the rest
    # The text of a database error may quote personal data: only its class is logged.
    _log.error(
        "request failed: %s",
        type(error).__name__,
        exc_info=None if isinstance(error, DatabaseError) else error,
    )
    return _problem(request, Failed())


def make_door(*, components: Mapping[str, Any]) -> Door:
    """Return the API without its routes.

    Parameters
    ----------
    components
        JSON schemas by name that operations refer to by themselves.
    """
    door = Door(
        title="Huitouke",
        version=__version__,
        description="Facts in, points out. Amounts are integers in minor units.",
        urls_namespace="v1",
        docs_url=None,
        openapi_url="/openapi.json",
        parser=StrictParser(),
    )
    door.components = components
    door.add_exception_handler(ServiceError, _problem)
    door.add_exception_handler(ValidationError, _invalid)
    door.add_exception_handler(Http404, lambda request, _: _problem(request, NotThere()))
    door.add_exception_handler(HttpError, _unreadable)
    door.add_exception_handler(Exception, _failed)
    return door
