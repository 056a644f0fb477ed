"""The value of information."""

import numpy as np
import numpy.typing as npt

from communitybudget.sensitivity.draws import as_draws


def evpi(net_benefit: npt.ArrayLike) -> float:
    """Return the expected value of perfect information.

    What it would be worth, on average, to know every uncertain input before choosing between the options.

    Parameters
    ----------
    net_benefit : array_like, shape (draw, option)
        Net benefit in GBP, larger is better. The options share their draws.

    Returns
    -------
    float
        GBP, never negative: the mean of the best option in each draw, minus the mean of the option that
        is best on average.

    Raises
    ------
    ValueError
        If the array has another shape, no draw or option, or a value that is not finite.

    Notes
    -----
    Source: H. Raiffa and R. Schlaifer, Applied Statistical Decision Theory (1961). With few draws the
    estimate is too high on average.

    Examples
    --------
    >>> evpi([[0, 10], [0, -6]])
    3.0
    """
    benefit = as_draws(net_benefit, "net_benefit")
    if benefit.ndim != 2 or benefit.shape[1] == 0:
        raise ValueError(f"net_benefit has shape {benefit.shape}; give (draw, option)")
    chosen = benefit[:, benefit.mean(axis=0).argmax()]
    return float(np.mean(benefit.max(axis=1) - chosen))
