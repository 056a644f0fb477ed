"""Chance in a case: which families these turn out to be."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from communitybudget import appraise, examples_folder, load_case
from communitybudget._core.errors import CaseFileError
from communitybudget._core.streams import stream
from communitybudget.case import Case
from communitybudget.case.model import prepare
from communitybudget.simulation.realised import AtChance
from tests_builders import small_case


def appraised(draws: int = 300, block: int = 5000, **changes):
    return appraise(Case.from_dict({**small_case(), **changes}), draws=draws, seed=1, block=block)


def with_option(**changes):
    option = small_case()["options"][0]
    return [{**option, **changes}]


@pytest.fixture(scope="module")
def result():
    return appraised()


class TestHounslow:
    def test_chance_moves_the_probability_of_paying_back_by_more_than_ten_points(self):
        """A model of the case made by hand has 0.64 from rates alone and 0.45 with chance over ten years."""
        case = load_case(examples_folder() / "hounslow" / "case.yaml")
        found = appraise(case, draws=1500, seed=1).two_uncertainties().set_index("option")
        early = found.loc["early_help"]
        assert early["probability_rates"] == pytest.approx(0.64, abs=0.05)
        assert early["probability_with_chance"] == pytest.approx(0.45, abs=0.05)
        # a dear option is the other way round: only luck can make it pay
        dear = found.loc["key_worker_half"]
        assert dear["probability_with_chance"] > dear["probability_rates"]


class TestLevels:
    def test_the_mean_is_not_changed(self, result):
        expected, actual = result.npv(), result.npv(chance=True)
        error = (actual - expected).std() / result.draws**0.5
        assert abs((actual - expected).mean()) < 4 * error

    def test_both_levels_stand_in_the_summary(self, result):
        row = result.measure("npv_fiscal")
        assert row["p10"] == pytest.approx(np.quantile(result.npv(), 0.1))
        assert row["p10_with_chance"] == pytest.approx(np.quantile(result.npv(chance=True), 0.1))
        variances = result.npv().var(), result.npv(chance=True).var()
        assert row["chance_share"] == pytest.approx(1 - variances[0] / variances[1])
        odds = result.measure("probability_net_positive")
        assert odds["mean_with_chance"] == (result.npv(chance=True) >= 0).mean()

    def test_payback_has_both(self, result):
        last = result.years[-1]
        row = result.measure(f"probability_payback_by_{last}")
        assert row["mean"] == result.probability_payback(last)
        assert row["mean_with_chance"] == result.probability_payback(last, chance=True)

    def test_the_ledger_has_both(self, result):
        frame = result.ledger.to_frame()
        moved = frame[frame["flow"] == "costs_avoided"]
        assert (moved["sd_with_chance"] > moved["sd"]).any()
        paid = frame[frame["flow"] == "delivery"]
        assert_allclose(paid["sd_with_chance"], paid["sd"])

    def test_agencies_sum_to_all(self, result):
        ledger = result.turned_out
        parts = sum(ledger.net("support", agency) for agency in ledger.agencies)
        assert_allclose(parts, ledger.net("support"), atol=1e-6)

    def test_tables_take_either_level(self, result):
        for chance in (True, False):
            npv = result.npv(chance=chance)
            total = result.balance(chance=chance)
            council = total.set_index("agency").loc["Local authority"]
            low = np.quantile(result.npv(agency="local_authority", chance=chance), 0.1)
            assert council["net_p10"] == pytest.approx(low)
            cases = result.two_cases(chance=chance).set_index("item")
            assert cases.loc["Net present value, P90", "financial"] == pytest.approx(np.quantile(npv, 0.9))

    def test_counts_are_whole_people(self, result):
        entries = result.activity.avoided_as_it_turns_out("entries_to_care", "support")
        assert_allclose(entries, np.round(entries), atol=1e-9)
        assert (entries != 0).any()


class TestNothingToDraw:
    def test_no_effect_no_chance(self):
        result = appraised(draws=40, options=with_option(effects=[]))
        assert result.ledger.chance_lines == ()
        assert result.turned_out is result.ledger
        assert_array_equal(result.npv(chance=True), result.npv())

    def test_draws_in_which_the_effect_is_absent_have_none(self, result):
        absent = (result.ledger.flow("support", "costs_avoided") == 0).all(axis=0)
        assert absent.any()
        assert_array_equal(result.turned_out.flow("support", "costs_avoided")[:, absent], 0)


class TestSize:
    def test_more_families_make_chance_smaller(self, result):
        few = result.measure("npv_fiscal")["chance_share"]
        many = appraised(cohort={"families": 20_000, "profile": "medium_need"}).measure("npv_fiscal")
        assert few > 0.5
        assert many["chance_share"] < 0.1

    def test_a_large_cohort_is_drawn_in_part_with_the_same_variance(self):
        """Chance of a sum of independent families grows with their number, drawn whole or in part."""
        gaps = []
        for families in (500, 8_000):
            found = appraised(draws=1500, cohort={"families": families, "profile": "medium_need"})
            gap = found.npv(chance=True) - found.npv()
            gaps.append(gap.std() / families**0.5)
        assert gaps[1] / gaps[0] == pytest.approx(1, abs=0.15)


class TestSameBits:
    def test_whatever_the_block(self, result):
        other = appraised(block=7)
        assert_array_equal(other.ledger.chance, result.ledger.chance)
        assert other == result

    def test_options_with_the_same_effects_have_the_same_luck(self):
        option = small_case()["options"][0]
        options = [option, {**option, "name": "again", "label": "Again"}]
        result = appraised(draws=60, options=options)
        assert_array_equal(result.npv("again", chance=True), result.npv("support", chance=True))

    def test_json_there_and_back(self):
        result = appraised(draws=20)
        assert type(result).from_json(result.to_json()) == result


class TestSpells:
    def test_dearer_and_cheaper_spells_widen_the_interval(self, result):
        spread = {"spread_of_spells": {"child_safety.looked_after": 1.0}}
        wider = appraised(chance=spread)
        gap, wide = (r.npv(chance=True) - r.npv() for r in (result, wider))
        assert wide.std() > 1.2 * gap.std()
        assert_array_equal(wider.npv(), result.npv())

    def test_of_a_pathway_that_is_not_run_they_are_refused(self):
        with pytest.raises(CaseFileError, match="is of housing, which the case does not run; add housing"):
            Case.from_dict({**small_case(), "chance": {"spread_of_spells": {"housing.homeless": 0.5}}})

    def test_the_shares_of_placements_stand_among_the_assumptions(self, result):
        rows = result.assumptions().set_index("key")
        assert rows.loc["spell.child_safety.looked_after.foster_care", "value"] == 0.67

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            (
                {"child_safety.lookd_after": 1},
                "no state of a pathway; did you mean 'child_safety.looked_after'",
            ),
            ({"child_safety.looked_after": 100}, "write 50% as 0.5"),
        ],
    )
    def test_faults(self, given, words):
        with pytest.raises(CaseFileError, match=words):
            appraised(chance={"spread_of_spells": given})

    def test_faults_are_told_together(self):
        with pytest.raises(CaseFileError) as caught:
            appraised(chance={"spread_of_spells": {"child_safety.looked_after": 100, "housing.homles": 0.5}})
        assert "write 50% as 0.5" in str(caught.value)
        assert "'housing.homles' is no state of a pathway" in str(caught.value)


class TestTakingPart:
    def test_who_engages_is_chance_too(self):
        """With everybody engaged nothing but the lives is drawn; with half, who takes part is as well."""
        effect = {"effect": "tfp_looked_after", "estimand": "engaged", "probability_no_effect": 0}
        shares = {}
        for engagement in (0.3, 0.999):
            option = with_option(effects=[effect], engagement=engagement)
            found = appraised(draws=400, options=option)
            gap = found.npv(chance=True) - found.npv()
            expected = found.ledger.flow("support", "costs_avoided").mean()
            shares[engagement] = gap.std() / expected
        assert shares[0.3] > shares[0.999]


class TestChains:
    def test_outcomes_are_a_binomial_number(self):
        chain = {
            "name": "jobs",
            "label": "Into work",
            "unit_cost": "unit_cost.E&E1.0",
            "population": "families",
            "impact": 0.2,
            "deadweight": 0.25,
            "lasts_years": 1,
            "source": "an example",
        }
        result = appraised(draws=2000, options=with_option(effects=[], outcomes=[chain]))
        row = result.cost_per_outcome().set_index("outcome").loc["Into work"]
        # 50 families, 15% each
        assert row["avoided"] == pytest.approx(7.5)
        assert (row["avoided_p10"], row["avoided_p90"]) == (4, 11)
        gap = result.ledger.chance.sum(axis=(0, 2))[0]
        money = result.ledger.flow("support", "costs_avoided", value_types=("fiscal", "economic", "social"))
        relative = (gap / money.sum(axis=0)).std()
        assert relative == pytest.approx((0.85 / (50 * 0.15)) ** 0.5, rel=0.08)


class TestFrailty:
    def test_a_family_is_of_one_class_and_takes_part_or_not_on_all_its_pathways(self):
        """Numbers by class are a multinomial draw, the same for every pathway of the families."""
        classes = [{"share": 0.2, "multiplier": 4}, {"share": 0.8, "multiplier": 0.25}]
        frail = {"classes": classes, "pathways": ["child_safety", "work"]}
        effects = [{**EFFECT, "estimand": "engaged"}, {"effect": "tfp_jsa", "estimand": "engaged"}]
        data = {
            **small_case(),
            "cohort": {"families": 50, "profile": "medium_need", "frailty": frail},
            "options": with_option(effects=effects, engagement=0.5),
        }
        model = prepare(Case.from_dict(data))
        draws = model.draw(4000, 1)
        (intake,) = model.intakes(draws)
        numbers: dict[str, list[np.ndarray]] = {}
        for row in intake.people:
            found = list(AtChance(row, intake, ()).families_of(intake.options[0], 0, 4000, stream(1, "luck")))
            ((_, families),) = found
            # as many families as stand for the class in the rows
            numbers.setdefault(row.pathway.name, []).append(families * row.family_class.share)
        assert_array_equal(numbers["child_safety"], numbers["work"])
        few, many = numbers["work"]
        assert few.mean() == pytest.approx(50 * 0.2 * 0.5, rel=0.03)
        assert few.var() == pytest.approx(50 * 0.1 * 0.9, rel=0.1)
        assert np.cov(few, many)[0, 1] == pytest.approx(-50 * 0.1 * 0.4, rel=0.2)


class TestWhomItReaches:
    def test_the_mean_holds_who_is_reached(self):
        """An option that starts with other families differs by them, and chance has that mean too."""
        start = {"child_safety": {"child_in_need": 0.5, "universal": 0.5}}
        result = appraised(draws=600, options=with_option(effects=[EFFECT], start=start))
        gap = result.npv(chance=True) - result.npv()
        assert (gap != 0).any()
        assert abs(gap.mean()) < 4 * gap.std() / 600**0.5


EFFECT = {"effect": "tfp_looked_after", "probability_no_effect": 0}
