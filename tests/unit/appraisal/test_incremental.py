"""The incremental table: against a naive search of all mixes, published tables, and laws."""

import json
from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from communitybudget._core.errors import ParameterNotFound
from communitybudget._core.results import same
from communitybudget.appraisal import INCREMENTAL_COLUMNS, IncrementalTable, incremental_table
from communitybudget.sensitivity import monte_carlo_error, ratio_error

Point = tuple[int, int]


def certain(points: list[Point] | list[tuple[float, float]], names: list[str] | None = None, **more):
    """A table of options whose cost and benefit do not vary."""
    costs, benefits = np.tile(np.array(points, dtype=float).T[:, None, :], (1, 2, 1))
    labels = names or [f"option {i}" for i in range(len(points))]
    return incremental_table(costs, benefits, labels, price_base="2026-27", **more)


def row_of(table: IncrementalTable, option: str):
    return next(row for row in table.rows if row.option == option)


def dominated(point: Point, points: list[Point]) -> bool:
    """Whether another point, or any mix of any two others, is no dearer and brings no less, one strictly."""
    if any(c <= point[0] and b >= point[1] and (c, b) != point for c, b in points):
        return True
    for (low, worse), (high, better) in permutations(points, 2):
        if low < point[0] < high:
            share = (point[0] - low) / (high - low)
            if (1 - share) * worse + share * better > point[1] + 1e-9:
                return True
    return False


PLANE = st.lists(
    st.tuples(st.integers(-20, 20), st.integers(-20, 20)), min_size=1, max_size=6, unique=True
).filter(lambda points: (0, 0) not in points)


class TestAgainstAllMixes:
    @settings(max_examples=150)
    @given(points=PLANE)
    def test_what_is_left_is_what_nothing_dominates(self, points: list[Point]) -> None:
        table = certain(points)
        every = {"Business as usual": (0, 0)} | {f"option {i}": p for i, p in enumerate(points)}
        expected = {name for name, point in every.items() if not dominated(point, list(every.values()))}
        assert set(table.frontier) == expected
        for row in table.rows:
            assert row.status.startswith("dominated by") is (row.option not in expected)

    @settings(max_examples=60)
    @given(points=PLANE)
    def test_along_the_frontier_each_pound_brings_less_and_each_step_is_over_the_last(
        self, points: list[Point]
    ) -> None:
        table = certain(points)
        rows = [row for row in table.rows if row.on_frontier]
        steps = [row.over_next_cheaper for row in rows[1:]]
        assert [step.over for step in steps] == [row.option for row in rows[:-1]]
        ratios = [step.ratio for step in steps]
        assert all(later <= earlier + 1e-9 for earlier, later in pairwise(ratios))
        assert rows[0].over_next_cheaper is None

    @settings(max_examples=60)
    @given(points=PLANE, order=st.randoms(use_true_random=False))
    def test_the_order_of_options_is_nothing(self, points: list[Point], order) -> None:
        names = [f"option {i}" for i in range(len(points))]
        pairs = list(zip(points, names, strict=True))
        order.shuffle(pairs)
        again = certain([point for point, _ in pairs], [name for _, name in pairs])
        table = certain(points, names)
        assert same({n: row_of(again, n) for n in names}, {n: row_of(table, n) for n in names})

    @settings(max_examples=60)
    @given(points=PLANE, extra=st.tuples(st.integers(-20, 20), st.integers(-20, 20)))
    def test_a_dominated_option_changes_nothing_for_the_others(
        self, points: list[Point], extra: Point
    ) -> None:
        if extra in points or extra == (0, 0) or not dominated(extra, [(0, 0), *points]):
            return
        names = [f"option {i}" for i in range(len(points))]
        more = certain([*points, extra], [*names, "extra"])
        others = tuple(row for row in more.rows if row.option != "extra")
        assert same(others, certain(points, names).rows)


