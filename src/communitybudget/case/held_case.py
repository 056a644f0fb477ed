"""One option of a case as a function of its inputs: every input held, many settings as lanes of one run."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from communitybudget._core.errors import ParameterNotFound, did_you_mean
from communitybudget._core.vocabulary import ALL_AGENCIES, agency_label
from communitybudget.case.holding import only_option, rescale_starts
from communitybudget.case.measures import npv_of
from communitybudget.case.model import Model
from communitybudget.parameters import Parameter
from communitybudget.sampling import Draws
from communitybudget.sensitivity import About

if TYPE_CHECKING:
    from communitybudget.case.appraisal import Appraisal
    from communitybudget.case.input_columns import InputColumn

Array = npt.NDArray[np.float64]

_LANES = 8_192


@dataclass(frozen=True)
class HeldCase:
    """The net present value of one option with every input held.

    Call it with settings of all inputs, shape (row, K), for net present values, shape (row,). A setting is
    the value of the first parameter of an input; the others of the same unknown move with it: from their
    own low over their base to their own high, straight between, and in proportion beyond.

    Parameters
    ----------
    model : Model
        With one option alone; risks at their expected value.
    inputs : tuple of InputColumn
        K of them.
    ends : mapping of str to (float, float, float)
        Low, base and high of every number that is drawn, by id.
    option, agency, value : str
        Whose net present value.
    factors : ndarray, shape (year,)
        Discount factors.
    """

    model: Model
    inputs: "tuple[InputColumn, ...]"
    ends: Mapping[str, tuple[float, float, float]]
    option: str
    agency: str
    value: str
    factors: Array

    def __call__(self, rows: Array) -> Array:
        """Return the net present value of each setting, shape (row,)."""
        return np.concatenate([self._run(rows[i : i + _LANES]) for i in range(0, len(rows), _LANES)])

    def _run(self, rows: Array) -> Array:
        drawn = self.drawn(rows)
        ledger = self.model.price(self.model.simulate(drawn), drawn)
        return npv_of(ledger, self.factors, self.option, self.agency, self.value)

    def drawn(self, rows: Array) -> Draws:
        """Return the settings as draws: one lane each."""
        lanes = len(rows)
        columns = {key: np.full(lanes, base) for key, (_, base, _) in self.ends.items()}
        moved = {}
        for one, column in zip(self.inputs, rows.T, strict=True):
            first = self.ends[one.ids[0]]
            for key in one.ids:
                columns[key] = column.copy() if key == one.ids[0] else _along(column, first, self.ends[key])
            moved[one.ids[0]] = column != first[1]
        rescale_starts(self.model.inputs.start_rows, columns, moved)
        known = {
            key: self.model.inputs.used[key].value for key in self.model.inputs.used if key not in columns
        }
        return Draws(lanes, 0, columns, known)

    def within(self, ranges: Mapping[str, tuple[float, float]]) -> "HeldCase":
        """Return the same with other lows and highs of some inputs, by key.

        The other parameters of an unknown take the same multiples of their base.

        Raises
        ------
        ParameterNotFound
            If a range names no input.
        ValueError
            If a range is no low and high that the input can take.
        """
        ends = dict(self.ends)
        for key, given in ranges.items():
            one = find_input(self.inputs, key)
            low, high = _low_and_high(given, self.model.inputs.used[one.ids[0]])
            base = ends[one.ids[0]][1]
            for other in one.ids:
                own = ends[other][1]
                ends[other] = (own * low / base, own, own * high / base)
            ends[one.ids[0]] = (low, base, high)
        return replace(self, ends=ends)

    def table(self) -> pd.DataFrame:
        """Return a row per input: ``key, label, mark, low, base, high``."""
        rows = [(one.key, one.label, one.mark, *self.ends[one.ids[0]]) for one in self.inputs]
        return pd.DataFrame(rows, columns=["key", "label", "mark", "low", "base", "high"])


def _low_and_high(given: tuple[float, float], parameter: Parameter) -> tuple[float, float]:
    try:
        low, high = (float(end) for end in given)
    except (TypeError, ValueError):
        low, high = np.nan, np.nan
    if not low <= high:
        raise ValueError(f"the range of {parameter.id} is {given}; give its low and its high")
    refuse_impossible((low, high), parameter)
    return low, high


def refuse_impossible(values: npt.ArrayLike, parameter: Parameter) -> None:
    """Raise where a number cannot take one of some values, and say what it can take.

    Raises
    ------
    ValueError
        With the first of them.
    """
    points = np.asarray(values, dtype=np.float64)
    wrong, remedy = ~np.isfinite(points), "a finite number"
    if parameter.unit == "ratio":
        wrong, remedy = wrong | (points <= 0), "a ratio above 0, where 1 is no effect"
    elif parameter.support == "share":
        wrong, remedy = wrong | (points < 0) | (points > 1), "a share from 0 to 1"
    elif parameter.support == "positive":
        wrong, remedy = wrong | (points < 0), "0 or more"
    if wrong.any():
        raise ValueError(f"{parameter.id} cannot be {points[wrong][0]:g}; give {remedy}")


def _along(values: Array, first: tuple[float, float, float], own: tuple[float, float, float]) -> Array:
    """Return where another parameter of an unknown stands when the first has some values."""
    order = np.argsort(first, kind="stable")  # the mean of a very skewed number lies beyond its percentiles
    x, y = np.array(first)[order], np.array(own)[order]
    found = np.asarray(np.interp(values, x, y))
    for end, beyond in ((0, values < x[0]), (-1, values > x[-1])):
        if beyond.any():
            found[beyond] = y[end] * values[beyond] / x[end]
    return found


def hold_case(
    appraisal: "Appraisal",
    option: str,
    agency: str = ALL_AGENCIES,
    value: str = "fiscal",
    quantile: float = 0.1,
) -> HeldCase:
    """Return an option as a function of its inputs, every input at its mean unless it is moved.

    Parameters
    ----------
    appraisal : Appraisal
        Of the case; means and percentiles are those of its draws.
    option, agency, value : str
        Whose net present value.
    quantile : float
        Low and high are at this percentile and as far from the top.

    Returns
    -------
    HeldCase
        With the inputs that can touch the option.

    Raises
    ------
    ParameterNotFound
        If there is no such option.
    ValueError
        If the quantile is no share below 0.5.
    """
    appraisal.npv(option, agency, value)  # says what there is, if this is not
    if not isinstance(quantile, float | int) or not 0 < quantile < 0.5:
        raise ValueError(
            f"quantile is {quantile}; give a share above 0 and below 0.5, such as 0.1 for P10 and P90"
        )
    model = only_option(appraisal.model, option)
    model = replace(model, risks=tuple(replace(risk, events=False) for risk in model.risks))
    drawn = model.draw(appraisal.draws, appraisal.seed)
    inputs = tuple(appraisal.inputs_of((option,), agency))
    ends: dict[str, tuple[float, float, float]] = {}
    for key, column in drawn.columns.items():
        low, high = np.quantile(column, [quantile, 1 - quantile])
        ends[key] = (float(low), float(column.mean()), float(high))
    return HeldCase(model, inputs, ends, option, agency, value, appraisal.factors)


def find_input(inputs: "tuple[InputColumn, ...]", key: str) -> "InputColumn":
    """Return the uncertain input of a key, or that which holds the parameter of that key.

    Raises
    ------
    ParameterNotFound
        With the nearest, if there is none.
    """
    for one in inputs:
        if key == one.key or key in one.ids:
            return one
    raise ParameterNotFound(
        f"no uncertain input of this option is called '{key}'; " + did_you_mean(key, [c.key for c in inputs])
    )


def about(appraisal: "Appraisal", option: str, agency: str, value: str, draws: int) -> About:
    """Return what a net present value of an appraisal is, for titles and feet."""
    words = "net present value" if value == "fiscal" else "net public value"
    to = "" if agency == ALL_AGENCIES else f" to {agency_label(agency)}"
    return About(
        outcome_label=f"{words} of {appraisal.ledger.label(option)}{to}",
        price_base=appraisal.price_base,
        seed=appraisal.seed,
        draws=draws,
        set_version=appraisal.set_version,
    )
