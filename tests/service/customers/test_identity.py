"""One spelling for each identity, however it was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huitouke.service.customers.identity import (
    KINDS,
    IdentityInvalid,
    IdentityKindUnknown,
    normalise,
    starts,
)


def wide(text):
    """Write a text in full-width letters, as Chinese keyboards do."""
    return "".join(chr(ord(letter) + 0xFEE0) for letter in text)


OPENID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"


@pytest.mark.parametrize(
    ("kind", "written", "kept"),
    [
        ("phone", "13812345678", "+8613812345678"),
        ("phone", "138 1234-5678", "+8613812345678"),
        ("phone", wide("13812345678"), "+8613812345678"),
        ("phone", "+86 138 1234 5678", "+8613812345678"),
        ("phone", "0086-13812345678", "+8613812345678"),
        ("phone", "8613812345678", "+8613812345678"),
        ("phone", "\u202d138\u20111234\u20115678\u202c", "+8613812345678"),
        ("phone", "(0755) 2651 2345", "+8675526512345"),
        ("phone", "+852 9123 4567", "+85291234567"),
        ("phone", "+1 (202) 555-0123", "+12025550123"),
        ("email", " Li.Na@Example.COM ", "li.na@example.com"),
        ("email", "li.na" + wide("@") + "example.com", "li.na@example.com"),
        ("email", "li.na+shop@gmail.com", "li.na+shop@gmail.com"),
        ("email", "王@例子.中国", "王@例子.中国"),
        ("card", " vip 0012 ", "VIP0012"),
        ("card", wide("vip0012"), "VIP0012"),
        ("card", "00-12", "00-12"),
        ("external", " Cust-7a ", "Cust-7a"),
        ("wechat_openid", f"WX1234567890abcdef:{OPENID}", f"wx1234567890abcdef:{OPENID}"),
        ("wechat_unionid", "o6_bmasdasdsad6_2sgVt7hMZOPfL", "o6_bmasdasdsad6_2sgVt7hMZOPfL"),
        ("marketplace", "Taobao: 小李的店", "taobao:小李的店"),
        ("marketplace", "jd:Li_Na", "jd:Li_Na"),
    ],
)
def test_an_identity_is_kept_in_one_spelling(kind, written, kept):
    assert normalise(kind, written) == kept


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("phone", ""),
        ("phone", "12345678901"),
        ("phone", "10086"),
        ("phone", "13812345678/13912345678"),
        ("phone", "010-62512345 ext 8"),
        ("phone", "tel:+8613812345678"),
        ("phone", "unknown"),
        ("email", "li.na"),
        ("email", "li.na@localhost"),
        ("email", "Li Na <li.na@example.com>"),
        ("email", "a" * 250 + "@example.com"),
        ("card", "   "),
        ("card", "1" * 255),
        ("card", "12\x0034"),
        ("external", "\ud800"),
        ("external", "a\nb"),
        ("external", "\u200b"),
        ("wechat_openid", OPENID),
        ("wechat_openid", f"shop:{OPENID}"),
        ("wechat_unionid", "with spaces in it"),
        ("marketplace", "小李的店"),
        ("marketplace", "taobao:"),
        ("external", "x" * 100_000),
    ],
)
def test_what_cannot_be_an_identity_is_refused_without_repeating_it(kind, written):
    with pytest.raises(IdentityInvalid) as refused:
        normalise(kind, written)

    assert refused.value.values == {"kind": kind}


def test_an_unknown_kind_is_refused_with_those_there_are():
    with pytest.raises(IdentityKindUnknown, match="wechat_openid"):
        normalise("fax", "13812345678")


def test_ids_that_their_issuer_tells_apart_stay_apart():
    assert normalise("external", "ab12") != normalise("external", "AB12")
    assert normalise("marketplace", "jd:ab") != normalise("marketplace", "jd:AB")


def test_a_phone_without_country_code_is_of_the_region_said():
    assert normalise("phone", "9123 4567", region="HK") == "+85291234567"
    assert normalise("phone", "138 1234 5678", region="CN") == "+8613812345678"


def test_mobiles_that_are_kept_without_the_parser_are_those_it_would_keep():
    for start in range(1300, 1900):
        written = f"{start}5678901"[:11]

        short, long = kept_or_not(written), kept_or_not(f"0086 {written}")

        assert short == long, written


def kept_or_not(written):
    try:
        return normalise("phone", written)
    except IdentityInvalid:
        return "refused"


@given(
    st.sampled_from(KINDS),
    st.one_of(
        st.text(max_size=40),
        st.from_regex(r"\+?[0-9]{7,14}", fullmatch=True),
        st.emails(),
        st.from_regex(r"[A-Za-z]{2,5}: ?.{1,20}", fullmatch=True),
    ),
)
def test_what_is_kept_is_its_own_spelling(kind, written):
    try:
        kept = normalise(kind, written)
    except IdentityInvalid:
        return

    assert normalise(kind, kept) == kept


@pytest.mark.parametrize(
    ("typed", "kind", "start"),
    [
        ("138", "phone", "+86138"),
        ("+852 91", "phone", "+85291"),
        ("13812345678", "phone", "+8613812345678"),
        ("Li.N", "email", "li.n"),
        ("vip 0", "card", "VIP0"),
        ("TaoBao:小", "marketplace", "taobao:小"),
    ],
)
def test_a_beginning_is_looked_for_as_it_would_be_kept(typed, kind, start):
    assert (kind, start) in starts(typed)


def test_text_that_is_no_number_is_no_beginning_of_a_phone():
    assert "phone" not in dict(starts("lina"))
    assert starts("\x00") == ()
