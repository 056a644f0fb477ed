from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from communitybudget._core.errors import EffectError
from communitybudget.pathways import Timing, effect_from_row
from communitybudget.simulation import solve_together
from communitybudget.simulation.solving import measure_outcome, target_outcome

AT_ONCE = Timing()


@pytest.fixture(scope="module")
def care(england, study_group):
    """Looked after at 19 to 24 months: the effect as printed, and the families it was measured on."""
    pathway, families = study_group("child_safety")
    return effect_from_row(england["published.tfp_looked_after"], pathway), families


@pytest.fixture(scope="module")
def crime(england, study_group):
    """Convicted, and sentenced to custody, within 24 months."""
    pathway, families = study_group("youth_justice")
    names = ("published.tfp_juvenile_conviction", "published.tfp_juvenile_custody")
    return [effect_from_row(england[name], pathway) for name in names], families


class Curve:
    """One effect of those solved together, seen along its own axis."""

    def __init__(self, found, position=0):
        self.without, self.with_effect = found.without[position], found.with_effect[position]
        self.central_log_hazard_ratio = found.central[position]
        self.reachable_from = found.reachable_from[position]
        self.log_ratio = found.axes[position]
        self.log_hazard_ratio = found.log_hazard_ratios[position]
        self.hazard = lambda ratios: found.hazards(np.atleast_2d(ratios))[0]


def solved(effect, families, ratio, timing=AT_ONCE, nodes=()):
    found = solve_together(families, [(effect, timing, float(np.log(ratio)))], {effect.key: list(nodes)})
    return Curve(found)


def outcome_at(effect, families, log_hazard, timing=AT_ONCE):
    return measure_outcome(families, effect, [np.atleast_1d(log_hazard)], [(effect, timing)])


class TestLookedAfter:
    # Troubled Families national evaluation 2015-20 (MHCLG 2019): 2.5% of the comparison group and 1.7% of
    # the programme's children were looked after at 19 to 24 months after joining.

    @pytest.mark.parametrize(
        ("timing", "hazard_ratio"),
        [
            (AT_ONCE, 0.564),
            (Timing(lag=3), 0.500),
            (Timing(lag=6), 0.411),
            (Timing(lag=3, ramp=6), 0.410),
        ],
    )
    def test_the_hazard_must_fall_by_more_than_the_prevalence(self, care, timing, hazard_ratio):
        found = solved(*care, 0.68, timing)
        assert round(float(np.exp(found.central_log_hazard_ratio)), 3) == hazard_ratio
        assert round(found.without, 4) == 0.025
        assert round(found.with_effect, 4) == 0.017
        assert found.with_effect / found.without == pytest.approx(0.68, rel=1e-9)

    def test_the_printed_ratio_is_no_hazard_ratio(self, care):
        # Read as a hazard ratio, 0.68 gives 1.92% and not 1.7%: children already in care dilute it.
        assert round(float(outcome_at(*care, np.log(0.68))[0]), 4) == 0.0192

    def test_the_curve_gives_each_ratio_it_was_asked_for(self, care):
        effect, families = care
        nodes = np.log([0.61, 0.745, 0.9, 1.1])
        found = solved(effect, families, 0.68, nodes=nodes)
        asked = np.append(nodes, np.log(0.68))
        assert np.isin(asked, found.log_ratio).all()
        outcome = outcome_at(effect, families, found.hazard(asked))
        assert_allclose(outcome, found.without * np.exp(asked), rtol=1e-9)
        assert_allclose(
            outcome_at(effect, families, found.log_hazard_ratio),
            found.without * np.exp(found.log_ratio),
            rtol=1e-9,
        )

    def test_between_its_nodes_the_curve_is_close(self, care):
        effect, families = care
        found = solved(effect, families, 0.68)
        between = (found.log_ratio[1:] + found.log_ratio[:-1])[np.exp(found.log_ratio[:-1]) > 0.5] / 2
        outcome = outcome_at(effect, families, found.hazard(between))
        assert_allclose(outcome, found.without * np.exp(between), rtol=2e-3)

    def test_the_curve_rises_and_passes_exactly_through_no_effect(self, care):
        found = solved(*care, 0.68)
        assert (np.diff(found.log_ratio) > 0).all()
        assert (np.diff(found.log_hazard_ratio) > 0).all()
        ratios = np.linspace(-3, 2, 501)
        assert (np.diff(found.hazard(ratios)) > 0).all()
        assert found.hazard(np.array([0.0]))[0] == 0
        assert abs(found.hazard(np.array([1e-9]))[0]) < 1e-8
        assert_array_equal(np.sign(found.hazard(np.array([-0.1, 0.1]))), [-1, 1])

    def test_children_already_in_care_set_a_limit(self, care):
        effect, families = care
        found = solved(effect, families, 0.68)
        least = outcome_at(effect, families, -50.0)[0] / found.without
        assert least == pytest.approx(0.64 * 0.01 / 0.025, abs=0.01)
        # the lowest node is one that some hazard ratio reaches
        assert least < np.exp(found.reachable_from) < 0.5
        # beyond it the last straight line goes on
        x, y = found.log_ratio[:2], found.log_hazard_ratio[:2]
        beyond = found.hazard(np.array([x[0] - 0.2]))[0]
        assert beyond == pytest.approx(y[0] - 0.2 * (y[1] - y[0]) / (x[1] - x[0]))

    @pytest.mark.parametrize(
        ("ratio", "timing"), [(0.2, AT_ONCE), (0.25, AT_ONCE), (0.35, Timing(lag=3, ramp=6)), (90.0, AT_ONCE)]
    )
    def test_a_ratio_out_of_reach_is_refused_in_words(self, care, ratio, timing):
        words = f"asks for a ratio of {ratio:.3f} in looked_after.*already there dilute it; let the effects"
        with pytest.raises(EffectError, match=words):
            solved(*care, ratio, timing)

    def test_an_effect_after_the_window_cannot_be_solved(self, care):
        with pytest.raises(EffectError, match="earlier"):
            solved(*care, 0.68, Timing(lag=24))

    def test_odds_ratios(self, care):
        effect, families = care
        found = solved(replace(effect, measure="odds_ratio"), families, 0.6)
        odds = [share / (1 - share) for share in (found.with_effect, found.without)]
        assert odds[0] / odds[1] == pytest.approx(0.6, rel=1e-9)
        risk = solved(effect, families, found.with_effect / found.without)
        assert risk.central_log_hazard_ratio == pytest.approx(found.central_log_hazard_ratio, rel=1e-8)


