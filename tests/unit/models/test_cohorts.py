"""Closed and open cohorts, profiles and frailty."""

import numpy as np
import pytest

from communitybudget import TransitionError
from communitybudget.models import (
    Conventions,
    Option,
    StateModel,
    by_cycle,
    by_duration,
    by_profile,
    by_year,
    cost,
    effect,
    hazard_ratio,
    probability,
    rate,
)
from communitybudget.simulation import Frailty, gamma_frailty, log_hazard, merge_profiles
from model_builders import walk

STATES = ("well", "ill", "dead")
CYCLES = 6
INTAKE = np.array([10.0, 0, 5, 20, 0, 8])
MOVES = {
    "well -> ill": probability(by_cycle([0.1, 0.2, 0.3, 0.2, 0.1, 0.4])),
    "ill -> well": probability(by_duration({0: 0.3, 2: 0.1})),
    "ill -> dead": probability(0.05),
}


def row(t, state, n):
    """By cycle since entry."""
    up = [0.1, 0.2, 0.3, 0.2, 0.1, 0.4][t]
    return {"well": {"ill": up}, "ill": {"well": 0.3 if n < 2 else 0.1, "dead": 0.05}}.get(state, {})


def naive(entries, starts, rows=lambda entry: row, rate=0.1, counting="life_table"):
    """Cost of 100 a cycle ill, 7 a death and 3 at entry, discounted per cycle from the start of the model."""
    total = 0.0
    for entry, people in entries:
        points, moved = walk(STATES, CYCLES - entry, rows(entry), starts(entry))
        ill = [sum(v for (s, _), v in p.items() if s == "ill") for p in points]
        for k in range(CYCLES - entry):
            mean = {"life_table": (ill[k] + ill[k + 1]) / 2, "cycle_end": ill[k + 1]}.get(counting)
            died = sum(v for (_, _, target), v in moved[k].items() if target == "dead")
            factor = (1 + rate) ** -(entry + k)
            if counting == "half_cycle":
                total += people * 100 * ill[k] * (0.5 if k == 0 else 1) * factor
                if k == CYCLES - entry - 1:
                    total += people * 100 * ill[k + 1] * 0.5 * (1 + rate) ** -(entry + k + 1)
            else:
                total += people * 100 * mean * factor
            total += people * 7 * died * factor
        total += people * 3 * (1 + rate) ** -entry
    return total


REWARDS = [
    cost("care", 100, in_state="ill", per="cycle"),
    cost("funeral", 7, move="* -> dead"),
    cost("entry", 3, at_start=True),
]


def model(**settings):
    given = {
        "moves": MOVES,
        "rewards": REWARDS,
        "price_base": "2025-26",
        "conventions": Conventions(discounting="per_cycle", rate_costs=0.1, rate_effects=0.1),
        **settings,
    }
    return StateModel(states=STATES, cycles=CYCLES, **given)


def all_well(entry):
    return {("well", 0): 1.0}


ENTRIES = [(c, n) for c, n in enumerate(INTAKE) if n]


