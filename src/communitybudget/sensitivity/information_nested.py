"""The value of information by two levels of draws, to check the regressions by."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from communitybudget._core.streams import stream
from communitybudget.sensitivity.draws import FloatArray, as_net_benefit
from communitybudget.sensitivity.information_value import InformationValue

Known = Callable[[np.random.Generator, int], npt.ArrayLike]
Rest = Callable[[np.random.Generator, FloatArray, int], npt.ArrayLike]


def nested_evppi(
    net_benefit: Callable[[FloatArray, FloatArray], npt.ArrayLike],
    known: Known,
    rest: Rest,
    *,
    outer: int = 1_000,
    inner: int = 1_000,
    seed: int = 0,
    names: tuple[str, ...] = (),
) -> InformationValue:
    """Return the expected value of partial perfect information by two-level Monte Carlo.

    It needs the model itself and ``outer`` times ``inner`` runs of it, but no regression.

    Parameters
    ----------
    net_benefit : callable
        Takes what is known (draw, known input) and the rest (draw, other input); returns GBP by draw and
        option.
    known : callable
        Takes a generator and a number; returns so many draws of what would be known (draw, known input).
    rest : callable
        Takes a generator, one draw of what is known (known input,) and a number; returns so many draws of
        the other inputs given it (draw, other input).
    outer, inner : int, default 1,000
        Number of draws of what is known, and of the rest for each of them; ``inner`` is even.
    seed : int, default 0
        Seed of the draws.
    names : tuple of str, optional
        The inputs that would be known.

    Returns
    -------
    InformationValue
        ``draws`` are those of what is known. ``value`` and ``in_sample`` are the usual estimate, too high on
        average: the best of several noisy means flatters itself, in proportion to one over ``inner``.
        ``left_out`` chooses by one half of the inner draws and values by the other, and is too low.

    Raises
    ------
    ValueError
        If ``outer`` is below 2 or ``inner`` is not an even number from 2 on.

    Notes
    -----
    Source: A. Brennan, S. Kharroubi, A. O'Hagan and J. Chilcott, "Calculating partial expected value of
    perfect information via Monte Carlo sampling algorithms", Medical Decision Making 27 (2007).

    Examples
    --------
    >>> nested_evppi(
    ...     lambda known, rest: np.concatenate([0 * known, 1 + known - rest], axis=1),
    ...     lambda random, count: random.normal(size=(count, 1)),
    ...     lambda random, known, count: random.normal(0, 2, size=(count, 1)),
    ...     names=("p1",),
    ... )
    InformationValue(0.0934 GBP, standard_error=0.0086, inputs=1, method=nested, draws=1000)
    """
    if outer < 2 or inner < 2 or inner % 2:
        raise ValueError(
            f"there are {outer} outer and {inner} inner draws; give 2 or more, "
            "and an even number of inner draws"
        )
    random = stream(seed, "nested_evppi")
    firsts, seconds, products, perfect = [], [], [], 0.0
    for value in np.asarray(known(random, outer), dtype=np.float64):
        others = np.asarray(rest(random, value, inner), dtype=np.float64)
        benefit = as_net_benefit(net_benefit(np.tile(value, (inner, 1)), others))
        firsts.append(benefit[: inner // 2].mean(axis=0))
        seconds.append(benefit[inner // 2 :].mean(axis=0))
        perfect += float(benefit.max(axis=1).mean()) / outer
        products.append(benefit.T @ benefit / inner)
    halves = np.stack([firsts, seconds])
    means = halves.mean(axis=0)
    now = means.mean(axis=0)
    best = int(now.argmax())
    gain = means.max(axis=1) - means[:, best]
    row = np.arange(outer)
    crossed = (halves[1][row, halves[0].argmax(axis=1)] + halves[0][row, halves[1].argmax(axis=1)]) / 2
    spread = np.mean(products, axis=0) - np.outer(now, now)
    return InformationValue(
        value=float(gain.mean()),
        standard_error=float(gain.std(ddof=1)) / float(np.sqrt(outer)),
        of=names,
        entered=names,
        method="nested",
        draws=outer,
        options=means.shape[1],
        explained=_explained(halves, spread, best),
        evpi=perfect - float(now[best]),
        in_sample=float(gain.mean()),
        left_out=float(crossed.mean()) - float(now[best]),
    )


def _explained(halves: FloatArray, spread: FloatArray, best: int) -> tuple[float, ...]:
    """Return the share of the variance of each other option's gain over the best that is known.

    The covariance of the two halves' means is free of the noise of the inner draws.
    """
    first, second = (
        halves - halves[:, :, [best]] - (halves - halves[:, :, [best]]).mean(axis=1, keepdims=True)
    )
    known = np.mean(first * second, axis=0)
    total = spread.diagonal() - 2 * spread[best] + spread[best, best]
    others = [i for i in range(total.size) if i != best]
    return tuple(float(np.clip(known[i] / total[i], 0.0, 1.0)) if total[i] > 0 else 0.0 for i in others)
