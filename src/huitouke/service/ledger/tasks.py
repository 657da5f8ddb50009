"""What the ledger does by itself: seal what was written, check the books every night."""

from __future__ import annotations

from django.db import close_old_connections
from procrastinate.contrib.django import app

from huitouke.language import N_
from huitouke.service.core.actor import SYSTEM
from huitouke.service.core.errors import ServiceError
from huitouke.service.ledger.checking import check
from huitouke.service.ledger.seal import seal

__all__ = ["LedgerBroken", "check_books", "seal_journal"]


class LedgerBroken(ServiceError):
    """The nightly check found rows that are not as they must be."""

    code = "ledger.broken"
    status = 500
    says = N_("{number} rows of the points ledger are not as they must be; the first: {first}.")
    remedy = N_("Run 'huitouke ledger verify' and look at each of them before posting on.")


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="ledger.seal", lock="ledger.seal", name="ledger.seal")
def seal_journal(timestamp: int) -> None:  # noqa: ARG001 - procrastinate hands over the moment
    """Seal the operations written since the last time."""
    close_old_connections()
    seal()


@app.periodic(cron="40 3 * * *")
@app.task(queueing_lock="ledger.check", lock="ledger.seal", name="ledger.check")
def check_books(timestamp: int) -> None:  # noqa: ARG001 - as above
    """Check what was written since the last good check, then seal every straggler.

    Raises
    ------
    LedgerBroken
        If anything is broken: it is in the audit log, nothing is corrected, and the job
        stands as failed. The next check begins where this one did.
    """
    close_old_connections()
    verdict = check(full=False, actor=SYSTEM)
    if verdict.broken:
        raise LedgerBroken(number=len(verdict.broken), first=verdict.broken[0].says)
    seal(slack=None)
