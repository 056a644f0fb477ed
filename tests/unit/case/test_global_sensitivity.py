import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import ndtr

from communitybudget._core.streams import stream
from communitybudget.case import Appraisal
from communitybudget.case.global_sensitivity import (
    REST,
    _npvs,
    importance_of,
    screening_of,
    sobol_indices_of,
)
from tests_builders import COST, small_appraisal


@pytest.fixture(scope="module")
def appraised() -> Appraisal:
    return small_appraisal(draws=1500)


def test_a_run_on_the_uniforms_of_an_appraisal_gives_its_npvs(appraised: Appraisal) -> None:
    names = appraised.model.stream_names()
    uniforms = np.column_stack(
        [
            stream(1, name).random(1500)
            if name.startswith("no_effect.")
            else ndtr(stream(1, name).standard_normal(1500))
            for name in names
        ]
    )
    agencies, npvs = _npvs(appraised, "support", names, "fiscal", None)
    assert agencies[:2] == ("all", "local_authority")
    assert "schools" not in agencies
    wanted = np.column_stack([appraised.npv("support", agency) for agency in agencies])
    assert_allclose(npvs(uniforms), wanted, rtol=1e-6, atol=1e-3)


def test_what_only_one_agency_pays_is_that_share_of_its_variance(appraised: Appraisal) -> None:
    found = sobol_indices_of(
        appraised,
        "support",
        256,
        agencies=["all", "local_authority", "dwp"],
        groups={COST: "cost"},
        resamples=200,
    )
    paid = 50 * appraised.input_frame()[COST].to_numpy()
    place = found.inputs.index("cost")
    for k, agency in enumerate(("all", "local_authority")):
        share = paid.var() / appraised.npv("support", agency).var()
        for index in (found.first, found.total):
            error = 4 * np.hypot(index.standard_error[place, k], share * np.sqrt(2 / 1500))
            assert_allclose(index.value[place, k], share, atol=error)
    assert found.total.value[place, 2] == 0
    assert found.outcomes == ("All agencies", "Local authority", "Department for Work and Pensions")
    assert found.price_base == "2023-24"


def test_many_unknowns_are_screened_and_the_rest_stands_as_one(appraised: Appraisal) -> None:
    steps: list[tuple[int, int]] = []
    found = sobol_indices_of(
        appraised,
        "support",
        64,
        agencies=["all"],
        most=5,
        order=2,
        resamples=100,
        progress=lambda done, of: steps.append((done, of)),
    )
    assert len(found.inputs) == 6
    assert REST in found.inputs
    assert len(found.interaction_frame()) == 15
    assert "no_effect.tfp_2015_20" in found.inputs
    assert found.labels[found.inputs.index(REST)].startswith("All other inputs (")
    assert sum(found.sizes) == len(appraised.model.stream_names())
    assert steps[-1] == (64 * 8, 64 * 8)
    assert found.to_frame()["input"].iloc[0] == "no_effect.tfp_2015_20"


@pytest.mark.parametrize(
    ("groups", "wanted"), [("mark", {"assumption", "derived"}), ("pathway", {"Child safety", "Work"})]
)
def test_groups_by_name(appraised: Appraisal, groups: str, wanted: set[str]) -> None:
    found = sobol_indices_of(appraised, "support", 32, agencies=["all"], groups=groups, resamples=100)  # type: ignore[arg-type]
    assert wanted <= set(found.inputs)
    assert len(found.inputs) < 10


def test_correlated_inputs_are_refused_unless_they_stand_together(appraised: Appraisal) -> None:
    names = ["unit_cost.SS2.6", "unit_cost.SS2.5"]
    with pytest.raises(ValueError, match=r"correlated.*unit_cost\.SS2\.5.*one group.*evppi"):
        sobol_indices_of(appraised, "support", 32, correlated=names)
    found = sobol_indices_of(
        appraised,
        "support",
        32,
        agencies=["all"],
        correlated=names,
        groups=dict.fromkeys(names, "care prices"),
    )
    assert found.n == 32


def test_public_value_has_indices_of_its_own(appraised: Appraisal) -> None:
    kinds = [
        sobol_indices_of(
            appraised, "support", 32, agencies=["all"], value=value, groups="pathway", resamples=100
        )
        for value in ("fiscal", "public_value")
    ]
    assert kinds[0].sd != kinds[1].sd


def test_screening_finds_what_moves_an_agency(appraised: Appraisal) -> None:
    found = screening_of(appraised, "support", 4, agencies=["dwp"])
    assert found.trajectories == 4
    moved = {key for key, size in zip(found.inputs, found.mu_star[:, 0], strict=True) if size > 0}
    assert "no_effect.tfp_2015_20" in moved
    assert COST not in moved
    assert not {key for key in moved if ".child_safety." in key}


def test_importance_by_agency_is_from_the_draws_there_are(appraised: Appraisal) -> None:
    found = importance_of(appraised, "support")
    assert found.outcomes[:2] == ("All agencies", "Local authority")
    assert found.draws == 1500
    cost = found.share[found.inputs.index(COST)]
    paid = 50 * appraised.input_frame()[COST].to_numpy()
    share = paid.var() / appraised.npv("support", "local_authority").var()
    assert_allclose(cost[1], share, atol=0.05)
    assert_array_equal(importance_of(appraised, "support").share, found.share)
    some = importance_of(appraised, "support", agencies=["dwp"])
    assert some.outcomes == ("Department for Work and Pensions",)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"value": "cash"}, "use fiscal or public_value"),
        ({"groups": "agency"}, "use input, mark, pathway"),
        ({"groups": {"unit_cost.SS2.66": "g"}}, "which is no input; did you mean"),
        ({"n": 100}, "power of 2"),
    ],
)
def test_what_cannot_be_is_refused(appraised: Appraisal, changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        sobol_indices_of(appraised, "support", **{"n": 32, "groups": "mark", **changes})  # type: ignore[arg-type]
