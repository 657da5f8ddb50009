"""How much of each line comes back, as it was ticked or typed at the counter."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.http import QueryDict

from huitouke.language import N_
from huitouke.service.backoffice.acts import say
from huitouke.service.backoffice.customers.orders import line_name, pieces_said
from huitouke.service.backoffice.till.contexts import GoodsLine
from huitouke.service.orders.models import Line, Order

__all__ = ["Asked", "asked", "goods"]

_PIECE_E3 = 1_000
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,3})?")


@dataclass(frozen=True)
class Asked:
    """What is to come back.

    Parameters
    ----------
    whole
        Everything that is left.
    lines
        Thousandths by position; None for all that is left of a line.
    typed, wrong
        What was typed for lines of several pieces, and what is wrong with it.
    """

    whole: bool
    lines: Mapping[int, int | None]
    typed: Mapping[int, str]
    wrong: Mapping[int, str]

    @property
    def chosen(self) -> bool:
        """Whether anything is to come back."""
        return self.whole or bool(self.lines)


def _several(line: Line) -> bool:
    """Say whether a part of what is left may come back: two pieces, or what is weighed."""
    left_e3 = line.quantity_e3 - line.returned_e3
    return left_e3 > _PIECE_E3 or bool(left_e3 % _PIECE_E3)


def asked(given: QueryDict, *, order: Order, within: bool) -> Asked:
    """Read what is to come back.

    Parameters
    ----------
    given
        ``whole``, ``line`` (several) and ``pieces1``, ``pieces2`` …
    order
        With its lines at hand.
    within
        Whether more than is left is told beside its field. Not before a form was acted on:
        one that is sent again names what has come back by now, and is answered as before.
    """
    left = {each.position: each.quantity_e3 - each.returned_e3 for each in order.lines.all()}
    known = left.keys()
    ticked = set(given.getlist("line"))
    lines: dict[int, int | None] = dict.fromkeys(
        each for each in sorted(known) if str(each) in ticked
    )
    typed: dict[int, str] = {}
    wrong: dict[int, str] = {}
    for position in sorted(known):
        text = unicodedata.normalize("NFKC", given.get(f"pieces{position}", "")).strip()[:20]
        if not text:
            continue
        typed[position] = text
        if not _NUMBER.fullmatch(text):
            wrong[position] = say(N_("Give a number of pieces."))
            continue
        thousandths = int(Decimal(text) * _PIECE_E3)
        if within and thousandths > left[position]:
            wrong[position] = say(
                N_("Only {n} can still come back."), n=pieces_said(left[position])
            )
        elif thousandths:
            lines[position] = thousandths
    return Asked("whole" in given, lines, typed, wrong)


def goods(order: Order, *, said: Asked | None = None) -> tuple[GoodsLine, ...]:
    """Return the lines of an order, with what is left of them and what was chosen.

    Parameters
    ----------
    order
        With its lines at hand.
    said
        What is to come back; none: nothing was asked yet.
    """
    over = order.status == Order.Status.CANCELLED
    return tuple(
        _line(each, over=over, said=said or Asked(whole=False, lines={}, typed={}, wrong={}))
        for each in sorted(order.lines.all(), key=lambda line: line.position)
    )


def _line(line: Line, *, over: bool, said: Asked) -> GoodsLine:
    left_e3 = line.quantity_e3 - line.returned_e3
    several = _several(line)
    return GoodsLine(
        position=line.position,
        name=line_name(line),
        pieces=pieces_said(line.quantity_e3),
        net_minor=line.net_minor,
        back=pieces_said(line.returned_e3) if line.returned_e3 else "",
        left_minor=0 if over else line.net_minor - line.refunded_minor,
        left=pieces_said(left_e3),
        several=several,
        chosen=said.whole or line.position in said.lines,
        typed=pieces_said(left_e3) if said.whole else said.typed.get(line.position, ""),
        wrong=said.wrong.get(line.position, ""),
    )
