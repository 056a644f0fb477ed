"""What a pathway gives for the kinds of figure that statistics and studies publish.

Central rates, one group of people, no draws: shares, stocks, flows and time in a state, by the same
kernel that runs the cases.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.errors import TransitionError, did_you_mean
from communitybudget.pathways import Move, Outcome, Pathway, Rate
from communitybudget.simulation.kernel import YearBins, follow, probabilities
from communitybudget.simulation.layout import Layout, StartCell, build_layout, first_passage, place_start
from communitybudget.simulation.weights import YearWeights

Array = NDArray[np.float64]

MIX, LONG_RUN = "mix", "long_run"


@dataclass(frozen=True, slots=True)
class Group:
    """People of one profile at central rates.

    Parameters
    ----------
    layout : Layout
        C cells, E edges, V events.
    starts : tuple of StartCell
        N places where they start.
    shares : ndarray, shape (N,)
        Share of people who start in each; they sum to one unless some are set aside.
    rates, event_rates : ndarray, shape (E,) and (V,)
        Monthly.
    """

    layout: Layout
    starts: tuple[StartCell, ...]
    shares: Array
    rates: Array
    event_rates: Array


def gather_group(
    pathway: Pathway,
    profile: str,
    start: str,
    *,
    events: Iterable[Rate] = (),
    cuts: Mapping[str, set[int]] | None = None,
    ratios: Mapping[Move, float] | None = None,
) -> Group:
    """Return a group of people and where they start.

    Parameters
    ----------
    pathway : Pathway
        Loaded from a set.
    profile : str
        Need profile.
    start : str
        A state, which they have just entered; ``mix``, the start mix of the profile; or ``long_run``,
        the mix that the rates lead to in the end. ``mix: a; b`` and ``long_run: a; b`` are those of the
        mix who are in these states.
    events : iterable of Rate, optional
        Further events that move nobody.
    cuts : mapping of str to set of int, optional
        Further months at which a state is cut into bands.
    ratios : mapping of Move to float, optional
        Hazard ratios on moves from the first month on.

    Returns
    -------
    Group

    Raises
    ------
    TransitionError
        If ``start`` names no state, or nobody is in the states it names.
    """
    numbers = pathway.numbers()
    layout = build_layout(pathway.state_names, [*pathway.rates_of(profile), *events], cuts)
    rates, event_rates = (
        np.array([numbers[e.parameter].value * (ratios or {}).get(e.move, 1.0) for e in edges], dtype=float)
        for edges in (layout.edges, layout.events)
    )
    word, _, states = (part.strip() for part in start.partition(":"))
    if word == MIX:
        starts = place_start(layout, pathway.start_of(profile))
        shares = np.array([numbers[place.parameter].value for place in starts])
    elif word == LONG_RUN and any(state.absorbing for state in pathway.states):
        raise TransitionError(
            f"in the long run everybody in '{pathway.name}' is where nobody leaves; start from a state or "
            "the mix"
        )
    elif word == LONG_RUN:
        starts, shares = _long_run(layout, rates)
    elif word in pathway.state_names:
        starts, shares = (StartCell(layout.first_cell[word], 0, ""),), np.ones(1)
    else:
        known = (*pathway.state_names, MIX, LONG_RUN)
        raise TransitionError(f"'{word}' is no start; {did_you_mean(word, known)}")
    group = Group(layout, starts, shares, rates, event_rates)
    wanted = listed(states)
    if not wanted:
        return replace(group, shares=shares / shares.sum())
    kept = _started_in(group, wanted)
    if not kept.any():
        raise TransitionError(f"nobody starts in {states}; name other states")
    return replace(group, shares=np.where(kept, shares, 0.0) / shares[kept].sum())


def listed(text: str) -> tuple[str, ...]:
    """Return the parts of a list with semicolons.

    Examples
    --------
    >>> listed("current; recovering")
    ('current', 'recovering')
    """
    return tuple(part.strip() for part in text.split(";") if part.strip())


def share_in(group: Group, states: Sequence[str], first: int, last: int) -> float:
    """Return the share of people in some states: mean of the month-ends from ``first`` to ``last``."""
    weights = np.zeros((1, last + 1))
    weights[0, first:] = 1 / (last + 1 - first)
    occupancy = _followed(group, last, occupancy=weights).occupancy[0, :, 0]
    return float(sum(occupancy[i] for state in states for i in group.layout.cells_of(state)))


def share_ever(group: Group, moves: Mapping[Move, float], first: int, last: int) -> float:
    """Return the share of people who make their first counted move after ``first`` months, by ``last``.

    Parameters
    ----------
    group : Group
        Whom.
    moves : mapping of Move to float
        Share of each move that counts.
    first, last : int
        Months since the start; with ``first`` 0, the share who ever make one within ``last`` months.
    """
    passage = first_passage(group.layout, Outcome("it", "", None, moves))
    source = {"edge": group.rates, "event": group.event_rates}
    rates = np.array([source[kind][index] * share for kind, index, share in passage.rows], dtype=float)
    changed = replace(group, layout=passage.layout, rates=rates, event_rates=np.empty(0))
    by = [
        float(_followed(changed, months).final[passage.cell, 0]) if months else 0.0
        for months in (first, last)
    ]
    return by[1] - by[0]


def share_touched(group: Group, states: Sequence[str], months: int) -> float:
    """Return the share of people in one of some states at the start or at some time in the months after."""
    inside = _started_in(group, states)
    others = replace(group, shares=np.where(inside, 0.0, group.shares))
    entering = {e.move: 1.0 for e in group.layout.edges if e.move[1] in states and e.move[0] not in states}
    return float(group.shares[inside].sum()) + share_ever(others, entering, 0, months)


def flows_per_year(group: Group, moves: Mapping[Move, float], months: int) -> float:
    """Return moves (and events) per person-year over the months followed, each times its weight."""
    bins = _followed(group, months)
    total = 0.0
    for edges, found in ((group.layout.edges, bins.moves), (group.layout.events, bins.events)):
        total += sum(moves.get(edge.move, 0.0) * found[0, i, 0] for i, edge in enumerate(edges))
    return float(total) * 12 / months


def share_of_leavers(group: Group, state: str, moves: Sequence[Move], months: int, within: int = 0) -> float:
    """Return the share of those who leave a state while followed who leave by some moves.

    Parameters
    ----------
    group : Group
        Whom; cut the state at ``within``.
    state : str
        The state. Those in it when they are no longer followed (at 18) leave it too.
    moves : sequence of Move
        Which exits count; none, those no longer followed.
    months : int
        How long they are followed.
    within : int
        Only exits in this many months of entry count; 0, all.
    """
    bins = _followed(group, months)
    at_the_end = float(sum(bins.final[i, 0] for i in group.layout.cells_of(state)))
    whole = counted = 0.0
    for i, edge in enumerate(group.layout.edges):
        if edge.move[0] == state:
            flow = float(bins.moves[0, i, 0])
            whole += flow
            end = group.layout.cells[edge.source].to_month
            if edge.move in moves and (not within or (end is not None and end <= within)):
                counted += flow
    return (counted if moves else at_the_end) / (whole + at_the_end)


def share_remaining(group: Group, state: str, months: float) -> float:
    """Return the share of those who entered a state who have not left it after some months, exactly."""
    passed = sum(hazard * max(min(months, end) - begin, 0.0) for begin, end, hazard in _bands(group, state))
    return float(np.exp(-passed))


def months_stayed(group: Group, state: str, first: float = 0.0, last: float = np.inf) -> float:
    """Return the mean months that those who enter a state spend in it between two times since entry."""
    total = 0.0
    for begin, end, hazard in _bands(group, state):
        low, high = max(begin, first), min(end, last)
        if low >= high:
            continue
        here = share_remaining(group, state, low)
        total += here * ((1 - np.exp(-hazard * (high - low))) / hazard if hazard > 0 else high - low)
    return total


def share_leaving_by(group: Group, state: str, moves: Sequence[Move]) -> float:
    """Return the share of those who enter a state who leave it, in the end, by some moves."""
    share = 0.0
    for cell in group.layout.cells_of(state):
        band = group.layout.cells[cell]
        end = np.inf if band.to_month is None else float(band.to_month)
        rate = sum(
            float(group.rates[i])
            for i, edge in enumerate(group.layout.edges)
            if edge.source == cell and edge.move in moves
        )
        share += rate * months_stayed(group, state, float(band.from_month), end)
    return share


def _bands(group: Group, state: str) -> list[tuple[float, float, float]]:
    """Return from, to and the total rate out of each band of a state."""
    hazards = _exit_rates(group.layout, group.rates)
    found = []
    for i in group.layout.cells_of(state):
        cell = group.layout.cells[i]
        end = np.inf if cell.to_month is None else float(cell.to_month)
        found.append((float(cell.from_month), end, float(hazards[i])))
    return found


def _exit_rates(layout: Layout, rates: Array) -> Array:
    total = np.zeros(len(layout.cells))
    for i, edge in enumerate(layout.edges):
        total[edge.source] += rates[i]
    return total


def _started_in(group: Group, states: Sequence[str]) -> NDArray[np.bool_]:
    return np.array([group.layout.cells[place.cell].state in states for place in group.starts])


def _followed(group: Group, months: int, occupancy: Array | None = None) -> YearBins:
    """Follow the group for some months, gathered into one bin; moves are counted in every month."""
    nothing = np.zeros((1, months + 1))
    weights = YearWeights(nothing if occupancy is None else occupancy, np.ones((1, months)), nothing)
    p = probabilities(group.layout, group.rates[:, None], group.event_rates[:, None])
    return follow(group.layout, group.starts, group.shares[:, None], p, months, weights)


def _long_run(layout: Layout, rates: Array) -> tuple[tuple[StartCell, ...], Array]:
    """Return the mix to which the rates lead, with the time already spent in each band.

    Visits to states are in balance (one equation a state); people are where visits last. A visit is
    counted at month-ends, as the kernel counts it.
    """
    hazards = _exit_rates(layout, rates)
    states = list(layout.first_cell)
    visits = np.zeros((len(states), len(states)))
    starts: list[StartCell] = []
    weights: list[tuple[int, float]] = []
    for s, state in enumerate(states):
        here = 1.0
        for index in layout.cells_of(state):
            cell = layout.cells[index]
            hazard = hazards[index]
            stays = np.exp(-hazard)
            length = None if cell.to_month is None else cell.to_month - cell.from_month
            passing = 0.0 if length is None else float(stays**length)
            if length is None:
                starts.append(StartCell(index, 0, ""))
                weights.append((s, here / max(1 - stays, 1e-300)))
            else:
                starts += [StartCell(index, k, "") for k in range(length)]
                weights += [(s, here * float(stays**k)) for k in range(length)]
            for i, edge in enumerate(layout.edges):
                if edge.source == index and hazard > 0:
                    visits[s, states.index(edge.move[1])] += here * (1 - passing) * rates[i] / hazard
            here *= passing
    # one of the balance equations follows from the others and gives way to: visits sum to one
    system = visits.T - np.eye(len(states))
    system[-1] = 1.0
    balance = np.linalg.solve(system, np.eye(len(states))[-1])
    shares = np.array([max(balance[s], 0.0) * weight for s, weight in weights])
    return tuple(starts), shares / shares.sum()
