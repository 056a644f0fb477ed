"""Money in whole pence: rounded so that what is shared out is what there is."""

import numpy as np
import numpy.typing as npt

from communitybudget._core.digits import counted

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_MOST = 2.0**53
"""Above this a float has no room for single pence."""

_PLACES = 6
"""Parts of a penny that differ by less are equal: they were the same before floats rounded them."""


def to_pence(amounts: npt.ArrayLike) -> IntArray:
    """Return amounts of GBP in whole pence, each rounded by itself, half to even.

    Raises
    ------
    ValueError
        If an amount is no number, not finite, or so large that a float does not hold its pence; the first
        such place is named.

    Examples
    --------
    >>> to_pence([1.25, -2.5, 0.0])
    array([ 125, -250,    0])
    """
    try:
        given = np.asarray(amounts, dtype=np.float64)
    except (TypeError, ValueError) as fault:
        raise ValueError(f"these are no numbers in rows of one length ({fault}); give GBP") from fault
    pence = np.rint(given * 100)
    bad = ~(np.abs(pence) <= _MOST)
    if bad.any():
        where = f", first at {tuple(np.argwhere(bad)[0].tolist())}" if given.ndim else ""
        raise ValueError(
            f"{counted(int(bad.sum()), 'amount')} cannot be counted in pence{where}; give finite numbers "
            "below 90 trillion pounds"
        )
    return pence.astype(np.int64)


def to_pounds(pence: IntArray) -> FloatArray:
    """Return whole pence in GBP.

    Examples
    --------
    >>> to_pounds(np.array([150, -1]))
    array([ 1.5 , -0.01])
    """
    return pence / 100.0


def round_together(shares: FloatArray, totals: IntArray) -> IntArray:
    """Round shares to whole pence that sum to their totals.

    By largest remainder: every share is rounded down, and the pence that are left go one by one to those
    who lost most; of equals to the first.

    Parameters
    ----------
    shares : ndarray, shape (agency, ...)
        Pence, summing to the totals but for rounding.
    totals : ndarray of int, shape (...)
        Whole pence.

    Returns
    -------
    ndarray of int, shape (agency, ...)
        Each within a penny of its share.

    Examples
    --------
    >>> thirds = np.full((3, 1), 100 / 3)
    >>> round_together(thirds, np.array([100])).T
    array([[34, 33, 33]])
    """
    down = np.floor(shares)
    lost = np.round(shares - down, _PLACES)
    whole = down.astype(np.int64)
    left = totals - whole.sum(axis=0)
    each, more = np.divmod(left, len(shares))
    for i, own in enumerate(lost):
        before = np.zeros(own.shape, dtype=np.int64)
        for j, other in enumerate(lost):
            before += (other > own) | ((other == own) & (j < i))
        whole[i] += each + (before < more)
    return whole
