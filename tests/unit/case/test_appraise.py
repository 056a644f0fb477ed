"""Appraise: the ledger closes, options share their draws, and the measures are those of the ledger."""

import dataclasses

import numpy as np
import pytest

from communitybudget._core.errors import DoubleCounting, EffectError, ParameterError, ParameterNotFound
from communitybudget._core.streams import GivenStreams
from communitybudget._core.vocabulary import agency_label
from communitybudget.appraisal import discount_factors
from communitybudget.case import NOT_WITHIN, Appraisal, Case, appraise
from communitybudget.case.model import prepare


def test_agencies_sum_to_the_total_in_every_draw(hounslow_result: Appraisal) -> None:
    ledger = hounslow_result.ledger
    for option in ledger.options:
        for flow in ("delivery", "costs_avoided", "funding"):
            parts = sum(ledger.flow(option, flow, agency) for agency in ledger.agencies)
            np.testing.assert_allclose(parts, ledger.flow(option, flow), rtol=1e-12, atol=1e-6)
        parts = sum(hounslow_result.npv(option, agency) for agency in ledger.agencies)
        np.testing.assert_allclose(parts, hounslow_result.npv(option), rtol=1e-10, atol=1e-4)


def test_a_zero_effect_avoids_exactly_nothing(small: dict) -> None:
    small["options"][0]["effects"] = [
        {"effect": "tfp_looked_after", "strength": 0},
        {"effect": "tfp_jsa", "strength": 0.0},
    ]
    result = appraise(Case.from_dict(small), draws=300, seed=3)
    assert (result.ledger.flow("support", "costs_avoided", value_types=("fiscal", "economic")) == 0).all()
    assert (result.activity.amounts[:, 0] == result.activity.amounts[:, 1]).all()


def test_no_effects_at_all_avoid_exactly_nothing(small: dict) -> None:
    small["options"][0]["effects"] = []
    result = appraise(Case.from_dict(small), draws=50, seed=3)
    assert (result.ledger.flow("support", "costs_avoided") == 0).all()


def test_where_the_effect_is_absent_nothing_is_avoided_to_the_last_bit(run_small) -> None:
    result = run_small(draws=400)
    ratios = result.input_frame()
    absent = (ratios["effect.tfp_looked_after"] == 1) & (ratios["effect.tfp_jsa"] == 1)
    assert 0.1 < absent.mean() < 0.4
    assert (result.ledger.flow("support", "costs_avoided")[:, absent] == 0).all()
    assert (result.ledger.flow("support", "costs_avoided").sum(axis=0)[~absent] != 0).all()


def test_options_with_the_same_effects_avoid_the_same_costs(hounslow_result: Appraisal) -> None:
    early = hounslow_result.ledger.flow("early_help", "costs_avoided")
    worker = hounslow_result.ledger.flow("key_worker", "costs_avoided")
    assert np.array_equal(early, worker)


def test_funding_moves_money_and_makes_none(small: dict) -> None:
    small["options"][0]["funding"] = [
        {
            "from": "central_government",
            "to": "local_authority",
            "item": "Attachment fee",
            "per_family": {"value": 1000, "sd": 200},
            "price_base": "2023-24",
            "funding_stream": "supporting_families_grant",
            "source": "an example",
        }
    ]
    result = appraise(Case.from_dict(small), draws=100, seed=1)
    plain = appraise(Case.from_dict({**small, "options": [{**small["options"][0], "funding": []}]}), 100, 1)
    ledger = result.ledger
    assert np.abs(ledger.flow("support", "funding")).max() == 0
    received = ledger.flow("support", "funding", "local_authority")[0]
    assert np.allclose(received, -ledger.flow("support", "funding", "central_government")[0])
    assert received.std() > 0
    assert np.array_equal(result.npv(), plain.npv())
    assert (result.npv(agency="local_authority") > plain.npv(agency="local_authority")).all()


