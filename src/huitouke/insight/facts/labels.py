"""Ids, names and words: trimmed, whole numbers without a decimal tail, empty words as null."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from huitouke.insight.facts.headings import normalised

__all__ = ["IdEvidence", "as_text", "is_empty_word", "read_labels", "says_nothing", "weigh_ids"]

# What people and programs write where there is nothing, in small letters.
_EMPTY_WORDS = ("", "nan", "nat", "null", "none", "na", "n/a", "#n/a", "-", "--", "<na>")
_NOTHING = """
    无 無 没有 沒有 暂无 未有 空 否 未申请 未发起 不涉及 不适用 — – ——
    无退款 無退款 没有退款 沒有退款 未退款 不退款 无需退款 未发生退款 无退款申请 無退款申請
    没有申请退款 没申请退款 未申请退款 未发起退款 退款关闭 退款已关闭 退款取消 已取消退款
    撤销退款 退款已撤销 无退货 未退货 没有退货 无退换货 无售后 無售後 没有售后 未发起售后
    无售后或售后取消 售后取消 售后关闭 无优惠 没有优惠 未使用优惠 无折扣 不打折 无优惠券
    未使用优惠券 no nil nothing norefund norefunds notrefunded norefundrequested noreturn
    noreturns notreturned nodiscount notapplicable false
