import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from communitybudget.pathways import Rate, StartShare
from communitybudget.simulation import build_layout, kernel, place_start
from communitybudget.simulation.kernel import follow, initial_cells, is_dense, probabilities
from communitybudget.simulation.weights import year_weights


def rate(move, from_month=0, to_month=None):
    source, target = move.split(">")
    return Rate((source, target), from_month, to_month, f"{move}.m{from_month}", "")


def run(states, rates, hazards, start, years=2, **more):
    """Follow one lane; hazards by parameter, start as (state, months so far)."""
    layout = build_layout(states, rates)
    starts = place_start(layout, [StartShare(state, months, "") for state, months in start])
    column = [
        np.array([hazards[e.parameter] for e in part])[:, None] for part in (layout.edges, layout.events)
    ]
    p = probabilities(layout, column[0].reshape(-1, 1), column[1].reshape(-1, 1))
    shares = np.full((len(starts), 1), 1 / len(starts))
    return layout, follow(layout, starts, shares, p, 12 * years, year_weights(years), **more)


def test_competing_exits_share_what_leaves():
    layout = build_layout(["a", "b", "c"], [rate("a>b"), rate("a>c")])
    p = probabilities(layout, np.array([[0.3, 0.0], [0.1, 0.0]]), np.empty((0, 2)))
    leaving = 1 - math.exp(-0.4)
    assert_allclose(p.moves[:, 0], [0.75 * leaving, 0.25 * leaving], rtol=1e-15)
    assert_allclose(p.stays[:, 0], [math.exp(-0.4), 1, 1], rtol=1e-15)
    # a lane in which nobody leaves
    assert_array_equal(p.moves[:, 1], [0, 0])
    assert_array_equal(p.stays[:, 1], [1, 1, 1])


def test_a_tiny_rate_keeps_its_digits():
    layout = build_layout(["a", "b"], [rate("a>b")])
    p = probabilities(layout, np.array([[1e-14]]), np.empty((0, 1)))
    assert_allclose(p.moves, [[1e-14]], rtol=1e-12)


def test_leaving_at_a_constant_rate_is_a_geometric_series():
    _, bins = run(["home", "away"], [rate("home>away")], {"home>away.m0": 0.1}, [("home", 0)])
    left = np.exp(-0.1 * np.arange(25))
    assert_allclose(bins.final[:, 0], [left[24], 1 - left[24]], rtol=1e-13)
    assert_allclose(bins.moves[:, 0, 0], [1 - left[12], left[12] - left[24]], rtol=1e-13)
    months = (left[:-1] + left[1:]) / 2
    assert_allclose(bins.occupancy[:, 0, 0], [months[:12].sum(), months[12:].sum()], rtol=1e-13)


def test_a_band_that_holds_for_exactly_its_months():
    # all leave at once after five months: a rate of 50 a month leaves nobody
    rates = [rate("custody>released", 5)]
    layout, bins = run(["custody", "released"], rates, {"custody>released.m5": 50.0}, [("custody", 0)])
    assert [c.from_month for c in layout.cells if c.state == "custody"] == [0, 5]
    assert_allclose(bins.final[:, 0], [0, 0, 1], atol=1e-15)
    # months 0 to 4 in the first band, half a month on each side of the step up and out
    assert_allclose(bins.occupancy[0, :2, 0], [0.5 + 4, 1], rtol=1e-13)


@pytest.mark.parametrize("so_far", range(7))
def test_those_part_way_through_a_band_leave_it_sooner(so_far):
    rates = [rate("plan>closed", 0, 6), rate("plan>closed", 6)]
    hazards = {"plan>closed.m0": 0.1, "plan>closed.m6": 0.4}
    _, bins = run(["plan", "closed"], rates, hazards, [("plan", so_far)], years=1)
    slow = 6 - so_far
    assert_allclose(bins.final[-1], 1 - math.exp(-0.1 * slow - 0.4 * (12 - slow)), rtol=1e-13)


