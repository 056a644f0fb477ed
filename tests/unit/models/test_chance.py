"""Chance in state models: closed forms, people one by one, and the means of a run."""

import json
import random

import matplotlib.axes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from communitybudget import ParameterNotFound
from communitybudget._core.errors import ParameterError
from communitybudget.models import (
    Conventions,
    ModelChance,
    Option,
    StateModel,
    by_cycle,
    by_duration,
    by_profile,
    by_year,
    cost,
    effect,
    generator,
    hazard_ratio,
    probability,
    rate,
    relative_risk,
)
from communitybudget.simulation import Frailty

PLAIN = Conventions(rate_costs=0.0, rate_effects=0.0)


def leaving(p, cycles=24, **settings):
    """People leave with a probability; what counts is given."""
    given = {"moves": {"here -> gone": probability(p)}, "conventions": PLAIN, **settings}
    return StateModel(states=("here", "gone"), cycles=cycles, **given)


LEFT = effect("left", 1, move="here -> gone")


class TestClosedForms:
    def test_those_who_have_left_are_binomial(self):
        p = np.array([0.02, 0.05, 0.2])
        found = leaving(p, rewards=[LEFT], people=60).run().chance("left", "bau")
        share = 1 - (1 - p) ** 24
        assert_allclose(found.means[0], 60 * share, rtol=1e-9)
        assert_allclose(found.variances[0], 60 * share * (1 - share), rtol=1e-9)

    def test_a_stay_is_geometric(self):
        stay = effect("stay", 1, in_state="here", per="cycle")
        counting = Conventions(counting="cycle_start", rate_costs=0.0, rate_effects=0.0)
        found = leaving(0.3, cycles=120, rewards=[stay], conventions=counting).run().chance("stay", "bau")
        assert_allclose(found.means[0], 1 / 0.3, rtol=1e-9)
        assert_allclose(found.variances[0], 0.7 / 0.3**2, rtol=1e-9)

    @pytest.mark.parametrize("arrivals", ["fixed", "poisson"])
    def test_immigration_and_death(self, arrivals):
        """The number there in the end: Poisson where arrivals are, else a sum of binomials."""
        there = effect("there", by_year({"2026-27": 0.0, "2037-38": 1.0}), in_state="here", per="cycle")
        model = leaving(
            0.1,
            cycles=12,
            rewards=[there],
            conventions=Conventions(counting="cycle_end", rate_costs=0.0, rate_effects=0.0),
            people=0,
            intake=np.full(12, 4.0),
            first_year="2026-27",
        )
        found = model.run().chance("there", "bau", arrivals=arrivals)
        stays = 0.9 ** np.arange(1, 13)
        expected = stays.sum() if arrivals == "poisson" else (stays * (1 - stays)).sum()
        assert_allclose(found.means[0, 0], 4 * stays.sum(), rtol=1e-9)
        assert_allclose(found.variances[0, 0], 4 * expected, rtol=1e-9)

    def test_todays_caseload_is_known_and_only_those_who_come_are_a_poisson_number(self):
        model = leaving(0.3, cycles=1, rewards=[LEFT], people=10, intake=np.array([5.0]))
        run = model.run()
        assert_allclose(run.chance("left", "bau").variances[0], 15 * 0.3 * 0.7, rtol=1e-9)
        poisson = run.chance("left", "bau", arrivals="poisson")
        assert_allclose(poisson.variances[0], 10 * 0.3 * 0.7 + 5 * 0.3, rtol=1e-9)

    def test_profiles_are_known_people_and_classes_of_frailty_are_chance(self):
        p = np.array([0.1, 0.5])
        known = leaving(by_profile(p), cycles=1, rewards=[LEFT], profiles=[0.4, 0.6], people=100)
        found = known.run().chance("left", "bau").variances[0, 0]
        assert_allclose(found, 40 * 0.1 * 0.9 + 60 * 0.5 * 0.5, rtol=1e-9)
        frailty = Frailty(np.array([0.5, 1.5]), np.array([0.5, 0.5]))
        unseen = StateModel(
            states=("here", "gone"),
            cycles=1,
            moves={"here -> gone": rate(0.4)},
            rewards=[LEFT],
            conventions=PLAIN,
            frailty=frailty,
            frailty_on="here -> gone",
        )
        share = 1 - np.exp(-0.4 * np.array([0.5, 1.5])).mean()
        assert_allclose(unseen.run().chance("left", "bau").variances[0, 0], share * (1 - share), rtol=1e-9)

    def test_where_one_starts_is_chance_and_alike_under_both_so_far_as_the_shares_are(self):
        model = leaving(
            0.0,
            cycles=1,
            rewards=[effect("here", 1, in_state="here", per="cycle")],
            start={"here": 0.3, "gone": 0.7},
            options=[Option("bau"), Option("help", start={"here": 0.2, "gone": 0.8})],
        )
        found = model.run().chance("here", "help")
        assert_allclose(found.means[:, 0], [0.3, 0.2, -0.1], rtol=1e-12)
        assert_allclose(found.variances[:, 0], [0.3 * 0.7, 0.2 * 0.8, 0.1 * 0.9], rtol=1e-9)

    def test_spells_of_a_known_length_vary_by_their_price_alone(self):
        stay = cost("stay", 100, in_state="here", per="cycle")
        dearer = Option("dearer", rewards=[cost("more", 50, in_state="here", per="cycle")])
        model = leaving(0.0, cycles=10, rewards=[stay], options=[Option("bau"), dearer], price_base="2025-26")
        found = model.run().chance("cost", "dearer", spread_of_spells={"here": 1.5})
        assert_allclose(found.variances[:, 0], [(1000 * 1.5) ** 2, (1500 * 1.5) ** 2, (500 * 1.5) ** 2])

    def test_what_everybody_costs_has_no_chance(self):
        worker = Option("help", rewards=[cost("worker", 700, at_start=True)])
        care = cost("care", 10, in_state="here", per="cycle")
        model = leaving(0.2, rewards=[care], options=[Option("bau"), worker], price_base="2025-26", people=60)
        found = model.run().chance("cost", "help")
        assert_allclose(found.means[2, 0], 60 * 700)
        assert found.variances[2, 0] == 0
        assert found.variances[0, 0] == found.variances[1, 0] > 0


