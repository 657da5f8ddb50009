"""The names that readers see for groups, types, models, samples and parts."""

from __future__ import annotations

from huitouke.insight.report.reader import Reader
from huitouke.language import N_

__all__ = ["GROUPS", "MODELS", "SAMPLES", "TYPES", "UNITS", "name"]

GROUPS: dict[str, str] = {
    "true_friend": N_("True friends"),
    "butterfly": N_("Butterflies"),
    "barnacle": N_("Barnacles"),
    "stranger": N_("Strangers"),
    "borderline": N_("On the border"),
}

TYPES: dict[str, str] = {
    "forced": N_("Forced"),
    "nostalgic": N_("Nostalgic"),
    "inertia": N_("Inertia"),
    "benefit": N_("Benefit"),
    "experience": N_("Experience"),
    "identity": N_("Identity"),
    "none": N_("No loyalty type"),
    "mixed": N_("Mixed"),
}

MODELS: dict[str, str] = {
    "bgnbd": "BG/NBD",
    "mbgnbd": "MBG/NBD",
    "paretonbd": "Pareto/NBD",
    "bgbb": "BG/BB",
    "sbg": "sBG",
    "gamma_gamma": "Gamma-Gamma",
    "rfm": N_("RFM table"),
    "rfm_logistic": N_("RFM logistic"),
    "purchase_model": N_("Purchase model's chance"),
    "rfm_rank_sum": N_("RFM rank sum"),
    "recency": N_("Recency alone"),
    "nbd": N_("NBD without leaving"),
    "past_spend": N_("Past spend"),
    "same_as_before": N_("Same as before"),
    "linear": N_("Linear regression"),
    "logistic": N_("Logistic regression"),
    "tree": N_("Decision tree"),
    "boosting": N_("Gradient boosting"),
}

SAMPLES: dict[str, str] = {
    "in_sample": N_("Same data"),
    "cross_validated": N_("Cross-validated"),
    "out_of_time": N_("Later in time"),
}

UNITS: dict[str, str] = {
    "week": N_("week"),
    "month": N_("month"),
    "quarter": N_("quarter"),
    "year": N_("year"),
}


def name(key: str, *, among: dict[str, str], reader: Reader) -> str:
    """Return the reader's name for a key; a key without one is shown as it is.

    Examples
    --------
    >>> name("butterfly", among=GROUPS, reader=Reader("en"))
    'Butterflies'
    """
    found = among.get(key)
    return key if found is None else reader.say(found)
