"""A state model by plain loops: one person-share at a time, one cycle after the other."""

import math
from collections import defaultdict


def walk(states, cycles, row, start, first=0):
    """Follow shares of people by state and completed cycles in it.

    ``row(t, state, n)`` gives ``{target: probability}`` of leaving; the rest stays. Returns the occupancy
    at each point ``[{(state, n): share}]`` and the moves of each cycle ``[{(state, n, target): share}]``.
    """
    now = dict(start)
    points, moves = [dict(now)], []
    for t in range(first, cycles):
        after, moved = defaultdict(float), {}
        for (state, n), share in now.items():
            left = 1.0
            for target, p in row(t, state, n).items():
                after[target, 0] += share * p
                moved[state, n, target] = share * p
                left -= p
            after[state, n + 1] += share * left
        now = dict(after)
        points.append(dict(now))
        moves.append(moved)
    return points, moves


def by_state(points, states):
    """Return the trace [point][state]."""
    return [[sum(v for (s, _), v in point.items() if s == state) for state in states] for point in points]


def competing(rates):
    """Return probabilities of exits whose rates compete through one cycle."""
    total = sum(rates.values())
    if total == 0:
        return dict.fromkeys(rates, 0.0)
    return {k: r / total * (1 - math.exp(-total)) for k, r in rates.items()}