# --- people one by one -----------------------------------------------------------------------------------

CYCLES = 5
UP = [0.2, 0.3, 0.1, 0.4, 0.2]


def row(t, state, n, help_):
    """Probabilities of moving, by cycle and completed cycles in the state."""
    if state == "well":
        return {"ill": UP[t] * (0.5 if help_ and t < 3 else 1)}
    return {"well": 0.4 if n < 2 else 0.1, "dead": 0.05} if state == "ill" else {}


def counted(state, n, help_, price):
    """What a cycle costs: care at the price of the spell, and visits to the well with the option."""
    return price * (100.0 if n < 1 else 60.0) if state == "ill" else 20.0 * help_ * (state == "well")


def lives(chance):
    """What one person comes to under both options; in a cycle they are alike so far as probabilities are."""
    places = [("well", 0)] * 2 if chance.random() < 0.7 else [("ill", 1)] * 2
    alike, totals = True, [0.0, 0.0]
    price = [chance.choice((0.5, 1.5))] * 2
    for t in range(CYCLES):
        rows = []
        for (state, n), help_ in zip(places, (False, True), strict=True):
            exits = row(t, state, n, help_)
            rows.append({**exits, None: 1 - sum(exits.values())})
        if alike:
            both = {target: min(rows[0][target], rows[1][target]) for target in rows[0]}
            apart = [{k: own[k] - both[k] for k in own} for own in rows]
            alike = chance.random() < sum(both.values())
            drawn = [both] * 2 if alike else apart
        else:
            drawn = rows
        first = chance.choices(list(drawn[0]), list(drawn[0].values()))[0]
        second = first if alike else chance.choices(list(drawn[1]), list(drawn[1].values()))[0]
        prices = [chance.choice((0.5, 1.5)) for _ in range(2)]
        for world, target in enumerate((first, second)):
            (state, n) = places[world]
            totals[world] += counted(state, n, world, price[world]) / 2 + 30.0 * (target == "ill")
            if target is not None:
                price[world] = prices[0 if alike else world]
            places[world] = (state, n + 1) if target is None else (target, 0)
            totals[world] += counted(*places[world], world, price[world]) / 2
    return totals


