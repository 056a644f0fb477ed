import numpy as np
from numpy.testing import assert_array_equal
from scipy.stats import qmc

from communitybudget._core.sobol import sobol_points


def test_points_are_those_of_scipy_moved_to_the_middle_of_their_cell():
    points = sobol_points(64, 3, seed=5)
    assert_array_equal(points, qmc.Sobol(3, bits=30, seed=5).random(64) + 2.0**-31)
    assert points.min() > 0
    assert points.max() < 1


def test_a_number_that_is_no_power_of_two_gives_the_first_points_without_a_warning():
    assert_array_equal(sobol_points(50, 3, seed=5), sobol_points(64, 3, seed=5)[:50])


def test_each_cell_of_each_column_has_one_point():
    cells = np.sort((32 * sobol_points(32, 4, seed=0)).astype(int), axis=0)
    assert_array_equal(cells, np.tile(np.arange(32)[:, None], 4))
