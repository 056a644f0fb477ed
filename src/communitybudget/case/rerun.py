"""A case run again with something else in it: what was simulated, and the money it came to."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from communitybudget.appraisal import discount_factors
from communitybudget.case.case import Case
from communitybudget.case.effects import EffectSolver
from communitybudget.case.measures import npv_of, present_values
from communitybudget.case.model import Model, prepare
from communitybudget.ledger import Ledger
from communitybudget.parameters import ParameterSet
from communitybudget.simulation import Activity

Array = NDArray[np.float64]

PRICES = "unit_cost."
"""What keys of prices begin with."""


@dataclass(frozen=True)
class Run:
    """One run of a case, without chance.

    Parameters
    ----------
    model : Model
        The case made ready.
    activity, ledger : Activity, Ledger
        Natural units, and money.
    factors : ndarray, shape (year,)
        Discount factors.
    draws, seed : int
        As in `appraise`.
    """

    model: Model
    activity: Activity
    ledger: Ledger
    factors: Array
    draws: int
    seed: int

    @classmethod
    def of(
        cls,
        case: Case,
        draws: int,
        seed: int,
        parameters: ParameterSet | None = None,
        activity: Activity | None = None,
        solver: EffectSolver | None = None,
    ) -> "Run":
        """Run a case; activity that is given is only priced."""
        model = prepare(case, parameters, solver)
        drawn = model.draw(draws, seed)
        activity = model.simulate(drawn) if activity is None else activity
        factors = discount_factors(case.spec.years, schedule=model.schedule)
        return cls(model, activity, model.price(activity, drawn), factors, draws, seed)

    def with_figures(
        self, case: Case, parameters: ParameterSet, keys: Iterable[str], solver: EffectSolver
    ) -> "Run":
        """Return the run with some figures changed; prices alone change no activity."""
        only_prices = all(key.startswith(PRICES) for key in keys)
        activity = self.activity if only_prices else None
        return Run.of(case, self.draws, self.seed, parameters, activity, solver)

    def discounted(self, case: Case) -> "Run":
        """Return the run of a case that differs in its discount rule alone."""
        model = replace(self.model, case=case, parameters=case.parameters)
        return replace(self, model=model, factors=discount_factors(case.spec.years, schedule=model.schedule))

    def option(self, name: str | None) -> str:
        """Return the name of an option, the first unless one is named; refuses one that is not there."""
        if name is None:
            return self.ledger.options[0]
        self.ledger.label(name)
        return name

    def npv(self, option: str, agency: str, value: str = "fiscal") -> Array:
        """Return the net present value in every draw, GBP."""
        return npv_of(self.ledger, self.factors, option, agency, value)

    def avoided(self, option: str, agency: str) -> float:
        """Return the mean present value of costs avoided, GBP."""
        return float(present_values(self.ledger.flow(option, "costs_avoided", agency), self.factors).mean())


def grouped(keys: Iterable[str], most: int) -> dict[str, list[str]]:
    """Return each figure by itself, or the figures by table where there are more than ``most``."""
    keys = list(keys)
    if len(keys) <= most:
        return {key: [key] for key in keys}
    groups: dict[str, list[str]] = {}
    for key in keys:
        parts = key.split(".")
        in_pathway = parts[0] in ("transition", "start", "activity")
        groups.setdefault(".".join(parts[:2]) if in_pathway else parts[0], []).append(key)
    return groups