def test_coming_back_starts_the_clock_again():
    # out at once, back at once: nobody ever reaches the second month, however long they are followed
    rates = [rate("in>out", 0, 1), rate("out>in")]
    _, bins = run(["in", "out"], rates, {"in>out.m0": 60.0, "out>in.m0": 60.0}, [("in", 0)])
    assert_allclose(bins.occupancy[:, 1, 0], 0, atol=1e-13)
    assert_allclose(bins.moves.sum(axis=1)[:, 0], 12, rtol=1e-13)


def test_events_happen_to_those_present_and_move_nobody():
    rates = [rate("closed>closed", 0, 12), rate("closed>closed", 12)]
    hazards = {"closed>closed.m0": 0.5, "closed>closed.m12": 0.25}
    _, bins = run(["closed"], rates, hazards, [("closed", 0)])
    assert_array_equal(bins.events[:, :, 0], [[6, 0], [0, 3]])
    assert bins.final.sum() == 1


def test_nobody_is_there_less_than_never():
    rates = [rate("a>b", 0, 2), rate("a>b", 2, 5), rate("a>b", 5), rate("b>a", 0, 3), rate("b>a", 3)]
    hazards = dict(zip([r.parameter for r in rates], [0.9, 0.01, 2.5, 1.1, 0.003], strict=True))
    _, bins = run(["a", "b"], rates, hazards, [("a", 1), ("b", 2)], years=30)
    assert bins.final.min() > -1e-15
    assert bins.occupancy.min() > -1e-13
    assert bins.final.sum() == pytest.approx(1, abs=1e-13)


def test_shares_in_one_place_add_up():
    layout = build_layout(["a", "b"], [rate("a>b")])
    starts = place_start(layout, [StartShare("a", 3, ""), StartShare("a", 8, ""), StartShare("b", 0, "")])
    cells = initial_cells(layout, starts, np.array([[0.2], [0.3], [0.5]]))
    assert_allclose(cells, [[0.5], [0.5]])


@pytest.mark.parametrize("changing", [frozenset(), frozenset(range(8))])
@pytest.mark.parametrize("counted", [None, frozenset()])
def test_bands_of_one_month_in_a_row_move_together(monkeypatch, changing, counted):
    """Two months, five bands of one, four months, an open end: as by ladders alone."""
    cuts = [0, 2, 3, 4, 5, 6, 7, 11]
    bands = list(zip(cuts, [*cuts[1:], None], strict=True))
    rates = [rate(move, *band) for band in bands for move in ("a>b", "a>c")] + [rate("b>a")]
    hazards = {f"a>b.m{cut}": 0.05 + 0.01 * cut for cut in cuts}
    hazards |= {f"a>c.m{cut}": 0.02 / (1 + cut) for cut in cuts} | {"b>a.m0": 0.3}
    start = [("a", 0), ("a", 1), ("a", 4), ("a", 8), ("a", 30), ("b", 0)]

    def update(month, p):
        p.moves[...] = p.moves
        return True

    settings = {"counted": counted, "changing": changing, "update": update if changing else None}
    _, together = run(["a", "b", "c"], rates, hazards, start, **settings)
    monkeypatch.setattr("communitybudget.simulation.kernel._TUNNEL", 100)
    _, apart = run(["a", "b", "c"], rates, hazards, start, **settings)
    for name in ("occupancy", "moves", "final"):
        assert_allclose(getattr(together, name), getattr(apart, name), rtol=0, atol=1e-13)
    assert_allclose(together.final.sum(), 1, rtol=1e-14)


def all_moves(states, fan_out):
    """A layout in which each state has a move to so many of the next ones, counted round."""
    names = [f"s{i}" for i in range(states)]
    pairs = [(names[i], names[(i + step) % states]) for i in range(states) for step in range(1, fan_out + 1)]
    return build_layout(names, [rate(f"{a}>{b}") for a, b in pairs])


@pytest.mark.parametrize(
    ("states", "fan_out", "dense"),
    [
        (4, 3, False),
        (10, 5, False),
        (10, 6, True),
        (20, 8, False),
        (20, 9, True),
        (30, 9, False),
        (30, 10, True),
    ],
)
def test_a_model_is_dense_by_its_share_of_moves(states, fan_out, dense):
    # more than 0.5 of all pairs at 10 states, 0.4 at 20 and 0.3 at 30
    assert is_dense(all_moves(states, fan_out)) is dense


