"""What a pathway gives for published figures, against people counted by their months in a state."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from communitybudget._core.errors import TransitionError
from communitybudget.parameters import Parameter, ParameterSet
from communitybudget.pathways import Pathway, Rate, StartShare, State
from communitybudget.simulation.measuring import (
    flows_per_year,
    gather_group,
    listed,
    months_stayed,
    share_ever,
    share_in,
    share_leaving_by,
    share_of_leavers,
    share_remaining,
    share_touched,
)

STATES = ("a", "b", "c")
MOVES = (("a", "b"), ("a", "c"), ("b", "a"), ("b", "c"), ("c", "a"), ("b", "b"))
CUT = 5  # month at which every rate changes


def pathway_of(early, late, mix=(0.5, 0.3, 0.2)):
    """Three states; each move has a rate before and after month 5 in the state."""
    values, rates = {}, []
    for move, before, after in zip(MOVES, early, late, strict=True):
        for name, value, begin, end in (("early", before, 0, CUT), ("late", after, CUT, None)):
            key = f"transition.it.{'.'.join(move)}.{name}"
            values[key] = value
            rates.append(Rate(move, begin, end, key, key))
    starts = []
    for state, months, share in zip(STATES, (2, 0, None), mix, strict=True):
        values[f"start.it.{state}"] = share
        starts.append(StartShare(state, months, f"start.it.{state}"))
    rows = {
        key: Parameter(key=key, label=key, value=v, unit="per_month", source="it", mark="assumption")
        for key, v in values.items()
    }
    numbers = ParameterSet("it", "1", "It", rows, {}, "", {}, {})
    return Pathway(
        name="it",
        label="It",
        unit="adult",
        unit_label="adult",
        age_from=None,
        age_to=None,
        states=tuple(State(s, s) for s in STATES),
        rates={"general": tuple(rates)},
        starts={"general": tuple(starts)},
        activity=(),
        outcomes={},
        reported=(),
        break_even={},
        limits=(),
        parameters=numbers,
    )


class People:
    """The same people the slow way: a count for each state and each month in it."""

    def __init__(self, early, late, start, months, absorbing=()):
        rate = {
            move: [e if d < CUT else w for d in range(months + CUT + 1)]
            for move, e, w in zip(MOVES, early, late, strict=True)
        }
        now = dict(start)
        self.occupancy, self.flows = [dict(now)], []
        for _ in range(months):
            later, flow = {}, {}
            for (state, d), people in now.items():
                if state in absorbing:
                    later[state, d] = later.get((state, d), 0) + people
                    continue
                out = {m: rate[m][d] for m in MOVES if m[0] == state and m[1] != state}
                total = sum(out.values())
                left = people * (1 - math.exp(-total))
                later[state, d + 1] = later.get((state, d + 1), 0) + people - left
                for move, r in out.items():
                    moved = left * r / total if total else 0.0
                    later[move[1], 0] = later.get((move[1], 0), 0) + moved
                    flow[move, d] = flow.get((move, d), 0) + moved
                if state == "b":
                    flow[("b", "b"), d] = flow.get((("b", "b"), d), 0) + people * rate["b", "b"][d]
            now = later
            self.occupancy.append(dict(now))
            self.flows.append(flow)

    def share(self, states, month):
        return sum(p for (s, _), p in self.occupancy[month].items() if s in states)

    def flow(self, move, within=10**9):
        return sum(p for flow in self.flows for (m, d), p in flow.items() if m == move and d < within)


MIX = {("a", 2): 0.5, ("b", 0): 0.3, ("c", CUT): 0.2}
rates = st.lists(st.floats(0.001, 0.6), min_size=len(MOVES), max_size=len(MOVES))


class TestAgainstPeopleOneByOne:
    @given(early=rates, late=rates, first=st.integers(0, 20), more=st.integers(0, 15))
    def test_shares_in_states(self, early, late, first, more):
        group = gather_group(pathway_of(early, late), "general", "mix")
        slow = People(early, late, MIX, first + more)
        wanted = np.mean([slow.share("ac", month) for month in range(first, first + more + 1)])
        assert share_in(group, ("a", "c"), first, first + more) == pytest.approx(wanted, abs=1e-12)

    @given(early=rates, late=rates, months=st.integers(1, 30))
    def test_flows_and_leavers(self, early, late, months):
        pathway = pathway_of(early, late)
        slow = People(early, late, {("a", 0): 1.0}, months)
        group = gather_group(pathway, "general", "a")
        weights = {("a", "b"): 1.0, ("b", "b"): 0.5}
        yearly = (slow.flow(("a", "b")) + 0.5 * slow.flow(("b", "b"))) * 12 / months
        assert flows_per_year(group, weights, months) == pytest.approx(yearly, abs=1e-12)
        leaving = slow.flow(("b", "a")) + slow.flow(("b", "c")) + slow.share("b", months)
        found = share_of_leavers(group, "b", [("b", "c")], months)
        assert found == pytest.approx(slow.flow(("b", "c")) / leaving, abs=1e-12)
        assert share_of_leavers(group, "b", [], months) == pytest.approx(
            slow.share("b", months) / leaving, abs=1e-12
        )
        cut = gather_group(pathway, "general", "a", cuts={"b": {2}})
        assert share_of_leavers(cut, "b", [("b", "c")], months, within=2) == pytest.approx(
            slow.flow(("b", "c"), within=2) / leaving, abs=1e-12
        )

    @given(early=rates, late=rates, first=st.integers(0, 12), more=st.integers(1, 20))
    def test_ever_and_touched(self, early, late, first, more):
        group = gather_group(pathway_of(early, late), "general", "mix")
        slow = People(early, late, MIX, first + more, absorbing=("c",))
        inside = MIX["c", CUT]
        counted = slow.share("c", first + more) - inside
        entering = {("a", "c"): 1.0, ("b", "c"): 1.0}
        others = gather_group(pathway_of(early, late), "general", "mix: a; b")
        assert share_ever(others, entering, 0, first + more) == pytest.approx(
            counted / (1 - inside), abs=1e-12
        )
        assert share_touched(group, ("c",), first + more) == pytest.approx(inside + counted, abs=1e-12)
        late_ones = (slow.share("c", first + more) - slow.share("c", first)) / (1 - inside)
        assert share_ever(others, entering, first, first + more) == pytest.approx(late_ones, abs=1e-12)

    @given(early=rates, late=rates, months=st.integers(0, 40))
    def test_time_in_a_state(self, early, late, months):
        group = gather_group(pathway_of(early, late), "general", "a")
        slow = People(early, late, {("a", 0): 1.0}, months, absorbing=("b", "c"))
        assert share_remaining(group, "a", months) == pytest.approx(slow.share("a", months), abs=1e-12)
        grid = np.linspace(0, months, 2001)
        survival = np.array([share_remaining(group, "a", float(t)) for t in grid])
        assert months_stayed(group, "a", 0, months) == pytest.approx(
            float(np.trapezoid(survival, grid)), abs=1e-4
        )
        by_b, by_c = (share_leaving_by(group, "a", [("a", target)]) for target in "bc")
        assert by_b + by_c == pytest.approx(1, abs=1e-12)
        longest = People(early, late, {("a", 0): 1.0}, 400, absorbing=("b", "c"))
        if longest.share("a", 400) < 1e-6:
            assert by_b == pytest.approx(longest.share("b", 400), abs=1e-5)

    def test_the_long_run(self):
        early, late = [0.2, 0.05, 0.3, 0.1, 0.15, 0.02], [0.02, 0.01, 0.05, 0.2, 0.3, 0.01]
        group = gather_group(pathway_of(early, late), "general", "long_run")
        slow = People(early, late, {("a", 0): 1.0}, 500)
        for state in STATES:
            assert share_in(group, (state,), 0, 0) == pytest.approx(slow.share(state, 500), abs=1e-9)
            assert share_in(group, (state,), 24, 24) == pytest.approx(slow.share(state, 500), abs=1e-9)

    @given(early=rates, late=rates)
    def test_the_long_run_stays_as_it_is(self, early, late):
        group = gather_group(pathway_of(early, late), "general", "long_run")
        assert group.shares.sum() == pytest.approx(1, abs=1e-12)
        for state in STATES:
            assert share_in(group, (state,), 7, 7) == pytest.approx(share_in(group, (state,), 0, 0), abs=1e-9)

    def test_a_hazard_ratio_multiplies_the_rate(self):
        early = late = [0.1, 0.05, 0.2, 0.1, 0.1, 0.0]
        halved = [0.05, *early[1:]]
        group = gather_group(pathway_of(early, late), "general", "mix", ratios={("a", "b"): 0.5})
        same = gather_group(pathway_of(halved, halved), "general", "mix")
        assert share_in(group, ("b",), 3, 9) == share_in(same, ("b",), 3, 9)


class TestClosedForms:
    def test_one_exit_at_one_rate(self):
        rates = [0.07, 0.03, 0.5, 0.5, 0.5, 0.0]
        group = gather_group(pathway_of(rates, rates), "general", "a")
        assert share_remaining(group, "a", 12) == pytest.approx(math.exp(-1.2))
        assert months_stayed(group, "a") == pytest.approx(10)
        assert share_leaving_by(group, "a", [("a", "b")]) == pytest.approx(0.7)

    def test_nobody_leaves_where_the_rate_is_nil(self):
        rates = [0.0, 0.0, 0.5, 0.5, 0.5, 0.0]
        group = gather_group(pathway_of(rates, rates), "general", "a")
        assert share_remaining(group, "a", 1000) == 1
        assert months_stayed(group, "a", 3, 15) == 12


class TestFaults:
    @pytest.mark.parametrize(
        ("start", "words"),
        [
            ("d", "'d' is no start"),
            ("mixx", "did you mean 'mix'"),
            ("mix: d", "nobody starts in d; name other states"),
        ],
    )
    def test_a_start_that_is_not_there(self, start, words):
        rates = [0.1] * len(MOVES)
        with pytest.raises(TransitionError, match=words):
            gather_group(pathway_of(rates, rates), "general", start)

    def test_no_long_run_where_nobody_leaves(self, england):
        from communitybudget.pathways import load_pathway

        with pytest.raises(TransitionError, match="in the long run everybody"):
            gather_group(load_pathway(england, "child_safety"), "general", "long_run")

    def test_lists(self):
        assert listed(" a ;b; ") == ("a", "b")
        assert listed("") == ()
