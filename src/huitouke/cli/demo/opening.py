"""Open a demo shop: load it the first time, find it loaded ever after."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from huitouke.cli.service import Running, owner_database, service
from huitouke.errors import HuitoukeError
from huitouke.language import N_
from huitouke.service.config.embedded import begin_anew

if TYPE_CHECKING:  # they need Django's settings
    from huitouke.cli.demo.shops import Tell
    from huitouke.cli.demo.signing_in import SignIns

__all__ = ["DemoFolderTaken", "Opened", "opened"]


class DemoFolderTaken(HuitoukeError):
    """The data folder holds another shop, maybe a real one."""

    code = "cli.demo_folder_taken"
    says = N_("The folder {folder} holds another shop already; nothing in it was changed.")
    remedy = N_("Name an empty folder with --data-dir, or leave it out.")


@dataclass(frozen=True)
class Opened:
    """A demo shop that is ready to be served.

    Parameters
    ----------
    running
        Its database.
    sign_ins
        Who may sign in.
    new
        Whether it was loaded just now.
    """

    running: Running
    sign_ins: SignIns
    new: bool


@contextmanager
def opened(code: str, *, folder: Path, customers: int | None, tell: Tell) -> Iterator[Opened]:
    """Have a demo shop ready while the block runs.

    Parameters
    ----------
    code
        Which shop, of ``SHOPS``.
    folder
        Its data folder.
    customers
        How many customers to simulate; None is as many as the shop has.
    tell
        Told each step of loading in a sentence.

    Raises
    ------
    DemoFolderTaken
        If the folder holds another shop.
    DemoDataMissing
        If the shop's data are not installed.
    """
    tell(N_("Starting PostgreSQL"))
    with owner_database(data_dir=folder) as url:
        if _was_interrupted(code, folder=folder):
            tell(N_("Loading was interrupted last time; the shop is loaded anew"))
            begin_anew(url)
        with service(data_dir=folder, starter=False) as running:
            from huitouke.cli.demo import signing_in  # noqa: PLC0415 - needs Django
            from huitouke.service.core.shop import shop  # noqa: PLC0415

            found = shop()
            new = not (found.is_demo and found.loaded)
            if new:
                _load(code, folder=folder, customers=customers, tell=tell)
            yield Opened(running, signing_in.read(folder), new)


def _was_interrupted(code: str, *, folder: Path) -> bool:
    """Say whether the shop was begun and not finished; refuse the folder of another one."""
    with service(data_dir=folder, starter=False):
        from huitouke.service.core.models import Staff  # noqa: PLC0415 - needs Django
        from huitouke.service.core.shop import shop  # noqa: PLC0415
        from huitouke.service.customers.models import Customer  # noqa: PLC0415
        from huitouke.service.programme.models.versions import Programme  # noqa: PLC0415

        found = shop()
        somebody = any(record.objects.exists() for record in (Programme, Customer, Staff))
        if found.code != code and (found.is_demo or somebody):
            raise DemoFolderTaken(folder=folder)
        return found.code == code and not found.loaded


def _load(code: str, *, folder: Path, customers: int | None, tell: Tell) -> None:
    from huitouke.cli.demo import signing_in  # noqa: PLC0415 - needs Django
    from huitouke.cli.demo.analysis import analyse, week_before  # noqa: PLC0415
    from huitouke.cli.demo.loaders import loader_of  # noqa: PLC0415
    from huitouke.cli.demo.segments import keep_segments  # noqa: PLC0415
    from huitouke.cli.demo.shops import ACTOR, SHOPS, SIMULATED  # noqa: PLC0415
    from huitouke.service.core import clock, shop  # noqa: PLC0415
    from huitouke.service.programme.economics.closings import close_due  # noqa: PLC0415

    load = loader_of(code)
    shop.describe(SHOPS[code], at=clock.now(), actor=ACTOR)
    sign_ins, staff = signing_in.enter_staff()
    with _in_a_hurry():
        member = load(staff=staff, customers=customers, tell=tell)
    tell(N_("Looking at every customer: the analysis"))
    if code == SIMULATED.code:
        # What changed since the last time needs a last time. The public data are a year that
        # is over, in which no week passes.
        analyse(actor=staff["analyst"], as_of=week_before())
    if not analyse(actor=staff["analyst"]):
        tell(N_("The analysis could not be done; the pages say why"))
    close_due(at=clock.now())
    keep_segments(actor=staff["marketer"])
    key = signing_in.make_key(staff["developer"])
    signing_in.keep(replace(sign_ins, member=member, api_key=key), folder=folder)
    shop.finish_loading(at=clock.now())


@contextmanager
def _in_a_hurry() -> Iterator[None]:
    """Let commits of this connection not wait for the disk: what is lost is loaded anew."""
    from django.db import connection  # noqa: PLC0415 - needs Django

    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET synchronous_commit")
