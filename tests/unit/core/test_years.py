import pytest

from communitybudget._core.years import first_calendar_year, format_year, parse_year, span, years_from


@pytest.mark.parametrize("text", ["2025-26", "2025/26", "2025-2026", "2025/2026", " 2025-26 \n"])
def test_the_ways_to_write_a_financial_year(text):
    assert parse_year(text) == "2025-26"


@pytest.mark.parametrize(
    "text", ["2025", 2025, "CY2019", "2025-25", "2025-27", "2025-24", "25-26", "2025 26", "2025-6", "", None]
)
def test_a_calendar_year_is_never_a_financial_year(text):
    with pytest.raises(ValueError, match=r"'.*' is not a financial year; write it like 2025-26"):
        parse_year(text)


def test_the_turn_of_the_century():
    assert parse_year("1999/2000") == parse_year("1999-00") == "1999-00"
    assert years_from("1998-99", 3) == ("1998-99", "1999-00", "2000-01")
    with pytest.raises(ValueError, match="not a financial year"):
        parse_year("1999-100")


def test_years_count_from_their_first_calendar_year():
    assert first_calendar_year("2025/26") == 2025
    assert format_year(2009) == "2009-10"
    assert years_from("2026-27", 0) == ()
    assert span(years_from("2026/27", 10)) == "2026-27 to 2035-36"
