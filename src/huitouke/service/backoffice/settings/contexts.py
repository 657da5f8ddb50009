"""What the templates of settings receive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from huitouke.service.backoffice.settings.forms import (
    BrandForm,
    EconomicsForm,
    KeyForm,
    PlaceForm,
    ShopForm,
    WebhookForm,
    WordingForm,
)
from huitouke.service.core.health import Health

__all__ = [
    "Audit",
    "AuditRow",
    "BrandRow",
    "Deliveries",
    "DeliveryPage",
    "DeliveryRow",
    "HealthPage",
    "KeyRow",
    "Keys",
    "PermissionRow",
    "ProgrammeRow",
    "Roles",
    "Secret",
    "ShopPage",
    "TryRow",
    "WebhookPage",
    "WebhookRow",
    "Webhooks",
    "WordingPart",
    "WordingRow",
]


@dataclass(frozen=True)
class ProgrammeRow:
    """One programme: where it counts, and what."""

    name: str
    code: str
    currency: str
    zone: str
    units: tuple[str, ...]


@dataclass(frozen=True)
class WordingRow:
    """One version of the words of consent: its name, since when, by whom, and the words."""

    version: str
    since: datetime | None
    who: str
    text: str


@dataclass(frozen=True)
class WordingPart:
    """The words that ask for one thing, at the till and on the phone alike.

    Parameters
    ----------
    title, note
        What they ask for, and where they are shown.
    form, key
        Of the form for other words.
    version
        Of the words that are shown now.
    rows
        All versions, newest first.
    """

    title: str
    note: str
    form: WordingForm
    key: str
    version: str
    rows: tuple[WordingRow, ...]


@dataclass(frozen=True)
class BrandRow:
    """One brand: its code, its names, and where they are changed."""

    code: str
    name_zh: str
    name_en: str
    url: str


@dataclass(frozen=True)
class ShopPage:
    """The page of the shop."""

    form: ShopForm
    form_key: str
    place: PlaceForm | None
    place_key: str
    economics: EconomicsForm
    economics_key: str
    wordings: tuple[WordingPart, ...]
    kind: str
    attribution: str
    brands: tuple[BrandRow, ...]
    brand: BrandForm
    brand_key: str
    programmes: tuple[ProgrammeRow, ...]
    set_outside: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class PermissionRow:
    """One permission, and for each role whether it has it."""

    name: str
    says: str
    had: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Roles:
    """What each role may do."""

    roles: tuple[tuple[str, str], ...]
    rows: tuple[PermissionRow, ...]


@dataclass(frozen=True)
class KeyRow:
    """One API key; never the key itself."""

    key: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    state: str
    tone: str
    live: bool


@dataclass(frozen=True)
class Keys:
    """The page of API keys."""

    keys: tuple[KeyRow, ...]
    form: KeyForm
    form_key: str


@dataclass(frozen=True)
class Secret:
    """A secret that was just made, on the one page that ever shows it."""

    title: str
    lead: str
    secret: str
    back: str
    back_url: str
    use: str


@dataclass(frozen=True)
class WebhookRow:
    """One webhook; never its secret."""

    key: str
    url: str
    address: str
    description: str
    topics: tuple[str, ...]
    state: str
    tone: str
    active: bool
    failures: int


@dataclass(frozen=True)
class Webhooks:
    """The page of webhooks."""

    webhooks: tuple[WebhookRow, ...]
    form: WebhookForm
    form_key: str


@dataclass(frozen=True)
class DeliveryRow:
    """One delivery in the log."""

    key: str
    url: str
    topic: str
    subject: str
    at: datetime
    state: str
    tone: str
    tries: int
    note: str


@dataclass(frozen=True)
class Deliveries:
    """Deliveries of a webhook, newest first, and how to read on."""

    rows: tuple[DeliveryRow, ...]
    chosen: str
    states: tuple[tuple[str, str], ...]
    older_url: str


@dataclass(frozen=True)
class WebhookPage:
    """The page of one webhook."""

    webhook: WebhookRow
    created_at: datetime
    paused_until: datetime | None
    old_secret_until: datetime | None
    form: WebhookForm
    form_key: str
    log: Deliveries


@dataclass(frozen=True)
class TryRow:
    """One try of a delivery, and what came back."""

    at: datetime
    answered: str
    tone: str
    answer: str
    ms: int


@dataclass(frozen=True)
class DeliveryPage:
    """The page of one delivery."""

    delivery: DeliveryRow
    webhook_url: str
    address: str
    next_at: datetime | None
    tries: tuple[TryRow, ...]
    form_key: str


@dataclass(frozen=True)
class AuditRow:
    """One line of the audit log."""

    at: datetime
    who: str
    action: str
    says: str
    target: str
    reason: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Audit:
    """The page of the audit log."""

    rows: tuple[AuditRow, ...]
    people: tuple[tuple[str, str], ...]
    families: tuple[tuple[str, str], ...]
    who: str
    what: str
    target: str
    since: str
    until: str
    filtered: bool
    older_url: str


@dataclass(frozen=True)
class HealthPage:
    """How the service is."""

    health: Health
    version: str
    size_mb: int
    head: str
    checked_well: bool | None
    checked_at: datetime | None
    backed_up_at: datetime | None
