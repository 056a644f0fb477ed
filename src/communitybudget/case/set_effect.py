"""What another parameter set does to a case's answer, figure by figure."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from communitybudget._core.cards import card, footer, text_table
from communitybudget._core.digits import pounds
from communitybudget._core.results import JsonResult, result
from communitybudget._core.vocabulary import ALL_AGENCIES, agency_label
from communitybudget.case.case import Case
from communitybudget.case.effects import EffectSolver
from communitybudget.case.measures import Errors
from communitybudget.case.rerun import Run, grouped
from communitybudget.parameters import ParameterSet

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Progress = Callable[[int, int], None]

TOGETHER = "together, and rows added or removed"


@result
@dataclass(frozen=True, slots=True)
class Step:
    """The change that one figure, or one table of figures, makes by itself.

    Parameters
    ----------
    name : str
        Key of the figure, table, or what is left over.
    label : str
        In words.
    change : float
        Change of the mean, real GBP at the price base of the case.
    error : float
        Its Monte Carlo standard error.
    """

    name: str
    label: str
    change: float
    error: float


@result
@dataclass(frozen=True, eq=False)
class SetEffect(JsonResult):
    """How the net present value of one option changes from one parameter set to another.

    Parameters
    ----------
    option, option_label : str
        Of the case.
    old_set, new_set : str
        Name and version of the two sets.
    before, after : mapping of str to float
        Mean net present value, fiscal, by agency, ``all`` among them; real GBP.
    costs_avoided_before, costs_avoided_after : mapping of str to float
        Present value of costs avoided by agency; real GBP.
    steps : tuple of Step
        Each figure in use by itself, the largest first, then what they do together. They sum to the
        change of ``all``.
    price_base : str
        Of the case.
    draws, seed : int
        Shared by both sets.
    """

    option: str
    option_label: str
    old_set: str
    new_set: str
    before: dict[str, float]
    after: dict[str, float]
    costs_avoided_before: dict[str, float]
    costs_avoided_after: dict[str, float]
    steps: tuple[Step, ...]
    price_base: str
    draws: int
    seed: int

    @property
    def change(self) -> float:
        """Change of the mean net present value, all agencies; real GBP."""
        return self.after[ALL_AGENCIES] - self.before[ALL_AGENCIES]

    def to_frame(self) -> "pd.DataFrame":
        """Return the steps as a table.

        Returns
        -------
        pandas.DataFrame
            ``step, label, change, mc_error``; GBP, the steps summing to the whole change.
        """
        import pandas as pd

        rows = [(s.name, s.label, s.change, s.error) for s in self.steps]
        return pd.DataFrame(rows, columns=["step", "label", "change", "mc_error"])

    def by_agency(self) -> "pd.DataFrame":
        """Return the answer before and after by agency.

        Returns
        -------
        pandas.DataFrame
            ``agency`` (printable)``, costs_avoided_before, costs_avoided_after, npv_before, npv_after,
            change``; GBP, all agencies last.
        """
        import pandas as pd

        names = [a for a in self.before if a != ALL_AGENCIES] + [ALL_AGENCIES]
        rows = [
            (
                agency_label(a),
                self.costs_avoided_before[a],
                self.costs_avoided_after[a],
                self.before[a],
                self.after[a],
                self.after[a] - self.before[a],
            )
            for a in names
        ]
        columns = "agency costs_avoided_before costs_avoided_after npv_before npv_after change".split()
        return pd.DataFrame(rows, columns=columns)

    def _rows(self) -> list[tuple[str, str]]:
        rows = [(f"Net present value, {self.old_set}", pounds(self.before[ALL_AGENCIES]))]
        rows += [(f"  {s.label}", pounds(s.change, signed=True)) for s in self.steps if round(s.change)]
        rows += [(f"Net present value, {self.new_set}", pounds(self.after[ALL_AGENCIES]))]
        return rows

    def summary(self) -> str:
        """Return the change, step by step, as text."""
        title = f"{self.option_label}: from {self.old_set} to {self.new_set}"
        foot = footer(self.price_base, self.seed, self.draws, self.new_set)
        return text_table(title, self._rows(), foot)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the steps as bars and return the axes."""
        from communitybudget.charts import plot_changes

        return plot_changes(self.to_frame(), ax=ax, price_base=self.price_base)

    def __repr__(self) -> str:
        return (
            f"SetEffect({self.option}, {self.old_set} to {self.new_set}, change={self.change:,.0f}, "
            f"draws={self.draws}, seed={self.seed})"
        )

    def _repr_html_(self) -> str:
        rows = [(name.strip(), value) for name, value in self._rows()]
        foot = footer(self.price_base, self.seed, self.draws, self.new_set)
        return card(f"{self.option_label}: {self.old_set} to {self.new_set}", rows, foot)


