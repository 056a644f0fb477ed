import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from communitybudget._core.errors import TransitionError
from communitybudget.simulation import dirichlet_rows

# CD4 counts six months apart (Craig and Sendi, Health Economics 11, 2002; as in the R package markovchain)
COUNTS = np.array([[682, 33, 25], [154, 64, 47], [19, 19, 43]])
PROGRESSIVE = np.array([[80, 15, 5], [0, 90, 10], [0, 0, 4]])


class TestDistribution:
    def test_mean_and_spread_in_closed_form(self):
        rows = dirichlet_rows(COUNTS, 20_000, seed=3, name="cd4")
        share = COUNTS / COUNTS.sum(axis=1, keepdims=True)
        sd = np.sqrt(share * (1 - share) / (COUNTS.sum(axis=1, keepdims=True) + 1))
        assert np.abs((rows.mean(axis=-1) - share) / sd).max() < 4 / np.sqrt(20_000)
        assert_allclose(rows.std(axis=-1), sd, rtol=0.03)

    def test_cells_of_a_row_move_against_each_other_as_they_should(self):
        rows = dirichlet_rows(COUNTS, 20_000, seed=3, name="cd4")
        share = COUNTS[1] / COUNTS[1].sum()
        covariance = (np.diag(share) - np.outer(share, share)) / (COUNTS[1].sum() + 1)
        assert_allclose(np.cov(rows[1]), covariance, atol=0.05 * covariance.max())

    def test_a_row_of_two_is_a_beta(self):
        from scipy.stats import beta, kstest

        drawn = dirichlet_rows([7, 23], 4_000, seed=0, name="two")[0]
        assert kstest(drawn, beta(7, 23).cdf).pvalue > 0.01

    def test_rows_sum_to_one(self):
        assert_allclose(dirichlet_rows(COUNTS, 100, 1, "cd4").sum(axis=1), 1, rtol=1e-15)


class TestZeros:
    def test_what_was_never_seen_stays_exactly_nothing(self):
        rows = dirichlet_rows(PROGRESSIVE, 200, 1, "stages")
        assert (rows[PROGRESSIVE == 0] == 0).all()
        assert (rows[2, 2] == 1).all()

    def test_a_prior_reaches_possible_cells_only(self):
        possible = [[True, True, True], [False, True, True], [False, False, True]]
        rows = dirichlet_rows([[80, 20, 0], [0, 90, 10], [0, 0, 0]], 200, 1, "stages", 0.5, possible)
        assert (rows[0, 2] > 0).all()
        assert (rows[1, 0] == 0).all()
        assert (rows[2, 2] == 1).all()
        assert rows[0, 2].mean() == pytest.approx(0.5 / 101.5, rel=0.25)


class TestStreams:
    def test_other_rows_change_nothing(self):
        changed = COUNTS.copy()
        changed[0] = [5, 5, 5]
        assert_array_equal(
            dirichlet_rows(changed, 50, 1, "cd4")[1:], dirichlet_rows(COUNTS, 50, 1, "cd4")[1:]
        )

    def test_a_state_added_at_the_end_changes_nothing(self):
        wider = np.zeros((4, 4))
        wider[:3, :3] = COUNTS
        wider[3] = [0, 0, 10, 90]
        assert_array_equal(dirichlet_rows(wider, 50, 1, "cd4")[:3, :3], dirichlet_rows(COUNTS, 50, 1, "cd4"))

    def test_more_draws_begin_with_the_same_and_names_differ(self):
        few, many = (dirichlet_rows(COUNTS, draws, 1, "cd4") for draws in (20, 50))
        assert_array_equal(many[..., :20], few)
        assert not np.isin(dirichlet_rows(COUNTS, 20, 1, "other"), few).any()

    def test_one_row_is_the_first_of_a_matrix(self):
        assert_array_equal(dirichlet_rows(COUNTS[0], 20, 1, "cd4"), dirichlet_rows(COUNTS, 20, 1, "cd4")[0])


def test_every_fault_is_told_at_once():
    possible = np.triu(np.ones((3, 3), dtype=bool))
    with pytest.raises(TransitionError, match="negative") as told:
        dirichlet_rows([[-1, 2, 0], [3, 4, 0], [0, 0, 0]], 10, 1, "x", -1, possible)
    for words in ("prior is -1", r"cell [1, 0], which is marked as impossible"):
        assert words in str(told.value)
    with pytest.raises(TransitionError, match="nobody to speak of was counted in row 1, 2; give a prior"):
        dirichlet_rows([[1, 2, 0], [0, 0, 0], [0, 0, 0]], 10, 1, "x")
    with pytest.raises(TransitionError, match="shape"):
        dirichlet_rows(np.ones((2, 2, 2)), 10, 1, "x")
