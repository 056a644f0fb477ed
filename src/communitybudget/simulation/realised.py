"""Activity as it may turn out for these very people: chance on top of the rates, draw by draw."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.streams import stream
from communitybudget.sampling import Draws
from communitybudget.simulation.activity import Count
from communitybudget.simulation.chance import ChanceDifference, ChanceGroup, SpellKinds, draw_difference
from communitybudget.simulation.kernel import YearBins
from communitybudget.simulation.layout import Layout
from communitybudget.simulation.options import OptionEffects, OptionGroup
from communitybudget.simulation.run import People, Runner, acting_in, count_bins, part_of

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

TILE = 4000
"""Draws that share a stream of chance; the cut never changes, so that results depend on no block."""

MOST_PEOPLE = 2000
"""People of one kind drawn at the most; larger cohorts are drawn in part and their chance scaled."""


@dataclass(frozen=True, slots=True)
class Spells:
    """Kinds of spell in a state of a pathway, and how spells of one kind still differ in cost.

    Parameters
    ----------
    state : str
        Of the pathway.
    shares : tuple of float
        Share of spells of each kind; they sum to one at most.
    spread : float
        Standard deviation over mean of what a spell costs besides its kind.
    """

    state: str
    shares: tuple[float, ...]
    spread: float = 0.0


@dataclass(frozen=True, slots=True)
class WeightedCount:
    """Time in a state weighted by what each spell costs: of one kind of spell over its share, or all.

    Parameters
    ----------
    count : Count
        Months in a state.
    kind : int
        Position among the kinds of the state; -1, spells of every kind.
    """

    count: Count
    kind: int


@dataclass(frozen=True, slots=True)
class Intake:
    """People who join in one way, and what the options do to them.

    Parameters
    ----------
    people : sequence of People
        Of every pathway and profile.
    options : sequence of OptionEffects
        Without business as usual.
    families : ndarray, shape (Y,)
        Joining in each year.
    spread_joining : bool
        Through the year instead of on its first day.
    """

    people: Sequence[People]
    options: Sequence[OptionEffects]
    families: Array
    spread_joining: bool


@dataclass(frozen=True, slots=True)
class Realised:
    """What options change for the people of one tile of draws, chance included.

    Parameters
    ----------
    draws : slice
        Which draws.
    differences : ndarray, shape (row, option, year, L)
        Business as usual less each option: the counts asked for, then the weighted ones.
    part : float
        Share of the people that was drawn; below 1 for large cohorts.
    """

    draws: slice
    differences: Array
    part: float


def part_drawn(intakes: Sequence[Intake]) -> float:
    """Return the share of the people who are drawn: all of them, but for large cohorts.

    Of several pieces of the draws the smallest share holds, for each of them.
    """
    largest = max(
        float(np.max(intake.families.sum() * row.per_family)) for intake in intakes for row in intake.people
    )
    return min(1.0, MOST_PEOPLE / largest) if largest > 0 else 1.0


def realise(
    intakes: Sequence[Intake],
    draws: Draws,
    counts: Sequence[Count],
    weighted: Sequence[WeightedCount],
    spells: Mapping[str, Sequence[Spells]],
    part: float,
) -> Iterator[Realised]:
    """Draw which people the families turn out to be, tile by tile.

    Parameters
    ----------
    intakes : sequence of Intake
        Who joins when; each with the same options.
    draws : Draws
        Of all rates; where they are a piece of more, a whole number of tiles stands before them.
    counts : sequence of Count
        Rows of the result.
    weighted : sequence of WeightedCount
        Further rows.
    spells : mapping of str to sequence of Spells
        By pathway.
    part : float
        From `part_drawn`, of all draws.

    Yields
    ------
    Realised
        Families who take part are a chance of their own, the same for every pathway of a family.
    """
    runners = [
        [AtChance(row, intake, spells.get(row.pathway.name, ())) for row in intake.people]
        for intake in intakes
    ]
    for number, start in enumerate(range(0, draws.draws, TILE), draws.first // TILE):
        tile = slice(start, min(start + TILE, draws.draws))
        lanes = tile.stop - tile.start
        years = len(intakes[0].families)
        found = np.zeros((len(counts) + len(weighted), len(intakes[0].options), years, lanes))
        for i, own in enumerate(runners):
            for runner in own:
                runner.add_to(found, draws, tile, counts, weighted, part, f"{i}.{number}")
        yield Realised(tile, found, part)


class AtChance:
    """The people of one pathway and profile, drawn under every option."""

    def __init__(self, row: People, intake: Intake, spells: Sequence[Spells]) -> None:
        self.row, self.options = row, intake.options
        self.runner = Runner(row, intake.options, intake.families, intake.spread_joining)
        # without effects what is left of an option is whom it reaches
        nobody_helped = [replace(option, groups=(OptionGroup(),)) for option in intake.options]
        self.reaching = Runner(row, nobody_helped, intake.families, intake.spread_joining)
        alike = (p.family_class for p in intake.people if p.profile == row.profile)
        self.classes = {c.number: c.share for c in alike if c is not None} or {0: 1.0}
        self.spells = tuple(
            SpellKinds(tuple(self.runner.layout.cells_of(s.state)), s.shares, s.spread) for s in spells
        )
        self.states = [s.state for s in spells]
        months = 12 * len(intake.families)
        self.joining = np.zeros(months)
        joined_in = 12 if intake.spread_joining else 1
        for first in range(joined_in):
            self.joining[first::12] = intake.families / joined_in
        still = row.presence
        self.presence = np.ones(months + 1) if still is None else still

    def add_to(
        self,
        found: Array,
        draws: Draws,
        tile: slice,
        counts: Sequence[Count],
        weighted: Sequence[WeightedCount],
        part: float,
        name: str,
    ) -> None:
        """Add what each option changes for them to the rows of a tile."""
        pathway, profile = self.row.pathway.name, self.row.profile
        start, stop = tile.start, tile.stop
        rates, events = self.runner.rates_in(draws, start, stop)
        own = [i for i, count in enumerate(counts) if count.pathway == pathway]
        own_weighted = [i for i, entry in enumerate(weighted) if entry.count.pathway == pathway]
        done: dict[tuple[object, ...], tuple[Array, Array]] = {}
        for o, option in enumerate(self.options):
            reached = self.runner.reaches_others(option)
            mix = option.start if reached else self.row.start
            taking_part = stream(draws.seed, f"chance.families.{profile}.{name}")
            for group, families in self.families_of(option, start, stop, taking_part):
                joining = self.joining if group.joining is None else group.joining
                expected = part * families * part_of(self.row.per_family, start, stop)
                key = (
                    tuple(e.key for e in group.effects),
                    option.combination.rule,
                    option.combination.key,
                    joining.tobytes(),
                    expected.tobytes(),
                    option.name if reached else "",
                )
                given = option.combination.log_given
                if key not in done:
                    random = stream(draws.seed, f"chance.{pathway}.{profile}.{name}")
                    people = np.floor(expected + random.random(stop - start)).astype(np.int64)
                    drawn = draw_difference(
                        ChanceGroup(
                            layout=self.runner.layout,
                            starts=self.runner.starts,
                            shares=self.runner.shares_in(mix, start, stop),
                            rates=rates,
                            event_rates=events,
                            effects=acting_in(group.effects, start, stop),
                            people=people,
                            presence=self.presence,
                            joining=joining,
                            spells=self.spells,
                            rule=option.combination.rule,
                            log_given=None if given is None else given[tile],
                        ),
                        random,
                    )
                    done[key] = (
                        _counted(self.runner.layout, drawn, [counts[i] for i in own]),
                        self._weighted(drawn, [weighted[i] for i in own_weighted]),
                    )
                plain, by_spell = done[key]
                for row, amounts in zip(own, plain, strict=True):
                    found[row, o] += amounts
                for row, amounts in zip(own_weighted, by_spell, strict=True):
                    found[len(counts) + row, o] += amounts

        if any(self.runner.reaches_others(option) for option in self.options):
            self._add_whom_it_reaches(found, draws, tile, counts, weighted, part)

    def _add_whom_it_reaches(
        self,
        found: Array,
        draws: Draws,
        tile: slice,
        counts: Sequence[Count],
        weighted: Sequence[WeightedCount],
        part: float,
    ) -> None:
        """Add what is expected to differ since an option reaches other people than the cohort holds."""
        every = [*counts, *(entry.count for entry in weighted)]
        rows = [i for i, count in enumerate(every) if count.pathway == self.row.pathway.name]
        own = [every[i] for i in rows]
        usual, *others = self.reaching.options_in_block(draws, tile.start, tile.stop, own)
        people = part * part_of(self.row.per_family, tile.start, tile.stop)
        for o, option in enumerate(self.options):
            if self.runner.reaches_others(option):
                found[rows, o] += (usual - others[o]) * people

    def families_of(
        self, option: OptionEffects, start: int, stop: int, random: np.random.Generator
    ) -> Iterator[tuple[OptionGroup, Array]]:
        """Yield each group on which effects act here, with its families (L,).

        Which families are of which class and take part is drawn for all pathways alike, so that the same
        families are and do on every one; groups that are alike on this one are put together.
        """
        lanes = stop - start
        own_class = None if self.row.family_class is None else self.row.family_class.number
        found: dict[tuple[object, ...], tuple[OptionGroup, Array]] = {}
        together: dict[bytes, list[OptionGroup]] = {}
        for group in option.groups:
            own = self.joining if group.joining is None else group.joining
            together.setdefault(own.tobytes(), []).append(group)
        for groups in together.values():
            own = self.joining if groups[0].joining is None else groups[0].joining
            whole = float(own.sum()) * self.row.profile_share
            families = np.floor(whole + random.random(lanes)).astype(np.int64)
            scale = np.divide(float(own.sum()), families, out=np.zeros(lanes), where=families > 0)
            of_class = _shared_out(families, list(self.classes.values()), random)
            shares = [part_of(group.share, start, stop) for group in groups]
            for number, count in zip(self.classes, of_class, strict=True):
                in_groups = _shared_out(count, shares, random)
                if own_class not in (None, number):
                    continue
                share = 1.0 if own_class is None else self.classes[number]
                for group, some in zip(groups, in_groups, strict=True):
                    acting = tuple(e for e in group.effects if e.pathway == self.row.pathway.name)
                    if acting:
                        key = (tuple(effect.key for effect in acting), own.tobytes())
                        more = some * scale / share
                        before = found[key][1] if key in found else np.zeros(lanes)
                        found[key] = (OptionGroup(1.0, acting, group.joining), before + more)
        yield from found.values()

    def _weighted(self, drawn: ChanceDifference, entries: Sequence[WeightedCount]) -> Array:
        years, _, lanes = drawn.occupancy.shape
        found = np.zeros((len(entries), years, lanes))
        for row, entry in zip(found, entries, strict=True):
            state = self.states.index(entry.count.state)
            months = np.zeros_like(drawn.occupancy)
            months[:, list(self.spells[state].cells)] = drawn.weighted[state][entry.kind + 1]
            row += count_bins(self.runner.layout, _bins(drawn, months), [entry.count], ())[0]
        return found


def _shared_out(whole: Whole, shares: Sequence[float | Array], random: np.random.Generator) -> list[Whole]:
    """Share out numbers (L,) over kinds with known shares: a multinomial draw, the last takes the rest."""
    found: list[Whole] = []
    left, share_left = whole, np.ones(whole.size)
    for i, share in enumerate(shares):
        chance = np.divide(share, share_left, out=np.zeros(whole.size), where=share_left > 1e-12)
        last = i == len(shares) - 1
        number = left if last else random.binomial(left, np.clip(chance, 0.0, 1.0))
        found.append(number)
        left, share_left = left - number, share_left - share
    return found


def _counted(layout: Layout, drawn: ChanceDifference, counts: Sequence[Count]) -> Array:
    every_cell = range(len(layout.cells))
    return count_bins(layout, _bins(drawn, drawn.occupancy), counts, list(every_cell))


def _bins(drawn: ChanceDifference, months: Array) -> YearBins:
    return YearBins(months, drawn.moves, drawn.events, drawn.birthdays, np.empty((0, 0)))
