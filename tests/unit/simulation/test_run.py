from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from communitybudget._core.errors import ParameterNotFound
from communitybudget.pathways import ActivityItem, Pathway, Rate, Reported, StartShare, State, Timing
from communitybudget.sampling import Draws
from communitybudget.simulation import (
    Activity,
    Count,
    DrawnEffect,
    OptionEffects,
    OptionGroup,
    People,
    counts_of,
    simulate,
)

INTO_CARE, HOME_AGAIN, REFERRAL = ("home", "care"), ("care", "home"), ("home", "home")
YEARS = ("2026-27", "2027-28", "2028-29")
RATES = {
    "into": np.array([0.02, 0.05, 0.01, 0.08, 0.03]),
    "early": np.array([0.10, 0.20, 0.05, 0.15, 0.30]),
    "late": np.array([0.02, 0.01, 0.03, 0.02, 0.05]),
}


def item(on, per, from_month=None, to_month=None):
    state, move = (None, on) if per == "move" else (on, None)
    return ActivityItem("", "", "", state, move, per, from_month, to_month, "", "", "", "", "", "")


def pathway(name="safety", activity=()):
    return Pathway(
        name=name,
        label="Safety",
        unit="child",
        unit_label="child",
        age_from=0,
        age_to=18,
        states=(State("home", "At home"), State("care", "In care")),
        rates={
            "all": (
                Rate(INTO_CARE, 0, None, "into", ""),
                Rate(HOME_AGAIN, 0, 6, "early", ""),
                Rate(HOME_AGAIN, 6, None, "late", ""),
                Rate(REFERRAL, 0, None, "referral", ""),
            )
        },
        starts={"all": (StartShare("home", 0, "home"), StartShare("care", 4, "care"))},
        activity=tuple(activity),
        outcomes={},
        reported=(
            Reported("child_years", "Child-years in care", "child-years", "care", None),
            Reported("entries", "Entries to care", "entries", None, "care"),
        ),
        break_even={},
        limits=(),
    )


def people(per_family=2.0, name="safety", activity=(), presence=None):
    return People(pathway(name, activity), "any", per_family, {"home": 0.9, "care": 0.1}, presence)


def effect(log_hazard_ratio, key="fewer", name="safety", moves=(INTO_CARE,), timing=None):
    log = np.broadcast_to(np.asarray(log_hazard_ratio, float), (5,))
    return DrawnEffect(key, name, moves, log, timing or Timing())


def all_offered(name, *effects):
    return OptionEffects(name, (OptionGroup(1.0, effects),))


def some_engage(name, engagement, engaged, offered=()):
    return OptionEffects(
        name, (OptionGroup(1 - engagement, offered), OptionGroup(engagement, (*offered, *engaged)))
    )


def run(*options, group=None, intake=(10.0, 0.0, 0.0), spread=False, progress=None, block=4096):
    groups = group if isinstance(group, list) else [group or people()]
    draws = Draws(5, 7, RATES, {"referral": 0.01})
    return simulate(groups, options, draws, np.array(intake), YEARS, spread, "test 1", progress, block)


def test_business_as_usual_comes_first():
    activity = run(all_offered("help", effect(-0.5)), all_offered("more", effect(-1.0, key="m")))
    assert activity.options == ("bau", "help", "more")
    assert activity.years == YEARS
    assert activity.amounts.shape == (len(activity.counts), 3, 3, 5)
    assert (activity.seed, activity.set_version, activity.draws) == (7, "test 1", 5)


def test_a_protective_effect_keeps_children_out_of_care():
    activity = run(all_offered("help", effect(np.log(0.5))))
    assert (activity.avoided("child_years", "help") > 0).all()
    # in the first month exactly; later those kept at home are at risk again
    assert (activity.avoided("entries", "help")[0] < 0.5 * activity.total("entries", "bau")[0]).all()


def test_years_are_months_over_twelve():
    activity = run()
    months = activity.amounts[activity.row(Count("safety", "months", "care")), 0]
    assert_allclose(activity.total("child_years", "bau"), months / 12)


@pytest.mark.parametrize("engaged_only", [False, True])
def test_no_effect_in_some_draws_is_business_as_usual_there(engaged_only):
    log = [0.0, -0.5, 0.0, 0.7, 0.0]
    engagement = np.array([0.5, 0.6, 0.7, 0.8, 0.9])
    option = (
        some_engage("help", engagement, (effect(log),)) if engaged_only else all_offered("help", effect(log))
    )
    amounts = run(option).amounts
    same = (amounts[:, 1] == amounts[:, 0]).all(axis=(0, 1))
    assert same.tolist() == [True, False, True, False, True]


def test_an_option_without_effects_is_business_as_usual():
    amounts = run(OptionEffects("nothing"), all_offered("elsewhere", effect(-1.0, name="school"))).amounts
    assert_array_equal(amounts[:, 1], amounts[:, 0])
    assert_array_equal(amounts[:, 2], amounts[:, 0])


