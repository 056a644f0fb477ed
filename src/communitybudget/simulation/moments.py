"""Chance, exactly: mean and variance of what one person comes to, and of the difference an option makes.

Reckoned backwards, month by month: from what a person in each month of each state still comes to, and
its square. Bands of time are taken apart into their months, since what is still to come depends on the
month; so the cost grows with months and not with bands.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from communitybudget.simulation.kernel import Probabilities, Update
from communitybudget.simulation.layout import Layout, StartCell

Array = NDArray[np.float64]
Blocks = list[Array]
"""One array for each cell, shape (months of the cell, lanes); a cell without end has one month."""


class Worth(Protocol):
    """What a person is worth, month by month, in any unit; amounts have the shape of the lanes, L."""

    @property
    def months(self) -> int:
        """Number of months, T."""

    @property
    def followed_until(self) -> Array:
        """Month-end of the last birthday, shape (L,); T + 1 or more, never."""

    def in_cells(self, point: int) -> Array:
        """Return the worth of being in each cell at a month-end, shape (C, L)."""

    def on_moves(self, month: int) -> Array:
        """Return the worth of a move along each edge in a month, shape (E, L)."""

    def on_events(self, month: int) -> Array:
        """Return the worth of an event in a month, shape (V, L)."""

    def on_birthdays(self, point: int) -> Array:
        """Return the worth of a last birthday at a month-end, by cell, shape (C, L)."""

    def between_spells(self, point: int) -> Array:
        """Return the standard deviation between spells of `in_cells`, shape (C, L)."""


@dataclass(frozen=True, slots=True)
class Reward:
    """A `Worth` of amounts that only weights change over time: pounds, or 1 to count moves.

    Parameters
    ----------
    occupancy_weights : ndarray, shape (T + 1,) or (T + 1, L)
        Weight of being in a cell at each month-end; it holds year, discounting and counting rule.
    move_weights : ndarray, shape (T,) or (T, L)
        Weight of moves and events in each month.
    birthday_weights : ndarray, shape (T + 1,) or (T + 1, L)
        Weight of reaching the last age in the month before each month-end.
    cells : ndarray, shape (C, L)
        For a month in each cell.
    moves : ndarray, shape (E, L)
        For a move along each edge.
    events : ndarray, shape (V, L)
        For an event.
    birthdays : ndarray, shape (C, L)
        For reaching the last age in each cell.
    spells : ndarray, shape (C, L)
        Standard deviation, between spells, of what a month in each cell is worth: one placement costs
        several times another. Nil where all spells cost the same.
    followed_until : ndarray, shape (L,)
        Month-end of the last birthday, from which a person is followed no longer; T + 1 or more, never.
        It is a date: where birthdays differ, each has lanes of its own.
    """

    occupancy_weights: Array
    move_weights: Array
    birthday_weights: Array
    cells: Array
    moves: Array
    events: Array
    birthdays: Array
    spells: Array
    followed_until: Array

    @property
    def months(self) -> int:
        """Number of months."""
        return int(self.move_weights.shape[0])

    def in_cells(self, point: int) -> Array:
        """Return the worth of being in each cell at a month-end."""
        return np.asarray(self.occupancy_weights[point] * self.cells)

    def on_moves(self, month: int) -> Array:
        """Return the worth of a move along each edge in a month."""
        return np.asarray(self.move_weights[month] * self.moves)

    def on_events(self, month: int) -> Array:
        """Return the worth of an event in a month."""
        return np.asarray(self.move_weights[month] * self.events)

    def on_birthdays(self, point: int) -> Array:
        """Return the worth of a last birthday at a month-end, by cell."""
        return np.asarray(self.birthday_weights[point] * self.birthdays)

    def between_spells(self, point: int) -> Array:
        """Return the standard deviation between spells of being in each cell."""
        return np.asarray(self.occupancy_weights[point] * self.spells)


@dataclass(frozen=True, slots=True)
class ChanceMoments:
    """Mean and variance for one person, by lane; what is uncertain is chance alone.

    Parameters
    ----------
    usual_mean, usual_variance : ndarray, shape (L,)
        Business as usual.
    option_mean, option_variance : ndarray, shape (L,)
        With the option.
    mean, variance : ndarray, shape (L,)
        Of the difference, business as usual less the option, for the same person in both.
    """

    usual_mean: Array
    usual_variance: Array
    option_mean: Array
    option_variance: Array
    mean: Array
    variance: Array


def chance_moments(
    layout: Layout,
    starts: Sequence[StartCell],
    shares: Array,
    usual: Probabilities,
    option: Probabilities,
    reward: Worth,
    update: Update | None = None,
    update_usual: Update | None = None,
    *,
    option_reward: Worth | None = None,
    option_shares: Array | None = None,
) -> ChanceMoments:
    """Return the mean and variance of a reward under chance, for given rates.

    A person lives alike in both worlds until the option first changes a move of theirs; from then on
    the two lives are independent. In a month a move happens in both worlds with the smaller of its two
    probabilities.

    Parameters
    ----------
    layout : Layout
        C cells, E edges, V events.
    starts : sequence of StartCell
        N places to start; where a person starts is chance too.
    shares : ndarray, shape (N, L)
        Columns sum to one.
    usual, option : Probabilities
        Without and with the option; changed in place by the updates.
    reward : Worth
        What is counted, such as a `Reward`.
    update, update_usual : callable, optional
        ``update(month, option)`` sets the probabilities of a month, ``update_usual(month, usual)`` those
        without the option; months are asked for backwards.
    option_reward : Worth, optional
        What is counted with the option, where it is worth something else there; the same months and last
        birthdays.
    option_shares : ndarray, shape (N, L), optional
        Where people start with the option; in both worlds alike with the smaller of the two shares.

    Returns
    -------
    ChanceMoments
    """
    lanes = shares.shape[1]
    with_option = reward if option_reward is None else option_reward
    other_shares = shares if option_shares is None else option_shares
    world, other = _World(layout, reward, lanes), _World(layout, with_option, lanes)
    pair = _Pair(layout, reward, with_option, lanes)
    for month in range(reward.months - 1, -1, -1):
        if update is not None:
            update(month, option)
        if update_usual is not None:
            update_usual(month, usual)
        first, second = world.ahead(month), other.ahead(month)
        pair.back(month, usual, option, first, second)
        if world.spells_differ or other.spells_differ:
            pair.back_spells(month, usual, option, first, second)
        world.back(month, usual, first)
        other.back(month, option, second)

    def at_start(blocks: Blocks, part: Array) -> Array:
        total = np.zeros(lanes)
        for start, share in zip(starts, part, strict=True):
            total += share * blocks[start.cell][start.months_in_band]
        return total

    def spell_variance(side: _World, part: Array) -> Array:
        return at_start(side.spell_square, part) + at_start(side.later_spells, part)

    both = np.minimum(shares, other_shares)
    alone, other_alone = shares - both, other_shares - both
    usual_mean, option_mean = at_start(world.mean, shares), at_start(other.mean, other_shares)
    mean = usual_mean - option_mean
    square = at_start(pair.square, both) + at_start(world.square, alone) + at_start(other.square, other_alone)
    product = at_start(world.mean, alone) * at_start(other.mean, other_alone)
    square -= 2 * _divide(product, alone.sum(axis=0))
    spells = at_start(pair.spell_square, both) + at_start(pair.later_spells, both)
    spells += spell_variance(world, alone) + spell_variance(other, other_alone)
    usual_square, option_square = at_start(world.square, shares), at_start(other.square, other_shares)
    return ChanceMoments(
        usual_mean=usual_mean,
        usual_variance=np.maximum(usual_square - usual_mean**2 + spell_variance(world, shares), 0.0),
        option_mean=option_mean,
        option_variance=np.maximum(option_square - option_mean**2 + spell_variance(other, other_shares), 0.0),
        mean=mean,
        variance=np.maximum(square - mean**2 + spells, 0.0),
    )


def _divide(product: Array, parted: Array) -> Array:
    """Return a product over the share of people whose lives part; nil where nobody's do."""
    where = np.broadcast_to(parted > 0, product.shape)
    return np.divide(product, parted, out=np.zeros_like(product), where=where)


