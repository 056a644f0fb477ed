import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from communitybudget._core.errors import ParameterNotFound
from communitybudget._core.streams import Streams
from communitybudget.parameters import Distribution, fixed, from_interval, from_mean_sd
from communitybudget.sampling import Sampled, dirichlet, dirichlet_size, sample, uniform

COST = Sampled("cost", from_mean_sd(100, 20))
SHARE = Sampled("share", Distribution("beta", (3.0, 8.0)))
RATE = Sampled("rate", from_interval(0.1, 0.05, 0.3, "ci95"))
KNOWN = Sampled("known", fixed(3.0))


def ranks(column):
    return np.argsort(np.argsort(column))


class TestStreams:
    def test_order_changes_nothing(self):
        forward = sample([COST, SHARE, RATE], 50, 1)
        backward = sample([RATE, SHARE, COST], 50, 1)
        for key in ("cost", "share", "rate"):
            assert_array_equal(forward[key], backward[key])

    def test_what_else_is_drawn_changes_nothing(self):
        others = [Sampled(f"other{i}", COST.distribution) for i in range(20)]
        assert_array_equal(sample([*others, RATE], 50, 1)["rate"], sample([RATE], 50, 1)["rate"])

    def test_another_distribution_keeps_the_ranks(self):
        local = Sampled("cost", from_mean_sd(140, 5))
        assert_array_equal(ranks(sample([local], 50, 1)["cost"]), ranks(sample([COST], 50, 1)["cost"]))

    def test_more_draws_begin_with_the_same(self):
        assert_array_equal(sample([COST, SHARE], 80, 1)["share"][:50], sample([COST, SHARE], 50, 1)["share"])

    def test_seed_0_is_a_seed_like_any_other(self):
        zero, one = sample([COST], 50, 0), sample([COST], 50, 1)
        assert_array_equal(zero["cost"], sample([COST], 50, 0)["cost"])
        assert not np.isin(zero["cost"], one["cost"]).any()

    def test_names_differ_by_more_than_their_beginning(self):
        long = "activity.child_safety.looked_after."
        drawn = sample([Sampled(long + end, COST.distribution) for end in "ab"], 50, 0)
        assert not np.isin(drawn[long + "a"], drawn[long + "b"]).any()

    def test_chances_have_a_stream_of_their_own(self):
        chances = uniform("no effect", 1_000, 0)
        assert_array_equal(chances, uniform("no effect", 1_000, 0))
        assert 0 <= chances.min() < 0.01
        assert 0.99 < chances.max() < 1

    def test_figures_that_must_never_change(self):
        # Draws of version 0.1: whoever changes a stream changes every result computed before.
        drawn = sample([Sampled("cost", Distribution("normal", (0.0, 1.0)))], 3, 0)["cost"]
        assert_allclose(drawn, [0.654275553633758, -0.49685559395554096, 1.2863717188303687], rtol=1e-14)


class TestLevels:
    def test_one_unknown_level_in_several_rows(self):
        bands = [
            Sampled("m0", from_interval(0.2, 0.1, 0.4, "ci95"), "level"),
            Sampled("m3", from_interval(0.1, 0.03, 0.2, "ci95"), "level"),
            Sampled("m6", Distribution("beta", (3.0, 8.0)), "level"),
        ]
        drawn = sample([*bands, RATE], 500, 1)
        assert_array_equal(ranks(drawn["m0"]), ranks(drawn["m3"]))
        assert_array_equal(ranks(drawn["m0"]), ranks(drawn["m6"]))
        assert abs(np.corrcoef(drawn["m0"], drawn["rate"])[0, 1]) < 0.15

    def test_equal_rows_of_one_level_are_equal(self):
        pair = [Sampled(name, COST.distribution, "level") for name in ("a", "b")]
        drawn = sample(pair, 50, 1)
        assert_array_equal(drawn["a"], drawn["b"])

    def test_without_a_level_each_stands_alone(self):
        drawn = sample([Sampled(name, COST.distribution) for name in ("a", "b")], 500, 1)
        assert abs(np.corrcoef(drawn["a"], drawn["b"])[0, 1]) < 0.15

    def test_a_level_is_named_by_whoever_uses_it(self):
        own = sample([Sampled("level", COST.distribution)], 50, 1)["level"]
        assert_array_equal(sample([Sampled("a", COST.distribution, "level")], 50, 1)["a"], own)


class TestPieces:
    """Read piece by piece from open streams, the numbers are those of one go."""

    def pieces(self, draw, sizes=(1, 7, 30, 12)):
        streams = Streams(4)
        for size in sizes:
            streams.next_piece()
            yield draw(size, streams)

    def test_parameters(self):
        spec = [COST, SHARE, RATE, KNOWN, Sampled("m3", from_interval(0.1, 0.03, 0.2, "ci95"), "rate")]
        found = list(self.pieces(lambda size, streams: sample(spec, size, 4, streams)))
        for key, column in sample(spec, 50, 4).columns.items():
            assert_array_equal(np.concatenate([piece[key] for piece in found]), column)

    def test_chances(self):
        found = list(self.pieces(lambda size, streams: uniform("no effect", size, 4, streams)))
        assert_array_equal(np.concatenate(found), uniform("no effect", 50, 4))

    def test_shares(self):
        names, shares = ["a", "b", "c"], [0.4, 0.0, 0.6]
        found = list(self.pieces(lambda size, streams: dirichlet(names, shares, 40, size, 4, streams)))
        for name, column in dirichlet(names, shares, 40, 50, 4).items():
            assert_array_equal(np.concatenate([piece[name] for piece in found]), column)

    def test_a_name_asked_twice_in_a_piece_gives_the_same(self):
        for one, other in self.pieces(
            lambda size, streams: [uniform("no effect", size, 4, streams) for _ in range(2)]
        ):
            assert_array_equal(one, other)

    def test_part_of_a_piece_knows_where_it_stands(self):
        piece = sample([COST], 10, 1).part(4, 9)
        assert (piece.first, piece.part(2, 3).first, piece.with_fixed("cost", 1.0).first) == (4, 6, 4)


