"""The answer bridge: why one result is not the other, step by step."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from communitybudget._core.cards import Card, CardResult, footer
from communitybudget._core.digits import counted, pounds, pounds_and_pence
from communitybudget._core.errors import CommunityBudgetError, ParameterNotFound
from communitybudget._core.results import result
from communitybudget._core.vocabulary import ALL_AGENCIES, agency_label
from communitybudget.case.appraisal import Appraisal
from communitybudget.case.bridge_parts import COMPONENTS, DEFAULT_ORDER, LIBRARY, End, Pair, checked_order
from communitybudget.case.bridge_walk import Progress, Sample, States, Taken, sample_of, sum_error, walk
from communitybudget.case.effects import EffectSolver
from communitybudget.case.rerun import Run

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

BRIDGE_COLUMNS: tuple[str, ...] = (
    "step",
    "component",
    "label",
    "old",
    "new",
    "change",
    "mc_error",
    "alone",
    "interaction",
)
_LARGEST = 3
_HALF_A_PENNY = 0.005


@result
@dataclass(frozen=True, slots=True)
class BridgeStep:
    """What one change does on the way from one result to another.

    Parameters
    ----------
    name, component, label : str
        A part of the case or a figure; the component it belongs to; in words.
    old, new : str
        What it was and is, in words.
    pence : int
        Change of the mean: the mean of being taken in the stated order and in the opposite one.
    error : float
        Its Monte Carlo standard error, GBP.
    alone_pence : int or None
        Change of the mean with all else as in the old result; None where it cannot stand by itself.
    interaction_pence : int
        How far the change in the stated order and that in the opposite one differ; not negative.
    """

    name: str
    component: str
    label: str
    old: str
    new: str
    pence: int
    error: float
    alone_pence: int | None
    interaction_pence: int

    @property
    def change(self) -> float:
        """Change of the mean, GBP to the penny."""
        return self.pence / 100

    @property
    def alone(self) -> float:
        """Change with all else as in the old result, GBP; NaN where it cannot stand by itself."""
        return float("nan") if self.alone_pence is None else self.alone_pence / 100

    @property
    def interaction(self) -> float:
        """How far the change depends on the order, GBP."""
        return self.interaction_pence / 100


@result
@dataclass(frozen=True, eq=False)
class Bridge(CardResult):
    """The way from one result to another.

    Parameters
    ----------
    option, option_label : str
        Of which option.
    agency, value : str
        Whose net present value, and in which case: ``fiscal`` or ``public_value``.
    order : tuple of str
        Components in the order in which they were taken.
    steps : tuple of BridgeStep
        They sum to the change, to the penny.
    before_pence, after_pence : int
        Mean net present value of both results, each at its own price base.
    error : float
        Monte Carlo standard error of the change, GBP.
    price_base_before, price_base_after : str
        Of the two results.
    draws_before, draws_after, seed_before, seed_after : int
        Of the two results.
    set_before, set_after : str
        Parameter set of the two results.
    notes : tuple of str
        What cannot be compared as it stands.
    """

    option: str
    option_label: str
    agency: str
    value: str
    order: tuple[str, ...]
    steps: tuple[BridgeStep, ...]
    before_pence: int
    after_pence: int
    error: float
    price_base_before: str
    price_base_after: str
    draws_before: int
    draws_after: int
    seed_before: int
    seed_after: int
    set_before: str
    set_after: str
    notes: tuple[str, ...] = ()

    @property
    def before(self) -> float:
        """Mean net present value of the old result, GBP at its price base."""
        return self.before_pence / 100

    @property
    def after(self) -> float:
        """Mean net present value of the new result, GBP at its price base."""
        return self.after_pence / 100

    @property
    def change(self) -> float:
        """What the steps sum to, GBP."""
        return (self.after_pence - self.before_pence) / 100

    @property
    def interaction(self) -> float:
        """The most by which a step depends on the order, GBP."""
        return max((step.interaction for step in self.steps), default=0.0)

    def to_frame(self) -> "pd.DataFrame":
        """Return the steps as a table, in their order.

        Returns
        -------
        pandas.DataFrame
            ``step, component, label, old, new, change, mc_error, alone, interaction``; GBP.
        """
        import pandas as pd

        rows = [
            (s.name, s.component, s.label, s.old, s.new, s.change, s.error, s.alone, s.interaction)
            for s in self.steps
        ]
        return pd.DataFrame(rows, columns=list(BRIDGE_COLUMNS))

    def by_component(self) -> "pd.DataFrame":
        """Return the steps added up by component.

        Returns
        -------
        pandas.DataFrame
            ``component, label, steps, change``; GBP, summing to the change.
        """
        import pandas as pd

        rows = []
        for name in dict.fromkeys(step.component for step in self.steps):
            own = [step.pence for step in self.steps if step.component == name]
            rows.append((name, _COMPONENT_LABELS[name], len(own), sum(own) / 100))
        return pd.DataFrame(rows, columns=["component", "label", "steps", "change"])

    def _in_words(self) -> list[str]:
        if not self.steps:
            return ["Nothing changed."]
        moved = self.after_pence - self.before_pence
        how = "rose" if moved > 0 else "fell"
        said = [f"It {how} by {pounds_and_pence(abs(moved) / 100)}." if moved else "It is the same."]
        largest = sorted((step for step in self.steps if step.pence), key=lambda step: -abs(step.pence))
        reasons = [_reason(step) for step in largest[:_LARGEST]]
        if reasons:
            said.append(f"{'Reason' if len(largest) == 1 else 'Largest reasons'}: {'; '.join(reasons)}.")
        if len(self.steps) > 1:
            said.append(self._order_in_words())
        said.append(f"Monte Carlo standard error of the change: {pounds(self.error)}.")
        return said

    def _order_in_words(self) -> str:
        widest = max(self.steps, key=lambda step: step.interaction_pence)
        if round(widest.interaction) == 0:
            return "The order in which the steps are taken makes no difference of a pound."
        return (
            "Each step is the mean of the stated order and the opposite one; none depends on the order by "
            f"more than {pounds(widest.interaction)} ({widest.label})."
        )

    def _card(self) -> Card:
        whose = "" if self.agency == ALL_AGENCIES else f", {agency_label(self.agency)}"
        kind = "net present value" if self.value == "fiscal" else "public value"
        rows = [(f"Before ({self.price_base_before} prices)", pounds_and_pence(self.before))]
        for _, label, steps, change in self.by_component().itertuples(index=False):
            rows.append((f"  {label} ({counted(steps, 'step')})", _signed(change)))
        rows.append((f"After ({self.price_base_after} prices)", pounds_and_pence(self.after)))
        earlier = footer(self.price_base_before, self.seed_before, self.draws_before, self.set_before)
        foot = footer(self.price_base_after, self.seed_after, self.draws_after, self.set_after)
        return Card(
            f"{self.option_label}{whose}: why the {kind} changed",
            rows,
            foot if foot == earlier else f"Before: {earlier}. After: {foot}",
            " ".join((*self._in_words(), *self.notes)),
        )

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the way from the old result to the new one and return the axes."""
        from communitybudget.charts import plot_waterfall

        return plot_waterfall(
            self.to_frame()[["label", "change"]],
            ax=ax,
            before=self.before,
            after=self.after,
            price_base=self.price_base_after,
            price_base_before=self.price_base_before,
        )

    def __repr__(self) -> str:
        return (
            f"Bridge({self.option}, change={self.change:,.2f}, {counted(len(self.steps), 'step')}, "
            f"draws={self.draws_after}, seed={self.seed_after})"
        )


