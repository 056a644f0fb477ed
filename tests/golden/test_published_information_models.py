"""Printed values of information of whole models, from the distributions and equations printed with them.

Every printed figure is itself of draws. Those of 10,000 draws have the error that ours have; those of two
levels of draws are printed with an error that is small beside it.
"""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from scipy.stats import beta, norm

from communitybudget.sensitivity import (
    Controlled,
    Measured,
    evpi_value,
    evppi,
    evsi,
    sobol_indices,
)

DRAWS = 10_000
ERRORS = 3.0


def benefits(*options):
    return np.column_stack(options)


def beta_with(random, mean, sd, draws=DRAWS):
    size = mean * (1 - mean) / sd**2 - 1
    return random.beta(mean * size, (1 - mean) * size, draws)


def lognormal_with(random, mean, sd, draws=DRAWS):
    variance = math.log1p((sd / mean) ** 2)
    return random.lognormal(math.log(mean) - variance / 2, math.sqrt(variance), draws)


# A. Brennan, S. Kharroubi, A. O'Hagan and J. Chilcott, "Calculating partial expected value of perfect
# information via Monte Carlo sampling algorithms", Medical Decision Making 27 (2007): two treatments, 19
# normal inputs (mean, sd), a year in good health worth 10,000. Response and its duration under both move
# together (correlation 0.6). Figures: M. B. Giles and T. Goda, "Decision-making under uncertainty: using
# MLMC for efficient estimation of EVPPI", Statistics and Computing 29 (2019).
TREATMENTS = {
    "cost": ((1000, 1), (1500, 1)),
    "admitted": ((0.10, 0.02), (0.08, 0.02)),
    "days": ((5.2, 1.0), (6.1, 1.0)),
    "responds": ((0.7, 0.1), (0.8, 0.1)),
    "gain": ((0.3, 0.1), (0.3, 0.05)),
    "lasts": ((3.0, 0.5), (3.0, 1.0)),
    "side_effects": ((0.25, 0.10), (0.20, 0.05)),
    "harm": ((-0.1, 0.02), (-0.1, 0.02)),
    "harm_lasts": ((0.5, 0.2), (0.5, 0.2)),
}
TWO_TREATMENTS = {
    (): 1046,
    ("responds",): 248,
    ("responds", "gain"): 841,
    ("lasts",): 536,
}


@pytest.fixture(scope="module")
def two_treatments():
    random = np.random.default_rng(1)
    shared, own = random.normal(size=DRAWS), random.normal(size=(DRAWS, 19))
    inputs = {"cost_of_a_day": 400 + 200 * own[:, 18]}
    worth = []
    for treatment in (0, 1):
        for i, (name, moments) in enumerate(TREATMENTS.items()):
            z = own[:, 9 * treatment + i]
            if name in ("responds", "lasts"):
                z = math.sqrt(0.6) * shared + math.sqrt(0.4) * z
            mean, sd = moments[treatment]
            inputs[f"{name}_{treatment}"] = mean + sd * z
        of = {name: inputs[f"{name}_{treatment}"] for name in TREATMENTS}
        health = (
            of["responds"] * of["gain"] * of["lasts"] + of["side_effects"] * of["harm"] * of["harm_lasts"]
        )
        worth.append(10_000 * health - of["cost"] - of["admitted"] * of["days"] * inputs["cost_of_a_day"])
    return benefits(*worth), pd.DataFrame(inputs)


@pytest.mark.parametrize("known", TWO_TREATMENTS)
def test_two_treatments(two_treatments, known):
    benefit, inputs = two_treatments
    names = [f"{name}_{treatment}" for name in known for treatment in (0, 1)]
    found = evppi(benefit, inputs, names) if names else evpi_value(benefit)
    assert abs(found.value - TWO_TREATMENTS[known]) < ERRORS * found.standard_error


