"""What changed since the analysis before: who came on to a list, who left it, what moved."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from huitouke.service.core.ids import private_id, public_id
from huitouke.service.loop.models import Analysis, Profile, Telling

__all__ = ["LISTS", "before", "compared_with", "forget_older", "since_before"]

#: The condition of each list, on rows of ``loop_profile``.
LISTS: dict[str, str] = {
    "slipping": "at_stake IS NOT NULL",
    # Said in full, so that the index of those slipping serves it.
    "worth_a_call": "at_stake IS NOT NULL AND worth_a_call",
    "likely_loyal": "likely_loyal",
    "unlikely": "unlikely",
}
_MOVED = """
SELECT count(*) FILTER (WHERE earlier IS NULL), count(*) FILTER (WHERE later IS NULL)
FROM (SELECT customer_id AS later FROM loop_profile WHERE analysis_id = %s AND {meets}) AS a
FULL JOIN (SELECT customer_id AS earlier FROM loop_profile WHERE analysis_id = %s AND {meets})
  AS b ON earlier = later
"""


#: Conditions that lists depend on, and those that amounts depend on.
_OF_LISTS = ("currency", "horizon_days")
_OF_AMOUNTS = ("currency", "margin", "discount_rate")


def before(analysis: Analysis) -> Analysis | None:
    """Return the newest finished analysis of an earlier day whose profiles are kept.

    One with the same conditions goes before one with others, which can be compared in part.

    Parameters
    ----------
    analysis
        Which; its day is known.
    """
    found = list(
        Analysis.objects.filter(profiles_kept=True, as_of__lt=analysis.as_of)
        .exclude(id=analysis.id)
        .order_by("-as_of", "-ended_at", "-id")
    )
    alike = (each for each in found if not _other(each, analysis))
    return next(alike, found[0] if found else None)


def compared_with(analysis: Analysis) -> Analysis | None:
    """Return the analysis that lists were compared with, while its profiles are kept.

    Parameters
    ----------
    analysis
        A finished one.
    """
    told = analysis.changes
    if not told.get("lists"):
        return None
    return Analysis.objects.filter(
        id=private_id("ana", told["before"]), profiles_kept=True
    ).first()


def _other(earlier: Analysis, later: Analysis) -> dict[str, dict[str, Any]]:
    """Return the conditions that are not the same, as they were and as they are."""
    return {
        name: {"before": getattr(earlier, name), "after": getattr(later, name)}
        for name in dict.fromkeys((*_OF_LISTS, *_OF_AMOUNTS))
        if getattr(earlier, name) != getattr(later, name)
    }


def since_before(analysis: Analysis, *, summary: dict[str, Any]) -> dict[str, Any]:
    """Return what is other than in the analysis before, ready for JSON; empty without one.

    What depends on conditions that are not the same is left out: an amount has no ``before``,
    there are no lists or groups. ``conditions`` names these.

    Parameters
    ----------
    analysis
        Which; its profiles are written, its counts set.
    summary
        What it says of the shop.
    """
    earlier = before(analysis)
    if earlier is None:
        return {}
    conditions = _other(earlier, analysis)
    listed = conditions.keys().isdisjoint(_OF_LISTS)
    valued = conditions.keys().isdisjoint(_OF_AMOUNTS)
    told = Telling.objects.filter(analysis=earlier, language="en").first()
    then = {} if told is None else told.summary
    return {
        "before": public_id("ana", earlier.id),
        "as_of": str(earlier.as_of),
        "conditions": conditions,
        "numbers": {
            name: {
                "before": _dig(then, path)
                if conditions.keys().isdisjoint(_AMOUNTS.get(name, ()))
                else None,
                "after": _dig(summary, path),
                **_interval(name, before=then, after=summary),
            }
            for name, path in _NUMBERS.items()
        },
        "lists": {
            name: _moved(analysis, earlier, name)
            for name in LISTS
            # An analysis from before a list there is does not know who was on it.
            if listed and name in earlier.counts
        },
        "groups": {
            name: {
                "before": earlier.counts.get("groups", {}).get(name, 0),
                "after": analysis.counts["groups"].get(name, 0),
            }
            for name in sorted({*earlier.counts.get("groups", {}), *analysis.counts["groups"]})
            if name and listed and valued
        },
    }


_NUMBERS: dict[str, tuple[str, ...]] = {
    "customers": ("customers",),
    "repeat_customers": ("repeat_customers",),
    "orders": ("orders",),
    "revenue": ("revenue",),
    "customer_equity": ("customer_equity", "value"),
}
#: What is estimated, not counted, has an interval beside it.
_ESTIMATES = {"customer_equity"}
_AMOUNTS: dict[str, tuple[str, ...]] = {
    "revenue": ("currency",),
    "customer_equity": _OF_AMOUNTS,
}


def _interval(name: str, **told: dict[str, Any]) -> dict[str, Any]:
    if name not in _ESTIMATES:
        return {}
    ends = {
        when: [_dig(each, (name, end)) for end in ("lo", "hi")] for when, each in told.items()
    }
    return {"interval": ends}


def _dig(content: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        content = content.get(name) if isinstance(content, dict) else None
    return content


def _moved(analysis: Analysis, earlier: Analysis, name: str) -> dict[str, int]:
    # The words of the condition are our own.
    query = _MOVED.format(meets=LISTS[name])
    with connection.cursor() as cursor:
        cursor.execute(query, [analysis.id, earlier.id])
        new, gone = cursor.fetchone()
    return {
        "before": earlier.counts[name],
        "after": analysis.counts[name],
        "new": new,
        "gone": gone,
    }


def forget_older(*, kept: int) -> None:
    """Take away profiles that nobody looks at any more; what was said of the shop stays.

    Of one day only the newest analysis counts.

    Parameters
    ----------
    kept
        Days whose profiles stay, the latest ones.
    """
    done = Analysis.objects.filter(profiles_kept=True).order_by("-as_of", "-ended_at", "-id")
    days: set[date | None] = set()
    for each in done.only("id", "as_of"):
        stays = each.as_of not in days and len(days) < kept
        days.add(each.as_of)
        if not stays:
            _forget(each.id)


def _forget(analysis: UUID) -> None:
    with transaction.atomic():
        Analysis.objects.filter(id=analysis).update(profiles_kept=False)
        Profile.objects.filter(analysis_id=analysis).delete()
