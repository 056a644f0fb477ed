"""Distributional weights: what a pound is worth to people of another income. Off unless asked for."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

ELASTICITY = 1.3
"""How fast the worth of a pound falls as income grows; HM Treasury, The Green Book (2022), annex A3."""


def distributional_weight(
    income: ArrayLike, median_income: ArrayLike, elasticity: float = ELASTICITY
) -> Array:
    """Return what a pound is worth to people of one income, beside people of median income.

    Parameters
    ----------
    income : array_like, scalar or shape (draw,)
        Equivalised disposable income of the families, GBP a year.
    median_income : array_like, scalar or shape (draw,)
        Of all families, in the same prices and on the same basis.
    elasticity : float
        Of the marginal utility of income; 0 gives everybody's pound the same worth.

    Returns
    -------
    ndarray
        (median / income) ** elasticity: above 1 for poorer families.

    Raises
    ------
    ValueError
        If an income is not above 0, or the elasticity is negative.

    Examples
    --------
    >>> round(float(distributional_weight(20_000, 30_000)), 3)
    1.694
    """
    own, median = np.asarray(income, dtype=float), np.asarray(median_income, dtype=float)
    faults = []
    if not (own > 0).all() or not (median > 0).all():
        faults.append("an income is not above 0; give GBP a year")
    if elasticity < 0:
        faults.append(f"an elasticity of {elasticity:g} is negative; use 0 or more, such as 1.3")
    if faults:
        raise ValueError("; ".join(faults))
    return np.asarray((median / own) ** elasticity)


def weighted_public_value(
    fiscal: ArrayLike,
    transfers: ArrayLike,
    incomes: ArrayLike,
    social: ArrayLike,
    spending: ArrayLike,
    weight: ArrayLike,
) -> Array:
    """Return public value with a weight on the incomes that families gain and lose.

    Parameters
    ----------
    fiscal : array_like, shape (..., draw)
        Costs avoided by public bodies, transfers with them; positive is a gain.
    transfers : array_like, shape (..., draw)
        The part of them that is benefit or tax: gained by the taxpayer and lost by the family.
    incomes : array_like, shape (..., draw)
        Economic value: earnings of the families.
    social : array_like, shape (..., draw)
        Social value, such as harm and wellbeing: no income, and never weighted.
    spending : array_like, shape (..., draw)
        On the option, positive.
    weight : array_like, scalar or shape (draw,)
        From `distributional_weight`. At 1 the transfers cancel, as in public value without weights.

    Returns
    -------
    ndarray
        fiscal - spending + social + weight x (incomes - transfers).

    Examples
    --------
    >>> float(weighted_public_value(9_800.0, 9_234.0, 14_044.0, 0.0, 0.0, 1.0))
    14610.0
    """
    gained = np.asarray(incomes, dtype=float) - np.asarray(transfers, dtype=float)
    own = np.asarray(fiscal, dtype=float) - np.asarray(spending, dtype=float)
    rest = own + np.asarray(social, dtype=float)
    return np.asarray(rest + np.asarray(weight, dtype=float) * gained)
