from __future__ import annotations

import pytest

from huitouke.insight.facts.delimited import records, sniff


def cells(
    text: str, delimiter: str = ",", width: int | None = None
) -> list[tuple[int, list[str], bool]]:
    lines = text.splitlines(keepends=True)
    return [tuple(one) for one in records(lines, delimiter=delimiter, width=width)]


@pytest.mark.parametrize(
    ("lines", "delimiter"),
    [
        (["a,b,c", "1,2,3"], ","),
        (["a;b;c", "1;2,5;3", "4;5,5;6"], ";"),
        (["a\tb", "1\t2"], "\t"),
        (["a|b", "1|2"], "|"),
        (["00001 19970101  1   11.77"] * 3, " "),
        (["Orders of spring", "", "a,b,c", "1,2,3", "1,2,3"], ","),
        (['id,"name, first",sum', '1,"x, y",2'], ","),
        (["only"], ","),
    ],
)
def test_the_delimiter_is_told_from_the_first_lines(lines: list[str], delimiter: str) -> None:
    assert sniff(lines) == delimiter


def test_quoted_line_ends_and_blank_lines_do_not_shift_line_numbers() -> None:
    found = cells('a,b\n\n1,"x\ny\nz"\r\n\n  \n2,w\n , \n\x1a')
    assert [(line, row) for line, row, _ in found] == [
        (1, ["a", "b"]),
        (3, ["1", "x\ny\nz"]),
        (8, ["2", "w"]),
    ]


def test_a_quote_that_never_closes_costs_its_own_line_only() -> None:
    found = cells('a,b\n1,"open\n2,fine\n3,fine\n', width=2)
    assert found == [
        (1, ["a", "b"], False),
        (2, ['1,"open'], True),
        (3, ["2", "fine"], False),
        (4, ["3", "fine"], False),
    ]


def test_a_quote_that_closes_in_a_later_row_is_seen_by_its_width() -> None:
    found = cells('1,"open,x\n2,fine,"y"\n3,a,b\n', width=3)
    assert [line for line, _, _ in found] == [1, 2, 3]
    assert [unclosed for _, _, unclosed in found] == [True, False, False]


def test_a_quote_open_for_hundreds_of_lines_is_given_up() -> None:
    text = '0,"open\n' + "".join(f"{n},x\n" for n in range(1, 1000))
    found = cells(text, width=2)
    assert len(found) == 1000
    assert [unclosed for _, _, unclosed in found].count(True) == 1
    assert found[-1] == (1000, ["999", "x"], False)


def test_a_long_quoted_text_is_kept_whole() -> None:
    text = '1,"' + "\n".join("word" for _ in range(50)) + '"\n2,x\n'
    found = cells(text, width=2)
    assert [line for line, _, _ in found] == [1, 51]


def test_a_cell_too_long_to_be_one_does_not_stop_the_sniffing() -> None:
    assert sniff(["a;b;c", "x" * 200_000 + ";1;2", "1;2;3", "4;5;6"]) == ";"
    assert sniff(['a;b;c;"' + "x" * 100_000, "x" * 100_000, "1;2;3"]) in {",", ";"}