def test_bands_of_time_are_never_dense():
    names = "abcdefgh"
    pairs = [(a, b) for a in names for b in names if a != b]
    assert is_dense(build_layout(names, [rate(f"{a}>{b}") for a, b in pairs]))
    assert not is_dense(build_layout(names, [rate(f"{a}>{b}", 0, 3) for a, b in pairs]))


class Dense:
    """Nine states with all moves; some rates change in the fourth month and again in the ninth."""

    states, lanes, months = 9, 23, 24

    def __init__(self):
        random = np.random.default_rng(1)
        self.layout = all_moves(self.states, self.states - 1)
        self.rates = random.gamma(2.0, 0.02, (len(self.layout.edges), self.lanes))
        self.starts = place_start(self.layout, [StartShare("s0", 0, ""), StartShare("s4", 0, "")])
        self.shares = np.array([[0.3], [0.7]]) * np.ones(self.lanes)

    def follow(self, lanes=slice(None), changing=frozenset(), counted=None):
        own = np.ascontiguousarray(self.rates[:, lanes])
        p = probabilities(self.layout, own, np.empty((0, own.shape[1])))

        def update(month, p):
            if month not in (3, 8):
                return False
            raised = own * np.where([e.source in changing for e in self.layout.edges], month / 2, 1)[:, None]
            new = probabilities(self.layout, raised, p.events)
            p.moves[...], p.stays[...], p.exit_rates[...] = new.moves, new.stays, new.exit_rates
            return True

        shares = np.ascontiguousarray(self.shares[:, lanes])
        rest = (self.months, year_weights(2), update if changing else None, changing, (1, 5), counted)
        return follow(self.layout, self.starts, shares, p, *rest)


PARTS = ("occupancy", "moves", "events", "birthdays", "final")


@pytest.mark.parametrize("changing", [frozenset(), frozenset({2, 7})], ids=["constant", "changing"])
@pytest.mark.parametrize("counted", [None, frozenset(), frozenset({0, 17, 60})], ids=["all", "none", "some"])
def test_one_product_a_month_is_what_the_moves_one_by_one_are(monkeypatch, changing, counted):
    model = Dense()
    assert is_dense(model.layout)
    dense = model.follow(changing=changing, counted=counted)
    monkeypatch.setattr(kernel, "is_dense", lambda layout: False)
    by_edges = model.follow(changing=changing, counted=counted)
    for part in PARTS:
        assert_allclose(getattr(dense, part), getattr(by_edges, part), rtol=0, atol=1e-12)
    assert_allclose(dense.final.sum(axis=0), 1, rtol=1e-13)


@pytest.mark.parametrize("size", [1, 2, 7, 16, 22])
def test_blocks_change_no_bit_of_a_dense_model(size):
    model = Dense()
    whole = model.follow(changing=frozenset({2, 7}))
    for start in range(0, model.lanes, size):
        block = slice(start, start + size)
        found = model.follow(block, frozenset({2, 7}))
        for part in PARTS:
            assert_array_equal(getattr(found, part), getattr(whole, part)[..., block])


def test_two_moves_between_the_same_states_add_up_in_a_dense_model(monkeypatch):
    names = "abcdefgh"
    pairs = [(a, b) for a in names for b in names if a != b]
    twice = build_layout(names, [rate(f"{a}>{b}") for a, b in [*pairs, ("a", "b")]])
    rates = np.random.default_rng(2).gamma(2.0, 0.02, (len(twice.edges), 3))
    starts = place_start(twice, [StartShare("a", 0, "")])

    def final():
        p = probabilities(twice, rates, np.empty((0, 3)))
        return follow(twice, starts, np.ones((1, 3)), p, 12, year_weights(1)).final

    dense = final()
    monkeypatch.setattr(kernel, "is_dense", lambda layout: False)
    assert_allclose(dense, final(), rtol=0, atol=1e-14)
