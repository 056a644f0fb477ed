"""Tables that no spreadsheet can run, and that lose nothing."""

import csv
import io

import pytest

from communitybudget._core.writing import csv_bytes


def written(value, **how):
    (row,) = csv.reader(io.StringIO(csv_bytes(["a"], [[value, "x"]], **how).decode().partition("\n")[2]))
    return row[0]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@x", "\t=1", "\n=1", "'=1", "''-1", "'quoted'", "plain", "'"]
)
def test_one_apostrophe_taken_away_gives_the_text_back(text):
    found = written(text)
    assert not found.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert found in (text, f"'{text}")
    runs = text.lstrip("'").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert (found == f"'{text}") == runs


@pytest.mark.parametrize(
    ("value", "short", "whole"),
    [
        (2 / 3, "0.666666666667", "0.6666666666666666"),
        (500.0, "500", "500"),
        (-3.5, "-3.5", "-3.5"),
        (-0.0, "0", "0"),
        (1e22, "1e+22", "1e+22"),
        (float("nan"), "", ""),
        (None, "", ""),
        (True, "yes", "yes"),
        (10**20, "100000000000000000000", "100000000000000000000"),
    ],
)
def test_numbers(value, short, whole):
    assert written(value) == short
    assert written(value, every_digit=True) == whole
