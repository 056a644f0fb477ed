"""Observed moves as uncertain rows of probabilities."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from communitybudget._core.errors import TransitionError
from communitybudget.sampling import dirichlet

Array = NDArray[np.float64]

# with less than this in a row all its gamma numbers may be too small to divide
_FEWEST = 0.05


def dirichlet_rows(
    counts: ArrayLike,
    draws: int,
    seed: int,
    name: str,
    prior: float = 0.0,
    possible: ArrayLike | None = None,
) -> Array:
    """Draw rows of transition probabilities from counts of observed moves.

    Each row is a Dirichlet distribution whose numbers are the counts plus the prior. Every cell has a random
    stream of its own, so that what is counted in one row, or a state added at the end, leaves the draws of
    all other rows as they are.

    Parameters
    ----------
    counts : array_like, shape (S, S) or (J,)
        People seen to move from row to column, those who stayed among them; need not be whole numbers.
    draws : int
        How many, D.
    seed : int
        Any whole number from 0.
    name : str
        Of the matrix; the streams are named after it.
    prior : float
        Added to each possible cell: 1 is a flat prior, 0.5 that of Jeffreys, 0 the counts alone.
    possible : array_like of bool, same shape as counts, optional
        Moves that can happen although nobody may have been seen to make them; those counted, if omitted.

    Returns
    -------
    ndarray, shape (S, S, D) or (J, D)
        Rows sum to one in every draw. A cell without count and prior is exactly 0.

    Raises
    ------
    TransitionError
        With everything that is wrong: negative counts, moves counted where none is possible, empty rows.

    Examples
    --------
    >>> rows = dirichlet_rows([[80, 15, 5], [10, 90, 0], [0, 0, 4]], draws=1000, seed=1, name="care")
    >>> rows.mean(axis=-1).round(2)
    array([[0.8 , 0.15, 0.05],
           [0.1 , 0.9 , 0.  ],
           [0.  , 0.  , 1.  ]])
    """
    n = np.asarray(counts, dtype=float)
    can = n > 0 if possible is None else np.broadcast_to(np.asarray(possible, dtype=bool), n.shape)
    faults = []
    if n.ndim not in (1, 2):
        raise TransitionError(f"the counts have shape {n.shape}; give one row (J,) or a matrix (S, S)")
    if not (np.isfinite(n) & (n >= 0)).all():
        faults.append("a count is negative or not a number; give people from 0 on")
    if not (np.isfinite(prior) and prior >= 0):
        faults.append(f"the prior is {prior:g}; give a number from 0 on")
    if (n[~can] > 0).any():
        where = np.argwhere(~can & (n > 0))[0].tolist()
        faults.append(
            f"people were counted in cell {where}, which is marked as impossible; correct one of the two"
        )
    numbers = np.where(can, n + prior, 0.0)
    empty = np.flatnonzero(np.atleast_2d(numbers).sum(axis=-1) < _FEWEST).tolist()
    if empty:
        faults.append(
            f"nobody to speak of was counted in row {', '.join(map(str, empty))}; give a prior "
            "and possible cells, or a count of 1 on the diagonal of a state that is never left"
        )
    if faults:
        raise TransitionError("\n".join(faults))
    rows = [
        dirichlet([f"{name}[{i}, {j}]" for j in range(row.size)], row.tolist(), float(row.sum()), draws, seed)
        for i, row in enumerate(np.atleast_2d(numbers))
    ]
    drawn = np.array([list(row.values()) for row in rows])
    return drawn if n.ndim == 2 else drawn[0]
