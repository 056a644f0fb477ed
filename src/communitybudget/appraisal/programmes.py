"""Programmes that compete for a budget: what they cost, whom they serve, what must go with what."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from communitybudget._core.errors import did_you_mean, raise_together
from communitybudget._core.numbers import above, as_given, within

FloatArray = npt.NDArray[np.float64]
Money = npt.ArrayLike | Mapping[str, npt.ArrayLike]
"""GBP, one number or one for each draw; by budget line where the budget has several."""
ConfidentOf = Literal["net_benefit", "budget"]

WHOLE_BUDGET = "budget"
"""Name of the one line of a budget that is a single number."""


@dataclass(frozen=True, eq=False)
class Programme:
    """A programme that may be bought.

    Parameters
    ----------
    name, label : str
        For rules, and as printed.
    families : mapping of str to float
        How many families it serves, by segment; of a divisible programme at the most.
    gain_per_family : mapping of str to array_like
        Costs avoided for each family served, by segment, present value in GBP; a number, or draws.
    fixed_cost : array_like or mapping of str to array_like, default 0
        Spending whatever the number of families, GBP; a number or draws, by budget line where there are
        several.
    cost_per_family : array_like or mapping of str to array_like, default 0
        Spending for each family, in the same form.
    divisible : bool, default False
        Whether it may serve fewer families, and cost less; otherwise it is bought whole or not at all.

    Examples
    --------
    >>> Programme("hub", "Family hub", {"early help": 40}, {"early help": 3_000}, fixed_cost=60_000).label
    'Family hub'
    """

    name: str
    label: str
    families: Mapping[str, float]
    gain_per_family: Mapping[str, npt.ArrayLike]
    fixed_cost: Money = 0.0
    cost_per_family: Money = 0.0
    divisible: bool = False


@dataclass(frozen=True, eq=False)
class SharedCost:
    """A cost that is paid once if any of several programmes is bought.

    Parameters
    ----------
    label : str
        As printed.
    cost : array_like or mapping of str to array_like
        GBP; a number or draws, by budget line where there are several.
    programmes : sequence of str
        Names of those that need it.
    """

    label: str
    cost: Money
    programmes: Sequence[str]


@dataclass(frozen=True, eq=False)
class PortfolioProblem:
    """Which programmes to buy out of a budget.

    Parameters
    ----------
    programmes : sequence of Programme
        In the order that settles ties.
    budget : float or mapping of str to float
        Most that may be spent, GBP, expected over the draws; or by named line, such as a year or an agency.
        ``inf`` is a line without a limit.
    price_base : str
        Financial year of the prices.
    shared_costs : sequence of SharedCost, optional
        Costs that several programmes have in common.
    exclusive : sequence of sequence of str, optional
        Groups of programmes of which one at the most is bought.
    requires : mapping of str to sequence of str, optional
        For a programme, those without which it cannot be bought.
    must_have, must_not : sequence of str, optional
        Programmes that are bought in any event, and never.
    line_weights : mapping of str to float, optional
        Present value of a pound on a line, 1 unless given: discount factors where lines are years.
    confidence : float, optional
        Least share of the draws, above 0 and up to 1, in which the portfolio has to do well.
    confident_of : {'net_benefit', 'budget'}
        Of what: that the whole portfolio brings at least what it costs, or that no line is overspent.
    seed : int, optional
        Of the draws, for the footer.
    set_version : str, optional
        Parameter set, for the footer.
    notes : sequence of str, optional
        Sentences shown under the portfolio.

    Raises
    ------
    ValueError
        With every fault: no programme, names that are twice or not there, a budget below zero, amounts that
        are not finite or on other lines than the budget's, draws that differ in number, rules that
        contradict each other.
    """

    programmes: Sequence[Programme]
    budget: float | Mapping[str, float]
    price_base: str
    shared_costs: Sequence[SharedCost] = ()
    exclusive: Sequence[Sequence[str]] = ()
    requires: Mapping[str, Sequence[str]] = field(default_factory=dict)
    must_have: Sequence[str] = ()
    must_not: Sequence[str] = ()
    line_weights: Mapping[str, float] = field(default_factory=dict)
    confidence: float | None = None
    confident_of: ConfidentOf = "net_benefit"
    seed: int | None = None
    set_version: str = ""
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Refuse a problem that contradicts itself."""
        raise_together(list(_faults(self)))

    @cached_property
    def limits(self) -> dict[str, float]:
        """Most that may be spent by line, GBP."""
        return dict(self.budget) if isinstance(self.budget, Mapping) else {WHOLE_BUDGET: self.budget}

    @property
    def names(self) -> list[str]:
        """Names of the programmes."""
        return [programme.name for programme in self.programmes]

    @cached_property
    def draws(self) -> int:
        """Number of draws; 1 where every amount is a single number."""
        return max(np.size(amount) for _, amount in _amounts(self))

    def by_line(self, money: Money) -> FloatArray:
        """Return an amount on each line, shape (line, draw)."""
        on_line = money if isinstance(money, Mapping) else dict.fromkeys(self.limits, money)
        rows = [self.by_draw(on_line.get(line, 0.0)) for line in self.limits]
        return np.array(rows).reshape(len(self.limits), self.draws)

    def by_draw(self, amount: npt.ArrayLike) -> FloatArray:
        """Return an amount in each draw, shape (draw,)."""
        return np.broadcast_to(np.asarray(amount, dtype=np.float64).ravel(), (self.draws,))