# A. Heath, N. Kunst and C. Jackson, chemotherapy model of "Value of Information for Healthcare
# Decision-Making" (2024): a drug with fewer side effects, which are treated for up to 50 days at home or in
# hospital. Distributions, equations and printed figures, of 10,000 draws: chjackson/voi (R) at commit
# 071e702, R/model_chemo_source.R, tests/testthat/test_evpi.R, test_evppi.R (spline) and test_evsi.R
# (spline, 100 patients in each group).
DAYS = 50
CHEMOTHERAPY_EVPI = {10_000: 550.146, 20_000: 1535.811, 30_000: 968.762, 40_000: 759.004, 50_000: 667.890}
CHEMOTHERAPY_EVPPI = {("side_effects_new",): 906.034, ("side_effects_new", "log_odds_ratio"): 1299.535}
CHEMOTHERAPY_EVSI = 777.179


@pytest.fixture(scope="module")
def chemotherapy():
    random = np.random.default_rng(1)
    old = random.beta(53, 60, DRAWS)
    log_odds_ratio = random.normal(math.log(0.54), 0.3, DRAWS)
    new = expit(logit(old) + log_odds_ratio)
    to_hospital = 1 - (1 - random.beta(44, 10, DRAWS)) ** (1 / DAYS)
    to_death = 1 - (1 - random.beta(9, 36, DRAWS)) ** (1 / DAYS)
    well_at_home, well_in_hospital = beta_with(random, 0.21, 0.03), beta_with(random, 0.03, 0.0065)
    at_home, in_hospital = lognormal_with(random, 830, 150**0.5), lognormal_with(random, 2400, 1880**0.5)
    death = lognormal_with(random, 1710, 760**0.5)
    good, fair, poor = (
        beta_with(random, *moments) for moments in ((0.98, 0.001**0.5), (0.7, 0.02**0.5), (0.3, 0.03**0.5))
    )
    home, hospital, well, dead = np.ones(DRAWS), np.zeros(DRAWS), np.zeros(DRAWS), np.zeros(DRAWS)
    cost, health = home * at_home, home * fair
    for _ in range(DAYS):
        well = well + home * well_at_home * (1 - to_hospital) + hospital * well_in_hospital * (1 - to_death)
        dead = dead + hospital * to_death
        hospital = home * to_hospital + hospital * (1 - well_in_hospital) * (1 - to_death)
        home = home * (1 - well_at_home) * (1 - to_hospital)
        cost = cost + home * at_home + hospital * in_hospital
        health = health + home * fair + hospital * poor + well * good
    cost = cost + dead * death
    days = np.column_stack([p * health + (1 - p) * good * (DAYS + 1) for p in (old, new)])
    costs = np.column_stack([drug + p * cost for drug, p in ((120, old), (10_300, new))])
    inputs = {"side_effects": old, "side_effects_new": new, "log_odds_ratio": log_odds_ratio}
    return days, costs, pd.DataFrame(inputs)


@pytest.mark.parametrize("worth", CHEMOTHERAPY_EVPI)
def test_chemotherapy_perfect_information(chemotherapy, worth):
    days, costs, _ = chemotherapy
    found = evpi_value(worth * days - costs)
    assert abs(found.value - CHEMOTHERAPY_EVPI[worth]) < ERRORS * math.sqrt(2) * found.standard_error


@pytest.mark.parametrize("known", CHEMOTHERAPY_EVPPI)
def test_chemotherapy_partial_information(chemotherapy, known):
    days, costs, inputs = chemotherapy
    found = evppi(20_000 * days - costs, inputs, known)
    assert abs(found.value - CHEMOTHERAPY_EVPPI[known]) < ERRORS * math.sqrt(2) * found.standard_error


@pytest.mark.parametrize("method", ["moment_matching", "regression", "importance"])
def test_chemotherapy_trial(chemotherapy, method):
    days, costs, inputs = chemotherapy
    trial = Controlled(Measured("side_effects_new"), Measured("side_effects"))
    found = evsi(20_000 * days - costs, inputs, trial, 200, method=method)
    assert abs(found.value - CHEMOTHERAPY_EVSI) < ERRORS * math.sqrt(2) * found.standard_error


