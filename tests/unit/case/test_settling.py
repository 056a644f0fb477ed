"""Appraise until the answer is settled: when it stops, what it says, and its figures."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from communitybudget.case import Case, Precision, Settled, appraise, appraise_until, summarise
from communitybudget.sensitivity.stopping import errors_wide


@pytest.fixture(scope="module")
def case() -> Case:
    from tests_builders import small_case

    return Case.from_dict(small_case())


@pytest.fixture(scope="module")
def settled(case: Case) -> Settled:
    return appraise_until(case, least=50, most=400, seed=2)


class TestFigures:
    def test_they_are_those_of_as_many_draws_at_once(self, case: Case, settled: Settled) -> None:
        assert settled.appraisal == summarise(case, draws=settled.draws, seed=2)

    def test_every_look_sees_the_first_draws_of_an_appraisal(self, case: Case) -> None:
        found = appraise_until(case, settle="precision", precision=Precision(npv=1.0), least=60, most=200)
        npv = appraise(case, draws=200).npv("support")
        looks = found.to_frame().query("option == 'Support'")
        assert looks["draws"].tolist() == [60, 120, 200]
        for row in looks.to_dict("records"):
            own = npv[: row["draws"]]
            assert_allclose(row["mean"], own.mean(), rtol=1e-9)
            assert_allclose(row["mean_error"], own.std(ddof=1) / np.sqrt(own.size), rtol=1e-9)

    def test_public_value_and_one_agency(self, case: Case) -> None:
        given = {"agency": "local_authority", "value": "public_value"}
        row = appraise_until(case, least=50, most=50, **given).rows[-1]  # type: ignore[arg-type]
        npv = appraise(case, draws=50).npv("support", "local_authority", "public_value")
        assert_allclose(row[2], npv.mean(), rtol=1e-9)

    def test_progress_ends_with_all_draws(self, case: Case) -> None:
        seen: list[tuple[int, int]] = []
        found = appraise_until(
            case, loss=1e9, least=50, most=400, progress=lambda done, total: seen.append((done, total))
        )
        assert found.draws == 50
        assert seen == [(50, 800), (100, 100)]


class TestDecision:
    def test_it_stops_when_the_lead_is_many_errors(self, settled: Settled) -> None:
        assert settled.is_settled
        needed = errors_wide(0.95, 4, sides=1)
        looks = settled.to_frame().query("behind_error > 0")
        ahead = (looks["behind"] / looks["behind_error"]).to_numpy()
        assert ahead[-1] >= needed
        assert (ahead[:-1] < needed).all()
        assert settled.reasons[0].startswith(("Support is best", "Business as usual is best"))
        assert "95% sure over all looks and rivals" in settled.summary()

    def test_a_loss_that_does_not_matter_settles_it(self, case: Case) -> None:
        found = appraise_until(case, loss=1e9, confidence=1 - 1e-15, least=50, most=400)
        assert found.draws == 50
        assert "less than the £1,000,000,000 that was stated" in found.reasons[0]

    def test_what_is_open_at_the_most_is_said(self, case: Case) -> None:
        found = appraise_until(case, confidence=1 - 1e-15, least=10, most=20)
        assert not found.is_settled
        assert found.draws == 20
        assert "errors are needed; about" in found.open_points[0]
        assert found.open_points[-1].startswith("Choosing ")
        assert found.summary().startswith("Not settled after 20 draws")

    def test_options_that_are_the_same_are_settled(self, small: dict[str, Any]) -> None:
        twin = {**small["options"][0], "name": "twin", "label": "Twin"}
        found = appraise_until(
            Case.from_dict({**small, "options": [*small["options"], twin]}), least=100, most=1_600
        )
        assert found.is_settled


class TestPrecision:
    def test_a_mean_to_so_many_pounds(self, case: Case) -> None:
        loose = appraise_until(case, settle="precision", precision=Precision(npv=1e9), least=20, most=80)
        assert loose.draws == 20
        assert loose.reasons == (f"Support: the mean is within {loose.reasons[0].split('within ')[1]}",)
        tight = appraise_until(case, settle="precision", precision=Precision(npv=1.0), least=20, most=40)
        assert not tight.is_settled
        assert "£1 was stated; about" in tight.open_points[0]

    def test_the_draws_that_are_advised_are_enough(self, case: Case) -> None:
        wanted = Precision(npv_share=0.5)
        short = appraise_until(case, settle="precision", precision=wanted, least=10, most=20)
        assert not short.is_settled
        advised = int(short.open_points[0].split("about ")[1].split(" draws")[0].replace(",", ""))
        errors = short.to_frame().query("option == 'Support'")
        last = errors.iloc[-1]
        wide = errors_wide(0.95, 2)
        needed = 20 * (wide * last["mean_error"] / (0.5 * abs(last["mean"]))) ** 2
        assert needed <= advised <= 1.11 * needed + 1

    def test_a_probability_to_so_many_points_holds_at_both_levels(self, case: Case) -> None:
        found = appraise_until(
            case, settle="precision", precision=Precision(probability=0.1), least=50, most=400
        )
        assert found.draws == 100  # 1.96 * 0.5 / sqrt(97) is 0.1
        row = found.appraisal.measure("probability_net_positive")
        assert max(row["mc_error"], row["mc_error_with_chance"]) <= 0.05

    def test_both_must_be_met(self, case: Case) -> None:
        found = appraise_until(
            case, settle="precision", precision=Precision(npv=1e9, probability=0.1), least=50, most=400
        )
        assert found.draws == 100
        assert len(found.reasons) == 2


class TestResult:
    def test_it_survives_json(self, settled: Settled) -> None:
        assert Settled.from_json(settled.to_json()) == settled

    def test_it_introduces_itself(self, settled: Settled) -> None:
        assert repr(settled).startswith("Settled(is_settled=True")
        for text in (settled.summary(), settled._repr_html_()):
            assert f"{settled.draws:,} draws" in text
            assert "seed 2" in text
            assert "they do not make the future surer" in text
        assert settled.plot().get_xlabel() == "Draws"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"settle": "precision"}, "needs a precision"),
        ({"precision": Precision(npv=1.0)}, "use settle='precision'"),
        ({"loss": 0.0}, "more than 0, for a decision"),
        ({"loss": 5.0, "settle": "precision", "precision": Precision(npv=1.0)}, "for a decision"),
        ({"confidence": 95}, "between 0 and 1"),
        ({"least": 100, "most": 50}, "cannot come after the last"),
        ({"value": "cash"}, "fiscal or public_value"),
    ],
)
def test_what_cannot_be_settled(case: Case, given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        appraise_until(case, **{"least": 5, "most": 10, **given})


@pytest.mark.parametrize(
    ("given", "words"), [({}, "no precision"), ({"npv": 0.0}, "npv is 0"), ({"npv": -1}, "above 0")]
)
def test_a_precision_says_something(given: dict[str, float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Precision(**given)


def test_a_what_if_is_no_rival_of_the_decision_and_its_figures_are_as_precise(small: dict[str, Any]) -> None:
    half = {**small["options"][0], "name": "half", "label": "Half", "can_be_chosen": False}
    case = Case.from_dict({**small, "options": [*small["options"], half]})
    decided = appraise_until(case, least=50, most=100)
    assert set(decided.to_frame()["option"]) == {"Business as usual", "Support"}
    precise = appraise_until(case, settle="precision", precision=Precision(npv=1e9), least=50, most=100)
    assert "Half" in set(precise.to_frame()["option"])
