"""Published figures that the rates of the bundled set reproduce, each with where it comes from.

Nobody comes of age here: that is a share still followed, applied outside the kernel, so children from birth
are simply followed for eighteen years.
"""

from functools import cache

import numpy as np
import pytest

from communitybudget.parameters import ParameterSet
from communitybudget.pathways import Outcome, StartShare, Timing, effect_from_row, load_pathway, parse_move
from communitybudget.simulation import Population, build_layout, place_start
from communitybudget.simulation.kernel import follow, probabilities
from communitybudget.simulation.layout import first_passage
from communitybudget.simulation.solving import measure_outcome
from communitybudget.simulation.weights import YearWeights, year_weights

CHILDREN_10_TO_17 = 5.9e6  # England and Wales, the population behind the rates of the pathway


@cache
def england():
    return ParameterSet.load("england")


@cache
def general(name):
    """A pathway for the child population: layout and central rates of edges and events."""
    pathway = load_pathway(england(), name)
    layout = build_layout(pathway.state_names, pathway.rates_of("general"))
    return layout, *(
        np.array([[england().parameters[edge.parameter].value] for edge in edges])
        for edges in (layout.edges, layout.events)
    )


def followed(name, state, months, weights=None):
    """Follow people who have just entered a state."""
    layout, rates, events = general(name)
    p = probabilities(layout, rates, events)
    starts = place_start(layout, [StartShare(state, 0, "")])
    return layout, follow(layout, starts, np.ones((1, 1)), p, months, weights or year_weights(months // 12))


def ever(name, state, months, *moves):
    """Share of people who have just entered a state and make one of some moves within some months."""
    layout, rates, events = general(name)
    passage = first_passage(layout, Outcome("it", "", None, {parse_move(move): 1.0 for move in moves}))
    source = {"edge": rates, "event": events}
    chosen = np.array([source[kind][index] * share for kind, index, share in passage.rows])
    p = probabilities(passage.layout, chosen, np.empty((0, 1)))
    starts = place_start(layout, [StartShare(state, 0, "")])
    nothing = YearWeights(np.zeros((1, months + 1)), np.zeros((1, months)), np.zeros((1, months + 1)))
    bins = follow(passage.layout, starts, np.ones((1, 1)), p, months, nothing)
    assert bins.final.sum() == pytest.approx(1, abs=1e-12)
    return float(bins.final[passage.cell, 0])


def into(name, state):
    layout = general(name)[0]
    return sorted({f"{e.move[0]} -> {e.move[1]}" for e in layout.edges if e.move[1] == state})


def out_of(name, state):
    layout = general(name)[0]
    return sorted({f"{e.move[0]} -> {e.move[1]}" for e in layout.edges if e.move[0] == state})


class TestChildSafety:
    def test_ever_referred_by_18(self):
        # Jay et al., International Journal of Population Data Science, 2454: 35.4%. A referral opens a case
        # or closes at once; the end of early help is no referral.
        referrals = [
            *("universal -> child_in_need", "universal -> case_closed", "early_help -> child_in_need"),
            *("case_closed -> child_in_need", "case_closed -> case_closed"),
        ]
        assert ever("child_safety", "universal", 216, *referrals) == pytest.approx(0.354, rel=0.01)

    @pytest.mark.parametrize(
        ("state", "share"),
        [
            ("child_in_need", 0.253),  # Jay et al., International Journal of Population Data Science, 2454
            ("protection_plan", 0.069),  # the same
            ("looked_after", 0.0365),  # midway of 3.3% (PMC6205623) and 4% (IJPDS 1895)
        ],
    )
    def test_ever_by_18(self, state, share):
        found = ever("child_safety", "universal", 216, *into("child_safety", state))
        assert found == pytest.approx(share, rel=0.01)

    @pytest.mark.parametrize(("months", "share"), [(3, 0.841), (6, 0.731), (12, 0.296), (24, 0.044)])
    def test_still_on_a_plan(self, months, share):
        # Department for Education, Children in need 2025, table D7: 15.9, 11.0, 43.5, 25.2 and 4.4% of plans
        # end within 3, 3-6, 6-12, 12-24 and after 24 months.
        ended = ever("child_safety", "protection_plan", months, *out_of("child_safety", "protection_plan"))
        assert 1 - ended == pytest.approx(share, abs=0.0001)

    @pytest.mark.parametrize(("months", "share"), [(3, 0.12), (12, 0.20), (72, 0.35)])
    def test_back_in_care_after_return_home(self, months, share):
        # NSPCC 2024: 12% within three months, 20% within a year, 35% within six years.
        back = ever("child_safety", "returned_home", months, "returned_home -> looked_after")
        assert back == pytest.approx(share, abs=0.0001)

    def test_children_go_nowhere_but_somewhere(self):
        _, bins = followed("child_safety", "universal", 216)
        assert bins.final.sum() == pytest.approx(1, abs=1e-12)
        assert bins.occupancy.sum() == pytest.approx(216, abs=1e-9)

    def test_looked_after_on_a_day(self):
        # Department for Education, Children looked after 2024: 83,630 of 11.947m children, 70.0 in 10,000.
        # The rates give 66.5, since they leave out unaccompanied children seeking asylum, whom it counts.
        layout, bins = followed("child_safety", "universal", 216)
        months = bins.occupancy[:, layout.cells_of("looked_after")].sum()
        assert months / 216 * 1e4 == pytest.approx(66.46, rel=0.01)


class TestYouthJustice:
    # Youth Justice Board, Youth justice statistics 2023-24.

    def test_children_in_custody_on_a_day(self):
        # On average 430 children in custody, here of 5.9m aged 10 to 17: the mean over eight years of age.
        first_of_month = np.full((1, 97), 1 / 96)
        first_of_month[0, 96] = 0
        weights = YearWeights(first_of_month, np.zeros((1, 96)), np.zeros((1, 97)))
        layout, bins = followed("youth_justice", "none", 96, weights)
        inside = bins.occupancy[0, layout.cells_of("custody")].sum() * CHILDREN_10_TO_17
        assert inside == pytest.approx(430, rel=0.01)

    def test_first_time_entrants_in_a_year(self):
        # 8,300 children with a first caution or sentence.
        first = ever("youth_justice", "none", 96, "none -> community", "none -> custody")
        assert first / 8 * CHILDREN_10_TO_17 == pytest.approx(8_300, rel=0.01)

    def test_reoffending_within_a_year(self):
        # 32.5% of children have another proven offence within twelve months of a caution or sentence.
        again = [
            "community -> community",
            "community -> custody",
            "desisted -> community",
            "desisted -> custody",
        ]
        assert ever("youth_justice", "community", 12, *again) == pytest.approx(0.325, rel=0.001)


class TestComparisonGroup:
    """Families of medium need, as the comparison group of the Troubled Families evaluation (MHCLG 2019)."""

    @pytest.mark.parametrize(
        ("name", "row", "share", "within"),
        [
            ("child_safety", "published.tfp_looked_after", 0.025, 0.001),
            ("youth_justice", "published.tfp_juvenile_conviction", 0.046, 0.001),
            ("youth_justice", "published.tfp_juvenile_custody", 0.008, 0.001),
            ("work", "published.tfp_jsa", 0.105, 0.02),
        ],
    )
    def test_the_model_without_the_programme(self, name, row, share, within):
        pathway = load_pathway(england(), name)
        layout = build_layout(pathway.state_names, pathway.rates_of("medium_need"))
        starts = place_start(layout, pathway.start_of("medium_need"))
        shares, rates, events = (
            np.array([england().parameters[part.parameter].value for part in parts])
            for parts in (starts, layout.edges, layout.events)
        )
        families = Population(layout, starts, shares, rates, events, pathway.outcomes)
        effect = effect_from_row(england()[row], pathway)
        assert measure_outcome(families, effect, [np.zeros(1)], [(effect, Timing())])[0] == pytest.approx(
            share, rel=within
        )
