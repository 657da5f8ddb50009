"""Why a model's verdict is what it is: the messages of every fit record."""

from __future__ import annotations

from huitouke.language import N_

__all__ = [
    "ALIKE_BUYING",
    "ALIKE_CONTRACTS",
    "ALIKE_LEAVING",
    "ALIKE_LIVES",
    "ALIKE_RATES",
    "ALIKE_SPEND",
    "CONSTANT_SPEND",
    "EVERYBODY_LEFT",
    "FEW_CONTRACTS",
    "FEW_CUSTOMERS",
    "FEW_REPEATERS",
    "FEW_SPENDERS",
    "INFINITE_MEAN",
    "NOBODY_LEAVES",
    "NOBODY_LEFT_YET",
    "NO_OPTIMUM",
    "NO_REPEAT",
    "NO_SPEND",
    "SHORT_HISTORY",
    "SPEND_WITH_FREQUENCY",
]

FEW_CUSTOMERS = N_("There are too few customers to fit this model.")
NO_REPEAT = N_("No customer has bought twice.")
FEW_REPEATERS = N_("Too few customers have bought twice.")
SHORT_HISTORY = N_("The history is shorter than two typical gaps between purchases.")
NO_OPTIMUM = N_("No set of parameters is clearly the best one.")

ALIKE_RATES = N_("All customers buy at one rate: their differences cannot be seen.")
ALIKE_LEAVING = N_("All customers are equally likely to leave: differences cannot be seen.")
ALIKE_LIVES = N_("All customers leave at one pace: their differences cannot be seen.")
ALIKE_BUYING = N_("All customers buy with one chance: their differences cannot be seen.")
NOBODY_LEAVES = N_("No sign that customers leave: the model has become its rival NBD.")

FEW_SPENDERS = N_("Too few customers have bought twice to say how spend differs.")
NO_SPEND = N_("No customer has a repeat purchase with spend above zero.")
CONSTANT_SPEND = N_("Every customer spends the same.")
ALIKE_SPEND = N_("Customers do not differ in what they spend.")
INFINITE_MEAN = N_("Spend has so heavy a tail that its average has no finite value (q <= 1).")
SPEND_WITH_FREQUENCY = N_("Frequent buyers spend differently: spend and frequency go together.")

NOBODY_LEFT_YET = N_("No contract has ended yet.")
EVERYBODY_LEFT = N_("Every contract ended at its first renewal.")
FEW_CONTRACTS = N_("There are too few contracts to fit this model.")
ALIKE_CONTRACTS = N_("All customers renew with one chance: their differences cannot be seen.")
