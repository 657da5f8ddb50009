"""What changes the ledger: every command is one transaction and gives a receipt."""

from huitouke.service.ledger.calling import AWAITED, fits, key_of
from huitouke.service.ledger.commands.batches import earn_batch, spend_batch
from huitouke.service.ledger.commands.closing import close_account
from huitouke.service.ledger.commands.crediting import earn, open_accounts
from huitouke.service.ledger.commands.holding import capture, hold, prolong, release
from huitouke.service.ledger.commands.moving import (
    activate,
    extend,
    merge_accounts,
    transfer,
    unmerge_accounts,
)
from huitouke.service.ledger.commands.reversing import claw_back, restore
from huitouke.service.ledger.commands.settling import expire_inactive, settle, sweep, write_off
from huitouke.service.ledger.commands.spending import spend

__all__ = [
    "AWAITED",
    "activate",
    "capture",
    "claw_back",
    "close_account",
    "earn",
    "earn_batch",
    "expire_inactive",
    "extend",
    "fits",
    "hold",
    "key_of",
    "merge_accounts",
    "open_accounts",
    "prolong",
    "release",
    "restore",
    "settle",
    "spend",
    "spend_batch",
    "sweep",
    "transfer",
    "unmerge_accounts",
    "write_off",
]
