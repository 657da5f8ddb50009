"""Rules of a churn tree: as data, and as sentences in the reader's language."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from babel.numbers import format_decimal, format_percent
from scipy.special import ndtri

from huitouke.language import N_, Language, words

__all__ = ["FEATURE_WORDS", "Condition", "Rule", "feature_word", "leaf_rules"]

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

#: What people call each feature.
FEATURE_WORDS: dict[str, str] = {
    "silence_days": N_("days since last purchase"),
    "silence_ratio": N_("silence against usual gap (times)"),
    "repeat_count": N_("repeat purchases"),
    "tenure_days": N_("days since first purchase"),
    "recent_count": N_("purchases in the last 91 days"),
    "spend_total": N_("total spend"),
    "spend_mean": N_("spend per purchase"),
    "recent_spend": N_("spend in the last 91 days"),
    "gap_last_days": N_("days between the last two purchases"),
    "discount_share": N_("discount share"),
    "full_price_share": N_("full-price share"),
    "category_count": N_("categories bought"),
    "returned_count": N_("returns"),
    "p_buy": N_("chance to buy by the purchase model"),
}

#: Features that are shares and are read as percentages.
_SHARES = frozenset({"discount_share", "full_price_share", "p_buy"})

#: Features that count and are never negative: at most 0 is none.
_COUNTS = frozenset({"repeat_count", "recent_count", "recent_spend", "returned_count"})

_OVER = N_("{feature} over {low}")
_NONE = N_("{feature}: none")
_UP_TO = N_("{feature} at most {high}")
_BETWEEN = N_("{feature} over {low}, at most {high}")
_OR_UNKNOWN = N_("{condition}, or unknown")
_KNOWN = N_("{feature} known")
_UNKNOWN = N_("{feature} unknown")
_JOIN = N_("{left}; {right}")
_EVERYBODY = N_("all customers")
_RULE = N_("{conditions}: {rate} did not buy in {days} days ({lo} to {hi}; {n} customers)")
_RULE_EMPTY = N_("{conditions}: no customers to measure")


def feature_word(name: str, *, language: Language) -> str:
    """Return what people call a feature; a feature without a word keeps its name.

    Parameters
    ----------
    name
        The feature.
    language
        ``"en"``, ``"zh"`` or ``"zh-Hant"``.

    Examples
    --------
    >>> feature_word("repeat_count", language="en")
    'repeat purchases'
    """
    message = FEATURE_WORDS.get(name)
    return name if message is None else words(language).say(message)


@dataclass(frozen=True)
class Condition:
    """One feature's part of a rule: above < value <= at_most, or a missing value.

    Parameters
    ----------
    feature
        The feature.
    above, at_most
        Borders; None where open, infinite where no known value passes.
    or_missing
        Whether a missing value passes.
    """

    feature: str
    above: float | None
    at_most: float | None
    or_missing: bool

    def text(self, language: Language) -> str:
        """Return the condition in words.

        Parameters
        ----------
        language
            ``"en"``, ``"zh"`` or ``"zh-Hant"``.

        Examples
        --------
        >>> Condition("repeat_count", 1.0, 4.0, False).text("en")
        'repeat purchases over 1, at most 4'
        """
        reader = words(language)
        feature = feature_word(self.feature, language=language)
        low, high = self._number(self.above, language), self._number(self.at_most, language)
        if self.above is not None and math.isinf(self.above):
            return reader.say(_UNKNOWN, feature=feature)
        if self.at_most is not None and math.isinf(self.at_most) and self.above is None:
            return reader.say(_KNOWN, feature=feature)
        if self.at_most == 0 and self.feature in _COUNTS:
            condition = reader.say(_NONE, feature=feature)
        elif not low:
            condition = reader.say(_UP_TO, feature=feature, high=high)
        elif not high:
            condition = reader.say(_OVER, feature=feature, low=low)
        else:
            condition = reader.say(_BETWEEN, feature=feature, low=low, high=high)
        return reader.say(_OR_UNKNOWN, condition=condition) if self.or_missing else condition

    def _number(self, value: float | None, language: Language) -> str:
        if value is None or math.isinf(value):
            return ""
        locale = words(language).locale
        if self.feature in _SHARES:
            return format_percent(value, format="#,##0.#%", locale=locale)
        return format_decimal(value, format="#,##0.###", locale=locale)


@dataclass(frozen=True)
class Rule:
    """One leaf: who falls into it and how many of them churned.

    Parameters
    ----------
    conditions
        All must hold; none for the whole base.
    n
        Rows measured.
    events
        Those of them with churn.
    rate
        Their share; None without rows.
    lo, hi
        Wilson's 80 % interval of the share.
    """

    conditions: tuple[Condition, ...]
    n: int
    events: int
    rate: float | None
    lo: float
    hi: float

    def text(self, language: Language, *, horizon_days: int) -> str:
        """Return the rule as a sentence.

        Parameters
        ----------
        language
            ``"en"``, ``"zh"`` or ``"zh-Hant"``.
        horizon_days
            Length of the window in which no purchase counts as churn.
        """
        reader = words(language)
        said = [condition.text(language) for condition in self.conditions]
        joined = said[0] if said else reader.say(_EVERYBODY)
        for more in said[1:]:
            joined = reader.say(_JOIN, left=joined, right=more)
        if not self.conditions or self.conditions[0].feature in FEATURE_WORDS:
            joined = joined[:1].upper() + joined[1:]
        if self.rate is None:
            return reader.say(_RULE_EMPTY, conditions=joined)
        return reader.say(
            _RULE,
            conditions=joined,
            rate=format_percent(self.rate, locale=reader.locale),
            lo=format_percent(self.lo, locale=reader.locale),
            hi=format_percent(self.hi, locale=reader.locale),
            n=format_decimal(self.n, locale=reader.locale),
            days=format_decimal(horizon_days, locale=reader.locale),
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain values; an infinite border becomes the word ``known``."""
        return {
            "conditions": [
                {
                    "feature": condition.feature,
                    "above": _plain(condition.above),
                    "at_most": _plain(condition.at_most),
                    "or_missing": condition.or_missing,
                }
                for condition in self.conditions
            ],
            "n": self.n,
            "events": self.events,
            "rate": self.rate,
            "lo": self.lo,
            "hi": self.hi,
        }