def test_those_who_do_not_engage_are_as_before():
    own = (effect(-0.9),)
    amounts = run(
        all_offered("all", *own), some_engage("some", 0.25, own), some_engage("none", 0.0, own)
    ).amounts
    bau, everyone, some, nobody = amounts.swapaxes(0, 1)
    assert_allclose(some, 0.75 * bau + 0.25 * everyone, rtol=1e-12)
    assert_array_equal(nobody, bau)


def test_what_all_are_offered_holds_for_those_who_do_not_engage():
    offered, more = effect(-0.9), effect(-0.6, key="more", moves=(HOME_AGAIN,))
    amounts = run(
        all_offered("offered", offered),
        all_offered("everything", offered, more),
        some_engage("mixed", 0.25, (more,), (offered,)),
    ).amounts
    _, without, everything, mixed = amounts.swapaxes(0, 1)
    assert_allclose(mixed, 0.75 * without + 0.25 * everything, rtol=1e-12)


def test_an_effect_on_all_offered_is_not_diluted_by_engagement():
    offered = (effect(-0.9),)
    amounts = run(some_engage("a", 0.25, (), offered), all_offered("b", *offered)).amounts
    assert_array_equal(amounts[:, 1], amounts[:, 2])


def test_families_of_each_year_follow_one_another():
    first, later = run(intake=(10.0, 0.0, 0.0)).amounts, run(intake=(0.0, 4.0, 0.0)).amounts
    assert_array_equal(later[:, :, 0], np.zeros_like(later[:, :, 0]))
    assert_allclose(later[:, :, 1:], 0.4 * first[:, :, :-1], rtol=1e-14)
    assert_allclose(run(intake=(10.0, 4.0, 0.0)).amounts, first + later, rtol=1e-14)


def test_groups_with_months_of_their_own_join_as_the_cohort_does_when_the_months_are_its_own():
    evenly = np.repeat([10.0, 4.0, 0.0], 12) / 12
    engaged, rest = (effect(-0.9),), np.array([0.2, 0.5, 0.7, 0.1, 1.0])
    option = some_engage("cohort", 1 - rest, engaged)
    own = OptionEffects("own", (OptionGroup(rest, (), evenly), OptionGroup(1 - rest, engaged, evenly)))
    amounts = run(
        option, own, group=people(presence=np.linspace(1, 0, 37)), intake=(10, 4, 0), spread=True
    ).amounts
    assert_allclose(amounts[:, 2], amounts[:, 1], rtol=1e-12)


def test_groups_that_join_in_different_months_add_up():
    months, late = np.zeros((2, 36))
    months[0], late[20] = 6.0, 4.0
    waiting = effect(-0.9, key="later", timing=Timing(lag=5.0))
    option = OptionEffects(
        "help", (OptionGroup(1.0, (effect(-0.9),), months), OptionGroup(1.0, (waiting,), late))
    )
    amounts = run(option, intake=(10, 0, 0)).amounts
    at_once = run(all_offered("help", effect(-0.9)), intake=(6.0, 0, 0)).amounts
    before = amounts[:, 1, 0] - at_once[:, 1, 0]
    assert_allclose(before, 0, atol=1e-12)
    assert (amounts[:, 1, 1:] > at_once[:, 1, 1:]).all()


def test_nothing_acting_is_business_as_usual_to_the_last_bit_whoever_joins_when():
    months = np.full(36, 10 / 36)
    nothing = effect([0.0, -0.5, 0.0, 0.0, 0.0])
    amounts = run(OptionEffects("help", (OptionGroup(1.0, (nothing,), months),))).amounts
    same = (amounts[:, 1] == amounts[:, 0]).all(axis=(0, 1))
    assert same.tolist() == [True, False, True, True, True]


def test_groups_that_a_pathway_does_not_tell_apart_are_one():
    own, elsewhere = effect(-0.9), effect(-0.5, key="school", name="school")
    option = OptionEffects(
        "help", (OptionGroup(0.2), OptionGroup(0.5, (own,)), OptionGroup(0.3, (own, elsewhere)))
    )
    assert [(g.share, len(g.effects)) for g in option.groups_on("safety")] == [(0.2, 0), (0.8, 1)]
    assert [(g.share, len(g.effects)) for g in option.groups_on("school")] == [(0.7, 0), (0.3, 1)]


def test_need_profiles_of_one_pathway_add_up():
    a, b = people(2.0), people(np.array([0.1, 0.2, 0.3, 0.4, 0.5]))
    option = all_offered("help", effect(-0.4))
    assert_allclose(
        run(option, group=[a, b]).amounts,
        run(option, group=a).amounts + run(option, group=b).amounts,
        rtol=1e-14,
    )


def test_pathways_stand_side_by_side():
    activity = run(all_offered("help", effect(-0.4)), group=[people(), people(name="school")])
    own, other = ([i for i, c in enumerate(activity.counts) if c.pathway == p] for p in ("safety", "school"))
    assert_array_equal(activity.amounts[own, 0], activity.amounts[other, 0])
    assert_array_equal(activity.amounts[other, 1], activity.amounts[other, 0])


