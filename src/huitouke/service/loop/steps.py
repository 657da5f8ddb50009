"""The steps of an analysis, in words, and how far along each begins."""

from __future__ import annotations

from huitouke.language import N_, Language, words

__all__ = ["SHARES", "said", "step_of"]

_SAYS: dict[str, str] = {
    "waiting": N_("Waiting for its turn"),
    "facts": N_("Reading orders"),
    "features": N_("Looking at each customer's history"),
    "purchases": N_("Learning how often customers come back"),
    "churn": N_("Learning who leaves"),
    "loyalty": N_("Learning who is loyal"),
    "writing": N_("Writing the profiles"),
    "done": N_("Done"),
}
#: How much is behind when a step begins, measured with 100,000 customers.
SHARES: dict[str, float] = {
    "waiting": 0.0,
    "facts": 0.02,
    "features": 0.15,
    "purchases": 0.25,
    "churn": 0.45,
    "loyalty": 0.75,
    "writing": 0.9,
    "done": 1.0,
}
#: What the main path tells when it begins a step.
_TOLD = {
    "Features": "features",
    "Purchase models": "purchases",
    "Churn models": "churn",
    "Loyalty": "loyalty",
}


def step_of(told: str) -> str | None:
    """Return the step that the main path tells of, in English; None: no step of its own.

    Parameters
    ----------
    told
        Its words.

    Examples
    --------
    >>> step_of("Churn models"), step_of("Adding lines up to orders")
    ('churn', None)
    """
    return _TOLD.get(told)


def said(step: str, *, language: Language) -> str:
    """Return a step in words.

    Parameters
    ----------
    step
        One of :data:`SHARES`.
    language
        The reader's.
    """
    return words(language).say(_SAYS[step])
