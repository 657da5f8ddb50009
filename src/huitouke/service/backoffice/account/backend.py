"""Who has this address and this password: the same work for every answer."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from huitouke.service.core.models import Staff

__all__ = ["ByAddress"]


class ByAddress(ModelBackend):
    """Finds a person of the staff by address and password."""

    def authenticate(
        self,
        request: HttpRequest | None,  # noqa: ARG002 - Django hands it over
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> Staff | None:
        """Return the person, or None.

        One password is hashed whether the address is known, the person has a password, or
        their sign-in is switched off: the time tells nothing.

        Parameters
        ----------
        request
            Of nobody yet.
        username
            Not used.
        password
            What was typed.
        **kwargs
            ``email``: the address that was typed.
        """
        address = str(kwargs.get("email") or username or "").strip().lower()
        if not address or not password:
            return None
        person = Staff.objects.filter(username=address).first()
        if person is None:
            Staff().set_password(password)
            return None
        right = person.check_password(password)
        return person if right and self.user_can_authenticate(person) else None
