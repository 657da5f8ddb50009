"""What ways to reach somebody and standings of customers are called: English messages."""

from __future__ import annotations

from huitouke.language import N_

__all__ = ["CHANNELS", "STANDINGS"]

CHANNELS: dict[str, str] = {
    "sms": N_("SMS"),
    "email": N_("E-mail"),
    "wechat": N_("WeChat"),
    "phone": N_("Phone call"),
    "push": N_("App message"),
    "post": N_("Post"),
}
#: Of many: what lists are narrowed to.
STANDINGS: dict[str, str] = {
    "member": N_("Members"),
    "customer": N_("Bought"),
    "fan": N_("Fans"),
}