@pytest.mark.parametrize("block", [1, 2, 3, 4, 5])
def test_blocks_change_not_one_bit(block):
    timing = Timing(lag=np.array([0.0, 3, 1, 2, 9]), ramp=4.0, lasts=10.0, fades=np.arange(5.0))
    engaged, offered = effect([-0.5, 0, 0.4, -1, -0.2], timing=timing), effect(-0.2, "b", moves=(HOME_AGAIN,))
    option = some_engage("help", np.linspace(0.1, 0.9, 5), (engaged,), (offered,))
    group = people(np.linspace(1, 3, 5), presence=np.linspace(1, 0, 37))
    assert_array_equal(
        run(option, group=group, spread=True, block=block).amounts,
        run(option, group=group, spread=True).amounts,
    )


def test_progress_counts_blocks():
    seen = []
    run(
        group=[people(), people(name="school")],
        block=2,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen == [(n, 6) for n in range(1, 7)]


def test_bands_of_time_add_up_to_the_state():
    bands = [item("care", "month"), item("care", "month", 0, 3), item("care", "month", 3, 12)]
    activity = run(group=people(activity=[*bands, item("care", "month", 12)]))
    whole, *parts = (
        activity.amounts[activity.row(Count("safety", "months", "care", "", *band))]
        for band in ((None, None), (0, 3), (3, 12), (12, None))
    )
    assert_allclose(sum(parts), whole, rtol=1e-12)
    assert all((part[:, 2] > 0).all() for part in parts)


def test_entries_are_moves_from_anywhere_else():
    activity = run(
        group=people(activity=[item("care", "entry"), item(INTO_CARE, "move"), item(REFERRAL, "move")])
    )
    entries, moves, referrals = (
        activity.amounts[activity.row(count)]
        for count in (
            Count("safety", "entries", "care"),
            Count("safety", "moves", "home", "care"),
            Count("safety", "moves", "home", "home"),
        )
    )
    assert_array_equal(entries, moves)
    home = 10 * 2 * 36 - activity.amounts[activity.row(Count("safety", "months", "care"))].sum(axis=1)
    # a referral a hundred months at home; the count starts each month, the time is its middle
    assert_allclose(referrals.sum(axis=1), 0.01 * home, rtol=0.02)


def test_birthdays_are_those_of_children_in_the_state():
    still = np.ones(37)
    still[18:] = 0.5
    activity = run(
        group=people(activity=[item("care", "birthday"), item("home", "birthday")], presence=still)
    )
    birthdays = sum(activity.amounts[activity.row(Count("safety", "birthdays", s))] for s in ("care", "home"))
    # 20 children, half of them of age in the second year
    assert_allclose(birthdays[0], np.array([0, 10, 0])[:, None] * np.ones(5), atol=1e-12)


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (item("care", "month"), "safety.months.care"),
        (item("care", "month", 0, 12), "safety.months.care.m0_12"),
        (item("care", "month", 12), "safety.months.care.m12_"),
        (item("care", "entry"), "safety.entries.care"),
        (item("care", "birthday"), "safety.birthdays.care"),
        (item(INTO_CARE, "move"), "safety.moves.home.care"),
    ],
)
def test_a_count_has_a_name(row, name):
    assert counts_of(row, "safety").name == name


class TestActivity:
    activity = run(all_offered("help", effect(-0.5)))

    def test_unknown_names_are_answered_with_the_nearest(self):
        with pytest.raises(ParameterNotFound, match="did you mean 'entries'"):
            self.activity.total("entry", "bau")
        with pytest.raises(ParameterNotFound, match="did you mean 'help'"):
            self.activity.total("entries", "halp")

    def test_frame(self):
        frame = self.activity.to_frame()
        assert list(frame.columns) == "option year pathway outcome label unit mean sd p10 p50 p90".split()
        row = frame.set_index(["option", "year", "outcome"]).loc[("help", "2027-28", "entries")]
        entries = self.activity.total("entries", "help")[1]
        assert row["mean"] == pytest.approx(entries.mean())
        assert row["sd"] == pytest.approx(entries.std(ddof=1))
        assert row["p10"] < row["p50"] < row["p90"]

    def test_avoided_frame_is_over_the_whole_horizon(self):
        frame = self.activity.avoided_frame("help").set_index("label")
        avoided = self.activity.avoided("entries", "help").sum(axis=0)
        assert frame.loc["Entries to care", "mean"] == pytest.approx(avoided.mean())
        usual = self.activity.total("entries", "bau").sum(axis=0)
        assert frame.loc["Entries to care", "bau_mean"] == pytest.approx(usual.mean())

    def test_round_trip_and_equality(self):
        back = Activity.from_json(self.activity.to_json())
        assert back == self.activity
        changed = self.activity.amounts.copy()
        changed[0, 0, 0, 0] += 1
        assert replace(self.activity, amounts=changed) != self.activity

    def test_one_line_and_a_summary(self):
        assert "\n" not in repr(self.activity)
        assert "Entries to care" in self.activity.summary()
        assert "seed 7" in self.activity.summary()
        assert "Entries to care" in self.activity._repr_html_()
