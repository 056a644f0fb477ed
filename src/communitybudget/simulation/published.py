"""Published figures against what a pathway gives for them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from communitybudget._core.cards import Card, CardResult
from communitybudget._core.errors import (
    CommunityBudgetError,
    Fault,
    PathwayError,
    TransitionError,
    did_you_mean,
)
from communitybudget._core.results import result
from communitybudget.parameters import Parameter, ParameterSet
from communitybudget.pathways import (
    ActivityItem,
    Effect,
    Move,
    Pathway,
    Rate,
    Timing,
    effect_from_row,
    load_pathway,
    parse_move,
)
from communitybudget.simulation.measuring import (
    Group,
    flows_per_year,
    gather_group,
    listed,
    months_stayed,
    share_ever,
    share_in,
    share_leaving_by,
    share_of_leavers,
    share_remaining,
    share_touched,
)
from communitybudget.simulation.solving import Population, solve_together

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

ROLES: dict[str, str] = {
    "by_construction": "met by construction",
    "calibrated": "a rate was solved for it",
    "fitted": "rates or start were adjusted to it",
    "independent": "not used, and a test of the model",
    "not_fitted": "not used; reasons in the note",
}
"""What a published figure was for the rates: the first three show that the arithmetic is right."""

CHECK_COLUMNS: tuple[str, ...] = (
    "pathway",
    "figure",
    "published",
    "model",
    "gap",
    "role",
    "unit",
    "profile",
    "source",
    "source_detail",
    "mark",
    "note",
    "key",
)
"""Columns of `PublishedChecks.to_frame`."""

_FIELDS = (
    "profile",
    "start",
    "measure",
    "of",
    "from_month",
    "to_month",
    "scale",
    "ratio",
    "ratio_on",
    "role",
)


@result
@dataclass(frozen=True, slots=True)
class CheckedFigure:
    """One published figure and what the pathway gives for it.

    Parameters
    ----------
    key, figure, unit : str
        Key in the set, what it is, and its unit.
    published, model : float
        In that unit.
    role : str
        What the figure was for the rates; see `ROLES`.
    profile : str
        Whose rates.
    source, source_detail, mark, note : str
        Passport of the published figure; the note says why the model differs.
    """

    key: str
    figure: str
    unit: str
    published: float
    model: float
    role: str
    profile: str
    source: str
    source_detail: str
    mark: str
    note: str

    @property
    def gap(self) -> float:
        """Model over published, less one."""
        return self.model / self.published - 1


@result
@dataclass(frozen=True, eq=False)
class PublishedChecks(CardResult):
    """Published figures of one pathway against the model, at central values.

    Parameters
    ----------
    pathway, label : str
        Name and printed name.
    checks : tuple of CheckedFigure
        In the order of the table.
    set_version : str
        Name and version of the parameter set.
    """

    pathway: str
    label: str
    checks: tuple[CheckedFigure, ...]
    set_version: str

    def to_frame(self) -> "pd.DataFrame":
        """Return the checks as a table.

        Returns
        -------
        pandas.DataFrame
            ``pathway, figure, published, model, gap, role, unit, profile, source, source_detail, mark,
            note, key``; ``gap`` is model over published, less one.
        """
        import pandas as pd

        rows = [
            (
                self.pathway,
                c.figure,
                c.published,
                c.model,
                c.gap,
                c.role,
                c.unit,
                c.profile,
                c.source,
                c.source_detail,
                c.mark,
                c.note,
                c.key,
            )
            for c in self.checks
        ]
        return pd.DataFrame(rows, columns=list(CHECK_COLUMNS))

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw how far the model is from each published figure."""
        from communitybudget.charts import plot_checks

        frame = self.to_frame()
        frame["values"] = [f"{_number(c.published, c.unit)}; {_number(c.model, c.unit)}" for c in self.checks]
        frame["fitted"] = [float(c.role not in ("independent", "not_fitted")) for c in self.checks]
        return plot_checks(frame, ax, title=f"{self.label}: model against published figures")

    def _card(self) -> Card:
        return Card(self._title, self._rows(), f"Central values, no draws · parameters {self.set_version}")

    def _rows(self) -> list[tuple[str, str]]:
        published = [_number(c.published, c.unit) for c in self.checks]
        model = [_number(c.model, c.unit) for c in self.checks]
        wide = [max((len(text) for text in texts), default=0) for texts in (published, model)]
        return [
            (c.figure, f"{a:>{wide[0]}}  {b:>{wide[1]}}  {_gap(c.gap):>6}  {c.role}")
            for c, a, b in zip(self.checks, published, model, strict=True)
        ]

    @property
    def _title(self) -> str:
        return f"{self.label}: published, model, gap, role of the figure"

    def __repr__(self) -> str:
        furthest = max((abs(c.gap) for c in self.checks), default=0.0)
        return f"PublishedChecks({self.pathway}, {len(self.checks)} figures, furthest gap {furthest:.0%})"


