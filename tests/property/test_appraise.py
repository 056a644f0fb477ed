"""Identities that hold for any case."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from communitybudget.case import Appraisal, Case, appraise
from communitybudget.parameters import ParameterSet
from tests_builders import small_case

few = settings(max_examples=12, deadline=None)


def result_of(seed: int = 1, draws: int = 12, **changes: object) -> Appraisal:
    return appraise(Case.from_dict({**small_case(), **changes}), draws=draws, seed=seed)


@few
@given(
    seed=st.integers(0, 2**31),
    strength=st.floats(0, 2),
    fee=st.floats(0, 5_000),
    profile=st.sampled_from(["lower_need", "medium_need", "complex_need"]),
)
def test_the_ledger_closes_in_every_draw(seed: int, strength: float, fee: float, profile: str) -> None:
    options = small_case()["options"]
    options[0]["effects"] = [
        {"effect": "tfp_looked_after", "strength": strength},
        {"effect": "tfp_jsa", "strength": strength},
    ]
    options[0]["funding"] = [
        {"from": "nhs", "to": "local_authority", "item": "f", "per_family": fee, "price_base": "2020-21"}
        | {"source": "x"}
    ]
    ledger = result_of(seed, options=options, cohort={"families": 7, "profile": profile}).ledger
    for flow in ("costs_avoided", "delivery", "funding"):
        parts = sum(ledger.flow("support", flow, agency) for agency in ledger.agencies)
        np.testing.assert_allclose(parts, ledger.flow("support", flow), rtol=1e-11, atol=1e-6)
    assert np.abs(ledger.flow("support", "funding")).max() < 1e-9
    avoided = ledger.flow("support", "costs_avoided")
    parts = ledger.flow("support", "costs_avoided", transfer=True)
    parts = parts + ledger.flow("support", "costs_avoided", transfer=False)
    np.testing.assert_allclose(parts, avoided, rtol=1e-11, atol=1e-6)
    # nothing is avoided that is not spent in business as usual
    assert (np.abs(avoided.sum(axis=0)) <= ledger.business_as_usual().sum(axis=0)).all()


@few
@given(seed=st.integers(0, 2**31))
def test_a_zero_effect_avoids_exactly_nothing(seed: int) -> None:
    options = small_case()["options"]
    options[0]["effects"] = [{"effect": "tfp_looked_after", "strength": 0}]
    assert (result_of(seed, options=options).ledger.flow("support", "costs_avoided") == 0).all()


@few
@given(families=st.floats(0.5, 5_000))
def test_twice_the_families_twice_the_money(families: float) -> None:
    one = result_of(cohort={"families": families, "profile": "medium_need"})
    two = result_of(cohort={"families": 2 * families, "profile": "medium_need"})
    np.testing.assert_allclose(2 * one.npv(), two.npv(), rtol=1e-9)
    np.testing.assert_allclose(2 * one.npv(value="public_value"), two.npv(value="public_value"), rtol=1e-9)


@few
@given(base=st.sampled_from(["2005-06", "2013-14", "2020-21", "2026-27", "2030-31"]))
def test_the_price_base_scales_everything_alike(base: str) -> None:
    factor = ParameterSet.load().index().factor("2023-24", base)
    np.testing.assert_allclose(result_of(price_base=base).npv(), result_of().npv() * factor, rtol=1e-9)


@few
@given(seed=st.integers(0, 2**31), block=st.integers(1, 40))
def test_the_block_changes_no_bit(seed: int, block: int) -> None:
    case = Case.from_dict(small_case())
    assert appraise(case, draws=30, seed=seed, block=block) == appraise(case, draws=30, seed=seed)


@few
@given(first=st.floats(0, 50), second=st.floats(0.5, 50))
def test_intakes_add_up(first: float, second: float) -> None:
    def bau(intake: dict[str, float]) -> np.ndarray:
        return result_of(cohort={"intake": intake, "profile": "medium_need"}).ledger.business_as_usual()

    both = bau({"2024-25": first, "2026-27": second})
    later = bau({"2026-27": second})
    if first > 0:
        np.testing.assert_allclose(both, bau({"2024-25": first}) + later, rtol=1e-9, atol=1e-6)
    else:
        np.testing.assert_allclose(both, later, rtol=1e-9)
    assert later[:2].max() == 0


@few
@given(share=st.floats(0, 1))
def test_engagement_is_linear(share: float) -> None:
    def avoided(engagement: float) -> np.ndarray:
        options = small_case()["options"]
        options[0]["engagement"] = engagement
        options[0]["effects"] = [{"effect": "tfp_looked_after", "estimand": "engaged"}]
        return result_of(options=options).ledger.flow("support", "costs_avoided")

    np.testing.assert_allclose(avoided(share), share * avoided(1.0), rtol=1e-8, atol=1e-6)


def test_cashability_is_never_claimed_unassessed() -> None:
    lines = result_of().ledger.lines
    assert {line.cashable for line in lines if line.flow == "costs_avoided"} == {"not_assessed"}


@pytest.mark.parametrize("schedule", ["green_book_2022", "review_2026_proposed", 0.0, 0.05])
def test_a_dearer_pound_later_is_worth_less(schedule: str | float) -> None:
    result = result_of(discounting=schedule)
    assert result.factors[0] == 1
    assert (np.diff(result.factors) <= 0).all()
