"""Payback by agency and year: each figure counted draw by draw."""

from collections.abc import Callable

import numpy as np
import pytest

from communitybudget.case import Appraisal, payback_frame, payback_probabilities


def paid_back(flow: list[float], year: int) -> bool:
    """Whether the money is back by the end of a year and at the end of every later one."""
    return all(sum(flow[: end + 1]) >= 0 for end in range(year, len(flow)))


def test_against_a_count_draw_by_draw() -> None:
    flows = np.random.default_rng(1).integers(-5, 6, (6, 200)).astype(float)
    found = payback_probabilities({"nhs": flows}, [f"{y}-{y - 1999:02d}" for y in range(2024, 2030)])
    expected = [np.mean([paid_back(draw.tolist(), year) for draw in flows.T]) for year in range(6)]
    np.testing.assert_allclose(found["probability"], expected)
    assert found["probability"].is_monotonic_increasing
    share = found["probability"].iloc[3]
    assert found["standard_error"].iloc[3] == pytest.approx(np.sqrt(share * (1 - share) / 200))


def test_an_appraisal_says_the_same(run_small: Callable[..., Appraisal]) -> None:
    result = run_small(draws=150)
    frame = payback_frame(result.ledger, result.turned_out, "support")
    assert {"all", "local_authority"} <= set(frame["agency"])
    for row in frame.to_dict("records"):
        for chance, level in ((False, ""), (True, "_with_chance")):
            expected = result.probability_payback(row["year"], "support", row["agency"], chance=chance)
            assert row[f"probability{level}"] == expected


def test_agencies_can_be_named(run_small: Callable[..., Appraisal]) -> None:
    result = run_small(draws=20)
    frame = payback_frame(result.ledger, result.turned_out, "support", ["nhs"])
    assert set(frame["agency"]) == {"nhs"}


@pytest.mark.parametrize(
    ("net", "words"),
    [
        ({}, "no agency"),
        ({"nhs": [[1.0]]}, "nhs: net has shape"),
        ({"nhs": np.zeros((2, 0))}, "2 years, draw"),
    ],
)
def test_what_cannot_be_used(net: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        payback_probabilities(net, ["2024-25", "2025-26"])  # type: ignore[arg-type]
