import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.stats import qmc

from communitybudget.parameters import Distribution
from communitybudget.sampling import Sampled, dirichlet, make_design, part_sizes, sample, uniform

NAMES = ["cost", "reach", "rate"]


@pytest.mark.parametrize("name", ["latin_hypercube", "sobol"])
class TestAnyDesign:
    def test_numbers_lie_strictly_between_0_and_1(self, name):
        for column in make_design(name, NAMES, 3_001, 1, replicates=3).uniforms.values():
            assert column.shape == (3_001,)
            assert column.min() > 0
            assert column.max() < 1

    def test_the_same_seed_gives_the_same_bits_and_another_others(self, name):
        first, again, other = (make_design(name, NAMES, 64, seed).uniforms["rate"] for seed in (0, 0, 1))
        assert_array_equal(first, again)
        assert not np.isin(first, other).any()

    def test_it_is_read_as_streams_are(self, name):
        design = make_design(name, [*NAMES, "a", "b", "luck"], 128, 1)
        cost = sample([Sampled("cost", Distribution("uniform", (2.0, 4.0)))], 128, 1, design.streams())[
            "cost"
        ]
        np.testing.assert_allclose(cost, 2 + 2 * design.uniforms["cost"], rtol=1e-12)
        shares = dirichlet(["a", "b"], [0.3, 0.7], 40, 128, 1, design.streams())
        assert shares["a"].mean() == pytest.approx(0.3, abs=0.01)
        assert_array_equal(uniform("luck", 128, 1, design.streams()), design.uniforms["luck"])

    def test_parts_are_independent_and_differ(self, name):
        column = make_design(name, NAMES, 64, 1, replicates=4).uniforms["cost"]
        parts = np.split(column, 4)
        assert len({tuple(part) for part in parts}) == 4

    @pytest.mark.parametrize(
        ("names", "draws", "seed", "replicates", "words"),
        [
            (NAMES, 0, 1, None, "ask for at least 1"),
            (NAMES, 10, -1, None, "whole number from 0"),
            (NAMES, 10, 1, 0, "replicates is 0"),
            (NAMES, 10, 1, 11, "10 draws cannot be made in 11"),
            (["cost", "cost"], 10, 1, None, "cost is there twice"),
        ],
    )
    def test_what_cannot_be_made(self, name, names, draws, seed, replicates, words):
        with pytest.raises(ValueError, match=words):
            make_design(name, names, draws, seed, replicates)


class TestLatinHypercube:
    @pytest.mark.parametrize(("draws", "replicates"), [(1, 1), (97, 1), (100, 3)])
    def test_each_cell_is_met_once_in_each_part(self, draws, replicates):
        design = make_design("latin_hypercube", NAMES, draws, 5, replicates)
        for column in design.uniforms.values():
            for part in np.array_split(column, replicates):
                assert_array_equal(np.sort(np.floor(part * part.size)), np.arange(part.size))

    def test_another_name_leaves_the_columns_of_the_others(self):
        few, many = (make_design("latin_hypercube", n, 50, 1).uniforms for n in (NAMES, ["new", *NAMES]))
        for name in NAMES:
            assert_array_equal(few[name], many[name])


class TestSobol:
    def test_points_are_the_scrambled_ones_of_scipy(self):
        """The first 2^m of a scrambled sequence are a net: one in each of as many equal intervals."""
        design = make_design("sobol", NAMES, 256, 1, replicates=1)
        for column in design.uniforms.values():
            assert_array_equal(np.sort(np.floor(column * 256)), np.arange(256))
        points = np.array(list(design.uniforms.values())).T
        assert qmc.discrepancy(points) < qmc.discrepancy(np.random.default_rng(1).random((256, 3))) / 10

    def test_the_order_of_its_dimensions_is_kept_and_printed(self):
        design = make_design("sobol", NAMES, 16, 1)
        assert design.names == tuple(NAMES)
        assert design.summary().endswith("Dimensions, in order: cost, reach, rate.")
        assert design.replicates == 8

    def test_more_unknowns_than_dimensions_are_refused_with_another_way(self):
        names = [f"n{i}" for i in range(qmc.Sobol.MAXDIM + 1)]
        with pytest.raises(ValueError, match="21,201 dimensions; use latin_hypercube"):
            make_design("sobol", names, 1, 1, 1)

    def test_nothing_unknown_is_no_fault(self):
        assert make_design("sobol", [], 8, 1).uniforms == {}


def test_random_draws_need_no_table():
    with pytest.raises(ValueError, match="use latin_hypercube or sobol"):
        make_design("random", NAMES, 10, 1)


def test_parts_are_those_of_numpy():
    for draws, replicates in ((10, 4), (8, 8), (1_000, 7)):
        assert part_sizes(draws, replicates) == [len(p) for p in np.array_split(np.arange(draws), replicates)]
