"""One analysis of the service's own orders, from facts to profiles. Read this first.

facts out of PostgreSQL (``facts``) → the main path of insight (``flow.look``) → profiles and
what is said of the shop back into PostgreSQL (``profiles``), seen all at once by one commit.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from threadpoolctl import threadpool_limits

from huitouke.insight.engine import Engine
from huitouke.insight.facts.read import Facts
from huitouke.insight.facts.told import take_lines
from huitouke.insight.flow import look, tell_in
from huitouke.insight.steps.options import Options
from huitouke.insight.steps.outcome import Outcome
from huitouke.insight.tables import JUDGED
from huitouke.language import LANGUAGES
from huitouke.service.core import clock
from huitouke.service.loop import calls, changes, profiles, steps
from huitouke.service.loop.facts import Customers, Shop, orders_of, shop
from huitouke.service.loop.models import Analysis, Telling

__all__ = ["LostHold", "analyse"]


class LostHold(Exception):
    """Another process took this analysis over: what was found here is thrown away."""


def analyse(analysis: Analysis, *, tell: Callable[[str], None]) -> None:
    """Analyse the service's orders and keep what is found.

    Parameters
    ----------
    analysis
        A running one.
    tell
        Told each step, a name of ``steps.SHARES``, when it begins.

    Raises
    ------
    LostHold
        If it is no longer this process' to finish.
    HuitoukeError
        If the orders cannot be analysed; nothing is written then.
    """

    def told(sentence: str) -> None:
        step = steps.step_of(sentence)
        if step is not None:
            tell(step)

    memory = settings.ANALYSIS_MEMORY_MB / 1_024
    tell("facts")
    with (
        threadpool_limits(settings.ANALYSIS_THREADS),
        Engine(threads=settings.ANALYSIS_THREADS, memory_gb=memory) as engine,
    ):
        its = shop()
        with orders_of(its) as orders:
            facts = take_lines(
                orders.batches(), engine=engine, currency=its.currency, notes=its.notes
            )
        day = _last_day(analysis, facts=facts, shop=its)
        options = Options(
            as_of=day, horizon_days=analysis.horizon_days, margin=analysis.margin,
            discount_rate=analysis.discount_rate, currency=its.currency,
        )  # fmt: skip
        found = look(facts, engine=engine, options=options, tell=told)
        tell("writing")
        _keep(analysis, found=found, customers=orders.customers)
    changes.forget_older(kept=settings.ANALYSES_KEPT)


def _last_day(analysis: Analysis, *, facts: Facts, shop: Shop) -> date:
    """Return the last day that is known: the day asked for, else that of the last order.

    A day that is not over is not known.
    """
    if analysis.asked_as_of is not None:
        return analysis.asked_as_of
    yesterday = clock.now().astimezone(ZoneInfo(shop.zone)).date() - timedelta(days=1)
    return min(facts.last_on, yesterday)


def _keep(analysis: Analysis, *, found: Outcome, customers: Customers) -> None:
    told = {language: tell_in(found, language=language) for language in LANGUAGES}
    points = profiles.points_of(found)
    with transaction.atomic():
        mine = Analysis.objects.select_for_update().get(id=analysis.id)
        if (mine.state, mine.attempts) != (Analysis.State.RUNNING, analysis.attempts):
            raise LostHold
        written = profiles.write(mine.id, found=found, customers=customers, points=points)
        Telling.objects.bulk_create(
            Telling(analysis=mine, language=language, **vars(each))
            for language, each in told.items()
        )
        hidden = profiles.bring_to_sight(mine.id)
        mine.as_of, mine.currency = found.as_of, found.currency
        mine.ahead_days = found.shop.horizon_days
        mine.judged = list(JUDGED)
        mine.features, mine.base_points = list(points.names), points.base
        mine.counts = _counts(found, written=written, hidden=hidden)
        calls.mark(mine)
        mine.profiles_kept = True
        mine.changes = changes.since_before(mine, summary=told["en"].summary)
        mine.state, mine.step, mine.share = Analysis.State.DONE, "done", 1.0
        mine.ended_at = clock.now()
        mine.save()


def _counts(
    found: Outcome, *, written: profiles.Written, hidden: int
) -> dict[str, int | dict[str, int]]:
    lists = found.lists
    return {
        "lines": found.facts.rows.read,
        "orders": found.facts.orders,
        "customers": written.customers,
        "profiles": written.customers - hidden,
        "slipping": lists.at_risk.meeting,
        "likely_loyal": lists.likely_loyal.meeting,
        "unlikely": lists.unlikely.meeting,
        "groups": written.groups,
    }