def cohort_variance(moments: ChanceMoments, people: float | Array, arrivals: str = "fixed") -> Array:
    """Return the variance of the difference for independent people.

    Parameters
    ----------
    moments : ChanceMoments
        Of one of them.
    people : float or ndarray, shape (L,)
        How many.
    arrivals : {'fixed', 'poisson'}
        Whether their number is known, or itself a matter of chance (arrivals at a known rate).

    Returns
    -------
    ndarray, shape (L,)

    Raises
    ------
    ValueError
        If ``arrivals`` is another word.
    """
    if arrivals not in ("fixed", "poisson"):
        raise ValueError(f"'{arrivals}' is no way to arrive; use fixed or poisson")
    own = moments.variance if arrivals == "fixed" else moments.variance + moments.mean**2
    return np.asarray(people * own)


@dataclass(slots=True)
class _Ahead:
    """What is still to come at the end of a month, the last birthday counted where it falls in the month."""

    mean: Blocks
    square: Blocks
    spell_mean: Blocks
    spell_square: Blocks
    later_spells: Blocks


class _World:
    """One world, backwards: what a person in each month of each cell still comes to."""

    def __init__(self, layout: Layout, reward: Worth, lanes: int) -> None:
        self.layout, self.reward, self.lanes = layout, reward, lanes
        self.lengths = months_of_cells(layout)
        self.exits = exits_of_cells(layout)
        self.events = events_of_cells(layout)
        self.following = {ladder.cell: ladder.next_cell for ladder in layout.ladders}
        self.mean = self._blocks(reward.in_cells(reward.months))
        self.square = [block**2 for block in self.mean]
        self.spells_differ = any(np.any(reward.between_spells(t)) for t in range(reward.months + 1))
        self.spell_mean = self._blocks(reward.between_spells(reward.months))
        self.spell_square = [block**2 for block in self.spell_mean]
        self.later_spells = [np.zeros((n, lanes)) for n in self.lengths]

    def _blocks(self, amounts: Array) -> Blocks:
        """Return the same for every month of a cell."""
        return [
            np.broadcast_to(amount, (n, self.lanes)).copy()
            for amount, n in zip(amounts, self.lengths, strict=True)
        ]

    def ahead(self, month: int) -> _Ahead:
        still = self.reward.followed_until > month + 1
        birthdays = (self.reward.followed_until == month + 1) * self.reward.on_birthdays(month + 1)
        mean, square = [], []
        for c, (m, q) in enumerate(zip(self.mean, self.square, strict=True)):
            last = birthdays[c]
            mean.append(still * m + last)
            square.append(still * q + last**2)
        spells = (self.spell_mean, self.spell_square, self.later_spells)
        if not self.spells_differ:
            return _Ahead(mean, square, *spells)
        return _Ahead(mean, square, *([still * block for block in blocks] for blocks in spells))

    def back(self, month: int, p: Probabilities, ahead: _Ahead) -> None:
        """Go from the end of a month to its start."""
        amounts, of_events = self.reward.on_moves(month), self.reward.on_events(month)
        in_cells = self.reward.in_cells(month)
        for c, own in self.exits.items():
            mean, square = _moved(self.layout, own, p.moves, amounts, ahead)
            stays = p.stays[c]
            mean = mean + stays * _next(self.following, ahead.mean, c)
            square = square + stays * _next(self.following, ahead.square, c)
            event_mean, event_square = np.zeros(self.lanes), np.zeros(self.lanes)
            for v in self.events[c]:
                event_mean += p.events[v] * of_events[v]
                event_square += p.events[v] * of_events[v] ** 2
            square = square + 2 * event_mean * mean + event_square + event_mean**2
            mean = mean + event_mean
            here = in_cells[c]
            self.square[c] = here**2 + 2 * here * mean + square
            self.mean[c] = here + mean
        if self.spells_differ:
            self._back_spells(month, p, ahead)

    def _back_spells(self, month: int, p: Probabilities, ahead: _Ahead) -> None:
        """Go back with what spells that cost more or less add to the variance."""
        between_spells = self.reward.between_spells(month)
        for c, own in self.exits.items():
            stays, spell = p.stays[c], between_spells[c]
            later = np.zeros(self.lanes)
            for i in own:
                target = self.layout.edges[i].target
                later += p.moves[i] * (ahead.spell_square[target][0] + ahead.later_spells[target][0])
            going_on = stays * _next(self.following, ahead.spell_mean, c)
            self.spell_square[c] = (
                spell**2 + 2 * spell * going_on + stays * _next(self.following, ahead.spell_square, c)
            )
            self.spell_mean[c] = spell + going_on
            self.later_spells[c] = later + stays * _next(self.following, ahead.later_spells, c)