def _amounts(problem: PortfolioProblem) -> Iterator[tuple[str, npt.ArrayLike]]:
    """Return every amount that may come as draws, and what it is."""
    for programme in problem.programmes:
        for segment, gain in _by_segment(programme.gain_per_family):
            yield f"gain_per_family of '{programme.name}' in '{segment}'", gain
    for what, money in _costs(problem):
        if isinstance(money, Mapping):
            yield from ((f"{what} on '{line}'", amount) for line, amount in money.items())
        else:
            yield what, money


def _by_segment(gains: object) -> Iterator[tuple[str, npt.ArrayLike]]:
    if isinstance(gains, Mapping):
        yield from gains.items()


def _costs(problem: PortfolioProblem) -> Iterator[tuple[str, Money]]:
    for programme in problem.programmes:
        yield f"fixed_cost of '{programme.name}'", programme.fixed_cost
        yield f"cost_per_family of '{programme.name}'", programme.cost_per_family
    for shared in problem.shared_costs:
        yield f"cost of '{shared.label}'", shared.cost


def _faults(problem: PortfolioProblem) -> Iterator[str]:
    """Return everything that is wrong, each with what to do."""
    if not problem.programmes:
        yield "there is no programme; give at least one to choose from"
        return
    yield from _faults_of_budget(problem)
    yield from _faults_of_families(problem)
    yield from _faults_of_amounts(problem)
    yield from _faults_of_names(problem)
    yield from _faults_of_rules(problem)


def _faults_of_budget(problem: PortfolioProblem) -> Iterator[str]:
    if not problem.limits:
        yield "the budget has no line; give an amount, or amounts by line"
    for line, limit in problem.limits.items():
        if not (within(limit, 0) or limit == np.inf):
            yield f"the budget '{line}' is {as_given(limit)}; give an amount of 0 or more"
    for line, weight in problem.line_weights.items():
        if line not in problem.limits:
            yield f"line_weights: '{line}' is no line of the budget; {did_you_mean(line, problem.limits)}"
        elif not within(weight, 0, 1):
            yield f"line_weights of '{line}' is {as_given(weight)}; give the present value of £1, from 0 to 1"
    if problem.confident_of not in get_args(ConfidentOf):
        yield f"confident_of is '{problem.confident_of}'; use {' or '.join(get_args(ConfidentOf))}"
    confidence = problem.confidence
    if confidence is not None and not (above(confidence, 0) and confidence <= 1):
        yield f"a confidence of {as_given(confidence)} is no share of the draws; write 80% as 0.8"


