"""Friends and stamps: referrals that wait for a decision, and where stamp cards stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from huitouke.language import N_
from huitouke.service.backoffice.acts import actor_of, at_most_once, new_key
from huitouke.service.backoffice.customers.pointing import Pointed, pointed
from huitouke.service.backoffice.programme.acts import (
    goes,
    own_programme,
    shown,
    tell,
    tell_error,
)
from huitouke.service.core import clock
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import private_id
from huitouke.service.programme.rewards import referrals
from huitouke.service.programme.rewards.overviews import (
    CardCount,
    InReview,
    in_review,
    stamp_counts,
    waiting_referrals,
)
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.rules.told import Teller
from huitouke.service.programme.rules.told_parts import said_of_stamps
from huitouke.service.programme.versions import queries
from huitouke.service.ui.reader import current

__all__ = ["CardRow", "Queue", "ReviewRow", "Stamps", "decide", "review", "stamps"]

_HERE = "programme_referrals"
#: The oldest ones; the next come up as these are decided.
_ROWS_MOST = 25
_FLAGS = {
    "not_new": N_("The friend bought here before coming with the code."),
    "ring": N_("The two brought each other, directly or through others."),
    "same_identity": N_("Both use the same e-mail box."),
    "same_device": N_("The friend uses a device of the advocate or of another friend."),
    "same_address": N_("The friend has an address of the advocate or of another friend."),
    "same_payment_token": N_(
        "The friend pays by a means of the advocate or of another friend."
    ),
    "same_person": N_("The two turned out to be one person."),
    "cap_reached": N_("The advocate had brought as many friends as are rewarded."),
}
_APPROVED = N_("Approved. It is paid when the friend's return window is over.")
_REFUSED = N_("Declined for good. Nothing is paid.")
_REASON = N_("Say why: the decision is kept with its reason.")


@dataclass(frozen=True)
class ReviewRow:
    """One referral that waits.

    Parameters
    ----------
    found
        What is known of it.
    flags
        English messages of why it waits.
    advocate, friend
        The two.
    advocate_gets, friend_gets
        What is at stake for both, in words.
    """

    found: InReview
    flags: tuple[str, ...]
    advocate: Pointed
    friend: Pointed
    advocate_gets: str
    friend_gets: str

    @property
    def approve_id(self) -> str:
        """Id of the dialog that approves."""
        return f"approve-{self.found.referral}"

    @property
    def refuse_id(self) -> str:
        """Id of the dialog that declines."""
        return f"refuse-{self.found.referral}"

    @property
    def dialogs(self) -> tuple[tuple[str, str], ...]:
        """Those that can be: decision, and id."""
        approving = (("approve", self.approve_id),) if self.of_two else ()
        return (*approving, ("refuse", self.refuse_id))

    @property
    def of_two(self) -> bool:
        """Whether it is about two people; nobody is paid for bringing himself."""
        return self.found.advocate != self.found.friend


@dataclass(frozen=True)
class Queue:
    """The review queue.

    Parameters
    ----------
    rows
        Oldest first.
    waiting
        How many wait in all.
    open
        Public id of the one whose dialog is open with a mistake; empty: none.
    error
        What was wrong there.
    key
        Of its forms.
    """

    rows: tuple[ReviewRow, ...]
    waiting: int
    open: str
    error: str
    key: str


@dataclass(frozen=True)
class CardRow:
    """One stamp card.

    Parameters
    ----------
    name, says
        What it is called, and what it asks for; of a card that is no more, its id.
    count
        Where the members' cards stand.
    ended
        Whether the version in force does not have it any more.
    """

    name: str
    says: str
    count: CardCount
    ended: bool


@dataclass(frozen=True)
class Stamps:
    """All stamp cards.

    Parameters
    ----------
    rows
        In the order of the programme.
    at
        As of when.
    """

    rows: tuple[CardRow, ...]
    at: datetime


def _row(found: InReview, *, definition: Definition, whom: Mapping[str, Pointed]) -> ReviewRow:
    teller = Teller(definition, current().language)
    return ReviewRow(
        found=found,
        flags=tuple(_FLAGS.get(flag, flag) for flag in found.flags),
        advocate=whom[found.advocate],
        friend=whom[found.friend],
        advocate_gets=teller.points(found.advocate_points, unit=found.unit),
        friend_gets=teller.points(found.friend_points, unit=found.unit),
    )


def _queue(request: HttpRequest, *, error: str = "", opened: str = "") -> HttpResponse:
    own = own_programme(request)
    force = queries.in_force(own, at=clock.now())
    definition = Definition(zone=own.zone, currency=own.currency) if force is None else force[1]
    waits = in_review(own.code, limit=_ROWS_MOST)
    whom = pointed(request, [key for each in waits for key in (each.advocate, each.friend)])
    rows = tuple(_row(each, definition=definition, whom=whom) for each in waits)
    page = Queue(rows, waiting_referrals(own.code), opened, error, new_key())
    status = 422 if error else 200
    return shown(request, name="referrals", page=page, own=own, here=_HERE, status=status)


@require_safe
def review(request: HttpRequest) -> HttpResponse:
    """List the referrals that wait for a decision.

    Parameters
    ----------
    request
        Of who decides.
    """
    return _queue(request)


@require_POST
def decide(request: HttpRequest, *, referral: str) -> HttpResponse:
    """Approve or decline a referral.

    Parameters
    ----------
    request
        ``decision`` is ``approve`` or ``refuse``, with a ``reason``.
    referral
        Public id.
    """
    approves = request.POST.get("decision") == "approve"
    decision_id = f"{'approve' if approves else 'refuse'}-{referral}"
    reason = request.POST.get(f"reason_{decision_id}", "").strip()[:500]
    if not reason:
        return _queue(request, error=current().words.say(_REASON), opened=referral)
    decision = referrals.approve_referral if approves else referrals.refuse_referral

    def act(_: str) -> str:
        decision(
            private_id("rfl", referral), at=clock.now(), actor=actor_of(request), reason=reason
        )
        return reverse("programme_referrals")

    try:
        address = at_most_once(request, act)
    except ServiceError as error:
        tell_error(request, error)
        return goes(reverse("programme_referrals"))
    tell(request, _APPROVED if approves else _REFUSED)
    return goes(address)


@require_safe
def stamps(request: HttpRequest) -> HttpResponse:
    """Show where the stamp cards stand.

    Parameters
    ----------
    request
        Of whoever reads.
    """
    own, at = own_programme(request), clock.now()
    force, language = queries.in_force(own, at=at), current().language
    definition = None if force is None else force[1]
    counts, rows = stamp_counts(own.code), []
    if definition is not None:
        for card in definition.stamps:
            says = said_of_stamps(card, definition=definition, language=language)
            count = counts.pop(card.id, CardCount(card.id))
            rows.append(CardRow(card.name.said(language), says, count, ended=False))
    rows += [CardRow(card, "", count, ended=True) for card, count in sorted(counts.items())]
    return shown(request, name="stamps", page=Stamps(tuple(rows), at), own=own)
