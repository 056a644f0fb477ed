"""Sobol' indices with bootstrap intervals against scipy.stats, and nine agencies at once.

The same function of 30 inputs, the same rows and as many resamples in both. scipy's bootstrap is the one it
offers for indices: of rows, with bias-corrected and accelerated intervals.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from timing import Row, in_turn

from communitybudget.sensitivity import SobolIndices, sobol_from_outcomes, sobol_indices

Array = NDArray[np.float64]

INPUTS, N, RESAMPLES, AGENCIES = 30, 1024, 999, 9
NAMES = tuple(f"x{i:02d}" for i in range(INPUTS))
WEIGHTS = np.arange(1, INPUTS + 1) % 7 + np.arange(INPUTS) / INPUTS


def outcome(u: Array) -> Array:
    """Return a curved outcome with interactions from uniforms, shape (run, input)."""
    found: Array = u @ WEIGHTS + 5 * u[:, 0] * u[:, 1] + 3 * (u[:, 2] - 0.5) ** 2
    return found


def by_agency(u: Array) -> Array:
    """Return such an outcome for each of 9 agencies, shape (run, agency)."""
    return np.column_stack([outcome(np.roll(u, agency, axis=1)) for agency in range(AGENCIES)])


def ours() -> SobolIndices:
    return sobol_indices(outcome, NAMES, N, 1, resamples=RESAMPLES)


def scipys() -> tuple[Any, Any]:
    """Return scipy's indices and their bootstrap."""
    from scipy import stats

    found = stats.sobol_indices(
        func=lambda x: outcome(x.T), n=N, dists=[stats.uniform()] * INPUTS, rng=np.random.default_rng(1)
    )
    return found, found.bootstrap(n_resamples=RESAMPLES)


def check() -> None:
    """Raise where the two differ on the outcomes that scipy's sample gave."""
    theirs, bootstrap = scipys()
    # scipy keeps the outcomes under private names and has no public ones for them
    mine = sobol_from_outcomes(theirs._f_A[0], theirs._f_B[0], theirs._f_AB[:, 0], NAMES, resamples=RESAMPLES)
    for index, value, again in (
        (mine.first, theirs.first_order, bootstrap.first_order),
        (mine.total, theirs.total_order, bootstrap.total_order),
    ):
        worst = np.abs(index.value[:, 0] - value).max()
        if worst > 1e-9:
            raise ArithmeticError(f"our indices and scipy's differ by {worst:.1e}")
        ratio = float(np.median(index.standard_error[:, 0] / again.standard_error))
        if not 0.8 < ratio < 1.25:
            raise ArithmeticError(f"our errors are {ratio:.2f} times scipy's")


def run(runs: int) -> Iterator[Row]:
    check()
    seconds = in_turn(
        {
            "ours": ours,
            "scipy": scipys,
            "nine": lambda: sobol_indices(by_agency, NAMES, N, 1, resamples=RESAMPLES),
        },
        runs,
    )
    text = f"Sobol' indices of {INPUTS} inputs with bootstrap: scipy.stats / ours"
    yield Row(text, seconds["scipy"] / seconds["ours"], at_least=10)
    yield Row(f"the same for {AGENCIES} agencies at once / for one", seconds["nine"] / seconds["ours"])
    yield Row(
        f"ours {seconds['ours'] * 1e3:.0f} ms, scipy {seconds['scipy'] * 1e3:,.0f} ms: "
        f"n = {N:,}, {RESAMPLES} resamples"
    )