def test_net_present_value_is_the_discounted_net_of_the_ledger(hounslow_result: Appraisal) -> None:
    factors = discount_factors(10, schedule="green_book_2022")
    net = hounslow_result.ledger.net("key_worker", "local_authority")
    by_hand = np.array([sum(f * n for f, n in zip(factors, draw, strict=True)) for draw in net.T])
    np.testing.assert_allclose(hounslow_result.npv("key_worker", "local_authority"), by_hand, rtol=1e-12)
    row = hounslow_result.measure("npv_fiscal", "key_worker", "local_authority")
    assert row["mean"] == pytest.approx(by_hand.mean())
    assert row["p20"] == pytest.approx(np.quantile(by_hand, 0.2))
    assert row["mc_error"] == pytest.approx(by_hand.std(ddof=1) / np.sqrt(by_hand.size))


def test_the_benefit_cost_ratio_is_a_ratio_of_means(hounslow_result: Appraisal) -> None:
    factors = hounslow_result.factors
    ledger = hounslow_result.ledger
    avoided = (factors[:, None] * ledger.flow("early_help", "costs_avoided")).sum(axis=0)
    cost = (factors[:, None] * ledger.flow("early_help", "delivery")).sum(axis=0)
    ratio = hounslow_result.measure("bcr_fiscal", "early_help")["mean"]
    assert ratio == pytest.approx(avoided.mean() / cost.mean())
    assert ratio != pytest.approx((avoided / cost).mean(), rel=1e-4)


def test_public_value_leaves_transfers_out_and_adds_earnings(hounslow_result: Appraisal) -> None:
    ledger = hounslow_result.ledger
    every = ledger.flow("early_help", "costs_avoided", value_types=("fiscal", "economic", "social"))
    transfers = ledger.flow("early_help", "costs_avoided", transfer=True)
    delivery = ledger.flow("early_help", "delivery")
    np.testing.assert_allclose(ledger.public_value("early_help"), every - transfers - delivery, atol=1e-6)
    assert np.abs(transfers).sum() > 0
    assert hounslow_result.ledger.flow("early_help", "costs_avoided", "society").sum() == 0  # nothing fiscal


def test_percentiles_ascend_and_probabilities_rise_with_the_years(hounslow_result: Appraisal) -> None:
    frame = hounslow_result.to_frame()
    amounts = frame[frame["measure"].str.startswith(("npv", "costs", "delivery"))]
    quantiles = amounts[["p5", "p10", "p20", "p50", "p80", "p90", "p95"]].to_numpy(dtype=float)
    assert (np.diff(quantiles, axis=1) >= 0).all()
    for option in hounslow_result.options:
        chances = [hounslow_result.probability_payback(year, option) for year in hounslow_result.years]
        assert chances == sorted(chances)
    paybacks = frame[frame["measure"] == "payback_year"]
    order = [*hounslow_result.years, NOT_WITHIN]
    for row in paybacks[["p5", "p10", "p20", "p50", "p80", "p90", "p95"]].to_numpy():
        places = [order.index(text) for text in row]
        assert places == sorted(places)


@pytest.mark.parametrize("block", [64, 333, 4096])
def test_results_do_not_depend_on_the_block(small: dict, block: int) -> None:
    case = Case.from_dict(small)
    assert appraise(case, draws=700, seed=5, block=block) == appraise(case, draws=700, seed=5, block=700)


def test_more_options_leave_the_draws_of_the_others_alone(small: dict) -> None:
    more = dict(small)
    more["options"] = [
        {"name": "other", "label": "Other", "effects": [{"effect": "family_group_conference"}]},
        *small["options"],
    ]
    alone, beside = (appraise(Case.from_dict(c), draws=200, seed=1) for c in (small, more))
    assert np.array_equal(alone.npv("support"), beside.npv("support"))


def test_another_seed_gives_other_draws(run_small) -> None:
    assert not np.array_equal(run_small(seed=0).npv(), run_small(seed=1).npv())


def test_every_number_used_shows_its_source_and_mark(hounslow_result: Appraisal) -> None:
    frame = hounslow_result.assumptions()
    assert (frame["source"].str.len() > 0).all()
    assert frame["mark"].isin(["verified", "second_hand", "recalled", "derived", "assumption", "local"]).all()
    money = frame[frame["unit"].str.startswith("GBP")]
    assert (money["price_base"].str.len() == 7).all()
    assert frame["key"].is_unique
    drawn = {i for column in hounslow_result.inputs for i in column.ids}
    assert drawn <= set(frame["key"])


