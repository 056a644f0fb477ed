"""The decision that a case is for: what each choice comes to, and what it is worth to know more first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.cards import Card, CardResult, footer
from communitybudget._core.chances import chance
from communitybudget._core.digits import pounds
from communitybudget._core.errors import ParameterNotFound, did_you_mean
from communitybudget._core.results import result
from communitybudget._core.vocabulary import ALL_AGENCIES, BAU, agency_label
from communitybudget.appraisal import discount_factors
from communitybudget.case.holders import NOBODY, holder_of
from communitybudget.case.people import STOCK
from communitybudget.case.question import DecisionSpec
from communitybudget.case.records import extract_costs
from communitybudget.sensitivity import (
    DecisionPopulation,
    DecisionTable,
    Dominance,
    HolderInformation,
    InformationTable,
    InformationValue,
    PopulationValue,
    SampleInformationCurve,
    Study,
    decision_table,
    dominance,
    evpi_value,
    evppi,
    evppi_each,
    evppi_sets,
    evsi_curve,
    information_by_holder,
    population_value,
    precision_warnings,
)
from communitybudget.sensitivity.sample_methods import SampleMethod

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from communitybudget.case.appraisal import Appraisal
    from communitybudget.case.model import Model

Array = NDArray[np.float64]
Kind = Literal["effects", "rates", "quantities", "prices", "delivery"]

KINDS: dict[str, str] = {
    "effects": "What the options do",
    "rates": "Rates, and where families are today",
    "quantities": "What services are used",
    "prices": "Prices",
    "delivery": "What the options cost, and who takes part",
}
"""Kinds of input, and what to call them."""
_KIND_OF_TABLE: dict[str, Kind] = {
    "transition": "rates",
    "start": "rates",
    "cohort": "rates",
    "spell": "rates",
    "activity": "quantities",
    "unit_cost": "prices",
}


@result
@dataclass(frozen=True, slots=True)
class DecisionInput:
    """An uncertain input on which a decision may hang.

    Parameters
    ----------
    key, label : str
        As in the appraisal.
    kind : str
        One of `KINDS`.
    holder : str
        Agency whose records show it; ``unallocated`` where no one agency's do.
    """

    key: str
    label: str
    kind: Kind
    holder: str


@result
@dataclass(frozen=True, eq=False)
class Decision(CardResult):
    """One choice between options and business as usual, for the families of the case.

    Amounts are present values, real GBP. The net benefit of a choice is its net present value as expected at
    the rates, effects and prices of a draw: which families these turn out to be cannot be learnt beforehand,
    and is left out.

    Parameters
    ----------
    title : str
        Of the case.
    choices, labels : tuple of str
        Business as usual first.
    agency : str
        Whose money decides; ``all`` for all agencies.
    value : str
        ``fiscal`` or ``public_value``.
    net_benefit : ndarray, shape (draw, choice)
        Net present value against business as usual.
    inputs : tuple of DecisionInput
        K of them.
    input_values : ndarray, shape (K, draw)
        Their draws.
    population : DecisionPopulation
        For how many families a year, and how many years, it is decided.
    extract_costs : tuple of (str, float)
        What a year of an agency's records costs, GBP.
    price_base, seed, set_version : str, int, str
        As in the appraisal.
    """

    title: str
    choices: tuple[str, ...]
    labels: tuple[str, ...]
    agency: str
    value: str
    net_benefit: Array
    inputs: tuple[DecisionInput, ...]
    input_values: Array
    population: DecisionPopulation
    extract_costs: tuple[tuple[str, float], ...]
    price_base: str
    seed: int
    set_version: str

    @property
    def draws(self) -> int:
        """Number of draws."""
        return int(self.net_benefit.shape[0])

    @property
    def best(self) -> str:
        """The choice that is best on average; the first of equals."""
        return self.choices[self.labels.index(self.table.best)]

    @cached_property
    def table(self) -> DecisionTable:
        """How the choices compare over the draws: means, how often each is best, what each may lose."""
        return decision_table(
            self.net_benefit,
            self.labels,
            price_base=self.price_base,
            seed=self.seed,
            set_version=self.set_version,
        )

    def dominance(self) -> Dominance:
        """Return which choices are better than others whatever one feels about risk."""
        return dominance(self.net_benefit, self.labels, price_base=self.price_base, seed=self.seed)

    def warnings(self) -> tuple[str, ...]:
        """Return in words what the draws do not support; nothing where they support all that is shown."""
        return precision_warnings(self.net_benefit, self.labels)

    def input_frame(self) -> "pd.DataFrame":
        """Return the draws of the inputs, one column each."""
        import pandas as pd

        return pd.DataFrame({i.key: v for i, v in zip(self.inputs, self.input_values, strict=True)})

    @cached_property
    def evpi(self) -> InformationValue:
        """What it is worth to know every input before choosing, for the families of the case."""
        return evpi_value(self.net_benefit)

    def evppi(self, keys: str | Sequence[str]) -> InformationValue:
        """Return what it is worth to know some inputs, for the families of the case.

        Parameters
        ----------
        keys : str or sequence of str
            Keys of inputs.

        Raises
        ------
        ParameterNotFound
            If a key is no input of the decision.
        """
        wanted = (keys,) if isinstance(keys, str) else tuple(keys)
        self._known(wanted)
        return evppi(self.net_benefit, self.input_frame(), wanted)

    def information(self) -> InformationTable:
        """Return what it is worth to know each input by itself, for the families of the case."""
        labels = {i.key: i.label for i in self.inputs}
        return evppi_each(self.net_benefit, self.input_frame(), labels)

    def information_of(
        self, sets: Mapping[str, Sequence[str]], labels: Mapping[str, str] | None = None
    ) -> InformationTable:
        """Return what it is worth to know each of several sets of inputs, for the families of the case.

        Parameters
        ----------
        sets : mapping of str to sequence of str
            Keys of inputs by name of the set.
        labels : mapping of str to str, optional
            Printable names of the sets.

        Raises
        ------
        ParameterNotFound
            If a key is no input of the decision.
        """
        self._known([key for keys in sets.values() for key in keys])
        return evppi_sets(self.net_benefit, self.input_frame(), sets, labels)

    def information_by_kind(self) -> InformationTable:
        """Return what it is worth to know all effects, rates, quantities, prices, or costs of delivery."""
        sets = {kind: [i.key for i in self.inputs if i.kind == kind] for kind in KINDS}
        return self.information_of({kind: keys for kind, keys in sets.items() if keys}, KINDS)

    def information_by_holder(self, *, compared: bool = True) -> HolderInformation:
        """Return what each agency's records are worth to the decision, at most, against what they cost.

        Parameters
        ----------
        compared : bool, default True
            Whether the records can be followed for families with and without the option, and so tell what it
            does; otherwise they tell how things are today: rates, use of services, prices.
        """
        holds: dict[str, list[str]] = {}
        for one in self.inputs:
            if one.holder != NOBODY and (compared or one.kind != "effects"):
                holds.setdefault(one.holder, []).append(one.key)
        if not holds:
            return HolderInformation((), self.population, self.price_base)
        return information_by_holder(
            self.information_of(holds, {holder: agency_label(holder) for holder in holds}),
            holds,
            dict(self.extract_costs),
            self.population,
            price_base=self.price_base,
        )

    def study(
        self,
        study: Study,
        sizes: Sequence[int],
        *,
        known: Mapping[str, float] | None = None,
        method: SampleMethod = "moment_matching",
        seed: int | None = None,
    ) -> SampleInformationCurve:
        """Return what a planned study is worth by its number of families, for the families of the case.

        Parameters
        ----------
        study : Study
            What is measured, in terms of inputs of the decision and of known numbers.
        sizes : sequence of int
            Numbers of families, rising.
        known : mapping of str to float, optional
            Numbers that the study needs and that are taken as known, such as the share of families to whom an
            event happens under business as usual, by a name of your own.
        method : {'moment_matching', 'regression', 'importance'}
            See `communitybudget.sensitivity.evsi_curve`.
        seed : int, optional
            Of the made-up results; that of the appraisal if not given.
        """
        return evsi_curve(
            self.net_benefit,
            self.input_frame().assign(**(known or {})),
            study,
            sizes,
            method=method,
            seed=self.seed if seed is None else seed,
            price_base=self.price_base,
        )

    def for_all(self, worth: InformationValue) -> PopulationValue:
        """Return what information is worth over all families and years of the decision."""
        return population_value(
            worth.value, self.population, standard_error=worth.standard_error, price_base=self.price_base
        )

    def to_frame(self) -> "pd.DataFrame":
        """Return a row for each choice; columns as in `communitybudget.sensitivity.decision_table`."""
        return self.table.to_frame()

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw how often each choice is the best, and what choosing it may lose."""
        return self.table.plot(ax)

    def _known(self, keys: Sequence[str]) -> None:
        there = [one.key for one in self.inputs]
        for key in keys:
            if key not in there:
                raise ParameterNotFound(f"'{key}' is no input of this decision; {did_you_mean(key, there)}")

    def _card(self) -> Card:
        every = self.for_all(self.evpi)
        frame = self.to_frame()
        rows = [
            (row["option"], f"{pounds(row['mean'])}, the best in {chance(row['probability_best'])} of draws")
            for row in frame.to_dict("records")
        ]
        rows += [
            ("Best on average", self.table.best),
            ("Knowing everything first is worth", pounds(self.evpi.value)),
            (f"and for {self.population.in_words()}", pounds(every.value)),
        ]
        whose = "all agencies" if self.agency == ALL_AGENCIES else agency_label(self.agency)
        what = "fiscal" if self.value == "fiscal" else "public value"
        note = f"Net present value, {whose}, {what}, for the families of the case. Chance cannot be learnt."
        foot = footer(self.price_base, self.seed, self.draws, self.set_version)
        return Card(f"{self.title}: which choice", rows, foot, note)

    def __repr__(self) -> str:
        return (
            f"Decision(best={self.best!r}, evpi={self.evpi.value:,.0f} GBP real, "
            f"choices={len(self.choices)}, price_base={self.price_base}, draws={self.draws}, "
            f"seed={self.seed})"
        )


