"""Why one result is not another: both are run again, and everything that lies between them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.digits import pounds_and_pence
from communitybudget._core.errors import CommunityBudgetError, ParameterError, ParameterNotFound
from communitybudget._core.vocabulary import ALL_AGENCIES
from communitybudget.case.appraisal import Appraisal
from communitybudget.case.bridge_keys import COMPONENT_LABELS, DEFAULT_ORDER, LIBRARY, checked_order
from communitybudget.case.bridge_pair import End, Pair
from communitybudget.case.bridge_result import Bridge, BridgeStep
from communitybudget.case.bridge_walk import Progress, Sample, States, Taken, sample_of, sum_error, walk
from communitybudget.case.effects import EffectSolver
from communitybudget.case.rerun import Run

Array = NDArray[np.float64]

_HALF_A_PENNY = 0.005


def compare(
    a: Appraisal,
    b: Appraisal,
    option: str | None = None,
    agency: str = ALL_AGENCIES,
    value: str = "fiscal",
    *,
    order: Sequence[str] = DEFAULT_ORDER,
    by_figure: bool = True,
    progress: Progress | None = None,
) -> Bridge:
    """Return why the answer changed from one result to another.

    One thing at a time is changed from what it is in ``a`` to what it is in ``b``, and the case in between
    is run again with this library. Each step is the mean of being taken in the stated order and in the
    opposite one, so that ``compare(b, a)`` gives exactly the negatives.

    Parameters
    ----------
    a, b : Appraisal
        The old and the new result; each may have been read back from JSON.
    option : str, optional
        In both results; the first of ``a`` unless one is named.
    agency, value : str
        Whose net present value, as in `Appraisal.npv`; as expected, without chance.
    order : sequence of str
        Each of ``data, effects, unit_costs, price_base, discount_rule, method, monte_carlo`` once.
    by_figure : bool
        Whether figures and parts of the case are steps of their own, or each component one step. Above 30
        figures of a kind they are taken table by table.
    progress : callable, optional
        Called with cases run and cases in all.

    Returns
    -------
    Bridge
        Whole pence; steps that sum exactly to the change.

    Raises
    ------
    ParameterNotFound
        If the option is not in both results.
    ParameterError
        If the order does not name each component once, or something else than a result is given.
    CommunityBudgetError
        If a result cannot be run again, such as one read back whose case names a file of families.

    Examples
    --------
    >>> from communitybudget.case import appraise, load_case
    >>> from communitybudget.parameters import examples_folder
    >>> case = load_case(examples_folder() / "hounslow" / "case.yaml")
    >>> dearer = case.override(
    ...     "unit_cost.residential_home_week", 6120, price_base="2025-26", reason="2025-26 outturn"
    ... )
    >>> march, june = (appraise(one, draws=20) for one in (case, dearer))
    >>> found = compare(march, june)
    >>> [step.name for step in found.steps], found.change < 0
    (['unit_cost.residential_home_week'], True)
    """
    taken_in = checked_order(tuple(order))
    for given, word in ((a, "old"), (b, "new")):
        if not isinstance(given, Appraisal):
            raise ParameterError(f"the {word} one is no result; give what `appraise` returns for the case")
    chosen = _option_of_both(a, b, option)
    solver = EffectSolver()

    def answer(run: Run) -> Sample:
        return sample_of(run, run.npv(chosen, agency, value))

    old, new = (
        _run_again(given, word, solver, answer, given.npv(chosen, agency, value))
        for given, word in ((a, "old"), (b, "new"))
    )
    pair = Pair(old.end, new.end)
    changes = pair.changes(taken_in, by_figure)
    states = States(pair, answer, (old.run, new.run), solver, (old.start, new.start), changes)
    steps = [*_library(old, new), *map(_step, walk(states, changes, progress))]
    return Bridge(
        option=chosen,
        option_label=b.ledger.label(chosen),
        agency=agency,
        value=value,
        order=taken_in,
        steps=tuple(steps),
        before_pence=old.stored.pence,
        after_pence=new.stored.pence,
        error=sum_error([(1.0, new.stored), (-1.0, old.stored)]),
        price_base_before=a.price_base,
        price_base_after=b.price_base,
        draws_before=a.draws,
        draws_after=b.draws,
        seed_before=a.seed,
        seed_after=b.seed,
        set_before=a.set_version,
        set_after=b.set_version,
        notes=(*_notes("old", a, old), *_notes("new", b, new)),
    )


def _option_of_both(a: Appraisal, b: Appraisal, option: str | None) -> str:
    both = [name for name in a.options if name in b.options]
    chosen = a.options[0] if option is None else option
    if chosen not in both:
        raise ParameterNotFound(
            f"option '{chosen}' is not in both results: the old one has {', '.join(a.options)}, the new one "
            f"{', '.join(b.options)}; "
            + (f"name one that is in both: {', '.join(both)}" if both else "they have none in common")
        )
    return chosen


@dataclass(frozen=True)
class _Again:
    """A result, and what this library makes of its case."""

    end: End
    run: Run
    stored: Sample
    again: Sample

    @property
    def reproduced(self) -> bool:
        """Whether it comes out again to the penny; other computers differ in the last digits."""
        return abs(float(self.stored.values.mean()) - float(self.again.values.mean())) < _HALF_A_PENNY

    @property
    def start(self) -> Sample:
        """Where the walk begins or ends."""
        return self.stored if self.reproduced else self.again


def _run_again(
    given: Appraisal, word: str, solver: EffectSolver, answer: Callable[[Run], Sample], npv: Array
) -> _Again:
    try:
        case = given.case.self_contained()
        run = Run.of(case, given.draws, given.seed, solver=solver)
    except CommunityBudgetError as fault:
        raise CommunityBudgetError(
            f"the {word} result cannot be run again; appraise its case file and compare that. {fault}"
        ) from fault
    return _Again(End(case, run.model, given.draws, given.seed), run, sample_of(run, npv), answer(run))


def _step(taken: Taken) -> BridgeStep:
    change = taken.change
    return BridgeStep(
        name=change.name,
        component=change.component,
        label=change.label,
        old=change.old,
        new=change.new,
        pence=taken.pence,
        error=taken.error,
        alone_pence=taken.alone,
        interaction_pence=taken.interaction,
    )


def _library(old: _Again, new: _Again) -> list[BridgeStep]:
    """Return what lies between the results and what this library makes of their cases, as a step."""
    if old.reproduced and new.reproduced:
        return []
    terms = [(1.0, old.start), (-1.0, old.stored), (1.0, new.stored), (-1.0, new.start)]
    pence = sum(int(sign) * sample.pence for sign, sample in terms)
    return [
        BridgeStep(LIBRARY, LIBRARY, COMPONENT_LABELS[LIBRARY], "", "", pence, sum_error(terms), pence, 0)
    ]


def _notes(word: str, given: Appraisal, found: _Again) -> list[str]:
    """Say where a result is not what this library makes of its case."""
    notes = []
    model = found.end.model
    if given.set_digest != model.parameters.digest:
        notes.append(
            f"The {word} result rests on {given.set_version}, whose tables are not those that "
            f"{model.set_version} has now."
        )
    if not found.reproduced:
        notes.append(
            f"The {word} result is {pounds_and_pence(found.stored.pence / 100)}; run again with this library "
            f"and set it is {pounds_and_pence(found.again.pence / 100)}. The difference is in the step "
            f"'{COMPONENT_LABELS[LIBRARY]}'."
        )
    return notes
