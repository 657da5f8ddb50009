"""Analyses and profiles as requests and answers show them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field, StrictInt

from huitouke.service.api.shapes.fields import Given
from huitouke.service.core.ids import public_id
from huitouke.service.loop import steps
from huitouke.service.loop.lists import ProfilePage
from huitouke.service.loop.models import Analysis
from huitouke.service.loop.views import ProfileView, Summary

__all__ = [
    "AnalysisIn",
    "AnalysisOut",
    "JudgedOut",
    "PointsOut",
    "ProfileOut",
    "ProfilePageOut",
    "ReasonOut",
    "SummaryOut",
    "WhyFailed",
]


class AnalysisIn(Given):
    """The conditions of an analysis; without them those of every night: the shop's own."""

    as_of: date | None = None
    horizon_days: Annotated[StrictInt, Field(ge=1, le=3650)] | None = None
    margin: Annotated[float, Field(gt=0, le=1)] | None = None
    discount_rate: Annotated[float, Field(ge=0, le=10)] | None = None


class WhyFailed(Schema):
    """Why an analysis could not be made, and what to do about it."""

    code: str
    zh: str
    en: str


class AnalysisOut(Schema):
    """An analysis: where it stands, how far it is, what it found in numbers."""

    id: str
    state: str
    step: str
    says: dict[str, str]
    share: float
    as_of: date | None
    horizon_days: int | None
    margin: float
    discount_rate: float
    currency: str
    asked_at: datetime
    asked_by: str
    started_at: datetime | None
    ended_at: datetime | None
    attempts: int
    cancelling: bool
    error: WhyFailed | None
    counts: dict[str, Any]

    @classmethod
    def of(cls, found: Analysis) -> AnalysisOut:
        """Return what is shown of an analysis."""
        open_states = (Analysis.State.QUEUED, Analysis.State.RUNNING)
        said = found.error_says
        return cls(
            id=public_id("ana", found.id),
            state=found.state,
            step=found.step,
            says={
                "zh": steps.said(found.step, language="zh"),
                "en": steps.said(found.step, language="en"),
            },
            share=found.share,
            as_of=found.as_of or found.asked_as_of,
            horizon_days=found.ahead_days or found.horizon_days,
            margin=found.margin,
            discount_rate=found.discount_rate,
            currency=found.currency,
            asked_at=found.asked_at,
            asked_by=found.asked_by,
            started_at=found.started_at,
            ended_at=found.ended_at,
            attempts=found.attempts,
            cancelling=found.state in open_states and found.cancel_asked_at is not None,
            error=WhyFailed(code=found.error_code, zh=said["zh"], en=said["en"])
            if found.error_code
            else None,
            counts=found.counts,
        )


class SummaryOut(Schema):
    """What the latest analysis says of the shop, and what changed since the day before."""

    analysis: AnalysisOut
    summary: dict[str, Any]
    changes: dict[str, Any]

    @classmethod
    def of(cls, found: Summary) -> SummaryOut:
        """Return what is shown of a summary."""
        return cls(
            analysis=AnalysisOut.of(found.analysis),
            summary=found.content,
            changes=found.analysis.changes,
        )


class JudgedOut(Schema):
    """A number with its 80 % interval, and ``ok`` or why there is none."""

    value: float | None
    lo: float | None
    hi: float | None
    status: str


class ReasonOut(Schema):
    """A reason in both languages, with its numbers."""

    code: str
    zh: str
    en: str
    values: dict[str, float | int]


class PointsOut(Schema):
    """How much a feature adds to the loyalty score."""

    feature: str
    zh: str
    en: str
    points: float


class ProfileOut(Schema):
    """What the latest analysis says of a customer."""

    customer: str
    analysis: str
    as_of: date
    horizon_days: int
    currency: str
    first_order_on: date
    last_order_on: date
    orders: int
    spend_total: float
    numbers: dict[str, JudgedOut]
    group: str | None
    group_status: str
    chances: dict[str, float | None]
    loyalty_type: str | None
    type_status: str
    type_confidence: float | None
    lists: list[str]
    at_stake: JudgedOut | None
    reasons: list[ReasonOut]
    base_points: float | None
    points: list[PointsOut]

    @classmethod
    def of(cls, view: ProfileView) -> ProfileOut:
        """Return what is shown of a profile."""
        return cls.model_validate(view.as_json())


class ProfilePageOut(Schema):
    """Some profiles, and the cursor of the next page; null: there is none."""

    profiles: list[ProfileOut]
    next: str | None

    @classmethod
    def of(cls, page: ProfilePage) -> ProfilePageOut:
        """Return a page as it is shown."""
        shown = [ProfileOut.of(each) for each in page.profiles]
        return cls(profiles=shown, next=page.cursor or None)
