"""Changes of persons; each writes once, in one transaction, with audit and outbox."""

from huitouke.service.customers.commands.branding import BRAND_MOST, BrandInvalid, name_brand
from huitouke.service.customers.commands.cards import give_card
from huitouke.service.customers.commands.changing import change, enrol, enrol_each, mark_bought
from huitouke.service.customers.commands.consent import (
    ConsentInvalid,
    answer_profiling,
    record_consent,
)
from huitouke.service.customers.commands.creating import (
    IdentitiesContested,
    IdentityTaken,
    create,
    find_or_create,
)
from huitouke.service.customers.commands.erasing import erase
from huitouke.service.customers.commands.identities import (
    IdentityUnknown,
    add_identity,
    remove_identity,
    show_address,
)
from huitouke.service.customers.commands.importing import (
    IdentityMissing,
    Made,
    NewCustomer,
    create_many,
)
from huitouke.service.customers.commands.merging import (
    UNDO_DAYS,
    MergeCovered,
    MergeTooOld,
    MergeUnknown,
    SamePerson,
    merge,
    unmerge,
)
from huitouke.service.customers.commands.wording import (
    WORDING_MOST,
    WordingInvalid,
    set_wording,
)

__all__ = [
    "BRAND_MOST",
    "UNDO_DAYS",
    "WORDING_MOST",
    "BrandInvalid",
    "ConsentInvalid",
    "IdentitiesContested",
    "IdentityMissing",
    "IdentityTaken",
    "IdentityUnknown",
    "Made",
    "MergeCovered",
    "MergeTooOld",
    "MergeUnknown",
    "NewCustomer",
    "SamePerson",
    "WordingInvalid",
    "add_identity",
    "answer_profiling",
    "change",
    "create",
    "create_many",
    "enrol",
    "enrol_each",
    "erase",
    "find_or_create",
    "give_card",
    "mark_bought",
    "merge",
    "name_brand",
    "record_consent",
    "remove_identity",
    "set_wording",
    "show_address",
    "unmerge",
]
