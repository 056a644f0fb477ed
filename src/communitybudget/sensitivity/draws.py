"""Checks on draws of inputs and outcomes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from communitybudget._core.draws import FloatArray, as_draws
from communitybudget._core.options import one_name_each

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FloatArray", "as_draws", "as_sample", "constant"]


def as_sample(inputs: "pd.DataFrame", outcome: npt.ArrayLike) -> tuple[list[str], FloatArray, FloatArray]:
    """Return the names of the inputs, their draws and the outcome, checked against each other.

    Parameters
    ----------
    inputs : pandas.DataFrame, shape (draw, input)
        One column per uncertain input.
    outcome : array_like, shape (draw,)
        Matched by position; an index is not looked at.

    Returns
    -------
    tuple of (list of str, ndarray of shape (draw, input), ndarray of shape (draw,))

    Raises
    ------
    ValueError
        If there are no inputs, two have one name, the draws differ in number, or a value is not finite.

    Examples
    --------
    >>> import pandas as pd
    >>> as_sample(pd.DataFrame({"a": [1, 2]}), [3, 4])[0]
    ['a']
    """
    names, values = as_inputs(inputs)
    result = as_draws(outcome, "outcome", least=2)
    if result.shape != (len(inputs),):
        raise ValueError(
            f"outcome has shape {result.shape} and the inputs have {len(inputs)} draws; "
            "give one outcome per draw"
        )
    return names, values, result


def as_inputs(inputs: "pd.DataFrame") -> tuple[list[str], FloatArray]:
    """Return the names of the inputs and their draws.

    Parameters
    ----------
    inputs : pandas.DataFrame, shape (draw, input)
        One column per uncertain input.

    Returns
    -------
    tuple of (list of str, ndarray of shape (draw, input))

    Raises
    ------
    ValueError
        If there are no inputs, two have one name, or a value is not a finite number.

    Examples
    --------
    >>> import pandas as pd
    >>> as_inputs(pd.DataFrame({"a": [1, 2]}))
    (['a'], array([[1.],
                   [2.]]))
    """
    names = [str(name) for name in inputs.columns]
    if not names:
        raise ValueError("there are no inputs; give one column per uncertain input")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"several inputs are called {', '.join(twice)}; give each its own name")
    try:
        values = inputs.to_numpy(dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"the inputs must be numbers: {error}") from error
    bad = [name for name, fine in zip(names, np.isfinite(values).all(axis=0), strict=True) if not fine]
    if bad:
        raise ValueError(f"these inputs hold values that are not finite: {', '.join(bad)}")
    return names, values


def as_net_benefit(net_benefit: npt.ArrayLike, least: int = 1) -> FloatArray:
    """Return net benefit by draw and option, checked.

    Parameters
    ----------
    net_benefit : array_like, shape (draw, option)
        In GBP, larger is better.
    least : int, default 1
        How many draws are needed.

    Returns
    -------
    ndarray of float, shape (draw, option)

    Raises
    ------
    ValueError
        If the array has another shape, too few draws, no option, or a value that is not finite.

    Examples
    --------
    >>> as_net_benefit([[0, 1]])
    array([[0., 1.]])
    """
    benefit = as_draws(net_benefit, "net_benefit", least)
    if benefit.ndim != 2 or benefit.shape[1] == 0:
        raise ValueError(f"net_benefit has shape {benefit.shape}; give (draw, option)")
    return benefit


def as_named_options(
    net_benefit: npt.ArrayLike, options: Sequence[str] | None, least: int = 2
) -> tuple[tuple[str, ...], FloatArray]:
    """Return the names of the options and their net benefit, checked against each other.

    Parameters
    ----------
    net_benefit : array_like, shape (draw, option)
        Larger is better. The options share their draws.
    options : sequence of str, optional
        Names in the order of the columns; ``option 1`` and so on if not given.
    least : int, default 2
        How many draws are needed.

    Raises
    ------
    ValueError
        If the array has another shape, too few draws or a value that is not finite, or the names are not
        one for each column, each its own.

    Examples
    --------
    >>> as_named_options([[0, 1], [0, 2]], None)[0]
    ('option 1', 'option 2')
    """
    benefit = as_net_benefit(net_benefit, least)
    names = options if options is not None else [f"option {i + 1}" for i in range(len(benefit.T))]
    return one_name_each(names, benefit.shape[1], "net_benefit"), benefit


def within_rounding_of_largest(figures: FloatArray) -> list[int]:
    """Return the positions of the figures that tie for the largest within rounding, in order.

    Examples
    --------
    >>> within_rounding_of_largest(np.array([0.3, 0.1 + 0.2, 0.2]))
    [0, 1]
    """
    slack = 1e-12 * float(np.abs(figures).max())
    return [int(place) for place in np.flatnonzero(figures >= figures.max() - slack)]


def constant(values: FloatArray) -> npt.NDArray[np.bool_]:
    """Return which columns do not vary beyond rounding.

    Examples
    --------
    >>> constant(np.array([[1.0, 2.0], [1.0, 3.0]]))
    array([ True, False])
    """
    spread = values.max(axis=0) - values.min(axis=0)
    still: npt.NDArray[np.bool_] = spread <= 1e-12 * np.abs(values).max(axis=0)
    return still
