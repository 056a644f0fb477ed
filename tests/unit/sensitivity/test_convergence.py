"""Convergence: each step is what those draws alone would give."""

import numpy as np
import pytest

from communitybudget.sensitivity import (
    Convergence,
    convergence,
    monte_carlo_error,
    probability_error,
    quantile_error,
)


@pytest.fixture(scope="module")
def draws():
    return np.random.default_rng(1).normal(2e4, 1e5, 3_000)


def test_each_step_is_the_figure_of_the_draws_so_far(draws):
    frame = convergence(draws, price_base="2026-27", steps=9).to_frame()
    assert frame["draws"].iloc[[0, -1]].tolist() == [50, 3_000]
    for row in frame.to_dict("records"):
        own = draws[: row["draws"]]
        hits = sum(value >= 0 for value in own.tolist())
        assert row["mean"] == own.mean()
        assert row["mean_error"] == monte_carlo_error(own)
        assert row["p10"] == np.quantile(own, 0.1)
        assert row["p90_error"] == pytest.approx(quantile_error(own, 0.9), nan_ok=True)
        assert (row["probability"], row["probability_error"]) == (
            hits / own.size,
            probability_error(hits, own.size),
        )


def test_the_last_step_does_not_depend_on_the_order(draws):
    one, other = (convergence(d, price_base="2026-27").values[-1] for d in (draws, draws[::-1]))
    np.testing.assert_allclose(one, other, rtol=1e-12)


def test_few_draws_have_one_step(draws):
    assert len(convergence(draws[:20], price_base="2026-27").to_frame()) == 1


def test_it_introduces_itself_and_survives_json(draws):
    found = convergence(draws, price_base="2026-27", seed=1, set_version="england 0.4.0")
    assert Convergence.from_json(found.to_json()) == found
    assert "draws=3000" in repr(found)
    for text in (found.summary(), found._repr_html_()):
        assert "Four times the draws halve the errors" in text
        assert "3,000 draws" in text
    assert found.plot().get_xlabel() == found.plot_probability().get_xlabel() == "Draws"


@pytest.mark.parametrize(
    ("outcome", "given", "words"),
    [
        ([1.0], {}, "2 draws"),
        ([[1.0], [2.0]], {}, "one value per draw"),
        ([1.0, 2.0], {"steps": 0}, "at the least"),
    ],
)
def test_what_cannot_be_used(outcome, given, words):
    with pytest.raises(ValueError, match=words):
        convergence(outcome, price_base="2026-27", **given)