def _faults_of_families(problem: PortfolioProblem) -> Iterator[str]:
    for programme in problem.programmes:
        name, by_segment = programme.name, (programme.families, programme.gain_per_family)
        if not all(isinstance(given, Mapping) for given in by_segment):
            yield f"families and gain_per_family of '{name}' go by segment; write {{'all': 40}} for one"
        elif set(programme.families) != set(programme.gain_per_family):
            yield f"'{name}' needs families and gain_per_family for the same segments"
        else:
            for segment, families in programme.families.items():
                if not within(families, 0):
                    yield f"families of '{name}' in '{segment}' is {as_given(families)}; give 0 or more"


def _faults_of_amounts(problem: PortfolioProblem) -> Iterator[str]:
    sizes = {}
    for what, amount in _amounts(problem):
        try:
            values = np.asarray(amount, dtype=np.float64)
        except (TypeError, ValueError):
            values = np.empty(0)
        if values.ndim > 1 or values.size == 0 or not np.isfinite(values).all():
            yield f"{what} must be a finite number, or one for each draw"
        elif values.size > 1:
            sizes[what] = values.size
    if len(set(sizes.values())) > 1:
        fewest, most = min(sizes, key=sizes.__getitem__), max(sizes, key=sizes.__getitem__)
        yield f"{fewest} has {sizes[fewest]} draws and {most} {sizes[most]}; give as many everywhere"
    if problem.confidence is not None and not sizes:
        yield "a confidence needs draws, and every amount is a single number; give draws of gains or costs"
    several = len(problem.limits) > 1
    for what, money in _costs(problem):
        if isinstance(money, Mapping):
            for line in set(money) - set(problem.limits):
                yield f"{what}: '{line}' is no line of the budget; {did_you_mean(line, problem.limits)}"
        elif several and np.any(np.asarray(money) != 0):
            yield f"{what} is one amount and the budget has several lines; give it by line"


def _faults_of_names(problem: PortfolioProblem) -> Iterator[str]:
    names = problem.names
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"two programmes are called '{name}'; give each its own name"
    labels = [programme.label for programme in problem.programmes]
    for label in sorted({label for label in labels if labels.count(label) > 1}):
        yield f"two programmes are labelled '{label}'; give each its own label"
    for rule, named in _named(problem):
        if isinstance(named, str):
            yield f"{rule} is the text '{named}'; give a list of names, such as ['{named}']"
            continue
        for name in named:
            if name not in names:
                yield f"{rule}: '{name}' is no programme; {did_you_mean(name, names)}"


def _named(problem: PortfolioProblem) -> Iterator[tuple[str, Sequence[str]]]:
    """Return the names that each rule uses."""
    for shared in problem.shared_costs:
        yield f"programmes of '{shared.label}'", shared.programmes
    for group in problem.exclusive:
        yield "exclusive", group
    yield "requires", tuple(problem.requires)
    for name, needed in problem.requires.items():
        yield f"requires of '{name}'", needed
    yield "must_have", problem.must_have
    yield "must_not", problem.must_not


def _faults_of_rules(problem: PortfolioProblem) -> Iterator[str]:
    """Return must-haves that other rules forbid; whether they can be paid is for the solver to say."""
    bought = dict.fromkeys(problem.must_have, "a must-have")
    waiting = list(bought)
    while waiting:
        name = waiting.pop()
        for needed in problem.requires.get(name, ()):
            if needed not in bought:
                bought[needed] = f"needed for '{name}'"
                waiting.append(needed)
    for name in sorted(set(bought) & set(problem.must_not)):
        yield f"'{name}' is {bought[name]} and in must_not; take it out of one of the two"
    for group in problem.exclusive:
        both = [name for name in dict.fromkeys(group) if name in bought]
        if len(both) > 1:
            words = " and ".join(f"'{name}' ({bought[name]})" for name in both)
            yield f"{words} exclude each other; leave one out"