class _Pair:
    """The same person in both worlds, backwards, while the two lives are one: the square to come."""

    def __init__(self, layout: Layout, reward: Worth, other: Worth, lanes: int) -> None:
        self.layout, self.reward, self.other, self.lanes = layout, reward, other, lanes
        self.exits = exits_of_cells(layout)
        self.events = events_of_cells(layout)
        self.following = {ladder.cell: ladder.next_cell for ladder in layout.ladders}
        months = months_of_cells(layout)
        end = reward.months
        worths = reward.in_cells(end) - other.in_cells(end)
        spells = reward.between_spells(end) - other.between_spells(end)
        self.square, self.spell_square = (
            [np.broadcast_to(row**2, (n, lanes)).copy() for row, n in zip(rows, months, strict=True)]
            for rows in (worths, spells)
        )
        self.later_spells = [np.zeros((n, lanes)) for n in months]

    def back(self, month: int, p: Probabilities, q: Probabilities, first: _Ahead, second: _Ahead) -> None:
        reward, other = self.reward, self.other
        still = reward.followed_until > month + 1
        last = (reward.followed_until == month + 1) * (
            reward.on_birthdays(month + 1) - other.on_birthdays(month + 1)
        )
        ahead = [still * block + last[c] ** 2 for c, block in enumerate(self.square)]
        amounts, other_amounts = reward.on_moves(month), other.on_moves(month)
        of_events, other_events = reward.on_events(month), other.on_events(month)
        here = reward.in_cells(month) - other.in_cells(month)
        for c, own in self.exits.items():
            stay = np.minimum(p.stays[c], q.stays[c])
            square = stay * _next(self.following, ahead, c)
            for i in own:
                both, target = np.minimum(p.moves[i], q.moves[i]), self.layout.edges[i].target
                apart = amounts[i] - other_amounts[i]
                to_come = first.mean[target][0] - second.mean[target][0]
                square = square + both * (apart**2 + 2 * apart * to_come + ahead[target][0])
            parted = np.maximum(p.stays[c] - q.stays[c], 0.0)
            for i in own:
                parted = parted + np.maximum(p.moves[i] - q.moves[i], 0.0)
            means = []
            for mine, theirs, worth, to_come in (
                (p, q, amounts, first),
                (q, p, other_amounts, second),
            ):
                alone = np.maximum(mine.moves - theirs.moves, 0.0)
                stays_alone = np.maximum(mine.stays[c] - theirs.stays[c], 0.0)
                mean, squared = _moved(self.layout, own, alone, worth, to_come)
                means.append(mean + stays_alone * _next(self.following, to_come.mean, c))
                square = square + squared + stays_alone * _next(self.following, to_come.square, c)
            square = square - 2 * _divide(means[0] * means[1], parted)
            mean = self._difference(c, own, p, q, amounts, other_amounts, first, second)
            event_mean, event_square = np.zeros(self.lanes), np.zeros(self.lanes)
            for v in self.events[c]:
                event_mean += p.events[v] * of_events[v] - q.events[v] * other_events[v]
                event_square += np.minimum(p.events[v], q.events[v]) * (of_events[v] - other_events[v]) ** 2
                event_square += np.maximum(p.events[v] - q.events[v], 0.0) * of_events[v] ** 2
                event_square += np.maximum(q.events[v] - p.events[v], 0.0) * other_events[v] ** 2
            square = square + 2 * event_mean * mean + event_square + event_mean**2
            mean = mean + event_mean
            self.square[c] = here[c] ** 2 + 2 * here[c] * mean + square

    def back_spells(
        self, month: int, p: Probabilities, q: Probabilities, first: _Ahead, second: _Ahead
    ) -> None:
        """Go back with spells that cost more or less; one in being may go on in one world alone."""
        still = self.reward.followed_until > month + 1
        spells = [still * block for block in self.spell_square]
        later_spells = [still * block for block in self.later_spells]
        here = self.reward.between_spells(month) - self.other.between_spells(month)
        for c, own in self.exits.items():
            stay = np.minimum(p.stays[c], q.stays[c])
            square = stay * _next(self.following, spells, c)
            later = stay * _next(self.following, later_spells, c)
            for i in own:
                both, target = np.minimum(p.moves[i], q.moves[i]), self.layout.edges[i].target
                later = later + both * (spells[target][0] + later_spells[target][0])
            for mine, theirs, to_come in ((p, q, first), (q, p, second)):
                for i in own:
                    alone, target = (
                        np.maximum(mine.moves[i] - theirs.moves[i], 0.0),
                        self.layout.edges[i].target,
                    )
                    later = later + alone * (
                        to_come.spell_square[target][0] + to_come.later_spells[target][0]
                    )
                stays_alone = np.maximum(mine.stays[c] - theirs.stays[c], 0.0)
                square = square + stays_alone * _next(self.following, to_come.spell_square, c)
                later = later + stays_alone * _next(self.following, to_come.later_spells, c)
            going_on = p.stays[c] * _next(self.following, first.spell_mean, c)
            going_on = going_on - q.stays[c] * _next(self.following, second.spell_mean, c)
            self.spell_square[c] = here[c] ** 2 + 2 * here[c] * going_on + square
            self.later_spells[c] = later

    def _difference(
        self,
        c: int,
        own: range,
        p: Probabilities,
        q: Probabilities,
        amounts: Array,
        other_amounts: Array,
        first: _Ahead,
        second: _Ahead,
    ) -> Array:
        """Return the mean of the difference still to come, by the margins of the two worlds."""
        with_p, _ = _moved(self.layout, own, p.moves, amounts, first)
        with_q, _ = _moved(self.layout, own, q.moves, other_amounts, second)
        return np.asarray(
            with_p
            + p.stays[c] * _next(self.following, first.mean, c)
            - with_q
            - q.stays[c] * _next(self.following, second.mean, c)
        )


