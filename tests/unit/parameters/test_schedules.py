from pathlib import Path

import pytest

from communitybudget._core.errors import ParameterSetError, ScheduleError
from communitybudget.parameters.schedules import COLUMNS, discount_schedule, discount_schedules

HEADER = ",".join(COLUMNS)


def folder_with(tmp_path: Path, *rows: str, header: str = HEADER) -> Path:
    table = tmp_path / "rules" / "discount_schedules.csv"
    table.parent.mkdir(exist_ok=True)
    table.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return tmp_path


def row(
    schedule="local",
    dated="2026",
    purpose="all",
    first="0",
    last="",
    rate="0.02",
    source="us",
    mark="local",
    note="",
):
    return ",".join([schedule, dated, purpose, first, last, rate, source, mark, note])


def test_the_bundled_vintages_hold_their_rates():
    assert discount_schedule("green_book_2022").bands == (
        (0, 30, 0.035),
        (31, 75, 0.03),
        (76, 125, 0.025),
        (126, 200, 0.02),
        (201, 300, 0.015),
        (301, None, 0.01),
    )
    assert [band[2] for band in discount_schedule("green_book_2022_health").bands] == [
        0.015,
        0.0129,
        0.0107,
        0.0086,
        0.0064,
        0.0043,
    ]
    proposed = discount_schedule("review_2026_proposed")
    assert proposed.bands == ((0, None, 0.03),)
    assert proposed.dated == "2026-06-30"
    assert "not adopted" in proposed.note


def test_a_horizon_in_the_verified_bands_is_verified():
    schedule = discount_schedule("green_book_2022")
    assert schedule.mark_to(125) == "verified"
    assert schedule.mark_to(126) == schedule.mark == "second_hand"
    assert discount_schedule("green_book_2022_health").mark_to(0) == "second_hand"


@pytest.mark.parametrize(
    ("year", "rate"), [(0, 0.035), (30, 0.035), (31, 0.03), (75, 0.03), (76, 0.025), (5000, 0.01)]
)
def test_rate_of_a_year(year, rate):
    assert discount_schedule("green_book_2022").rate(year) == rate


def test_a_year_before_the_start_has_no_rate():
    with pytest.raises(ScheduleError, match="before year 0"):
        discount_schedule("green_book_2022").rate(-1)


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(ScheduleError, match=r"'green_book_2020'; did you mean .*'green_book_2022'"):
        discount_schedule("green_book_2020")


def test_another_folder_brings_its_own_schedules(tmp_path):
    folder = folder_with(tmp_path, row(last="9"), row(first="10", rate="0.01", source="them"))
    found = discount_schedules(folder)
    assert list(found) == ["local"]
    assert found["local"].bands == ((0, 9, 0.02), (10, None, 0.01))
    assert found["local"].source == "us; them"


def test_an_edited_table_is_read_again(tmp_path):
    assert discount_schedule("local", folder_with(tmp_path, row())).rate(0) == 0.02
    assert discount_schedule("local", folder_with(tmp_path, row(rate="0.0250"))).rate(0) == 0.025


def test_every_fault_is_listed_with_file_and_line(tmp_path):
    folder = folder_with(
        tmp_path,
        row(schedule="a", rate="3.5"),
        row(schedule="b", dated="soon", mark="sure"),
        row(schedule="c", first="1"),
        row(schedule="d", last="4"),
        row(schedule="e", last="4"),
        row(schedule="e", first="6", dated="2025"),
        row(schedule="f", source=""),
        row(schedule="g", last="x"),
        row(schedule="h"),
        row(schedule="h", first="3"),
    )
    with pytest.raises(ParameterSetError) as caught:
        discount_schedules(folder)
    found = [(fault.line, fault.what) for fault in caught.value.faults]
    assert [line for line, _ in found] == [2, 3, 3, 4, 5, 7, 7, 8, 9, 11]
    text = str(caught.value)
    assert f"{folder / 'rules' / 'discount_schedules.csv'}:2 a: rate '3.5'" in text
    assert "'soon' is not a date" in text
    assert "mark 'sure' is none of" in text
    assert "from_year is 1 but the band must begin at 0" in text
    assert "no rate is given from year 5 on" in text
    assert "from_year is 6 but the band must begin at 5" in text
    assert "dated differs from line 6" in text
    assert "source is blank" in text
    assert "to_year 'x' is not a whole number" in text
    assert "the band before it has no end" in text


def test_an_unquoted_comma_is_a_fault(tmp_path):
    with pytest.raises(ParameterSetError, match=r":2 local: the row has more cells than the header"):
        discount_schedules(folder_with(tmp_path, row(note="one, two")))


def test_a_missing_column_is_a_fault(tmp_path):
    with pytest.raises(ParameterSetError, match=r":1: the header lacks mark, note"):
        discount_schedules(folder_with(tmp_path, header=",".join(COLUMNS[:-2])))


def test_a_missing_table_is_a_fault(tmp_path):
    with pytest.raises(ParameterSetError, match="no table of discount schedules"):
        discount_schedules(tmp_path)
