"""Survival in a state in closed form, by the form of its sojourn."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_ROUNDING = 0.005
_UNDERFLOW = 1e-280
_NODES = 64


def log_survival(form: str, numbers: tuple[Array, ...], t: Array) -> Array:
    """Return the logarithm of the share still there at a time; minus infinity where nobody is."""
    from scipy.special import log_ndtr

    with np.errstate(divide="ignore", over="ignore"):
        match form:
            case "exponential":
                return np.asarray(-t / numbers[0])
            case "weibull":
                return np.asarray(-((t / numbers[1]) ** numbers[0]))
            case "gamma":
                return _log_gamma_survival(numbers[0], t / numbers[1])
            case "lognormal":
                return np.asarray(log_ndtr((numbers[0] - np.log(t)) / numbers[1]))
            case "log_logistic":
                return np.asarray(-np.log1p((t / numbers[1]) ** numbers[0]))
            case "gompertz":
                return np.asarray(-numbers[1] * t * _relative_growth(numbers[0] * t))
            case _:
                return _piecewise_log_survival(numbers[0], numbers[1], t)


def mean_stay(form: str, numbers: tuple[Array, ...]) -> Array:
    """Return the mean stay; infinite where the tail is too long or some never leave."""
    from scipy.special import gamma, hyperu

    first, second = numbers[0], numbers[-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        match form:
            case "exponential":
                return first
            case "weibull":
                return np.asarray(second * gamma(1 + 1 / first))
            case "gamma":
                return np.asarray(first * second)
            case "lognormal":
                return np.asarray(np.exp(first + second**2 / 2))
            case "log_logistic":
                angle = np.pi / first
                return np.asarray(np.where(first > 1, second * angle / np.sin(angle), np.inf))
            case "gompertz":
                # the exponential integral without its overflow
                rising = hyperu(1, 1, second / np.where(first > 0, first, 1.0)) / first
                return np.asarray(np.where(first > 0, rising, np.where(first == 0, 1 / second, np.inf)))
            case _:
                return _piecewise_mean(*numbers)


def further_stay(form: str, numbers: tuple[Array, ...], t: float) -> Array:
    """Return the mean further stay of those still there at a time."""
    if form == "piecewise":
        ends, rates = numbers
        before = np.searchsorted(ends, t, side="right")
        if rates.shape[0] > before:
            later = (ends[before:] - t, rates[before:])
            return _piecewise_mean(*later)
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    # a cubic grid, since the hazard of some forms is infinite at entry
    u = (nodes + 1) / 2
    passed = np.zeros(())
    for place, weight in zip(u, weights / 2, strict=True):
        there = np.exp(log_survival(form, numbers, np.asarray(t * place**3)))
        passed = passed + weight * 3 * t * place**2 * there
    return np.asarray(
        (mean_stay(form, numbers) - passed) / np.exp(log_survival(form, numbers, np.asarray(t)))
    )


def piecewise_faults(ends: Array, shares: Array) -> list[str]:
    """Return what keeps bands and shares of endings from being a sojourn."""
    faults = []
    if ends.ndim != 1 or not ends.size or not (np.diff(ends, prepend=0.0) > 0).all():
        faults.append("the ends of the bands do not ascend from above 0; give the upper end of each band")
    if shares.ndim not in (1, 2) or shares.shape[0] not in (ends.size, ends.size + 1):
        faults.append(
            f"{shares.shape[0] if shares.ndim else 1} shares do not fit {ends.size} ends; give one for each "
            "band, and one more if the last is open"
        )
        return faults
    if not (np.isfinite(shares) & (shares >= 0)).all():
        faults.append("a share of endings is negative or not a number; give shares from 0 to 1")
    elif np.abs(shares.sum(axis=0) - 1).max() > _ROUNDING:
        faults.append(
            f"the shares of endings sum to {shares.sum(axis=0).flat[0]:.4g} and not to 1; add what is missing"
        )
    elif (shares[-1] == 0).any():
        faults.append("nobody ends in the last band; leave it out")
    return faults


def piecewise_numbers(ends: Array, shares: Array) -> tuple[Array, Array]:
    """Return the ends and the rate of each band, the last one for the open or closed band."""
    share = shares / shares.sum(axis=0)
    widths = np.diff(ends, prepend=0.0).reshape(-1, *(1,) * (share.ndim - 1))
    # what remains is summed from the end, so that nothing is lost where little does
    remains = np.cumsum(share[::-1], axis=0)[::-1]
    rates = np.log(remains[:-1] / remains[1:]) / widths[: len(remains) - 1]
    if len(share) > ends.size:
        return ends, np.concatenate([rates, rates[-1:]])
    # the constant rate with the mean stay of endings spread evenly over the closed band
    return ends, np.concatenate([rates, np.broadcast_to(2 / widths[-1], (1, *share.shape[1:]))])


def _piecewise_log_survival(ends: Array, rates: Array, t: Array) -> Array:
    passed = np.zeros(np.broadcast_shapes(t.shape, rates.shape[1:]))
    begins = np.concatenate([[0.0], ends])[: len(rates)]
    for band, begin in enumerate(begins):
        closed = band == len(rates) - 1 and len(rates) == ends.size
        width = ends[band] - begin if band < ends.size else np.inf
        inside = np.clip(t - begin, 0.0, width)
        passed = passed + (-np.log1p(-inside / width) if closed else rates[band] * inside)
    return -passed


def _piecewise_mean(ends: Array, rates: Array) -> Array:
    begins = np.concatenate([[0.0], ends])[: len(rates)]
    there, total = np.ones(rates.shape[1:]), np.zeros(rates.shape[1:])
    for band, begin in enumerate(begins):
        if band == len(rates) - 1:
            with np.errstate(divide="ignore"):
                return np.asarray(total + there / rates[band])
        width = ends[band] - begin
        total = total + there * width * _relative_growth(-rates[band] * width)
        there = there * np.exp(-rates[band] * width)
    return total


def _relative_growth(x: Array) -> Array:
    """Return (exp(x) - 1) / x, which is 1 at 0."""
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(np.where(x == 0, 1.0, np.expm1(x) / x))


def _log_gamma_survival(shape: Array, x: Array) -> Array:
    from scipy.special import gammaincc, gammaln

    upper = gammaincc(shape, x)
    # where that is too small a number it is x^(shape - 1) exp(-x) times the mean of (1 + u / x)^(shape - 1)
    # over an exponential u, by Gauss-Laguerre quadrature
    tail = np.maximum(x, 1.0)
    mean = np.zeros(())
    for place, weight in zip(*np.polynomial.laguerre.laggauss(_NODES), strict=True):
        mean = mean + weight * (1 + place / tail) ** (shape - 1)
    far = (shape - 1) * np.log(tail) - tail + np.log(mean) - gammaln(shape)
    return np.asarray(np.where(upper > _UNDERFLOW, np.log(np.maximum(upper, _UNDERFLOW)), far))
