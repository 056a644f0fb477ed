"""Looking at a case one or two inputs at a time: tornado, heat map, spider, scatter, break-even curve."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from communitybudget._core.vocabulary import ALL_AGENCIES
from communitybudget.case.held_case import about, find_input, hold_case, refuse_impossible
from communitybudget.case.holding import HeldInputs, hold_inputs
from communitybudget.parameters import Parameter
from communitybudget.sensitivity import (
    BreakEvenCurve,
    GridAxis,
    HeatMap,
    OneWay,
    Scatter,
    Spider,
    break_even_curve,
    grid_axis,
    local_one_way,
    one_way,
    scatter,
    two_way,
)
from communitybudget.sensitivity.one_way import bars_of
from communitybudget.sensitivity.ranges import as_ranges, ascending
from communitybudget.sensitivity.spider import CHANGES

if TYPE_CHECKING:
    from communitybudget.case.appraisal import Appraisal

Array = npt.NDArray[np.float64]
Others = Literal["held", "uncertain", "slope"]

_MOST = 6
_SPAN = (0.01, 0.99)
_KNOWN_SPAN = (0.5, 1.5)


def one_way_of(
    appraisal: "Appraisal",
    option: str,
    agency: str = ALL_AGENCIES,
    value: str = "fiscal",
    *,
    others: Others = "held",
    quantile: float = 0.1,
    draws: int = 300,
) -> OneWay:
    """Return the one-way tornado of an option: each input at its P10 and at its P90.

    Parameters
    ----------
    appraisal : Appraisal
        Of the case; percentiles and means are those of its draws.
    option, agency, value : str
        Whose net present value.
    others : {'held', 'uncertain', 'slope'}
        ``held``: every other input at its mean; 2 K + 1 settings of K inputs in one run. ``uncertain``:
        the others as drawn, and bars of expected values with their Monte Carlo error; hundreds of times
        the work. ``slope``: the bars as if the outcome were straight from the base, by central differences.
    quantile : float, default 0.1
        The ends are at this percentile and as far from the top: 0.1 for P10 and P90.
    draws : int, default 300
        For ``uncertain``.

    Returns
    -------
    OneWay

    Raises
    ------
    ParameterNotFound
        If there is no such option.
    ValueError
        If ``others`` is neither.

    Notes
    -----
    Parameters of one unknown (the bands of one rate) move together, each to its own percentile. When a
    share of a start mix moves, the other shares keep their proportions. With every input held at its mean
    the base is not the expected value: the outcome is not straight in all inputs.

    Examples
    --------
    >>> import communitybudget as cb
    >>> from communitybudget.case.looking import one_way_of
    >>> case = cb.load_case(cb.examples_folder() / "hounslow" / "case.yaml")
    >>> bars = one_way_of(cb.appraise(case, draws=200, seed=1), "early_help")
    >>> bars.ranges.keys[0]
    'effect.tfp_looked_after'
    """
    held = hold_case(appraisal, option, agency, value, quantile)
    ends = (f"its P{100 * quantile:g}", f"its P{100 * (1 - quantile):g}")
    if others == "held":
        words, on = "at their mean", about(appraisal, option, agency, value, 1)
        return one_way(held, held.table(), ends=ends, others=words, about=on)
    if others == "slope":
        return local_one_way(held, held.table(), ends=ends, about=about(appraisal, option, agency, value, 1))
    if others != "uncertain":
        raise ValueError(f"others is '{others}'; use held, uncertain or slope")
    draws = min(draws, appraisal.draws)
    freed = hold_inputs(appraisal.model, option, appraisal.factors, draws, appraisal.seed, agency, value)
    both = [freed.at({key: np.array(held.ends[key])[[0, 2]] for key in one.ids}) for one in held.inputs]
    low, high = np.stack(both, axis=1)
    on = about(appraisal, option, agency, value, draws)
    return bars_of(as_ranges(held.table()), freed.npv, low, high, ends, "uncertain", on)


def heat_map_of(
    appraisal: "Appraisal",
    option: str,
    first: str | GridAxis,
    second: str | GridAxis,
    agency: str = ALL_AGENCIES,
    value: str = "fiscal",
    *,
    points: int = 11,
    draws: int = 200,
) -> HeatMap:
    """Return the expected net present value, and the probability that it is not negative, over two inputs.

    Parameters
    ----------
    appraisal : Appraisal
        Of the case.
    option, agency, value : str
        Whose net present value.
    first, second : str or GridAxis
        Keys of inputs, for their P1 to P99 (a number taken as known: half to one and a half of it), or
        axes with values of your own from `grid_axis`.
    points : int, default 11
        Values of an input that is given by its key.
    draws : int, default 200
        All other inputs stay uncertain, over this many draws.

    Returns
    -------
    HeatMap
        Its ``break_even()`` is the switching line of the pair.

    Raises
    ------
    ParameterNotFound
        If there is no such option or input.

    Notes
    -----
    Parameters of one unknown move by the same multiple of their central values, and an effect that is
    absent in a draw stays absent, as for switching values.
    """
    held = _hold(appraisal, option, agency, value, draws)
    ids, axis = _axis(appraisal, first, points)
    other_ids, other_axis = _axis(appraisal, second, points)
    if ids == other_ids:
        raise ValueError(f"'{axis.key}' and '{other_axis.key}' are one input; name two")
    used = held.model.inputs.used

    def outcomes(rows: Array) -> Array:
        values: dict[str, Array] = {}
        for own, column in zip((ids, other_ids), rows.T, strict=True):
            values |= {key: used[key].value * (column / used[own[0]].value) for key in own}
        return held.at(values, keep_absent=True)

    return two_way(outcomes, axis, other_axis, about(appraisal, option, agency, value, held.drawn.draws))


def switching_lines_of(
    appraisal: "Appraisal",
    option: str,
    keys: Sequence[str] | None = None,
    agency: str = ALL_AGENCIES,
    *,
    points: int = 9,
    draws: int = 200,
) -> pd.DataFrame:
    """Return for each pair of inputs the line on which the expected fiscal net present value is nil.

    Parameters
    ----------
    appraisal : Appraisal
        Of the case.
    option, agency : str
        Whose net present value.
    keys : sequence of str, optional
        Inputs to pair; the three with the widest one-way bars if omitted.
    points, draws : int
        As in `heat_map_of`.

    Returns
    -------
    pandas.DataFrame
        ``first, second, first_value, second_value``; a pair with one sign on its whole grid has no rows.
    """
    keys = one_way_of(appraisal, option, agency).ranges.keys[:3] if keys is None else keys
    if isinstance(keys, str) or len(keys) < 2:
        raise ValueError(f"switching lines are of pairs and keys is {keys!r}; name at least two inputs")
    found = []
    for first, second in combinations(keys, 2):
        line = heat_map_of(appraisal, option, first, second, agency, points=points, draws=draws).break_even()
        line.columns = pd.Index(["first_value", "second_value"])
        line.insert(0, "first", first)
        line.insert(1, "second", second)
        found.append(line)
    return pd.concat(found, ignore_index=True)


def spider_of(
    appraisal: "Appraisal",
    option: str,
    keys: str | Sequence[str] | None = None,
    agency: str = ALL_AGENCIES,
    value: str = "fiscal",
    *,
    changes: npt.ArrayLike = CHANGES,
    draws: int = 300,
) -> Spider:
    """Return the expected net present value as one input at a time changes by a percentage.

    Parameters
    ----------
    appraisal : Appraisal
        Of the case.
    option, agency, value : str
        Whose net present value.
    keys : str or sequence of str, optional
        Inputs; the six with the widest one-way bars if omitted.
    changes : array_like, shape (point,)
        Of the central value, as shares of it; above -1, ascending. A share ends at 1.
    draws : int, default 300
        All other inputs stay uncertain, over this many draws.

    Returns
    -------
    Spider
        A line crosses nil at the switching value of the input.

    Raises
    ------
    ParameterNotFound
        If there is no such option or input.
    ValueError
        If a change is not above -1, or they do not ascend.
    """
    points = ascending(changes, "the changes")
    if points[0] <= -1:
        raise ValueError(f"a change is {points[0]:g}; give shares of the central value above -1")
    if keys is None:
        keys = one_way_of(appraisal, option, agency, value).ranges.keys[:_MOST]
    keys = (keys,) if isinstance(keys, str) else keys
    if len(keys) == 0:
        raise ValueError("keys is empty; name an input, or leave keys out for those that matter most")
    held = _hold(appraisal, option, agency, value, draws)
    chosen = [_named(appraisal, key) for key in keys]
    outcome = np.full((len(chosen), points.size), np.nan)
    for line, (ids, _) in zip(outcome, chosen, strict=True):
        parameter = held.model.inputs.used[ids[0]]
        reachable = (parameter.unit != "share") | ((1 + points) * parameter.value <= 1)
        line[reachable] = held.at_multiples(ids, 1 + points[reachable]).mean(axis=1)
    return Spider(
        keys=tuple(keys),
        labels=tuple(label for _, label in chosen),
        changes=points,
        outcome=outcome,
        about=about(appraisal, option, agency, value, held.drawn.draws),
    )


def scatter_of(
    appraisal: "Appraisal", option: str, key: str, agency: str = ALL_AGENCIES, value: str = "fiscal"
) -> Scatter:
    """Return the draws of an input against the net present value; nothing is run again.

    Parameters
    ----------
    appraisal : Appraisal
        Of the case.
    option, agency, value : str
        Whose net present value.
    key : str
        An uncertain input.

    Returns
    -------
    Scatter

    Raises
    ------
    ParameterNotFound
        If there is no such option or input.
    """
    npv = appraisal.npv(option, agency, value)
    one = find_input(appraisal.inputs, key)
    draws = appraisal.input_values[appraisal.inputs.index(one)]
    on = about(appraisal, option, agency, value, appraisal.draws)
    return scatter(draws, npv, key=one.key, label=one.label, about=on)


def break_even_curve_of(
    appraisal: "Appraisal",
    option: str,
    key: str | GridAxis,
    agency: str = ALL_AGENCIES,
    value: str = "fiscal",
    *,
    points: int = 21,
    draws: int = 1_000,
) -> BreakEvenCurve:
    """Return the probability that the net present value is not negative, over values of one input.

    Parameters
    ----------
    appraisal : Appraisal
        Of the case.
    option, agency, value : str
        Whose net present value.
    key : str or GridAxis
        A unit price, an effect or another input, as in `heat_map_of`.
    points : int, default 21
        Values of an input that is given by its key.
    draws : int, default 1000
        All other inputs stay uncertain, over this many draws, the same at every value.

    Returns
    -------
    BreakEvenCurve

    Raises
    ------
    ParameterNotFound
        If there is no such option or input.

    Notes
    -----
    For a price or a quantity only the pricing is done again. An effect that is absent in a draw stays
    absent: the curve over an effect size need not reach 1.
    """
    held = _hold(appraisal, option, agency, value, draws)
    ids, axis = _axis(appraisal, key, points)
    parameter = held.model.inputs.used[ids[0]]
    npv = held.at_multiples(ids, axis.values / parameter.value)
    on = about(appraisal, option, agency, value, held.drawn.draws)
    return break_even_curve(axis, npv, unit=_unit(parameter), about=on)


def _hold(appraisal: "Appraisal", option: str, agency: str, value: str, draws: int) -> HeldInputs:
    appraisal.npv(option, agency, value)  # says what there is, if this is not
    draws = min(draws, appraisal.draws)
    return hold_inputs(appraisal.model, option, appraisal.factors, draws, appraisal.seed, agency, value)


def _named(appraisal: "Appraisal", key: str) -> tuple[tuple[str, ...], str]:
    """Return the ids and the label of an input, or of a number of the case that nobody doubts."""
    numbers = appraisal.model.inputs
    doubted = any(key in one.ids for one in appraisal.inputs)
    if not doubted and key in numbers.used and key not in numbers.not_sampled:
        return (key,), numbers.used[key].label
    one = find_input(appraisal.inputs, key)
    return one.ids, one.label


def _axis(appraisal: "Appraisal", given: str | GridAxis, points: int) -> tuple[tuple[str, ...], GridAxis]:
    """Return the ids of an input and the values to hold it at."""
    key = given.key if isinstance(given, GridAxis) else given
    ids, label = _named(appraisal, key)
    parameter = appraisal.model.inputs.used[ids[0]]
    central = parameter.value
    if isinstance(given, GridAxis):
        refuse_impossible(given.values, parameter)
        return ids, replace(given, label=label if given.label == key else given.label, base=central)
    if points < 2:
        raise ValueError(f"points is {points}; give at least 2")
    first, last = (share * central for share in _KNOWN_SPAN)
    for one, draws in zip(appraisal.inputs, appraisal.input_values, strict=True):
        if one.ids == ids and np.ptp(draws) > 0:
            first, last = np.quantile(draws, _SPAN)
    return ids, grid_axis(key, np.linspace(first, last, points), label, central)


def _unit(parameter: Parameter) -> str:
    prices = f", {parameter.price_base} prices" if parameter.price_base else ""
    return f"{parameter.unit.replace('_', ' ')}{prices}"
