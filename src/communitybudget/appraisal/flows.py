"""Checks on arrays of yearly amounts, and the allowance for rounding that they share."""

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

ROUNDING = 1e-12
"""Part of the money moved that counts as nothing: a tenth of a penny in a billion pounds."""


def as_flows(values: npt.ArrayLike, name: str) -> FloatArray:
    """Return amounts per year as an array of floats, or say what is wrong with them.

    Parameters
    ----------
    values : array_like, shape (..., year)
        Amounts, year 0 first.
    name : str
        What to call them in a message.

    Returns
    -------
    ndarray of float, shape (..., year)

    Raises
    ------
    ValueError
        If there is no year axis, no year, or an amount that is not a finite number.

    Examples
    --------
    >>> as_flows([-100, 60], "flows")
    array([-100.,   60.])
    """
    try:
        flows = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be numbers in an array of shape (..., year): {error}") from error
    if flows.ndim == 0 or flows.shape[-1] == 0:
        raise ValueError(
            f"{name} has shape {flows.shape}; give amounts per year in the last axis, year 0 first"
        )
    if not np.isfinite(flows).all():
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(flows))[0])
        raise ValueError(
            f"{name} holds {flows[place]} at position {place}; "
            "an unknown amount cannot be appraised, so give a number or leave the flow out"
        )
    return flows