class TestIntake:
    @pytest.mark.parametrize("counting", ["life_table", "cycle_end", "half_cycle"])
    def test_open_intake_is_a_convolution(self, counting):
        chosen = Conventions(counting=counting, discounting="per_cycle", rate_costs=0.1, rate_effects=0.1)
        small = model(people=0, intake=INTAKE, conventions=chosen)
        assert small.size().runs == 1
        found = small.run().total("cost", "bau")[0]
        assert found == pytest.approx(naive(ENTRIES, all_well, counting=counting), rel=1e-13)

    def test_stock_and_flow(self):
        """Today's caseload is ill for some time already; those who come are well."""
        start = {"well": 0.5, "ill": {0: 0.2, 3: 0.3}}
        stock = {("well", 0): 0.5, ("ill", 0): 0.2, ("ill", 3): 0.3}
        both = model(people=40, start=start, intake=INTAKE, intake_start={"well": 1.0})
        expected = naive([(0, 40.0)], lambda e: stock) + naive(ENTRIES, all_well)
        assert both.run().total("cost", "bau")[0] == pytest.approx(expected, rel=1e-13)
        alike = model(people=40, intake=INTAKE)
        expected = naive([(0, 40.0), *ENTRIES], all_well)
        assert alike.run().total("cost", "bau")[0] == pytest.approx(expected, rel=1e-13)

    def test_where_the_calendar_changes_moves_each_entry_is_run_by_itself(self):
        by_calendar = {0: 0.1, 1: 0.1, 2: 0.3, 3: 0.3, 4: 0.2, 5: 0.2}

        def rows(entry):
            def own(t, state, n):
                up = by_calendar[entry + t]
                return {"well": {"ill": up}, "ill": {"well": 0.3 if n < 2 else 0.1, "dead": 0.05}}.get(
                    state, {}
                )

            return own

        moves = {
            **MOVES,
            "well -> ill": probability(by_year({"2025-26": 0.1, "2026-27": 0.3, "2027-28": 0.2})),
        }
        settings = {"cycle_months": 6, "first_year": "2025-26", "moves": moves, "people": 2, "intake": INTAKE}
        open_model = model(**settings)
        size = open_model.size()
        assert size.by_entry
        assert size.runs == 5
        assert "each time of entry is run by itself" in str(size)
        entries = [(0, 2.0), *ENTRIES]
        yearly = 1.1**0.5 - 1
        expected = naive(entries, all_well, rows, rate=yearly)
        assert open_model.run().total("cost", "bau")[0] == pytest.approx(expected, rel=1e-13)
        people = open_model.run().trace("bau").sum(axis=1)
        np.testing.assert_allclose(people, 2 + np.append(np.cumsum(INTAKE), INTAKE.sum()))

    def test_the_trace_is_of_those_who_are_there(self):
        found = model(people=3, intake=INTAKE).run().trace("bau")
        expected = np.zeros((CYCLES + 1, 3))
        for entry, people in [(0, 3.0), *ENTRIES]:
            points, _ = walk(STATES, CYCLES - entry, row, {("well", 0): people})
            for k, point in enumerate(points):
                for (state, _), share in point.items():
                    expected[entry + k, STATES.index(state)] += share
        np.testing.assert_allclose(found, expected, atol=1e-12)

    def test_rules_that_do_not_fit_an_intake_are_refused(self):
        with pytest.raises(TransitionError, match="even number of cycles, and there are 3"):
            model(intake=INTAKE, conventions=Conventions(counting="simpson"))
        with pytest.raises(TransitionError, match="with intake use a named rule"):
            model(intake=INTAKE, conventions=Conventions(counting=(1,) * 7))
        with pytest.raises(TransitionError, match="give people for each of 6 cycles"):
            model(intake=[1, 2])

    def test_people_scale_everything(self):
        np.testing.assert_allclose(
            model(people=250).run().total("cost", "bau"), 250 * model().run().total("cost", "bau"), rtol=1e-14
        )


class TestStarts:
    def test_an_option_may_reach_others(self):
        both = model(options=[Option("bau"), Option("x", start={"ill": 1.0})])
        found = both.run().total("cost", "x")[0]
        assert found == pytest.approx(naive([(0, 1.0)], lambda e: {("ill", 0): 1.0}), rel=1e-13)

    def test_shares_may_be_uncertain(self):
        share = np.array([0.2, 0.5, 0.9])
        found = model(start={"well": share, "ill": 1 - share}).run().total("cost", "bau")
        expected = [naive([(0, 1.0)], lambda e, s=s: {("well", 0): s, ("ill", 0): 1 - s}) for s in share]
        np.testing.assert_allclose(found, expected, rtol=1e-13)

    @pytest.mark.parametrize(
        ("start", "text"),
        [
            ({"well": 0.5}, "start sums to 0.5; give shares that sum to 1"),
            ({"wel": 1.0}, "there is no state 'wel'; did you mean 'well'"),
            ({"well": 1.5, "ill": -0.5}, "the share of 'ill' is negative"),
            ({"well": by_cycle([1.0] * 6)}, "varies over time"),
        ],
    )
    def test_faults(self, start, text):
        with pytest.raises(TransitionError, match=text):
            model(start=start)