class TestPublished:
    def test_a_frontier_with_simple_and_extended_dominance(self) -> None:
        """Screening for bowel cancer by blood: JAMA Network Open 2023, PubMed Central PMC10654798, table 2.

        Costs in US dollars and life-years gained a person over natural history; the table prints the cost of
        a life-year, our ratio is life-years for a dollar. Life-years are printed to three places, so that the
        cost of one is only known within 1% for colonoscopy and within 7% for the next step.
        """
        names = ["FIT", "Colonoscopy", "Stool DNA", "Colonoscopy-LB", "LB"]
        cost, gained = [8223, 9037, 11583, 12006, 15562], [35.624, 35.672, 35.641, 35.680, 35.581]
        table = certain([(c - 6284, g - 35.574) for c, g in zip(cost, gained, strict=True)], names)
        assert table.frontier == ("Business as usual", "Colonoscopy", "Colonoscopy-LB")
        status = {row.option: row.status for row in table.rows}
        assert status["FIT"] == "dominated by a mix of Business as usual and Colonoscopy"
        assert status["Stool DNA"] == "dominated by Colonoscopy"
        assert status["LB"] == "dominated by Colonoscopy-LB"
        steps = {row.option: row.over_next_cheaper for row in table.rows}
        assert (round(steps["Colonoscopy"].cost), round(steps["Colonoscopy"].benefit, 3)) == (2753, 0.098)
        assert 1 / steps["Colonoscopy"].ratio == pytest.approx(28_071, rel=0.01)
        assert (round(steps["Colonoscopy-LB"].cost), round(steps["Colonoscopy-LB"].benefit, 3)) == (
            2969,
            0.008,
        )
        assert 1 / steps["Colonoscopy-LB"].ratio == pytest.approx(377_538, rel=0.07)

    def test_a_ladder_of_five_steps(self) -> None:
        """Bowel screening in Australia: Australia and New Zealand Health Policy 2 (2005) 10, table 7.

        Australian dollars and life-years gained over existing practice. Life-years are printed whole, which
        leaves half a percent in the smallest step.
        """
        cost = [140_117_791, 248_112_291, 304_301_903, 370_181_240, 422_777_702]
        gained = [3551, 6023, 6720, 7076, 7299]
        table = certain(list(zip(cost, gained, strict=True)))
        steps = [row.over_next_cheaper for row in table.rows[1:]]
        assert len(table.frontier) == 6
        assert [step.cost for step in steps] == [
            140_117_791,
            107_994_500,
            56_189_612,
            65_879_337,
            52_596_462,
        ]
        assert [step.benefit for step in steps] == [3551, 2472, 697, 356, 223]
        printed = [39_459, 43_687, 80_616, 185_054, 235_859]
        np.testing.assert_allclose([1 / step.ratio for step in steps], printed, rtol=0.005)

    def test_an_option_that_costs_more_and_brings_less(self) -> None:
        """Radiotherapy after a test: JNCI Cancer Spectrum 4 (2020) pkaa004, table 1, US dollars and QALYs."""
        points = [(12_118.17 - 1695.865, 8.590681 - 8.570992), (12_224.17 - 1695.865, 8.583273 - 8.570992)]
        table = certain(points, ["Strategy 3", "Strategy 2"])
        assert [row.status for row in table.rows][1:] == ["not dominated", "dominated by Strategy 3"]
        step = table.rows[1].over_next_cheaper
        assert (round(step.cost, 2), round(step.benefit, 6)) == (10_422.31, 0.019689)  # printed .019688
        assert 1 / step.ratio == pytest.approx(529_365.8, rel=1e-4)
        assert round(table.rows[2].over_next_cheaper.cost, 2) == 106.00
        assert round(table.rows[2].over_next_cheaper.benefit, 5) == -0.00741


