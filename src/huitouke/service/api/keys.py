"""Who may come through the machines' door, and for what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer

from huitouke.language import N_
from huitouke.service.core import keys, limits
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.scopes import SCOPES

__all__ = ["KeyRefused", "ScopeMissing", "Scoped", "actor_of", "moment_of", "scopes_of"]


class KeyRefused(ServiceError):
    """No key, or one that is unknown, expired or revoked: the answer does not tell which."""

    code = "api.unauthorised"
    status = 401
    says = N_("This request carries no key that is valid here.")
    remedy = N_("Send Authorization: Bearer and a key made with huitouke api-key create.")


class ScopeMissing(ServiceError):
    """The key is valid, and not for this."""

    code = "api.forbidden"
    status = 403
    says = N_("This key lacks the scope {scope}.")
    remedy = N_("Use a key made with --scopes {scope}.")


class Scoped(HttpBearer):
    """Bearer key that must hold a scope.

    Parameters
    ----------
    scope
        One of :data:`huitouke.service.core.scopes.SCOPES`.
    """

    def __init__(self, scope: str) -> None:
        if scope not in SCOPES:
            raise KeyError(scope)
        self.scope = scope
        super().__init__()

    def __call__(self, request: HttpRequest) -> Any:
        """Answer 401 in our own words also where there is no header at all."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise KeyRefused
        return self.authenticate(request, token.strip())

    def authenticate(self, request: HttpRequest, token: str) -> Any:  # noqa: ARG002 - ninja's signature
        """Return the key's view; a key without the scope or over its rate is refused."""
        found = keys.authenticate(token)
        if found is None:
            raise KeyRefused
        if self.scope not in found.scopes:
            raise ScopeMissing(scope=self.scope)
        limits.spend(found.name)
        return found


def actor_of(request: HttpRequest) -> Actor:
    """Return who stands behind an authenticated request."""
    found: keys.KeyView = request.auth  # type: ignore[attr-defined]
    return Actor("key", found.name)


def moment_of(request: HttpRequest) -> datetime:
    """Return when an authenticated request was let in, by the database's clock."""
    found: keys.KeyView = request.auth  # type: ignore[attr-defined]
    return found.at


def scopes_of(request: HttpRequest) -> frozenset[str]:
    """Return what the key of an authenticated request may do; one that writes may not see."""
    found: keys.KeyView = request.auth  # type: ignore[attr-defined]
    return found.scopes
