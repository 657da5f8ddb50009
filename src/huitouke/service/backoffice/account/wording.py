"""Sentences that are made before a template is drawn, in the reader's language."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from huitouke.service.core.errors import ServiceError
from huitouke.service.ui.reader import current

__all__ = ["invalid", "say"]


def say(message: str, **values: Any) -> str:
    """Return a sentence in the reader's language.

    Parameters
    ----------
    message
        The English message.
    **values
        What goes into its places.
    """
    return current().words.say(message, **values)


def invalid(error: ServiceError) -> ValidationError:
    """Return what a form says of an error.

    Parameters
    ----------
    error
        What went wrong.
    """
    return ValidationError(error.text(current().language), code=error.code)
