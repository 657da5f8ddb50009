"""What the pages of rules show: frozen, complete, in the reader's words where it is prose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from huitouke.service.backoffice.programme.forms.base import PartForm
from huitouke.service.backoffice.programme.trial import Trial
from huitouke.service.programme.rules.differences import Difference

__all__ = [
    "Broken",
    "DraftPage",
    "Line",
    "PartPage",
    "Programmes",
    "Section",
    "TierLine",
    "VersionRow",
]


@dataclass(frozen=True)
class Line:
    """One sentence of a definition.

    Parameters
    ----------
    name
        Of the rule or card; empty where the sentence says all.
    says
        The sentence.
    url
        Where it is changed; empty: it is not.
    off
        Whether it is switched off.
    """

    name: str
    says: str
    url: str = ""
    off: bool = False

    @property
    def label(self) -> str:
        """What the way to change it is heard as."""
        return self.name or self.says


@dataclass(frozen=True)
class TierLine:
    """One tier as a person reads it.

    Parameters
    ----------
    name, breath, reach
        What it is called, brings in one breath, and takes.
    benefits
        Name and the English message of what kind it is.
    url
        Where it is changed; empty: it is not.
    """

    name: str
    breath: str
    reach: str
    benefits: tuple[tuple[str, str], ...]
    url: str = ""


@dataclass(frozen=True)
class Section:
    """Sentences that belong together.

    Parameters
    ----------
    title
        English message.
    lines
        In order.
    url
        Where the section as a whole is changed; empty: nowhere.
    adds
        Addresses that add one, with the English message of what.
    """

    title: str
    lines: tuple[Line, ...]
    url: str = ""
    adds: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Programmes:
    """A definition as a person reads it.

    Parameters
    ----------
    tiers
        Lowest first.
    tier_rules
        How members rise, stay and fall; its address where it is changed.
    sections
        The rest.
    add_tier
        Address that adds a tier; empty: nowhere.
    """

    tiers: tuple[TierLine, ...]
    tier_rules: Section
    sections: tuple[Section, ...]
    add_tier: str = ""

    @property
    def rules(self) -> Section:
        """How points are earned."""
        return self.sections[0]

    @property
    def others(self) -> tuple[Section, ...]:
        """All but how points are earned."""
        return self.sections[1:]


@dataclass(frozen=True)
class VersionRow:
    """One version in a list.

    Parameters
    ----------
    id, number, state, note
        Which, and what it is for.
    since, until
        In force from and to; of a draft, when it was changed last.
    who
        Who published it, or changed the draft last.
    """

    id: str
    number: int
    state: str
    note: str
    since: datetime | None
    until: datetime | None
    who: str


@dataclass(frozen=True)
class Broken:
    """One thing that a draft must mend before it can be published.

    Parameters
    ----------
    says
        In the reader's words.
    url
        Where it is mended.
    """

    says: str
    url: str


@dataclass(frozen=True)
class DraftPage:
    """A draft: what it says, what it changes, what is wrong, what comes next.

    Parameters
    ----------
    version
        Which.
    revision
        Counts its changes.
    reads
        What it says.
    differences
        From the version in force.
    broken
        What does not hold together.
    trial
        The sample cart.
    changes
        Whether the reader may change it.
    spans
        How far back a back-test may go: value and label.
    key
        Of its forms.
    """

    version: VersionRow
    revision: int
    reads: Programmes
    differences: tuple[Difference, ...]
    broken: tuple[Broken, ...]
    trial: Trial
    changes: bool
    spans: tuple[tuple[str, str], ...]
    key: str


@dataclass(frozen=True)
class PartPage:
    """One part of a draft in its form.

    Parameters
    ----------
    version
        Which draft.
    revision
        The one that was read.
    part
        Name of the part: its template is called so.
    title
        English message.
    form
        Changes it.
    preview
        What it says at present, a sentence each.
    removable
        Whether it can be taken out.
    trial
        The sample cart.
    key
        Of the form.
    here, remove_url
        Its own address, and that which takes it out.
    """

    version: VersionRow
    revision: int
    part: str
    title: str
    form: PartForm
    preview: tuple[str, ...]
    removable: bool
    trial: Trial
    key: str
    here: str
    remove_url: str

    @property
    def template(self) -> str:
        """Draws the fields of this kind of part."""
        return f"backoffice/programme/parts/{self.part}.html"
