"""Questions about analyses and profiles; nothing here writes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from huitouke.language import N_, Language
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import public_id
from huitouke.service.customers.consenting import deciding
from huitouke.service.customers.following import CustomerUnknown, roots
from huitouke.service.loop.models import Analysis, Profile, Telling
from huitouke.service.loop.views import ProfileView, Summary, view_of

__all__ = [
    "AnalysisUnknown",
    "NoAnalysis",
    "NoProfile",
    "NothingSaidThen",
    "analyses",
    "analysis",
    "as_json",
    "changes",
    "findings",
    "latest",
    "open_analysis",
    "profile",
    "profiles_of",
    "shown_of",
    "story",
    "summary",
    "validation",
]


class NoAnalysis(ServiceError):
    """Nothing was analysed yet."""

    code = "loop.no_analysis"
    status = 404
    says = N_("No analysis of the customers is finished yet.")
    remedy = N_("Ask for one: huitouke insight run, or POST /v1/insight/analyses.")


class NothingSaidThen(ServiceError):
    """No analysis knows that day or one before it."""

    code = "loop.nothing_said_then"
    status = 404
    says = N_("No analysis is of {day} or a day before it.")
    remedy = N_("Name a later day, or none for the latest analysis.")


class AnalysisUnknown(ServiceError):
    """There is no such analysis."""

    code = "loop.analysis_unknown"
    status = 404
    says = N_("There is no analysis {analysis}.")
    remedy = N_("Use the id that the request for it was answered with.")


class NoProfile(ServiceError):
    """The latest analysis says nothing of this customer."""

    code = "loop.no_profile"
    status = 404
    says = N_("The analysis as of {as_of} says nothing of customer {customer}.")
    remedy = N_(
        "Whoever has bought by that day and kept something is in the next analysis, unless "
        "they do not want to be profiled."
    )


def latest(*, as_of: date | None = None) -> Analysis:
    """Return the finished analysis that is shown: that of the latest day.

    Parameters
    ----------
    as_of
        What was known then: that day's, else that of the last day before it that has one;
        None: the latest of all.

    Raises
    ------
    NoAnalysis
        If none is finished.
    NothingSaidThen
        If none is of that day or before.
    """
    found = Analysis.objects.filter(state=Analysis.State.DONE)
    if as_of is not None:
        found = found.filter(as_of__lte=as_of)
    first = found.order_by("-as_of", "-ended_at", "-id").first()
    if first is None:
        if as_of is None:
            raise NoAnalysis
        raise NothingSaidThen(day=as_of)
    return first


def shown_of(days: Collection[date]) -> set[UUID]:
    """Return the analyses that are shown of days: the newest of each.

    Parameters
    ----------
    days
        Last days that were known.
    """
    found = Analysis.objects.filter(state=Analysis.State.DONE, as_of__in=days)
    newest = found.order_by("as_of", "-ended_at", "-id").distinct("as_of")
    return set(newest.values_list("id", flat=True))


def analysis(analysis_id: UUID) -> Analysis:
    """Return an analysis by its id.

    Parameters
    ----------
    analysis_id
        Which.

    Raises
    ------
    AnalysisUnknown
        If there is none.
    """
    found = Analysis.objects.filter(id=analysis_id).first()
    if found is None:
        raise AnalysisUnknown(analysis=public_id("ana", analysis_id))
    return found


def open_analysis() -> Analysis | None:
    """Return the analysis that waits or runs now, if any."""
    states = (Analysis.State.QUEUED, Analysis.State.RUNNING)
    return Analysis.objects.filter(state__in=states).first()


def analyses(*, limit: int = 50) -> list[Analysis]:
    """Return analyses, the last asked for first.

    Parameters
    ----------
    limit
        Most.
    """
    return list(Analysis.objects.order_by("-asked_at", "-id")[:limit])


def summary(*, language: Language, of: UUID | None = None) -> Summary:
    """Return what is said of the shop: the content of ``summary.json``.

    Customer equity with its drivers, groups, types, lists, models with their scores,
    warnings; see ``docs/loop.md``.

    Parameters
    ----------
    language
        Of its sentences; the numbers are the same.
    of
        Which analysis; None: the one that is shown.

    Raises
    ------
    NoAnalysis, AnalysisUnknown
        If there is none.
    """
    found = latest() if of is None else analysis(of)
    return Summary(found, _told(found, "summary", language=language))


def validation(*, language: Language) -> dict[str, Any]:
    """Return how far to believe it: the content of ``validation.json``.

    Parameters
    ----------
    language
        Of its sentences.

    Raises
    ------
    NoAnalysis
        If none is finished.
    """
    told: dict[str, Any] = _told(latest(), "validation", language=language)
    return told


def story(*, language: Language, of: Analysis | None = None) -> dict[str, Any]:
    """Return the findings and charts of the report, as ``insight.report.story`` makes them.

    Parameters
    ----------
    language
        The reader's.
    of
        A finished analysis that is at hand; None: the one that is shown.

    Raises
    ------
    NoAnalysis
        If none is finished.
    """
    told: dict[str, Any] = _told(of or latest(), "story", language=language)
    return told


def findings(*, language: Language, of: Analysis | None = None) -> list[dict[str, Any]]:
    """Return the findings alone, without the charts that prove them.

    Parameters
    ----------
    language, of
        As for :func:`story`.

    Raises
    ------
    NoAnalysis
        If none is finished.
    """
    told: list[dict[str, Any]] = _told(of or latest(), "story__findings", language=language)
    return told


def changes() -> dict[str, Any]:
    """Return what is other than in the analysis of the day before; empty without one.

    ``before`` (its id), ``as_of``, ``numbers`` (before, after), ``lists`` (before, after, new,
    gone), ``groups`` (before, after).

    Raises
    ------
    NoAnalysis
        If none is finished.
    """
    found: dict[str, Any] = latest().changes
    return found


def _told(found: Analysis, part: str, *, language: Language) -> Any:
    """Return a part of what was told, in the reader's language or in what there is."""
    tellings = Telling.objects.filter(analysis=found)
    # An analysis from before Traditional was told is read in Simplified.
    for each in dict.fromkeys((language, "zh")):
        told = tellings.filter(language=each).values_list(part, flat=True).first()
        if told is not None:
            return told
    raise NoAnalysis


