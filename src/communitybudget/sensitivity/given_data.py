"""Sensitivity from draws that are there already, by methods of SALib."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from communitybudget._core.extras import from_extra
from communitybudget._core.streams import stream
from communitybudget.sensitivity.draws import FloatArray, as_sample, constant

if TYPE_CHECKING:
    import pandas as pd

Method = Literal["pawn", "rbd_fast"]

GIVEN_DATA_COLUMNS = ("input", "method", "index", "low", "high", "inert")


def given_data_indices(
    inputs: "pd.DataFrame", outcome: npt.ArrayLike, method: Method = "pawn", seed: int = 1
) -> "pd.DataFrame":
    """Return how much each input matters to an outcome, from draws of any kind, by SALib.

    Needs the extra ``sensitivity``: ``pip install communitybudget[sensitivity]``.

    Parameters
    ----------
    inputs : pandas.DataFrame, shape (draw, input)
        One column per uncertain input.
    outcome : array_like, shape (draw,)
        Matched to the inputs by position.
    method : {'pawn', 'rbd_fast'}
        ``pawn``: how far the whole distribution of the outcome moves when the input is known to lie in one
        tenth of its draws, as the greatest distance between distribution functions, 0 to 1; it sees what
        the variance does not. ``rbd_fast``: first order Sobol' index.
    seed : int
        Of an input that does nothing, to compare with, and of the errors of ``rbd_fast``.

    Returns
    -------
    pandas.DataFrame
        A row per input by falling index, equal ones by name: ``input, method, index, low, high, inert``.
        For ``pawn`` the index is the median over the tenths, low and high the least and greatest; for
        ``rbd_fast`` the ends of a 95% interval. ``inert`` is the index of an input that does nothing:
        indices about as large say nothing.

    Raises
    ------
    ModuleNotFoundError
        If SALib is not installed.
    ValueError
        If shapes do not match, a value is not finite, or the method is another.

    Notes
    -----
    Source: F. Pianosi and T. Wagener, "Distribution-based sensitivity analysis from a generic input-output
    sample", Environmental Modelling & Software 108 (2018); S. Tarantola, D. Gatelli and T. Mara, "Random
    balance designs for the estimation of first order global sensitivity indices" (2006); both as SALib has
    them. With an outcome or an input that does not vary the index is 0.

    Examples
    --------
    >>> import pandas as pd
    >>> draws = pd.DataFrame(np.random.default_rng(1).random((2000, 2)), columns=["cost", "reach"])
    >>> given_data_indices(draws, draws["reach"] ** 2)["input"].tolist()
    ['reach', 'cost']
    """
    import pandas as pd

    names, values, result = as_sample(inputs, outcome)
    if method not in _METHODS:
        raise ValueError(f"there is no method '{method}'; use one of {', '.join(_METHODS)}")
    index = np.zeros((3, len(names)))
    inert = 0.0
    varies = ~constant(values)
    if varies.any() and not bool(constant(result[:, np.newaxis])[0]):
        idle = stream(seed, "given_data_indices.inert").random((result.size, 1))
        sample = np.concatenate([values[:, varies], idle], axis=1)
        # names of its own: SALib gives some endings a meaning
        problem = {"num_vars": sample.shape[1], "names": [f"x{i}" for i in range(sample.shape[1])]}
        found = _METHODS[method](problem, sample, result, seed)
        index[:, varies], inert = found[:, :-1], float(found[0, -1])
    frame = pd.DataFrame(
        {
            "input": names,
            "method": method,
            "index": index[0],
            "low": index[1],
            "high": index[2],
            "inert": inert,
        },
        columns=list(GIVEN_DATA_COLUMNS),
    )
    return frame.sort_values(["index", "input"], ascending=[False, True], ignore_index=True)


def _pawn(problem: Mapping[str, Any], sample: FloatArray, outcome: FloatArray, seed: int) -> FloatArray:
    """Return median, least and greatest distance over ten slices, shape (3, input); nothing is random."""
    found = from_extra("SALib.analyze.pawn", "sensitivity").analyze(problem, sample, outcome, S=10)
    return np.array([found[column] for column in ("median", "minimum", "maximum")], dtype=np.float64)


def _rbd_fast(problem: Mapping[str, Any], sample: FloatArray, outcome: FloatArray, seed: int) -> FloatArray:
    """Return the first order index and the ends of its interval, shape (3, input)."""
    module = from_extra("SALib.analyze.rbd_fast", "sensitivity")
    found = module.analyze(problem, sample, outcome, num_resamples=100, seed=seed)
    first = np.array(found["S1"], dtype=np.float64)
    reach = np.array(found["S1_conf"], dtype=np.float64)
    return np.stack([first, first - reach, first + reach])


_METHODS: dict[str, Callable[[Mapping[str, Any], FloatArray, FloatArray, int], FloatArray]] = {
    "pawn": _pawn,
    "rbd_fast": _rbd_fast,
}
