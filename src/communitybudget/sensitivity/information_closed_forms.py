"""Values of information that need no draws: normal net benefit, and a beta prior with binomial data."""

import math

import numpy as np
import numpy.typing as npt

from communitybudget.sensitivity.draws import as_draws

_FURTHEST = 40.0
"""Standard deviations beyond which the loss is too small for a floating-point number."""


def unit_normal_loss(distance: float) -> float:
    """Return the mean of what a standard normal number is above ``distance``.

    Parameters
    ----------
    distance : float
        In standard deviations.

    Returns
    -------
    float
        ``pdf(distance) - distance * (1 - cdf(distance))``.

    Notes
    -----
    Source: H. Raiffa and R. Schlaifer, Applied Statistical Decision Theory (1961), section 5.6.

    Examples
    --------
    >>> round(unit_normal_loss(0.0), 4), round(unit_normal_loss(1.0), 4)
    (0.3989, 0.0833)
    """
    if distance > _FURTHEST:
        return 0.0
    density = math.exp(-distance * distance / 2) / math.sqrt(2 * math.pi)
    return density - distance * math.erfc(distance / math.sqrt(2)) / 2


def normal_information_value(mean: float, sd: float) -> float:
    """Return what information is worth when it moves a normal net benefit.

    Two options, one of which is worth 0. What is expected of the other will, once the information is in, be
    normal about its present mean.

    Parameters
    ----------
    mean : float
        Expected net benefit of the one over the other now, GBP.
    sd : float
        Standard deviation of what will be expected once the information is in, GBP. For perfect information
        that of the net benefit itself, for an input that of its part, for a study that of the mean after it.

    Returns
    -------
    float
        GBP: ``sd`` times the unit normal loss at ``|mean| / sd``.

    Raises
    ------
    ValueError
        If ``sd`` is negative.

    Notes
    -----
    Derived in ``docs/methods/evsi.md``. Source: as for `unit_normal_loss`.

    Examples
    --------
    >>> round(normal_information_value(1.0, math.sqrt(5)), 4)
    0.4798
    """
    if not sd >= 0:
        raise ValueError(f"sd is {sd}; give a standard deviation, 0 or more")
    return sd * unit_normal_loss(abs(mean) / sd) if sd > 0 else 0.0


def beta_binomial_evsi(
    fixed: npt.ArrayLike, per_share: npt.ArrayLike, prior: tuple[float, float], families: int
) -> float:
    """Return exactly what a study of an event is worth, by adding up all its results.

    The net benefit of each option is a straight line in the share of families with the event, of which a beta
    distribution is believed.

    Parameters
    ----------
    fixed : array_like, shape (option,)
        Net benefit of each option where no family has the event, GBP.
    per_share : array_like, shape (option,)
        What is added where every family has it, GBP.
    prior : tuple of two float
        The beta distribution: as if so many families with the event and so many without had been seen.
    families : int
        Families in the study.

    Returns
    -------
    float
        GBP.

    Raises
    ------
    ValueError
        If the options differ in number, the prior is not above 0, or ``families`` is negative.

    Notes
    -----
    ``y`` events of ``n`` families have beta-binomial probability, and leave a mean share of
    ``(a + y) / (a + b + n)``. Source: as for `unit_normal_loss`, section 7.3.

    Examples
    --------
    >>> round(beta_binomial_evsi([0, -0.5], [0, 1], (1, 1), 1), 6)  # (0 + 2/3 - 1/2) / 2
    0.083333
    """
    from scipy.stats import betabinom

    start, slope = as_draws(fixed, "fixed"), as_draws(per_share, "per_share")
    if start.ndim != 1 or start.shape != slope.shape:
        raise ValueError(f"fixed has shape {start.shape} and per_share {slope.shape}; give (option,) both")
    if min(prior) <= 0 or families < 0:
        raise ValueError(
            f"the prior is {prior} with {families} families; give a prior above 0 and 0 or more families"
        )
    events = np.arange(families + 1)
    probability = betabinom.pmf(events, families, *prior)
    expected = start + np.outer((prior[0] + events) / (sum(prior) + families), slope)
    known = start + slope * prior[0] / sum(prior)
    return max(float(probability @ expected.max(axis=1) - known.max()), 0.0)
