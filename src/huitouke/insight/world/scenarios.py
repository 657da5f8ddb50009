"""The simulated worlds W0 to W8: what is assumed of people, the shop and its rival.

Nothing here is measured. The numbers are assumptions, chosen so that a product that reads
loyalty from orders can be held to a truth that is known. A scenario is a plain record of
those numbers, so that a study may change one of them with ``dataclasses.replace``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from huitouke.errors import HuitoukeError
from huitouke.language import N_

__all__ = [
    "ARMS",
    "NEEDS",
    "SCENARIOS",
    "TRAITS",
    "TYPES",
    "Bools",
    "Floats",
    "Ints",
    "Scenario",
    "WorldSizeInvalid",
    "WorldUnknown",
    "scenario_named",
    "trait",
    "whole_number",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: The six loyalty types, and those who have none.
TYPES = ("forced", "nostalgic", "inertia", "benefit", "experience", "identity", "none")

#: The four needs that a benefit can answer, in the order of every need vector.
NEEDS = ("material", "identity", "influence", "value_recognition")

#: What a campaign may do for a customer; each arm but the first answers one need, in order.
ARMS = ("none", "discount", "recognition", "influence", "care")


class WorldUnknown(HuitoukeError):
    """A scenario was asked for that does not exist."""

    code = "world.unknown"
    says = N_("There is no simulated world called {scenario}.")
    remedy = N_("Choose one of: {known}.")


class WorldSizeInvalid(HuitoukeError):
    """A size of a simulated world is not a whole number in the range that makes sense."""

    code = "world.size"
    says = N_("{name} must be a number from {least} to {most}, but is {value}.")
    remedy = N_("Choose a value inside that range.")


#: What is assumed of the types, one column for each of ``TYPES``: the means around which
#: their people vary (intercept sd .5, barrier sd .3, price slope times a lognormal of .3).
TRAITS: dict[str, tuple[float, ...]] = {
    # Share of all customers.
    "share": (0.12, 0.08, 0.22, 0.22, 0.16, 0.10, 0.10),
    # Choice intercept in logits, and logits per unit of the shop's own discount.
    "intercept": (0.6, 1.2, 1.0, -0.4, 1.3, 1.7, -0.7),
    "price_slope": (1.0, 1.0, 0.8, 6.0, 1.0, 0.3, 2.5),
    # Barrier to leaving, never below 0, and attitude (sd as the scenario says).
    "switching_cost": (3.0, 0.8, 0.9, 0.1, 0.4, 0.8, 0.0),
    "attitude": (-0.8, 0.8, 0.1, 0.2, 1.2, 1.5, 0.0),
    # Chance that a need waits for a promotion.
    "deferral": (0.05, 0.05, 0.02, 0.75, 0.05, 0.02, 0.35),
    # Stages of the Erlang gap between needs; 1: no regularity.
    "regularity": (1, 1, 4, 1, 1, 1, 1),
    # Chances of the signs that a shop may see.
    "contract": (0.85, 0.08, 0.08, 0.08, 0.08, 0.08, 0.08),
    "first_in_category": (0.08, 0.60, 0.08, 0.08, 0.08, 0.08, 0.08),
    "public_badge": (0.05, 0.05, 0.05, 0.05, 0.05, 0.60, 0.05),
    "refers": (0.02, 0.15, 0.04, 0.06, 0.30, 0.35, 0.02),
    "deep_use": (0.15, 0.15, 0.15, 0.15, 0.60, 0.15, 0.15),
    # Mean visits a week, and mean number of categories bought (at least 1).
    "engagement": (0.5, 0.8, 0.2, 1.0, 1.5, 2.5, 0.6),
    "variety": (3.0, 3.0, 1.2, 3.0, 3.0, 3.0, 3.0),
    # Share of the churn risk that a contact averts; negative: it drives away.
    "averted": (0.20, 0.10, -0.25, 0.45, 0.25, 0.05, 0.15),
    # Chance that points are never redeemed.
    "breakage": (0.5, 0.3, 0.6, 0.05, 0.25, 0.2, 0.5),
    # Dirichlet weights of the need vector, in the order of ``NEEDS``.
    "need_material": (2.0, 1.0, 2.0, 6.0, 1.0, 0.8, 1.5),
    "need_identity": (1.0, 2.0, 1.0, 1.0, 1.5, 5.0, 1.0),
    "need_influence": (1.0, 1.0, 1.0, 1.0, 1.5, 2.0, 1.0),
    "need_value_recognition": (2.0, 3.0, 2.0, 1.0, 3.0, 2.0, 1.0),
}


def trait(name: str) -> Floats:
    """Return one trait of every type, in the order of ``TYPES``; shape (7,).

    Parameters
    ----------
    name
        A key of ``TRAITS``.

    Examples
    --------
    >>> trait("deferral").tolist()
    [0.05, 0.05, 0.02, 0.75, 0.05, 0.02, 0.35]
    """
    return np.array(TRAITS[name], dtype=np.float64)


@dataclass(frozen=True)
class Scenario:
    """One simulated world: everything that differs between W0 and W8.

    Parameters
    ----------
    name
        ``"W0"`` to ``"W8"``.
    meaning
        One sentence.
    customers
        How many customers it has unless told otherwise.
    pure
        True for Pareto/NBD with Gamma-Gamma in continuous time and nothing else.
    mix
        Shares of the types; empty for the default.
    base_hazard
        Weekly chance to leave for good of a customer without barrier or attitude.
    hazard_noise
        Sd of the personal log-factor on that hazard.
    attitude_sd
        Sd of attitude between people of a type.
    attitude_choice, attitude_hazard
        What one unit of attitude adds to the logit of choice and takes from the log-hazard.
    response_intercept
        Intercept of the logit of answering a survey.
    satisfaction_noise
        Sd of the noise on the satisfaction item.
    same_promotion_response
        True where everybody answers a promotion alike.
    deferral
        False where no need waits for a promotion.
    promotion_pause
        False where no region ever pauses its promotions.
    contact_effect
        Multiplies the share of churn risk that a contact averts; 0: contacts do nothing.
    rival_chance
        Weekly chance of a promotion of the rival in a region.
    rival_share
        Share of the needs not met here that the rival meets; 0 where there is no rival.
    drift_week
        The week from which needs and hazard change; None: never.
    contracts_end
        False where the barrier to leaving never falls.
    """

    name: str
    meaning: str
    customers: int = 12_000
    pure: bool = False
    mix: tuple[float, ...] = ()
    base_hazard: float = 0.012
    hazard_noise: float = 0.3
    attitude_sd: float = 0.6
    attitude_choice: float = 0.3
    attitude_hazard: float = 0.35
    response_intercept: float = -1.6
    satisfaction_noise: float = 0.6
    same_promotion_response: bool = False
    deferral: bool = True
    promotion_pause: bool = True
    contact_effect: float = 1.0
    rival_chance: float = 0.15
    rival_share: float = 0.8
    drift_week: int | None = None
    contracts_end: bool = True

    def drifted(self, week: int) -> bool:
        """Return whether the drift has happened by a week.

        Parameters
        ----------
        week
            The week, counted from 0.

        Examples
        --------
        >>> SCENARIOS["W6"].drifted(79), SCENARIOS["W6"].drifted(80)
        (False, True)
        """
        return self.drift_week is not None and week >= self.drift_week


SCENARIOS: dict[str, Scenario] = {
    world.name: world
    for world in (
        Scenario("W0", "Pure Pareto/NBD with Gamma-Gamma spend, continuous time.", pure=True),
        Scenario("W1", "The default: six types, promotions, a rival, shocks."),
        Scenario(
            "W2",
            "As W1, but everybody answers a promotion alike and nobody waits for one.",
            same_promotion_response=True,
            deferral=False,
        ),
        Scenario(
            "W3",
            "As W1, but attitude causes nothing.",
            attitude_choice=0.0,
            attitude_hazard=0.0,
        ),
        Scenario(
            "W4",
            "As W1, but attitude is strong and nearly everybody answers.",
            base_hazard=0.006,
            attitude_sd=1.0,
            attitude_choice=1.0,
            attitude_hazard=1.0,
            response_intercept=1.8,
            satisfaction_noise=0.4,
        ),
        Scenario("W5", "As W1, but contacts do nothing.", contact_effect=0.0),
        Scenario("W6", "As W1, but needs and loyalty weaken from week 80 on.", drift_week=80),
        Scenario(
            "W7",
            "A monopoly: everybody is forced, there is no rival and no contract ends.",
            mix=(1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
            rival_chance=0.0,
            rival_share=0.0,
            contracts_end=False,
        ),
        Scenario("W8", "As W1, but a tiny business.", customers=150),
    )
}


def scenario_named(scenario: str | Scenario) -> Scenario:
    """Return a scenario by its name; a ``Scenario`` is returned as it is.

    Parameters
    ----------
    scenario
        ``"W0"`` to ``"W8"`` in either case, or a record made from one of them.

    Raises
    ------
    WorldUnknown
        If there is no such scenario.

    Examples
    --------
    >>> scenario_named("w8").customers
    150
    """
    if isinstance(scenario, Scenario):
        return scenario
    known = SCENARIOS.get(str(scenario).strip().upper())
    if known is None:
        raise WorldUnknown(scenario=str(scenario)[:40], known=", ".join(SCENARIOS))
    return known


def whole_number(value: int, *, name: str, least: int, most: int) -> int:
    """Return the value if it is a whole number in the range.

    Parameters
    ----------
    value
        What was given.
    name
        What it is called, for the error.
    least, most
        The range, both ends included.

    Raises
    ------
    WorldSizeInvalid
        If it is not a whole number or outside the range.

    Examples
    --------
    >>> whole_number(3, name="weeks", least=1, most=520)
    3
    """
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or not least <= value <= most:
        raise WorldSizeInvalid(name=name, least=least, most=most, value=value)
    return int(value)