def test_an_extended_index_is_printed(small: dict) -> None:
    result = appraise(Case.from_dict({**small, "price_base": "2026-27"}), draws=20, seed=1)
    assert any("2.0% a year (assumption)" in text for text in result.conventions)
    assert "indices.derived_2025_12_financial.extension" in set(result.assumptions()["key"])
    plain = appraise(Case.from_dict(small), draws=20, seed=1)
    assert not any("2.0%" in text for text in plain.conventions)
    np.testing.assert_allclose(result.npv(), plain.npv() * 1.02**3, rtol=1e-9)


def test_intake_spreads_joining_over_the_years(small: dict) -> None:
    closed = appraise(Case.from_dict(small), draws=50, seed=1)
    small["cohort"] = {"intake": {"2024-25": 25, "2025-26": 25}, "profile": "medium_need"}
    spread = appraise(Case.from_dict(small), draws=50, seed=1)
    cost = spread.ledger.flow("support", "delivery")
    np.testing.assert_allclose(cost[0], cost[1])
    np.testing.assert_allclose(cost.sum(axis=0), closed.ledger.flow("support", "delivery").sum(axis=0))
    bau = [r.ledger.business_as_usual().mean(axis=1) for r in (closed, spread)]
    assert bau[1][0] < 0.4 * bau[0][0]  # half the families, half the first year on average


def test_money_by_year_and_once_falls_where_it_is_said(small: dict) -> None:
    small["options"][0]["delivery"] = [
        {"agency": "nhs", "item": "Set-up", "fixed": 500, "price_base": "2023-24", "source": "x"},
        {
            "agency": "police",
            "item": "Officer",
            "by_year": {"2025-26": 10, "2027-28": 30},
            "price_base": "2023-24",
            "source": "x",
        },
    ]
    ledger = appraise(Case.from_dict(small), draws=5, seed=1).ledger
    assert ledger.flow("support", "delivery", "nhs")[:, 0].tolist() == [500, 0, 0, 0]
    assert ledger.flow("support", "delivery", "police")[:, 0].tolist() == [0, 10, 0, 30]


