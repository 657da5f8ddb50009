"""What components are drawn with: attributes passed on safely, marks, choices of switches."""

from __future__ import annotations

from functools import cache

from django.forms import BoundField
from django.template import Library
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django_cotton.templatetags import Attrs
from lucide.templatetags.lucide import lucide

from huitouke.language import LANGUAGES
from huitouke.service.ui.choosing import NAMES, THEME_NAMES, THEMES
from huitouke.service.ui.reader import Reader, current

__all__ = ["blank", "icon", "initials", "languages", "passed_on", "reader", "themes"]

#: Forms of address that stand behind a Chinese family name.
_ADDRESSED = ("先生", "女士", "小姐", "太太", "老师")

register = Library()


@register.filter
def passed_on(attrs: Attrs) -> SafeString:
    """Write the attributes that a component was given and has no use of its own for.

    Cotton's own ``{{ attrs }}`` trusts values that come as objects; here all are escaped.

    Parameters
    ----------
    attrs
        The component's ``attrs``.

    Examples
    --------
    >>> passed_on(Attrs({"title": '" onclick="x', "hidden": True}))
    ' title="&quot; onclick=&quot;x" hidden'
    """
    written = []
    for name, each in attrs.attrs_dict().items():
        if each is True:
            written.append(format_html(" {}", name))
        elif each is not False and each is not None:
            written.append(format_html(' {}="{}"', name, each))
    return SafeString("".join(written))


@register.simple_tag
def icon(name: str, size: int = 16) -> SafeString:
    """Return a Lucide icon that only decorates; words beside it say the same.

    Parameters
    ----------
    name
        As on lucide.dev.
    size
        Pixels.
    """
    return _icon(name, size)


@cache
def _icon(name: str, size: int) -> SafeString:
    drawn = lucide(name, size=size, aria_hidden="true", focusable="false")
    return SafeString(drawn)


@register.simple_tag
def reader() -> Reader:
    """Return who reads: ``{% reader as me %}``."""
    return current()


@register.simple_tag
def languages() -> list[tuple[str, str]]:
    """Return each language with its own name."""
    return [(each, NAMES[each]) for each in LANGUAGES]


@register.simple_tag
def themes() -> list[tuple[str, str]]:
    """Return each theme with the English message that names it."""
    return [(each, THEME_NAMES[each]) for each in THEMES]


@register.filter
def blank(field: BoundField) -> SafeString:
    """Draw a field as a blank in a sentence: ``{% say "{days} days" days=form.days|blank %}``.

    Its label is heard and not seen, its errors stand right behind it.

    Parameters
    ----------
    field
        Of a form; its label is an English message.
    """
    wrong = format_html_join("", "<span>{}</span>", ((each,) for each in field.errors))
    label = current().words.say(str(field.label))
    if wrong:
        wrong = format_html('<span class="wrong" id="{}_error">{}</span>', field.auto_id, wrong)
    return format_html(
        '<span class="blank"{}><label class="hidden" for="{}">{}</label>{}{}</span>',
        SafeString(" data-wrong") if wrong else "",
        field.id_for_label,
        label,
        field,
        wrong,
    )


@register.filter
def initials(name: str) -> str:
    """Return one or two letters that stand for a person.

    Parameters
    ----------
    name
        A Chinese name gives its last character, or its first where the last are a form of
        address; another the first letters of two words.

    Examples
    --------
    >>> initials("林晓雨"), initials("严先生"), initials("Ada Lovelace"), initials(" ")
    ('雨', '严', 'AL', '?')
    """
    parts = str(name).split()
    if not parts:
        return "?"
    if not parts[0][0].isascii() and len(parts) == 1:
        return parts[0][0] if parts[0].endswith(_ADDRESSED) else parts[0][-1]
    return "".join(part[0] for part in (parts[0], parts[-1])[: len(parts)]).upper()