def small(**settings):
    given = {
        "moves": {
            "well -> ill": probability(by_cycle(UP)),
            "ill -> well": probability(by_duration({0: 0.4, 2: 0.1})),
            "ill -> dead": probability(0.05),
        },
        "rewards": [
            cost("care", by_duration({0: 100.0, 1: 60.0}), in_state="ill", per="cycle", agency="nhs"),
            cost("entry", 30, entering="ill", agency="police"),
        ],
        "options": [
            Option("bau"),
            Option(
                "help",
                changes=[relative_risk("well -> ill", 0.5, to_cycle=3)],
                rewards=[cost("visits", 20, in_state="well", per="cycle", agency="nhs")],
            ),
        ],
        "start": {"well": 0.7, "ill": {1: 0.3}},
        "price_base": "2025-26",
        **settings,
    }
    return StateModel(states=("well", "ill", "dead"), cycles=CYCLES, **given)


def test_people_one_by_one():
    """Time, duration, rewards of one option, a start mix and spells of different price at once."""
    chance = random.Random(4)
    drawn = np.array([lives(chance) for _ in range(12_000)])
    drawn = np.column_stack([drawn, drawn[:, 1] - drawn[:, 0]])
    found = small(conventions=PLAIN).run().chance("cost", "help", spread_of_spells={"ill": 0.5})
    apart = drawn - drawn.mean(axis=0)
    error = apart.std(axis=0) / np.sqrt(len(drawn))
    assert (np.abs(drawn.mean(axis=0) - found.means[:, 0]) < 4 * error).all()
    variance, fourth = (apart**2).mean(axis=0), (apart**4).mean(axis=0)
    error = np.sqrt((fourth - variance**2) / len(drawn))
    assert (np.abs(variance - found.variances[:, 0]) < 4 * error).all()


# --- against the run -------------------------------------------------------------------------------------

DRAWS = np.random.default_rng(1).uniform(0.4, 1.1, 7)
INTAKE = np.array([3.0, 0, 2, 0, 4])
RATES = np.array([[0, 0.3, 0.1], [0.2, 0, 0.2], [0, 0, 0]])[..., None] * DRAWS
AMOUNTS = [
    cost("care", by_cycle([3.0, 2, 1, 4, 5]) * DRAWS, in_state="ill", per="cycle", agency="nhs"),
    cost("burial", by_year({"2026-27": 9.0, "2028-29": 4.0}), move="* -> dead", agency="nhs"),
    cost("late care", 6, in_state="ill", per="cycle", from_cycle=1, to_cycle=3, agency="nhs"),
    cost("admission", 5, at_start=True, agency="police"),
    effect("QALY", in_state={"well": 1.0, "ill": by_cycle([0.7, 0.6, 0.5, 0.5, 0.5, 0.4])}, per="year"),
]
HALVED = Option("help", changes=[hazard_ratio("well -> ill", DRAWS, from_cycle=1)])
PER_CYCLE = Conventions(discounting="per_cycle", first_point="discounted")
CALENDAR = rate(by_year({"2026-27": 0.1, "2027-28": 0.4, "2029-30": 0.2}))
SETTINGS = {
    "closed": {"people": 60},
    "open": {"people": 10, "intake": INTAKE},
    "stock and flow": {"people": 10, "intake": INTAKE, "intake_start": {"ill": 0.5, "well": 0.5}},
    "own start": {"options": [Option("bau"), Option("help", start={"well": 0.8, "ill": {2: 0.2}})]},
    "calendar": {"intake": INTAKE, "moves": {"well -> ill": CALENDAR, "ill -> dead": rate(0.1)}},
    "profiles": {
        "profiles": [1.0, 2.0, 3.0],
        "moves": {"well -> ill": rate(by_profile([0.1, 0.2, 0.4])), "ill -> dead": rate(0.1)},
        "frailty": Frailty(np.array([0.5, 1.5]), np.array([0.6, 0.4])),
        "frailty_on": "* -> dead",
    },
    "another move": {"options": [Option("bau"), Option("help", moves={"well -> dead": probability(0.1)})]},
    "generator": {
        "moves": generator(RATES - RATES.sum(axis=1) * np.eye(3)[..., None]),
        "rewards": [AMOUNTS[0], AMOUNTS[1], AMOUNTS[3], AMOUNTS[4]],
    },
    "departure": {"conventions": Conventions(counting="half_cycle", discounting="per_cycle")},
    "arrival": {"conventions": Conventions(moves_at="arrival", counting="cycle_end", form="continuous")},
    "weighted": {"conventions": Conventions.like("darth", rate_costs=0.03), "intake": INTAKE},
    "late": {"conventions": PER_CYCLE, "intake": INTAKE},
}


