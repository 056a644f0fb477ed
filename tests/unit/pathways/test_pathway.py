import pytest

from communitybudget._core.errors import TransitionError
from communitybudget.pathways import Outcome, Rate, StartShare, State, load_pathway, parse_move


class TestLoading:
    def test_what_a_pathway_declares(self, england):
        safety = load_pathway(england, "child_safety")
        assert (safety.label, safety.unit, safety.age_from, safety.age_to) == ("Child safety", "child", 0, 18)
        assert len(safety.states) == 8
        assert safety.states[-1] == State("permanence", "Adopted or with a guardian", absorbing=True)
        assert safety.state_names[:3] == ("universal", "early_help", "child_in_need")
        assert safety.outcomes == {
            "looked_after": Outcome("looked_after", "Children looked after", "looked_after", {})
        }
        assert [
            r.name for r in safety.reported
        ] == "child_years_in_care entries_to_care protection_plans years_in_need".split()
        assert repr(safety) == "Pathway(child_safety, 8 states, per child aged 0 to 17)"

    @pytest.mark.parametrize("name", ["child_safety", "youth_justice", "work"])
    def test_every_number_it_names_is_there(self, england, name):
        pathway = load_pathway(england, name)
        used = [part for parts in (*pathway.rates.values(), *pathway.starts.values()) for part in parts]
        assert used
        assert all(part.parameter in england.parameters for part in (*used, *pathway.activity))

    @pytest.mark.parametrize("name", ["child_safety", "youth_justice", "work"])
    def test_nothing_leaves_an_absorbing_state(self, england, name):
        pathway = load_pathway(england, name)
        ends = {state.name for state in pathway.states if state.absorbing}
        assert not ends & {source for source, _ in pathway.moves()}

    @pytest.mark.parametrize("name", ["child_safety", "youth_justice", "work"])
    def test_bands_of_one_move_follow_one_another(self, england, name):
        pathway = load_pathway(england, name)
        for rates in pathway.rates.values():
            for move in dict.fromkeys(r.move for r in rates):
                bands = sorted((r.from_month, r.to_month) for r in rates if r.move == move)
                assert [b[1] for b in bands[:-1]] == [b[0] for b in bands[1:]]
                assert bands[-1][1] is None

    def test_rates_by_profile_and_band(self, england):
        rates = load_pathway(england, "child_safety").rates_of("medium_need")
        plan = [r for r in rates if r.move == ("protection_plan", "looked_after")]
        assert [(r.from_month, r.to_month) for r in plan] == [(0, 3), (3, 6), (6, 12), (12, None)]
        # the bands of a move share one uncertain level
        assert len({r.share_draw for r in plan}) == 1
        assert england.parameters[plan[0].parameter].value == pytest.approx(0.00652617)

    def test_rates_for_all_serve_every_profile(self, england):
        work = load_pathway(england, "work")
        assert work.rates_of("lower_need") == work.rates_of("complex_need") == work.rates["all"]

    def test_an_event_is_a_move_to_the_same_state(self, england):
        assert ("community", "community") in load_pathway(england, "youth_justice").moves()

    def test_starts_part_way_through(self, england):
        starts = load_pathway(england, "child_safety").start_of("medium_need")
        assert StartShare("looked_after", 12, "start.child_safety.medium_need.looked_after.m12") in starts

    def test_starts_in_the_last_band(self, england):
        assert all(s.months_so_far is None for s in load_pathway(england, "work").start_of("medium_need"))

    def test_outcomes_that_count_moves_in_part(self, england):
        convicted = load_pathway(england, "youth_justice").outcomes["convicted"]
        assert convicted.state is None
        assert convicted.moves["none", "community"] == 0.55

    def test_activity_on_states_and_moves(self, england):
        items = load_pathway(england, "child_safety").activity
        proceedings = [i for i in items if i.move == ("protection_plan", "looked_after") and i.per == "move"]
        assert all(i.state is None for i in proceedings)
        assert "unit_cost.SS4.1" in [i.unit_cost for i in proceedings]
        unpriced = [i for i in items if not i.unit_cost]
        assert unpriced
        assert {i.line for i in unpriced} != {""}


class TestFaults:
    def test_no_such_pathway(self, england):
        with pytest.raises(TransitionError, match="no pathway 'child_savety'; did you mean 'child_safety'"):
            load_pathway(england, "child_savety")

    def test_no_such_profile(self, england):
        safety = load_pathway(england, "child_safety")
        with pytest.raises(
            TransitionError, match="no rates for the profile 'mediun_need'; did you mean 'medium_need'"
        ):
            safety.rates_of("mediun_need")
        with pytest.raises(TransitionError, match="no start mix for the profile"):
            safety.start_of("mediun_need")

    @pytest.mark.parametrize(
        ("key", "columns"),
        [
            ("transition.work.all.in_work.claiming_search.m0", {"to": "claiming_serch"}),
            ("transition.work.all.in_work.claiming_search.m0", {"from": "claiming_serch"}),
            ("start.work.lower_need.claiming_search", {"state": "claiming_serch"}),
            ("activity.work.claiming_search.E&E1.6", {"on": "in_work -> claiming_serch", "per": "move"}),
        ],
    )
    def test_a_table_that_names_an_unknown_state(self, with_row, key, columns):
        words = r"pathways/work/\w+.csv:\d+ .*no state 'claiming_serch'; did you mean 'claiming_search'"
        with pytest.raises(TransitionError, match=words):
            load_pathway(with_row(key, **columns), "work")

    @pytest.mark.parametrize(
        ("columns", "words"),
        [
            ({"on": "claiming_serch"}, "there is no state 'claiming_serch'"),
            ({"per": "year"}, "'year' is no way to count activity"),
        ],
    )
    def test_activity_on_nothing(self, with_row, columns, words):
        words = r"activity.csv:\d+ activity.work.claiming_search.E&E1.6: " + words
        with pytest.raises(TransitionError, match=words):
            load_pathway(with_row("activity.work.claiming_search.E&E1.6", **columns), "work")

    def test_an_outcome_that_counts_an_unknown_move(self, with_form):
        outcome = {"name": "started", "label": "Started", "moves": {"claiming_search -> in_wrok": 1.0}}
        with pytest.raises(TransitionError, match="in_wrok' has no rate; did you mean 'claiming_search"):
            load_pathway(with_form("work", outcomes=[outcome]), "work")

    def test_a_state_that_its_tables_use_but_that_is_not_declared(self, england, with_form):
        others = [s for s in england.structures["child_safety"]["states"] if s["name"] != "universal"]
        with pytest.raises(TransitionError, match="there is no state 'universal'; use one of case_closed"):
            load_pathway(with_form("child_safety", states=others), "child_safety")

    @pytest.mark.parametrize("text", ["a", "a ->", "-> b", "a -> b -> c", ""])
    def test_what_is_no_move(self, text):
        with pytest.raises(TransitionError, match="is not a move; write it as 'state -> state'"):
            parse_move(text)


def test_a_move_reads_with_or_without_blanks():
    assert parse_move("a->b") == parse_move("  a  ->  b ") == ("a", "b")


def test_moves_are_listed_once(england):
    work = load_pathway(england, "work")
    assert len(work.moves()) == len(set(work.moves())) == 6
    assert all(isinstance(rate, Rate) for rate in work.rates["all"])
