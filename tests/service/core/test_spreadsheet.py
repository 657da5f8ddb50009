"""No cell that goes to a spreadsheet program is run there."""

from __future__ import annotations

import csv
import io

import pytest

from huitouke.service.core.spreadsheet import csv_lines, harmless


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM", "\t=1", "\r=1", " =1", "|x", "%x"]
)
def test_what_would_be_run_gets_an_apostrophe(text):
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["林晓雨", "a=b", "cus_1", "", "13800138000"])
def test_plain_text_stays_as_it_is(text):
    assert harmless(text) == text


def test_rows_keep_numbers_quotes_and_lines_and_begin_with_a_mark():
    lines = "".join(csv_lines(["甲", "=b"], [[-5, 'say "no"'], ["a\nb", 1.5]]))

    assert lines[0] == "\ufeff"
    rows = list(csv.reader(io.StringIO(lines[1:])))
    assert rows == [["甲", "=b"], ["-5", 'say "no"'], ["a\nb", "1.5"]]