@pytest.mark.parametrize("discounted", [True, False])
@pytest.mark.parametrize("which", SETTINGS)
def test_means_are_those_of_the_run_in_every_draw(which, discounted):
    given = {"rewards": AMOUNTS, "options": [Option("bau"), HALVED], "first_year": "2026-27"}
    run = small(**{**given, **SETTINGS[which]}).run()
    for name in ("cost", "QALY"):
        found = run.chance(name, "help", discounted=discounted)
        totals = [run.total(name, option, discounted=discounted) for option in run.options]
        assert_allclose(found.means[:2], totals, rtol=1e-12)
        assert_allclose(found.means[2], totals[1] - totals[0], rtol=0, atol=1e-12 * np.max(totals))
        assert (found.variances[:2] > 0).all()
        # chance of the difference cannot be more than if the two options were for other people
        sds = np.sqrt(found.variances)
        assert (sds[2] <= sds[0] + sds[1] + 1e-9).all()
        assert (sds[2] >= np.abs(sds[0] - sds[1]) - 1e-9).all()


def test_net_benefit_is_the_effect_at_its_worth_less_the_costs():
    run = small(rewards=AMOUNTS, options=[Option("bau"), HALVED], first_year="2026-27").run()
    found = run.chance("QALY", "help", threshold=20.0)
    assert_allclose(found.means[:2].T, run.net_benefit(20.0), rtol=1e-12)
    assert found.kind == "net benefit"
    assert "net benefit at 20 for one QALY" in found.summary()
    nhs = run.chance("QALY", "help", threshold=0.0, agency="nhs").means
    assert_allclose(nhs, -run.chance("cost", "help", agency="nhs").means)


def test_results_do_not_depend_on_the_blocks(monkeypatch):
    given = {**SETTINGS["profiles"], "intake": INTAKE, "rewards": AMOUNTS, "options": [Option("bau"), HALVED]}
    run = small(**given, first_year="2026-27").run()
    whole = run.chance("cost", "help", arrivals="poisson")
    monkeypatch.setattr("communitybudget.models.both_worlds._BYTES", 30e3)
    parts = run.chance("cost", "help", arrivals="poisson")
    assert_allclose(parts.means, whole.means, rtol=1e-13)
    assert_allclose(parts.variances, whole.variances, rtol=1e-12)


@pytest.mark.parametrize("change", [hazard_ratio("well -> ill", 1.0), relative_risk("well -> ill", 1.0)])
def test_what_changes_nothing_differs_by_nothing(change):
    found = small(options=[Option("bau"), Option("help", changes=[change])]).run().chance("cost", "help")
    assert_allclose(found.means[2], 0, atol=1e-10)
    assert_allclose(found.variances[2], 0, atol=1e-8)
    assert found.variances[0, 0] > 1000


chances = st.floats(0, 0.9)


@given(
    up=chances,
    down=chances,
    ratio=st.floats(0.1, 3),
    people=st.floats(0.5, 500),
    amounts=st.tuples(st.floats(0, 1e4), st.floats(0, 1e4)),
)
@settings(max_examples=25, deadline=None)
def test_many_people_are_as_many_times_one(up, down, ratio, people, amounts):
    model = StateModel(
        states=("a", "b"),
        cycles=4,
        moves={"a -> b": probability(up), "b -> a": probability(by_duration({0: down, 2: down / 2}))},
        rewards=[
            cost("stay", amounts[0], in_state="b", per="cycle"),
            cost("entry", amounts[1], entering="b"),
        ],
        options=[Option("bau"), Option("help", changes=[hazard_ratio("a -> b", ratio)])],
        price_base="2025-26",
    )
    run = model.run()
    one, many = run.chance("cost", "help"), run.chance("cost", "help", people=people)
    assert (one.variances >= 0).all()
    assert_allclose(many.means, people * one.means, rtol=1e-12)
    assert_allclose(many.variances, people * one.variances, rtol=1e-12)


# --- what it gives ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def found():
    given = {"rewards": AMOUNTS, "options": [Option("bau"), HALVED], "first_year": "2026-27"}
    return small(**given, people=60, title="Help for some").run().chance("cost", "help")


