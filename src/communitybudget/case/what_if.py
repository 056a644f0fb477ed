"""What an appraisal would say if its inputs were otherwise: one, two or all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy.typing as npt

from communitybudget.case.global_sensitivity import (
    Grouping,
    importance_of,
    screening_of,
    sobol_indices_of,
)
from communitybudget.case.looking import (
    Others,
    break_even_curve_of,
    heat_map_of,
    one_way_of,
    scatter_of,
    spider_of,
    switching_lines_of,
)
from communitybudget.case.model import Progress
from communitybudget.case.scenarios import given_sets_of, scenario_sets_of, worst_case_of
from communitybudget.sensitivity import (
    BreakEvenCurve,
    GridAxis,
    HeatMap,
    Importance,
    MorrisScreening,
    OneWay,
    Scatter,
    ScenarioSets,
    SobolIndices,
    Spider,
    WorstCase,
)
from communitybudget.sensitivity.spider import CHANGES

if TYPE_CHECKING:
    import pandas as pd

    from communitybudget.case.appraisal import Appraisal


@dataclass(frozen=True)
class WhatIf:
    """Questions of an appraisal about one net present value; each runs the case again as it needs to.

    Rates, effects and prices alone; chance is left out. Keys of inputs are those of
    `Appraisal.input_frame`.

    Parameters
    ----------
    appraisal : Appraisal
        Whose inputs are asked about.
    option, agency, value : str
        Of whose net present value.

    Examples
    --------
    >>> import communitybudget as cb
    >>> case = cb.load_case(cb.examples_folder() / "hounslow" / "case.yaml")
    >>> bars = cb.appraise(case, draws=200, seed=1).what_if("early_help").one_way()
    >>> bars.ranges.keys[0]
    'effect.tfp_looked_after'
    """

    appraisal: "Appraisal"
    option: str
    agency: str
    value: str

    def __post_init__(self) -> None:
        self.appraisal.npv(self.option, self.agency, self.value)  # says what there is, if this is not

    @property
    def _what(self) -> "tuple[Appraisal, str]":
        return self.appraisal, self.option

    @property
    def _whose(self) -> tuple[str, str]:
        return self.agency, self.value

    def one_way(self, others: Others = "held", *, quantile: float = 0.1, draws: int = 300) -> OneWay:
        """Return each input at its P10 and at its P90; see `one_way_of`."""
        return one_way_of(*self._what, *self._whose, others=others, quantile=quantile, draws=draws)

    def heat_map(
        self, first: str | GridAxis, second: str | GridAxis, *, points: int = 11, draws: int = 200
    ) -> HeatMap:
        """Return the expected answer, and the probability that it is not negative, over two inputs."""
        return heat_map_of(*self._what, first, second, *self._whose, points=points, draws=draws)

    def switching_lines(self, keys: Sequence[str] | None = None, *, draws: int = 200) -> "pd.DataFrame":
        """Return for each pair of inputs the line on which the expected fiscal answer is nil.

        Raises
        ------
        ValueError
            If it is asked of public value.
        """
        if self.value != "fiscal":
            raise ValueError("switching lines are of the fiscal case; leave value out, or use heat_map")
        return switching_lines_of(*self._what, keys, self.agency, draws=draws)

    def spider(
        self, keys: str | Sequence[str] | None = None, *, changes: npt.ArrayLike = CHANGES, draws: int = 300
    ) -> Spider:
        """Return the expected answer as one input at a time changes by a percentage."""
        return spider_of(*self._what, keys, *self._whose, changes=changes, draws=draws)

    def scatter(self, key: str) -> Scatter:
        """Return the draws of an input against the answer, with their rank correlation."""
        return scatter_of(*self._what, key, *self._whose)

    def break_even_curve(
        self, key: str | GridAxis, *, points: int = 21, draws: int = 1_000
    ) -> BreakEvenCurve:
        """Return the probability that the answer is not negative, over values of one input."""
        return break_even_curve_of(*self._what, key, *self._whose, points=points, draws=draws)

    def scenario_sets(self, quantile: float = 0.2) -> ScenarioSets:
        """Return prudent, central and optimistic sets of the inputs, coherent and stacked."""
        return scenario_sets_of(*self._what, *self._whose, quantile=quantile)

    def given_sets(self, sets: Mapping[str, Mapping[str, float | str]]) -> ScenarioSets:
        """Return the answer with sets of inputs that are given, the others at their means."""
        return given_sets_of(*self._what, sets, *self._whose)

    def worst_case(self, ranges: Mapping[str, tuple[float, float]] | None = None) -> WorstCase:
        """Return the least answer within the ranges of the inputs, and the margin before it is nil."""
        return worst_case_of(*self._what, *self._whose, ranges=ranges)

    def sobol_indices(
        self,
        n: int = 1024,
        *,
        groups: Grouping | Mapping[str, str] = "input",
        agencies: str | Sequence[str] | None = None,
        progress: Progress | None = None,
    ) -> SobolIndices:
        """Return first-order and total indices, of all agencies' answer and of each one's own.

        See `sobol_indices_of`.
        """
        return sobol_indices_of(
            *self._what,
            n,
            value=self.value,
            agencies=agencies,
            groups=groups,
            correlated=self.appraisal.model.correlated_names(),
            progress=progress,
        )

    def screening(self, trajectories: int = 20, *, progress: Progress | None = None) -> MorrisScreening:
        """Return which inputs matter at all, by Morris screening."""
        return screening_of(*self._what, trajectories, value=self.value, progress=progress)

    def importance_by_agency(self, agencies: str | Sequence[str] | None = None) -> Importance:
        """Return the share of the variance of each agency's answer that each input explains alone."""
        return importance_of(*self._what, value=self.value, agencies=agencies)
