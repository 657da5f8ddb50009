"""What every error of the product has in common: a code, numbers, and words in two languages.

Errors are named for the obstacle and live beside the function that raises them. This file
holds only their shared ground and the register from which ``docs/errors.md`` is made.
"""

from __future__ import annotations

from typing import Any, ClassVar

from huitouke.language import Language, words

__all__ = ["HuitoukeError", "all_errors"]

_register: dict[str, type[HuitoukeError]] = {}


class HuitoukeError(Exception):
    """An obstacle that a person can do something about.

    A subclass sets three class attributes: ``code`` (stable, dotted, e.g.
    ``facts.file_empty``), ``says`` (what is wrong and where, a message with ``{places}``)
    and ``remedy`` (what to do). Values are given by keyword and kept in ``values``.

    Parameters
    ----------
    **values
        The numbers and names that fill the places of ``says`` and ``remedy``.
    """

    code: ClassVar[str] = ""
    says: ClassVar[str] = ""
    remedy: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Enter the error in the register; two errors never share a code."""
        super().__init_subclass__(**kwargs)
        if cls.code:
            known = _register.get(cls.code)
            if known is not None and known.__qualname__ != cls.__qualname__:
                message = f"error code {cls.code} is taken by {known.__qualname__}"
                raise TypeError(message)
            _register[cls.code] = cls

    def __init__(self, **values: Any) -> None:
        self.values = values
        super().__init__(self.text("en"))

    def text(self, language: Language) -> str:
        """Return one clear sentence or two: what is wrong, where, and what to do.

        Parameters
        ----------
        language
            ``"en"``, ``"zh"`` or ``"zh-Hant"``.
        """
        reader = words(language)
        parts = [reader.say(self.says, **self.values)]
        if self.remedy:
            parts.append(reader.say(self.remedy, **self.values))
        return reader.gap.join(parts)


def all_errors() -> dict[str, type[HuitoukeError]]:
    """Return every registered error by its code, in order of code."""
    return dict(sorted(_register.items()))