class TestProfiles:
    WEIGHTS = np.array([0.5, 0.3, 0.2])
    HAZARDS = log_hazard(0.1, [0.7, -0.4], [[0, 0], [1, 0], [1, 1]])

    def test_profiles_are_weighted_lanes(self):
        moves = {"well -> ill": rate(by_profile(self.HAZARDS)), "ill -> dead": rate(0.2)}
        whole = model(moves=moves, profiles=self.WEIGHTS).run().total("cost", "bau")
        apart = [
            model(moves={**moves, "well -> ill": rate(h)}).run().total("cost", "bau") for h in self.HAZARDS
        ]
        np.testing.assert_allclose(
            whole, sum(w * a for w, a in zip(self.WEIGHTS, apart, strict=True)), rtol=1e-13
        )

    def test_coefficients_may_be_uncertain(self):
        coefficients = np.array([[0.7, 0.2, 0.9, 0.4], [-0.4, 0.1, -0.2, 0.3]])
        hazards = log_hazard(0.1, coefficients, [[0, 0], [1, 0], [1, 1]])
        moves = {"well -> ill": rate(by_profile(hazards)), "ill -> dead": rate(0.2)}
        whole = model(moves=moves, profiles=self.WEIGHTS).run().total("cost", "bau")
        assert whole.shape == (4,)
        one = model(moves={**moves, "well -> ill": rate(by_profile(hazards[:, 2]))}, profiles=self.WEIGHTS)
        assert one.run().total("cost", "bau")[0] == whole[2]

    def test_a_profile_needs_a_weight(self):
        moves = {"well -> ill": rate(by_profile(self.HAZARDS))}
        with pytest.raises(TransitionError, match="by_profile has 3 values and the model 1 profiles"):
            model(moves=moves, rewards=[])
        with pytest.raises(TransitionError, match="no weights from 0 on"):
            model(moves=moves, rewards=[], profiles=[1, -2, 3])

    def test_families_that_are_alike_are_merged(self):
        table = [[0, 0], [1, 1], [0, 0], [1, 0], [0, 0], [0, 0], [0, 0], [1, 0], [1, 0], [1, 1]]
        merged = merge_profiles(table)
        hazards = log_hazard(0.1, [0.7, -0.4], merged.profiles)
        settings = {"moves": {"well -> ill": rate(by_profile(hazards)), "ill -> dead": rate(0.2)}}
        found = model(**settings, profiles=merged).run().total("cost", "bau")
        each = log_hazard(0.1, [0.7, -0.4], table)
        moves = {"well -> ill": rate(by_profile(each)), "ill -> dead": rate(0.2)}
        one_by_one = model(moves=moves, profiles=np.ones(10)).run().total("cost", "bau")
        np.testing.assert_allclose(found, one_by_one, rtol=1e-13)


class TestFrailty:
    def test_survival_is_that_of_shared_gamma_frailty(self):
        """S(t) = (1 + v H)^(-1/v), closed form; quadrature meets it where hazards are moderate."""
        frailty = gamma_frailty(0.5, nodes=8)
        found = StateModel(
            states=("well", "ill"),
            cycles=5,
            moves={"well -> ill": rate(0.1)},
            frailty=frailty,
            frailty_on="* -> ill",
        )
        left = found.run().trace("bau")[:, 0]
        np.testing.assert_allclose(left, (1 + 0.5 * 0.1 * np.arange(6)) ** -2.0, rtol=1e-9)

    def test_classes_are_lanes_whatever_else_acts(self):
        classes = Frailty(np.array([0.5, 3.0]), np.array([0.8, 0.2]))
        moves = {"well -> ill": rate(by_profile([0.1, 0.3])), "ill -> dead": rate(0.2)}
        options = [
            Option("bau"),
            Option(
                "x",
                changes=[hazard_ratio("* -> ill", 0.6), hazard_ratio("* -> ill", 0.9)],
                combine="strongest",
            ),
        ]
        settings = {"moves": moves, "profiles": [0.4, 0.6], "options": options}
        found = model(**settings, frailty=classes, frailty_on=["well -> ill"]).run().total("cost", "x")[0]
        expected = 0.0
        for base, weight in zip([0.1, 0.3], [0.4, 0.6], strict=True):
            for multiplier, share in zip([0.5, 3.0], [0.8, 0.2], strict=True):
                own = {"well -> ill": rate(base * multiplier * 0.6), "ill -> dead": rate(0.2)}
                expected += weight * share * model(moves=own).run().total("cost", "bau")[0]
        assert found == pytest.approx(expected, rel=1e-13)

    def test_it_needs_moves_to_act_on(self):
        with pytest.raises(TransitionError, match="give frailty_on"):
            model(frailty=gamma_frailty(0.5))


def test_effects_have_their_own_discounting_over_an_intake():
    chosen = Conventions(discounting="per_cycle", rate_costs=0.1, rate_effects=0.0)
    life = [effect("life", 1, in_state=["well", "ill"], per="cycle")]
    run = model(people=0, intake=INTAKE, rewards=life, conventions=chosen).run()
    assert run.total("life", "bau")[0] == run.total("life", "bau", discounted=False)[0]


def test_faults_of_frailty_and_of_starts_by_profile():
    with pytest.raises(TransitionError, match=r"no move '\* -> poor'; the moves are well -> ill"):
        model(frailty=gamma_frailty(0.5), frailty_on="* -> poor")
    with pytest.raises(TransitionError, match=r"start sums to 0\.9; give shares that sum to 1"):
        model(profiles=[0.5, 0.5], start={"well": by_profile([0.8, 0.7]), "ill": by_profile([0.2, 0.2])})
    mixed = model(profiles=[0.5, 0.5], start={"well": by_profile([0.8, 0.6]), "ill": by_profile([0.2, 0.4])})
    apart = [model(start={"well": w, "ill": 1 - w}).run().total("cost", "bau")[0] for w in (0.8, 0.6)]
    assert mixed.run().total("cost", "bau")[0] == pytest.approx(np.mean(apart), rel=1e-13)
