"""The decision table against a count draw by draw, closed forms and a published table."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from numpy.testing import assert_allclose

from communitybudget.sensitivity import (
    DecisionTable,
    decision_table,
    evpi,
    monte_carlo_error,
    probability_of_loss_beyond,
    quantile_error,
)

NORMAL = NormalDist()


def table(benefit, options=None):
    return decision_table(benefit, options, price_base="2026-27", seed=1)


def column(decision, name):
    return decision.to_frame()[name].tolist()


@pytest.fixture(scope="module")
def benefit():
    rng = np.random.default_rng(4)
    common = rng.normal(size=(500, 1))
    rest = common * [3.0, 1.0, 0.2] + rng.normal(size=(500, 3)) + [0.4, 0.1, 0.0]
    return 1e4 * np.column_stack([np.zeros(500), rest])


class TestAgainstACountDrawByDraw:
    def test_best_ranks_and_losses(self, benefit):
        rows = benefit.tolist()
        wins, ranks, losses = [0.0] * 4, [0.0] * 4, [0.0] * 4
        for row in rows:
            leaders = [j for j in range(4) if row[j] == max(row)]
            for j in leaders:
                wins[j] += 1 / len(leaders)
            for j in range(4):
                ranks[j] += 1 + sum(other > row[j] for other in row) + (row.count(row[j]) - 1) / 2
                losses[j] += max(row) - row[j]
        found = table(benefit)
        assert_allclose(column(found, "probability_best"), np.array(wins) / len(rows))
        assert_allclose(column(found, "mean_rank"), np.array(ranks) / len(rows))
        assert_allclose(column(found, "expected_loss"), np.array(losses) / len(rows))

    def test_quantiles_tails_and_regret(self, benefit):
        found = table(benefit).to_frame()
        regret = benefit.max(axis=1, keepdims=True) - benefit
        for j in range(4):
            own = np.sort(benefit[:, j])
            assert found["p20"][j] == np.quantile(own, 0.2)
            assert_allclose(found["worst_tenth"][j], own[:50].mean())
            assert found["probability_of_loss"][j] == sum(v < 0 for v in own) / 500
            assert found["largest_regret"][j] == regret[:, j].max()
            assert found["p95_regret"][j] == np.quantile(regret[:, j], 0.95)
            assert found["p20_error"][j] == quantile_error(own, 0.2)
            assert found["expected_loss_error"][j] == monte_carlo_error(regret[:, j])

    def test_the_least_expected_loss_is_the_value_of_perfect_information(self, benefit):
        found = table(benefit)
        assert_allclose(found.evpi, evpi(benefit))
        assert_allclose(min(column(found, "expected_loss")), found.evpi)


def test_closed_form_of_two_normal_options():
    """Against nil: X normal with mean m, sd s; loss of X is E max(-X, 0), loss of nil E max(X, 0)."""
    mean, sd, draws = 20_000.0, 50_000.0, 100_000
    own = np.random.default_rng(5).normal(mean, sd, draws)
    found = table(np.column_stack([np.zeros(draws), own])).to_frame()
    z = mean / sd
    loss_of_own = sd * (NORMAL.pdf(z) - z * NORMAL.cdf(-z))
    shortfall = mean - sd * NORMAL.pdf(NORMAL.inv_cdf(0.1)) / 0.1
    p95 = mean + sd * NORMAL.inv_cdf(0.95)
    for name, row, expected in (
        ("expected_loss", 1, loss_of_own),
        ("expected_loss", 0, loss_of_own + mean),
        ("probability_best", 1, NORMAL.cdf(z)),
        ("probability_of_loss", 1, NORMAL.cdf(-z)),
        ("p20", 1, mean + sd * NORMAL.inv_cdf(0.2)),
        ("worst_tenth", 1, shortfall),
        ("p95_regret", 0, p95),
        ("behind", 0, mean),
    ):
        assert abs(found[name][row] - expected) < 4 * found[f"{name}_error"][row], name
    assert_allclose(found["mean_rank"], [1 + NORMAL.cdf(z), 2 - NORMAL.cdf(z)], atol=0.01)


def test_errors_are_how_far_figures_move_with_the_seed():
    names = ("mean", "behind", "probability_best", "expected_loss", "p10", "worst_tenth", "p95_regret")
    rng = np.random.default_rng(6)
    found = []
    for _ in range(150):
        common = rng.normal(size=(400, 1))
        found.append(table(100 * (common * [1.0, 0.8] + rng.normal(size=(400, 2)) + [0.5, 0.0])).to_frame())
    for name in names:
        row = 1 if name != "mean" else 0
        moved = np.std([frame[name][row] for frame in found], ddof=1)
        stated = np.mean([frame[f"{name}_error"][row] for frame in found])
        assert_allclose(stated, moved, rtol=0.25, err_msg=name)


def test_a_published_table():
    """Ten draws of net monetary benefit at 100,000 dollars a life-year, and what it prints below them.

    Left atrial appendage occlusion against warfarin: PubMed Central PMC4323782, table 1.
    """
    warfarin = [438601.6, 437745.5, 433453.8, 435035.0, 437617.4, 435430.2, 434030.5, 433893.7]
    warfarin += [435033.6, 437555.7]
    occlusion = [419543.2, 463363.4, 467280.0, 440207.7, 449992.3, 445595.7, 424200.5, 435406.7]
    occlusion += [434547.6, 457368.1]
    found = table(np.column_stack([warfarin, occlusion]), ["warfarin", "occlusion"])
    assert found.best == "occlusion"
    assert_allclose(column(found, "mean"), [435839.7, 443750.5], atol=0.05)
    assert_allclose(found.evpi, 2937.4, atol=0.06)
    assert column(found, "probability_best") == [0.3, 0.7]


class TestTies:
    def test_options_that_tie_share_the_draw(self):
        found = table([[1, 1, 0], [2, 2, 2]])
        assert_allclose(column(found, "probability_best"), [5 / 12, 5 / 12, 1 / 6])
        assert_allclose(column(found, "mean_rank"), [1.75, 1.75, 2.5])

    def test_the_first_of_equal_options_is_the_best(self):
        assert table([[0.1 + 0.2, 0.3], [0.3, 0.1 + 0.2]], ["b", "a"]).best == "b"
        assert table([[0.3, 0.1 + 0.2], [0.3, 0.1 + 0.2]], ["b", "a"]).best == "b"

    def test_rules_that_tie_keep_to_the_best_on_average(self):
        found = table([[0.0, 5.0], [0.0, 6.0]], ["as now", "support"])
        assert set(found.by_rule()["option"]) == {"support"}

    def test_an_option_that_is_never_best_has_an_error_by_the_rule_of_three(self):
        found = table([[1.0, 0.0]] * 100)
        assert column(found, "probability_best_error") == [0.03, 0.03]


class TestRules:
    def test_each_rule_picks_its_own(self):
        steady, bold = [10.0] * 10, [-50.0] + [20.0] * 9
        found = table(np.column_stack([steady, bold]), ["steady", "bold"]).by_rule()
        picked = dict(zip(found["rule"], found["option"], strict=True))
        assert picked["Best on average"] == "bold"
        assert picked["Most often the best"] == "bold"
        assert picked["Best in its worst tenth"] == "steady"
        assert picked["Least likely to lose money"] == "steady"
        assert picked["Smallest largest regret"] == "steady"

    def test_the_prudent_figure_carries_its_words(self):
        found = table([[0.0, 5.0], [0.0, 6.0]], ["as now", "support"])
        assert "80% likely to be at least this" in found.summary()
        assert "P80" not in found.summary()
        assert "Every other rule of choice picks it too." in found.summary()


class TestResult:
    def test_it_survives_json(self, benefit):
        found = table(benefit)
        assert DecisionTable.from_json(found.to_json()) == found

    def test_it_introduces_itself(self, benefit):
        found = table(benefit, ["a", "b", "c", "d"])
        assert repr(found).startswith("DecisionTable(best='b'")
        for text in (found.summary(), found._repr_html_()):
            assert "2026-27 prices" in text
            assert "seed 1" in text
            assert "500 draws" in text
        assert found.plot().get_yticklabels()[1].get_text() == "b"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (([1.0, 2.0],), "give \\(draw, option\\)"),
        (([[1.0, 2.0]],), "at least 2 draws"),
        (([[1.0, np.nan], [1, 2]],), "finite"),
        (([[1.0, 2.0], [3, 4]], ["a"]), "name each column"),
        (([[1.0, 2.0], [3, 4]], ["a", "a"]), "several options are called a"),
    ],
)
def test_what_cannot_be_used(given, words):
    with pytest.raises(ValueError, match=words):
        table(*given)


class TestLossCurve:
    def test_against_a_count(self, benefit):
        amounts = [0.0, 5e3, 4e4]
        found = probability_of_loss_beyond(benefit, amounts)
        for (_, row), (j, amount) in zip(
            found.iterrows(), [(j, a) for j in range(4) for a in amounts], strict=True
        ):
            share = sum(v < -amount for v in benefit[:, j].tolist()) / 500
            assert row["probability"] == share
            assert row["standard_error"] >= math.sqrt(share * (1 - share) / 500)

    def test_a_loss_of_exactly_the_amount_is_not_beyond_it(self):
        assert probability_of_loss_beyond([[-5.0], [-5.0]], [5.0])["probability"].tolist() == [0.0]

    @pytest.mark.parametrize("amounts", [[-1.0], [np.inf], [[1.0]]])
    def test_amounts_are_losses(self, amounts):
        with pytest.raises(ValueError, match="0 or more"):
            probability_of_loss_beyond([[1.0], [2.0]], amounts)
