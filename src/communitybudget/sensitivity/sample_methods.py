"""Three ways to find what a study is worth, from the draws that there are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from communitybudget._core.streams import stream
from communitybudget.sensitivity.draws import FloatArray
from communitybudget.sensitivity.informed_choice import InformedChoice, influence, informed_choice, policy
from communitybudget.sensitivity.moment_matching import (
    Axes,
    Resolved,
    covariance_left,
    independent_axes,
    resolved,
)
from communitybudget.sensitivity.projection import Projection
from communitybudget.sensitivity.study import Study
from communitybudget.sensitivity.study_likelihood import weigh
from communitybudget.sensitivity.study_regression import fit_results

if TYPE_CHECKING:
    import pandas as pd

SampleMethod = Literal["moment_matching", "regression", "importance", "conjugate"]

_MATCHED_STUDIES = 100
_WEIGHTED_STUDIES = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class StudiedChoice:
    """A choice between options, and what the inputs that a study informs have to do with it.

    Parameters
    ----------
    inputs : pandas.DataFrame, shape (draw, input)
    gains : ndarray, shape (draw, option - 1)
        Net benefit over the option that is best on average.
    fit : Projection
        Of the gains on the inputs that the study informs.
    known : InformedChoice
        What it is worth to know these inputs.
    """

    inputs: "pd.DataFrame"
    gains: FloatArray
    fit: Projection
    known: InformedChoice

    @property
    def unbiased(self) -> float:
        """Factor that takes the flattery of a fit by its own draws off a value."""
        return self.known.value / self.known.in_sample if self.known.in_sample > 0 else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Values of studies of several sizes.

    Parameters
    ----------
    values : ndarray, shape (size,)
        GBP.
    covariance : ndarray, shape (size, size)
        Of their errors.
    effective_draws : ndarray, shape (size,)
        Draws on which what is expected after a typical study rests.
    ceiling, ceiling_error : float
        Value of knowing the informed inputs and its standard error, GBP.
    """

    values: FloatArray
    covariance: FloatArray
    effective_draws: FloatArray
    ceiling: float
    ceiling_error: float


def by_regression(decision: StudiedChoice, study: Study, sizes: Sequence[int], seed: int) -> Found:
    """Regress net benefit on the results that a study would have in each draw.

    Source: M. Strong, J. E. Oakley, A. Brennan and P. Breeze, Medical Decision Making 35 (2015).
    """
    values, moves = [], []
    for families in sizes:
        results = study.simulate(decision.inputs, families, _numbers(seed))
        fit = fit_results(results, decision.gains)
        values.append(informed_choice(decision.gains, fit).value)
        moves.append(influence(fit))
    return Found(
        values=np.array(values),
        covariance=np.atleast_2d(np.cov(np.array(moves))) / len(decision.gains),
        effective_draws=np.full(len(values), float(len(decision.gains))),
        ceiling=decision.known.value,
        ceiling_error=decision.known.standard_error,
    )


def by_importance(decision: StudiedChoice, study: Study, sizes: Sequence[int], seed: int) -> Found:
    """Weigh the draws by how likely they make each of many made-up results.

    Source: N. A. Menzies, Medical Decision Making 36 (2016).
    """
    expected = decision.fit.fitted
    made = decision.inputs.iloc[_spread_out(expected, _WEIGHTED_STUDIES)]
    won, effective = [], []
    for families in sizes:
        results = study.simulate(made, families, _numbers(seed))
        weighted = list(weigh(study, results, decision.inputs, families))
        after = np.concatenate([some.weights @ expected for some in weighted])
        won.append(np.maximum(after.max(axis=1), 0.0))
        effective.append(float(np.median(np.concatenate([some.effective_draws for some in weighted]))))
    values = np.mean(won, axis=1) * decision.unbiased
    sampling = np.atleast_2d(np.cov(np.array(won))) / len(made)
    return Found(
        values=values,
        covariance=sampling + fitting_error(decision, values),
        effective_draws=np.array(effective),
        ceiling=decision.known.value,
        ceiling_error=decision.known.standard_error,
    )