def decision_of(
    appraisal: "Appraisal",
    options: str | Sequence[str] | None = None,
    agency: str | None = None,
    value: str | None = None,
) -> Decision:
    """Return the decision that an appraisal is for; arguments as in `Appraisal.decision`."""
    model, spec = appraisal.model, appraisal.case.spec.decision or DecisionSpec()
    agency = spec.agency if agency is None else agency
    value = spec.value if value is None else value
    chosen = chosen_options(appraisal, options)
    if appraisal.draws < 2:
        raise ValueError("a decision needs at least 2 draws and the appraisal has 1; appraise with more")
    benefit = [np.zeros(appraisal.draws), *(appraisal.npv(option, agency, value) for option in chosen)]
    columns = appraisal.inputs_of(chosen, agency)
    effects = {used.row.id for every in model.effects.values() for used in every}
    values = dict(zip((c.key for c in appraisal.inputs), appraisal.input_values, strict=True))
    return Decision(
        title=appraisal.title,
        choices=(BAU, *chosen),
        labels=("Business as usual", *(appraisal.ledger.label(option) for option in chosen)),
        agency=agency,
        value=value,
        net_benefit=np.column_stack(benefit),
        inputs=tuple(
            DecisionInput(c.key, c.label, _kind(c.key, effects), holder_of(model, c.ids)) for c in columns
        ),
        input_values=np.array([values[c.key] for c in columns]).reshape(len(columns), appraisal.draws),
        population=population_of(model, spec),
        extract_costs=tuple(extract_costs(spec, model.index, appraisal.price_base).items()),
        price_base=appraisal.price_base,
        seed=appraisal.seed,
        set_version=appraisal.set_version,
    )


def chosen_options(appraisal: "Appraisal", options: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the options named, each once, or else those that can be chosen."""
    if options is None:
        return appraisal.case.spec.choices
    chosen = (options,) if isinstance(options, str) else tuple(dict.fromkeys(options))
    if not chosen or BAU in chosen:
        there = ", ".join(appraisal.options)
        raise ValueError(
            f"options are to be some of {there}; leave business as usual out, which is always one of the "
            "choices, or leave options out for those of the case"
        )
    return chosen


def population_of(model: "Model", spec: DecisionSpec) -> DecisionPopulation:
    """Return for how many families it is decided: those of the case, once, unless the case says more."""
    families = model.cohort.families
    factors = discount_factors(spec.years, schedule=model.schedule)
    return DecisionPopulation(
        families, spec.families_a_year or families, spec.years, tuple(float(f) for f in factors)
    )


def _kind(key: str, effects: set[str]) -> Kind:
    if key in effects:
        return "effects"
    return _KIND_OF_TABLE.get(key.removeprefix(STOCK).partition(".")[0], "delivery")
