"""A published pathway of a parameter set as moves and a start mix."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from communitybudget._core.errors import TransitionError
from communitybudget.models.moves import Chance, rate
from communitybudget.models.values import by_duration

if TYPE_CHECKING:
    from communitybudget.pathways import Pathway
    from communitybudget.sampling import Draws


def pathway_parts(
    pathway: "Pathway", profile: str, draws: "Draws | None"
) -> tuple[dict[str, Chance], dict[str, dict[int, Any]]]:
    """Return the moves of a pathway as monthly rates by time in the state, and its start mix.

    Events that move nobody are left out.

    Parameters
    ----------
    pathway : Pathway
        From a parameter set.
    profile : str
        Need profile.
    draws : Draws or None
        Central values where None.

    Returns
    -------
    moves : dict
        By ``a -> b``.
    start : dict
        Share by state and completed months in it.

    Raises
    ------
    TransitionError
        If the pathway was built by hand and no draws are given, or has nothing for the profile.
    """
    numbers: Any = draws
    if numbers is None:
        known = pathway.numbers()
        numbers = _Central(
            {row.key: row.value for table in ("transition", "start") for row in known.table(table)}
        )
    bands: dict[str, dict[int, Any]] = {}
    last: dict[str, int] = {}
    for one in pathway.rates_of(profile):
        if one.move[0] != one.move[1]:
            own = bands.setdefault(" -> ".join(one.move), {0: 0.0})
            own[one.from_month] = numbers[one.parameter]
            if one.to_month is not None:
                own.setdefault(one.to_month, 0.0)
            last[one.move[0]] = max(last.get(one.move[0], 0), one.from_month)
    start: dict[str, dict[int, Any]] = {}
    for share in pathway.start_of(profile):
        months = last.get(share.state, 0) if share.months_so_far is None else share.months_so_far
        places = start.setdefault(share.state, {})
        places[months] = places.get(months, 0.0) + numbers[share.parameter]
    return {move: rate(by_duration(own)) for move, own in bands.items()}, start


class _Central:
    """Central values by key, looked up as draws are."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __getitem__(self, key: str) -> Any:
        if key not in self._values:
            raise TransitionError(
                f"the set has no number '{key}'; load the pathway from the set that holds it"
            )
        return self._values[key]
