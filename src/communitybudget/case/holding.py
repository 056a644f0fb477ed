"""Inputs of one option held at values, many values at once, while all others stay uncertain."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.vocabulary import ALL_AGENCIES
from communitybudget.case.inputs import StartRow
from communitybudget.case.measures import npv_of
from communitybudget.case.model import Model
from communitybudget.sampling import Draws
from communitybudget.simulation import Activity

Array = NDArray[np.float64]

_LANES = 8_192
_PRICES = (
    "unit_cost.",
    "activity.",
    "case.delivery.",
    "case.teams.",
    "case.claims.",
    "case.outcomes.",
    "case.risks.",
    "case.funding.",
)


def only_option(model: Model, option: str) -> Model:
    """Return the model with one option, so that what the others need is not run."""
    spec = model.case.spec
    chosen = tuple(o for o in spec.options if o.name == option)
    column = [o.name for o in spec.options].index(option)
    return replace(
        model,
        case=replace(model.case, spec=spec.model_copy(update={"options": chosen})),
        effects={option: model.effects[option]},
        payments=tuple(p for p in model.payments if p.option == option),
        risks=tuple(r for r in model.risks if r.option == option),
        chains=tuple(use for use in model.chains if use.option == option),
        teams=tuple(member for member in model.teams if member.option == option),
        kept=None if model.kept is None else model.kept[:, [column]],
    )


@dataclass(frozen=True)
class HeldInputs:
    """The net present value of one option as some of its inputs are held and the others stay uncertain.

    Parameters
    ----------
    model : Model
        With one option alone.
    option, agency, value : str
        Whose net present value.
    factors : ndarray, shape (year,)
        Discount factors.
    drawn : Draws
        What the others stay uncertain over.
    as_drawn : Activity
        With nothing held.
    npv : ndarray, shape (draw,)
        With nothing held.
    """

    model: Model
    option: str
    agency: str
    value: str
    factors: Array
    drawn: Draws
    as_drawn: Activity
    npv: Array

    def at_multiples(self, ids: Sequence[str], multiples: Array) -> Array:
        """Return the NPV with inputs held at multiples of their central values, shape (multiple, draw).

        An effect that is absent in a draw stays absent.
        """
        values = {key: self.model.inputs.used[key].value * multiples for key in ids}
        return self.at(values, keep_absent=True)

    def at(self, values: Mapping[str, Array], *, keep_absent: bool = False) -> Array:
        """Return the NPV with inputs held at values, shape (setting, draw).

        A price or a quantity changes no activity: only the pricing is done again. For a rate, a start or an
        effect the pathways that it touches are run again, all settings at once.

        Parameters
        ----------
        values : mapping of str to ndarray, shape (setting,)
            By id of the number.
        keep_absent : bool
            Whether an effect that is exactly 1 in a draw stays so.
        """
        if all(key.startswith(_PRICES) for key in values):
            return self._by_price(values)
        return self._by_running(values, keep_absent)

    def _by_price(self, values: Mapping[str, Array]) -> Array:
        settings = next(iter(values.values())).size
        found = np.empty((settings, self.drawn.draws))
        for row in range(settings):
            held = self.drawn
            for key, column in values.items():
                held = held.with_fixed(key, float(column[row]))
            found[row] = self._npv(self.model, self.as_drawn, held)
        return found

    def _by_running(self, values: Mapping[str, Array], keep_absent: bool) -> Array:
        touched = _only_pathways(self.model, list(values))
        rest = self.npv - self._npv(touched, touched.simulate(self.drawn), self.drawn)
        settings, draws = next(iter(values.values())).size, self.drawn.draws
        at_once = max(1, _LANES // draws)
        found = np.empty((settings, draws))
        for first in range(0, settings, at_once):
            some = {key: column[first : first + at_once] for key, column in values.items()}
            held = _held(touched, self.drawn, some, keep_absent)
            npv = self._npv(touched, touched.simulate(held), held)
            found[first : first + at_once] = npv.reshape(-1, draws) + rest
        return found

    def _npv(self, model: Model, activity: Activity, drawn: Draws) -> Array:
        return npv_of(model.price(activity, drawn), self.factors, self.option, self.agency, self.value)


def hold_inputs(
    model: Model,
    option: str,
    factors: Array,
    draws: int,
    seed: int,
    agency: str = ALL_AGENCIES,
    value: str = "fiscal",
) -> HeldInputs:
    """Return an option ready to have its inputs held.

    Parameters
    ----------
    model : Model
        Ready to run.
    option, agency, value : str
        Whose net present value.
    factors : ndarray, shape (year,)
        Discount factors.
    draws, seed : int
        What the inputs that are not held stay uncertain over.
    """
    one = only_option(model, option)
    drawn = one.draw(draws, seed)
    activity = one.simulate(drawn)
    npv = npv_of(one.price(activity, drawn), factors, option, agency, value)
    return HeldInputs(one, option, agency, value, factors, drawn, activity, npv)


def rescale_starts(
    rows: Iterable[StartRow], columns: dict[str, Array], held: Mapping[str, Array | bool]
) -> None:
    """Rescale the shares of a start mix that are not held, so that each row sums to one again.

    They keep their proportions, as the other shares of a Dirichlet row do when one becomes known. Where
    the held shares alone sum to more than one, all are divided by their sum.

    Parameters
    ----------
    rows : iterable of StartRow
        Which shares sum to one.
    columns : dict of str to ndarray, shape (lane,)
        By id; the shares are replaced.
    held : mapping of str to ndarray of bool, shape (lane,), or bool
        Where a share is held, by id; nowhere if it is not named.
    """
    for row in rows:
        if held.keys().isdisjoint(row.keys):
            continue
        shares = np.array([columns[key] for key in row.keys])
        fixed = np.array([np.broadcast_to(held.get(key, False), shares.shape[1:]) for key in row.keys])
        fixed_sum = np.where(fixed, shares, 0.0).sum(axis=0)
        rest = np.where(fixed, 0.0, shares).sum(axis=0)
        scale = np.maximum(1 - fixed_sum, 0.0) / np.where(rest > 0, rest, 1.0)
        shares = np.where(fixed, shares, shares * scale)
        columns.update(zip(row.keys, shares / shares.sum(axis=0), strict=True))


def _only_pathways(model: Model, ids: Sequence[str]) -> Model:
    """Return the model with the pathways that some inputs touch; all of them where that is not plain.

    Caps join pathways: what one spends or avoids is a ceiling for claims and for the others.
    """
    named = {model.inputs.used[key].fields.get("pathway", "") for key in ids}
    claimed = model.chains or any(p.line.flow == "costs_avoided" for p in model.payments)
    if "" in named or claimed or model.budget:
        return model
    rows = [i for i, item in enumerate(model.priced) if item.count.pathway in named]
    return replace(
        model,
        people=tuple(row for row in model.people if row.pathway.name in named),
        priced=tuple(model.priced[i] for i in rows),
        kept=None if model.kept is None else model.kept[rows],
    )


def _held(model: Model, drawn: Draws, values: Mapping[str, Array], keep_absent: bool) -> Draws:
    """Return the draws once for each setting, one after the other, with the inputs held at it."""
    settings = next(iter(values.values())).size
    columns = {key: np.tile(column, settings) for key, column in drawn.columns.items()}
    constants = dict(drawn.constants)
    for key, column in values.items():
        held = np.repeat(column, drawn.draws)
        if keep_absent and key in columns and model.inputs.used[key].unit == "ratio":
            held = np.where(columns[key] == 1, 1.0, held)
        constants.pop(key, None)
        columns[key] = held
    rescale_starts(model.inputs.start_rows, columns, dict.fromkeys(values, True))
    return Draws(drawn.draws * settings, drawn.seed, columns, constants)