def published_checks(parameters: ParameterSet, pathway: str) -> PublishedChecks:
    """Run the published checks of a pathway: what its rates give for figures that were published.

    Parameters
    ----------
    parameters : ParameterSet
        Holds the pathway and, in ``checks.csv`` beside it, the published figures.
    pathway : str
        Its name, for example ``child_safety``.

    Returns
    -------
    PublishedChecks
        With a line for each figure, those that the model misses included.

    Raises
    ------
    TransitionError
        If there is no such pathway.
    PathwayError
        If the pathway or its checks have faults; every one is listed with file and line.

    Examples
    --------
    >>> checks = published_checks(ParameterSet.load("england"), "work")
    >>> frame = checks.to_frame().set_index("key")
    >>> frame.loc["check.work.left_jsa_12_months", ["published", "model"]].round(2).tolist()
    [0.92, 0.77]
    """
    loaded = load_pathway(parameters, pathway)
    rows = [p for p in parameters.table("check") if p.fields.get("pathway") == pathway]
    faults: list[Fault] = []
    found = []
    for row in rows:
        try:
            found.append(_checked(row, loaded))
        except (CommunityBudgetError, ValueError, KeyError) as error:
            what, _, remedy = str(error).partition("; ")
            faults.append(Fault(row.file, row.key, what, remedy or "correct the row", row.line))
    if faults:
        raise PathwayError(faults)
    version = f"{parameters.name} {parameters.version}"
    return PublishedChecks(loaded.name, loaded.label, tuple(found), version)


def _checked(row: Parameter, pathway: Pathway) -> CheckedFigure:
    f = row.fields
    missing = [name for name in _FIELDS if name not in f]
    if missing:
        raise ValueError(f"the table has no column {', '.join(missing)}; add it")
    if f["role"] not in ROLES:
        raise ValueError(f"'{f['role']}' is no role; {did_you_mean(f['role'], ROLES)}")
    if f["measure"] not in _MEASURES:
        raise ValueError(f"'{f['measure']}' is no measure; {did_you_mean(f['measure'], _MEASURES)}")
    if row.value <= 0:
        raise ValueError("the published figure is not above 0; no gap can be given")
    value = _MEASURES[f["measure"]](_Asked(row, pathway)) * float(f["scale"] or 1)
    return CheckedFigure(
        key=row.key,
        figure=row.label,
        unit=row.unit,
        published=row.value,
        model=float(value),
        role=f["role"],
        profile=f["profile"],
        source=pathway.numbers().citation(row.source),
        source_detail=row.source_detail,
        mark=row.mark,
        note=row.note,
    )


