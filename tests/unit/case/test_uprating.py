"""A case with price indices of its own, sector indices, area factors, and old prices."""

import pytest
from numpy.testing import assert_allclose

from communitybudget._core.errors import CaseFileError
from communitybudget.case import Appraisal, Case

HOME = "unit_cost.residential_home_week"
LEVELS = {"2022-23": 100, "2023-24": 110, "2024-25": 121}
INDICES = {"placements": {"levels": LEVELS, "source": "an example"}}
SECTOR = {"index": "placements", "unit_costs": [HOME], "reason": "rose faster"}
AREA = {"factor": 1.1, "unit_costs": [HOME], "reason": "dear", "source": "an example"}
PRICES = {"price_base": "2024-25", "indices": INDICES}


def line_of(result: Appraisal, name: str = "Children's homes"):
    ledger = result.ledger
    return next(ledger.spending[i] for i, line in enumerate(ledger.lines) if line.line == name)


def faults_of(small, **changes):
    with pytest.raises(CaseFileError) as raised:
        Case.from_dict({**small, **changes})
    return str(raised.value)


class TestPrices:
    def test_a_sector_index_in_place_of_general_prices(self, run_small):
        plain = run_small(price_base="2024-25")
        general = plain.model.index.factor("2023-24", "2024-25")
        sector = run_small(**PRICES, sector_indices=[SECTOR])
        assert_allclose(line_of(sector), line_of(plain) * 1.1 / general)
        assert_allclose(line_of(sector, "Foster care"), line_of(plain, "Foster care"))

    def test_an_area_factor_on_top(self, run_small):
        plain, dear = run_small(), run_small(area_factors=[AREA])
        assert_allclose(line_of(dear), line_of(plain) * 1.1)

    def test_a_local_figure_takes_the_index_and_no_area_factor(self, run_small):
        local = {HOME: {"value": 8_000, "price_base": "2023-24", "reason": "ours"}}
        plain = run_small(price_base="2024-25", overrides=local)
        both = run_small(**PRICES, sector_indices=[SECTOR], area_factors=[AREA], overrides=local)
        general = plain.model.index.factor("2023-24", "2024-25")
        assert_allclose(line_of(both), line_of(plain) * 1.1 / general)

    def test_the_case_may_use_its_own_index_for_everything(self, run_small):
        levels = {f"{y}-{(y + 1) % 100:02d}": 100.0 for y in range(1995, 2030)}
        result = run_small(indices={"flat": {"levels": levels, "source": "us"}}, index="flat")
        assert result.model.index.factor("2004-05", "2023-24") == 1

    def test_a_journey_follows_the_rules_of_the_case(self, small, run_small):
        journey = {
            "name": "one",
            "label": "One",
            "period": "a week",
            "price_base": "2023-24",
            "items": [{"what": "a week", "unit_cost": HOME, "quantity": 1}],
        }
        plain, dear = (run_small(20, journeys=[journey], **c) for c in ({}, {"area_factors": [AREA]}))
        assert dear.journeys[0].lines[0].amount == pytest.approx(1.1 * plain.journeys[0].lines[0].amount)

    def test_the_rules_stand_among_the_assumptions_and_conventions(self, run_small):
        result = run_small(**PRICES, sector_indices=[SECTOR], area_factors=[AREA])
        rows = result.assumptions().set_index("key")
        assert rows.loc["sector_indices.placements", "reason"] == "rose faster"
        assert rows.loc["area_factors.1", "value"] == 1.1
        assert any("go by the index placements" in text for text in result.conventions)

    def test_a_result_read_back_can_be_asked_further(self, run_small):
        result = run_small(**PRICES, sector_indices=[SECTOR])
        back = Appraisal.from_json(result.to_json())
        assert back.price_gaps().equals(result.price_gaps())


