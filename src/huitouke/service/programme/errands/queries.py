"""Long work that was asked for: the latest of its kind."""

from __future__ import annotations

from uuid import UUID

from huitouke.service.programme.models.errands import Errand

__all__ = ["latest_backtest", "of_subject"]


def latest_backtest(version: UUID) -> Errand | None:
    """Return the latest back-test of a version that came to its end; none where none did.

    Parameters
    ----------
    version
        Its id.
    """
    done = Errand.objects.filter(
        subject=version, kind=Errand.Kind.BACKTEST, state=Errand.State.DONE
    )
    return done.order_by("-asked_at").first()


def of_subject(subject: UUID, *, kind: str, limit: int = 5) -> list[Errand]:
    """Return the latest work on something, newest first, without what came of it.

    Parameters
    ----------
    subject
        The version, or the campaign.
    kind
        ``backtest`` or ``codes``.
    limit
        How many at most.
    """
    found = Errand.objects.filter(subject=subject, kind=kind).defer("result")
    return list(found.order_by("-asked_at")[:limit])
