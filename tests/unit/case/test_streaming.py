"""Many draws in flat memory: the same measures as those of an appraisal that keeps every draw."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from communitybudget.case import Appraisal, AppraisalSummary, Case, appraise, chance, summarise
from communitybudget.case.model import prepare
from communitybudget.ledger import QUANTILES
from tests_builders import small_case

DRAWS = 9_000


@pytest.fixture(scope="module")
def rich() -> Case:
    """A small case with all that draws numbers of its own: a chain of outcomes, a risk, cash in steps."""
    data = small_case()
    source = {"source": "an example"}
    uncertain = {"value": 0.2, "low": 0.1, "high": 0.3, "interval": "range"}
    data["options"][0] |= {
        "effects": [{"effect": "tfp_looked_after"}],
        "outcomes": [
            {
                "name": "into_work",
                "label": "Adults into work",
                "population": "adults",
                "unit_cost": "unit_cost.E&E1.0",
                "impact": uncertain,
                "deadweight": 0.25,
                "lasts_years": 2,
                **source,
            }
        ],
        "risks": [
            {
                "name": "A legal challenge",
                "agency": "local_authority",
                "probability": uncertain,
                "impact": 90_000,
                "price_base": "2023-24",
                "first_year": "2024-25",
                "last_year": "2026-27",
                **source,
            }
        ],
    }
    data["cashability"] = [
        {
            "agency": "local_authority",
            "line": "Children's homes",
            "unit_cost": "unit_cost.residential_home_week",
            "marginal_share": {"value": 0.9, "low": 0.8, "high": 1.0, "interval": "range"},
            "step": {"what": "home of 2", "size": 0.2, "units_each": 52.18},
            **source,
        }
    ]
    return Case.from_dict(data)


@pytest.fixture(scope="module")
def both(rich: Case) -> tuple[Appraisal, AppraisalSummary]:
    return appraise(rich, draws=DRAWS, seed=3), summarise(rich, draws=DRAWS, seed=3)


class TestTheSameDraws:
    def test_means_spreads_ratios_and_probabilities(self, both: tuple[Appraisal, AppraisalSummary]) -> None:
        kept, streamed = (result.to_frame() for result in both)
        for column in ("option", "agency", "measure"):
            assert list(kept[column]) == list(streamed[column])
        for column in ("mean", "sd", "mc_error", "mean_with_chance", "sd_with_chance"):
            exact = ~kept["measure"].str.startswith("worst").to_numpy()
            assert_allclose(
                streamed[column][exact].to_numpy(float),
                kept[column][exact].to_numpy(float),
                rtol=1e-9,
                atol=1e-6,
            )

    def test_percentiles_within_the_error_they_state(self, both: tuple[Appraisal, AppraisalSummary]) -> None:
        kept, streamed = (result.to_frame() for result in both)
        amounts = kept["measure"].str.endswith(("value", "purse", "fiscal")) & kept["p50"].notna()
        spread = streamed["sd_with_chance"][amounts].to_numpy(float)
        for level in ("", "_with_chance"):
            error = streamed[f"percentile_error{level}"][amounts].to_numpy(float)
            for q in QUANTILES:
                gap = np.abs(
                    streamed[f"p{q}{level}"][amounts].to_numpy(float)
                    - kept[f"p{q}{level}"][amounts].to_numpy(float)
                )
                assert (gap <= error + 1e-6).all()
            npv = (streamed["measure"][amounts] == "npv_fiscal").to_numpy()
            assert (error[npv] <= 0.01 * spread[npv]).all()

    def test_the_worst_tenth_within_the_error_it_states(
        self, both: tuple[Appraisal, AppraisalSummary]
    ) -> None:
        for option in both[0].options:
            kept, streamed = (result.measure("worst_tenth_npv_fiscal", option) for result in both)
            for level in ("", "_with_chance"):
                gap = abs(kept[f"mean{level}"] - streamed[f"mean{level}"])
                assert gap <= streamed[f"percentile_error{level}"] + 1e-6
                assert_allclose(streamed[f"mc_error{level}"], kept[f"mc_error{level}"], rtol=0.02)

    def test_payback_is_that_of_the_draws(self, both: tuple[Appraisal, AppraisalSummary]) -> None:
        for option in both[0].options:
            kept, streamed = (result.measure("payback_year", option) for result in both)
            names = [f"p{q}{level}" for q in QUANTILES for level in ("", "_with_chance")]
            assert list(kept[names]) == list(streamed[names])

    def test_who_pays_and_who_gains(self, both: tuple[Appraisal, AppraisalSummary]) -> None:
        kept, streamed = (result.balance() for result in both)
        assert list(kept["agency"]) == list(streamed["agency"])
        for column in ("costs_avoided", "delivery", "funding", "net"):
            assert_allclose(streamed[column], kept[column], rtol=1e-9, atol=1e-6)

    def test_pieces_are_the_draws_of_one_go(self, rich: Case) -> None:
        model = prepare(rich)
        whole = model.draw(50, 4)
        pieces = list(model.pieces(50, 4, 20))
        assert [piece.first for piece in pieces] == [0, 20, 40]
        for key, column in whole.columns.items():
            assert_array_equal(np.concatenate([piece.columns[key] for piece in pieces]), column)
        assert all(piece.constants == whole.constants for piece in pieces)


def test_caps_on_what_turns_out_do_not_depend_on_their_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    data = small_case()
    claim = {"agency": "local_authority", "line": "Foster care", "item": "Fewer placements"}
    claim |= {"fixed": 50_000, "price_base": "2023-24", "deadweight": 0.5, "source": "an example"}
    data["options"][0]["claims"] = [claim]
    case = Case.from_dict(data)
    whole = appraise(case, draws=30).ledger
    assert any(line.flow == "not_deliverable" for line in whole.lines)
    assert whole.chance_lines
    monkeypatch.setattr(chance, "_GUARDED", 7)
    assert appraise(case, draws=30).ledger == whole


def test_the_ledger_of_one_option_is_that_part_of_it(hounslow_result: Appraisal) -> None:
    ledger = hounslow_result.ledger
    own = ledger.only("key_worker")
    assert own.label("key_worker") == ledger.label("key_worker")
    assert_array_equal(own.net("key_worker"), ledger.net("key_worker"))
    assert_array_equal(own.with_chance().net("key_worker"), hounslow_result.turned_out.net("key_worker"))


class TestChunks:
    def test_they_change_no_bit(self, small: dict[str, Any]) -> None:
        case = Case.from_dict(small)
        assert summarise(case, draws=8_100, chunk=4_000) == summarise(case, draws=8_100, chunk=12_000)

    def test_a_large_cohort_is_drawn_in_the_same_part(self, small: dict[str, Any]) -> None:
        case = Case.from_dict({**small, "cohort": {**small["cohort"], "families": 30_000}})
        kept, streamed = (run(case, draws=4_100) for run in (appraise, summarise))
        one, other = (result.measure("npv_fiscal")["sd_with_chance"] for result in (kept, streamed))
        assert_allclose(one, other, rtol=1e-9)

    def test_few_draws_are_exact(self, small: dict[str, Any]) -> None:
        case = Case.from_dict(small)
        kept, streamed = appraise(case, draws=60), summarise(case, draws=60)
        for name in ("npv_fiscal", "worst_tenth_npv_fiscal"):
            one, other = kept.measure(name), streamed.measure(name)
            for column in ("mean", "p5", "p50", "p95", "p90_with_chance"):
                assert_allclose(other[column], one[column], rtol=1e-12)
            assert other["percentile_error"] == other["percentile_error_with_chance"] == 0
        assert "Percentiles of the net present value are those of the draws themselves." in streamed.summary()

    def test_one_draw(self, small: dict[str, Any]) -> None:
        npv = summarise(Case.from_dict(small), draws=1).measure("npv_fiscal")
        assert npv["sd"] == 0
        assert npv["p5"] == npv["p95"] == npv["mean"]

    def test_progress_counts_draws(self, small: dict[str, Any]) -> None:
        seen: list[tuple[int, int]] = []
        summarise(Case.from_dict(small), draws=4_200, progress=lambda done, total: seen.append((done, total)))
        assert seen == [(4_000, 4_200), (4_200, 4_200)]

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"draws": 0}, "ask for at least 1"),
            ({"chunk": 5_000}, "give a multiple"),
            ({"chunk": 0}, "multiple"),
        ],
    )
    def test_what_cannot_be_run(self, small: dict[str, Any], given: dict[str, int], words: str) -> None:
        with pytest.raises(ValueError, match=words):
            summarise(Case.from_dict(small), **given)


def test_it_states_how_far_percentiles_may_be_off(both: tuple[Appraisal, AppraisalSummary]) -> None:
    assert "Percentiles of the net present value are within £" in both[1].summary()
    assert both[1].assumptions().equals(both[0].assumptions())


def test_unknown_names_are_answered_with_the_nearest(run_small: Callable[..., Appraisal]) -> None:
    streamed = summarise(run_small(draws=5).case, draws=5)
    for given in (("npv_fiscl",), ("npv_fiscal", "key_wrker"), ("npv_fiscal", None, "polis")):
        with pytest.raises(KeyError, match=r"did you mean|use one of"):
            streamed.measure(*given)
