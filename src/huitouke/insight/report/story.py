"""The findings, charts and words of the report as plain data, for pages of the service."""

from __future__ import annotations

import math
from dataclasses import asdict
from numbers import Integral, Real
from typing import Any

from huitouke.insight.report.absences import gaps
from huitouke.insight.report.findings import findings
from huitouke.insight.report.glossary import CAUTIONS, definitions
from huitouke.insight.report.picture import Picture
from huitouke.insight.report.reader import Reader
from huitouke.insight.report.sections import sections, trust
from huitouke.insight.report.tables import evidence_tables
from huitouke.insight.report.texts import say
from huitouke.language import Language

__all__ = ["plain", "story_of"]


def story_of(picture: Picture, *, language: Language) -> dict[str, Any]:
    """Return what the report tells of the shop, without its lists of customers.

    Parameters
    ----------
    picture
        Everything to show.
    language
        ``"en"`` or ``"zh"``.

    Returns
    -------
    dict
        Ready for JSON: ``findings``, ``sections`` (each with ``charts``: key, title, note,
        ECharts ``option``, ``columns``, ``rows``, height, wide), ``evidence`` (charts),
        ``tables`` (of the evidence: key, title, note, columns, rows, chosen), ``gaps``,
        ``definitions``, ``cautions``, ``warnings``, ``notes``.
    """
    reader = Reader(language, currency=picture.currency)
    told = {
        "findings": [asdict(each) for each in findings(picture, reader=reader)],
        "sections": [asdict(each) for each in sections(picture, reader=reader)],
        "evidence": [asdict(each) for each in trust(picture, reader=reader)],
        "tables": [asdict(each) for each in evidence_tables(picture, reader=reader)],
        "gaps": [asdict(each) for each in gaps(picture, reader=reader)],
        "definitions": list(definitions(picture, reader=reader)),
        "cautions": [reader.say(caution) for caution in CAUTIONS],
        "warnings": [say(each, language=language) for each in picture.warnings],
        "notes": [say(each, language=language) for each in picture.notes],
    }
    ready: dict[str, Any] = plain(told)
    return ready


def plain(value: Any) -> Any:
    """Return a value as JSON can say it: numbers to six digits, none that is not finite.

    Parameters
    ----------
    value
        Of dicts, sequences, texts and numbers.

    Examples
    --------
    >>> plain({"x": float("nan"), "y": (1, 2.0000001)})
    {'x': None, 'y': [1, 2.0]}
    """
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, str | bool) or value is None:
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(f"{float(value):.6g}") if math.isfinite(value) else None
    return str(value)
