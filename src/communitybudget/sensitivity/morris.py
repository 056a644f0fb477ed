"""Morris screening: which of many inputs matter at all, from few runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from communitybudget._core.cards import Card, CardResult, text_table
from communitybudget._core.results import result
from communitybudget._core.streams import stream
from communitybudget.sensitivity.draws import FloatArray
from communitybudget.sensitivity.sobol_designs import (
    CHUNK,
    Function,
    InputGroups,
    Marginal,
    Progress,
    input_groups,
    inverses,
    named_outcomes,
    run_in_pieces,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MORRIS_COLUMNS = (
    "input",
    "label",
    "inputs",
    "outcome",
    "mu",
    "mu_star",
    "mu_star_error",
    "sigma",
    "rank",
)
_LEVELS = (0.125, 0.375)
_STEP = 0.5
_MOST = 12


@result
@dataclass(frozen=True, eq=False, repr=False)
class MorrisScreening(CardResult):
    """Elementary effects by input, or group of inputs, and outcome.

    Parameters
    ----------
    inputs, labels, outcomes : tuple of str
        Names of inputs or groups, their printable names, and printable names of the outcomes.
    sizes : tuple of int
        How many inputs each holds.
    mu : ndarray, shape (group, outcome)
        Mean elementary effect, in the unit of the outcome over the whole range of the input.
    mu_star, mu_star_error : ndarray, shape (group, outcome)
        Mean size of the effects, sign set aside, and its standard error.
    sigma : ndarray, shape (group, outcome)
        Standard deviation of the effects: large beside ``mu_star`` where the input is curved or interacts.
    trajectories : int
        How many effects of each.
    seed : int
        Of the design.
    """

    inputs: tuple[str, ...]
    labels: tuple[str, ...]
    sizes: tuple[int, ...]
    outcomes: tuple[str, ...]
    mu: FloatArray
    mu_star: FloatArray
    mu_star_error: FloatArray
    sigma: FloatArray
    trajectories: int
    seed: int

    @property
    def rank(self) -> npt.NDArray[np.int64]:
        """Place by ``mu_star``, shape (group, outcome): 1 the largest, equal ones in the order given."""
        order = np.argsort(-self.mu_star, axis=0, kind="stable")
        places: npt.NDArray[np.int64] = np.argsort(order, axis=0, kind="stable").astype(np.int64) + 1
        return places

    @property
    def weight(self) -> FloatArray:
        """The largest share that each group has in the sum of ``mu_star`` of an outcome, shape (group,)."""
        sums = self.mu_star.sum(axis=0)
        largest: FloatArray = (self.mu_star / np.where(sums > 0, sums, np.inf)).max(axis=1)
        return largest

    def most_important(self, most: int) -> tuple[str, ...]:
        """Return the inputs with the greatest `weight`, in the order given; none that does nothing.

        Parameters
        ----------
        most : int
            How many at the most; of equal ones the first.
        """
        weight = self.weight
        chosen = sorted(np.argsort(-weight, kind="stable")[:most].tolist())
        return tuple(self.inputs[i] for i in chosen if weight[i] > 0)

    def to_frame(self) -> "pd.DataFrame":
        """Return the effects as a tidy frame, outcome by outcome, largest first; columns `MORRIS_COLUMNS`."""
        import pandas as pd

        rank = self.rank
        rows = [
            (
                self.inputs[i],
                self.labels[i],
                self.sizes[i],
                outcome,
                *(values[i, k] for values in (self.mu, self.mu_star, self.mu_star_error, self.sigma)),
                rank[i, k],
            )
            for k, outcome in enumerate(self.outcomes)
            for i in np.argsort(rank[:, k])
        ]
        return pd.DataFrame(rows, columns=list(MORRIS_COLUMNS))

    def summary(self, most: int = _MOST) -> str:
        """Return the largest effects of each outcome as text."""
        return text_table(*self._card(most))

    def plot(self, ax: "Axes | None" = None, outcome: str | None = None) -> "Axes":
        """Draw size of effect against its spread, for one outcome; the first unless one is named."""
        from communitybudget._core.errors import did_you_mean
        from communitybudget.charts import plot_screening

        chosen = self.outcomes[0] if outcome is None else outcome
        if chosen not in self.outcomes:
            raise ValueError(f"there is no outcome '{chosen}'; {did_you_mean(chosen, self.outcomes)}")
        frame = self.to_frame()
        return plot_screening(frame[frame["outcome"] == chosen], ax, title=f"Which inputs matter: {chosen}")

    def __repr__(self) -> str:
        first = self.to_frame().iloc[0]
        return (
            f"MorrisScreening(outcome={self.outcomes[0]!r}, largest={first['input']!r}, "
            f"mu_star={first['mu_star']:.3g}, inputs={len(self.inputs)}, "
            f"trajectories={self.trajectories}, seed={self.seed})"
        )

    def _card(self, most: int = _MOST) -> Card:
        foot = f"seed {self.seed} · {self.trajectories} trajectories of {len(self.inputs) + 1} runs"
        return Card("Which inputs matter: Morris screening", self._rows(most), foot, _NOTE)

    def _rows(self, most: int) -> list[tuple[str, str]]:
        several = len(self.outcomes) > 1
        frame = self.to_frame()
        return [
            (
                f"{row['outcome']}: {row['label']}" if several else row["label"],
                f"{row['mu_star']:,.4g} ± {row['mu_star_error']:,.2g}",
            )
            for row in frame[frame["rank"] <= most].to_dict("records")
        ]


_NOTE = (
    "Mean size of the change in the outcome, over the whole range of the input; screening tells what can "
    "be left aside, not shares of the variance."
)


def morris_screening(
    function: Function,
    distributions: Mapping[str, Marginal] | Sequence[str],
    trajectories: int = 20,
    seed: int = 1,
    *,
    groups: Mapping[str, str] | None = None,
    outcomes: Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None,
    chunk: int = CHUNK,
    progress: Progress | None = None,
) -> MorrisScreening:
    """Return which inputs matter at all, by the mean size of their elementary effects.

    Parameters
    ----------
    function, distributions, seed, outcomes, labels, chunk, progress
        As in `sobol_indices`.
    trajectories : int
        How many effects of each input, at least 2; the function is run ``trajectories (groups + 1)`` times.
    groups : mapping of str to str, optional
        Input name to group name; the inputs of a group move together and in one direction.

    Returns
    -------
    MorrisScreening

    Raises
    ------
    ValueError
        If there are fewer than 2 trajectories, the seed is negative, or names or shapes do not fit.

    Notes
    -----
    A trajectory begins at a random point and moves each group once, in a random order, by half of the
    range of its inputs: between the middles of the four quarters, from P12.5 to P62.5 or from P37.5 to
    P87.5, or back. So no input is at its limits, and a jump, such as an effect that is absent, is never
    divided by a tiny step. An elementary effect is the change in the outcome over the step in probability.

    Source: M. D. Morris, "Factorial sampling plans for preliminary computational experiments",
    Technometrics 33 (1991); ``mu_star`` and groups: F. Campolongo, J. Cariboni and A. Saltelli, "An
    effective screening design for sensitivity analysis of large models" (2007).

    Examples
    --------
    >>> found = morris_screening(lambda u: 3 * u[:, 0] - 4 * u[:, 1], ["cost", "reach", "idle"])
    >>> found.to_frame()[["input", "mu", "mu_star", "sigma"]].round(9).values.tolist()
    [['reach', -4.0, 4.0, 0.0], ['cost', 3.0, 3.0, 0.0], ['idle', 0.0, 0.0, 0.0]]
    """
    if trajectories < 2:
        raise ValueError(f"trajectories is {trajectories}; a spread needs at least 2")
    names, values = inverses(distributions)
    split = input_groups(names, groups)
    before, after, turn = _trajectories(split, trajectories, seed)
    steps = len(split.groups) + 1

    def points_of(rows: npt.NDArray[np.int_]) -> FloatArray:
        trajectory, step = np.divmod(rows, steps)
        moved = turn[trajectory] < step[:, np.newaxis]
        return np.where(moved[:, split.owner], after[trajectory], before[trajectory])

    found = run_in_pieces(lambda u: function(values(u)), points_of, trajectories * steps, chunk, progress)
    change = np.diff(found.reshape(trajectories, steps, -1), axis=1)
    up = np.where(after > before, _STEP, -_STEP)
    first_input = np.unique(split.owner, return_index=True)[1]
    effects = np.take_along_axis(change, turn[:, :, np.newaxis], axis=1) / up[:, first_input, np.newaxis]
    sizes = np.abs(effects)
    return MorrisScreening(
        inputs=split.groups,
        labels=tuple((labels or {}).get(name, name) for name in split.groups),
        sizes=split.sizes,
        outcomes=named_outcomes(found.shape[1], outcomes),
        mu=effects.mean(axis=0),
        mu_star=sizes.mean(axis=0),
        mu_star_error=sizes.std(axis=0, ddof=1) / np.sqrt(trajectories),
        sigma=effects.std(axis=0, ddof=1),
        trajectories=trajectories,
        seed=seed,
    )


def _trajectories(
    split: InputGroups, trajectories: int, seed: int
) -> tuple[FloatArray, FloatArray, npt.NDArray[np.int_]]:
    """Return each input before and after its move (trajectory, input), and the turn of each group."""
    if seed < 0:
        raise ValueError(f"seed is {seed}; use a whole number from 0")
    before = np.empty((trajectories, len(split.inputs)))
    up, order = np.empty((2, trajectories, len(split.groups)))
    for i, group in enumerate(split.groups):
        random = stream(seed, f"morris_screening.group.{group}")
        up[:, i], order[:, i] = random.random(trajectories) < 0.5, random.random(trajectories)
    for i, name in enumerate(split.inputs):
        level = stream(seed, f"morris_screening.input.{name}").choice(_LEVELS, size=trajectories)
        before[:, i] = np.where(up[:, split.owner[i]], level, level + _STEP)
    after = np.where(up[:, split.owner] > 0, before + _STEP, before - _STEP)
    return before, after, np.argsort(np.argsort(order, axis=1), axis=1)
