"""What states and moves cost, by agency, and what they are worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import ArrayLike

from communitybudget._core.errors import ParameterError, did_you_mean
from communitybudget._core.results import result
from communitybudget._core.vocabulary import AGENCIES, ALL_AGENCIES, VALUE_TYPES
from communitybudget.models.values import ByValue, Varying, varying

PLACES = ("in_state", "entering", "leaving", "move", "at_start")

Places = str | Sequence[str] | Mapping[str, Varying | ArrayLike]


@result
@dataclass(frozen=True, eq=False)
class Reward(ByValue):
    """A cost or an effect, and what it attaches to: made by `cost` and `effect`.

    Parameters
    ----------
    name, kind : str
        Its name; ``cost`` or ``effect``.
    agency, value_type : str
        Who bears it, and what kind of value it is.
    place : str
        ``in_state``, ``entering``, ``leaving``, ``move`` or ``at_start``.
    amounts : tuple of (str, Varying)
        State or move, and the amount.
    per : str
        ``cycle`` or ``year`` in a state; ``each`` otherwise.
    from_cycle, to_cycle : int and int or None
        Only for these completed cycles in the state: from (included) to (excluded).
    """

    name: str
    kind: str
    agency: str
    value_type: str
    place: str
    amounts: tuple[tuple[str, Varying], ...]
    per: str
    from_cycle: int = 0
    to_cycle: int | None = None

    def __repr__(self) -> str:
        on = ", ".join(place for place, _ in self.amounts)
        return f"{self.kind}({self.name!r}, {self.place}: {on}, per {self.per}, {self.agency})"


def cost(
    name: str,
    amount: Varying | ArrayLike | None = None,
    *,
    in_state: Places | None = None,
    entering: Places | None = None,
    leaving: Places | None = None,
    move: Places | None = None,
    at_start: bool = False,
    per: str | None = None,
    from_cycle: int = 0,
    to_cycle: int | None = None,
    agency: str = "unallocated",
    value_type: str = "fiscal",
) -> Reward:
    """Return a cost to one agency, attached to one kind of place.

    Several costs may share a name; totals add them.

    Parameters
    ----------
    name : str
        For example ``foster care``.
    amount : number, array of shape (D,), or Varying
        In the model's price base, for each person. May vary by draw, ``by_duration`` in the state,
        ``by_cycle`` since entry (T values one a cycle, T + 1 one a point), ``by_year`` or ``by_profile``.
        Leave it out where the places are given as a mapping ``{place: amount}``.
    in_state : str, sequence of str or mapping
        States: for the time in them. Needs ``per="cycle"`` or ``per="year"``.
    entering, leaving : str, sequence of str or mapping
        States: for each move into them, or out of them. Those who start in a state did not enter it.
    move : str, sequence of str or mapping
        Moves such as ``sick -> dead``; either end may be ``*``.
    at_start : bool
        Once for each person at entry to the model; never discounted at time zero.
    per : str
        ``cycle`` or ``year``; for the time in a state only.
    from_cycle, to_cycle : int, optional
        Only for these completed cycles in the state (in which the person is, or from which they move).
    agency : str
        Key of the vocabulary, such as ``nhs``.
    value_type : str
        ``fiscal``, ``economic`` or ``social``.

    Raises
    ------
    ParameterError
        If the place, the amount or ``per`` is missing, or an agency or value type is unknown.

    Examples
    --------
    >>> cost("placement", 3000, in_state="looked_after", per="cycle", agency="local_authority")
    cost('placement', in_state: looked_after, per cycle, local_authority)
    >>> cost("arrest", {"at_risk": 500.0}, leaving="at_risk")
    Traceback (most recent call last):
    communitybudget._core.errors.ParameterError: arrest: the amount ... is no number; ...
    """
    faults = []
    if agency not in AGENCIES and agency != ALL_AGENCIES:
        faults.append(f"{name}: there is no agency '{agency}'; {did_you_mean(agency, AGENCIES)}")
    if value_type not in VALUE_TYPES:
        faults.append(f"{name}: '{value_type}' is no value type; use one of {', '.join(VALUE_TYPES)}")
    places = _places(in_state, entering, leaving, move, at_start)
    return _reward(name, "cost", agency, value_type, amount, places, per, from_cycle, to_cycle, faults)


def effect(
    name: str,
    amount: Varying | ArrayLike | None = None,
    *,
    in_state: Places | None = None,
    entering: Places | None = None,
    leaving: Places | None = None,
    move: Places | None = None,
    at_start: bool = False,
    per: str | None = None,
    from_cycle: int = 0,
    to_cycle: int | None = None,
    agency: str = ALL_AGENCIES,
) -> Reward:
    """Return an effect (quality-adjusted life years, life years, events), attached to one kind of place.

    For the arguments see `cost`; effects have no price base and no value type.

    Examples
    --------
    >>> effect("QALY", in_state={"well": 1.0, "sick": 0.7}, per="year")
    effect('QALY', in_state: well, sick, per year, all)
    """
    places = _places(in_state, entering, leaving, move, at_start)
    return _reward(name, "effect", agency, "", amount, places, per, from_cycle, to_cycle, [])


def _places(
    in_state: Places | None,
    entering: Places | None,
    leaving: Places | None,
    move: Places | None,
    at_start: bool,
) -> dict[str, Places]:
    given = {"in_state": in_state, "entering": entering, "leaving": leaving, "move": move}
    places = {place: where for place, where in given.items() if where is not None}
    if not isinstance(at_start, bool):
        raise ParameterError(
            f"at_start is {at_start!r}; give True: once for everybody, in whatever state they start"
        )
    return places | ({"at_start": ""} if at_start else {})


def _reward(
    name: str,
    kind: str,
    agency: str,
    value_type: str,
    amount: Any,
    places: dict[str, Places],
    per: str | None,
    from_cycle: int,
    to_cycle: int | None,
    faults: list[str],
) -> Reward:
    if isinstance(amount, Mapping):
        faults.append(
            f"{name}: the amount {amount} is no number; give the mapping to the place, as in_state="
        )
        amount = 0.0
    if len(places) != 1:
        many = " and ".join(places) or "nothing"
        faults.append(f"{name}: it attaches to {many}; give one of {', '.join(PLACES)}")
        places = {"at_start": ""}
    place, where = next(iter(places.items()))
    if isinstance(where, Mapping) == (amount is not None):
        faults.append(f"{name}: give an amount, or a mapping of places to amounts, and not both or neither")
        where, amount = "", 0.0
    if isinstance(where, Mapping):
        amounts = tuple((key, varying(value)) for key, value in where.items())
    else:
        amounts = tuple((key, varying(amount)) for key in ((where,) if isinstance(where, str) else where))
    if place == "in_state" and per not in ("cycle", "year"):
        faults.append(f"{name}: a time in a state needs per='cycle' or per='year'; per is {per!r}")
    if place != "in_state" and per is not None:
        faults.append(
            f"{name}: per is for time in a state; leave it out, each {place.replace('_', ' ')} counts"
        )
    if to_cycle is not None and to_cycle <= from_cycle:
        faults.append(f"{name}: to_cycle {to_cycle} is not after from_cycle {from_cycle}; end it later")
    if (from_cycle or to_cycle is not None) and place in ("entering", "at_start"):
        faults.append(f"{name}: from_cycle and to_cycle are for time in a state; leave them out here")
    if faults:
        raise ParameterError("\n".join(faults))
    return Reward(name, kind, agency, value_type, place, amounts, per or "each", from_cycle, to_cycle)