def _plain(border: float | None) -> float | str | None:
    return "known" if border is not None and math.isinf(border) else border


def _interval(events: float, n: float) -> tuple[float, float]:
    """Wilson's 80 % interval (Wilson 1927)."""
    if n <= 0:
        return 0.0, 1.0
    z = float(ndtri(0.9))
    share = events / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def leaf_rules(
    feature: IntArray,
    *,
    threshold: FloatArray,
    left: IntArray,
    right: IntArray,
    missing_left: BoolArray,
    counts: tuple[FloatArray, FloatArray],
    names: Sequence[str],
    gaps: Sequence[bool],
) -> tuple[Rule, ...]:
    """Read a tree's leaves as rules.

    Parameters
    ----------
    feature, threshold, left, right, missing_left
        The tree's arrays, shape (V,).
    counts
        Rows and events of every node, each of shape (V,).
    names
        Feature names, shape (K,).
    gaps
        Whether each feature had missing values, shape (K,).

    Returns
    -------
    tuple of Rule
        Highest rate first; on equal rates the leaf further left first.
    """
    paths: list[tuple[int, tuple[tuple[int, int], ...]]] = []
    waiting: list[tuple[int, tuple[tuple[int, int], ...]]] = [(0, ())]
    while waiting:
        node, path = waiting.pop()
        if feature[node] < 0:
            paths.append((node, path))
        else:
            waiting.append((int(right[node]), (*path, (node, 1))))
            waiting.append((int(left[node]), (*path, (node, 0))))
    rules = []
    for node, path in paths:
        conditions: dict[int, Condition] = {}
        for step, side in path:
            place = int(feature[step])
            passes = bool(missing_left[step]) == (side == 0)
            before = conditions.get(place, Condition(names[place], None, None, gaps[place]))
            conditions[place] = _narrow(before, float(threshold[step]), side, passes=passes)
        n, events = float(counts[0][node]), float(counts[1][node])
        lo, hi = _interval(events, n)
        rate = events / n if n else None
        rules.append(Rule(tuple(conditions.values()), int(n), int(events), rate, lo, hi))
    return tuple(sorted(rules, key=lambda rule: -1.0 if rule.rate is None else -rule.rate))


def _narrow(before: Condition, cut: float, side: int, *, passes: bool) -> Condition:
    above, at_most = before.above, before.at_most
    if side == 0:
        at_most = cut if at_most is None else min(at_most, cut)
    else:
        above = cut if above is None else max(above, cut)
    return Condition(before.feature, above, at_most, before.or_missing and passes)
