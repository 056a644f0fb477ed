"""The outcome chain: from a population to net outcomes by year, in natural units."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from communitybudget._core.results import result

Array = NDArray[np.float64]

CHAIN_LINKS: tuple[str, ...] = (
    "incidence",
    "engagement",
    "retention",
    "impact",
    "deadweight",
    "displacement",
    "leakage",
    "substitution",
    "attribution",
    "optimism_bias",
)
"""In the order in which they are applied."""

TAKEN_OFF: tuple[str, ...] = ("deadweight", "displacement", "leakage", "substitution", "optimism_bias")
"""Links that are the share lost; the others are the share kept."""


@result
@dataclass(frozen=True, eq=False)
class OutcomeChain:
    """An outcome chain, link by link.

    Parameters
    ----------
    population : ndarray, shape (draw,)
        People or families reached.
    links : tuple of str
        As `CHAIN_LINKS`, L of them.
    remaining : ndarray, shape (link, draw)
        Outcomes left after each link; the last row is the net outcomes.
    """

    population: Array
    links: tuple[str, ...]
    remaining: Array

    @property
    def net(self) -> Array:
        """Net outcomes, shape (draw,)."""
        return np.asarray(self.remaining[-1])


def outcome_chain(population: ArrayLike, draws: int = 1, **links: ArrayLike) -> OutcomeChain:
    """Multiply an outcome chain.

    Parameters
    ----------
    population : array_like, scalar or shape (draw,)
        People or families reached; never rounded.
    draws : int
        Number of draws.
    **links : array_like, scalar or shape (draw,)
        Of `CHAIN_LINKS`. Shares kept: ``incidence`` (are in need), ``engagement``, ``retention``,
        ``impact`` (reach the outcome), ``attribution`` (this programme's part). Shares taken off:
        ``deadweight`` (would have happened anyway), ``displacement``, ``leakage``,
        ``substitution``, ``optimism_bias``. One that is not given changes nothing.

    Returns
    -------
    OutcomeChain

    Raises
    ------
    ValueError
        With every link that is unknown or outside 0 to 1.

    Examples
    --------
    >>> chain = outcome_chain(100, engagement=0.75, impact=0.2, deadweight=0.25, optimism_bias=0.15)
    >>> round(float(chain.net[0]), 4)
    9.5625
    """
    faults = [f"'{name}' is no link of an outcome chain" for name in links if name not in CHAIN_LINKS]
    shares = {name: np.asarray(value, dtype=float) for name, value in links.items()}
    faults += [
        f"{name} lies outside 0 to 1"
        for name, value in shares.items()
        if not ((value >= 0) & (value <= 1)).all()
    ]
    if not (np.asarray(population, dtype=float) >= 0).all():
        faults.append("the population is negative")
    if faults:
        raise ValueError("; ".join(faults))
    reached = np.broadcast_to(np.asarray(population, dtype=float), (draws,)).copy()
    remaining = np.empty((len(CHAIN_LINKS), draws))
    left = reached
    for i, name in enumerate(CHAIN_LINKS):
        share = shares.get(name, np.asarray(1.0 if name not in TAKEN_OFF else 0.0))
        left = left * (1 - share if name in TAKEN_OFF else share)
        remaining[i] = left
    return OutcomeChain(reached, CHAIN_LINKS, remaining)


def spread_outcomes(
    joining: ArrayLike, phasing: Sequence[float], lag_months: int = 0, drop_off: ArrayLike = 0.0
) -> Array:
    """Return what one outcome a person joining comes to in each year.

    Parameters
    ----------
    joining : array_like, shape (year,)
        Share of the population that joins in each year, counted from its start.
    phasing : sequence of float
        Share of the outcome's yearly value that falls in the first, second, ... year after the lag.
    lag_months : int
        From joining to the outcome; a part of a year is shared between two years.
    drop_off : array_like, scalar or shape (draw,)
        Share of the outcomes lost each year after the first.

    Returns
    -------
    ndarray, shape (year, draw), draw of length 1 where the drop-off is a number
        What falls after the last year is left out.

    Raises
    ------
    ValueError
        If there is no phasing, one is negative, the lag is negative or the drop-off lies outside 0 to 1.

    Examples
    --------
    >>> spread_outcomes([1, 0, 0, 0], [0.5, 1.0], lag_months=12)[:, 0]
    array([0. , 0.5, 1. , 0. ])
    """
    people = np.asarray(joining, dtype=float)
    lost = np.atleast_1d(np.asarray(drop_off, dtype=float))
    if not phasing or min(phasing) < 0:
        raise ValueError("phasing holds no share or a negative one; give a share for each year, such as [1]")
    if lag_months < 0:
        raise ValueError(f"a lag of {lag_months} months is in the past; give 0 or more")
    if not ((lost >= 0) & (lost <= 1)).all():
        raise ValueError("the drop-off lies outside 0 to 1; write 10% a year as 0.1")
    years, part = divmod(lag_months, 12)
    since_joining = np.zeros((len(people), len(lost)))
    for k, share in enumerate(phasing):
        kept = share * (1 - lost) ** k
        for year, weight in ((years + k, 1 - part / 12), (years + k + 1, part / 12)):
            if year < len(people):
                since_joining[year] += weight * kept
    spread = np.zeros_like(since_joining)
    for year, joined in enumerate(people):
        spread[year:] += joined * since_joining[: len(people) - year]
    return spread
