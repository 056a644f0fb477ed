"""Checks on draws of inputs and outcomes."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from communitybudget._core.draws import FloatArray, as_draws

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
    names = [str(name) for name in inputs.columns]
    if not names:
        raise ValueError("there are no inputs; give one column per uncertain input")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"several inputs are called {', '.join(twice)}; give each its own name")
    result = as_draws(outcome, "outcome", least=2)
    if result.shape != (len(inputs),):
        raise ValueError(
            f"outcome has shape {result.shape} and the inputs have {len(inputs)} draws; "
            "give one outcome per draw"
        )
    try:
        values = inputs.to_numpy(dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"the inputs must be numbers: {error}") from error
    bad = [name for name, fine in zip(names, np.isfinite(values).all(axis=0), strict=True) if not fine]
    if bad:
        raise ValueError(f"these inputs hold values that are not finite: {', '.join(bad)}")
    return names, values, result


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
