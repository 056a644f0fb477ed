"""Time spent in a state: how long people stay, and the hazard of leaving by time so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from communitybudget._core.errors import TransitionError
from communitybudget.simulation.survival import (
    further_stay,
    log_survival,
    mean_stay,
    piecewise_faults,
    piecewise_numbers,
)

Array = NDArray[np.float64]

_FEW = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Sojourn:
    """A distribution of the time spent in a state, made by one of its constructors.

    Parameters may be numbers or arrays (D,) over draws; what is returned then has the draws last.

    Parameters
    ----------
    form : str
        Name of the constructor.
    numbers : tuple of ndarray
        Its parameters.

    Examples
    --------
    Child protection plans that ended in 2024-25 in England, by how long they had lasted:

    >>> plan = Sojourn.piecewise([3, 6, 12, 24], [0.159, 0.110, 0.435, 0.252, 0.044])
    >>> plan.survival([3, 6, 12, 24]).round(3)
    array([0.841, 0.731, 0.296, 0.044])
    >>> [(first, last, round(float(rate), 4)) for first, last, rate in plan.bands()[:4]]
    [(0.0, 3.0, 0.0577), (3.0, 6.0, 0.0467), (6.0, 12.0, 0.1507), (12.0, 24.0, 0.1588)]
    """

    form: str
    numbers: tuple[Array, ...]

    @classmethod
    def exponential(cls, mean: ArrayLike) -> "Sojourn":
        """Leaving at one rate, 1 / mean, whatever the time so far."""
        return cls("exponential", _positive(mean=mean))

    @classmethod
    def weibull(cls, shape: ArrayLike, scale: ArrayLike) -> "Sojourn":
        """S(t) = exp(-(t / scale)^shape): the hazard rises where the shape is above 1, falls below."""
        return cls("weibull", _positive(shape=shape, scale=scale))

    @classmethod
    def gamma(cls, shape: ArrayLike, scale: ArrayLike) -> "Sojourn":
        """Gamma with mean shape times scale: for a whole shape, that many stages one after another."""
        return cls("gamma", _positive(shape=shape, scale=scale))

    @classmethod
    def lognormal(cls, mu: ArrayLike, sigma: ArrayLike) -> "Sojourn":
        """Log time is normal with mean mu and standard deviation sigma; exp(mu) is the median."""
        return cls("lognormal", (np.asarray(mu, dtype=float), *_positive(sigma=sigma)))

    @classmethod
    def log_logistic(cls, shape: ArrayLike, scale: ArrayLike) -> "Sojourn":
        """S(t) = 1 / (1 + (t / scale)^shape); the scale is the median."""
        return cls("log_logistic", _positive(shape=shape, scale=scale))

    @classmethod
    def gompertz(cls, shape: ArrayLike, rate: ArrayLike) -> "Sojourn":
        """Hazard rate times exp(shape t); with a shape below 0 some never leave."""
        return cls("gompertz", (np.asarray(shape, dtype=float), *_positive(rate=rate)))

    @classmethod
    def piecewise(cls, ends: ArrayLike, shares: ArrayLike) -> "Sojourn":
        """One rate in each band of time, from the published shares of endings by band.

        Parameters
        ----------
        ends : array_like, shape (K,)
            Upper ends of the bands, ascending; the first band begins at 0.
        shares : array_like, shape (K + 1,) or (K,), or with draws (..., D)
            Share of endings in each band; they sum to one (to 0.005 for printed rounding, then rescaled).
            With K + 1 the last band is open, and the rate of the band before it goes on. With K it is
            closed: endings spread evenly over it and nobody stays beyond.

        Raises
        ------
        TransitionError
            If ends do not ascend from above 0, shares are negative or do not sum to one, or their number
            does not fit.
        """
        bounds, share = np.asarray(ends, dtype=float), np.asarray(shares, dtype=float)
        faults = piecewise_faults(bounds, share)
        if faults:
            raise TransitionError("\n".join(faults))
        return cls("piecewise", piecewise_numbers(bounds, share))

    def survival(self, t: ArrayLike) -> Array:
        """Return the share still there after a time.

        Parameters
        ----------
        t : array_like, shape (...)
            From 0 on. Broadcasts with the draws: give (T, 1) for times by draws (T, D).
        """
        return np.asarray(np.exp(self._log_survival(t)))

    def hazard(self, start: ArrayLike, end: ArrayLike) -> Array:
        """Return the hazard gathered between two times since entry, -log(S(end) / S(start)).

        Divided by the time between, it is the mean rate of leaving; infinite where nobody stays. Arguments
        broadcast as in `survival`.
        """
        before, after = self._log_survival(start), self._log_survival(end)
        with np.errstate(invalid="ignore"):
            return np.asarray(np.where(np.isneginf(after), np.inf, before - after))

    def cycle_hazards(self, cycles: int, length: float = 1.0) -> Array:
        """Return the hazard of leaving in each cycle since entry.

        Parameters
        ----------
        cycles : int
            How many.
        length : float
            Of a cycle, in the unit of the sojourn.

        Returns
        -------
        ndarray, shape (cycles,) or (cycles, D)
            Per cycle: 1 - exp(-hazard) of those there at its start leave in it.

        Examples
        --------
        >>> Sojourn.weibull(shape=2, scale=10).cycle_hazards(3)
        array([0.01, 0.03, 0.05])
        """
        edges = np.arange(cycles + 1) * length
        column = edges[:, None] if self._per_draw else edges
        return self.hazard(column[:-1], column[1:])

    def bands(self, ends: Sequence[float] | None = None) -> list[tuple[float, float, Array]]:
        """Return the sojourn as bands of time with one rate each, exact at the ends of the bands.

        Parameters
        ----------
        ends : sequence of float, optional
            Upper ends, ascending; those of the statistics if omitted, which only ``piecewise`` has.

        Returns
        -------
        list of (float, float, ndarray)
            From (included), to (excluded), rate, shape () or (D,). The last band is open (to infinity): those
            still there stay their mean further time.

        Raises
        ------
        TransitionError
            If ends are needed and missing or do not ascend, or if the mean further stay beyond the last one
            is infinite or nobody to speak of (less than one in a million) gets there.

        Examples
        --------
        >>> bands = Sojourn.weibull(shape=0.5, scale=10).bands([6, 24])
        >>> [(first, last, round(float(rate), 4)) for first, last, rate in bands]
        [(0.0, 6.0, 0.1291), (6.0, 24.0, 0.0430), (24.0, inf, 0.0197)]
        """
        if ends is None and self.form == "piecewise":
            limits, rates = self.numbers
            edges = [0.0, *limits.tolist()][: len(rates)]
            return list(zip(edges, [*edges[1:], np.inf], rates, strict=True))
        limits = np.asarray([] if ends is None else ends, dtype=float)
        if not limits.size or not (np.diff(limits, prepend=0.0) > 0).all():
            raise TransitionError("the ends of the bands do not ascend from above 0; give their upper ends")
        last = float(limits[-1])
        with np.errstate(divide="ignore", invalid="ignore"):
            stay = further_stay(self.form, self.numbers, last)
        if (self.survival(last) < _FEW).any() or not np.isfinite(stay).all():
            raise TransitionError(
                f"beyond {last:g} nobody to speak of stays, or the mean stay is infinite, so that the "
                "open band has no rate; end the last band earlier, or take cycle_hazards"
            )
        edges = [0.0, *limits.tolist()]
        closed = [(a, b, self.hazard(a, b) / (b - a)) for a, b in pairwise(edges)]
        return [*closed, (last, np.inf, 1 / stay)]

    @property
    def mean(self) -> Array:
        """Mean stay, shape () or (D,); infinite where the tail is too long or some never leave."""
        return mean_stay(self.form, self.numbers)

    @property
    def _per_draw(self) -> bool:
        if self.form == "piecewise":
            return self.numbers[1].ndim > 1
        return any(number.ndim for number in self.numbers)

    def _log_survival(self, t: ArrayLike) -> Array:
        return log_survival(self.form, self.numbers, np.asarray(t, dtype=float))


def _positive(**numbers: ArrayLike) -> tuple[Array, ...]:
    arrays = {name: np.asarray(value, dtype=float) for name, value in numbers.items()}
    faults = [
        f"the {name} of the sojourn is not above 0; give a positive number"
        for name, value in arrays.items()
        if not (np.isfinite(value) & (value > 0)).all()
    ]
    if faults:
        raise TransitionError("\n".join(faults))
    return tuple(arrays.values())
