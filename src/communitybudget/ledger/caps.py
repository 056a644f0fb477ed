"""Nobody can save more than is spent: claims capped, the excess shown as not deliverable."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Capped:
    """Claims on one budget line after the cap, real GBP.

    Parameters
    ----------
    deliverable : ndarray, shape (claim, year, draw)
        What can be saved.
    not_deliverable : ndarray, shape (claim, year, draw)
        What cannot; never negative.
    """

    deliverable: Array
    not_deliverable: Array


def cap_claims(claims: ArrayLike, ceiling: ArrayLike) -> Capped:
    """Cap the claims on one budget line of one agency by what is spent there.

    Parameters
    ----------
    claims : array_like, shape (claim, year, draw)
        Costs avoided as claimed; negative where an option costs more.
    ceiling : array_like, shape (year, draw) or what broadcasts to it
        What there is to save; nothing where it is negative.

    Returns
    -------
    Capped
        The two sum to the claims. Claims that exceed the ceiling together are cut in proportion;
        a negative claim stays as it is and makes no room for the others.

    Examples
    --------
    >>> capped = cap_claims([[[60.0]], [[40.0]], [[-5.0]]], [[50.0]])
    >>> capped.deliverable.ravel(), capped.not_deliverable.ravel()
    (array([30., 20., -5.]), array([30., 20.,  0.]))
    """
    claimed = np.asarray(claims, dtype=float)
    room = np.broadcast_to(np.maximum(np.asarray(ceiling, dtype=float), 0.0), claimed.shape[1:])
    positive = np.maximum(claimed, 0.0)
    total = positive.sum(axis=0)
    over = total > room
    share = np.divide(room, total, out=np.ones_like(total), where=over)
    excess = np.where(over, positive * (1 - share), 0.0)
    return Capped(claimed - excess, excess)
