"""What differs between two results, and the cases in between."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

from communitybudget._core.digits import counted
from communitybudget._core.results import same
from communitybudget.case.bridge_keys import COMPONENTS, MONTE_CARLO, PARTS, SHARED_OUT, Part, part_of
from communitybudget.case.case import Case
from communitybudget.case.model import Model
from communitybudget.case.rerun import PRICES, grouped
from communitybudget.case.spec import OptionSpec
from communitybudget.parameters import Parameter, ParameterSet

MOST_FIGURES = 30
"""Above this number the figures of a component are taken table by table."""
_MOST_SAID = 3

_PASSPORT = {"source", "mark", "source_detail", "reviewed", "note", "overridden", "reason", "label"}
_NUMBERS = [f.name for f in fields(Parameter) if f.compare and f.name not in _PASSPORT]


@dataclass(frozen=True, slots=True)
class Change:
    """Something that differs, and is changed as a whole.

    Parameters
    ----------
    name, component, label : str
        What it is.
    old, new : str
        In words.
    units : frozenset of str
        Parts, and ids of figures, that change.
    """

    name: str
    component: str
    label: str
    old: str
    new: str
    units: frozenset[str]


@dataclass(frozen=True)
class End:
    """One of the two results: its case, what was drawn, and the set with its local figures.

    Parameters
    ----------
    case : Case
        With the rows of its outturn in itself.
    model : Model
        Made ready, which says what numbers are in use.
    draws, seed : int
        Of the result.
    """

    case: Case
    model: Model
    draws: int
    seed: int

    @cached_property
    def parameters(self) -> ParameterSet:
        """The set with the local figures of the case."""
        return self.case.parameters

    @cached_property
    def data(self) -> dict[str, Any]:
        """The case as plain values, every default filled in."""
        return self.case.spec.model_dump(mode="json", by_alias=False)


@dataclass(frozen=True)
class Pair:
    """Two results, and everything between them.

    Parameters
    ----------
    old, new : End
        From which, to which.
    """

    old: End
    new: End

    def mixed(self, changed: frozenset[str]) -> Case:
        """Return the case in which some units are those of the new result, the others of the old one.

        Raises
        ------
        CaseFileError
            If such a case contradicts itself.
        """

        def side(unit: str) -> End:
            return self.new if unit in changed else self.old

        spec = {
            key: getattr(side(name).case.spec, key) for name, part in PARTS.items() for key in part.case_keys
        }
        spec["options"] = tuple(self._option(own, side) for own in side("options").case.spec.options)
        # partners may agree on years and options that a case in between has not
        spec |= {"overrides": {}, "override_files": (), **dict.fromkeys(SHARED_OUT)}
        families = side("families").case
        case = replace(families, spec=families.spec.model_copy(update=spec), given_set=None)
        return case.with_set(self._set(side))

    def _option(self, own: OptionSpec, side: Callable[[str], End]) -> OptionSpec:
        """Return an option with its parts from either result; one that only one has stays whole."""
        changes: dict[str, Any] = {}
        for name, part in PARTS.items():
            for other in side(name).case.spec.options:
                if other.name == own.name:
                    changes |= {key: getattr(other, key) for key in part.option_keys}
        return own.model_copy(update=changes)

    def _set(self, side: Callable[[str], End]) -> ParameterSet:
        base, prices = side("pathways").parameters, side("price_base").parameters
        rows = dict(base.parameters)
        for key in self._differing:
            row = side(self._unit_of(key)).parameters.parameters.get(key)
            if row is None:
                rows.pop(key, None)
            else:
                rows[key] = row
        return replace(
            base,
            parameters=rows,
            indices=prices.indices,
            default_index=prices.default_index,
            folder=side("discounting").parameters.folder,
        )

    def _unit_of(self, key: str) -> str:
        """Return with what a row changes: as a figure of both, with its headline, else with its part."""
        if key in self._figures:
            return key
        part = part_of(key)
        return self._headlines.get(key, "pathways" if part == "rates" else part)

    @cached_property
    def _differing(self) -> tuple[str, ...]:
        """Ids of the rows that differ in a number, or that only one of the sets has."""
        old, new = self.old.parameters.parameters, self.new.parameters.parameters
        return tuple(key for key in dict.fromkeys([*old, *new]) if _differ(old.get(key), new.get(key)))

    @cached_property
    def _figures(self) -> frozenset[str]:
        """Ids of the figures that both sets have, that differ, and that either result uses."""
        old, new = self.old.parameters.parameters, self.new.parameters.parameters
        used = {*self.old.model.inputs.used, *self.new.model.inputs.used}
        return frozenset(key for key in self._differing if key in used and key in old and key in new)

    @cached_property
    def _headlines(self) -> dict[str, str]:
        """Headline by constituent: parts by which a unit cost is split change with it, to add up."""
        return {
            part.id: key
            for key in sorted(self._figures)
            if key.startswith(PRICES)
            for end in (self.old, self.new)
            for part in end.parameters.constituents(end.parameters.parameters[key].key)
        }

    @cached_property
    def _parts_with_other_rows(self) -> frozenset[str]:
        """Parts of which rows differ that are no figures of both."""
        units = (self._unit_of(key) for key in self._differing)
        return frozenset(unit for unit in units if unit in PARTS)

    def changes(self, order: tuple[str, ...], by_figure: bool) -> list[Change]:
        """Return what differs, component by component in an order; figures by their keys."""
        found = []
        for component in order:
            own = [
                change
                for name, part in PARTS.items()
                if part.component == component
                for change in self._changes_of(name, part)
            ]
            if len(own) > 1 and not by_figure:
                units = frozenset[str]().union(*(change.units for change in own))
                own = [Change(component, component, _together(COMPONENTS[component], own), "", "", units)]
            found += own
        return found

    def _changes_of(self, name: str, part: Part) -> list[Change]:
        together: dict[str, list[str]] = {}
        for key in sorted(key for key in self._figures if part_of(key) == name):
            together.setdefault(_indivisible(key), []).append(key)
        found = self._part_changed(name, part)
        for group, heads in grouped(together, MOST_FIGURES).items():
            keys = [key for head in heads for key in together[head]]
            if len(keys) == 1:
                found.append(self._figure(keys[0], part))
            else:
                where = group.replace("_", " ").replace(".", ", ")
                label = f"{part.label}{f': {where}' if '.' in group else ''} ({counted(len(keys), 'figure')})"
                found.append(Change(group, part.component, label, "", "", frozenset(keys)))
        return found

    def _figure(self, key: str, part: Part) -> Change:
        old, new = (end.parameters.parameters[key] for end in (self.old, self.new))
        label = new.label or key
        label = f"{label[:1].upper()}{label[1:]}"
        return Change(key, part.component, label, _words(old), _words(new), frozenset({key}))

    def _part_changed(self, name: str, part: Part) -> list[Change]:
        """Return the change of a part beside its figures, where there is one."""
        ends = (self.old, self.new)
        label = part.label
        leaves = [_leaves(self._values_of(end, name, part)) for end in ends]
        every = dict.fromkeys([*leaves[0], *leaves[1]])
        keys = [key for key in every if leaves[0].get(key) != leaves[1].get(key)]
        if keys:
            said = [_listed(keys, own) for own in leaves]
        elif name in self._parts_with_other_rows:
            label += ": rows added, removed or not in use"
            said = [end.model.set_version for end in ends]
        elif not same(*(self._beside(end, name) for end in ends)):
            label += ": files, or tables of the set, beside the figures"
            said = [end.model.set_version for end in ends]
        else:
            return []
        return [Change(name, part.component, label, said[0], said[1], frozenset({name}))]

    def _values_of(self, end: End, name: str, part: Part) -> dict[str, Any]:
        """Return what the case says of a part, by key; what was drawn is a part of its own."""
        if name == MONTE_CARLO:
            return {"draws": end.draws, "seed": end.seed}
        options = {
            f"option {option['name']}": {key: option[key] for key in part.option_keys}
            for option in end.data["options"]
        }
        return {**{key: end.data[key] for key in part.case_keys}, **options}

    def _beside(self, end: End, name: str) -> object:
        """Return what a part takes from files beside the case, and from the set beside its rows."""
        spec = end.case.spec
        if name == "families":
            return end.case.families, end.case.given_draws
        if name == "pathways":
            return end.parameters.structures
        if name == "price_base":
            used = (spec.index or "", *(own.index for own in spec.sector_indices))
            return [end.parameters.index(vintage) for vintage in used]
        return end.model.schedule if name == "discounting" else None


def _together(words: str, changes: list[Change]) -> str:
    """Return the label of changes that are taken as one."""
    named = [change.label for change in changes[:3]]
    rest = [f"{len(changes) - 3} more"] if len(changes) > 3 else []
    return f"{words}: {'; '.join([*named, *rest])}"


def _indivisible(key: str) -> str:
    """Return the group in which a figure changes: shares that sum to one change together."""
    head, _, _ = key.partition(".")
    return ".".join(key.split(".")[:3]) if head == "start" else head if head == "split" else key


def _numbers(row: Parameter) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in _NUMBERS)


def _differ(old: Parameter | None, new: Parameter | None) -> bool:
    if old is new:
        return False
    return old is None or new is None or not same(_numbers(old), _numbers(new))


def _words(row: Parameter) -> str:
    """Return a figure in words, with its unit and price base."""
    if row.is_money:
        unit = row.unit.removeprefix("GBP ").replace("_", " ")
        places = 0 if row.value.is_integer() else 2
        return f"£{row.value:,.{places}f} {unit} ({row.price_base} prices)"
    return f"{row.value:.4g} {row.unit.replace('_', ' ')}".strip()


def _leaves(value: Any, place: str = "") -> dict[str, Any]:
    """Return nested values by dotted key; a list of plain values is one value."""
    if isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        value = dict(enumerate(value))
    if not isinstance(value, dict):
        return {place: value}
    found: dict[str, Any] = {}
    for key, inner in value.items():
        found |= _leaves(inner, f"{place}.{key}" if place else str(key))
    return found


def _listed(keys: list[str], leaves: dict[str, Any]) -> str:
    """Return a few entries in words; more are counted."""
    said = [_plain(leaves.get(key)) for key in keys]
    if len(keys) == 1:
        short = keys[0].rpartition(".")[2]
        return said[0] if len(leaves) == 1 else f"{short.replace('_', ' ')} {said[0]}"
    present = sum(key in leaves for key in keys)
    if len(keys) > _MOST_SAID:
        return counted(present, "entry", "entries") + " that differ"
    return "; ".join(f"{key} {words}" for key, words in zip(keys, said, strict=True))


def _plain(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, float):
        return f"{value:,.10g}"
    return ", ".join(map(_plain, value)) if isinstance(value, list) else str(value)
