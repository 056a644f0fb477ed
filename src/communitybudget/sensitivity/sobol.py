"""Sobol' indices of a function: first and total order, by input or group, with bootstrap intervals."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from communitybudget._core.streams import stream
from communitybudget.sensitivity.draws import FloatArray, as_draws, constant
from communitybudget.sensitivity.sobol_designs import (
    CHUNK,
    Function,
    Marginal,
    Progress,
    input_groups,
    inverses,
    named_outcomes,
    run_in_pieces,
    sobol_sample,
)
from communitybudget.sensitivity.sobol_results import Estimates, SobolIndices

_AT_ONCE = 2**22
"""Weights held at once in the bootstrap: 32 MB."""


def sobol_indices(
    function: Function,
    distributions: Mapping[str, Marginal] | Sequence[str],
    n: int,
    seed: int = 1,
    *,
    groups: Mapping[str, str] | None = None,
    correlated: Collection[str] = (),
    order: Literal[1, 2] = 1,
    resamples: int = 1_000,
    confidence: float = 0.95,
    outcomes: Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None,
    chunk: int = CHUNK,
    progress: Progress | None = None,
    price_base: str = "",
    set_version: str = "",
) -> SobolIndices:
    """Return how much of the variance of an outcome each input answers for, alone and in all.

    Parameters
    ----------
    function : callable
        Takes the inputs, shape (run, input), and returns outcomes, shape (run,) or (run, outcome): several
        at once, such as the net benefit of each agency. A row of outcomes depends on its row of inputs
        alone.
    distributions : mapping of str to distribution, or sequence of str
        Name of each input and its distribution, any object with ``ppf``; or names alone, where the
        function takes uniforms between 0 and 1.
    n : int
        Rows of the sample, a power of 2; the function is run ``n (groups + 2)`` times.
    seed : int
        A whole number from 0.
    groups : mapping of str to str, optional
        Input name to group name. The inputs of a group are varied together and have one index, the
        closed one: what they answer for alone and with each other. Inputs not named stand alone.
    correlated : collection of str
        Inputs that the function makes dependent on each other; they have to be in one group.
    order : {1, 2}
        2 adds the interactions of each pair; they need no more runs.
    resamples : int
        Of the bootstrap, at least 100.
    confidence : float
        Of the intervals, between 0 and 1.
    outcomes : sequence of str, optional
        Printable names of the outcomes.
    labels : mapping of str to str, optional
        Printable names of inputs or groups.
    chunk : int
        Runs at once; the result does not depend on it.
    progress : callable, optional
        Called with runs done and runs in all.
    price_base, set_version : str
        To print under the result, where the outcome is money of a case.

    Returns
    -------
    SobolIndices

    Raises
    ------
    ValueError
        If correlated inputs stand apart, ``n`` is not a power of 2, or names or shapes do not fit.

    Notes
    -----
    From a scrambled Sobol' sample of twice as many columns as inputs, whose halves are A and B; in AB the
    inputs of one group are those of B and all others those of A. First order: mean of
    ``f(B) (f(AB) - f(A))`` over the variance; total: half the mean of ``(f(A) - f(AB))^2`` over the
    variance. Outcomes are centred beforehand. Source: A. Saltelli and others, "Variance based sensitivity
    analysis of model output", Computer Physics Communications 181 (2010), table 2 (b) and (f); the latter
    is M. J. W. Jansen, "Analysis of variance designs for model output" (1999). Interactions of a pair: mean
    of ``(f(AB) - f(A)) (f(AB') - f(A))`` over the variance, which is total + total' - total of both, the
    superset importance of R. Liu and A. B. Owen, "Estimating mean dimensionality of analysis of variance
    decompositions" (2006).

    The columns of the sample go to the inputs by the order of their names, so that the order in which the
    inputs are given changes nothing. An input that does nothing has a total index of exactly 0.

    Examples
    --------
    >>> found = sobol_indices(lambda u: 3 * u[:, 0] + 4 * u[:, 1], ["cost", "reach"], n=1024)
    >>> found.to_frame()[["input", "total"]].round(2).values.tolist()
    [['reach', 0.64], ['cost', 0.36]]
    """
    names, values = inverses(distributions)
    split = input_groups(names, groups, correlated)
    points = sobol_sample(n, 2 * len(names), seed)
    columns = split.sorted_positions
    a, b = points[:, columns], points[:, len(names) + columns]
    group = np.arange(len(split.groups))[:, np.newaxis]
    from_b = np.concatenate(
        [np.zeros((1, len(names)), dtype=bool), np.ones((1, len(names)), dtype=bool), split.owner == group]
    )

    def points_of(rows: npt.NDArray[np.int_]) -> FloatArray:
        matrix, row = np.divmod(rows, n)
        return np.where(from_b[matrix], b[row], a[row])

    found = run_in_pieces(lambda u: function(values(u)), points_of, n * len(from_b), chunk, progress)
    found = found.reshape(len(from_b), n, -1)
    return sobol_from_outcomes(
        found[0],
        found[1],
        found[2:],
        split.groups,
        seed,
        sizes=split.sizes,
        order=order,
        resamples=resamples,
        confidence=confidence,
        outcomes=outcomes,
        labels=labels,
        price_base=price_base,
        set_version=set_version,
    )


def sobol_from_outcomes(
    base: npt.ArrayLike,
    other: npt.ArrayLike,
    exchanged: npt.ArrayLike,
    inputs: Sequence[str],
    seed: int = 1,
    *,
    sizes: Sequence[int] | None = None,
    order: Literal[1, 2] = 1,
    resamples: int = 1_000,
    confidence: float = 0.95,
    outcomes: Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None,
    price_base: str = "",
    set_version: str = "",
) -> SobolIndices:
    """Return Sobol' indices from outcomes that were run elsewhere.

    Parameters
    ----------
    base, other : array_like, shape (draw,) or (draw, outcome)
        Outcomes of two independent samples of all inputs, A and B.
    exchanged : array_like, shape (group, draw) or (group, draw, outcome)
        Outcomes of A with one input, or group of inputs, taken from B.
    inputs : sequence of str
        Name of each group.
    seed : int
        Of the bootstrap.
    sizes : sequence of int, optional
        How many inputs each group holds; 1 unless given.
    order, resamples, confidence, outcomes, labels, price_base, set_version
        As in `sobol_indices`.

    Returns
    -------
    SobolIndices

    Raises
    ------
    ValueError
        If shapes do not fit, a value is not finite, or there are fewer than 4 draws or 100 resamples.

    Notes
    -----
    The bootstrap draws rows with replacement, the same rows for all inputs, and takes percentiles. Its
    errors are those of independent rows; with a Sobol' sample they are usually too large, seldom too small.
    Rows are put into an order of their own first, so that their order in the sample changes nothing.

    Examples
    --------
    >>> u = np.random.default_rng(1).random((2, 500, 2))
    >>> swapped = [np.column_stack([u[1, :, 0], u[0, :, 1]]), np.column_stack([u[0, :, 0], u[1, :, 1]])]
    >>> found = sobol_from_outcomes(*u[..., 0], [x[:, 0] for x in swapped], ["used", "idle"])
    >>> float(found.total.value[1, 0])
    0.0
    """
    f_a, f_b, f_ab = _checked(base, other, exchanged, len(inputs))
    if resamples < 100:
        raise ValueError(f"resamples is {resamples}; an interval needs at least 100")
    if order not in (1, 2):
        raise ValueError(f"order is {order}; use 1, or 2 for the interactions of pairs as well")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; give a share between 0 and 1, such as 0.95")
    n, count = f_a.shape
    draw_order = np.lexsort([*f_ab.sum(axis=0).T, *f_b.T, *f_a.T])
    centre = f_a[draw_order].mean(axis=0) / 2 + f_b[draw_order].mean(axis=0) / 2
    varies = ~constant(np.concatenate([f_a, f_b]))
    f_a, f_b, f_ab = ((values - centre) * varies for values in (f_a, f_b, f_ab))
    half, _ = _ratios(_terms(f_a[: n // 2], f_b[: n // 2], f_ab[:, : n // 2], order).mean(axis=0))
    terms = _terms(f_a[draw_order], f_b[draw_order], f_ab[:, draw_order], order)
    value, variance = _ratios(terms.mean(axis=0))
    again = np.concatenate(list(_resampled(terms, resamples, seed)))
    error = again.std(axis=0, ddof=1)
    ends = [(1 - confidence) / 2, (1 + confidence) / 2]
    low, high = np.quantile(again, ends, axis=0)
    groups = len(inputs)
    first, total, pairs = (
        Estimates(*(part[rows] for part in (value, error, low, high, half)))
        for rows in (slice(groups), slice(groups, 2 * groups), slice(2 * groups, None))
    )
    rank_low, rank_high = np.quantile(
        _ranks(again[:, groups : 2 * groups]), ends, axis=0, method="inverted_cdf"
    )
    names = named_outcomes(count, outcomes)
    return SobolIndices(
        inputs=tuple(inputs),
        labels=tuple((labels or {}).get(name, name) for name in inputs),
        sizes=tuple(sizes) if sizes is not None else (1,) * len(inputs),
        outcomes=names,
        sd=np.sqrt(variance),
        first=first,
        total=total,
        rank=_ranks(total.value),
        rank_low=rank_low,
        rank_high=rank_high,
        n=n,
        resamples=resamples,
        confidence=confidence,
        seed=seed,
        price_base=price_base,
        set_version=set_version,
        interactions=pairs if order == 2 else None,
    )


def _checked(
    base: npt.ArrayLike, other: npt.ArrayLike, exchanged: npt.ArrayLike, groups: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the outcomes with an axis for outcomes, checked against each other."""
    f_a = as_draws(base, "base", least=4)
    f_b = as_draws(other, "other", least=4)
    f_ab = as_draws(exchanged, "exchanged")
    if f_a.ndim > 2 or f_b.shape != f_a.shape or f_ab.shape != (groups, *f_a.shape):
        raise ValueError(
            f"base has shape {f_a.shape}, other {f_b.shape} and exchanged {f_ab.shape} for {groups} inputs; "
            "give (draw, outcome), the same, and (input, draw, outcome)"
        )
    n = f_a.shape[0]
    return f_a.reshape(n, -1), f_b.reshape(n, -1), f_ab.reshape(groups, n, -1)


def _terms(f_a: FloatArray, f_b: FloatArray, f_ab: FloatArray, order: int) -> FloatArray:
    """Return what indices are means of, shape (draw, index + 2, outcome).

    By draw: what the first order of each group averages, the total of each, with ``order`` 2 the
    interaction of each pair, then mean outcome and mean square.
    """
    groups = len(f_ab)
    difference = np.moveaxis(f_ab, 0, 1) - f_a[:, np.newaxis]
    terms = [difference * f_b[:, np.newaxis], difference**2 / 2]
    if order == 2:
        one, other = np.triu_indices(groups, 1)
        terms.append(difference[:, one] * difference[:, other])
    means = np.stack([(f_a + f_b) / 2, (f_a**2 + f_b**2) / 2], axis=1)
    return np.concatenate([*terms, means], axis=1)


def _ratios(means: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the indices (..., index, outcome) and the variance (..., outcome) from mean terms."""
    variance = np.maximum(means[..., -1, :] - means[..., -2, :] ** 2, 0.0)
    over = np.where(variance > 0, variance, np.inf)[..., np.newaxis, :]
    return means[..., :-2, :] / over, variance


def _resampled(terms: FloatArray, resamples: int, seed: int) -> Iterator[FloatArray]:
    """Yield the indices of resampled rows, many resamples at once by one matrix product."""
    draws = terms.shape[0]
    flat = terms.reshape(draws, -1)
    random = stream(seed, "sobol_indices.bootstrap")
    at_once = max(1, _AT_ONCE // draws)
    for begin in range(0, resamples, at_once):
        some = min(at_once, resamples - begin)
        chosen = random.integers(draws, size=(some, draws)) + draws * np.arange(some)[:, np.newaxis]
        weights = np.bincount(chosen.ravel(), minlength=some * draws).reshape(some, draws)
        means = (weights / draws) @ flat
        yield _ratios(means.reshape(some, *terms.shape[1:]))[0]


def _ranks(total: FloatArray) -> npt.NDArray[np.int64]:
    """Return the place of each group, shape (..., group, outcome), 1 the largest; equal ones by position."""
    places: npt.NDArray[np.int64] = np.argsort(
        np.argsort(-total, axis=-2, kind="stable"), axis=-2, kind="stable"
    )
    return places.astype(np.int64) + 1