_COMPONENT_LABELS = {LIBRARY: "Library and set that cannot be run again", **COMPONENTS}


def _signed(change: float) -> str:
    return f"{'+' if change > 0 else ''}{pounds_and_pence(change)}"


def _reason(step: BridgeStep) -> str:
    values = f", from {step.old} to {step.new}" if step.old and step.new else ""
    return f"{step.label}{values} ({pounds(step.change, signed=True)})"


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
        If the order does not name each component once.
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
    >>> march, june = (appraise(one, draws=50) for one in (case, dearer))
    >>> found = compare(march, june)
    >>> [step.name for step in found.steps], found.change > 0
    (['unit_cost.residential_home_week'], True)
    """
    steps_in = checked_order(tuple(order))
    chosen = _option_of_both(a, b, option)
    solver = EffectSolver()
    (old, old_run), (new, new_run) = (_run_again(r, w, solver) for r, w in ((a, "old"), (b, "new")))

    def npv(run: Run) -> "Sample":
        return sample_of(run, run.npv(chosen, agency, value))

    stored = [_stored(r, run, chosen, agency, value) for r, run in ((a, old_run), (b, new_run))]
    again = [npv(run) for run in (old_run, new_run)]
    ends = [s if _reproduced(s, r) else r for s, r in zip(stored, again, strict=True)]
    pair = Pair(old, new)
    changes = pair.changes(steps_in, by_figure)
    taken: list[Taken] = []
    if changes:
        states = States(pair, npv, (old_run, new_run), solver, (ends[0], ends[1]), changes)
        taken = walk(states, changes, progress)
    steps = [
        BridgeStep(
            t.change.name,
            t.change.component,
            t.change.label,
            t.change.old,
            t.change.new,
            t.pence,
            t.error,
            t.alone,
            t.interaction,
        )
        for t in taken
    ]
    missing = stored[1].pence - stored[0].pence - sum(step.pence for step in steps)
    if missing:
        terms = [(1.0, stored[1]), (-1.0, ends[1]), (1.0, ends[0]), (-1.0, stored[0])]
        label = _COMPONENT_LABELS[LIBRARY]
        versions = (a.set_version, new.model.set_version)
        steps.insert(0, BridgeStep(LIBRARY, LIBRARY, label, *versions, missing, sum_error(terms), missing, 0))
    return Bridge(
        option=chosen,
        option_label=b.ledger.label(chosen),
        agency=agency,
        value=value,
        order=steps_in,
        steps=tuple(steps),
        before_pence=stored[0].pence,
        after_pence=stored[1].pence,
        error=sum_error([(1.0, stored[1]), (-1.0, stored[0])]),
        price_base_before=a.price_base,
        price_base_after=b.price_base,
        draws_before=a.draws,
        draws_after=b.draws,
        seed_before=a.seed,
        seed_after=b.seed,
        set_before=a.set_version,
        set_after=b.set_version,
        notes=(*_notes("old", a, old, stored[0], again[0]), *_notes("new", b, new, stored[1], again[1])),
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


def _run_again(appraisal: Appraisal, word: str, solver: EffectSolver) -> tuple[End, Run]:
    try:
        case = appraisal.case.self_contained()
        run = Run.of(case, appraisal.draws, appraisal.seed, solver=solver)
    except CommunityBudgetError as fault:
        raise CommunityBudgetError(
            f"the {word} result cannot be run again; appraise its case file and compare that. {fault}"
        ) from fault
    return End(case, run.model, appraisal.draws, appraisal.seed), run


def _stored(appraisal: Appraisal, run: Run, option: str, agency: str, value: str) -> Sample:
    return sample_of(run, appraisal.npv(option, agency, value))


def _reproduced(stored: Sample, again: Sample) -> bool:
    """Return whether a result comes out again to the penny; other computers differ in the last digits."""
    return abs(float(stored.values.mean()) - float(again.values.mean())) < _HALF_A_PENNY


def _notes(word: str, appraisal: Appraisal, end: End, stored: Sample, again: Sample) -> list[str]:
    """Say where a result is not what this library makes of its case."""
    found = []
    if appraisal.set_digest != end.model.parameters.digest:
        found.append(
            f"The {word} result rests on {appraisal.set_version}, whose tables are not those that "
            f"{end.model.set_version} has now."
        )
    if not _reproduced(stored, again):
        found.append(
            f"The {word} result is {pounds_and_pence(stored.pence / 100)}; run again with this library and "
            f"set it is {pounds_and_pence(again.pence / 100)}. The difference is in the step "
            f"'{_COMPONENT_LABELS[LIBRARY]}'."
        )
    return found
