"""Chance in a case: which people the families turn out to be, in counts and in money."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.streams import stream
from communitybudget._core.vocabulary import BAU
from communitybudget.case.case import Case
from communitybudget.case.inputs import Inputs
from communitybudget.case.outcomes import DrawnChain
from communitybudget.ledger import BudgetLine, Guarded, LedgerLine, PricedItem, guard, price_chance
from communitybudget.parameters import ParameterSet
from communitybudget.pathways import ActivityItem, Pathway
from communitybudget.sampling import Draws
from communitybudget.simulation import (
    TILE,
    Activity,
    Count,
    Intake,
    Spells,
    WeightedCount,
    realise,
)

Array = NDArray[np.float64]
Progress = Callable[[int, int], None]

_GUARDED = 1000
"""Draws whose claims are capped at once as they turn out; the result does not depend on it."""


@dataclass(frozen=True, slots=True)
class ChanceMoney:
    """What chance adds to the expected costs avoided by pathways, and what it does to counts.

    Parameters
    ----------
    lines : mapping of LedgerLine to ndarray, shape (option, year, draw)
        Costs avoided as they turn out, less what is expected.
    reported : ndarray, shape (reported, option, draw)
        Counts avoided over the horizon as they turn out.
    volumes : mapping of Count or WeightedCount to ndarray, shape (option, year, draw)
        Counts avoided as they turn out, of the rows asked for.
    part : float
        Share of the people that was drawn; below 1 for large cohorts.
    outcomes : mapping of (str, str) to ndarray, shape (draw,)
        Outcomes of chains as they turn out over those expected, by option and name.
    """

    lines: Mapping[LedgerLine, Array]
    reported: Array
    volumes: Mapping[Count | WeightedCount, Array]
    part: float
    outcomes: Mapping[tuple[str, str], Array]


class ChainLuck:
    """Who of those whom an outcome chain reaches has its outcome, piece by piece of the draws.

    Parameters
    ----------
    name : str
        Of the chain; two options with the same chain have the same luck.
    draws : int
        In all.
    seed : int
        Of the draws.
    """

    def __init__(self, name: str, draws: int, seed: int) -> None:
        self._people, self._outcomes = (stream(seed, f"chance.outcomes.{name}") for _ in range(2))
        # in the stream of a chain the people of all draws stand before their outcomes
        for start in range(0, draws, TILE):
            self._outcomes.random(min(TILE, draws - start))

    def turn_out(self, chain: DrawnChain) -> Array:
        """Return outcomes as they turn out over outcomes expected in the next draws, shape (draw,).

        Each person reached has the outcome or has it not: a binomial number.
        """
        reached, net = chain.chain.population, chain.chain.net
        people = np.floor(reached + self._people.random(reached.size)).astype(np.int64)
        share = np.divide(net, reached, out=np.zeros_like(net), where=reached > 0)
        number = self._outcomes.binomial(people, np.clip(share, 0.0, 1.0))
        return np.divide(number, net, out=np.ones_like(net), where=net > 0)


@dataclass(frozen=True, slots=True)
class Luck:
    """What chance needs to know of all draws before it looks at a piece of them.

    Parameters
    ----------
    part : float
        Share of the people who are drawn.
    chains : mapping of (str, str) to ChainLuck
        By option and name; read on with every piece.
    """

    part: float
    chains: Mapping[tuple[str, str], ChainLuck]


def spells_of(
    case: Case, pathways: Sequence[Pathway], parameters: ParameterSet, inputs: Inputs
) -> dict[str, tuple[Spells, ...]]:
    """Return how spells differ in cost, by pathway: kinds of the set, spread of the case."""
    given = {} if case.spec.chance is None else case.spec.chance.spread_of_spells
    found = {}
    for pathway in pathways:
        states = dict.fromkeys(spell.state for spell in pathway.spells)
        states |= dict.fromkeys(s for s in pathway.state_names if f"{pathway.name}.{s}" in given)
        for spell in pathway.spells:
            inputs.add_known(parameters[spell.parameter])
        found[pathway.name] = tuple(
            Spells(
                state,
                tuple(parameters[s.parameter].value for s in pathway.spells if s.state == state),
                given.get(f"{pathway.name}.{state}", 0.0),
            )
            for state in states
        )
    return found


def weighted_count(
    pathway: Pathway, item: ActivityItem, count: Count, spells: Sequence[Spells]
) -> WeightedCount | None:
    """Return the count that stands for an activity under chance; None where all its spells cost the same."""
    own = [s for s in spells if s.state == item.state]
    if item.per != "month" or not own:
        return None
    kinds = [spell.activity for spell in pathway.spells if spell.state == item.state]
    if item.parameter in kinds:
        return WeightedCount(count, kinds.index(item.parameter))
    return WeightedCount(count, -1) if own[0].spread > 0 else None


def chance_money(
    intakes: Sequence[Intake],
    draws: Draws,
    activity: Activity,
    priced: Sequence[PricedItem],
    spells: Mapping[str, Sequence[Spells]],
    streams: dict[str, str],
    kept: Array | None,
    wanted: Sequence[Count | WeightedCount],
    part: float,
    outcomes: Mapping[tuple[str, str], Array],
    progress: Progress | None = None,
) -> ChanceMoney:
    """Draw which people the families turn out to be, and price what the options change for them.

    Parameters
    ----------
    intakes : sequence of Intake
        Who joins when, under the same options.
    draws : Draws
        Of every number.
    activity : Activity
        As expected, of the same options.
    priced : sequence of PricedItem
        What counts use.
    spells : mapping of str to sequence of Spells
        By pathway.
    streams, kept : dict, ndarray
        As in `price_activity`.
    wanted : sequence of Count or WeightedCount
        Whose volumes to keep.
    part, outcomes : float, mapping
        As they stand in the result.
    progress : callable, optional
        Called with draws done and draws in all.

    Returns
    -------
    ChanceMoney
    """
    weighted = list(dict.fromkeys(item.weighted for item in priced if item.weighted is not None))
    rows: dict[Count | WeightedCount, int] = {count: i for i, count in enumerate(activity.counts)}
    rows |= {entry: len(activity.counts) + i for i, entry in enumerate(weighted)}
    plain = [*range(len(activity.counts)), *(rows[entry.count] for entry in weighted)]
    options = intakes[0].options
    others = [activity.options.index(option.name) for option in options]
    years = len(activity.years)
    shape = (len(options), years, draws.draws)
    lines: dict[LedgerLine, Array] = {}
    reported = np.zeros((len(activity.reported), len(options), draws.draws))
    volumes = {count: np.zeros(shape) for count in wanted}
    for tile in realise(intakes, draws, activity.counts, weighted, spells, part):
        own, drawn = tile.draws, tile.differences
        # row by row, since a tile of all rows is large
        if part < 1:
            for of_row, expected in zip(drawn, _avoided(activity, plain, others, own), strict=True):
                of_row[...] = expected + (of_row - part * expected) / np.sqrt(part)
        for r, count in enumerate(activity.reported):
            reported[r, :, own] = drawn[list(count.rows)].sum(axis=(0, 2)) * count.factor
        for volume, into in volumes.items():
            into[..., own] = drawn[rows[volume]]
        gains = np.empty(drawn.shape, dtype=bool)
        for of_row, gain, expected in zip(drawn, gains, _avoided(activity, plain, others, own), strict=True):
            np.greater(expected, 0, out=gain)
            of_row -= expected
        some = draws.part(own.start, own.stop)
        for line, money in price_chance(drawn, gains, rows, priced, some, streams, kept).items():
            lines.setdefault(line, np.zeros(shape))[..., own] = money
        if progress is not None:
            progress(own.stop, draws.draws)
    return ChanceMoney(lines, reported, volumes, part, outcomes)


def _avoided(activity: Activity, rows: Sequence[int], others: Sequence[int], draws: slice) -> Iterator[Array]:
    """Yield what is expected to be avoided of each row, shape (option, year, draw)."""
    bau = activity.options.index(BAU)
    for row in rows:
        yield activity.amounts[row, bau, :, draws] - activity.amounts[row, others, :, draws]


def chance_of_chain(chain: DrawnChain, seed: int) -> Array:
    """Return outcomes as they turn out over outcomes expected, in all draws, shape (draw,)."""
    return ChainLuck(chain.name, chain.chain.net.size, seed).turn_out(chain)


def guard_chance(
    lines: Sequence[LedgerLine],
    amounts: Array,
    spending: Array,
    budget: Sequence[BudgetLine],
    by_chance: Mapping[LedgerLine, Array],
    expected: Guarded,
) -> tuple[Guarded, tuple[int, ...], Array]:
    """Cap what is claimed as it turns out, and return what chance adds after the caps.

    Parameters
    ----------
    lines, amounts, spending, budget : sequence, ndarray, ndarray, sequence
        As in `guard`, before the caps.
    by_chance : mapping of LedgerLine to ndarray, shape (option, year, draw)
        What chance adds before the caps.
    expected : Guarded
        The same lines after the caps as expected.

    Returns
    -------
    Guarded
        As expected, with a line of nothing for each cap that only chance meets.
    tuple of int
        Lines that chance moves.
    ndarray, shape (chance_line, option, year, draw)
        What it adds to them.
    """
    if not by_chance:
        return expected, (), np.zeros((0, 0, 0, 0))
    places = {line: i for i, line in enumerate(expected.lines)}
    gaps: dict[LedgerLine, Array] = {}
    shape = amounts.shape[1:]
    for start in range(0, shape[-1], _GUARDED):
        own = slice(start, start + _GUARDED)
        claimed = amounts[..., own].copy()
        for i, line in enumerate(lines):
            if line in by_chance:
                claimed[i] += by_chance[line][..., own]
        found = guard(lines, claimed, spending[..., own], budget)
        turned_out = dict(zip(found.lines, found.amounts, strict=True))
        for line in dict.fromkeys((*expected.lines, *found.lines)):
            usual = expected.amounts[places[line]][..., own] if line in places else 0.0
            gap = turned_out.get(line, 0.0) - usual
            if np.any(gap):
                gaps.setdefault(line, np.zeros(shape))[..., own] = gap
    excess = [replace(line, flow="not_deliverable") for line in lines]
    only_by_chance = [line for line in excess if line in gaps and line not in places]
    if only_by_chance:
        none = np.zeros((len(only_by_chance), *shape))
        expected = Guarded(
            (*expected.lines, *only_by_chance),
            np.concatenate([expected.amounts, none]),
            np.concatenate([expected.spending, none[:, 0]]),
        )
    moved = tuple(i for i, line in enumerate(expected.lines) if line in gaps)
    whole = np.zeros((len(moved), *shape)) if moved else np.zeros((0, 0, 0, 0))
    for into, i in zip(whole, moved, strict=True):
        into[...] = gaps.pop(expected.lines[i])
    return expected, moved, whole
