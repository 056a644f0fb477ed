import pytest

from communitybudget._core.errors import ParameterNotFound, PriceBaseMismatch
from communitybudget.parameters import Extension, PriceIndex

LEVELS = {"2021-22": 90.0, "2022-23": 95.0, "2023-24": 100.0}


def index(extension=None, levels=LEVELS):
    return PriceIndex("example", levels, "us", "assumption", extension)


def test_a_factor_is_a_ratio_of_levels():
    assert index().factor("2021-22", "2023/24") == 100 / 90
    assert index().factor("2022-23", "2022-23") == 1


@pytest.mark.parametrize("year", ["2020-21", "2024-25", "1900-01"])
def test_a_year_outside_the_series_is_never_held(year):
    with pytest.raises(
        PriceBaseMismatch, match=rf"'example' covers 2021-22 to 2023-24 and not {year}.*extension"
    ):
        index().level(year)


def test_a_gap_in_the_series_is_outside_too():
    gap = index(Extension(0.02), {"2021-22": 90.0, "2023-24": 100.0})
    with pytest.raises(PriceBaseMismatch, match="not 2022-23"):
        gap.level("2022-23")


def test_an_extension_grows_from_the_last_year():
    extended = index(Extension(0.02))
    assert extended.level("2023-24") == 100
    assert extended.level("2024-25") == pytest.approx(102)
    assert extended.factor("2023-24", "2033-34") == pytest.approx(1.02**10)
    assert extended.factor("2024-25", "2026-27") == pytest.approx(1.02**2)


def test_an_extension_changes_nothing_within_the_series_or_before():
    extended = index(Extension(0.02))
    assert [extended.level(year) for year in LEVELS] == list(LEVELS.values())
    with pytest.raises(PriceBaseMismatch, match="not 2020-21"):
        extended.level("2020-21")


@pytest.mark.parametrize(("year", "extended"), [("2021-22", False), ("2023/24", False), ("2024/25", True)])
def test_years_that_need_the_extension(year, extended):
    assert index(Extension(0.02)).is_extended(year) is extended
    assert index().last_year == "2023-24"


@pytest.mark.parametrize("year", ["2023", "CY2023"])
def test_a_calendar_year_has_no_level(year):
    with pytest.raises(ValueError, match="is not a financial year"):
        index().level(year)


class TestBundledIndices:
    def test_each_vintage_is_a_series_of_its_own(self, england):
        spans = {
            name: (next(iter(i.values)), i.last_year, len(i.values)) for name, i in england.indices.items()
        }
        assert spans == {
            "hmt_2015_03_budget": ("1989-90", "2019-20", 31),
            "derived_2025_12_financial": ("1990-91", "2023-24", 34),
            "hmt_2026_03_point": ("2020-21", "2020-21", 1),
        }

    def test_calendar_years_are_never_joined(self, england):
        assert not any(year.startswith("CY") for i in england.indices.values() for year in i.values)
        with pytest.raises(ParameterNotFound, match="no price index 'hmt_2025_12_calendar'"):
            england.index("hmt_2025_12_calendar")

    def test_years_follow_each_other(self, england):
        for series in england.indices.values():
            first = int(next(iter(series.values))[:4])
            assert [int(year[:4]) for year in series.values] == list(range(first, first + len(series.values)))

    def test_only_the_default_vintage_is_extended(self, england):
        assert england.index().vintage == england.default_index == "derived_2025_12_financial"
        assert england.index().extension.rate == 0.02
        assert england.index().extension.mark == "assumption"
        assert england.index().is_extended("2026-27")
        others = [i for name, i in england.indices.items() if name != england.default_index]
        assert all(i.extension is None for i in others)

    def test_a_vintage_does_not_borrow_from_another(self, england):
        with pytest.raises(PriceBaseMismatch, match="'hmt_2015_03_budget' covers 1989-90 to 2019-20"):
            england.index("hmt_2015_03_budget").factor("2012-13", "2020-21")
        with pytest.raises(PriceBaseMismatch, match="'hmt_2026_03_point' covers 2020-21 to 2020-21"):
            england.index("hmt_2026_03_point").factor("2020-21", "2021-22")

    def test_an_unknown_vintage_is_answered_with_the_nearest(self, england):
        with pytest.raises(ParameterNotFound, match="did you mean 'hmt_2015_03_budget'"):
            england.index("hmt_2015_03")
