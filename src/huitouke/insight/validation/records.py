"""The record written beside every model: how it was tested and whether it may be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from huitouke.insight.validation.blocks import ScoreBlock, rounded
from huitouke.language import N_, Language, words

__all__ = ["METRIC_WORDS", "RivalScore", "ValidationRecord", "Verdict"]

#: What people call the score by which models are compared.
METRIC_WORDS: dict[str, str] = {
    "log_loss": N_("log loss"),
    "rmse": N_("root mean squared error"),
}

#: Scores of which the optimism gap is told; the sign says by how much training flatters.
_FLATTERED: dict[str, float] = {"auc": 1.0, "log_loss": -1.0, "brier": -1.0, "rmse": -1.0}


@dataclass(frozen=True)
class Verdict:
    """Whether a model is used, and why.

    Parameters
    ----------
    used
        True for the one model that is shown.
    code
        ``used``, ``weaker``, ``untested`` or ``insufficient_evidence``.
    says
        The reason, a message with places.
    values
        What goes into the places.
    """

    used: bool
    code: str
    says: str
    values: Mapping[str, str | int] = field(default_factory=dict)

    def text(self, language: Language, *, names: Mapping[str, str] | None = None) -> str:
        """Return the reason as a sentence.

        Parameters
        ----------
        language
            ``"en"``, ``"zh"`` or ``"zh-Hant"``.
        names
            What people call each model, as messages; a model without one keeps its name.
        """
        reader = words(language)
        spoken: dict[str, str | int] = dict(self.values)
        for place in ("model", "winner"):
            known = (names or {}).get(str(spoken.get(place)))
            if known is not None:
                spoken[place] = reader.say(known)
        if "metric" in spoken:
            spoken["metric"] = reader.say(METRIC_WORDS[str(spoken["metric"])])
        return reader.say(self.says, **spoken)


@dataclass(frozen=True)
class RivalScore:
    """How a rival did on the same out-of-time rows.

    Parameters
    ----------
    model
        The rival's name.
    metric
        The score compared, for example ``log_loss``.
    value
        The rival's score; None where it has none.
    is_rival
        True for a cheap rival, False for another candidate.
    """

    model: str
    metric: str
    value: float | None
    is_rival: bool


@dataclass(frozen=True)
class ValidationRecord:
    """How one model was tested.

    Parameters
    ----------
    model
        Name of the model.
    version
        Version of its definition.
    parameters
        What was fitted, plain values.
    target
        What was predicted.
    horizon_days
        Length of the label window.
    train_origins
        Origins fitted on.
    calibration_origin, test_origin
        Origins calibrated and judged on; None where the record is too short.
    calibrator
        Name of the calibrator applied to out-of-time predictions.
    is_rival
        True for a cheap rival.
    in_sample, cross_validated, out_of_time
        Scores on the rows fitted on; on customers left out; on the test origin.
    rivals
        The others on the same test rows.
    verdict
        Whether the model is used; None until models are compared.
    """

    model: str
    version: str
    parameters: Mapping[str, Any]
    target: str
    horizon_days: int
    train_origins: tuple[date, ...]
    calibration_origin: date | None
    test_origin: date | None
    calibrator: str
    is_rival: bool
    in_sample: ScoreBlock | None
    cross_validated: ScoreBlock | None
    out_of_time: ScoreBlock | None
    rivals: tuple[RivalScore, ...] = ()
    verdict: Verdict | None = None

    def optimism(self) -> dict[str, float | None]:
        """Return by how much training flatters each score (positive: too rosy).

        Measured against the out-of-time scores, or the cross-validated ones where no later
        period is known.
        """
        strict = self.out_of_time or self.cross_validated
        if self.in_sample is None or strict is None:
            return {}
        gaps: dict[str, float | None] = {}
        for score in self.in_sample.scores:
            if score.name in _FLATTERED:
                late = strict.score(score.name).value
                known = score.value is not None and late is not None
                sign = _FLATTERED[score.name]
                gaps[score.name] = sign * (score.value - late) if known else None  # type: ignore[operator]
        return gaps

    def to_json(
        self, *, language: Language = "en", names: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Return a plain dictionary: fixed order, floats to 10 significant digits.

        Parameters
        ----------
        language
            Language of the verdict's sentence.
        names
            What people call each model, as messages, in that sentence.
        """
        blocks = {
            "in_sample": self.in_sample,
            "cross_validated": self.cross_validated,
            "out_of_time": self.out_of_time,
        }
        verdict = self.verdict
        found: dict[str, Any] = rounded(
            {
                "model": self.model,
                "version": self.version,
                "is_rival": self.is_rival,
                "target": self.target,
                "horizon_days": self.horizon_days,
                "train_origins": [day.isoformat() for day in self.train_origins],
                "calibration_origin": _day(self.calibration_origin),
                "test_origin": _day(self.test_origin),
                "calibrator": self.calibrator,
                "parameters": dict(self.parameters),
                **{name: block and block.to_json() for name, block in blocks.items()},
                "optimism": self.optimism(),
                "rivals": [
                    {
                        "model": rival.model,
                        "is_rival": rival.is_rival,
                        "metric": rival.metric,
                        "value": rival.value,
                    }
                    for rival in self.rivals
                ],
                "verdict": verdict
                and {
                    "used": verdict.used,
                    "code": verdict.code,
                    "reason": verdict.text(language, names=names),
                },
            }
        )
        return found


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
