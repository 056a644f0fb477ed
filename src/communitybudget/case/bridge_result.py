"""The answer bridge: why one result is not the other, step by step."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from communitybudget._core.cards import Card, CardResult, footer
from communitybudget._core.digits import counted, pounds, pounds_and_pence
from communitybudget._core.results import result
from communitybudget._core.vocabulary import ALL_AGENCIES, agency_label
from communitybudget.case.bridge_keys import COMPONENT_LABELS

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
            rows.append((name, COMPONENT_LABELS[name], len(own), sum(own) / 100))
        return pd.DataFrame(rows, columns=["component", "label", "steps", "change"])

    @property
    def _outcome(self) -> str:
        """What changed, in words."""
        kind = "net present value" if self.value == "fiscal" else "public value"
        return kind if self.agency == ALL_AGENCIES else f"{kind} for {agency_label(self.agency)}"

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
        rows = [(f"Before ({self.price_base_before} prices)", pounds_and_pence(self.before))]
        for _, label, steps, change in self.by_component().itertuples(index=False):
            rows.append((f"  {label} ({counted(steps, 'step')})", _signed(change)))
        rows.append((f"After ({self.price_base_after} prices)", pounds_and_pence(self.after)))
        earlier = footer(self.price_base_before, self.seed_before, self.draws_before, self.set_before)
        foot = footer(self.price_base_after, self.seed_after, self.draws_after, self.set_after)
        return Card(
            f"{self.option_label}: why the {self._outcome} changed",
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
            outcome=self._outcome,
        )

    def __repr__(self) -> str:
        return (
            f"Bridge({self.option}, change={self.change:,.2f}, {counted(len(self.steps), 'step')}, "
            f"draws={self.draws_after}, seed={self.seed_after})"
        )


def _signed(change: float) -> str:
    return f"{'+' if change > 0 else ''}{pounds_and_pence(change)}"


def _reason(step: BridgeStep) -> str:
    values = f", from {step.old} to {step.new}" if step.old and step.new else ""
    return f"{step.label}{values} ({pounds(step.change, signed=True)})"
