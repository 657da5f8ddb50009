"""Which lines of a cart a coupon or a stamp card looks at."""

from __future__ import annotations

from huitouke.service.programme.rules.cart import CartLine
from huitouke.service.programme.rules.shapes import Scope, Selection

__all__ = ["takes"]


def _names(selection: Selection, line: CartLine) -> bool:
    return (
        line.sku in selection.skus
        or line.category in selection.categories
        or line.brand in selection.brands
    )


def takes(scope: Scope | None, line: CartLine) -> bool:
    """Say whether a line is in scope; a scope that includes nothing by name takes all.

    Parameters
    ----------
    scope
        Which goods; none is all.
    line
        Of a cart.

    Examples
    --------
    >>> tea = CartLine(position=1, amount_minor=500, category="tea")
    >>> takes(Scope(exclude=Selection(categories=("tea",))), tea)
    False
    """
    if scope is None:
        return True
    if _names(scope.exclude, line):
        return False
    every = not (scope.include.skus or scope.include.categories or scope.include.brands)
    return every or _names(scope.include, line)
