"""The report: one offline HTML document from a picture."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from huitouke.insight.report.absences import gaps
from huitouke.insight.report.evidence import Estimate
from huitouke.insight.report.findings import findings
from huitouke.insight.report.glossary import CAUTIONS, definitions
from huitouke.insight.report.names import MODELS, SAMPLES, name
from huitouke.insight.report.options import Chart
from huitouke.insight.report.picture import Absent, Picture
from huitouke.insight.report.reader import Reader, known
from huitouke.insight.report.sections import sections, trust
from huitouke.insight.report.story import plain
from huitouke.language import N_, Language

__all__ = ["embed", "render"]

_STYLES = ("tokens.css", "palette.css", "face.css", "base.css", "components.css", "report.css")


def render(picture: Picture, *, language: Language) -> str:
    """Return the report as one HTML document that needs nothing from outside.

    Parameters
    ----------
    picture
        Everything to show.
    language
        ``"en"``, ``"zh"`` or ``"zh-Hant"``.

    Returns
    -------
    str
        HTML with its styles, scripts and numbers inside and a policy that lets in no others.
    """
    reader = Reader(language, currency=picture.currency)
    parts = sections(picture, reader=reader)
    evidence = trust(picture, reader=reader)
    drawn = [*(chart for part in parts for chart in part.charts), *evidence]
    style = "\n".join(_look(sheet) for sheet in _STYLES)
    scripts = (_look("charts.min.js"), _script())
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            picture=picture,
            reader=reader,
            _=reader.say,
            orders=lambda n: reader.count(N_("1 order"), N_("{n} orders"), n=n),
            days=lambda n: reader.count(N_("1 day"), N_("{n} days"), n=n),
            findings=findings(picture, reader=reader),
            sections=parts,
            evidence=evidence,
            gaps=gaps(picture, reader=reader),
            definitions=definitions(picture, reader=reader),
            cautions=[reader.say(caution) for caution in CAUTIONS],
            lang=reader.words.tag,
            policy=_policy(style, scripts),
            style=Markup(style),  # noqa: S704 - our own files
            scripts=[Markup(script) for script in scripts],  # noqa: S704 - our own files
            options=Markup(_options(drawn)),  # noqa: S704 - escaped by embed
            is_absent=lambda part: isinstance(part, Absent),
            known=known,
            model=lambda key: name(key, among=MODELS, reader=reader),
            sample=lambda key: name(key, among=SAMPLES, reader=reader),
            range_style=_range_style,
        )
    )


def embed(value: Any) -> str:
    r"""Return a value as JSON that is safe inside a ``<script>`` element.

    Examples
    --------
    >>> print(embed({"id": "</script>", "x": float("nan")}))
    {"id":"\u003c/script\u003e","x":null}
    """
    text = json.dumps(plain(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _options(drawn: Iterable[Chart]) -> str:
    return embed({chart.key: chart.option for chart in drawn})


def _range_style(estimate: Estimate) -> str:
    """Return the places of an interval on a track from 0 to 100, for a chance."""
    lo, hi, at = (
        min(max(100 * end, 0.0), 100.0) if known(end) else 0.0
        for end in (estimate.lo, estimate.hi, estimate.value)
    )
    return f"--lo:{lo:.1f};--hi:{hi:.1f};--at:{at:.1f}"


def _policy(style: str, scripts: Iterable[str]) -> str:
    allowed = " ".join(_hash(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src {_hash(style)};"
        " style-src-attr 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none';"
        " form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


@cache
def _look(file: str) -> str:
    return (resources.files("huitouke") / "look" / file).read_text(encoding="utf-8")


@cache
def _script() -> str:
    folder = resources.files("huitouke.insight.report") / "templates"
    return (folder / "report.js").read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("huitouke.insight.report", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
