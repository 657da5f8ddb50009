"""Two records are one person: everything moves to one of them, and can be moved back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from huitouke.language import N_
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import public_id
from huitouke.service.core.person import parts
from huitouke.service.customers.following import CustomerErased, lock
from huitouke.service.customers.journal import wrote
from huitouke.service.customers.models import UNDO_DAYS, Customer, Merge

__all__ = [
    "UNDO_DAYS",
    "MergeCovered",
    "MergeTooOld",
    "MergeUnknown",
    "SamePerson",
    "merge",
    "unmerge",
]


class SamePerson(ServiceError):
    """The two are one already."""

    code = "customers.same_person"
    status = 409
    says = N_("{loser} and {winner} are one person already.")
    remedy = N_("Nothing is left to merge; read the customer under either id.")


class MergeUnknown(ServiceError):
    """There was no such merge."""

    code = "customers.merge_unknown"
    status = 404
    says = N_("There is no merge {merge}.")
    remedy = N_("Use the id that the merge was answered with.")


class MergeTooOld(ServiceError):
    """The time in which a merge can be undone is over."""

    code = "customers.merge_too_old"
    status = 409
    says = N_("The merge {merge} is older than {days} days.")
    remedy = N_("Make a new customer and move by hand what belongs to them.")


class MergeCovered(ServiceError):
    """A later merge has taken everything further."""

    code = "customers.merge_covered"
    status = 409
    says = N_("The customer of the merge {merge} was merged again, by {later}.")
    remedy = N_("Undo the later merge first.")


def merge(loser_id: UUID, *, into: UUID, at: datetime, actor: Actor) -> Merge:
    """Move everything of one customer to another; the old id leads to the other from now on.

    Either id may have been merged before: then the records they lead to are merged. Asking
    again for the same merge gives the same record.

    Parameters
    ----------
    loser_id
        Who is to be one with the other.
    into
        Who stays.
    at
        The present moment.
    actor
        Who found that they are one.

    Raises
    ------
    SamePerson
        If both ids lead to one record, and not by this very merge.
    CustomerUnknown, CustomerErased
        If one is not there, or no more.
    """
    with transaction.atomic():
        held = lock({loser_id, into})
        loser, winner = held[loser_id], held[into]
        if loser.pk == winner.pk:
            return _same(loser_id, into)
        moved = {
            part.name: part.merge(loser.pk, into=winner.pk, at=at, actor=actor)
            for part in parts()
        }
        Customer.objects.filter(pk=loser.pk).update(merged_into=winner)
        made = Merge.objects.create(
            loser=loser, winner=winner, moved=moved, at=at, actor=str(actor)
        )
        wrote("member.merged", customer=winner.pk, actor=actor, facts=_facts(made))
    return made


def _same(loser: UUID, winner: UUID) -> Merge:
    known = Merge.objects.filter(loser=loser, winner=winner, undone_at__isnull=True).first()
    if known is None:
        raise SamePerson(loser=public_id("cus", loser), winner=public_id("cus", winner))
    return known


def _facts(made: Merge) -> dict[str, Any]:
    return {
        "merge": public_id("mrg", made.pk),
        "merged": public_id("cus", made.loser_id),
        "into": public_id("cus", made.winner_id),
    }


def unmerge(merge_id: UUID, *, at: datetime, actor: Actor) -> Merge:
    """Move back what a merge moved; what came since stays with the one who stayed.

    Undoing what was undone changes nothing.

    Parameters
    ----------
    merge_id
        The merge to undo.
    at
        The present moment, at most 30 days after the merge.
    actor
        Who undoes it.

    Raises
    ------
    MergeUnknown
        If there was no such merge.
    MergeTooOld
        If it is older than 30 days.
    MergeCovered
        If the one who stayed was merged into a third since.
    CustomerErased
        If the person was erased since.
    """
    with transaction.atomic():
        made = _locked(merge_id)
        if made.undone_at is not None:
            return made
        _check(made, at=at)
        Customer.objects.filter(pk=made.loser_id).update(merged_into=None)
        # A part that came with a later release moved nothing.
        for part in (part for part in parts() if part.name in made.moved):
            moved = made.moved[part.name]
            part.unmerge(made.loser_id, winner=made.winner_id, moved=moved, at=at, actor=actor)
        made.undone_at, made.undone_by = at, str(actor)
        made.save(update_fields=["undone_at", "undone_by"])
        wrote("member.unmerged", customer=made.winner_id, actor=actor, facts=_facts(made))
    return made


def _locked(merge_id: UUID) -> Merge:
    """Lock both records, in order of id, and read the merge as it is then."""
    found = Merge.objects.filter(pk=merge_id).first()
    if found is None:
        raise MergeUnknown(merge=public_id("mrg", merge_id))
    both = Customer.objects.filter(pk__in=[found.loser_id, found.winner_id]).order_by("pk")
    list(both.select_for_update(no_key=True))
    return Merge.objects.select_related("winner").get(pk=merge_id)


def _check(made: Merge, *, at: datetime) -> None:
    name = public_id("mrg", made.pk)
    if made.winner.erased_at is not None:
        raise CustomerErased(customer=public_id("cus", made.winner_id))
    if at - made.at > timedelta(days=UNDO_DAYS):
        raise MergeTooOld(merge=name, days=UNDO_DAYS)
    if made.winner.merged_into_id is not None:
        later = Merge.objects.get(loser=made.winner_id, undone_at__isnull=True)
        raise MergeCovered(merge=name, later=public_id("mrg", later.pk))
