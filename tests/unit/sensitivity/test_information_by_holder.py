import pytest

from communitybudget.sensitivity import (
    DecisionPopulation,
    HolderInformation,
    InformationTable,
    information_by_holder,
)
from communitybudget.sensitivity.information_value import InformationRow

POPULATION = DecisionPopulation(100, 300, 1)
HOLDS = {"nhs": ["visits"], "police": ["reoffending", "call-outs"], "schools": ["absence"]}
COSTS = {"nhs": 5_000.0, "police": 5_000.0, "schools": 6_500.0}


def table(rows):
    """A table of values from key, label, value and standard error."""
    return InformationTable(
        rows=tuple(InformationRow(key, label, value, error, 0.1, 0.2) for key, label, value, error in rows),
        evpi=20_000.0,
        evpi_error=100.0,
        draws=2_000,
        options=2,
    )


VALUES = table(
    [
        ("nhs", "NHS", 400.0, 50.0),
        ("police", "Police", 9_000.0, 300.0),
        ("schools", "Schools", 2_000.0, 200.0),
    ]
)


@pytest.fixture
def found():
    return information_by_holder(VALUES, HOLDS, COSTS, POPULATION, price_base="2026-27")


def test_each_extract_is_set_against_its_cost_by_hand(found):
    frame = found.to_frame().set_index("holder")
    assert frame.index.tolist() == ["Police", "Schools", "NHS"]  # by falling value
    assert frame["value_a_year"].tolist() == [27_000, 6_000, 1_200]
    assert frame["net_a_year"].tolist() == [22_000, -500, -3_800]
    assert frame["worth_it"].tolist() == ["may be", "too close to say", "no"]
    assert frame.loc["Police", "inputs"] == "reoffending, call-outs"


def test_the_paragraph_tells_a_councillor(found):
    assert found.in_words() == (
        "Data from Police could be worth up to £27,000 a year to this decision, and costs £5,000. "
        "Too close to say: Schools. Not worth its cost: NHS. "
        "These are ceilings, as if the data settled every doubt; they do not add up."
    )


@pytest.mark.parametrize("cost", [0.0, 5_000.0, 1e9])
def test_the_paragraph_stays_under_80_words_with_every_agency(cost):
    names = [f"Department for Matter Number {i}" for i in range(15)]
    rows = [(name, name, 400.0 * i, 600.0 if i % 3 == 0 else 1.0) for i, name in enumerate(names)]
    found = information_by_holder(
        table(rows), {name: ["x"] for name in names}, dict.fromkeys(names, cost), POPULATION
    )
    words = found.in_words()
    assert len(words.split()) < 80
    assert ("more" in words) or ("agencies" in words)


def test_where_nothing_pays_it_says_so():
    words = information_by_holder(VALUES, HOLDS, dict.fromkeys(COSTS, 1e6), POPULATION).in_words()
    assert words.startswith("No agency's data is clearly worth what it costs")


def test_it_is_text_chart_and_json(found):
    for text in (found.summary(), found._repr_html_()):
        for part in ("2026-27 prices", "300 families a year", "at most £27,000 a year"):
            assert part in text
    assert HolderInformation.from_json(found.to_json()) == found
    assert [label.get_text() for label in found.plot().get_yticklabels()] == ["Police", "Schools", "NHS"]
    assert repr(found) == "HolderInformation(3 agencies, 1 may be worth their extract)"


def test_every_fault_is_told_at_once():
    with pytest.raises(ValueError, match="schools has no inputs") as fault:
        information_by_holder(VALUES, HOLDS | {"schools": []}, {"nhs": -5.0, "police": 1.0}, POPULATION)
    for part in ("nhs has extract cost -5.0", "of every agency in the table"):
        assert part in str(fault.value)


def test_a_cost_that_nobody_gave_is_unknown_and_not_nil():
    found = information_by_holder(VALUES, HOLDS, {"police": 5_000.0}, POPULATION)
    answers = dict(zip(found.to_frame()["holder"], found.to_frame()["worth_it"], strict=True))
    assert answers == {"Police": "may be", "Schools": "cost not known", "NHS": "cost not known"}
    assert found.to_frame()["net_a_year"].isna().sum() == 2
    assert "Cost not known: Schools, NHS." in found.in_words()
    assert "cost not known" in found.summary()
    assert len(found.plot().get_legend_handles_labels()[0]) == 2