def test_the_frame_keeps_both_uncertainties_apart(found):
    frame = found.to_frame()
    assert frame["option"].tolist() == ["bau", "help", "help"]
    assert frame["against"].tolist() == ["", "", "bau"]
    last = frame.iloc[2]
    rates, chance = found.means[2].var(ddof=1), found.variances[2].mean()
    assert last["sd_rates"] == pytest.approx(np.sqrt(rates))
    assert last["sd_chance"] == pytest.approx(np.sqrt(chance))
    assert last["sd_with_chance"] == pytest.approx(np.sqrt(rates + chance))
    assert last["chance_share"] == pytest.approx(chance / (rates + chance))
    assert last["mc_error"] == pytest.approx(np.sqrt(rates / 7))
    assert last["p10_with_chance"] < last["p10_rates"] < last["p90_rates"] < last["p90_with_chance"]
    assert last["probability_rates"] == (found.means[2] <= 0).mean()
    assert last["probability_with_chance"] == pytest.approx(1 - found.probability(), abs=1e-12)


@pytest.mark.parametrize("option", ["bau", None])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.975])
def test_quantiles_and_probabilities_are_one_distribution(found, share, option):
    assert found.probability(found.quantile(share, option), option) == pytest.approx(1 - share, abs=1e-9)


def test_a_cost_is_skewed_as_a_gamma_and_a_difference_is_normal():
    one = ModelChance("", "cost", "", "cost", ("a", "b"), "", (), np.full((3, 1), 2.0), np.full((3, 1), 4.0))
    assert one.quantile(0.9, "a") == pytest.approx(2 * -np.log(0.1))  # exponential: sd as the mean
    assert one.quantile(0.9) == pytest.approx(2 + 2 * 1.2815515655)
    assert one.probability(0.0, "a") == 1
    assert one.probability(2.0) == 0.5


def test_one_option_alone_has_no_difference():
    run = leaving(0.1, rewards=[LEFT], people=60).run()
    alone = run.chance("left", "bau")
    assert alone.means.shape == (1, 1)
    assert alone.to_frame()["chance_share"].tolist() == [1.0]
    assert alone.quantile(0.1) < 60 * (1 - 0.9**24) < alone.quantile(0.9)
    assert alone.quantile(0.1, chance=False) == pytest.approx(60 * (1 - 0.9**24))


def test_chance_takes_only_so_many_draws_and_says_so():
    model = leaving(np.linspace(0.1, 0.2, 300), rewards=[LEFT], options=[Option("bau"), Option("same")])
    run = model.run()
    assert run.chance("left", "same").draws == 200
    found = run.chance("left", "same", draws=1000)
    assert found.draws == 300
    assert "the first 300 of 300 draws" in found.summary()
    assert_allclose(found.means[0, :200], run.chance("left", "same").means[0], rtol=1e-13)


def test_it_reads_and_draws_itself(found):
    text = found.summary()
    assert text.startswith("Help for some: cost\n")
    for words in ("help against bau", "with chance", "60 people at the start", "Monte Carlo error"):
        assert words in text
    assert "costs no more" in found._repr_html_()
    assert repr(found) == "ModelChance(cost of help against bau, draws=7)"
    assert isinstance(found.plot(), matplotlib.axes.Axes)
    json.loads(found.to_json())
    assert ModelChance.from_json(found.to_json()) == found


def test_what_cannot_be_is_told_at_once():
    run = small(rewards=AMOUNTS, first_year="2026-27").run()
    with pytest.raises(ParameterError, match=r"(?s)arrivals is 'random'.*people is -1.*draws is 0"):
        run.chance("cost", "help", arrivals="random", people=-1, draws=0)
    with pytest.raises(ParameterError, match=r"(?s)spread_of_spells of 'ill' is -1.*has no intake"):
        run.chance("cost", "help", spread_of_spells={"ill": -1}, arrivals="poisson")
    with pytest.raises(ParameterNotFound, match="no state 'il'; did you mean 'ill'"):
        run.chance("cost", "help", spread_of_spells={"il": 1})
    with pytest.raises(ParameterNotFound, match="no option 'halp'; did you mean 'help'"):
        run.chance("cost", "halp")
    with pytest.raises(ParameterError, match="a threshold prices an effect and 'cost' is a cost"):
        run.chance("cost", "help", threshold=1.0)
    with pytest.raises(ParameterNotFound, match="no option 'halp'"):
        run.chance("cost", "help").quantile(0.1, "halp")