class _Asked:
    """What a row of the checks asks for, read from its cells."""

    def __init__(self, row: Parameter, pathway: Pathway) -> None:
        self.row, self.pathway, self.fields = row, pathway, row.fields

    def months(self, name: str) -> int:
        text = self.fields[name] or "0"
        if not text.isdigit():
            raise ValueError(f"{name} is '{text}'; give a whole number of months")
        return int(text)

    @property
    def of(self) -> tuple[str, ...]:
        """The states or moves it is about."""
        parts = listed(self.fields["of"])
        if not parts:
            raise ValueError("'of' is empty; name states or moves, with semicolons between them")
        return parts

    def states(self, parts: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """Return states, each of which the pathway has."""
        for state in self.of if parts is None else parts:
            if state not in self.pathway.state_names:
                raise TransitionError(
                    f"there is no state '{state}'; " + did_you_mean(state, self.pathway.state_names)
                )
        return self.of if parts is None else parts

    def moves(self) -> dict[Move, float]:
        """Return the moves it counts: named one by one, by an outcome, or by a unit of activity."""
        found: dict[Move, float] = {}
        known = [f"{a} -> {b}" for a, b in self.pathway.moves()]
        for part in self.of:
            if part in self.pathway.outcomes:
                found |= self.pathway.outcomes[part].moves
            elif part.startswith("unit:"):
                for item in self.items(part):
                    move = item.move or (str(item.state), str(item.state))
                    per_event = 1.0 if item.per == "month" else self.quantity(item)
                    found[move] = found.get(move, 0.0) + per_event
            else:
                if part not in known:
                    raise TransitionError(f"there is no move '{part}'; {did_you_mean(part, known)}")
                found[parse_move(part)] = 1.0
        return found

    def items(self, part: str) -> list[ActivityItem]:
        """Return the activity in a unit, per month or move."""
        unit = part.removeprefix("unit:").strip()
        found = [i for i in self.pathway.activity if i.unit == unit and i.per in ("month", "move")]
        if not found:
            units = {item.unit for item in self.pathway.activity}
            raise ValueError(f"no activity is counted in '{unit}'; {did_you_mean(unit, units)}")
        return found

    def quantity(self, item: ActivityItem) -> float:
        return self.pathway.numbers()[item.parameter].value

    def group(self, cuts: Mapping[str, set[int]] | None = None, start: str = "") -> Group:
        """Return the people it is about, with hazard ratios where the row has them."""
        f = self.fields
        events = [
            Rate((str(item.state), str(item.state)), 0, None, item.parameter, "")
            for part in self.of
            if part.startswith("unit:")
            for item in self.items(part)
            if item.per == "month"
        ]
        ratios = {}
        if f["ratio"]:
            ratios = {parse_move(text): float(f["ratio"]) for text in listed(f["ratio_on"])}
            if not ratios or set(ratios) - set(self.pathway.moves()):
                raise TransitionError("ratio_on names no moves of the pathway; name those that ratio acts on")
        return gather_group(
            self.pathway, f["profile"], start or f["start"], events=events, cuts=cuts, ratios=ratios
        )

    @property
    def last(self) -> int:
        """The month up to which people are followed."""
        months = self.months("to_month")
        if months <= self.months("from_month") and self.fields["measure"] != "share_in":
            raise ValueError(f"to_month is {months}; give a month after from_month")
        return months


def _share_in(asked: _Asked) -> float:
    """Share in states, mean of month-ends; after a bar, of those in other states at the same time."""
    above, _, below = asked.fields["of"].partition("|")
    first, last = asked.months("from_month"), asked.last
    group = asked.group()
    if last < first:
        raise ValueError(f"to_month is {last}, before from_month; order them")
    top = share_in(group, asked.states(listed(above)), first, last)
    return top / share_in(group, asked.states(listed(below)), first, last) if below.strip() else top


def _share_ever(asked: _Asked) -> float:
    return share_ever(asked.group(), asked.moves(), asked.months("from_month"), asked.last)


def _share_touched(asked: _Asked) -> float:
    return share_touched(asked.group(), asked.states(), asked.last)


def _still_in(asked: _Asked) -> float:
    (state,) = asked.states()
    return share_remaining(asked.group(start=state), state, asked.last)


def _left(asked: _Asked) -> float:
    return 1 - _still_in(asked)


def _per_year(asked: _Asked) -> float:
    return flows_per_year(asked.group(), asked.moves(), asked.last)


def _in_a_year(asked: _Asked) -> float:
    """Those in a state on a day and those who enter it in the year after, over the ages followed."""
    states, last, group = asked.states(), asked.last, asked.group()
    entering = {move: 1.0 for move in asked.pathway.moves() if move[1] in states and move[0] not in states}
    return share_in(group, states, 0, last - 1) + flows_per_year(group, entering, last)


def _repeated(asked: _Asked) -> float:
    """Share of moves that are not a person's first."""
    group, moves, last = asked.group(), asked.moves(), asked.last
    return 1 - share_ever(group, moves, 0, last) / (flows_per_year(group, moves, last) * last / 12)


def _leavers_by(asked: _Asked) -> float:
    """Share of leavers by some moves while followed; ``state -> `` alone is those who age out."""
    sources = {part.partition("->")[0].strip() for part in asked.of}
    if len(sources) != 1:
        raise ValueError("'of' names more than one state to leave; take them one by one")
    (state,) = asked.states(tuple(sources))
    aged_out = all(not part.partition("->")[2].strip() for part in asked.of)
    moves = [] if aged_out else list(asked.moves())
    within = asked.months("from_month")
    cuts = {state: {within}} if within else None
    group = gather_group(asked.pathway, asked.fields["profile"], asked.fields["start"], cuts=cuts)
    return share_of_leavers(group, state, moves, asked.months("to_month"), within)


def _leaves_by(asked: _Asked) -> float:
    moves = list(asked.moves())
    return share_leaving_by(asked.group(start=moves[0][0]), moves[0][0], moves)


def _elapsed(asked: _Asked) -> float:
    """Share of those in a state, in balance, who have been there between two times."""
    (state,) = asked.states()
    group = asked.group(start=state)
    last = asked.months("to_month") or np.inf
    return months_stayed(group, state, asked.months("from_month"), last) / months_stayed(group, state)


def _years_stayed(asked: _Asked) -> float:
    (state,) = asked.states()
    return months_stayed(asked.group(start=state), state) / 12


def _turnover(asked: _Asked) -> float:
    """Entries a year for each person in a state, in balance."""
    return 1 / _years_stayed(asked)


def _yearly_cost(asked: _Asked) -> float:
    """Pounds a person-year in a state costs an agency, at the price base of the published figure."""
    (state,) = asked.states()
    numbers = asked.pathway.numbers()
    index, total = numbers.index(), 0.0
    for item in asked.pathway.activity:
        if (item.state, item.per, item.agency) == (state, "month", asked.row.agency) and item.unit_cost:
            price = numbers.get(item.unit_cost, item.value_type)
            if price.value_type == asked.row.value_type:
                total += (
                    12
                    * asked.quantity(item)
                    * price.value
                    * index.factor(price.price_base, asked.row.price_base)
                )
    return total


def _with_effects(asked: _Asked) -> float:
    """Outcome of the first effect named, all of them solved together on the people studied."""
    numbers, pathway = asked.pathway.numbers(), asked.pathway
    rows = [numbers[key] for key in asked.of]
    effects = [effect_from_row(row, pathway) for row in rows]
    group = gather_group(pathway, asked.fields["profile"], asked.fields["start"])
    people = Population(
        group.layout, group.starts, group.shares, group.rates, group.event_rates, pathway.outcomes
    )
    solved = solve_together(
        people,
        [
            (effect, _timing(row), float(np.log(row.value)))
            for row, effect in zip(rows, effects, strict=True)
            if _can_be_solved(effect)
        ],
        {},
    )
    return solved.with_effect[0]


def _can_be_solved(effect: Effect) -> bool:
    if not effect.needs_solving:
        raise ValueError(f"{effect.key} is a hazard ratio already; give it in ratio and ratio_on")
    return True


def _timing(row: Parameter) -> Timing:
    f = row.fields
    return Timing(*(float(f[name] or 0) for name in _TIMES))


_TIMES = ("lag_months", "ramp_months", "lasts_months", "fades_over_months")

_MEASURES: dict[str, Callable[[_Asked], float]] = {
    "share_in": _share_in,
    "ever": _share_ever,
    "touched": _share_touched,
    "still_in": _still_in,
    "left": _left,
    "per_year": _per_year,
    "in_a_year": _in_a_year,
    "repeated": _repeated,
    "leavers_by": _leavers_by,
    "leaves_by": _leaves_by,
    "elapsed": _elapsed,
    "years_stayed": _years_stayed,
    "turnover": _turnover,
    "yearly_cost": _yearly_cost,
    "with_effects": _with_effects,
}
MEASURES: tuple[str, ...] = tuple(_MEASURES)
"""What a check can measure; docs/methods/pathways-and-duration-bands.md explains each."""


def _number(value: float, unit: str) -> str:
    if unit.startswith("share"):
        return f"{value:.1%}" if value >= 0.1 else f"{value:.2%}"
    pounds = "£" if unit.startswith("GBP") else ""
    digits = f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.3g}"
    return pounds + digits


def _gap(gap: float) -> str:
    text = f"{gap:+.1%}"
    return "0.0%" if text in ("+0.0%", "-0.0%") else text
