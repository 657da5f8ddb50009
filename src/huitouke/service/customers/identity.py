"""By what a customer is known, in one spelling each: phones, e-mails, cards, foreign ids.

Two tills that write the same phone differently mean the same person; two spellings of an
id that its issuer tells apart do not. ``docs/rules/customers.md`` has the table.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError

__all__ = ["KINDS", "IdentityInvalid", "IdentityKindUnknown", "normalise", "readable", "starts"]

LENGTH_MAX = 254

# Wholly assigned mobile numbers of China, most of what a till sends: no parser needed.
_MOBILE_CN = re.compile(r"1(?:[38][0-9]|5[0-35-9])[0-9]{8}")
_PHONE = re.compile(r"\+?[0-9 ().\-]+")
_NAMESPACED = re.compile(r"([A-Za-z][A-Za-z0-9_-]{1,30}):\s*(.+)")
_APP = re.compile(r"w[wx][0-9a-f]{16}")
_WECHAT_ID = re.compile(r"[A-Za-z0-9_-]{6,128}")
# Controls, halves of letters, line and paragraph separators.
_UNREADABLE = {"Cc", "Cs", "Zl", "Zp"}
# Hyphen, non-breaking hyphen, figure dash, en dash, em dash, minus sign.
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))


class IdentityKindUnknown(ServiceError):
    """There is no such kind of identity."""

    code = "customers.identity_kind_unknown"
    status = 422
    says = N_("{given!r} is not a kind of identity.")
    remedy = N_("Kinds are: {kinds}.")


class IdentityInvalid(ServiceError):
    """The text cannot be an identity of its kind; the text itself is not repeated."""

    code = "customers.identity_invalid"
    status = 422
    says = N_("This is not a usable identity of the kind {kind}.")
    remedy = N_(
        "Send phones with their country code (+86 138…), e-mails as name@example.com, WeChat"
        " openids as appid:openid, marketplace ids as taobao:id; at most 254 characters."
    )


class _Unusable(Exception):
    """What a kind's own rule says of a text; told to the caller as IdentityInvalid."""


def _phone(text: str, region: str) -> str:
    if region == "CN" or text.startswith("+86"):
        mobile = text.removeprefix("+86")
        if _MOBILE_CN.fullmatch(mobile):
            return f"+86{mobile}"
    dashed = text.translate(_DASHES)
    # Letters, slashes and extensions would let the parser pick one number out of several.
    if not _PHONE.fullmatch(dashed):
        raise _Unusable
    try:
        number = phonenumbers.parse(dashed, region)
    except phonenumbers.NumberParseException as error:
        raise _Unusable from error
    if not phonenumbers.is_valid_number(number):
        raise _Unusable
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _email(text: str, _region: str) -> str:
    try:
        # Lower case comes first: a letter that changes its form with its case is then checked
        # and composed like any other.
        found = validate_email(text.lower(), check_deliverability=False)
    except EmailNotValidError as error:
        raise _Unusable from error
    return found.normalized


def _card(text: str, _region: str) -> str:
    return "".join(text.upper().split())


def _exact(text: str, _region: str) -> str:
    return text


def _openid(text: str, _region: str) -> str:
    app, _, openid = text.partition(":")
    if not _APP.fullmatch(app.lower()) or not _WECHAT_ID.fullmatch(openid):
        raise _Unusable
    return f"{app.lower()}:{openid}"


def _unionid(text: str, _region: str) -> str:
    if not _WECHAT_ID.fullmatch(text):
        raise _Unusable
    return text


def _marketplace(text: str, _region: str) -> str:
    parts = _NAMESPACED.fullmatch(text)
    if parts is None:
        raise _Unusable
    return f"{parts[1].lower()}:{parts[2]}"


_RULES: dict[str, Callable[[str, str], str]] = {
    "phone": _phone,
    "email": _email,
    "card": _card,
    "external": _exact,
    "wechat_openid": _openid,
    "wechat_unionid": _unionid,
    "marketplace": _marketplace,
}

KINDS: tuple[str, ...] = tuple(_RULES)


def _folded(text: str) -> str:
    """Fold width, drop what cannot be seen (pasted from a phone's contacts), trim."""
    if text.isascii():
        return text.strip()
    folded = unicodedata.normalize("NFKC", text)
    seen = "".join(letter for letter in folded if unicodedata.category(letter) != "Cf")
    return unicodedata.normalize("NFKC", seen.strip())


def readable(text: str) -> bool:
    r"""Say whether a text has only letters that can be seen, kept and searched for.

    Examples
    --------
    >>> readable("李娜"), readable("a\x00")
    (True, False)
    """
    if text.isascii():
        return text.isprintable()
    return not any(unicodedata.category(letter) in _UNREADABLE for letter in text)


def normalise(kind: str, value: str, *, region: str = "CN") -> str:
    """Return the one spelling under which an identity is kept and found.

    Parameters
    ----------
    kind
        One of ``KINDS``.
    value
        As somebody wrote it.
    region
        Country (ISO 3166, two letters) of phones written without a country code.

    Raises
    ------
    IdentityKindUnknown
        If there is no such kind.
    IdentityInvalid
        If the text cannot be an identity of this kind.

    Examples
    --------
    >>> normalise("phone", "138 1234 5678")
    '+8613812345678'
    >>> normalise("email", "Li.Na@Example.COM")
    'li.na@example.com'
    >>> normalise("card", "vip 0012")
    'VIP0012'
    """
    rule = _RULES.get(kind)
    if rule is None:
        raise IdentityKindUnknown(given=kind[:30], kinds=", ".join(KINDS))
    try:
        if len(value) > 2 * LENGTH_MAX:
            raise _Unusable
        found = rule(_folded(value), region)
    except _Unusable:
        raise IdentityInvalid(kind=kind) from None
    if not 0 < len(found) <= LENGTH_MAX or not readable(found):
        raise IdentityInvalid(kind=kind)
    return found


def starts(text: str, *, region: str = "CN") -> Sequence[tuple[str, str]]:
    """Return with what identities may start that a person means by a piece of text.

    Parameters
    ----------
    text
        What was typed into a search box: the beginning of any identity.
    region
        Country of phones written without a country code.

    Returns
    -------
    Sequence[tuple[str, str]]
        Kind and beginning of the kept value.

    Examples
    --------
    >>> dict(starts("138 12"))["phone"]
    '+8613812'
    """
    folded = _folded(text)
    if not folded or len(folded) > LENGTH_MAX or not readable(folded):
        return ()
    found = [("card", _card(folded, region)), ("email", folded.lower())]
    found += [(kind, folded) for kind in ("external", "wechat_openid", "wechat_unionid")]
    name, colon, rest = folded.partition(":")
    found.append(("marketplace", f"{name.lower()}{colon}{rest.strip()}"))
    if _PHONE.fullmatch(folded.translate(_DASHES)):
        found += [("phone", start) for start in _phone_starts(folded, region)]
    return tuple(found)


def _phone_starts(text: str, region: str) -> set[str]:
    """Return the beginnings for a number that may be whole, or only begun."""
    digits = "".join(letter for letter in text if letter.isdigit())
    country = phonenumbers.country_code_for_region(region)
    begun = {f"+{digits}"} if text.startswith("+") else {f"+{country}{digits}"}
    try:
        return {normalise("phone", text, region=region)}
    except IdentityInvalid:
        return begun if digits else set()
