"""Checks on draws, which come as arrays with the draws in the first axis."""

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def as_draws(values: npt.ArrayLike, name: str, least: int = 1) -> FloatArray:
    """Return draws as an array of floats with at least ``least`` of them in the first axis.

    Parameters
    ----------
    values : array_like, shape (draw, ...)
        The draws.
    name : str
        What to call them in a message.
    least : int, default 1
        How many draws are needed.

    Returns
    -------
    ndarray of float, shape (draw, ...)

    Raises
    ------
    ValueError
        If there is no draw axis, too few draws, or a value that is not a finite number.

    Examples
    --------
    >>> as_draws([1, 2], "outcome")
    array([1., 2.])
    """
    try:
        draws = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be numbers, one per draw: {error}") from error
    if draws.ndim == 0 or draws.shape[0] < least:
        raise ValueError(f"{name} has shape {draws.shape}; give at least {least} draws in the first axis")
    if not np.isfinite(draws).all():
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(draws))[0])
        raise ValueError(
            f"{name} holds {draws[place]} at position {place}; every draw must be a finite number"
        )
    return draws
