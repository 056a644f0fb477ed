"""What is unknown in a case: its random streams, and those that mean something only together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from communitybudget.case.model import Model
from communitybudget.sampling.given_draws import ROWS_STREAM

if TYPE_CHECKING:
    from communitybudget.case.appraisal import Appraisal

NO_PATHWAY = "Prices, costs and others of no one pathway"


@dataclass(frozen=True, slots=True)
class Unknown:
    """What can be varied by itself: an input, or several that mean something only together.

    Parameters
    ----------
    key, label : str
        Of the input, as in `InputColumn`; or of a start mix, of effects that are absent together, or of
        the luck of a risk.
    mark : str
        The mark of its evidence, or the name of the effects that are absent together.
    pathway : str
        Printable name of the pathway it belongs to; its own label where it belongs to several.
    """

    key: str
    label: str
    mark: str
    pathway: str


def unknowns_of(appraisal: "Appraisal") -> dict[str, Unknown]:
    """Return what each random stream of a case is a part of, by name of the stream.

    A start mix is one unknown, since its shares sum to one; so are all numbers of a file of draws. Effects
    that are absent together are one, with the chance that they are; an effect that may be absent by itself
    is one with that chance.
    """
    model = appraisal.model
    columns = {_stream(model, column.key): column for column in appraisal.inputs}
    whole = {name: (column.key, column.label) for name, column in columns.items()}
    whole |= {**_start_mixes(model), **_effects(model, whole), **_luck(model)}
    whole[ROWS_STREAM] = (ROWS_STREAM, "Rows of the file of draws")
    members: dict[tuple[str, str], list[str]] = {}
    for name in model.stream_names():
        members.setdefault(whole[name], []).append(name)
    pathways = {pathway.name: pathway.label for pathway in model.pathways}
    found: dict[str, Unknown] = {}
    for (key, label), names in members.items():
        inputs = [columns[name] for name in names if name in columns]
        marks = dict.fromkeys(column.group for column in inputs)
        fields = [model.inputs.used[column.key].fields.get("pathway", "") for column in inputs]
        touched = {pathways[name] for name in fields if name in pathways}
        pathway = label if len(touched) > 1 else next(iter(touched), NO_PATHWAY)
        unknown = Unknown(key, label, next(iter(marks), "chance"), pathway)
        found |= dict.fromkeys(names, unknown)
    return {name: found[name] for name in model.stream_names()}


def unknown_of(key: str, model: Model, unknowns: Mapping[str, Unknown]) -> Unknown:
    """Return what a number, by its id, is a part of; ``unknowns`` as `unknowns_of` gives them."""
    given = model.inputs.given
    return unknowns[ROWS_STREAM if given is not None and key in given.columns else _stream(model, key)]


def _stream(model: Model, key: str) -> str:
    """Return the name of the stream that a number is drawn from."""
    return model.inputs.levels.get(key, key)


def _start_mixes(model: Model) -> dict[str, tuple[str, str]]:
    """Return key and label of the start mix that each share belongs to, by stream."""
    found: dict[str, tuple[str, str]] = {}
    for row in model.inputs.start_rows:
        people = next(p for p in model.people if set(p.start_ids.values()) & set(row.keys))
        profile = people.profile.replace("_", " ")
        key = f"{people.start_before}start.{people.pathway.name}.{people.profile}"
        label = f"Start mix: {people.pathway.label.lower()}, {profile}"
        if people.start_before:
            label += " (today's caseload)"
        found |= dict.fromkeys(row.keys, (key, label))
    return found


def _effects(model: Model, alone: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """Return where each effect that may be absent belongs, and the chance that it is, by stream.

    ``alone`` holds key and label of each input by itself.
    """
    found: dict[str, tuple[str, str]] = {}
    for used in (u for effects in model.effects.values() for u in effects):
        effect, own = used.effect, _stream(model, used.row.id)
        if effect.probability_no_effect <= 0:
            continue
        group = effect.no_effect_group
        label = f"Effects of {group}, and whether there are any"
        together = (f"no_effect.{group}", label) if group else alone[own]
        found |= {own: together, f"no_effect.{group or used.row.id}": together}
    return found


def _luck(model: Model) -> dict[str, tuple[str, str]]:
    """Return key and label of the luck of each risk, by stream."""
    return {
        name: (f"case.risks.{risk.name}.luck", f"Luck: whether and when {risk.name.replace('_', ' ')}")
        for risk in model.risks
        if risk.events
        for name in risk.luck
    }


def by_key(unknowns: Mapping[str, Unknown]) -> dict[str, Unknown]:
    """Return each unknown once, by its own key."""
    return {unknown.key: unknown for unknown in unknowns.values()}
