"""Optimism bias by evidence grade: how the corrections of several figures combine."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Rule = Literal["worst", "compound", "mean"]
RULES: tuple[str, ...] = ("worst", "compound", "mean")


def combined_correction(corrections: ArrayLike, rule: str, weights: ArrayLike | None = None) -> float:
    """Combine the corrections of the figures that one amount rests on.

    Parameters
    ----------
    corrections : array_like, shape (figure,)
        Shares by which each figure is corrected, 0 to 1.
    rule : {'worst', 'compound', 'mean'}
        ``worst``: the largest alone, the amount being no better than its weakest figure.
        ``compound``: 1 - prod(1 - c), each figure being optimistic on its own account.
        ``mean``: the mean, weighted where weights are given. No published rule is known, so that
        there is no default.
    weights : array_like, shape (figure,), optional
        Of the mean; not negative.

    Returns
    -------
    float
        Share by which the amount is corrected.

    Raises
    ------
    ValueError
        With every fault: an unknown rule, no correction, one outside 0 to 1, or weights that do not fit.

    Examples
    --------
    >>> [round(combined_correction([0.1, 0.25], rule), 4) for rule in ("worst", "compound", "mean")]
    [0.25, 0.325, 0.175]
    """
    shares = np.atleast_1d(np.asarray(corrections, dtype=float))
    faults = []
    if rule not in RULES:
        faults.append(f"'{rule}' is no rule to combine corrections; use one of {', '.join(RULES)}")
    if shares.size == 0:
        faults.append("there is no correction to combine; give at least one")
    if not ((shares >= 0) & (shares <= 1)).all():
        faults.append("a correction lies outside 0 to 1; write 15% as 0.15")
    weighing = np.ones_like(shares) if weights is None else np.asarray(weights, dtype=float)
    if weighing.shape != shares.shape or (weighing < 0).any() or not weighing.sum() > 0:
        faults.append("the weights do not fit the corrections; give one for each, not negative, not all nil")
    elif weights is not None and rule != "mean":
        faults.append(f"weights have no meaning for '{rule}'; leave them out")
    if faults:
        raise ValueError("; ".join(faults))
    if rule == "worst":
        return float(shares.max())
    if rule == "compound":
        return float(1 - np.prod(1 - shares))
    return float((shares * weighing).sum() / weighing.sum())


def corrected_benefits(amounts: ArrayLike, corrections: ArrayLike, rule: str) -> Array:
    """Return benefits less their optimism bias: amounts times one less the combined correction.

    Parameters
    ----------
    amounts : array_like, shape (..., draw)
        Real GBP, positive is a gain. What is negative costs more and is left as it is.
    corrections : array_like, shape (figure,)
        As in `combined_correction`.
    rule : str
        As in `combined_correction`.

    Examples
    --------
    >>> corrected_benefits([100.0, -100.0], [0.15], "worst")
    array([  85., -100.])
    """
    values = np.asarray(amounts, dtype=float)
    return np.where(values > 0, values * (1 - combined_correction(corrections, rule)), values)


def corrected_costs(amounts: ArrayLike, corrections: ArrayLike, rule: str) -> Array:
    """Return spending plus its optimism bias: amounts times one plus the combined correction.

    Parameters
    ----------
    amounts : array_like, shape (..., draw)
        Real GBP, positive is spending.
    corrections : array_like, shape (figure,)
        As in `combined_correction`.
    rule : str
        As in `combined_correction`.

    Examples
    --------
    >>> corrected_costs([100.0], [0.25], "worst")
    array([125.])
    """
    values = np.asarray(amounts, dtype=float)
    return np.asarray(values * (1 + combined_correction(corrections, rule)))