def test_engagement_applies_to_effects_among_the_engaged_only(small: dict) -> None:
    def avoided(estimand: str, engagement: float) -> np.ndarray:
        option = {
            **small["options"][0],
            "engagement": engagement,
            "effects": [{"effect": "tfp_looked_after", "estimand": estimand}],
        }
        result = appraise(Case.from_dict({**small, "options": [option]}), draws=60, seed=1)
        return result.ledger.flow("support", "costs_avoided")

    np.testing.assert_allclose(avoided("engaged", 0.5), 0.5 * avoided("engaged", 1.0), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(avoided("engaged", 1.0), avoided("offered", 0.5), rtol=1e-9, atol=1e-9)
    assert (avoided("engaged", 0.0) == 0).all()


def test_profiles_add_up_by_weight(small: dict) -> None:
    def bau(profiles: dict[str, float]) -> np.ndarray:
        cohort = {"families": 50, "profiles": profiles}
        return appraise(Case.from_dict({**small, "cohort": cohort}), 40, 1).ledger.business_as_usual()

    mixed = bau({"lower_need": 0.25, "complex_need": 0.75})
    apart = 0.25 * bau({"lower_need": 1.0}) + 0.75 * bau({"complex_need": 1.0})
    np.testing.assert_allclose(mixed, apart, rtol=1e-9)


def test_complex_need_costs_more_than_lower_need(small: dict) -> None:
    costs = []
    for profile in ("lower_need", "medium_need", "complex_need"):
        case = Case.from_dict({**small, "cohort": {"families": 1, "profile": profile}})
        costs.append(appraise(case, 200, 1).ledger.business_as_usual("local_authority").sum(axis=0).mean())
    assert costs == sorted(costs)


def test_a_local_start_mix_is_used(small: dict) -> None:
    small["cohort"]["start"] = {"child_safety": {"looked_after": 1.0}}
    result = appraise(Case.from_dict(small), draws=20, seed=1)
    in_care = result.activity.total("child_years_in_care", "bau")[0]
    assert in_care.mean() > 0.75 * 50 * 2.44 * 0.9


def test_a_before_and_after_effect_makes_the_option_gross(small: dict) -> None:
    small["options"][0]["effects"] = [
        {
            "on": "work.claiming_search -> in_work",
            "hazard_ratio": 1.5,
            "estimand": "offered",
            "design": "before_after",
            "lasts_months": 12,
            "source": "our own count",
        }
    ]
    result = appraise(Case.from_dict(small), draws=20, seed=1)
    assert "GROSS" in result.ledger.label("support")
    assert any("GROSS" in text for text in result.cautions)
    assert "GROSS" in result.summary()
    assert "GROSS" in result._repr_html_()


def test_an_uncertain_duration_is_drawn(small: dict) -> None:
    small["options"][0]["effects"] = [
        {
            "effect": "tfp_looked_after",
            "lasts_months": {"value": 15, "low": 9, "high": 24, "interval": "range"},
            "fades_over_months": {"value": 12, "low": 0, "high": 24, "interval": "range"},
        }
    ]
    result = appraise(Case.from_dict(small), draws=200, seed=1)
    assert "case.support.tfp_looked_after.lasts_months" in {c.key for c in result.inputs}
    small["options"][0]["effects"] = [{"effect": "tfp_looked_after", "lasts_months": 15}]
    fixed = appraise(Case.from_dict(small), draws=200, seed=1)
    assert result.npv().mean() > fixed.npv().mean()


def test_an_effect_out_of_reach_says_so(small: dict) -> None:
    small["overrides"] = {"effect.tfp_looked_after": {"value": 0.2, "reason": "hope"}}
    with pytest.raises(EffectError, match="already there dilute it"):
        prepare(Case.from_dict(small))


def test_two_prices_of_one_thing_are_refused(small: dict) -> None:
    small["journeys"] = [
        {
            "name": "twice",
            "label": "Twice",
            "period": "a year",
            "price_base": "2013-14",
            "items": [
                {"what": "care", "unit_cost": "unit_cost.SS1.0", "quantity": 1},
                {"what": "foster care", "unit_cost": "unit_cost.SS2.0", "quantity": 52},
            ],
        }
    ]
    with pytest.raises(DoubleCounting, match=r"SS1\.0|SS2\.0"):
        appraise(Case.from_dict(small), draws=5, seed=1)


def test_unknown_names_are_answered_with_the_nearest(hounslow_result: Appraisal) -> None:
    for ask in (
        lambda: hounslow_result.npv("early_hlp"),
        lambda: hounslow_result.measure("npv_fiscl"),
        lambda: hounslow_result.activity.total("child_years_in_car", "bau"),
        lambda: hounslow_result.probability_payback("2031-32"),
    ):
        with pytest.raises(ParameterNotFound, match=r"did you mean|use one of"):
            ask()


def test_break_even_is_cost_over_the_price_of_a_year(hounslow_result: Appraisal) -> None:
    frame = hounslow_result.break_even()
    row = frame[
        (frame["option"] == "early_help")
        & (frame["agency"] == agency_label("local_authority"))
        & (frame["outcome"] == "children out of care")
    ].iloc[0]
    cost = hounslow_result.ledger.flow("early_help", "delivery").sum(axis=0).mean()
    assert row["years_needed"] == pytest.approx(cost / row["cost_per_year"])
    # 57,000 a child-year at 2013-14 prices: 75,100 at 2023-24 prices by the pathway's own check
    assert 50_000 < row["cost_per_year"] < 65_000
    # 2.9 child-years at 51,080 each in the published reckoning of the same cohort
    assert 2.2 < row["years_needed"] < 3.2


def test_switching_values_bring_the_expected_net_to_nil(small: dict) -> None:
    result = appraise(Case.from_dict(small), draws=600, seed=2)
    frame = result.switching_values(most=2, draws=600)
    assert frame.iloc[0]["key"] == "case.delivery.local_authority.support"
    for row in frame.to_dict("records"):
        if not np.isfinite(row["switching_value"]):
            assert row["note"]
            continue
        model = result.model
        drawn = model.draw(600, 2)
        column = next(c for c in result.inputs if row["key"] in c.ids)
        for key in column.ids:
            used = model.inputs.used[key].value * row["switching_value"] / row["value"]
            absent = (drawn.columns[key] == 1) & (model.inputs.used[key].unit == "ratio")
            held = {**drawn.columns, key: np.where(absent, 1.0, used)}
            drawn = dataclasses.replace(drawn, columns=held)
        ledger = model.price(model.simulate(drawn), drawn)
        npv = (result.factors[:, None] * ledger.net("support")).sum(axis=0).mean()
        spread = abs(result.npv().mean()) + result.npv().std()
        assert abs(npv) < 1e-4 * spread


def test_variance_shares_sum_to_one(hounslow_result: Appraisal) -> None:
    shares = hounslow_result.variance_by_mark("early_help").to_frame()
    assert shares["share"].sum() == pytest.approx(1)
    assert set(shares["group"]) >= {"assumption", "derived", "unexplained"}


def test_the_model_holds_no_dice(hounslow: Case) -> None:
    one, two = prepare(hounslow), prepare(hounslow)
    assert one.effect_reports == two.effect_reports
    assert [dataclasses.astuple(p) for p in one.inputs.start_rows] == [
        dataclasses.astuple(p) for p in two.inputs.start_rows
    ]


def test_engagement_may_be_events_of_trials(small: dict) -> None:
    small["options"][0]["engagement"] = {"events": 48, "trials": 60}
    small["options"][0]["effects"] = [{"effect": "tfp_looked_after", "estimand": "engaged"}]
    case = Case.from_dict(small)
    assert Case.from_text(case.to_yaml()) == case
    result = appraise(case, draws=4_000, seed=1)
    drawn = result.input_frame()["case.support.engagement"]
    # beta after Jeffreys' prior: 48.5 and 12.5
    assert drawn.mean() == pytest.approx(48.5 / 61, abs=4 * drawn.std() / 4_000**0.5)
    assert drawn.std() == pytest.approx((48.5 * 12.5 / 61**2 / 62) ** 0.5, rel=0.05)


def test_people_counted_make_a_start_mix_as_sure_as_their_number(small: dict) -> None:
    def shares(people: int) -> np.ndarray:
        counts = {"in_work": 3 * people, "claiming_search": 2 * people, "inactive_health": 5 * people}
        cohort = {**small["cohort"], "start_counts": {"work": counts}}
        result = appraise(Case.from_dict({**small, "cohort": cohort}), draws=3_000, seed=1)
        return result.input_frame()["start.work.medium_need.claiming_search"].to_numpy()

    few, many = shares(5), shares(500)
    assert few.mean() == pytest.approx(10.5 / 51.5, abs=0.01)
    assert few.std() == pytest.approx((0.2039 * 0.7961 / 52.5) ** 0.5, rel=0.06)
    assert many.std() < few.std() / 8


def _delivery(amount: float, **more: object) -> dict:
    line = {"agency": "nhs", "item": "Help", "per_family": amount, "price_base": "2023-24", "source": "x"}
    return line | more


def test_lines_of_one_name_are_all_paid(small: dict) -> None:
    small["options"] = [
        {"name": "a", "label": "A", "delivery": [_delivery(500)]},
        {"name": "b", "label": "B", "delivery": [_delivery(1_000), _delivery(2_000), _delivery(2_000)]},
        {"name": "c", "label": "C", "delivery": [_delivery(1_000), _delivery(2_000), _delivery(4_000)]},
    ]
    ledger = appraise(Case.from_dict(small), draws=3, seed=1).ledger
    paid = {o: ledger.flow(o, "delivery").sum(axis=0)[0] / 50 for o in ledger.options}
    assert paid == pytest.approx({"a": 500, "b": 5_000, "c": 7_000})


def test_the_weight_on_no_effect_of_one_option_does_not_reach_another(small: dict) -> None:
    sure = {**small["options"][0], "effects": [{"effect": "tfp_jsa", "probability_no_effect": 0}]}
    unsure = {**sure, "name": "unsure", "effects": [{"effect": "tfp_jsa", "probability_no_effect": 0.9}]}
    alone = appraise(Case.from_dict({**small, "options": [sure]}), draws=300, seed=1)
    beside = appraise(Case.from_dict({**small, "options": [sure, unsure]}), draws=300, seed=1)
    assert np.array_equal(alone.npv("support"), beside.npv("support"))
    nothing = (beside.ledger.flow("unsure", "costs_avoided") == 0).all(axis=0)
    assert 0.8 < nothing.mean() < 0.97


def test_a_set_may_bring_its_own_discount_schedule(small: dict, tmp_path) -> None:
    import shutil

    from communitybudget.parameters import england_folder

    shutil.copytree(england_folder(), tmp_path / "ours")
    table = tmp_path / "ours" / "rules" / "discount_schedules.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("0.035", "0.2"), encoding="utf-8")
    ours = appraise(Case.from_dict({**small, "parameters": "ours"}, tmp_path), draws=5, seed=1)
    assert ours.factors[1] == pytest.approx(1 / 1.2)


def test_a_start_mix_that_no_longer_sums_to_one_is_refused(small: dict) -> None:
    key = "start.work.medium_need.in_work"
    small["overrides"] = {key: {"value": 0.6, "reason": "our count"}}
    with pytest.raises(ParameterError, match=r"sums to 1\.24"):
        appraise(Case.from_dict(small), draws=5, seed=1)


def test_what_a_family_costs_counts_the_families_that_have_joined(small: dict) -> None:
    closed = appraise(Case.from_dict(small), draws=40, seed=1).plausibility().iloc[-1]
    small["cohort"] = {"intake": {"2024-25": 10, "2025-26": 20, "2026-27": 20}, "profile": "medium_need"}
    spread = appraise(Case.from_dict(small), draws=40, seed=1).plausibility().iloc[-1]
    assert spread["first_year"] == pytest.approx(closed["first_year"], rel=0.1)


def test_what_is_fully_funded_is_out_of_pocket_in_no_draw(small: dict) -> None:
    pay = {"price_base": "2016-17", "source": "x"}
    small["options"][0]["effects"] = []
    small["options"][0]["delivery"] = [_delivery(333.33, **pay), _delivery(66.67, **pay)]
    small["options"][0]["funding"] = [
        {"from": "central_government", "to": "nhs", "item": "Grant", "per_family": 400} | pay
    ]
    result = appraise(Case.from_dict(small), draws=5, seed=1)
    assert result.measure("probability_net_positive", agency="nhs")["mean"] == 1
    assert result.measure("payback_year", agency="nhs")["p50"] == "2024-25"


def test_an_absent_effect_stays_absent_when_it_is_switched(hounslow: Case) -> None:
    result = appraise(hounslow, draws=600, seed=1)
    frame = result.switching_values("early_help_half", most=1, draws=600).set_index("key")
    row = frame.loc["effect.tfp_looked_after"]
    assert result.npv("early_help_half").mean() < 0
    # the option falls short, so the effect must be stronger (further below 1) than it is
    assert row["switching_value"] < row["value"]


def test_reports_measure_the_outcome_under_all_effects_of_the_option(hounslow: Case) -> None:
    reports = {r.key: r for r in prepare(hounslow).effect_reports if r.option == "early_help"}
    care = reports["effect.tfp_looked_after"]
    # more protection plans lead to a little more care: the ratio alone would give less
    assert care.model_with > care.model_without * care.ratio


def test_what_money_is_left_out_is_said(small: dict) -> None:
    small["cohort"] = {"intake": {"2024-25": 25, "2027-28": 25}, "profile": "medium_need"}
    small["options"][0]["engagement"] = 0.8
    small["options"][0]["delivery"] = [_delivery(100, over_months=12, value_type="social")]
    small["overrides"] = {"unit_cost.SS2.0": {"value": 800, "price_base": "2024-25", "reason": "ours"}}
    result = appraise(Case.from_dict(small), draws=5, seed=1)
    said = " ".join(result.cautions)
    for words in (
        "falls after the last year",
        "not fiscal",
        "engagement is given and not used",
        "unit_cost.SS2.0",
    ):
        assert words in said
    assert "unit_cost.SS2.0" in set(result.assumptions()["key"])
    assert result.break_even()["years_needed"].isna().all()


def test_constituents_that_split_a_price_are_listed(hounslow_result: Appraisal) -> None:
    assert {"unit_cost.SS4.1.1", "unit_cost.E&E1.0.2"} <= set(hounslow_result.assumptions()["key"])


def test_names_that_do_not_exist_are_never_nothing(hounslow_result: Appraisal) -> None:
    ledger = hounslow_result.ledger
    for ask in (
        lambda: hounslow_result.npv(agency="Local authority"),
        lambda: hounslow_result.probability_payback("2015-16", agency="council"),
        lambda: hounslow_result.measure("npv_fiscal", agency="fire"),
        lambda: ledger.flow("early_help", "cost_avoided"),
        lambda: ledger.flow("early_help", "delivery", value_types=("fiscl",)),
        lambda: ledger.business_as_usual("council"),
    ):
        with pytest.raises(ParameterNotFound, match=r"did you mean|use one of"):
            ask()


def test_a_set_effect_read_as_before_and_after_is_gross(small: dict) -> None:
    small["options"][0]["effects"] = [{"effect": "tfp_jsa", "design": "before_after"}]
    assert "GROSS" in appraise(Case.from_dict(small), draws=5, seed=1).ledger.label("support")


def test_two_values_of_one_key_are_overridden_apart(hounslow: Case) -> None:
    passport = {"price_base": "2013-14", "reason": "ours"}
    case = hounslow.override("unit_cost.E&E1.0", 9_900, **passport)
    case = case.override("unit_cost.E&E1.0", 15_000, value_type="economic", **passport)
    again = Case.from_text(case.to_yaml())
    assert again.parameters["unit_cost.E&E1.0"].value == 9_900
    assert again.parameters.get("unit_cost.E&E1.0", "economic").value == 15_000


def test_a_local_share_says_how_sure_the_row_is(small: dict) -> None:
    rows = {
        "start.work.medium_need.in_work": 0.40,
        "start.work.medium_need.claiming_search": 0.10,
        "start.work.medium_need.inactive_health": 0.50,
    }
    small["overrides"] = {
        key: {"value": v, "low": v - 0.01, "high": v + 0.01, "interval": "ci95", "reason": "our count"}
        for key, v in rows.items()
    }
    drawn = appraise(Case.from_dict(small), draws=2_000, seed=1).input_frame()
    column = drawn["start.work.medium_need.claiming_search"]
    assert column.mean() == pytest.approx(0.10, abs=0.002)
    assert 0.002 < column.std() < 0.008


def test_every_view_of_the_ledger_draws_its_own_numbers(hounslow_result: Appraisal) -> None:
    ledger = hounslow_result.ledger
    assert "line" in ledger.by("line").plot().get_title("left").lower() + ledger.by("line").plot().get_title()
    lines = ledger.by("line").to_frame()
    shown = " ".join(t.get_text() for t in ledger.by("line").plot().get_yticklabels()).replace("\n", " ")
    assert "Foster care" in shown
    assert len(lines) > len(ledger.agencies)


def test_counts_of_one_name_in_two_pathways_stay_apart(run_small) -> None:
    """Both justice pathways report entries to custody."""
    result = run_small(draws=20, pathways=["child_safety", "work", "youth_justice", "adult_justice"])
    with pytest.raises(ParameterNotFound, match=r"name one of youth_justice\.entries_to_custody, "):
        result.activity.total("entries_to_custody", "bau")
    children, adults = (
        result.activity.total(f"{pathway}.entries_to_custody", "bau").mean()
        for pathway in ("youth_justice", "adult_justice")
    )
    assert children != adults
    frame = result.activity.to_frame()
    means = frame[(frame["outcome"] == "entries_to_custody") & (frame["option"] == "bau")]
    assert means.groupby("pathway")["mean"].sum().nunique() == 2
    assert result.activity.avoided_frame("support")["bau_mean"].nunique() == len(result.activity.reported)


def test_a_local_figure_that_the_case_does_not_use_is_said(run_small) -> None:
    own = {"unit_cost.SS2.0": {"value": 900, "price_base": "2025-26", "reason": "outturn"}}
    cautions = run_small(draws=10, overrides=own).cautions
    assert cautions[0] == (
        "The local figure for unit_cost.SS2.0 changes nothing: this case does not use it; "
        "it uses unit_cost.SS2.0.1, unit_cost.SS2.0.2."
    )


def test_a_design_drives_every_unknown_of_a_case(hounslow: Case) -> None:
    model = prepare(hounslow)
    names = model.stream_names()
    assert len(set(names)) == len(names)
    middle = model.draw(2, 0, GivenStreams({name: np.array([0.5, 0.9]) for name in names}))
    rate = "transition.youth_justice.medium_need.none.custody"
    assert middle[rate][0] == pytest.approx(hounslow.parameters[rate].uncertainty.numbers[0])
    assert middle[rate][1] > middle[rate][0]
