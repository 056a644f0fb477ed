"""The uncertain inputs of an appraisal as columns of draws, and which of them can touch an option."""

from collections.abc import Sequence
from dataclasses import dataclass

from communitybudget._core.results import result
from communitybudget._core.vocabulary import ALL_AGENCIES
from communitybudget.case.model import Model
from communitybudget.case.people import STOCK

ASSUMPTION_COLUMNS: tuple[str, ...] = (
    "key",
    "label",
    "value",
    "low",
    "high",
    "interval",
    "distribution",
    "unit",
    "price_base",
    "source",
    "mark",
    "overridden",
    "reason",
)


@result
@dataclass(frozen=True, slots=True)
class InputColumn:
    """An uncertain input of the appraisal: one unknown level, with all parameters that share it.

    ``mark`` is the weakest of theirs. ``group`` is the mark, or the name of the effects that are
    absent together.
    """

    key: str
    label: str
    mark: str
    ids: tuple[str, ...]
    group: str


def inputs_touching(
    model: Model,
    inputs: Sequence[InputColumn],
    options: Sequence[str],
    option: str,
    agency: str = ALL_AGENCIES,
) -> list[InputColumn]:
    """Return the inputs that can touch an option's NPV.

    Left out are those of other options, of cash, of pathways on which the option does not act,
    and of funding where all agencies are looked at, since it nets to nil.
    """
    own = model.numbers_of(option)
    idle = set().union(*(model.numbers_of(other) for other in options if other != option)) - own
    idle |= model.idle_numbers(option)
    if agency == ALL_AGENCIES:
        idle |= {key for p in model.payments if p.line.flow == "funding" for key in p.times}
    return [
        column
        for column in inputs
        if not idle.issuperset(column.ids) and not column.key.startswith("case.cashability.")
    ]


def switching_groups(
    model: Model, inputs: Sequence[InputColumn], option: str, moving: Sequence[str], most: int
) -> list[tuple[str, str, Sequence[str]]]:
    """Return key, label and ids of an option's delivery costs and of so many inputs that move its NPV.

    Parameters
    ----------
    model : Model
    inputs : sequence of InputColumn
    option : str
    moving : sequence of str
        Keys of inputs, those that move the NPV most first.
    most : int
        How many of them, besides the delivery costs.
    """
    by_key = {column.key: column for column in inputs}
    own = [p for p in model.payments if p.option == option and p.line.flow != "funding"]
    keys = list(dict.fromkeys(key for p in own for key in p.times))
    keys += [key for key in moving if key not in keys][:most]
    groups: list[tuple[str, str, Sequence[str]]] = []
    for key in keys:
        column = by_key.get(key)
        if column is None:
            groups.append((key, model.inputs.used[key].label, (key,)))
        else:
            groups.append((column.ids[0], column.label, column.ids))
    return groups


def is_start(key: str) -> bool:
    """Return whether a number is a share of those who are in a state when a programme begins."""
    return key.startswith(("start.", f"{STOCK}start."))
