"""Every fault of a pathway at once, each with its place and what to do."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from communitybudget._core.errors import ParameterError, PathwayError, TransitionError
from communitybudget.pathways import (
    ActivityItem,
    Outcome,
    Pathway,
    Rate,
    Reported,
    StartShare,
    State,
    load_pathway,
)

ITEM = ActivityItem(
    parameter="activity.it.a",
    label="Month",
    unit="month",
    state="a",
    move=None,
    per="month",
    from_month=None,
    to_month=None,
    unit_cost="",
    agency="nhs",
    value_type="fiscal",
    line="Months",
    unless_pathway="",
    share_draw="",
)


def rate(move, begin=0, end=None, level="one"):
    return Rate(move, begin, end, f"transition.{'.'.join(move)}.m{begin}", level)


@pytest.fixture
def sound():
    """Two states and the way between them, built by hand."""
    return Pathway(
        name="it",
        label="It",
        unit="adult",
        unit_label="adult",
        age_from=None,
        age_to=None,
        states=(State("a", "A"), State("b", "B")),
        rates={"general": (rate(("a", "b"), 0, 6), rate(("a", "b"), 6), rate(("b", "a")))},
        starts={"general": (StartShare("a", 0, "start.a"),)},
        activity=(ITEM,),
        outcomes={"b": Outcome("b", "In b", "b", {})},
        reported=(Reported("years", "Years", "years", "b", None),),
        break_even={"state": "b", "years": "years"},
        limits=(),
    )


def faults(pathway):
    with pytest.raises(PathwayError) as caught:
        pathway.validate()
    return [f"{fault.key}: {fault.what}; {fault.remedy}" for fault in caught.value.faults]


def test_nothing_is_wrong_with_the_bundled_set(england):
    for name in england.structures:
        load_pathway(england, name).validate()


def test_nothing_is_wrong_with_a_sound_one(sound):
    sound.validate()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"unit": "person"}, "unit: 'person' is no unit"),
        ({"activity": ()}, "activity: no state or move uses anything"),
        ({"states": (State("a", "A"), State("b", "B"), State("a", "Again"))}, "'a' is there twice"),
        (
            {"states": (State("a", "A"), State("b", "B"), State("c", "C", absorbing=True))},
            "states.c: nobody starts in this state or moves into it",
        ),
        (
            {"rates": {"general": (rate(("a", "b")),)}},
            "states.b: nobody ever leaves this state; add a move out of it, or say absorbing: true",
        ),
        (
            {"states": (State("a", "A"), State("b", "B", absorbing=True))},
            "'b' is declared absorbing and this rate leaves it",
        ),
        (
            {"rates": {"general": (rate(("a", "b"), 0, 6), rate(("a", "b"), 3), rate(("b", "a")))}},
            r"bands of a -> b \(general\) overlap from month 3",
        ),
        (
            {"rates": {"general": (rate(("a", "b")), rate(("a", "b"), 3), rate(("b", "a")))}},
            r"bands of a -> b \(general\) overlap from month 3",
        ),
        (
            {"rates": {"general": (rate(("a", "b"), 0, 6), rate(("a", "b"), 9), rate(("b", "a")))}},
            r"bands of a -> b \(general\) leave out months 6 to 9",
        ),
        (
            {"rates": {"general": (rate(("a", "b"), 0, 6), rate(("b", "a")))}},
            r"bands of a -> b \(general\) end at month 6; leave to_month of the last band empty",
        ),
        (
            {"rates": {"general": (rate(("a", "b"), 6, 6), rate(("a", "b"), 6), rate(("b", "a")))}},
            "the months from 6 to 6 hold no month",
        ),
        (
            {
                "rates": {
                    "general": (rate(("a", "b"), 0, 6), rate(("a", "b"), 6, None, "two"), rate(("b", "a")))
                }
            },
            r"bands of a -> b \(general\) have different share_draw levels: one, two",
        ),
        (
            {
                "rates": {
                    "general": (rate(("a", "b")), rate(("b", "a"))),
                    "lower_need": (rate(("b", "a")),),
                },
                "starts": {"all": (StartShare("a", 0, "start.a"),)},
            },
            "'lower_need' has no rate of a -> b and 'general' has one",
        ),
        (
            {"rates": {p: (rate(("a", "b")), rate(("b", "a"))) for p in ("general", "lower_need")}},
            "'lower_need' has rates and no start mix",
        ),
        (
            {"starts": {p: (StartShare("a", 0, "start.a"),) for p in ("general", "lower_need")}},
            "'lower_need' has a start mix and no rates",
        ),
        ({"rates": {}}, "there are no rates"),
        ({"starts": {"general": (StartShare("c", 0, "start.c"),)}}, "start.c: there is no state 'c'"),
        ({"activity": (replace(ITEM, state="c"),)}, "activity.it.a: there is no state 'c'"),
        ({"activity": (replace(ITEM, per="week"),)}, "'week' is no way to count activity"),
        ({"activity": (replace(ITEM, state=None, move=("a", "a")),)}, "the move 'a -> a' has no rate"),
        ({"activity": (replace(ITEM, agency="nsh"),)}, "'nsh' is no agency; did you mean 'nhs'"),
        ({"activity": (replace(ITEM, value_type="fisical"),)}, "is no value type; did you mean 'fiscal'"),
        ({"activity": (replace(ITEM, from_month=6, to_month=6),)}, "the months it is for hold no month"),
        ({"outcomes": {"c": Outcome("c", "In c", "c", {})}}, "outcomes.c.state: there is no state 'c'"),
        ({"outcomes": {"c": Outcome("c", "In c", None, {})}}, "measures neither a state nor moves"),
        ({"outcomes": {"c": Outcome("c", "", None, {("a", "c"): 1.0})}}, "the move 'a -> c' has no rate"),
        ({"outcomes": {"c": Outcome("c", "", None, {("a", "b"): 1.5})}}, "the share of 'a -> b' is 1.5"),
        ({"reported": (Reported("years", "Years", "years", None, None),)}, "neither years in a state nor"),
        (
            {"reported": (Reported("years", "Years", "years", "c", None),)},
            "reported.years: there is no state",
        ),
        ({"break_even": {"state": "c"}}, "break_even.state: there is no state 'c'"),
        ({"break_even": {"state": "b", "years": "yaers"}}, "'yaers' is not reported; did you mean 'years'"),
    ],
)
def test_one_fault(sound, changes, words):
    found = faults(replace(sound, **changes))
    assert any(re.search(words, fault) for fault in found), found


def test_all_of_them_at_once(sound):
    broken = replace(sound, unit="person", activity=(), break_even={"state": "c"})
    assert len(faults(broken)) == 3


def test_rates_for_all_may_be_completed_by_each_profile(sound):
    rates = {
        "all": (rate(("a", "b"), 0, 6), rate(("b", "a"))),
        "general": (rate(("a", "b"), 6),),
        "lower_need": (rate(("a", "b"), 6),),
    }
    starts = {"all": (StartShare("a", 0, "start.a"),)}
    replace(sound, rates=rates, starts=starts).validate()


def test_a_move_may_begin_late(sound):
    late = (rate(("a", "b"), 12), rate(("b", "a")))
    replace(sound, rates={"general": late}).validate()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(1, 60), min_size=2, max_size=6, unique=True), data=st.data())
def test_bands_that_follow_one_another_are_sound_and_without_one_are_not(sound, cuts, data):
    cuts = [0, *sorted(cuts), None]
    bands = [rate(("a", "b"), begin, end) for begin, end in pairwise(cuts)]
    back = rate(("b", "a"))
    replace(sound, rates={"general": (*data.draw(st.permutations(bands)), back)}).validate()
    lost = data.draw(st.integers(1, len(bands) - 1))
    kept = [band for i, band in enumerate(bands) if i != lost]
    found = faults(replace(sound, rates={"general": (*kept, back)}))
    assert len(found) == 1
    assert ("leave out months" in found[0]) == (lost < len(bands) - 1)


class TestLoaded:
    """The same with a set behind it: prices, other pathways, sums of starts and effects."""

    def test_two_rows_and_the_form_at_once(self, england, with_row, with_form):
        broken = with_row("activity.work.claiming_search.E&E1.6", unit_cost="unit_cost.E&E9.9")
        row = broken["start.work.lower_need.claiming_search"]
        changed = replace(row, fields={**row.fields, "state": "claiming_serch"})
        broken = replace(broken, parameters={**broken.parameters, row.id: changed})
        form = {**broken.structures["work"], "break_even": {"state": "nowhere"}}
        broken = replace(broken, structures={**broken.structures, "work": form})
        with pytest.raises(PathwayError) as caught:
            load_pathway(broken, "work")
        text = str(caught.value)
        assert len(caught.value.faults) == 3
        assert "pathways/work/activity.csv:" in text
        assert "pathways/work/start_mix.csv:" in text
        assert "pathways/work/pathway.yaml break_even.state: there is no state 'nowhere'" in text

    @pytest.mark.parametrize(
        ("key", "columns", "words"),
        [
            (
                "activity.work.claiming_search.E&E1.6",
                {"unit_cost": "unit_cost.E&E1.66"},
                "no parameter 'unit_cost.E&E1.66' in the set",
            ),
            (
                "activity.work.claiming_search.E&E1.6",
                {"unit_cost": "transition.work.all.in_work.claiming_search.m0"},
                "is in per_month and is no price",
            ),
            (
                "activity.work.claiming_search.E&E1.6",
                {"unless_pathway": "shcool"},
                "unless_pathway names 'shcool', of which the set has none; did you mean 'school'",
            ),
            ("activity.work.claiming_search.E&E1.6", {"from_month": "x"}, "'x' is no number of months"),
            ("activity.work.claiming_search.E&E1.6", {"on": "a ->", "per": "move"}, "'a ->' is not a move"),
            ("start.work.lower_need.claiming_search", {"months_so_far": "long"}, "'long' is no number"),
            ("effect.tfp_jsa", {"edges": "claiming_search -> in_wrok"}, "is no move of work"),
            ("effect.tfp_jsa", {"edges": "claiming_search"}, "'claiming_search' is not a move"),
            ("published.tfp_jsa", {"outcome": "claiming_serch"}, "is no outcome of work"),
            ("published.tfp_jsa", {"statistic": "cumulative"}, "needs an outcome with moves"),
        ],
    )
    def test_one_row(self, with_row, key, columns, words):
        with pytest.raises(PathwayError, match=r"\.csv:\d+ " + key + ": .*" + words):
            load_pathway(with_row(key, **columns), "work")

    def test_a_column_that_is_missing(self, england):
        row = england["activity.work.claiming_search.E&E1.6"]
        fields = {k: v for k, v in row.fields.items() if k != "line"}
        broken = replace(england, parameters={**england.parameters, row.id: replace(row, fields=fields)})
        with pytest.raises(PathwayError, match="the table has no column line; add the column"):
            load_pathway(broken, "work")

    @pytest.mark.parametrize(
        ("entries", "words"),
        [
            ({"label": ""}, "label: is missing; add it"),
            ({"states": []}, "states: is missing"),
            ({"outcomes": [{"name": "x"}]}, r"outcomes\[0\].label: is missing"),
            ({"break_even": {"years": "claimant_years"}}, "break_even.state: is missing"),
            ({"recorded_by": "dwpp"}, "recorded_by: 'dwpp' is no agency; did you mean 'dwp'"),
            (
                {"outcomes": [{"name": "x", "label": "X", "moves": {"in_work": 1}}]},
                "outcomes.x.moves: 'in_work: 1' gives no move and share",
            ),
        ],
    )
    def test_the_declaration(self, with_form, entries, words):
        with pytest.raises(PathwayError, match="pathways/work/pathway.yaml " + words):
            load_pathway(with_form("work", **entries), "work")

    def test_a_start_mix_that_no_longer_sums_to_one(self, england):
        local = england.override("start.work.medium_need.in_work", 0.6, reason="our count")
        words = r"'medium_need' sums to 1\.2400 and not to 1, since start.work.medium_need.in_work was overr"
        with pytest.raises(PathwayError, match=words):
            load_pathway(local, "work")

    def test_callers_may_catch_it_as_they_would_expect(self):
        assert issubclass(PathwayError, TransitionError)
        assert issubclass(PathwayError, ParameterError)
        assert issubclass(PathwayError, ValueError)


class TestSpells:
    KEY = "spell.child_safety.looked_after.foster_care"

    def test_the_bundled_kinds_of_placement(self, england):
        spells = load_pathway(england, "child_safety").spells
        assert {spell.state for spell in spells} == {"looked_after"}
        assert sum(england[spell.parameter].value for spell in spells) == pytest.approx(0.85)

    @pytest.mark.parametrize(
        ("columns", "words"),
        [
            ({"state": "lookd_after"}, "there is no state 'lookd_after'"),
            ({"on": "activity.child_safety.early_help.SS6.0.1"}, "is no activity by month in looked_after"),
        ],
    )
    def test_faults_name_the_row(self, with_row, columns, words):
        with pytest.raises(PathwayError, match=words) as found:
            load_pathway(with_row(self.KEY, **columns), "child_safety")
        assert "spells.csv" in str(found.value)

    def test_more_than_all_spells(self, england):
        row = replace(england[self.KEY], value=0.9)
        more = replace(england, parameters={**england.parameters, row.id: row})
        with pytest.raises(PathwayError, match="give shares above 0 that sum to 1 at most"):
            load_pathway(more, "child_safety")
