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
    dose : float or ndarray, shape (L,)
        Part of the effect, on the log scale.
    monthly_rate : ndarray, shape (L,), or None
        Rate in place of the usual one, instead of a ratio; in part between the two, on the log scale.
    lowers_only : bool
        Whether a rate above the usual one changes nothing.
    unit : str
        Effects that were solved together are one unit: within it they multiply.
    """

    moves: Sequence[Move]
    log_hazard_ratio: Array
    timing: Timing
    dose: float | Array = 1.0
    monthly_rate: Array | None = None
    lowers_only: bool = False
    unit: str = ""


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
        Two units that meet on a move combine by ``rule``.
    rule : str
        ``multiplicative``; ``strongest``: in each month the one that changes the rate more;
        ``given``: both in full come to ``log_given``, for two ratios.
    log_given : ndarray, shape (L,), or None
        Logarithm of the given ratio.
    """

    def __init__(
        self,
        layout: Layout,
        rates: Array,
        event_rates: Array,
        effects: Sequence[Acting],
        rule: str = "multiplicative",
        log_given: Array | None = None,
    ) -> None:
        self._rates, self._event_rates, self._effects = rates, event_rates, effects
        self._rule, self._log_given = rule, log_given
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
        weights: list[float | Array] = [effect.timing.weight(month) for effect in self._effects]
        if self._last is None:
            unchanged = not any(np.any(w) for w in weights)
        else:
            unchanged = all(_equal(a, b) for a, b in zip(weights, self._last, strict=True))
        self._last = weights
        if unchanged:
            return False
        weights = [weight * e.dose for e, weight in zip(self._effects, weights, strict=True)]
        factors = [
            np.exp(effect.log_hazard_ratio * weight)
            for effect, weight in zip(self._effects, weights, strict=True)
        ]
        for cell, indices in self._exits.items():
            total = p.exit_rates[cell]
            total[...] = 0.0
            for index in indices:
                total += self._changed(
                    self._rates[index], self._by_edge[index], weights, factors, p.moves[index]
                )
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
                self._changed(self._event_rates[index], effects, weights, factors, p.events[index])
        return True

    def _changed(
        self,
        usual: Array,
        effects: Sequence[int],
        weights: Sequence[float | Array],
        factors: Sequence[Array],
        out: Array,
    ) -> Array:
        """Return the rate under the effects on one move, written into ``out`` where there are any."""
        units: dict[str, list[int]] = {}
        for k in effects:
            units.setdefault(self._effects[k].unit or str(k), []).append(k)
        if len(units) > 1 and self._log_given is not None:
            one, other = effects
            logs = [self._effects[k].log_hazard_ratio for k in (one, other)]
            meeting = np.minimum(weights[one], weights[other]) * ((logs[0] != 0) & (logs[1] != 0))
            change = logs[0] * weights[one] + logs[1] * weights[other]
            change += meeting * (self._log_given - logs[0] - logs[1])
            return np.multiply(usual, np.exp(change), out=out)
        if len(units) > 1 and self._rule == "strongest":
            strongest, most = usual, np.full(len(usual), -1.0)
            for own in units.values():
                rate = self._multiplied(usual, own, weights, factors, np.empty_like(usual))
                with np.errstate(divide="ignore", invalid="ignore"):
                    change = np.nan_to_num(np.abs(np.log(rate / usual)), posinf=np.inf)
                strongest, most = np.where(change > most, rate, strongest), np.maximum(change, most)
            out[...] = strongest
            return out
        return self._multiplied(usual, effects, weights, factors, out)

    def _multiplied(
        self,
        usual: Array,
        effects: Sequence[int],
        weights: Sequence[float | Array],
        factors: Sequence[Array],
        out: Array,
    ) -> Array:
        rate = usual
        # what replaces a rate comes first, so that ratios act on the rate in its place
        for k in sorted(effects, key=lambda k: self._effects[k].monthly_rate is None):
            replaced = self._effects[k].monthly_rate
            if replaced is None:
                rate = np.multiply(rate, factors[k], out=out)
            else:
                if self._effects[k].lowers_only:
                    replaced = np.minimum(replaced, rate)
                rate = np.multiply(rate ** (1.0 - weights[k]), replaced ** weights[k], out=out)
        return rate


def _equal(a: float | Array, b: float | Array) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return a == b
    return np.array_equal(a, b)