class TestGaps:
    def test_nothing_is_shown_where_nothing_replaces_a_published_price(self, run_small):
        assert run_small(20).price_gaps().empty

    def test_a_local_figure_beside_the_default_with_its_reason(self, run_small):
        local = {HOME: {"value": 8_000, "price_base": "2024-25", "reason": "our outturn", "source": "ledger"}}
        result = run_small(20, overrides=local)
        (row,) = result.price_gaps().to_dict("records")
        index = result.model.index
        assert row["published"] == pytest.approx(6_102.1218)
        assert row["by_general_index"] == pytest.approx(6_102.1218)  # the case is at 2023-24 prices
        assert row["used"] == pytest.approx(8_000 * index.factor("2024-25", "2023-24"))
        assert row["ratio"] == pytest.approx(row["used"] / row["by_general_index"] - 1)
        assert row["growth_a_year"] == pytest.approx(8_000 / 6_102.1218 - 1)
        assert row["why"] == "local figure: our outturn"

    def test_a_sector_index(self, run_small):
        result = run_small(20, **PRICES, sector_indices=[SECTOR])
        (row,) = result.price_gaps().to_dict("records")
        assert row["used"] == pytest.approx(6_102.1218 * 1.1)
        assert row["growth_a_year"] == pytest.approx(0.1)
        assert row["general_growth_a_year"] == pytest.approx(
            result.model.index.factor("2023-24", "2024-25") - 1
        )

    def test_the_switchboard_shows_the_answer_without(self, run_small):
        rows = run_small(**PRICES, sector_indices=[SECTOR]).switchboard()
        without = rows[(rows["switch"] == "sector indices") & ~rows["in_use"]]
        plain = run_small(price_base="2024-25").npv().mean()
        assert without["npv_fiscal"].item() == pytest.approx(plain)


class TestOldPrices:
    def test_they_are_told_with_their_age(self, run_small):
        result = run_small(20)
        stale = result.stale_prices()
        assert (stale["age"] > 10).all()
        assert stale["age"].is_monotonic_decreasing
        (text,) = [t for t in result.cautions if "unit costs in use are of more than 10 years" in t]
        assert f"({stale['age'].iloc[0]} years)" in text

    def test_the_age_is_the_cases(self, run_small):
        assert run_small(20, stale_after_years=60).stale_prices().empty
        assert len(run_small(20, stale_after_years=1).stale_prices()) > len(run_small(20).stale_prices())


class TestFaults:
    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"sector_indices": [SECTOR]}, "there is no index 'placements'"),
            (
                {
                    "indices": {"derived_2025_12_financial": INDICES["placements"]},
                },
                "the set has an index 'derived_2025_12_financial' already",
            ),
            (
                {"indices": {"gap": {"levels": {"2020-21": 1, "2023-24": 2}, "source": "us"}}},
                "2 of the years between 2020-21 and 2023-24 have no level",
            ),
            (
                {"indices": {"one": {"levels": {"2020-21": 1}, "source": "us"}}},
                "levels: has too few entries; give at least 2",
            ),
            (
                {**PRICES, "price_base": "2026-27", "sector_indices": [SECTOR]},
                "covers 2022-23 to 2024-25 and not 2026-27",
            ),
            (
                {**PRICES, "sector_indices": [{**SECTOR, "unit_costs": ["unit_cost.SS3.0"]}]},
                "unit_cost.SS3.0: the price index 'placements' covers",
            ),
            (
                {**PRICES, "sector_indices": [{k: v for k, v in SECTOR.items() if k != "unit_costs"}]},
                "covers nothing; name unit_costs, agencies, or both",
            ),
            ({"area_factors": [AREA, AREA]}, "covered by more than one area factor"),
            ({"area_factors": [{**AREA, "factor": 110}]}, "it must be below 5"),
            ({**PRICES, "sector_indices": [{**SECTOR, "after_end": 3}]}, "after_end"),
        ],
    )
    def test_each_is_told_with_its_remedy(self, small, changes, words):
        assert words in faults_of(small, **changes)


def test_a_case_with_all_of_it_is_one_to_one_with_its_file(small):
    data = {**small, **PRICES, "sector_indices": [SECTOR], "area_factors": [AREA], "stale_after_years": 5}
    case = Case.from_dict(data)
    assert Case.from_text(case.to_yaml()) == case