def _moved(layout: Layout, own: range, moves: Array, amounts: Array, ahead: _Ahead) -> tuple[Array, Array]:
    """Return mean and mean square of what those who move come to, times the chance to move."""
    mean, square = np.zeros(moves.shape[1]), np.zeros(moves.shape[1])
    for i in own:
        target, amount = layout.edges[i].target, amounts[i]
        m, q = ahead.mean[target][0], ahead.square[target][0]
        mean += moves[i] * (amount + m)
        square += moves[i] * (amount**2 + 2 * amount * m + q)
    return mean, square


def _next(following: Mapping[int, int], blocks: Blocks, cell: int) -> Array:
    """Return what those come to who stay, by the month they were in: a month further, or the next band."""
    block = blocks[cell]
    if cell not in following:
        return block
    return np.concatenate([block[1:], blocks[following[cell]][:1]])


def months_of_cells(layout: Layout) -> list[int]:
    """Return the months of each band; 1 for a band without end."""
    months = {ladder.cell: ladder.months for ladder in layout.ladders}
    return [months.get(c, 1) for c in range(len(layout.cells))]


def exits_of_cells(layout: Layout) -> dict[int, range]:
    """Return the edges out of each cell; they stand together."""
    found = {c: range(0) for c in range(len(layout.cells))}
    for i, edge in enumerate(layout.edges):
        own = found[edge.source]
        found[edge.source] = range(own.start if len(own) else i, i + 1)
    return found


def events_of_cells(layout: Layout) -> dict[int, list[int]]:
    """Return the events in each cell."""
    return {
        c: [v for v, event in enumerate(layout.events) if event.source == c] for c in range(len(layout.cells))
    }
