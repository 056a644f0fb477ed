"""A pathway: the states of a child, adult or family, the moves between them, and what each uses.

A pathway is structure only. Every number is named by the key of a parameter, so that the same
pathway serves the published set and any local one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from communitybudget._core.errors import Fault, PathwayError, TransitionError, did_you_mean
from communitybudget.parameters import Parameter, ParameterSet
from communitybudget.pathways.checks import find_faults, form_name
from communitybudget.pathways.declaration import (
    ActivityItem,
    AllowedOverlap,
    Declaration,
    Move,
    Outcome,
    Rate,
    Reported,
    SpellShare,
    StartShare,
    State,
    UnmetNeed,
    parse_move,
)
from communitybudget.pathways.frames import activity_frame, drawing_frames, rate_frame

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_Part = TypeVar("_Part")


@dataclass(frozen=True)
class Pathway(Declaration):
    """One pathway, as `load_pathway` gives it; for its fields see `Declaration`.

    Examples
    --------
    >>> work = load_pathway(ParameterSet.load("england"), "work")
    >>> work
    Pathway(work, 3 states, per adult)
    >>> work.validate()
    """

    def __repr__(self) -> str:
        return f"Pathway({self.name}, {len(self.states)} states, per {self.unit_label})"

    def validate(self) -> None:
        """Check the pathway; nothing happens where nothing is wrong.

        Found are: states that nobody reaches or leaves, moves, prices, agencies, outcomes, counts and
        pathways that are not there, bands of time that overlap, leave a gap or end, bands of one move
        with different uncertain levels, moves that one profile has and another lacks, start mixes that
        do not sum to one, activity that is missing altogether, and effects that fit no move or outcome.

        Raises
        ------
        PathwayError
            With every fault at once, each with file, line and what to do.
        """
        faults = find_faults(self)
        if faults:
            raise PathwayError(faults)

    def table(self, profile: str | None = None) -> "pd.DataFrame":
        """Return the monthly rates, each with limits, source and derivation.

        Parameters
        ----------
        profile : str, optional
            ``general``, ``lower_need``, ``medium_need`` or ``complex_need``: the rates that a person of
            this profile has. All rows of the set if omitted; ``all`` serves every profile.

        Returns
        -------
        pandas.DataFrame
            ``pathway, profile, move, from_month, to_month, rate, low, high, interval, mark, source,
            source_detail, derivation, key``. Months are completed months in the state, from
            (included) to (excluded; missing, no end); ``rate`` is per month.

        Raises
        ------
        TransitionError
            If there are no rates for the profile, or the pathway was built by hand.

        Examples
        --------
        >>> work = load_pathway(ParameterSet.load("england"), "work")
        >>> frame = work.table("medium_need")
        >>> frame[frame["move"] == "inactive_health -> in_work"]["rate"].tolist()
        [0.0211616, 0.00600396]
        """
        return rate_frame(self, profile)

    def activity_table(self) -> "pd.DataFrame":
        """Return what each state and move uses, who pays, and the price in the set.

        Returns
        -------
        pandas.DataFrame
            ``pathway, on, per, from_month, to_month, quantity, low, high, unit, label, agency, value_type,
            line, unit_cost, price, price_unit, price_base, unless_pathway, mark, source, note, key``.
            ``quantity`` is per month in the state, entry, birthday or move; ``price`` is in GBP at
            ``price_base`` as published, missing where none is known.

        Raises
        ------
        TransitionError
            If the pathway was built by hand.

        Examples
        --------
        >>> work = load_pathway(ParameterSet.load("england"), "work")
        >>> work.activity_table().loc[0, ["on", "per", "agency", "price_base"]].tolist()
        ['claiming_search', 'month', 'multiple', '2012-13']
        """
        return activity_frame(self)

    def plot(self, ax: "Axes | None" = None, profile: str = "medium_need") -> "Axes":
        """Draw states as boxes and moves as arrows, thicker where likelier.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Axes to draw on; new axes in the house style if not given.
        profile : str, default "medium_need"
            Whose rates and start shares.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        TransitionError
            If there are no rates for the profile, or the pathway was built by hand.

        Examples
        --------
        >>> load_pathway(ParameterSet.load("england"), "work").plot().get_title()
        'Work, per adult: medium need'
        """
        from communitybudget.charts import plot_states

        states, moves = drawing_frames(self, profile)
        named = profile.replace("_", " ") if profile != "general" else "general population"
        return plot_states(states, moves, ax, title=f"{self.label}, per {self.unit_label}: {named}")


def load_pathway(parameters: ParameterSet, name: str) -> Pathway:
    """Return a pathway declared in a parameter set.

    Parameters
    ----------
    parameters : ParameterSet
        The set whose ``pathways/<name>`` folder declares it; the pathway keeps it.
    name : str
        For example ``child_safety``.

    Raises
    ------
    TransitionError
        If the set has no such pathway.
    PathwayError
        If its declaration or tables have faults; every one is listed with file and line.

    Examples
    --------
    >>> load_pathway(ParameterSet.load("england"), "work").state_names
    ('in_work', 'claiming_search', 'inactive_health')
    """
    if name not in parameters.structures:
        raise TransitionError(
            f"the set {parameters.name} has no pathway '{name}'; " + did_you_mean(name, parameters.structures)
        )
    form = parameters.structures[name]
    missing = _missing(form, name)
    if missing:
        raise PathwayError(missing)
    faults: list[Fault] = []
    ages = form.get("ages") or {}
    pathway = Pathway(
        name=name,
        label=form["label"],
        unit=form["unit"],
        unit_label=form["unit_label"],
        age_from=ages.get("from"),
        age_to=ages.get("to"),
        states=tuple(State(s["name"], s["label"], bool(s.get("absorbing"))) for s in form["states"]),
        rates=_by_profile(_rows(parameters, "transition", name), _rate, faults),
        starts=_by_profile(_rows(parameters, "start", name), _start, faults),
        activity=tuple(_built(_rows(parameters, "activity", name), _activity, faults)),
        outcomes={o["name"]: _outcome(o, name, faults) for o in form.get("outcomes", ())},
        reported=tuple(
            Reported(r["name"], r["label"], r["unit"], r.get("state"), r.get("moves_into"))
            for r in form.get("reported", ())
        ),
        break_even=form.get("break_even") or {},
        limits=tuple(form.get("limits", ())),
        allow_overlaps=tuple(
            AllowedOverlap(frozenset(a["codes"]), a["reason"]) for a in form.get("allow_overlaps", ())
        ),
        unmet_need=_unmet_need(form, name, faults),
        spells=tuple(_built(_rows(parameters, "spell", name), _spell, faults)),
        recorded_by=form.get("recorded_by") or "",
        parameters=parameters,
    )
    faults += find_faults(pathway)
    if faults:
        raise PathwayError(faults)
    return pathway


def _missing(form: Mapping[str, Any], name: str) -> list[Fault]:
    """Return the entries that a declaration lacks."""
    wanted = {
        "states": ("name", "label"),
        "outcomes": ("name", "label"),
        "reported": ("name", "label", "unit"),
        "allow_overlaps": ("codes", "reason"),
        "unmet_need": ("move", "reason"),
    }
    lacking = [key for key in ("label", "unit", "unit_label", "states") if not form.get(key)]
    for part, keys in wanted.items():
        entries = form.get(part) or ()
        lacking += [f"{part}[{i}].{key}" for i, e in enumerate(entries) for key in keys if not e.get(key)]
    if form.get("break_even") and not form["break_even"].get("state"):
        lacking.append("break_even.state")
    return [Fault(form_name(name), key, "is missing", "add it") for key in lacking]


def _rows(parameters: ParameterSet, prefix: str, pathway: str) -> list[Parameter]:
    return [p for p in parameters.table(prefix) if p.fields.get("pathway") == pathway]


def _built(
    rows: Sequence[Parameter], build: Callable[[Parameter], _Part], faults: list[Fault]
) -> list[_Part]:
    """Return what rows declare; rows that cannot be read become faults."""
    found = []
    for row in rows:
        try:
            found.append(build(row))
        except KeyError as error:
            what = f"the table has no column {error.args[0]}"
            faults.append(Fault(row.file, row.key, what, "add the column", row.line))
        except ValueError as error:
            what, _, remedy = str(error).partition("; ")
            faults.append(Fault(row.file, row.key, what, remedy or "correct the row", row.line))
    return found


def _by_profile(
    rows: Sequence[Parameter], build: Callable[[Parameter], _Part], faults: list[Fault]
) -> dict[str, tuple[_Part, ...]]:
    profiles = dict.fromkeys(row.fields.get("profile", "all") for row in rows)
    built = {
        profile: tuple(_built([r for r in rows if r.fields.get("profile", "all") == profile], build, faults))
        for profile in profiles
    }
    return {profile: parts for profile, parts in built.items() if parts}


def _month(text: str) -> int | None:
    if not text:
        return None
    if not text.isdigit():
        raise ValueError(f"'{text}' is no number of months; give a whole number, 0 or more")
    return int(text)


def _rate(row: Parameter) -> Rate:
    f = row.fields
    return Rate(
        (f["from"], f["to"]), _month(f["from_month"]) or 0, _month(f["to_month"]), row.id, f["share_draw"]
    )


def _start(row: Parameter) -> StartShare:
    months = row.fields["months_so_far"]
    return StartShare(row.fields["state"], None if months == "last" else _month(months) or 0, row.id)


def _activity(row: Parameter) -> ActivityItem:
    f = row.fields
    on_move = f["per"] == "move"
    return ActivityItem(
        parameter=row.id,
        label=row.label,
        unit=row.unit,
        state=None if on_move else f["on"],
        move=parse_move(f["on"]) if on_move else None,
        per=f["per"],
        from_month=_month(f["from_month"]),
        to_month=_month(f["to_month"]),
        unit_cost=f["unit_cost"],
        agency=row.agency,
        value_type=row.value_type,
        line=f["line"],
        unless_pathway=f["unless_pathway"],
        share_draw=f["share_draw"],
    )


def _spell(row: Parameter) -> SpellShare:
    return SpellShare(row.fields["state"], row.fields["on"], row.id)


def _unmet_need(form: Mapping[str, Any], name: str, faults: list[Fault]) -> tuple[UnmetNeed, ...]:
    found = []
    for i, entry in enumerate(form.get("unmet_need", ())):
        try:
            found.append(UnmetNeed(parse_move(entry["move"]), entry["reason"]))
        except (TransitionError, ValueError):
            what = f"'{entry['move']}' is no move"
            faults.append(Fault(form_name(name), f"unmet_need[{i}].move", what, "write state -> state"))
    return tuple(found)


def _outcome(form: Mapping[str, Any], name: str, faults: list[Fault]) -> Outcome:
    moves: dict[Move, float] = {}
    for text, share in (form.get("moves") or {}).items():
        try:
            moves[parse_move(text)] = float(share)
        except (TransitionError, ValueError, TypeError):
            what = f"'{text}: {share}' gives no move and share"
            faults.append(
                Fault(form_name(name), f"outcomes.{form['name']}.moves", what, "write state -> state: 0.5")
            )
    return Outcome(form["name"], form["label"], form.get("state"), moves)
