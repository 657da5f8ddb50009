"""What an exploit check tells: the loop, a cart that shows it, and what it brings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from huitouke.language import Language, words
from huitouke.service.programme.rules.cart import Cart
from huitouke.service.programme.rules.shown import money

__all__ = ["SEVERITIES", "Finding", "Severity", "Step"]

Severity = Literal["critical", "high", "medium", "low"]

#: From worst to mildest.
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")


def _shown(values: Mapping[str, Any], *, currency: str, language: Language) -> dict[str, Any]:
    """Return values as a reader sees them: whatever ends in ``_minor`` is money."""
    return {
        name: money(value, currency=currency, language=language)
        if name.endswith("_minor")
        else value
        for name, value in values.items()
    }


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a counter-example.

    Parameters
    ----------
    says, values
        The English message and what goes into its places; ``*_minor`` is money.
    at
        When it is done.
    cart
        What is bought in it, if anything is.
    points
        Points that the member gets (+) or gives (−) in it.
    cash_minor
        Money that the member gets (+) or pays (−) in it.
    """

    says: str
    values: Mapping[str, Any] = field(default_factory=dict)
    at: datetime | None = None
    cart: Cart | None = None
    points: int = 0
    cash_minor: int = 0


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One way to take more out of a programme than it means to give.

    Parameters
    ----------
    kind
        Stable name of the loop.
    severity
        ``critical``: money for nothing, again and again; ``high``: again and again, and
        bounded; ``medium``: more than is meant; ``low``: once, or against the member.
    gain_minor
        What the steps bring, in minor units.
    rules
        Ids of the rules, codes or parts of the definition it rests on.
    steps
        What to do.
    says, values
        The English message and what goes into its places.
    currency
        Of the money.
    """

    kind: str
    severity: Severity
    gain_minor: int
    rules: tuple[str, ...]
    steps: tuple[Step, ...]
    says: str
    values: Mapping[str, Any]
    currency: str = "CNY"

    @property
    def pointer(self) -> str:
        """JSON pointer to the first rule of the definition that it rests on."""
        return f"/rules/{self.rules[0]}" if self.rules else ""

    @property
    def cart(self) -> Cart | None:
        """The first cart of the counter-example, if one is bought."""
        return next((step.cart for step in self.steps if step.cart is not None), None)

    def text(self, language: Language) -> str:
        """Return the finding in one sentence.

        Parameters
        ----------
        language
            ``"en"``, ``"zh"`` or ``"zh-Hant"``.
        """
        values = {"gain_minor": self.gain_minor, **self.values}
        shown = _shown(values, currency=self.currency, language=language)
        return words(language).say(self.says, **shown)

    def told(self, language: Language) -> tuple[str, ...]:
        """Return the steps, a sentence each.

        Parameters
        ----------
        language
            ``"en"``, ``"zh"`` or ``"zh-Hant"``.
        """
        reader = words(language)
        return tuple(
            reader.say(
                step.says, **_shown(step.values, currency=self.currency, language=language)
            )
            for step in self.steps
        )
