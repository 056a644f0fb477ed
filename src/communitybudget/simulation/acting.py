"""Effects acting on rates through time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from communitybudget.pathways import Move, Timing
from communitybudget.simulation.kernel import Probabilities
from communitybudget.simulation.layout import Layout

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Acting:
    """One effect as it acts on a pathway.

    Parameters
    ----------
    moves : sequence of moves
        Whose rates it multiplies.
    log_hazard_ratio : ndarray, shape (L,)
        Logarithm of the full effect; 0 is none.
    timing : Timing
        When it acts; its parts are numbers or arrays of shape (L,).
    """

    moves: Sequence[Move]
    log_hazard_ratio: Array
    timing: Timing


def cells_changed(layout: Layout, effects: Sequence[Acting]) -> frozenset[int]:
    """Return the cells whose exits or events the effects change."""
    moves = {move for effect in effects for move in effect.moves}
    return frozenset(e.source for e in (*layout.edges, *layout.events) if e.move in moves)


class ActingEffects:
    """Changes the probabilities month by month; nothing is done while no weight changes.

    Parameters
    ----------
    layout : Layout
        Of the pathway.
    rates, event_rates : ndarray, shape (E, L) and (V, L)
        Without any effect.
    effects : sequence of Acting
        Effects on one move multiply each other's hazard ratios.
    """

    def __init__(self, layout: Layout, rates: Array, event_rates: Array, effects: Sequence[Acting]) -> None:
        self._rates, self._event_rates, self._effects = rates, event_rates, effects
        self._by_edge = [[k for k, e in enumerate(effects) if edge.move in e.moves] for edge in layout.edges]
        self._by_event = [
            [k for k, e in enumerate(effects) if edge.move in e.moves] for edge in layout.events
        ]
        exits: dict[int, list[int]] = {}
        for index, edge in enumerate(layout.edges):
            exits.setdefault(edge.source, []).append(index)
        touched = cells_changed(layout, effects)
        self._exits = {cell: indices for cell, indices in exits.items() if cell in touched}
        self._last: list[float | Array] | None = None

    def __call__(self, month: int, p: Probabilities) -> bool:
        """Change ``p`` for a month; return whether anything changed."""
        weights = [effect.timing.weight(month) for effect in self._effects]
        if self._last is None:
            unchanged = not any(np.any(w) for w in weights)
        else:
            unchanged = all(_equal(a, b) for a, b in zip(weights, self._last, strict=True))
        self._last = weights
        if unchanged:
            return False
        factors = [
            np.exp(effect.log_hazard_ratio * weight)
            for effect, weight in zip(self._effects, weights, strict=True)
        ]
        for cell, indices in self._exits.items():
            total = p.exit_rates[cell]
            total[...] = 0.0
            for index in indices:
                rate = self._rates[index]
                for k in self._by_edge[index]:
                    rate = np.multiply(rate, factors[k], out=p.moves[index])
                total += rate
            stays = p.stays[cell]
            np.negative(total, out=stays)
            # (1 - exp(-R)) / R, which is 1 where R is 0
            share = np.expm1(stays)
            np.exp(stays, out=stays)
            np.negative(share, out=share)
            if total.all():
                share /= total
            else:
                np.divide(share, total, out=share, where=total > 0)
                share[total == 0] = 1.0
            for index in indices:
                rate = p.moves[index] if self._by_edge[index] else self._rates[index]
                np.multiply(rate, share, out=p.moves[index])
        for index, effects in enumerate(self._by_event):
            if effects:
                rate = self._event_rates[index]
                for k in effects:
                    rate = np.multiply(rate, factors[k], out=p.events[index])
        return True


def _equal(a: float | Array, b: float | Array) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return a == b
    return np.array_equal(a, b)
