"""A finished analysis of a few customers, written down as the bridge would."""

from __future__ import annotations

from datetime import date, timedelta

from huitouke.language import LANGUAGES
from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.customers import commands as customers
from huitouke.service.loop import calls
from huitouke.service.loop.models import Analysis, Profile, Telling

OPERATOR = Actor("staff", "operator")
AS_OF = date(2026, 6, 30)
JUDGED = [
    "loyalty_score", "clv", "p_alive", "p_buy", "orders_expected", "spend_expected",
    "churn_risk", "rain_or_shine", "full_price_share", "customer_group", "loyalty_type",
]  # fmt: skip
SAYS = {"en": "4 customers are slipping away.", "zh": "4 位顾客正在流失。"}
TRUST = {"en": "The model missed the total by 6.8%.", "zh": "模型与总数相差 6.8%。"}
CHART = {
    "key": "score",
    "title": "623 customers score 70 or more.",
    "note": "n = 2,500.",
    "option": {
        "aria": {"enabled": True, "label": {"description": "623 customers score 70 or more."}},
        "xAxis": {"type": "category", "data": ["70 to 79", "80 or more"]},
        "yAxis": {"type": "value"},
        "series": [{"type": "bar", "data": [311, 312]}],
    },
    "columns": ["Score", "Customers"],
    "rows": [["70 to 79", "311"], ["80 or more", "312"]],
    "height": 260,
    "wide": False,
}
TABLE = {
    "key": "candidates",
    "title": "Every candidate on data it had not seen",
    "note": "Smaller is better.",
    "columns": ["Candidate", "RMSE"],
    "rows": [["Pareto/NBD", "0.779"], ["RFM table · rival", "0.901"]],
    "chosen": [0],
}
GAP = {
    "part": "types",
    "what": "The six loyalty types",
    "status": "insufficient_evidence",
    "verdict": "too few to tell",
    "why": "No answers.",
    "needed": "Survey answers.",
}


def story(language):
    said = "en" if language == "en" else "zh"
    found = {"figure": "4", "support": "n = 10.", "tone": "bad"}
    section = {"key": "loyalty", "title": "Loyal, rain or shine", "lead": "Who stays?"}
    return {
        "findings": [
            {**found, "sentence": SAYS[said], "target": "at-risk"},
            {**found, "sentence": TRUST[said], "target": "believe", "tone": "info"},
        ],
        "sections": [{**section, "charts": [CHART], "absent": [GAP]}],
        "evidence": [{**CHART, "key": "score-calibration"}],
        "tables": [TABLE],
        "gaps": [GAP],
        "definitions": [["Recency", "Days since the last purchase."]],
        "cautions": ["A high risk is not a reason to contact someone."],
        "warnings": [],
        "notes": [],
    }


def analysis(*, profiles=(), changes=None, as_of=AS_OF, margin=0.3, **values):
    """Write a finished analysis down, with its profiles; return it."""
    at = clock.now()
    counts = {
        "lines": 90, "orders": 40, "customers": len(profiles), "profiles": len(profiles),
        "slipping": sum(each.at_stake is not None for each in profiles),
        "likely_loyal": sum(each.likely_loyal for each in profiles),
        "unlikely": sum(each.unlikely for each in profiles),
        "groups": {"butterfly": sum(p.customer_group == "butterfly" for p in profiles)},
    }  # fmt: skip
    made = Analysis.objects.create(
        state="done", margin=margin, discount_rate=0.15, as_of=as_of, ahead_days=91,
        currency="CNY", step="done", share=1.0, asked_at=at, asked_by=str(OPERATOR),
        ended_at=at, counts=counts, changes=changes or {}, judged=JUDGED,
        features=["recent_count"], base_points=40.0, profiles_kept=True, **values,
    )  # fmt: skip
    for language in LANGUAGES:
        Telling.objects.create(
            analysis=made, language=language, summary={}, validation={}, story=story(language)
        )
    for each in profiles:
        each.analysis = made
    Profile.objects.bulk_create(profiles)
    calls.mark(made)
    made.save()
    return made


def customer(name="林晓雨"):
    return customers.create([], name=name, at=clock.now(), actor=OPERATOR)


def profile(who, *, at_stake=None, score=40.0, group="butterfly", told=True, **values):
    """A profile; ``told=False``: there was too little to say anything."""
    numbers = {
        "p_buy": 0.2, "p_buy_lo": 0.1, "p_buy_hi": 0.3, "clv": 90.0, "clv_lo": 60.0,
        "clv_hi": 120.0, "loyalty_score": score, "loyalty_score_lo": score - 5,
        "loyalty_score_hi": score + 5, "customer_group": group, "points": [score - 40.0],
    }  # fmt: skip
    stakes = {
        "at_stake": at_stake, "at_stake_lo": at_stake and at_stake * 0.8,
        "at_stake_hi": at_stake and at_stake * 1.2, "usual_orders": at_stake and 4.0,
        "limit_days": at_stake and 30.0, "orders_expected": at_stake and 0.5,
    }  # fmt: skip
    return Profile(
        customer_id=who.pk, first_order_on=AS_OF - timedelta(days=300),
        last_order_on=AS_OF - timedelta(days=90), repeat_count=4, spend_total=512.5,
        statuses=("o" if told else "i") * len(JUDGED),
        **(numbers if told else {}), **stakes,
        **{"likely_loyal": False, "unlikely": False, **values},
    )  # fmt: skip