def by_moment_matching(decision: StudiedChoice, study: Study, sizes: Sequence[int], seed: int) -> Found:
    """Draw what the inputs explain in to its mean by the share of variance that a study resolves.

    Some studies are made up, their sizes spread over the range, and a curve through what they leave open
    serves all sizes. Source: A. Heath, I. Manolopoulou and G. Baio, Medical Decision Making 38 (2018) and 39
    (2019). Unlike there, what is left open is that of the fitted net benefit, by weights on the draws, so
    that the model is not run again.
    """
    axes = independent_axes(decision.fit.fitted)
    left, counted, effective = _left_open(decision, study, axes, (min(sizes), max(sizes)), seed)
    wanted = np.array([study.counted(families) for families in sizes], dtype=np.float64)
    curve = resolved(left, counted, wanted)
    without = np.array(
        [[_worth(curve.expected(axes, share)) for share in shares] for shares in curve.without]
    )
    apart = without - without.mean(axis=0)
    jackknife = (len(without) - 1) / len(without) * apart.T @ apart
    moves = np.array([_moves(decision, axes, curve, share) for share in curve.share])
    return Found(
        values=np.array([_worth(curve.expected(axes, share)) for share in curve.share]) * decision.unbiased,
        covariance=np.atleast_2d(np.cov(moves)) / moves.shape[1] + jackknife,
        effective_draws=np.full(len(wanted), effective),
        ceiling=decision.known.value,
        ceiling_error=decision.known.standard_error,
    )


def _left_open(
    decision: StudiedChoice, study: Study, axes: Axes, ends: tuple[int, int], seed: int
) -> tuple[FloatArray, FloatArray, float]:
    """Make up studies of sizes between two ends, evenly spread in their logs.

    Returns
    -------
    left : ndarray, shape (study, direction, direction)
        Covariance of the scores after each.
    counted : ndarray, shape (study,)
        Families whose records counted.
    effective_draws : float
        Of the middle study.
    """
    rows = _spread_out(decision.fit.fitted, _MATCHED_STUDIES)
    sizes = np.geomspace(*ends, len(rows)).round().astype(int)
    sizes = stream(seed, "sizes of made-up studies").permutation(sizes)
    rng = _numbers(seed)
    left, effective = [], []
    for row, families in zip(rows, sizes.tolist(), strict=True):
        results = study.simulate(decision.inputs.iloc[[row]], families, rng)
        for weighted in weigh(study, results, decision.inputs, families):
            left.append(covariance_left(weighted, axes.scores))
            effective.append(weighted.effective_draws)
    counted = np.array([study.counted(families) for families in sizes.tolist()], dtype=np.float64)
    return np.concatenate(left), counted, float(np.median(np.concatenate(effective)))


def _moves(decision: StudiedChoice, axes: Axes, curve: Resolved, share: FloatArray) -> FloatArray:
    """Return by how much each draw moves a matched value, times the number of draws, shape (draw,).

    By its own forecast, by its residual through the fit, and by its gain through the mean, which the study
    does not draw in.
    """
    after = curve.expected(axes, share)
    taken = policy(after).astype(np.float64)
    drawn_in = np.linalg.pinv(axes.back) @ curve.contraction(share) @ axes.back
    through_fit = (taken @ drawn_in.T * decision.fit.residual).sum(axis=1)
    kept = np.eye(len(drawn_in)) - drawn_in
    through_mean = (decision.gains - axes.mean) @ kept @ taken.mean(axis=0)
    moves: FloatArray = (taken * after).sum(axis=1) + through_fit + through_mean
    return moves


METHODS: dict[str, Callable[[StudiedChoice, Study, Sequence[int], int], Found]] = {
    "moment_matching": by_moment_matching,
    "regression": by_regression,
    "importance": by_importance,
}


def fitting_error(decision: StudiedChoice, values: FloatArray) -> FloatArray:
    """Return the covariance that the regression on the inputs lends to some values, shape (size, size).

    That of knowing the inputs, taken in proportion.
    """
    scale = values / decision.known.value if decision.known.value > 0 else np.zeros(len(values))
    moves = (policy(decision.fit.fitted) * decision.fit.residual).sum(axis=1)
    covariance: FloatArray = np.outer(scale, scale) * moves.var() / moves.size
    return covariance


def _numbers(seed: int) -> np.random.Generator:
    """Return the same random numbers for every size, so that sizes differ by size and not by luck."""
    return stream(seed, "results of made-up studies")


def _spread_out(expected: FloatArray, number: int) -> npt.NDArray[np.int_]:
    """Return so many draws, evenly spread over their order of expected net benefit."""
    order = np.argsort(expected[:, 0], kind="stable")
    number = min(number, len(order))
    return order[((np.arange(number) + 0.5) * len(order) / number).astype(np.int_)]


def _worth(after: FloatArray) -> float:
    """Return the mean of the best of what is expected after a study, 0 being the best of now."""
    return float(np.maximum(after.max(axis=1), 0.0).mean())