def effect_of_set(
    case: Case,
    new_set: ParameterSet,
    option: str | None = None,
    draws: int = 1_000,
    seed: int = 1,
    most: int = 30,
    progress: Progress | None = None,
) -> SetEffect:
    """Return what another parameter set does to a case's answer, and through which figures.

    Both sets share the draws, so a difference is the figures and not luck. Each changed figure that the
    case uses is put into the old set by itself; what is left is what they do together, with rows
    added or removed.

    Parameters
    ----------
    case : Case
        Appraised on its own set, then on the new one. Its overrides are applied to both.
    new_set : ParameterSet
        The other set.
    option : str, optional
        The first option unless one is named.
    draws, seed : int
        As in `appraise`.
    most : int
        Above this number of changed figures they are taken table by table.
    progress : callable, optional
        Called with steps done and steps in all.

    Returns
    -------
    SetEffect

    Raises
    ------
    CaseFileError
        If the new set lacks what the case names.
    ParameterNotFound
        If there is no such option.

    Examples
    --------
    >>> from communitybudget.case import load_case
    >>> from communitybudget.parameters import examples_folder
    >>> case = load_case(examples_folder() / "hounslow" / "case.yaml")
    >>> dearer = case.parameters.override(
    ...     "unit_cost.residential_home_week", 7000, price_base="2023-24", reason="a dearer contract"
    ... )
    >>> found = effect_of_set(case, dearer, draws=100)
    >>> [step.name for step in found.steps]
    ['unit_cost.residential_home_week', 'together, and rows added or removed']
    >>> found.change > 0
    True
    """
    solver = EffectSolver()
    old = Run.of(case, draws, seed, solver=solver)
    chosen = old.option(option)
    other = case.with_set(new_set)
    new = Run.of(other, draws, seed, solver=solver)
    used = {*old.model.inputs.used, *new.model.inputs.used}
    base, target = case.parameters, other.parameters
    changed = [
        key
        for key in base.parameters
        if key in used and key in target.parameters and base.parameters[key] != target.parameters[key]
    ]
    groups = grouped(changed, most)
    steps = []
    for i, (name, keys) in enumerate(groups.items()):
        mixed = replace(base, parameters={**base.parameters, **{k: target.parameters[k] for k in keys}})
        label = (
            target.parameters[keys[0]].label if name in target.parameters else f"{name}, {len(keys)} figures"
        )
        step = old.with_figures(case, mixed, keys, solver)
        difference = step.npv(chosen, ALL_AGENCIES) - old.npv(chosen, ALL_AGENCIES)
        steps.append(Step(name, label, float(difference.mean()), Errors().mean(difference)))
        if progress is not None:
            progress(i + 1, len(groups))
    whole = new.npv(chosen, ALL_AGENCIES) - old.npv(chosen, ALL_AGENCIES)
    rest = float(whole.mean()) - sum(step.change for step in steps)
    steps.sort(key=lambda step: -abs(step.change))
    steps.append(Step(TOGETHER, TOGETHER.capitalize(), rest, Errors().mean(whole)))
    names = [*dict.fromkeys((*old.ledger.agencies, *new.ledger.agencies)), ALL_AGENCIES]
    return SetEffect(
        option=chosen,
        option_label=old.ledger.label(chosen),
        old_set=old.model.set_version,
        new_set=new.model.set_version,
        before={a: float(old.npv(chosen, a).mean()) for a in names},
        after={a: float(new.npv(chosen, a).mean()) for a in names},
        costs_avoided_before={a: old.avoided(chosen, a) for a in names},
        costs_avoided_after={a: new.avoided(chosen, a) for a in names},
        steps=tuple(steps),
        price_base=case.spec.price_base,
        draws=draws,
        seed=seed,
    )