def profile(customer_id: UUID) -> ProfileView:
    """Return what the latest analysis says of a person, with reasons and intervals.

    Parameters
    ----------
    customer_id
        Any id the person ever had.

    Raises
    ------
    NoAnalysis
        If none is finished.
    CustomerUnknown
        If there is no such person.
    NoProfile
        If they have not bought by then, were erased, or do not want to be profiled.
    """
    shown = latest()
    root = roots([customer_id]).get(customer_id)
    if root is None:
        raise CustomerUnknown(customer=public_id("cus", customer_id))
    found = Profile.objects.filter(analysis_id=shown.id, customer_id=root).first()
    if found is None or _refused(root):
        raise NoProfile(customer=public_id("cus", customer_id), as_of=shown.as_of)
    return view_of(found, analysis=shown)


def _refused(customer: UUID) -> bool:
    """Say whether somebody's newest word on being profiled is no, on any channel."""
    said = deciding(customer, purpose="profiling")
    return said is not None and not said.given


def profiles_of(customer_id: UUID) -> list[ProfileView]:
    """Return every profile that is kept of one record, newest first.

    Parameters
    ----------
    customer_id
        The record.
    """
    kept = Analysis.objects.filter(profiles_kept=True).order_by("-as_of", "-ended_at")
    by_id = {each.id: each for each in kept}
    rows = Profile.objects.filter(analysis_id__in=list(by_id), customer_id=customer_id)
    views = [view_of(row, analysis=by_id[row.analysis_id]) for row in rows]
    return sorted(views, key=_by_day, reverse=True)


def _by_day(view: ProfileView) -> date:
    return view.as_of


def as_json(view: ProfileView) -> dict[str, Any]:
    """Return a profile ready for JSON.

    Parameters
    ----------
    view
        From :func:`profile`.
    """
    return view.as_json()
