"""What a code looks like: letters that cannot be confused, and one that catches typos.

The alphabet has 32 letters (no 0, O, 1, I), so each random letter is five random bits. The
last letter is a check over the field of 32 elements: with weights that are different powers
of a primitive element it finds every single wrong letter and every two letters swapped, next
to each other or not (the construction is that of a Reed–Solomon code with one check symbol;
Reed & Solomon 1960). ``programme_code_text`` in ``sql/rewards.sql`` writes the same letters.
"""

from __future__ import annotations

__all__ = ["LETTERS", "check_letter", "is_well_formed", "plain"]

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

_VALUES = {letter: value for value, letter in enumerate(LETTERS)}
#: x⁵ + x² + 1, primitive over the field of two elements.
_POLYNOMIAL = 0b100101
_SHORTEST = 8


def plain(given: str) -> str:
    """Return a code as it is stored: capital letters, no spaces and dashes.

    Parameters
    ----------
    given
        As somebody typed it.

    Examples
    --------
    >>> plain("abcd-efgh 2345")
    'ABCDEFGH2345'
    """
    return "".join(letter for letter in given.upper() if letter not in " -\u2010\u2013\t")[:60]


def check_letter(letters: str) -> str:
    """Return the letter that makes a code whole.

    Parameters
    ----------
    letters
        All letters but the last, each of the alphabet.

    Examples
    --------
    >>> check_letter("ABCDEFG")
    '7'
    """
    total = 0
    for letter in letters:
        total ^= _VALUES[letter]
        # Times x, reduced: every place gets another weight.
        total <<= 1
        if total & 32:
            total ^= _POLYNOMIAL
    return LETTERS[total]


def is_well_formed(code: str) -> bool:
    """Say whether a plain code may be one that was generated, before anybody looks it up.

    Parameters
    ----------
    code
        As :func:`plain` gives it.

    Examples
    --------
    >>> is_well_formed("ABCDEFG" + check_letter("ABCDEFG")), is_well_formed("ABCDEFGX")
    (True, False)
    """
    if len(code) < _SHORTEST or any(letter not in _VALUES for letter in code):
        return False
    return check_letter(code[:-1]) == code[-1]
