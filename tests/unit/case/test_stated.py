"""Numbers stated by quantiles, values, parts, experts and limits: the file's keys as distributions."""

from typing import Any

import pytest

from communitybudget._core.errors import CaseFileError, CommunityBudgetError
from communitybudget.case import Case
from communitybudget.case.model import prepare
from communitybudget.case.words import conventions_of
from communitybudget.parameters import (
    discrete,
    fixed,
    from_interval,
    from_mean_sd,
    from_values,
    mixture,
    pooled,
    truncated,
)
from tests_builders import lean_case


def with_cost(stated: Any) -> dict[str, Any]:
    data = lean_case()
    data["options"][0]["delivery"][0]["per_family"] = stated
    return data


def cost_of(stated: Any) -> Any:
    case = Case.from_dict(with_cost(stated))
    return prepare(case).inputs.used["case.delivery.local_authority.support"]


RANGE = {"value": 2000, "low": 1500, "high": 2600, "interval": "range"}
FORMS = {
    "cut standard deviation": (
        {"value": 2000, "sd": 500, "at_least": 1200},
        truncated(from_mean_sd(2000, 500), at_least=1200),
    ),
    "cut range": (
        {**RANGE, "at_most": 2400},
        truncated(from_interval(2000, 1500, 2600, "range"), at_most=2400),
    ),
    "values with weights": ({"values": [1800, 2400], "weights": [3, 1]}, discrete([1800, 2400], [3, 1])),
    "values seen": (
        {"values": [1800, 2400, 2000], "distribution": "empirical"},
        from_values([1800, 2000, 2400]),
    ),
    "mixture": (
        {"mixture": [{"weight": 1, "value": 1500}, {"weight": 3, **RANGE}]},
        mixture([fixed(1500), from_interval(2000, 1500, 2600, "range")], [1, 3]),
    ),
    "experts": (
        {
            "experts": [
                {"name": "A", **RANGE},
                {"name": "B", "value": 2500, "sd": 200, "weight": 2, "source": "talk of May"},
            ]
        },
        pooled([from_interval(2000, 1500, 2600, "range"), from_mean_sd(2500, 200)], [1, 2]),
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_the_distribution_is_that_of_the_library(name: str) -> None:
    stated, wanted = FORMS[name]
    found = cost_of(stated)
    assert found.uncertainty == wanted
    assert found.value == (stated["value"] if "value" in stated else pytest.approx(wanted.mean))


def test_quantiles_are_fitted_and_the_miss_is_told() -> None:
    stated = {"quantiles": {"p10": 1500, "p50": 2000, "p90": 3000}}
    model = prepare(Case.from_dict(with_cost(stated)))
    found = model.inputs.used["case.delivery.local_authority.support"]
    assert found.uncertainty.kind == "lognormal"
    assert found.value == found.uncertainty.mean
    (sentence,) = [text for text in conventions_of(model) if "least squares" in text]
    assert sentence.startswith("Support: a lognormal distribution, by least squares; it misses the stated")


def test_experts_are_named_with_their_weights() -> None:
    model = prepare(Case.from_dict(with_cost(FORMS["experts"][0])))
    assert "Support: 2 experts pooled (linear), by weight: A (1), B (2; talk of May)." in conventions_of(
        model
    )


def test_a_share_keeps_to_shares() -> None:
    data = lean_case()
    data["options"][0]["effects"] = [
        {
            "on": "child_safety.child_in_need -> case_closed",
            "hazard_ratio": {
                "mixture": [{"weight": 0.3, "value": 1}, {"weight": 0.7, "value": 1.4, "sd": 0.1}]
            },
            "estimand": "engaged",
            "design": "assumed",
            "lasts_months": 12,
            "source": "an example",
        }
    ]
    data["options"][0]["engagement"] = {"quantiles": {"p10": 0.5, "p90": 0.8}}
    model = prepare(Case.from_dict(data))
    assert model.inputs.used["case.support.engagement"].uncertainty.kind == "beta"
    ratios = model.draw(1_000, 1)["case.support.effect_1"]
    assert (ratios == 1).mean() == pytest.approx(0.3, abs=0.06)


@pytest.mark.parametrize("name", FORMS)
def test_a_case_survives_its_file(name: str) -> None:
    case = Case.from_dict(with_cost(FORMS[name][0]))
    assert Case.from_text(case.to_yaml()) == case
    written = case.to_dict()["options"][0]["delivery"][0]["per_family"]
    assert ("value" in written) == ("value" in FORMS[name][0])


BAD = {
    "two ways": ({"quantiles": {"p10": 5, "p90": 8}, "values": [1, 2]}, "quantiles and values all say"),
    "value beside": ({"value": 5, "values": [1, 2]}, "the value follows from what is stated"),
    "weights alone": ({"value": 5, "weights": [1, 2]}, "weights are of values; add values"),
    "no quantile": ({"quantiles": {"p10": 5, "median": 7}}, "'median' is no quantile; write it like p10"),
    "not ascending": ({"quantiles": {"p10": 5, "p90": 3}}, "do not ascend"),
    "nothing to cut": ({"value": 5, "at_least": 1}, "cut nothing off a number that is known"),
    "cut off itself": ({"value": 2000, "sd": 500, "at_least": 2500}, "the value 2000 is cut off itself"),
    "cut away": ({"quantiles": {"p10": 1900, "p90": 2100}, "at_least": 9000}, "next to nothing"),
    "negative": ({"values": [-100, 200]}, "it would fall below 0 in 50.0% of the draws; add at_least: 0"),
    "pool alone": ({"value": 5, "pool": "linear"}, "pool says how experts are pooled"),
    "one expert": ({"experts": [{"name": "A", "value": 3}]}, "at least 2"),
    "form of values": ({"values": [1, 2], "distribution": "gamma"}, "'gamma' is no form of values"),
    "part without weight": ({"mixture": [{"value": 1}, {"weight": 1, "value": 2}]}, "weight: is missing"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_is_said_where_it_stands(name: str) -> None:
    stated, words = BAD[name]
    with pytest.raises(CaseFileError) as error:
        Case.from_dict(with_cost(stated))
    assert words in str(error.value)
    assert "options[0].delivery[0].per_family" in str(error.value)
    assert len(error.value.faults) == 1


class TestOverrides:
    key = "unit_cost.residential_home_week"

    def overridden(self, entry: dict[str, Any], key: str = "") -> Any:
        entry = {"price_base": "2023-24", "reason": "outturn", **entry}
        return Case.from_dict({**lean_case(), "overrides": {key or self.key: entry}})

    def test_a_local_figure_is_stated_as_any_number(self) -> None:
        case = self.overridden({"quantiles": {"p10": 4000, "p90": 7000}})
        row = case.parameters[self.key]
        assert row.uncertainty.kind == "lognormal"
        assert row.value == row.uncertainty.mean
        assert row.overridden
        assert Case.from_text(case.to_yaml()) == case

    def test_it_is_uprated_with_its_distribution(self) -> None:
        case = self.overridden({"values": [4000, 5000]})
        row = case.parameters[self.key]
        assert row.uprated(1.1, "2024-25").uncertainty.mean == pytest.approx(1.1 * row.value)

    def test_a_form_can_be_chosen_for_an_interval(self) -> None:
        row = self.overridden(
            {"value": 5000, "low": 4000, "high": 6500, "interval": "ci95", "distribution": "lognormal"}
        ).parameters[self.key]
        assert row.uncertainty == from_interval(5000, 4000, 6500, "ci95", kind="lognormal")

    def test_a_share_cannot_rise_above_1(self) -> None:
        rows = Case.from_dict(lean_case()).parameters.parameters.values()
        share = next(p.id for p in rows if p.support == "share" and p.distribution != "dirichlet")
        with pytest.raises(CaseFileError, match=r"would rise above 1 in 50\.0% of the draws; add at_most: 1"):
            Case.from_dict({**lean_case(), "overrides": {share: {"values": [0.2, 1.2], "reason": "x"}}})

    def test_shares_of_a_start_mix_are_drawn_together(self) -> None:
        entry = {"values": [0.2, 0.3], "reason": "x"}
        with pytest.raises(CaseFileError, match="drawn together"):
            Case.from_dict({**lean_case(), "overrides": {self.start_key(): entry}})

    def start_key(self) -> str:
        parameters = Case.from_dict(lean_case()).parameters
        return next(p.key for p in parameters.table("start") if p.distribution == "dirichlet")

    def test_an_unknown_key_is_still_answered(self) -> None:
        with pytest.raises(CommunityBudgetError, match="residential_home_week"):
            self.overridden({"value": 1}, key="unit_cost.residential_home_weak")
