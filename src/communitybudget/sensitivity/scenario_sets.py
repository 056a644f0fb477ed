"""Parallel sets of inputs: prudent, central and optimistic, stacked and coherent, or as given."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from communitybudget._core.digits import amount
from communitybudget._core.errors import did_you_mean
from communitybudget._core.results import result
from communitybudget.sensitivity.about import About, Introduced
from communitybudget.sensitivity.draws import FloatArray, as_sample
from communitybudget.sensitivity.one_way import one_at_a_time
from communitybudget.sensitivity.ranges import Function, Ranges, outcomes_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

KINDS: dict[str, str] = {
    "coherent": "the mean inputs of the draws whose outcome lies near this percentile of the outcome",
    "stacked": (
        "every input at an unfavourable or favourable percentile of its own at once, far rarer together than "
        "each alone; central is every input at its mean"
    ),
    "given": "the inputs that were given, all others at their means",
}

_BAND = 0.05
_FEWEST = 5
_PERCENTILE = re.compile(r"[pP](\d{1,2}(?:\.\d+)?)")


@result
@dataclass(frozen=True, eq=False, slots=True)
class ScenarioSet:
    """One set of inputs.

    Parameters
    ----------
    name : str
        Such as ``prudent``.
    kind : {'coherent', 'stacked', 'given'}
        How it was made; see `KINDS`.
    values : ndarray, shape (input,)
        In each input's own unit.
    percentiles : ndarray, shape (input,)
        Where the values lie among the draws of the input, 0 to 100; of a coherent set the mean over its
        draws, which is 50 for an input that has nothing to do with the outcome.
    outcome : float
        GBP; of a coherent set the mean over its draws, otherwise with every input held.
    outcome_percentile : float
        Where it lies among the draws of the outcome, 0 to 100.
    draws : int
        Draws that a coherent set is the mean of; 0 otherwise.
    """

    name: str
    kind: str
    values: FloatArray
    percentiles: FloatArray
    outcome: float
    outcome_percentile: float
    draws: int


@result
@dataclass(frozen=True, eq=False, repr=False)
class ScenarioSets(Introduced):
    """Sets of inputs beside each other.

    Parameters
    ----------
    keys, labels : tuple of str
        The inputs, those that move the outcome most first.
    sets : tuple of ScenarioSet
        In order of kind, then from prudent to optimistic, or as given.
    about : About
        What the outcome is and what made it.
    """

    keys: tuple[str, ...]
    labels: tuple[str, ...]
    sets: tuple[ScenarioSet, ...]
    about: About

    def to_frame(self) -> "pd.DataFrame":
        """Return a row per set and input.

        Returns
        -------
        pandas.DataFrame
            ``set, kind, key, label, value, percentile, outcome, outcome_percentile``.
        """
        import pandas as pd

        return pd.concat(
            [
                pd.DataFrame(
                    {
                        "set": one.name,
                        "kind": one.kind,
                        "key": self.keys,
                        "label": self.labels,
                        "value": one.values,
                        "percentile": one.percentiles,
                        "outcome": one.outcome,
                        "outcome_percentile": one.outcome_percentile,
                    }
                )
                for one in self.sets
            ],
            ignore_index=True,
        )

    @property
    def title(self) -> str:
        """Heading."""
        return f"Sets of inputs and the {self.about.outcome_label}"

    @property
    def note(self) -> str:
        """What each kind of set is."""
        kinds = dict.fromkeys(one.kind for one in self.sets)
        return "; ".join(f"{kind}: {KINDS[kind]}" for kind in kinds) + "."

    @property
    def key_figure(self) -> str:
        """The sets."""
        return f"sets={len(self.sets)}, inputs={len(self.keys)}"

    def rows(self) -> list[tuple[str, str]]:
        """Return the outcome of each set in words."""
        return [
            (
                f"{one.name} ({one.kind})",
                f"{amount(one.outcome)} GBP; {one.outcome_percentile:.0f}% of the draws are lower",
            )
            for one in self.sets
        ]

    def plot(self, ax: "Axes | None" = None, most: int = 12) -> "Axes":
        """Draw where each set has the inputs, as percentiles.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Where to draw; new axes when absent.
        most : int, default 12
            How many inputs to draw at the most.

        Returns
        -------
        matplotlib axes
        """
        from communitybudget.charts import plot_scenario_sets

        return plot_scenario_sets(
            self.to_frame(), ax, price_base=self.about.price_base, title=self.title, most=most
        )


def scenario_sets(
    function: Function,
    inputs: "pd.DataFrame",
    outcome: npt.ArrayLike,
    *,
    quantile: float = 0.2,
    labels: Mapping[str, str] | None = None,
    about: About | None = None,
) -> ScenarioSets:
    """Return prudent, central and optimistic sets of inputs, stacked and coherent.

    Which end of an input is unfavourable is told by a one-way run between its percentiles.

    Parameters
    ----------
    function : callable
        Takes settings of all inputs, shape (row, input), and returns the outcome of each, GBP.
    inputs : pandas.DataFrame, shape (draw, input)
        Draws, one column per input.
    outcome : array_like, shape (draw,)
        GBP, of the same draws.
    quantile : float, default 0.2
        The prudent sets lie at this percentile, the optimistic ones as far from the top; above 0 and
        below 0.5.
    labels : mapping of str to str, optional
        Text to show for an input.
    about : About, optional
        What the outcome is.

    Returns
    -------
    ScenarioSets
        Three coherent sets, then three stacked ones; the inputs by falling swing in the one-way run. An
        input that moves nothing by itself stays at its mean in the stacked sets.

    Raises
    ------
    ValueError
        If the quantile is out of reach, or there are too few draws near it, or the draws are faulty.

    Notes
    -----
    A stacked set is what a spreadsheet's "worst case" column is. If inputs are independent, all of K lying
    beyond their P20 together has a chance of 0.2 to the power K, so that its outcome is far out. A coherent
    set is what the inputs are like, on average, when the outcome is at that percentile: few inputs stand
    far from their middle in it, since only their sum has to be bad.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> draws = pd.DataFrame(np.random.default_rng(1).normal(size=(4000, 4)), columns=list("abcd"))
    >>> sets = scenario_sets(lambda rows: rows.sum(axis=1), draws, draws.sum(axis=1)).sets
    >>> [(one.name, one.kind, round(one.outcome_percentile)) for one in sets[::3]]
    [('prudent', 'coherent', 20), ('prudent', 'stacked', 4)]
    """
    if not 0 < quantile < 0.5:
        raise ValueError(f"quantile is {quantile}; give a share above 0 and below 0.5, such as 0.2")
    keys, values, results = as_sample(inputs, outcome)
    if results.size * 2 * _BAND < _FEWEST:
        raise ValueError(f"{results.size} draws are too few near a percentile; run at least 100")
    low, high = np.quantile(values, [quantile, 1 - quantile], axis=0)
    centre = values.mean(axis=0)
    ranges = Ranges(tuple(keys), tuple(keys), ("",) * len(keys), low, centre, high)
    alone = outcomes_of(function, one_at_a_time(ranges, low, high)).mean(axis=1)
    swing = alone[len(keys) + 1 :] - alone[1 : len(keys) + 1]
    prudent = np.where(swing > 0, low, np.where(swing < 0, high, centre))
    optimistic = np.where(swing > 0, high, np.where(swing < 0, low, centre))
    rows = np.stack([prudent, centre, optimistic])
    held = outcomes_of(function, rows).mean(axis=1)
    order = np.argsort(-np.abs(swing), kind="stable")
    names = ("prudent", "central", "optimistic")
    coherent = [
        _coherent(name, values, results, at)
        for name, at in zip(names, (quantile, 0.5, 1 - quantile), strict=True)
    ]
    stacked = [
        _held(name, "stacked", row, float(found), values, results)
        for name, row, found in zip(names, rows, held, strict=True)
    ]
    return _ordered(keys, labels, [*coherent, *stacked], order, about)


def given_sets(
    function: Function,
    sets: Mapping[str, Mapping[str, float | str]],
    inputs: "pd.DataFrame",
    outcome: npt.ArrayLike,
    *,
    limits: Mapping[str, tuple[float, float]] | None = None,
    labels: Mapping[str, str] | None = None,
    about: About | None = None,
) -> ScenarioSets:
    """Return the outcome of sets of inputs that were given, the inputs not named at their means.

    Parameters
    ----------
    function, inputs, outcome, labels, about
        As in `scenario_sets`.
    sets : mapping of str to mapping of str to float or str
        By name of the set: input key to a value in its unit, or a percentile of its draws such as
        ``"p20"``.
    limits : mapping of str to (float, float), optional
        The least and the most that an input can be.

    Returns
    -------
    ScenarioSets
        The inputs that are named, in the order of the columns.

    Raises
    ------
    ValueError
        With every fault: unknown keys with the nearest, values that are no numbers or beyond the limits.

    Examples
    --------
    >>> import pandas as pd
    >>> draws = pd.DataFrame({"cost": [1.0, 2.0, 3.0], "reach": [0.0, 5.0, 10.0]})
    >>> found = given_sets(lambda rows: rows[:, 1] - rows[:, 0], {"dear": {"cost": 4}}, draws, [-1, 3, 7])
    >>> found.sets[0].outcome
    1.0
    """
    keys, values, results = as_sample(inputs, outcome)
    rows, named = read_sets(sets, keys, values, limits or {})
    held = outcomes_of(function, rows).mean(axis=1)
    found = [
        _held(name, "given", row, float(one), values, results)
        for name, row, one in zip(sets, rows, held, strict=True)
    ]
    return _ordered(keys, labels, found, np.array([i for i, key in enumerate(keys) if key in named]), about)


def read_sets(
    sets: Mapping[str, Mapping[str, float | str]],
    keys: list[str],
    values: FloatArray,
    limits: Mapping[str, tuple[float, float]],
) -> tuple[FloatArray, set[str]]:
    """Return the settings of given sets, shape (set, input), and the keys that they name.

    Examples
    --------
    >>> rows, named = read_sets({"low": {"a": "p0"}}, ["a", "b"], np.array([[1.0, 2.0], [3.0, 4.0]]), {})
    >>> rows.tolist(), named
    ([[1.0, 3.0]], {'a'})
    """
    if not sets:
        raise ValueError("there are no sets; give each as {'name': {'input key': value or 'p20'}}")
    rows = np.tile(values.mean(axis=0), (len(sets), 1))
    named: set[str] = set()
    faults = []
    for row, (name, given) in zip(rows, sets.items(), strict=True):
        if not given:
            faults.append(f"set '{name}' names no input; give at least one")
        for key, wanted in given.items():
            if key not in keys:
                faults.append(f"set '{name}': there is no input '{key}'; {did_you_mean(key, keys)}")
                continue
            place = keys.index(key)
            try:
                row[place] = _value(wanted, values[:, place], limits.get(key, (-np.inf, np.inf)))
            except ValueError as fault:
                faults.append(f"set '{name}', {key}: {fault}")
            named.add(key)
    if faults:
        raise ValueError("\n".join(faults))
    return rows, named


def _value(wanted: float | str, draws: FloatArray, limits: tuple[float, float]) -> float:
    if isinstance(wanted, str):
        percentile = _PERCENTILE.fullmatch(wanted.strip())
        if percentile is None:
            raise ValueError(f"'{wanted}' is no percentile; give a number, or p0 to p99 such as 'p20'")
        return float(np.quantile(draws, float(percentile[1]) / 100))
    if isinstance(wanted, bool) or not np.isfinite(wanted):
        raise ValueError(f"{wanted} is no value; give a number, or a percentile such as 'p20'")
    if not limits[0] <= wanted <= limits[1]:
        least, most = (f"{limit:g}" for limit in limits)
        within = f"of at least {least}" if np.isinf(limits[1]) else f"from {least} to {most}"
        raise ValueError(f"{wanted:g} cannot be; give a value {within}")
    return float(wanted)


def percentiles_of(values: npt.ArrayLike, draws: FloatArray) -> FloatArray:
    """Return where values lie among draws, 0 to 100; half of those that equal one count as below it.

    Examples
    --------
    >>> percentiles_of([2.0, 9.0], np.array([4.0, 3.0, 1.0, 2.0]))
    array([ 37.5, 100. ])
    """
    ordered = np.sort(draws)
    below, with_equal = (np.searchsorted(ordered, values, side=side) for side in ("left", "right"))
    return np.asarray(50.0 * (below + with_equal) / draws.size)


def _coherent(name: str, values: FloatArray, results: FloatArray, quantile: float) -> ScenarioSet:
    """Return the mean inputs of the draws whose outcome lies within a band of percentiles."""
    reach = min(_BAND, quantile / 2, (1 - quantile) / 2)
    first, last = np.quantile(results, [quantile - reach, quantile + reach])
    near = (results >= first) & (results <= last)
    outcome = float(results[near].mean())
    percentiles = [percentiles_of(column[near], column).mean() for column in values.T]
    return ScenarioSet(
        name=name,
        kind="coherent",
        values=values[near].mean(axis=0),
        percentiles=np.array(percentiles),
        outcome=outcome,
        outcome_percentile=float(percentiles_of(outcome, results)),
        draws=int(near.sum()),
    )


def _held(
    name: str, kind: str, row: FloatArray, outcome: float, values: FloatArray, results: FloatArray
) -> ScenarioSet:
    percentiles = [float(percentiles_of(v, column)) for v, column in zip(row, values.T, strict=True)]
    at = float(percentiles_of(outcome, results))
    return ScenarioSet(name, kind, row, np.array(percentiles), outcome, at, 0)


def _ordered(
    keys: list[str],
    labels: Mapping[str, str] | None,
    sets: list[ScenarioSet],
    order: npt.NDArray[np.int_],
    about: About | None,
) -> ScenarioSets:
    shown = [keys[i] for i in order]
    return ScenarioSets(
        keys=tuple(shown),
        labels=tuple((labels or {}).get(key, key) for key in shown),
        sets=tuple(
            replace(one, values=one.values[order], percentiles=one.percentiles[order]) for one in sets
        ),
        about=about or About(),
    )
