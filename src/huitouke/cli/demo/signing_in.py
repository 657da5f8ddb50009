"""Who may sign in to a demo: made when it is loaded, kept beside its data for the next start.

A demo answers on this machine only; its sign-ins lie in a file that its owner alone can read.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from django.utils.crypto import get_random_string

from huitouke.cli.demo.shops import ACTOR
from huitouke.errors import HuitoukeError
from huitouke.language import N_
from huitouke.service.core import clock, keys, staff
from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import public_id
from huitouke.service.core.scopes import SCOPES

__all__ = ["SignIns", "SignInsUnreadable", "enter_staff", "keep", "make_key", "read"]

_FILE = "sign-ins.json"
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_STAFF: tuple[tuple[str, str], ...] = (
    ("owner", "沈月华"),
    ("marketer", "林知夏"),
    ("care", "周静怡"),
    ("front_line", "何子轩"),
    ("analyst", "顾修远"),
    ("developer", "陆一鸣"),
)


class SignInsUnreadable(HuitoukeError):
    """The file with the sign-ins of a demo is gone or cannot be read."""

    code = "cli.demo_sign_ins_unreadable"
    says = N_("The sign-ins of this demo cannot be read from {file}.")
    remedy = N_("Delete the folder {folder} and start again: the demo is loaded anew.")


@dataclass(frozen=True)
class SignIns:
    """What a person types to sign in.

    Parameters
    ----------
    password
        Of every person of the staff.
    emails
        Their addresses, by role.
    member
        Phone, e-mail or number of a member, for the portal; empty: nobody can sign in.
    api_key
        Of a machine that may do everything.
    """

    password: str
    emails: dict[str, str]
    member: str = ""
    api_key: str = ""


def enter_staff() -> tuple[SignIns, dict[str, Actor]]:
    """Enter one person of the staff for each role, all with one new password.

    Returns
    -------
    tuple
        Their sign-ins, and who they are in audit log and journals, by role.
    """
    password = "-".join(get_random_string(4, _LETTERS) for _ in range(3))
    emails, actors = {}, {}
    for role, name in _STAFF:
        emails[role] = f"{role.replace('_', '-')}@demo.example"
        made = staff.create(
            emails[role], role=role, name=name, password=password, at=clock.now(), actor=ACTOR
        )
        actors[role] = Actor("staff", public_id("stf", made.record.id))
    return SignIns(password, emails), actors


def make_key(actor: Actor) -> str:
    """Make an API key that may do everything.

    Parameters
    ----------
    actor
        Who makes it.
    """
    made = keys.create("till", scopes=list(SCOPES), at=clock.now(), actor=actor)
    return made.secret


def keep(given: SignIns, *, folder: Path) -> None:
    """Write the sign-ins beside the data, readable by the owner only.

    Parameters
    ----------
    given
        The sign-ins.
    folder
        The demo's data folder.
    """
    file = folder / _FILE
    file.unlink(missing_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as new:
        json.dump(asdict(given), new, indent=1)


def read(folder: Path) -> SignIns:
    """Return the sign-ins of a demo that was loaded before.

    Parameters
    ----------
    folder
        Its data folder.

    Raises
    ------
    SignInsUnreadable
        If they cannot be read.
    """
    file = folder / _FILE
    try:
        return SignIns(**json.loads(file.read_text("utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise SignInsUnreadable(file=file, folder=folder) from error
