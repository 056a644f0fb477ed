"""Rank regression: which inputs move an outcome, by how much, all taken together."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from communitybudget._core.cards import NOT_STATED
from communitybudget.sensitivity.draws import FloatArray, as_sample, constant
from communitybudget.sensitivity.regression import Fit, least_squares, standardise
from communitybudget.sensitivity.tornado import COLUMNS, Tornado

if TYPE_CHECKING:
    import pandas as pd

_LOW, _HIGH = 0.1, 0.9


def rank_regression(
    inputs: "pd.DataFrame",
    outcome: npt.ArrayLike,
    *,
    labels: Mapping[str, str] | None = None,
    marks: Mapping[str, str] | None = None,
    price_base: str = NOT_STATED,
    seed: int | None = None,
    outcome_label: str = "outcome",
    set_version: str = "not stated",
) -> Tornado:
    """Return the tornado of an outcome: one bar per input, widest first.

    Two regressions on the ranks of all inputs jointly, ties taking the mean of their ranks:

    - of the ranks of the outcome, everything standardised, which gives ``rank_coefficient`` between about
      -1 and 1 and ``r_squared``, the share of the ranks' variance that the inputs explain together;
    - of the outcome itself, which gives ``low`` and ``high``: the expected outcome with this input at its
      P10 and at its P90 and every other input at its mean rank. ``base`` is the mean outcome.

    Parameters
    ----------
    inputs : pandas.DataFrame, shape (draw, input)
        One column per uncertain input, named by its key, in the input's own unit.
    outcome : array_like, shape (draw,)
        For example net present value, real GBP. Matched to the inputs by position.
    labels, marks : mapping of str to str, optional
        Text to show for an input, and the mark of its evidence. The key stands for a missing label.
    price_base : str, optional
        Price base of the outcome, such as ``2026-27``.
    seed : int, optional
        Seed of the draws.
    outcome_label : str, optional
        What the outcome is, in words.
    set_version : str, optional
        Name and version of the parameter set.

    Returns
    -------
    Tornado
        With a row per input, by falling absolute ``swing`` (``high`` minus ``low``); equal swings by key.
        ``standard_error`` is the Monte Carlo standard error of the swing, by ordinary least squares.

    Raises
    ------
    ValueError
        If shapes do not match, a value is not finite, or there are not more draws than inputs.

    Notes
    -----
    The rank of an input at its P10 is the P10 of its ranks, so a value that many draws share (exactly no
    effect) enters with its mean rank; an input with one value in more than 80% of the draws has the same
    P10 and P90 and no swing, though its coefficient shows that it matters. An input that does not vary has
    a coefficient and a swing of zero. Inputs that are exact copies of each other in rank, or linear
    combinations, share their effect by the solution of minimum norm and are named in ``collinear``.

    Source: A. Saltelli and others, Global Sensitivity Analysis: The Primer (2008), section 1.2.5.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> draws = pd.DataFrame(np.random.default_rng(1).random((500, 2)), columns=["cost", "reach"])
    >>> tornado = rank_regression(draws, 900 * draws["reach"] - 300 * draws["cost"])
    >>> tornado.to_frame()["key"].tolist()
    ['reach', 'cost']
    """
    import pandas as pd

    keys, values, result = as_sample(inputs, outcome)
    ranks = pd.DataFrame(values).rank(method="average").to_numpy(dtype=np.float64)
    varies = ~constant(values)
    terms = standardise(ranks[:, varies])
    ordered = pd.DataFrame(result).rank(method="average").to_numpy(dtype=np.float64)
    base = float(result.mean())
    flat = bool(constant(result[:, np.newaxis])[0])
    targets = np.zeros((result.size, 2))
    if not flat:
        targets = np.column_stack([standardise(ordered)[:, 0], result - base])
    fit = least_squares(terms, targets)

    numbers = np.zeros((4, len(keys)))
    numbers[:, varies] = _bars(terms, targets[:, 1], fit)
    coefficient, low, high, error = numbers
    swing = high - low
    frame = pd.DataFrame(
        {
            "key": keys,
            "label": [(labels or {}).get(key, key) for key in keys],
            "mark": [(marks or {}).get(key, "") for key in keys],
            "rank_coefficient": coefficient,
            "low": base + low,
            "high": base + high,
            "base": base,
            "swing": swing,
            "standard_error": error,
        },
        columns=list(COLUMNS),
    )
    explained = 0.0 if flat else float(fit.coefficients[:, 0] @ (terms.T @ targets[:, 0]) / result.size)
    return Tornado(
        frame=frame.iloc[widest_first(swing, keys)].reset_index(drop=True),
        r_squared=min(max(explained, 0.0), 1.0),
        collinear=tuple(
            key for key, shared in zip(np.array(keys)[varies].tolist(), fit.collinear, strict=True) if shared
        ),
        price_base=price_base,
        seed=seed,
        draws=result.size,
        outcome_label=outcome_label,
        set_version=set_version,
    )


def _bars(terms: FloatArray, outcome: FloatArray, fit: Fit) -> FloatArray:
    """Return rank coefficient, low and high from the mean, and the error of the swing: shape (4, input)."""
    slope = fit.coefficients[:, 1]
    residual = outcome - terms @ slope
    variance = float(residual @ residual) / fit.freedom
    at_low, at_high = np.quantile(terms, [_LOW, _HIGH], axis=0) if terms.shape[1] else np.zeros((2, 0))
    error = np.sqrt(np.maximum(np.diag(fit.inverse), 0) * variance / outcome.size)
    return np.stack([fit.coefficients[:, 0], slope * at_low, slope * at_high, (at_high - at_low) * error])


def widest_first(swing: FloatArray, keys: list[str]) -> list[int]:
    """Return the order of the bars; swings that differ by rounding only count as equal, and go by key.

    Examples
    --------
    >>> widest_first(np.array([1.0, -3.0, 1.0]), ["b", "c", "a"])
    [1, 2, 0]
    """
    width = np.abs(swing)
    widest = float(width.max())
    rounded = np.round(width / widest, 9) if widest > 0 else width
    return sorted(range(len(keys)), key=lambda i: (-rounded[i], keys[i]))