"""

#: Words for "none" in a column of optional amounts, normalised; "" is a lone stroke or dot.
_NOTHING_WORDS = frozenset({"", *map(normalised, _NOTHING.split())})
_POINT_ZERO = r"^-?[0-9]+\.0+$"
_SCIENTIFIC = r"^[0-9](\.[0-9]+)?[eE]\+[0-9]{1,2}$"


# Made when it is needed: an Arrow array made of Python's words loads pandas, which a process
# that only shows pages has no use for.
@cache
def _empty_words() -> pa.Array:
    return pa.array(_EMPTY_WORDS)


def is_empty_word(texts: pa.Array) -> pa.BooleanArray:
    """Say of each text whether it is what people and programs write where there is nothing.

    Parameters
    ----------
    texts
        Strings.

    Examples
    --------
    >>> is_empty_word(pa.array(["N/A", "tea", ""])).to_pylist()
    [True, False, True]
    """
    return pc.is_in(pc.utf8_lower(texts), value_set=_empty_words())


@dataclass
class IdEvidence:
    """What the ids of a column look like.

    Parameters
    ----------
    given
        Different ids looked at, part by part of the file.
    point_zero
        Those that are whole numbers with ``.0`` behind.
    digits
        Those made of digits only.
    cancelling
        Those made of the letter C and digits.
    scientific
        Those that a spreadsheet has cut to the form 1.38E+10.
    """

    given: int = 0
    point_zero: int = 0
    digits: int = 0
    cancelling: int = 0
    scientific: int = 0

    def plus(self, other: IdEvidence) -> IdEvidence:
        """Return the evidence of two columns together.

        Parameters
        ----------
        other
            The other column's.
        """
        return IdEvidence(
            self.given + other.given,
            self.point_zero + other.point_zero,
            self.digits + other.digits,
            self.cancelling + other.cancelling,
            self.scientific + other.scientific,
        )

    @property
    def drops_point_zero(self) -> bool:
        """True if every id is a whole number written with ``.0`` behind."""
        return 0 < self.given == self.point_zero

    @property
    def marks_cancellations(self) -> bool:
        """True if C before a number marks a cancellation: nearly all other ids are numbers."""
        others = self.given - self.digits - self.cancelling
        return self.cancelling > 0 and self.digits > 0 and others <= 0.01 * self.given


def as_text(column: pa.Array) -> pa.Array:
    """Return any column as a ``string`` column; whole floats lose their ``.0``.

    Parameters
    ----------
    column
        Any Arrow array.

    Examples
    --------
    >>> as_text(pa.array([17850.0, 1.5, None])).to_pylist()
    ['17850', '1.5', None]
    """
    kind = column.type
    if pa.types.is_string(kind):
        return column
    if pa.types.is_dictionary(kind):
        return as_text(column.dictionary_decode())
    if pa.types.is_floating(kind):
        return _float_text(column.cast(pa.float64()))
    try:
        return column.cast(pa.string())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        return pa.array([None if one is None else str(one) for one in column.to_pylist()])


def _float_text(column: pa.Array) -> pa.Array:
    values = pc.fill_null(column, np.nan).to_numpy(zero_copy_only=False)
    known = np.isfinite(values)
    whole = known & (np.where(known, np.abs(values), np.inf) < 2**53)
    whole &= np.where(whole, values, 0) == np.trunc(np.where(whole, values, 0))
    if whole.all():
        return pa.array(values.astype(np.int64)).cast(pa.string())
    whole_text = pa.array(np.where(whole, values, 0).astype(np.int64)).cast(pa.string())
    other = pc.if_else(pa.array(known), pa.array(values).cast(pa.string()), None)
    return pc.if_else(pa.array(whole), whole_text, other)


def says_nothing(texts: pa.Array) -> npt.NDArray[np.bool_]:
    """Return which texts say in words that an optional amount is not there.

    Parameters
    ----------
    texts
        A ``string`` array without nulls.

    Examples
    --------
    >>> says_nothing(pa.array(["无退款申请", "No refund", "/", "全额退款", "5"])).tolist()
    [True, True, True, False, False]
    """
    words = [normalised(text) in _NOTHING_WORDS for text in texts.to_pylist()]
    return np.array(words, dtype=bool)


def weigh_ids(column: pa.Array, *, evidence: IdEvidence) -> None:
    """Add what some ids look like to the evidence; only text says something.

    Parameters
    ----------
    column
        Any column.
    evidence
        Added to.

    Examples
    --------
    >>> evidence = IdEvidence()
    >>> weigh_ids(pa.array(["536365", "C536379"]), evidence=evidence)
    >>> evidence.marks_cancellations
    True
    """
    if not _is_text(column.type):
        return
    ids = _plain(as_text(column).dictionary_encode().dictionary)
    ids = ids.filter(pc.invert(is_empty_word(ids)))
    evidence.given += len(ids)
    evidence.digits += _count(pc.ascii_is_decimal(ids))
    evidence.cancelling += _count(pc.match_substring_regex(_heads(ids, "c"), "^[Cc][0-9]+$"))
    evidence.point_zero += _count(pc.match_substring_regex(_tails(ids, "0"), _POINT_ZERO))
    evidence.scientific += _count(
        pc.match_substring_regex(ids.filter(pc.match_substring(ids, "E+")), _SCIENTIFIC)
    )


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _heads(ids: pa.Array, letter: str) -> pa.Array:
    return ids.filter(pc.starts_with(ids, letter, ignore_case=True))


def _tails(ids: pa.Array, letter: str) -> pa.Array:
    return ids.filter(pc.ends_with(ids, "." + letter))


def _count(mask: pa.Array) -> int:
    return int(pc.sum(mask).as_py() or 0)


def _plain(texts: pa.Array) -> pa.Array:
    """Trim, and undo what spreadsheets put around ids: ="007" and '007."""
    texts = pc.utf8_trim_whitespace(texts)
    wrapped = pc.starts_with(texts, "=")
    if pc.any(wrapped).as_py():
        texts = pc.replace_substring_regex(texts, r'^="?([^"]*)"?$', r"\1")
    if pc.any(pc.starts_with(texts, "'")).as_py():
        texts = pc.utf8_ltrim(texts, "'")
    return texts


def read_labels(column: pa.Array, *, drop_point_zero: bool = False) -> pa.Array:
    """Read a column of ids or names.

    Parameters
    ----------
    column
        Any column.
    drop_point_zero
        True to write 17850.0 as 17850.

    Returns
    -------
    pyarrow.Array
        ``int64`` if the column holds whole numbers by type, else ``string``; null where
        there is nothing.

    Examples
    --------
    >>> read_labels(pa.array([" 007 ", "nan", '="12"'])).to_pylist()
    ['007', None, '12']
    >>> read_labels(pa.array([17850.0, None])).to_pylist()
    ['17850', None]
    """
    if pa.types.is_integer(column.type) and not pa.types.is_uint64(column.type):
        return column.cast(pa.int64())
    coded = as_text(column).dictionary_encode()
    texts = _plain(coded.dictionary)
    if drop_point_zero:
        texts = pc.replace_substring_regex(texts, r"\.0+$", "")
    return pc.if_else(is_empty_word(texts), None, texts).take(coded.indices)
