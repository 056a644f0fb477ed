"""Sets of inputs of a case beside each other, and the worst case within stated ranges."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from communitybudget._core.vocabulary import ALL_AGENCIES
from communitybudget.case.held_case import HeldCase, about, hold_case
from communitybudget.sensitivity import (
    ScenarioSets,
    WorstCase,
    given_sets,
    scenario_sets,
    worst_case,
)
from communitybudget.sensitivity.worst_case import Shape

if TYPE_CHECKING:
    from communitybudget.case.appraisal import Appraisal

_LEAST_RATIO = 0.001
"""A ratio of nil has no logarithm, on which effects act."""


def scenario_sets_of(
    appraisal: "Appraisal",
    option: str,
    agency: str = ALL_AGENCIES,
    value: str = "fiscal",
    *,
    quantile: float = 0.2,
) -> ScenarioSets:
    """Return prudent, central and optimistic sets of the inputs of an option, coherent and stacked.

    Parameters
    ----------
    appraisal : Appraisal
        Of the case.
    option, agency, value : str
        Whose net present value.
    quantile : float, default 0.2
        The prudent sets lie at this percentile.

    Returns
    -------
    ScenarioSets
        Coherent sets are means over draws; stacked ones hold every input. See
        `communitybudget.sensitivity.scenario_sets`.

    Raises
    ------
    ParameterNotFound
        If there is no such option.
    ValueError
        If the quantile is out of reach or there are too few draws.
    """
    held = hold_case(appraisal, option, agency, value, quantile)
    return scenario_sets(
        held,
        _draws_of(appraisal, held),
        appraisal.npv(option, agency, value),
        quantile=quantile,
        labels={one.key: one.label for one in held.inputs},
        about=about(appraisal, option, agency, value, appraisal.draws),
    )


def given_sets_of(
    appraisal: "Appraisal",
    option: str,
    sets: Mapping[str, Mapping[str, float | str]],
    agency: str = ALL_AGENCIES,
    value: str = "fiscal",
) -> ScenarioSets:
    """Return the net present value with sets of inputs that were given, the others at their means.

    Parameters
    ----------
    appraisal : Appraisal
        Of the case.
    option, agency, value : str
        Whose net present value.
    sets : mapping of str to mapping of str to float or str
        By name: input key to a value in its unit, or a percentile of its draws such as ``"p20"``.

    Returns
    -------
    ScenarioSets

    Raises
    ------
    ParameterNotFound
        If there is no such option.
    ValueError
        With every fault of the sets: unknown keys with the nearest, values that cannot be.

    Examples
    --------
    >>> import communitybudget as cb
    >>> from communitybudget.case.scenarios import given_sets_of
    >>> case = cb.load_case(cb.examples_folder() / "hounslow" / "case.yaml")
    >>> result = cb.appraise(case, draws=100, seed=1)
    >>> sets = {"weaker effect": {"effect.tfp_looked_after": 0.95}}
    >>> found = given_sets_of(result, "early_help", sets)
    >>> bool(found.sets[0].outcome < result.npv("early_help").mean())
    True
    """
    held = hold_case(appraisal, option, agency, value)
    draws = _draws_of(appraisal, held)
    return given_sets(
        held,
        sets,
        draws,
        appraisal.npv(option, agency, value),
        limits={one.key: _limits(held, one.ids[0], draws[one.key].to_numpy()) for one in held.inputs},
        labels={one.key: one.label for one in held.inputs},
        about=about(appraisal, option, agency, value, appraisal.draws),
    )


def worst_case_of(
    appraisal: "Appraisal",
    option: str,
    agency: str = ALL_AGENCIES,
    value: str = "fiscal",
    *,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    shape: Shape = "unknown",
    points: int = 256,
) -> WorstCase:
    """Return the least net present value within the ranges of the inputs, and the margin before it is nil.

    Parameters
    ----------
    appraisal : Appraisal
        Of the case.
    option, agency, value : str
        Whose net present value.
    ranges : mapping of str to (float, float), optional
        Low and high of inputs by key. The others keep the low and high that their source states or, where
        it states none, their P10 and P90.
    shape, points
        As in `communitybudget.sensitivity.worst_case`.

    Returns
    -------
    WorstCase
        With every input held; the base is every input at its mean.

    Raises
    ------
    ParameterNotFound
        If there is no such option, or a range names no input of it.
    """
    held = hold_case(appraisal, option, agency, value)
    used = {one.key: held.model.inputs.used[one.ids[0]] for one in held.inputs}
    # the low and high of a published price are a spread over cases, unless it is drawn from them
    stated = {
        key: (number.low, number.high)
        for key, number in used.items()
        if number.low is not None and number.high is not None and not number.spread_is_default
    }
    held = held.within({**stated, **(ranges or {})})
    on = about(appraisal, option, agency, value, 1)
    return worst_case(held, held.table(), shape=shape, points=points, about=on)


def _draws_of(appraisal: "Appraisal", held: HeldCase) -> pd.DataFrame:
    return appraisal.input_frame()[[one.key for one in held.inputs]]


def _limits(held: HeldCase, key: str, draws: np.ndarray) -> tuple[float, float]:
    """Return the least and the most that an input can be: shares to 1, and no sign that no draw has."""
    unit = held.model.inputs.used[key].unit
    least = _LEAST_RATIO if unit == "ratio" else 0.0 if draws.min() >= 0 else -np.inf
    return least, (1.0 if unit == "share" else np.inf)