# A. Heath and G. Baio, "Calculating the expected value of sample information using efficient nested Monte
# Carlo: a tutorial", Value in Health 21 (2018), the earlier chemotherapy model. Distributions, equations
# and figures of two levels of draws: Goda-Research-Group/mlmc-evppi-cpp at commit 99640fd,
# chemotherapy/chemotherapy.cpp (EVPI 33.09) and _output.txt (EVPI less EVPPI of the rates, 4.989 to 0.01).
def test_the_earlier_chemotherapy_model():
    random = np.random.default_rng(4)
    draws = 2 * DRAWS
    rates = pd.DataFrame(
        {
            "side_effects": random.beta(28, 85, draws),
            "relative_risk": random.normal(0.65, 0.1, draws),
            "to_hospital": random.beta(11, 18, draws) / 15,
            "to_death": random.beta(2, 17, draws) / 15,
            "well_at_home": random.beta(5.12, 6.26, draws),
            "well_in_hospital": random.beta(3.63, 6.74, draws),
        }
    )
    fair, poor = random.beta(5.75, 5.75, draws), random.beta(0.87, 3.47, draws)
    good = random.beta(18.23, 0.372, draws)
    at_home, in_hospital = random.lognormal(7.74, 0.039, draws), random.lognormal(8.77, 0.15, draws)
    death = random.lognormal(8.33, 0.13, draws)
    home, hospital, well, dead = np.ones(draws), np.zeros(draws), np.zeros(draws), np.zeros(draws)
    cost, health = home * at_home, home * fair
    for _ in range(15):
        well = well + home * rates["well_at_home"] * (1 - rates["to_hospital"])
        well = well + hospital * rates["well_in_hospital"] * (1 - rates["to_death"])
        dead = dead + hospital * rates["to_death"]
        stay = hospital * (1 - rates["well_in_hospital"]) * (1 - rates["to_death"])
        hospital = home * rates["to_hospital"] + stay
        home = home * (1 - rates["well_at_home"]) * (1 - rates["to_hospital"])
        cost = cost + home * at_home + hospital * in_hospital + dead * death
        health = health + home * fair + hospital * poor + well * good
    old, new = rates["side_effects"], rates["side_effects"] * rates["relative_risk"]
    benefit = benefits(
        *(
            30_000 * (p * health / 16 + (1 - p) * good) - drug - p * cost / 16
            for drug, p in ((110, old), (420, new))
        )
    )
    perfect, partial = evpi_value(benefit), evppi(benefit, rates, list(rates))
    assert abs(perfect.value - 33.09) < ERRORS * perfect.standard_error
    assert abs(perfect.value - partial.value - 4.989) < ERRORS * partial.standard_error


# W. Sullivan, M. Hirst and others, "Economic evaluation in chronic pain", European Journal of Health
# Economics 17 (2016), as in A. Heath and others, "Calculating the expected value of sample information in
# practice", Medical Decision Making 40 (2020). Distributions, equations and figures of two levels of draws:
# Goda-Research-Group/mlmc-evppi-cpp, chronic_pain/chronic_pain.cpp at commit 0f8e3a1 (EVPI 1085) and
# _output.txt at commit 8bcc81b (EVPI less EVPPI of the costs and the utilities, 113.6 to 0.2).
WEEK = 7 / 365.25


def years_of_pain_relief(rates, worth, second_line):
    """Return what 51 weeks on a first drug and those that follow it are worth, half-cycle corrected."""
    harm, leave_harmed, leave = rates
    harm_2, leave_harmed_2, leave_2, stop = second_line
    states = [np.ones(DRAWS), *(np.zeros(DRAWS) for _ in range(8))]
    total = 0.0
    for _ in range(51):
        first, switch = states[0] + states[1], states[2] + states[3]
        second, end = states[4] + states[5], states[6] + states[7]
        stay, stay_2 = first * (1 - leave_harmed - leave), second * (1 - leave_harmed_2 - leave_2)
        goes_on = stay_2 + switch * (1 - stop)
        later = [
            stay * (1 - harm),
            stay * harm,
            first * leave_harmed,
            first * leave,
            goes_on * (1 - harm_2),
            goes_on * harm_2,
            second * leave_harmed_2,
            second * leave_2,
            states[8] + switch * stop + end,
        ]
        total = total + sum(each * (a + b) / 2 for each, a, b in zip(worth, states, later, strict=True))
        states = later
    return 12.5174 * (total + sum(each * state for each, state in zip(worth, states, strict=True)))


