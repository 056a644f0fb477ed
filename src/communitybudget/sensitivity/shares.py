"""How much of an outcome's variance each group of inputs explains."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from communitybudget.sensitivity.draws import FloatArray, as_sample, constant
from communitybudget.sensitivity.regression import least_squares, standardise

if TYPE_CHECKING:
    import pandas as pd

UNEXPLAINED = "unexplained"
_POINT_MASS = 0.05


@dataclass(frozen=True, eq=False, repr=False)
class VarianceShares:
    """First-order shares of the variance of an outcome.

    Parameters
    ----------
    frame : pandas.DataFrame
        A row per group by falling share, then the row ``unexplained``, with the columns ``group, inputs,
        share, standard_error``. ``inputs`` is the number of inputs in the group. The shares lie between 0
        and 1 and sum to 1.
    unexplained : float
        Share that belongs to no group alone: interactions, and what the smooth terms miss.
    draws : int
        Number of draws.
    """

    frame: "pd.DataFrame"
    unexplained: float
    draws: int

    def to_frame(self) -> "pd.DataFrame":
        """Return the shares as a tidy frame, a copy, largest first and ``unexplained`` last."""
        return self.frame.copy()

    def summary(self) -> str:
        """Return the shares as text."""
        width = max(len(group) for group in self.frame["group"])
        lines = [
            f"{row['group']:<{width}}  {row['share']:>6.1%}  ± {row['standard_error']:.1%}"
            for row in self.frame.to_dict("records")
        ]
        return "\n".join([f"Share of the variance of the outcome ({self.draws:,} draws)", *lines])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, VarianceShares):
            return NotImplemented
        same = (self.unexplained, self.draws) == (other.unexplained, other.draws)
        return same and bool(self.frame.equals(other.frame))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shares = zip(self.frame["group"], self.frame["share"], strict=True)
        return f"VarianceShares({', '.join(f'{g}={s:.3f}' for g, s in shares)}, draws={self.draws})"


def variance_share(
    inputs: "pd.DataFrame", outcome: npt.ArrayLike, groups: Mapping[str, str]
) -> VarianceShares:
    """Return the first-order share of an outcome's variance that each group of inputs explains.

    The outcome is regressed on smooth terms of all inputs jointly: each input linear and squared, and, where
    more than 5% of its draws hold one and the same value (exactly no effect), an indicator of that value.
    The share of a group is the variance of its fitted part over the variance of the outcome.

    Parameters
    ----------
    inputs : pandas.DataFrame, shape (draw, input)
        One column per uncertain input. The inputs must be independent of each other.
    outcome : array_like, shape (draw,)
        In any unit. Matched to the inputs by position.
    groups : mapping of str to str
        Input name to group name, for example the mark of its evidence. Names that are not inputs are
        passed over; every input needs a group.

    Returns
    -------
    VarianceShares

    Raises
    ------
    ValueError
        If an input has no group, a group is called ``unexplained``, shapes do not match, a value is not
        finite, or there are not more draws than terms (up to three per input).

    Notes
    -----
    A fitted part varies even when its inputs do nothing: on average by the residual variance times the
    number of its independent terms over the number of draws. That is subtracted, as in an adjusted
    R-squared. Shares below zero are then set to zero, and where the shares sum to more than one they are
    scaled to one. The standard error is analytic: the influence of each draw on the ratio of variances,
    and the chance variance of the fitted coefficients. An outcome that does not vary gives shares of zero.

    Source: the definition of a first-order index, I. M. Sobol', "Sensitivity estimates for nonlinear
    mathematical models" (1993), estimated by regression.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> draws = pd.DataFrame(np.random.default_rng(1).normal(size=(5_000, 2)), columns=["cost", "reach"])
    >>> shares = variance_share(
    ...     draws, 3 * draws["cost"] + 4 * draws["reach"], {"cost": "local", "reach": "assumption"}
    ... )
    >>> shares.to_frame().round(1)[["group", "share"]].values.tolist()
    [['assumption', 0.6], ['local', 0.4], ['unexplained', 0.0]]
    """
    keys, values, result = as_sample(inputs, outcome)
    members = members_of(keys, groups)
    if bool(constant(result[:, np.newaxis])[0]):
        blank = np.zeros(len(members))
        return _shares(members, blank, np.append(blank, 0.0), result.size)
    target = standardise(result[:, np.newaxis])[:, 0]
    share, error = share_of_groups(values, target[:, np.newaxis], list(members.values()))
    return _shares(members, share[:, 0], error[:, 0], result.size)


def share_of_groups(
    values: FloatArray, targets: FloatArray, members: Sequence[Sequence[int]]
) -> tuple[FloatArray, FloatArray]:
    """Return the share of each group in the variance of several outcomes, all fitted at once.

    Parameters
    ----------
    values : ndarray, shape (draw, input)
        Draws of the inputs.
    targets : ndarray, shape (draw, outcome)
        With mean zero and variance one.
    members : sequence of sequence of int
        Positions of the inputs of each group; every input is in one of them.

    Returns
    -------
    tuple of (ndarray, ndarray), shape (group, outcome) and (group + 1, outcome)
        Shares, not yet bounded, and standard errors; the last row is that of the sum of the shares.

    Examples
    --------
    >>> x = standardise(np.random.default_rng(1).normal(size=(500, 2)))
    >>> share_of_groups(x, x[:, [0]], [[0], [1]])[0].round(6).tolist()
    [[1.0], [0.0]]
    """
    draws, outcomes = targets.shape
    terms, owner = _terms(values)
    fit = least_squares(terms, targets)
    residual = targets - terms @ fit.coefficients
    noise = np.sum(residual**2, axis=0) / fit.freedom
    residual = residual * np.sqrt(draws / fit.freedom)
    squares = targets**2
    share = np.zeros((len(members), outcomes))
    variance = np.zeros((len(members) + 1, outcomes))
    explained = np.zeros_like(targets)
    for i, columns in enumerate(members):
        own = np.flatnonzero(np.isin(owner, columns))
        part = terms[:, own] @ fit.coefficients[own]
        block = np.ix_(own, own)
        independent = float(np.sum(fit.correlation[block] * fit.inverse[block]))
        share[i] = (np.sum(part**2, axis=0) - noise * independent) / draws
        influence = part * (part + 2 * residual)
        explained += influence
        variance[i] = _error(influence - share[i] * squares, independent, noise)
    variance[-1] = _error(explained - share.sum(axis=0) * squares, fit.rank, noise)
    return share, np.sqrt(variance)


def members_of(keys: Sequence[str], groups: Mapping[str, str]) -> dict[str, list[int]]:
    """Return the positions of the inputs of each group.

    Raises
    ------
    ValueError
        If an input has no group, or a group is called ``unexplained``.

    Examples
    --------
    >>> members_of(["cost", "reach"], {"cost": "local", "reach": "local"})
    {'local': [0, 1]}
    """
    missing = [key for key in keys if key not in groups]
    if missing:
        raise ValueError(f"these inputs have no group: {', '.join(missing)}; give each one in groups")
    members: dict[str, list[int]] = {}
    for i, key in enumerate(keys):
        members.setdefault(groups[key], []).append(i)
    if UNEXPLAINED in members:
        raise ValueError(f"no group may be called '{UNEXPLAINED}', the name of the remainder; rename it")
    return members


def _terms(values: FloatArray) -> tuple[FloatArray, npt.NDArray[np.int_]]:
    """Return the standardised terms of all inputs, and the input that each belongs to."""
    varies = np.flatnonzero(~constant(values))
    linear = standardise(values[:, varies])
    mass, has_mass = _point_masses(values[:, varies])
    squared = linear**2
    # An input with two values of equal weight has a square that does not vary.
    curved = np.flatnonzero(squared.std(axis=0) > 1e-6)
    terms = np.concatenate([linear, standardise(squared[:, curved]), standardise(mass)], axis=1)
    return terms, np.concatenate([varies, varies[curved], varies[has_mass]])


def _point_masses(values: FloatArray) -> tuple[FloatArray, npt.NDArray[np.int_]]:
    """Return an indicator of the commonest value for each input that has one in more than 5% of the draws."""
    ordered = np.sort(values, axis=0)
    reach = int(_POINT_MASS * values.shape[0])
    repeated = ordered[reach:] == ordered[: values.shape[0] - reach]
    has_mass = np.flatnonzero(repeated.any(axis=0)) if reach else np.zeros(0, dtype=np.int_)
    indicators = np.zeros((values.shape[0], has_mass.size))
    for i, column in enumerate(has_mass):
        found, counts = np.unique(ordered[:, column], return_counts=True)
        indicators[:, i] = values[:, column] == found[counts.argmax()]
    return indicators, has_mass


def _error(influence: FloatArray, independent: float, noise: FloatArray) -> FloatArray:
    """Return the squared error of fitted variances (outcome,): their draws', and their coefficients' own."""
    count = len(influence)
    squared: FloatArray = influence.var(axis=0) / count + 2 * independent * (noise / count) ** 2
    return squared


def bounded_shares(share: FloatArray) -> FloatArray:
    """Return shares (group, ...) set to zero where below it, and scaled to one where they sum to more.

    Examples
    --------
    >>> bounded_shares(np.array([-0.1, 0.5, 1.5])).tolist()
    [0.0, 0.3333333333333333, 0.6666666666666666]
    """
    bounded = np.clip(share, 0.0, 1.0)
    scaled: FloatArray = bounded / np.maximum(bounded.sum(axis=0), 1.0)
    return scaled


def _shares(
    members: Mapping[str, list[int]], share: FloatArray, error: FloatArray, draws: int
) -> VarianceShares:
    """Bound the shares, order the groups and add the remainder."""
    import pandas as pd

    bounded = bounded_shares(share)
    rest = max(1.0 - float(bounded.sum()), 0.0)
    names = list(members)
    order = sorted(range(len(names)), key=lambda i: (-bounded[i], names[i]))
    frame = pd.DataFrame(
        {
            "group": [names[i] for i in order] + [UNEXPLAINED],
            "inputs": [len(members[names[i]]) for i in order] + [0],
            "share": [*bounded[order].tolist(), rest],
            "standard_error": [*error[order].tolist(), float(error[-1])],
        }
    )
    return VarianceShares(frame=frame, unexplained=rest, draws=draws)
