import numpy as np
import pytest

from communitybudget.sensitivity import DecisionPopulation, PopulationValue, population_value

FACTORS = tuple(1.035 ** -np.arange(5.0))
FIVE_YEARS = DecisionPopulation(100, 60, 5, FACTORS)


@pytest.mark.parametrize(("first", "left"), [(0, [60, 60, 60]), (80, [0, 40, 60]), (180, [0, 0, 0])])
def test_the_first_families_are_left_out(first, left):
    factors = (1.0, 0.9, 0.8)
    found = DecisionPopulation(100, 60, 3, factors).discounted_families(first)
    assert found == pytest.approx(sum(f * n for f, n in zip(factors, left, strict=True)))


def test_value_over_all_families_by_hand():
    found = population_value(5_000, FIVE_YEARS, standard_error=100, price_base="2026-27")
    families = sum(60 / 1.035**year for year in range(5))
    assert found.value_a_family == 50
    assert found.value_a_year == 3_000
    assert found.value == pytest.approx(50 * families)
    assert found.standard_error == pytest.approx(families)
    text = found.summary()
    assert "60 families a year for 5 years, discounted" in text
    assert "for 100 families" in text
    assert "2026-27 prices" in text
    assert text.splitlines()[0] in found._repr_html_()
    assert "\n" not in repr(found)
    assert PopulationValue.from_json(found.to_json()) == found
    assert found.to_frame()["value"].tolist() == [5_000, 50, 3_000, found.value]
    assert len(found.plot().patches) == 3


def test_what_is_not_discounted_says_so():
    assert DecisionPopulation(1, 2, 1).in_words() == "2 families, once"


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ((0, 60, 5), "families_in_model is 0"),
        ((100, -1, 5), "families_a_year is -1"),
        ((100, 60, 2.5), "give whole years"),
        ((100, 60, 5, (1.0, 0.9)), "2 discount factors for 5 years"),
        ((100, 60, 2, (1.0, 0.0)), "one above 0"),
    ],
)
def test_a_population_that_makes_no_sense_is_refused(numbers, message):
    with pytest.raises(ValueError, match=message):
        DecisionPopulation(*numbers)


def test_information_is_never_worth_less_than_nothing():
    with pytest.raises(ValueError, match="0 or more"):
        population_value(-1, FIVE_YEARS)


def test_one_family_is_singular_and_a_million_is_written_out() -> None:
    assert DecisionPopulation(1, 1, 1).in_words() == "1 family, once"
    assert DecisionPopulation(1, 1_000_000, 2).in_words().startswith("1,000,000 families a year for 2 years")
