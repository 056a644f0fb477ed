import numpy as np
import pytest
from numpy.testing import assert_array_equal

from communitybudget.sensitivity.sobol_designs import input_groups, run_in_pieces, sobol_sample


def test_every_column_of_a_sobol_sample_has_one_point_in_each_step():
    points = sobol_sample(256, 40, seed=2)
    assert points.min() > 0
    assert points.max() < 1
    assert_array_equal(np.sort((256 * points).astype(int), axis=0), np.tile(np.arange(256)[:, None], 40))
    assert_array_equal(points, sobol_sample(256, 40, seed=2))
    assert (points != sobol_sample(256, 40, seed=3)).all()


@pytest.mark.parametrize(("runs", "near"), [(0, "2"), (1, "2"), (3, "4"), (100, "128"), (5000, "4,096")])
def test_a_size_that_is_no_power_of_two_is_refused_with_a_near_one(runs, near):
    with pytest.raises(ValueError, match=f"such as {near}"):
        sobol_sample(runs, 2, seed=1)


def test_groups_stand_in_the_order_of_their_first_input():
    split = input_groups(["d", "c", "b", "a"], {"c": "g", "a": "g"})
    assert split.groups == ("d", "g", "b")
    assert split.sizes == (1, 2, 1)
    assert split.owner.tolist() == [0, 1, 2, 1]
    assert split.sorted_positions.tolist() == [3, 2, 1, 0]


def test_pieces_are_told_apart_from_the_whole_by_nothing():
    def double(x):
        return 2 * x

    whole = run_in_pieces(double, lambda rows: rows[:, None] / 7, 10)
    for chunk in (1, 3, 10, 99):
        assert_array_equal(run_in_pieces(double, lambda rows: rows[:, None] / 7, 10, chunk), whole)
