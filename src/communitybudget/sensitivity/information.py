"""The value of information."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import numpy.typing as npt

from communitybudget.sensitivity.draws import FloatArray, as_inputs, as_net_benefit
from communitybudget.sensitivity.gaussian_process import fit_gaussian_process
from communitybudget.sensitivity.information_value import InformationRow, InformationTable, InformationValue
from communitybudget.sensitivity.informed_choice import increments, informed_choice
from communitybudget.sensitivity.many_inputs import InputFit, fit_inputs

if TYPE_CHECKING:
    import pandas as pd

Method: TypeAlias = Literal["auto", "splines", "gaussian_process"]

_LEAST_DRAWS = 20


def evpi(net_benefit: npt.ArrayLike) -> float:
    """Return the expected value of perfect information.

    What it would be worth, on average, to know every uncertain input before choosing between the options.

    Parameters
    ----------
    net_benefit : array_like, shape (draw, option)
        Net benefit in GBP, larger is better. The options share their draws.

    Returns
    -------
    float
        GBP, never negative: the mean of the best option in each draw, minus the mean of the option that
        is best on average.

    Raises
    ------
    ValueError
        If the array has another shape, no draw or option, or a value that is not finite.

    Notes
    -----
    Source: H. Raiffa and R. Schlaifer, Applied Statistical Decision Theory (1961). With few draws the
    estimate is too low on average where two options are close: the best mean of a sample flatters itself.

    Examples
    --------
    >>> evpi([[0, 10], [0, -6]])
    3.0
    """
    return float(_regret(as_net_benefit(net_benefit)).mean())


def evpi_value(net_benefit: npt.ArrayLike) -> InformationValue:
    """Return the expected value of perfect information with its standard error.

    Parameters
    ----------
    net_benefit : array_like, shape (draw, option)
        Net benefit in GBP, larger is better. The options share their draws.

    Returns
    -------
    InformationValue

    Raises
    ------
    ValueError
        If the array has another shape, fewer than two draws, no option, or a value that is not finite.

    Notes
    -----
    The standard error is that of the mean regret, the best option of a draw less the option that is best
    on average. Of options with the same mean the first counts as best. Where the best two differ by less
    than their own error, the value is too low by up to the order of that error.

    Examples
    --------
    >>> evpi_value([[0, 10], [0, -6]])
    InformationValue(3 GBP, standard_error=3, inputs=0, method=perfect, draws=2)
    """
    benefit = as_net_benefit(net_benefit, least=2)
    regret = _regret(benefit)
    value = float(regret.mean())
    return InformationValue(
        value=value,
        standard_error=float(regret.std(ddof=1)) / math.sqrt(regret.size),
        of=(),
        entered=(),
        method="perfect",
        draws=benefit.shape[0],
        options=benefit.shape[1],
        explained=(1.0,) * (benefit.shape[1] - 1),
        evpi=value,
        in_sample=value,
        left_out=value,
    )


def evppi(
    net_benefit: npt.ArrayLike,
    inputs: "pd.DataFrame",
    parameters: str | Sequence[str],
    method: Method = "auto",
) -> InformationValue:
    """Return the expected value of knowing some inputs while the others stay uncertain.

    Parameters
    ----------
    net_benefit : array_like, shape (draw, option)
        Net benefit in GBP, larger is better. The options share their draws.
    inputs : pandas.DataFrame, shape (draw, input)
        One column per uncertain input. Matched to the net benefit by position.
    parameters : str or sequence of str
        The inputs that would be known.
    method : {"auto", "splines", "gaussian_process"}, default "auto"
        ``auto`` takes the mean of each combination where the inputs have few values together, and splines
        otherwise; ``splines`` never the means. ``gaussian_process`` is for three to six inputs that move
        together, ten at the most.

    Returns
    -------
    InformationValue

    Raises
    ------
    ValueError
        If there are fewer than 20 draws, the draws differ in number, an input is not there, the method is
        another, a Gaussian process is asked for more than ten inputs, or a value is not finite.

    Notes
    -----
    The gain of every option over the one that is best on average is regressed on the inputs, and the best
    of the fitted options is taken in each draw: M. Strong, J. E. Oakley and A. Brennan, "Estimating
    multiparameter partial expected value of perfect information from a probabilistic sensitivity analysis
    sample", Medical Decision Making 34 (2014).

    An input enters the regression when it explains more than terms of no meaning would in one sample out of
    1,000; otherwise knowing it is worth 0.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> draws = pd.DataFrame(np.random.default_rng(1).normal(size=(10_000, 2)), columns=["a", "b"])
    >>> gain = 1 + 3 * draws["a"] + 4 * draws["b"]
    >>> evppi(np.column_stack([0 * gain, gain]), draws, "a")
    InformationValue(0.753 GBP, standard_error=0.027, inputs=1, method=splines, draws=10000)
    """
    if method not in get_args(Method):
        raise ValueError(f"method is {method!r}; give one of {', '.join(get_args(Method))}")
    benefit = as_net_benefit(net_benefit, least=_LEAST_DRAWS)
    names, values = _known(inputs, _listed(parameters), benefit.shape[0])
    return _partial(increments(benefit), names, values, method)


def evppi_each(
    net_benefit: npt.ArrayLike, inputs: "pd.DataFrame", labels: Mapping[str, str] | None = None
) -> InformationTable:
    """Return what each input by itself is worth to know.

    Parameters
    ----------
    net_benefit : array_like, shape (draw, option)
        Net benefit in GBP, larger is better. The options share their draws.
    inputs : pandas.DataFrame, shape (draw, input)
        One column per uncertain input.
    labels : mapping of str to str, optional
        Printable names of the inputs; the names of the columns where absent.

    Returns
    -------
    InformationTable
        A row per input.

    Raises
    ------
    ValueError
        As `evppi`.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> draws = pd.DataFrame(np.random.default_rng(1).normal(size=(10_000, 2)), columns=["a", "b"])
    >>> gain = 1 + 3 * draws["a"] + 4 * draws["b"]
    >>> evppi_each(np.column_stack([0 * gain, gain]), draws).to_frame()[["key", "value"]].round(1)
      key  value
    0   b    1.1
    1   a    0.8
    """
    return evppi_sets(net_benefit, inputs, {str(name): str(name) for name in inputs.columns}, labels)


def evppi_sets(
    net_benefit: npt.ArrayLike,
    inputs: "pd.DataFrame",
    sets: Mapping[str, str | Sequence[str]],
    labels: Mapping[str, str] | None = None,
) -> InformationTable:
    """Return what each of several sets of inputs is worth to know.

    A set is worth at least what each of its subsets in the table is worth, and no more than perfect
    information. Where the estimates say otherwise, the larger set takes the value and the standard error of
    the subset that is worth most.

    Parameters
    ----------
    net_benefit : array_like, shape (draw, option)
        Net benefit in GBP, larger is better. The options share their draws.
    inputs : pandas.DataFrame, shape (draw, input)
        One column per uncertain input.
    sets : mapping of str to str or sequence of str
        Name of each set to the inputs that would be known together.
    labels : mapping of str to str, optional
        Printable names of the sets; their names where absent.

    Returns
    -------
    InformationTable
        A row per set.

    Raises
    ------
    ValueError
        If there are no sets, or as `evppi`.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> draws = pd.DataFrame(np.random.default_rng(1).normal(size=(2_000, 2)), columns=["a", "b"])
    >>> gain = draws["a"] * draws["b"]
    >>> table = evppi_sets(np.column_stack([0 * gain, gain]), draws, {"one": ["a"], "both": ["a", "b"]})
    >>> [(row.key, round(row.share_of_evpi, 1)) for row in table.rows]
    [('both', 1.0), ('one', 0.0)]
    """
    if not sets:
        raise ValueError("there are no sets; give one or more, each with the inputs that would be known")
    benefit = as_net_benefit(net_benefit, least=_LEAST_DRAWS)
    names, values = _known(
        inputs, [name for parameters in sets.values() for name in _listed(parameters)], len(benefit)
    )
    gains = increments(benefit)
    found = {}
    for key, parameters in sets.items():
        known = sorted(set(_listed(parameters)))
        found[str(key)] = _partial(gains, known, values[:, [names.index(name) for name in known]], "auto")
    perfect = evpi_value(benefit)
    rows = [
        InformationRow(
            key=key,
            label=(labels or {}).get(key, key),
            value=worth.value,
            standard_error=worth.standard_error,
            share_of_evpi=worth.share_of_evpi,
            explained=max(found[key].explained, default=0.0),
        )
        for key, worth in _in_order(found).items()
    ]
    return InformationTable(
        rows=tuple(sorted(rows, key=lambda row: (-row.value, row.key))),
        evpi=perfect.value,
        evpi_error=perfect.standard_error,
        draws=perfect.draws,
        options=perfect.options,
    )


def _in_order(found: Mapping[str, InformationValue]) -> dict[str, InformationValue]:
    """Return for each set the most valuable of itself and its subsets; of equals itself, then by key."""
    kept = {}
    for key, worth in found.items():
        subsets = [other for other in sorted(found) if set(found[other].of) < set(worth.of)]
        kept[key] = max([worth, *(found[other] for other in subsets)], key=lambda one: one.value)
    return kept


def _partial(gains: FloatArray, known: Sequence[str], values: FloatArray, method: Method) -> InformationValue:
    """Return what it is worth to know some inputs, from the gains over the option that is best on average."""
    if method == "gaussian_process":
        fit = InputFit(fit_gaussian_process(values, gains), tuple(range(len(known))), method)
    else:
        fit = fit_inputs(values, gains, by_cell=method == "auto")
    found = informed_choice(gains, fit.projection)
    return InformationValue(
        value=found.value,
        standard_error=found.standard_error,
        of=tuple(known),
        entered=tuple(known[i] for i in fit.entered),
        method=fit.method,
        draws=gains.shape[0],
        options=gains.shape[1] + 1,
        explained=tuple(fit.projection.explained.tolist()),
        evpi=found.evpi,
        in_sample=found.in_sample,
        left_out=found.left_out,
    )


def _listed(parameters: str | Sequence[str]) -> list[str]:
    return [parameters] if isinstance(parameters, str) else list(parameters)


def _known(inputs: "pd.DataFrame", parameters: Sequence[str], draws: int) -> tuple[list[str], FloatArray]:
    """Return the inputs among the parameters, each once and sorted, and their draws (draw, input)."""
    wanted = set(parameters)
    there = [str(name) for name in inputs.columns]
    missing = sorted(wanted - set(there))
    if missing or not wanted:
        raise ValueError(
            f"these parameters are not inputs: {', '.join(missing) or 'none given'}; "
            "give one or more columns of inputs"
        )
    names, values = as_inputs(inputs.loc[:, [name in wanted for name in there]])
    if values.shape[0] != draws:
        raise ValueError(
            f"net_benefit has {draws} draws and the inputs have {values.shape[0]}; "
            "give one row of each per draw"
        )
    order = sorted(range(len(names)), key=lambda i: names[i])
    return [names[i] for i in order], values[:, order]


def _regret(benefit: FloatArray) -> FloatArray:
    """Return the best option of each draw less the option that is best on average, the first of equals."""
    chosen = benefit[:, benefit.mean(axis=0).argmax()]
    regret: FloatArray = benefit.max(axis=1) - chosen
    return regret