class TestOverDraws:
    @pytest.fixture
    def drawn(self) -> tuple[np.ndarray, np.ndarray]:
        draws = np.random.default_rng(3)
        costs = draws.normal([100.0, 250.0], [5.0, 20.0], (400, 2))
        return costs, costs * [2.0, 1.5] + draws.normal(0, 60, (400, 2))

    def test_figures_and_their_errors(self, drawn) -> None:
        costs, benefits = drawn
        table = incremental_table(costs, benefits, ["a", "b"], price_base="2026-27", do_minimum="a")
        step = table.rows[2].over_next_cheaper
        cost, benefit = costs[:, 1] - costs[:, 0], benefits[:, 1] - benefits[:, 0]
        assert step.over == "a"
        assert step.ratio == pytest.approx(benefit.mean() / cost.mean())
        assert step.ratio_error == pytest.approx(ratio_error(benefit, cost))
        assert step.net_error == pytest.approx(monte_carlo_error(benefit - cost))
        assert step.probability == np.mean(benefit >= cost)
        assert table.rows[2].over_do_minimum == step
        assert table.rows[1].over_do_minimum is None

    def test_the_order_of_draws_is_nothing(self, drawn) -> None:
        costs, benefits = drawn
        tables = [
            incremental_table(costs[o], benefits[o], ["a", "b"], price_base="2026-27").to_frame()
            for o in (slice(None), slice(None, None, -1))
        ]
        assert tables[0]["status"].equals(tables[1]["status"])
        figures = tables[0].select_dtypes("number").columns
        np.testing.assert_allclose(tables[0][figures], tables[1][figures], rtol=1e-10)


class TestTies:
    def test_copies_are_named_and_the_first_stays(self) -> None:
        table = certain([(10, 20), (10, 20)], ["first", "second"])
        assert [row.status for row in table.rows][1:] == ["not dominated", "the same as first"]
        assert np.isnan(table.rows[2].over_next_cheaper.ratio)

    def test_rounding_makes_no_difference(self) -> None:
        table = certain([(0.1 + 0.2, 0.6), (0.3, 0.3 + 0.3)], ["first", "second"])
        assert [row.status for row in table.rows][1:] == ["not dominated", "the same as first"]

    def test_of_one_cost_the_larger_benefit_dominates(self) -> None:
        assert certain([(10, 20), (10, 30)]).rows[2].status == "dominated by option 1"

    def test_options_on_a_straight_line_stay(self) -> None:
        assert len(certain([(10, 20), (20, 40), (30, 60)]).frontier) == 4

    def test_business_as_usual_can_be_dominated(self) -> None:
        table = certain([(-10, 5)], ["cheaper"])
        assert [(row.option, row.status) for row in table.rows] == [
            ("cheaper", "not dominated"),
            ("Business as usual", "dominated by cheaper"),
        ]


class TestFaults:
    @pytest.mark.parametrize(
        ("costs", "benefits", "labels", "words"),
        [
            ([[1.0], [1.0]], [[1.0, 2.0]] * 2, ["a"], r"costs have shape \(2, 1\) and benefits \(2, 2\)"),
            ([[1.0]], [[1.0]], ["a"], "give at least 2 draws"),
            ([[1.0]] * 2, [[np.nan]] * 2, ["a"], "benefits holds nan"),
            ([[1.0]] * 2, [[1.0]] * 2, ["a", "b"], "2 names and 1 options in costs and benefits"),
            ([[1.0]] * 2, [[1.0]] * 2, ["Business as usual"], "always in the table, at nil"),
        ],
    )
    def test_arrays(self, costs, benefits, labels, words: str) -> None:
        with pytest.raises(ValueError, match=words):
            incremental_table(costs, benefits, labels, price_base="2026-27")

    def test_a_do_minimum_that_is_not_there(self) -> None:
        with pytest.raises(
            ParameterNotFound, match="do_minimum 'suport' is no option; did you mean 'support'"
        ):
            certain([(1, 1)], ["support"], do_minimum="suport")


def test_it_introduces_itself() -> None:
    table = certain([(100, 150), (200, 210)], ["Minimum", "Support"], do_minimum="Minimum", seed=4)
    assert repr(table).startswith("IncrementalTable(frontier=['Business as usual', 'Minimum', 'Support'],")
    assert "over Minimum each further pound brings £0.60" in table.summary()
    assert "2026-27 prices · seed 4 · 2 draws" in table._repr_html_()
    json.loads(table.to_json())
    assert IncrementalTable.from_json(table.to_json()) == table
    frame = table.to_frame()
    assert list(frame.columns) == list(INCREMENTAL_COLUMNS)
    assert frame.loc[2, ["do_minimum", "do_minimum_net"]].tolist() == ["Minimum", -40.0]
    assert frame.loc[0, "over"] == ""
    assert table.plot().get_title() == "What each option costs and brings"