def test_chronic_pain():
    random = np.random.default_rng(2)
    morphine, oxycodone, harm, leaving, stopped = (
        random.gamma(100, scale, DRAWS) for scale in (0.0226, 0.00030137, 0.06991, 1.0691, 0.185)
    )
    utilities = [
        random.beta(a, b, DRAWS) * WEEK
        for a, b in ((29.805, 13.0799), (41.117, 29.4096), (49.197, 48.6102), (59.095, 86.8186))
    ]
    old = [random.beta(a, b, DRAWS) for a, b in ((55.9479, 72.3261), (94.3703, 1598.69), (98.7131, 7648.68))]
    second = [
        random.beta(a, b, DRAWS)
        for a, b in ((53.1865, 61.5632), (96.6874, 2851.3), (99.8371, 61818.2), (94.95, 1804.05))
    ]
    new = [0.7 * rate for rate in second[:3]]
    gains = []
    for rates, drug in ((old, 2.63 + morphine), (new, 55.21 + 0.7 * oxycodone)):
        second_drug = 9.20 + oxycodone
        costs = [
            drug,
            drug + harm,
            leaving,
            leaving,
            second_drug,
            second_drug + harm,
            leaving,
            leaving,
            stopped,
        ]
        health = [*utilities, *(0.9 * utility for utility in utilities), 0.8 * utilities[3]]
        worth = [20_000 * utility - cost for utility, cost in zip(health, costs, strict=True)]
        gains.append(years_of_pain_relief(rates, worth, second))
    benefit = benefits(*gains)
    known = [morphine, oxycodone, harm, leaving, stopped, *utilities]
    inputs = pd.DataFrame(dict(zip("abcdefghi", known, strict=True)))
    perfect, partial = evpi_value(benefit), evppi(benefit, inputs, list(inputs))
    assert abs(perfect.value - 1085) < ERRORS * perfect.standard_error
    assert abs(perfect.value - partial.value - 113.6) < ERRORS * partial.standard_error


# The same repository at commit c385db7, test/test.cpp and _output.txt: X + Y against nothing, both standard
# normal; EVPI less EVPPI of X, 0.1652 to 0.0001.
def test_the_sum_of_two_normals():
    table = pd.DataFrame(np.random.default_rng(6).normal(size=(DRAWS, 2)), columns=["x", "y"])
    benefit = benefits(np.zeros(DRAWS), table["x"] + table["y"])
    perfect, partial = evpi_value(benefit), evppi(benefit, table, "x")
    assert abs(perfect.value - partial.value - 0.1652) < ERRORS * partial.standard_error


# C. Jackson, voi 1.0 (R), package overview, 2023-08-26, section on models for estimation: of 10,000 draws,
# variance of a prevalence 0.003436631, of which knowing the survey's rate would take away 0.001800679, its
# bias 0.001432078.
def test_the_prevalence_of_an_infection():
    found = sobol_indices(
        lambda x: expit(logit(x[:, 0]) + x[:, 1]),
        {"survey": beta(5, 95), "bias": norm(0.8, 0.4)},
        n=4096,
    )
    first = dict(found.to_frame()[["input", "first"]].itertuples(index=False))
    for name, taken_away in {"survey": 0.001800679, "bias": 0.001432078}.items():
        # 10,000 draws give a share of variance to about 0.015 (more for a skewed outcome as this).
        assert abs(first[name] - taken_away / 0.003436631) < 0.045
