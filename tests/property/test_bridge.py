"""The bridge between any two results is exact, and its reverse the negatives."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from communitybudget.case import Appraisal, Case, appraise, compare
from communitybudget.case.bridge_keys import COMPONENTS
from communitybudget.case.bridge_walk import whole_pence
from tests_builders import quick_case

CHANGES: dict[str, Any] = {
    "years": 5,
    "cohort": {"families": 37.5, "profile": "complex_need"},
    "discounting": 0.06,
    "price_base": "2026-27",
    "sampling": {"design": "sobol", "replicates": 2},
    "area_factors": [{"agencies": ["dwp"], "factor": 1.3, "reason": "x", "source": "y"}],
    "overrides": {
        "unit_cost.SS2.0.1": {"value": 611, "price_base": "2024-25", "reason": "ours"},
        "transition.work.all.claiming_search.in_work.m12": {"value": 0.05, "reason": "ours"},
    },
    "pathways": ["child_safety", "work", "school"],
    "seed": 9,
}
keys = st.lists(st.sampled_from(sorted(CHANGES)), max_size=4, unique=True)


def result_of(changed: list[str]) -> Appraisal:
    data = {**quick_case(), **{key: CHANGES[key] for key in changed if key != "seed"}}
    return appraise(Case.from_dict(data), draws=8, seed=9 if "seed" in changed else 1)


@settings(max_examples=4, deadline=None)
@given(old=keys, new=keys, order=st.permutations(list(COMPONENTS)), by_figure=st.booleans())
def test_any_two_results(old: list[str], new: list[str], order: list[str], by_figure: bool) -> None:
    before, after = result_of(old), result_of(new)
    there = compare(before, after, order=order, by_figure=by_figure)
    back = compare(after, before, order=order, by_figure=by_figure)
    assert sum(step.pence for step in there.steps) == there.after_pence - there.before_pence
    assert there.before_pence == round(100 * float(before.npv().mean()))
    assert there.after_pence == round(100 * float(after.npv().mean()))
    assert [(s.name, -s.pence) for s in there.steps] == [(s.name, s.pence) for s in back.steps]
    assert there.notes == back.notes == ()
    assert (there.steps == ()) == (set(old) == set(new))


@given(st.lists(st.integers(-(10**12), 10**12)))
def test_halves_keep_the_sum_and_change_sign(numbers: list[int]) -> None:
    doubled = [*numbers, sum(numbers) % 2]
    halves = whole_pence(doubled)
    assert 2 * sum(halves) == sum(doubled)
    assert all(abs(2 * half - number) <= 1 for half, number in zip(halves, doubled, strict=True))
    assert whole_pence([-number for number in doubled]) == [-half for half in halves]
