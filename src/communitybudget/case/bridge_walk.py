"""The walk from one result to another: states in between, run as sparingly as may be, in whole pence."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.errors import CommunityBudgetError
from communitybudget.case.bridge_keys import MONTE_CARLO, moves_people
from communitybudget.case.bridge_pair import Change, Pair
from communitybudget.case.effects import EffectSolver
from communitybudget.case.measures import Errors
from communitybudget.case.rerun import Run

Array = NDArray[np.float64]
Units = frozenset[str]
Progress = Callable[[int, int], None]

_NOTHING: Units = frozenset()


@dataclass(frozen=True)
class Sample:
    """The net present value of one state in every draw.

    Parameters
    ----------
    values : ndarray, shape (draw,)
        GBP.
    made : tuple
        How the draws were made; those of two states that were made alike belong together.
    replicates : int
        Independent parts of the draws.
    """

    values: Array
    made: tuple[object, ...]
    replicates: int = 1

    @property
    def pence(self) -> int:
        """The mean in whole pence, a half to the even one."""
        return round(100 * float(self.values.mean()))

    @property
    def error(self) -> float:
        """Monte Carlo standard error of the mean, GBP."""
        return Errors(self.replicates).mean(self.values)


def sum_error(terms: Sequence[tuple[float, Sample]]) -> float:
    """Return the Monte Carlo standard error of a weighted sum of means.

    Means over the same draws are taken draw by draw, so that what they share cancels.

    Parameters
    ----------
    terms : sequence of (float, Sample)
        Weight, and what it is of.
    """
    together: dict[tuple[object, ...], Sample] = {}
    for weight, sample in terms:
        known = together.get(sample.made)
        values = weight * sample.values + (0.0 if known is None else known.values)
        together[sample.made] = Sample(values, sample.made, sample.replicates)
    return float(np.sqrt(sum(sample.error**2 for sample in together.values())))


class States:
    """The cases between two results, each run once; what can be used again is.

    Parameters
    ----------
    pair : Pair
        The two results.
    answer : callable
        From a run the answer in every draw.
    runs : tuple of Run
        Both results, run again.
    solver : EffectSolver
        Which remembers the effects of both.
    ends : tuple of Sample
        The answers of both.
    changes : sequence of Change
        All that lies between them.
    """

    def __init__(
        self,
        pair: Pair,
        answer: Callable[[Run], Sample],
        runs: tuple[Run, Run],
        solver: EffectSolver,
        ends: tuple[Sample, Sample],
        changes: Sequence[Change],
    ) -> None:
        self.pair, self.answer, self.solver = pair, answer, solver
        self.start, self.end = ends
        every = _units(changes)
        self._samples: dict[Units, Sample | None] = {_NOTHING: self.start, every: self.end}
        self._ends = [(_NOTHING, runs[0]), (every, runs[1])]
        self._last = self._ends[0]

    def visit(self, units: Units) -> Sample | None:
        """Return the answer with some units changed; None where such a case contradicts itself."""
        if units not in self._samples:
            try:
                self._last = (units, self._run(units))
            except CommunityBudgetError:
                self._samples[units] = None
            else:
                self._samples[units] = self.answer(self._last[1])
        return self._samples[units]

    def alone(self, change: Change) -> int | None:
        """Return what a change does by itself, pence; None where it cannot stand by itself."""
        found = self.visit(change.units)
        return None if found is None else found.pence - self.start.pence

    def _run(self, units: Units) -> Run:
        case = self.pair.mixed(units)
        end = self.pair.new if MONTE_CARLO in units else self.pair.old
        known = [*self._ends, self._last]
        for other, run in known:
            if units ^ other == {"discounting"}:
                return run.discounted(case)
        for other, run in known:
            if _people_stay(run) and not any(moves_people(unit) for unit in units ^ other):
                return Run.of(case, end.draws, end.seed, activity=run.activity, solver=self.solver)
        return Run.of(case, end.draws, end.seed, solver=self.solver)


def sample_of(run: Run, values: Array) -> Sample:
    """Return what a run says, with how its draws were made."""
    design, parts = run.model.case.spec.sampling.design, run.model.replicates(run.draws)
    return Sample(values, (run.draws, run.seed, design, parts), parts)


def _people_stay(run: Run) -> bool:
    """Return whether prices leave the draws of all else alone, as they do where each has its own stream."""
    return run.model.case.spec.sampling.design == "random" and run.model.correlation is None


@dataclass(frozen=True)
class Taken:
    """A change as it was taken: in the stated order, in the opposite one, and by itself.

    Parameters
    ----------
    change : Change
        What was changed.
    pence : int
        The mean of both walks.
    alone : int or None
        By itself from the old result, pence; None where it cannot stand by itself.
    interaction : int
        How far the two walks differ, pence.
    error : float
        Monte Carlo standard error of the mean of both walks, GBP.
    """

    change: Change
    pence: int
    alone: int | None
    interaction: int
    error: float


def walk(states: States, changes: Sequence[Change], progress: Progress | None = None) -> list[Taken]:
    """Take changes one by one, in their order and in the opposite one.

    Where a case in between contradicts itself, the changes on both sides of it are taken together.

    Parameters
    ----------
    states : States
        Runs the cases in between.
    changes : sequence of Change
        In their order.
    progress : callable, optional
        Called with cases run and cases in all.

    Returns
    -------
    list of Taken
        Whole pence that sum to what lies between the ends.
    """
    if not changes:
        return []
    count = len(changes)
    first = [_units(changes[:k]) for k in range(1, count)]
    last = [_units(changes[k:]) for k in reversed(range(1, count))]
    wanted = list(dict.fromkeys([*first, *last, *(change.units for change in changes)]))
    for i, units in enumerate(wanted):
        states.visit(units)
        if progress is not None:
            progress(i + 1, len(wanted))
    steps, forward, opposite = _possible(states, changes)
    one_way = [after.pence - before.pence for before, after in pairwise(forward)]
    other_way = [before.pence - after.pence for before, after in pairwise(opposite)]
    means = whole_pence([one + other for one, other in zip(one_way, other_way, strict=True)])
    return [
        Taken(
            change=steps[k],
            pence=means[k],
            alone=states.alone(steps[k]),
            interaction=abs(one_way[k] - other_way[k]),
            error=sum_error(
                [(0.5, forward[k + 1]), (-0.5, forward[k]), (0.5, opposite[k]), (-0.5, opposite[k + 1])]
            ),
        )
        for k in range(len(steps))
    ]


def whole_pence(doubled: Sequence[int]) -> list[int]:
    """Return the halves of whole numbers as whole numbers of the same sum.

    Odd numbers are taken in pairs, in their order: the first of a pair is rounded away from nil and the
    second takes the opposite half. Numbers of the opposite signs give the opposite halves.

    Parameters
    ----------
    doubled : sequence of int
        Of an even sum.

    Examples
    --------
    >>> whole_pence([3, 4, -1]), whole_pence([-3, -4, 1])
    ([2, 2, -1], [-2, -2, 1])
    """
    halves, owed = [], 0
    for number in doubled:
        if number % 2 == 0:
            halves.append(number // 2)
            continue
        shift = -owed if owed else (1 if number > 0 else -1)
        owed = 0 if owed else shift
        halves.append((number + shift) // 2)
    return halves


def _units(changes: Sequence[Change]) -> Units:
    return _NOTHING.union(*(change.units for change in changes))


def _possible(states: States, changes: Sequence[Change]) -> tuple[list[Change], list[Sample], list[Sample]]:
    """Return changes between which every case can stand, and the answers along both walks.

    Changes that cannot be parted are one. The opposite walk is told from its end, the new result.
    """
    steps, forward, opposite = [changes[0]], [states.start], [states.end]
    for k in range(1, len(changes)):
        one, other = states.visit(_units(changes[:k])), states.visit(_units(changes[k:]))
        if one is None or other is None:
            steps[-1] = _as_one(steps[-1], changes[k])
        else:
            steps.append(changes[k])
            forward.append(one)
            opposite.append(other)
    return steps, [*forward, states.end], [*opposite, states.start]


def _as_one(one: Change, other: Change) -> Change:
    return Change(
        f"{one.name} + {other.name}",
        one.component,
        f"{one.label}, with {other.label[:1].lower()}{other.label[1:]}",
        "; ".join(filter(None, (one.old, other.old))),
        "; ".join(filter(None, (one.new, other.new))),
        one.units | other.units,
    )
