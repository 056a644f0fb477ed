import pandas as pd
import pytest

from communitybudget.sensitivity import DecisionPopulation, HolderInformation, information_by_holder

POPULATION = DecisionPopulation(100, 300, 1)
VALUES = pd.DataFrame(
    {
        "holder": ["NHS", "Police", "Schools"],
        "inputs": ["visits", ("reoffending", "call-outs"), "absence"],
        "value": [400.0, 9_000.0, 2_000.0],
        "standard_error": [50.0, 300.0, 200.0],
    }
)
COSTS = {"NHS": 5_000.0, "Police": 5_000.0, "Schools": 6_500.0}


@pytest.fixture
def found():
    return information_by_holder(VALUES, COSTS, POPULATION, price_base="2026-27")


def test_each_extract_is_set_against_its_cost_by_hand(found):
    frame = found.to_frame().set_index("holder")
    assert frame.index.tolist() == ["Police", "Schools", "NHS"]  # by falling value
    assert frame["value_a_year"].tolist() == [27_000, 6_000, 1_200]
    assert frame["net_a_year"].tolist() == [22_000, -500, -3_800]
    assert frame["worth_it"].tolist() == ["may be", "too close to say", "no"]
    assert frame.loc["Police", "inputs"] == "reoffending, call-outs"


def test_the_paragraph_tells_a_councillor(found):
    words = found.in_words()
    assert words == (
        "Data from Police could be worth up to £27,000 a year to this decision, and costs £5,000. Too close to "
        "say: Schools. Not worth its cost: NHS. These are ceilings, as if the data settled every doubt; they "
        "do not add up."
    )


@pytest.mark.parametrize("cost", [0.0, 5_000.0, 1e9])
def test_the_paragraph_stays_under_80_words_with_every_agency(cost):
    names = [f"Department for Matter Number {i}" for i in range(15)]
    values = pd.DataFrame(
        {
            "holder": names,
            "inputs": "x",
            "value": [400.0 * i for i in range(15)],
            "standard_error": [600.0 if i % 3 == 0 else 1.0 for i in range(15)],
        }
    )
    found = information_by_holder(values, dict.fromkeys(names, cost), POPULATION)
    assert len(found.in_words().split()) < 80


def test_where_nothing_pays_it_says_so():
    words = information_by_holder(VALUES, dict.fromkeys(COSTS, 1e6), POPULATION).in_words()
    assert words.startswith("No agency's data is clearly worth what it costs")


def test_it_is_text_chart_and_json(found):
    for text in (found.summary(), found._repr_html_()):
        for part in ("2026-27 prices", "300 families a year", "at most £27,000 a year"):
            assert part in text
    assert HolderInformation.from_json(found.to_json()) == found
    assert [label.get_text() for label in found.plot().get_yticklabels()] == ["Police", "Schools", "NHS"]
    assert repr(found) == "HolderInformation(3 agencies, 1 may be worth their extract)"


def test_every_fault_is_told_at_once():
    bad = VALUES.assign(holder=["NHS", "NHS", "Fire"], value=[-1.0, 2.0, float("nan")])
    with pytest.raises(ValueError, match="NHS comes more than once") as fault:
        information_by_holder(bad, {"NHS": -5.0}, POPULATION)
    for part in ("Fire has no extract cost", "NHS has value -1.0", "Fire has value nan", "extract cost -5.0"):
        assert part in str(fault.value)


def test_columns_that_are_missing_are_named():
    with pytest.raises(ValueError, match="lacks value, standard_error"):
        information_by_holder(VALUES[["holder", "inputs"]], COSTS, POPULATION)
    with pytest.raises(ValueError, match="lacks rows"):
        information_by_holder(VALUES[:0], COSTS, POPULATION)
