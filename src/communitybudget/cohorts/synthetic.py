"""Synthetic families: drawn from published prevalence and composition; none of them is real."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.errors import ParameterError, did_you_mean
from communitybudget._core.streams import stream
from communitybudget._core.vocabulary import PROFILES
from communitybudget._core.years import parse_year
from communitybudget.cohorts.cohort import AGE_BANDS
from communitybudget.cohorts.families import NEEDS, Families, prevalence_key
from communitybudget.cohorts.needs import draw_needs, solve_need_thresholds
from communitybudget.parameters import ParameterSet

Array = NDArray[np.float64]

_MOST_CHILDREN = 6
_SHARES_ADD_UP = 1e-6


def synthetic_families(
    parameters: ParameterSet,
    profiles: str | Mapping[str, float],
    families: int,
    seed: int,
    at_least: int | None = None,
    correlation: float | None = None,
    joins: Mapping[str, float] | None = None,
) -> Families:
    """Draw families from the published prevalence of needs and the composition of a set.

    Needs come together (a one-factor Gaussian copula) and each family has at least so many of them
    as eligibility asks for; after that condition every published prevalence is reproduced. Needs,
    composition and year of joining are drawn independently of each other.

    Parameters
    ----------
    parameters : ParameterSet
        Prevalences ``prevalence.need.<profile>.<need>`` and the table ``cohort``.
    profiles : str or mapping of str to float
        One need profile, or the shares of several, which sum to one.
    families : int
        How many, at least 1.
    seed : int
        Any whole number from 0. Family i is the same however many are drawn.
    at_least : int, optional
        Fewest needs of a family; ``cohort.<profile>.at_least_needs`` if omitted.
    correlation : float, optional
        Between any two needs before eligibility; ``cohort.all.need_correlation`` if omitted.
    joins : mapping of str to float, optional
        Share of families by financial year of joining; all join on the first day if omitted.

    Returns
    -------
    Families
        Marked as synthetic.

    Raises
    ------
    ParameterNotFound
        If the set lacks a prevalence or a figure of composition.
    ParameterError
        If what is asked for is impossible: the message gives the figures.

    Examples
    --------
    >>> england = ParameterSet.load()
    >>> families = synthetic_families(england, {"medium_need": 0.7, "complex_need": 0.3}, 2000, seed=1)
    >>> bool((families.needs.sum(axis=1) >= 3).all())
    True
    >>> few, many = (synthetic_families(england, "medium_need", n, seed=1) for n in (5, 500))
    >>> bool((few.needs == many.needs[:5]).all())
    True
    """
    if families < 1:
        raise ParameterError(f"{families} families were asked for; ask for at least 1")
    if seed < 0:
        raise ParameterError(f"seed is {seed}; use a whole number from 0")
    shares = _shares(profiles)
    profile = _pick(list(shares), list(shares.values()), "profile", families, seed)
    adults = np.zeros(families, dtype=np.int64)
    children = np.zeros(families, dtype=np.int64)
    needs = np.zeros((families, len(NEEDS)))
    for name in shares:
        own = profile == name
        thresholds, fewest, correlated = _thresholds(parameters, name, at_least, correlation)
        common = _uniform("needs in common", families, seed)
        single = np.column_stack([_uniform(f"need {need}", families, seed) for need in NEEDS])
        needs[own] = draw_needs(thresholds, fewest, correlated, common[own], single[own])
        chance = np.cumsum(children_shares(parameters, name))
        children[own] = 1 + _below(chance, _uniform("children", families, seed)[own])
        chance = np.cumsum(adult_shares(parameters, name))
        adults[own] = 1 + _below(chance, _uniform("adults", families, seed)[own])
    child_family = np.repeat(np.arange(families), children)
    place = np.arange(len(child_family)) - np.repeat(np.cumsum(children) - children, children)
    ages = _below(np.cumsum(_single_years(parameters)), _uniform("ages", (families, _MOST_CHILDREN), seed))
    return Families(
        name="synthetic families",
        synthetic=True,
        profile=profile.astype("<U12"),
        adults=adults,
        child_family=child_family,
        child_age=ages[child_family, place].astype(np.int64),
        joins=None if joins is None else _joining(joins, families, seed),
        needs=needs,
        starts={},
        lines=np.arange(2, families + 2),
    )


def children_shares(parameters: ParameterSet, profile: str) -> Array:
    """Return the share of a profile's families with 1 to 6 children, shape (6,).

    The published shares hold for the average family on the programme (``medium_need``), five or more
    being split between 5 and 6 so that the mean is the published one. For another mean the shares are
    tilted: each is multiplied by the same number to the power of its children, which changes them as
    little as that mean allows (least relative entropy).

    Raises
    ------
    ParameterError
        If the mean is not between 1 and 6.

    Examples
    --------
    >>> shares = children_shares(ParameterSet.load(), "medium_need")
    >>> shares.round(2), round(float(shares @ np.arange(1, 7)), 9)
    (array([0.27, 0.31, 0.22, 0.12, 0.07, 0.01]), 2.44)
    """
    table = "cohort.medium_need.families_with_"
    published = np.array(
        [parameters[f"{table}{n}_children"].value for n in range(1, 5)]
        + [parameters[f"{table}5_or_more_children"].value]
    )
    published = published / published.sum()
    number = np.arange(1, _MOST_CHILDREN + 1)
    usual = parameters["cohort.medium_need.children_per_family"].value
    five_or_more = (usual - published[:4] @ number[:4]) / published[4] if published[4] else 5.0
    six = min(max(five_or_more - 5, 0.0), 1.0)
    shares = np.array([*published[:4], published[4] * (1 - six), published[4] * six])
    mean = parameters[f"cohort.{profile}.children_per_family"].value
    return _tilted(shares, number, mean, profile)


def _tilted(shares: Array, number: NDArray[np.int64], mean: float, profile: str) -> Array:
    possible = number[shares > 0]
    if not possible[0] < mean < possible[-1]:
        raise ParameterError(
            f"cohort.{profile}.children_per_family is {mean:g}; families are drawn with {possible[0]} to "
            f"{possible[-1]} children: use a mean between these"
        )

    def tilted(slope: float) -> Array:
        weights = shares * np.exp(slope * (number - mean))
        return np.asarray(weights / weights.sum())

    if abs(float(shares @ number) - mean) < 1e-12:
        return shares
    from scipy.optimize import brentq

    slope = brentq(lambda s: float(tilted(s) @ number) - mean, -50.0, 50.0, xtol=1e-14)
    return tilted(float(slope))


def adult_shares(parameters: ParameterSet, profile: str) -> Array:
    """Return the share of a profile's families with 1, 2, ... adults.

    Lone parents are those with one; the others have the two whole numbers around the mean that is
    left for them.

    Raises
    ------
    ParameterError
        If the mean leaves fewer than two adults, or more than nine, to families with several.

    Examples
    --------
    >>> adult_shares(ParameterSet.load(), "medium_need").round(2)
    array([0.56, 0.32, 0.12])
    """
    alone = parameters["cohort.all.lone_parent_families"].value
    mean = parameters[f"cohort.{profile}.adults_per_family"].value
    if alone == 1 and mean == 1:
        return np.ones(1)
    others = (mean - alone) / (1 - alone) if alone < 1 else math.inf
    if not 2 - 1e-9 <= others <= 9:
        raise ParameterError(
            f"cohort.{profile}.adults_per_family is {mean:g} and {alone:.0%} of families have one adult "
            f"(cohort.all.lone_parent_families), which leaves {others:.3g} to each of the others; that must "
            "be 2 to 9: change one of the two"
        )
    lower = max(math.floor(others + 1e-9), 2)
    more = max(others - lower, 0.0)
    shares = np.zeros(lower + (more > 0))
    shares[0], shares[lower - 1] = alone, (1 - alone) * (1 - more)
    if more > 0:
        shares[lower] = (1 - alone) * more
    return shares


def _single_years(parameters: ParameterSet) -> Array:
    """Return the share of children by completed years of age, even within each band, shape (18,)."""
    shares = [
        np.full(end - start, parameters[f"cohort.all.{name}"].value / (end - start))
        for name, start, end in AGE_BANDS
    ]
    found = np.concatenate(shares)
    return np.asarray(found / found.sum())


def _thresholds(
    parameters: ParameterSet, profile: str, at_least: int | None, correlation: float | None
) -> tuple[Array, int, float]:
    fewest, correlated = at_least, correlation
    if fewest is None:
        fewest = round(parameters[f"cohort.{profile}.at_least_needs"].value)
    if correlated is None:
        correlated = parameters["cohort.all.need_correlation"].value
    prevalence = [parameters[prevalence_key(profile, need)].value for need in NEEDS]
    try:
        return solve_need_thresholds(prevalence, fewest, correlated), fewest, correlated
    except ValueError as fault:
        raise ParameterError(f"the needs of {profile} cannot be drawn: {fault}") from fault


def _shares(profiles: str | Mapping[str, float]) -> dict[str, float]:
    shares = {profiles: 1.0} if isinstance(profiles, str) else dict(profiles)
    possible = [name for name in PROFILES if name != "general"]
    for name, share in shares.items():
        if name not in possible:
            raise ParameterError(f"'{name}' has no published needs; {did_you_mean(name, possible)}")
        if share < 0:
            raise ParameterError(f"the share of {name} is {share:g}; it cannot be negative")
    return _whole(shares, "the shares of families by profile")


def _whole(shares: dict[str, float], what: str) -> dict[str, float]:
    total = sum(shares.values())
    if abs(total - 1) > _SHARES_ADD_UP:
        raise ParameterError(f"{what} sum to {total:.4g} and not to 1; correct them or add the remainder")
    return {name: share / total for name, share in shares.items() if share > 0}


def _joining(joins: Mapping[str, float], families: int, seed: int) -> NDArray[np.str_]:
    try:
        years = {parse_year(year): share for year, share in joins.items()}
    except ValueError as fault:
        raise ParameterError(str(fault)) from fault
    shares = _whole(years, "the shares of families by year of joining")
    return _pick(list(shares), list(shares.values()), "joins", families, seed)


def _pick(words: list[str], shares: list[float], name: str, families: int, seed: int) -> NDArray[np.str_]:
    return np.array(words)[_below(np.cumsum(shares), _uniform(name, families, seed))]


def _below(chance: Array, uniform: Array) -> NDArray[np.int64]:
    """Return the step of a cumulative distribution in which each uniform number falls."""
    return np.minimum(np.searchsorted(chance, uniform, side="right"), len(chance) - 1)


def _uniform(name: str, shape: int | tuple[int, int], seed: int) -> Array:
    """Return uniform numbers, a row for each family; the first are the same however many are asked for."""
    return stream(seed, f"synthetic families: {name}").random(shape)