class TestDraws:
    draws = sample([COST, SHARE, KNOWN], 10, 1)

    def test_a_known_number_is_a_constant(self):
        assert self.draws["known"] == 3.0
        assert set(self.draws.columns) == {"cost", "share"}

    def test_an_unknown_name_is_answered_with_the_nearest(self):
        with pytest.raises(ParameterNotFound, match="'shore' was not drawn; did you mean 'share'"):
            self.draws["shore"]
        with pytest.raises(KeyError):
            self.draws["shore"]

    def test_one_parameter_held_fast(self):
        held = self.draws.with_fixed("cost", 90.0)
        assert held["cost"] == 90.0
        assert_array_equal(held["share"], self.draws["share"])
        assert isinstance(self.draws["cost"], np.ndarray)
        assert self.draws.with_fixed("known", 4.0)["known"] == 4.0

    @pytest.mark.parametrize(
        ("draws", "seed", "words"), [(0, 1, "at least 1"), (5, -1, "whole number from 0")]
    )
    def test_what_cannot_be_drawn(self, draws, seed, words):
        with pytest.raises(ValueError, match=words):
            sample([COST], draws, seed)


class TestDirichlet:
    def test_shares_sum_to_one(self):
        drawn = dirichlet(["a", "b", "c"], [0.2, 0.3, 0.5], 40, 500, 0)
        assert_allclose(sum(drawn.values()), 1, rtol=1e-15)
        assert min(column.min() for column in drawn.values()) > 0

    def test_shares_are_rescaled(self):
        one = dirichlet(["a", "b"], [0.2, 0.6], 40, 50, 0)
        other = dirichlet(["a", "b"], [0.25, 0.75], 40, 50, 0)
        assert_allclose(one["a"], other["a"], rtol=1e-12)

    def test_a_share_of_nothing_stays_nothing(self):
        drawn = dirichlet(["a", "b", "c"], [0.4, 0.0, 0.6], 40, 50, 0)
        assert_array_equal(drawn["b"], np.zeros(50))
        assert_allclose(drawn["a"] + drawn["c"], 1, rtol=1e-15)

    def test_order_changes_nothing_but_the_last_bit(self):
        one = dirichlet(["a", "b", "c"], [0.2, 0.3, 0.5], 40, 50, 0)
        other = dirichlet(["c", "a", "b"], [0.5, 0.2, 0.3], 40, 50, 0)
        for name in "abc":
            assert_allclose(one[name], other[name], rtol=1e-14)

    def test_names_and_shares_go_together(self):
        with pytest.raises(ValueError, match="zip"):
            dirichlet(["a", "b"], [1.0], 40, 50, 0)

    def test_size_from_one_interval(self):
        # 30% with a standard deviation of 4% is worth 0.3 * 0.7 / 0.04 ** 2 - 1 people.
        low, high = 0.3 - 1.96 * 0.04, 0.3 + 1.96 * 0.04
        assert dirichlet_size([0.3], [low], [high], 1.96) == pytest.approx(130.25)

    def test_size_is_the_middle_of_those_implied(self):
        shares, spread = [0.5, 0.5, 0.5], np.array([0.02, 0.05, 0.2])
        found = dirichlet_size(shares, shares - spread, shares + spread, 1.0)
        assert found == pytest.approx(0.25 / 0.05**2 - 1)

    def test_known_shares_do_not_count(self):
        assert dirichlet_size([0.3, 0.7], [0.26, 0.7], [0.34, 0.7], 1.0) == pytest.approx(130.25)

    def test_the_widest_intervals_are_worth_one_person(self):
        assert dirichlet_size([0.5], [0.0], [1.0], 1.0) == 1.0


class TestKeptColumns:
    def test_another_run_gives_the_very_column_and_nobody_can_write_in_it(self):
        known = [Sampled("kept.a", from_mean_sd(100, 10)), Sampled("kept.b", from_mean_sd(5, 1))]
        first, again = (sample(known, 50, 3) for _ in range(2))
        assert again["kept.a"] is first["kept.a"]
        with pytest.raises(ValueError, match="read-only"):
            first["kept.a"][0] = 1.0

    def test_one_number_changed_is_drawn_again_and_the_others_are_not(self):
        one, other = from_mean_sd(100, 10), from_mean_sd(200, 10)
        before = sample([Sampled("kept.a", one), Sampled("kept.b", one)], 50, 3)
        after = sample([Sampled("kept.a", other), Sampled("kept.b", one)], 50, 3)
        assert after["kept.b"] is before["kept.b"]
        assert (after["kept.a"] != before["kept.a"]).all()

    def test_pieces_are_read_on_and_not_kept(self):
        parameter = [Sampled("kept.a", from_mean_sd(100, 10))]
        streams, pieces = Streams(3), []
        for _ in range(2):
            streams.next_piece()
            pieces.append(sample(parameter, 25, 3, streams)["kept.a"])
        np.testing.assert_array_equal(np.concatenate(pieces), sample(parameter, 50, 3)["kept.a"])