class TestCrime:
    # Same evaluation: 4.6% against 3.9% of children convicted, 0.8% against 0.5% sentenced to custody, within
    # 24 months.
    central = (np.log(0.039 / 0.046), np.log(0.005 / 0.008))

    @pytest.mark.parametrize("timing", [AT_ONCE, Timing(lag=3), Timing(lag=3, ramp=6, lasts=15)])
    def test_both_published_figures_are_met_together(self, crime, timing):
        effects, families = crime
        found = solve_together(
            families, [(e, timing, r) for e, r in zip(effects, self.central, strict=True)], {}
        )
        convicted, custody = (Curve(found, found.keys.index(e.key)) for e in effects)
        assert [round(convicted.without, 4), round(custody.without, 4)] == [0.046, 0.008]
        assert_allclose(
            [convicted.with_effect / convicted.without, custody.with_effect / custody.without],
            np.exp(self.central),
            rtol=1e-9,
        )
        # and each figure is what comes out when both hazard ratios act
        hazards = [np.array([s.central_log_hazard_ratio]) for s in (convicted, custody)]
        for effect, share in zip(effects, (0.039, 0.005), strict=True):
            measured = measure_outcome(families, effect, hazards, [(e, timing) for e in effects])
            assert round(float(measured[0]), 4) == share

    def test_solved_apart_they_would_be_counted_twice(self, crime):
        # Fewer convictions already mean less custody, and the other way round.
        effects, families = crime
        apart = {e.key: solved(e, families, np.exp(r)) for e, r in zip(effects, self.central, strict=True)}
        hazards = [np.array([apart[e.key].central_log_hazard_ratio]) for e in effects]
        convicted = measure_outcome(families, effects[0], hazards, [(e, AT_ONCE) for e in effects])
        assert convicted[0] < 0.038

    def test_order_does_not_matter(self, crime):
        effects, families = crime
        stated = [(e, AT_ONCE, r) for e, r in zip(effects, self.central, strict=True)]
        forward, backward = solve_together(families, stated, {}), solve_together(families, stated[::-1], {})
        assert backward.keys == forward.keys[::-1]
        assert_allclose(backward.central[::-1], forward.central, atol=1e-9)

    @pytest.mark.parametrize(
        "asked", [(0.95, 0.95), (0.8478, 1.0), (1.0, 0.7), (0.883, 0.6), (0.999999, 0.999999), (1.1, 0.9)]
    )
    def test_away_from_the_centre_both_are_met_too(self, crime, asked):
        effects, families = crime
        timing = Timing(lag=3, ramp=6, lasts=15)
        stated = [(e, timing, r) for e, r in zip(effects, self.central, strict=True)]
        found = solve_together(families, stated, {})
        hazards = found.hazards(np.log(np.array(asked))[:, None])
        for k, effect in enumerate(effects):
            measured = measure_outcome(families, effect, list(hazards), [(e, timing) for e in effects])
            assert measured[0] / found.without[k] == pytest.approx(asked[k], rel=4e-3)

    def test_no_effect_is_exactly_none_and_nothing_jumps_beside_it(self, crime):
        effects, families = crime
        stated = [(e, AT_ONCE, r) for e, r in zip(effects, self.central, strict=True)]
        found = solve_together(families, stated, {})
        hazards = found.hazards(np.array([[0.0, 1e-9, -1e-9], [0.0, 1e-9, -1e-9]]))
        assert (hazards[:, 0] == 0).all()
        assert np.abs(hazards).max() < 1e-8


def test_a_statistic_that_does_not_fit_its_outcome_is_refused(england, study_group):
    pathway, _ = study_group("child_safety")
    row = england["published.tfp_looked_after"]
    wrong = replace(row, fields={**row.fields, "statistic": "cumulative"})
    with pytest.raises(EffectError, match="needs an outcome with moves"):
        effect_from_row(wrong, pathway)


def test_help_into_work_raises_a_hazard_to_lower_a_prevalence(england, study_group):
    # Same evaluation: 10.5% against 9.3% of adults claiming at 19 to 24 months. The model has 10.4% without.
    pathway, families = study_group("work")
    found = solved(effect_from_row(england["published.tfp_jsa"], pathway), families, 0.093 / 0.105)
    assert found.central_log_hazard_ratio > 0
    assert found.with_effect / found.without == pytest.approx(0.093 / 0.105, rel=1e-9)
    assert round(found.without, 3) == 0.104
    assert (np.diff(found.log_hazard_ratio) < 0).all()


@pytest.mark.parametrize("measure", ["relative_risk", "odds_ratio"])
def test_a_ratio_of_one_asks_for_the_same_outcome(measure):
    assert_allclose(target_outcome(0.3, np.zeros(1), measure), 0.3, rtol=1e-15)


def test_an_odds_ratio_never_asks_for_more_than_everybody():
    assert_allclose(target_outcome(0.5, np.log([3.0, 1e9]), "odds_ratio"), [0.75, 1], rtol=1e-8)
