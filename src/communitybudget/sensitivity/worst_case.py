"""The worst case within stated ranges, and how far inputs may move before an outcome turns negative."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from communitybudget._core.digits import amount
from communitybudget._core.results import result
from communitybudget.sensitivity.about import About, Introduced
from communitybudget.sensitivity.draws import FloatArray
from communitybudget.sensitivity.one_way import one_at_a_time
from communitybudget.sensitivity.ranges import Function, Ranges, as_ranges, outcomes_of
from communitybudget.sensitivity.ranks import widest_first

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Shape = Literal["unknown", "monotone", "multilinear"]

_MOST_CORNERS = 1024
_MOST_ROUNDS = 50
_STEPS = 101
_SHOWN = 12


@result
@dataclass(frozen=True, eq=False, repr=False)
class WorstCase(Introduced):
    """The least outcome found within ranges of the inputs.

    Parameters
    ----------
    ranges : Ranges
        What each input may be, widest one-way swing first.
    base : float
        Outcome with every input at its base, GBP.
    least : float
        Least outcome found.
    at : ndarray, shape (input,)
        Where it was found.
    shares, path : ndarray, shape (step,)
        Shares of the way from the base to ``at``, all inputs together, and the outcome there.
    margin : float
        The smallest share at which the outcome is negative; NaN where it is not negative on the way.
    proven : bool
        Whether nothing lower can lie within the ranges, if the outcome has the stated shape.
    reason : str
        Why it is proven, or why not.
    tried : int
        Settings that were run.
    about : About
        What the outcome is and what made it.
    """

    ranges: Ranges
    base: float
    least: float
    at: FloatArray
    shares: FloatArray
    path: FloatArray
    margin: float
    proven: bool
    reason: str
    tried: int
    about: About

    def to_frame(self) -> "pd.DataFrame":
        """Return a row per input: ``key, label, mark, low, base, high, at, end``.

        ``end`` is ``low``, ``high``, ``base`` or ``between``.
        """
        import pandas as pd

        r = self.ranges
        ends = [self._end(i) for i in range(len(r))]
        columns = {"low": r.low, "base": r.base, "high": r.high, "at": self.at, "end": ends}
        return pd.DataFrame({"key": r.keys, "label": r.labels, "mark": r.marks, **columns})

    def _end(self, i: int) -> str:
        places = {"base": self.ranges.base, "low": self.ranges.low, "high": self.ranges.high}
        return next((name for name, values in places.items() if values[i] == self.at[i]), "between")

    @property
    def title(self) -> str:
        """Heading."""
        return f"Worst case of the {self.about.outcome_label} within the ranges"

    @property
    def note(self) -> str:
        """How far it is proven, and the margin."""
        return f"{self._margin_in_words()} {self.reason}"

    def _margin_in_words(self) -> str:
        if self.base < 0:
            return "It is negative before any input moves."
        if np.isnan(self.margin):
            return "It is not negative anywhere on the way there."
        return (
            f"It turns negative once every input has moved {self.margin:.0%} of the way from its base to its "
            "adverse end."
        )

    @property
    def key_figure(self) -> str:
        """The least outcome and the margin."""
        return f"least={amount(self.least)} GBP, margin={self.margin:.3f}, proven={self.proven}"

    def rows(self) -> list[tuple[str, str]]:
        """Return base, least and the inputs at their adverse ends in words."""
        found = [("Base", f"{amount(self.base)} GBP"), ("Worst case", f"{amount(self.least)} GBP")]
        moved = [(label, self._end(i), self.at[i]) for i, label in enumerate(self.ranges.labels)]
        moved = [row for row in moved if row[1] != "base"]
        found += [(label, f"{value:.4g} ({end})") for label, end, value in moved[:_SHOWN]]
        if len(moved) > _SHOWN:
            found.append(("Further inputs moved", f"{len(moved) - _SHOWN}"))
        return found

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the outcome on the way from the base to the worst case.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Where to draw; new axes when absent.

        Returns
        -------
        matplotlib axes
        """
        import pandas as pd

        from communitybudget.charts import plot_spider

        frame = pd.DataFrame({"label": "All inputs together", "change": self.shares, "outcome": self.path})
        return plot_spider(
            frame,
            ax,
            price_base=self.about.price_base,
            title=self.title,
            subtitle=self._margin_in_words(),
            change_label="Share of the way from the base to the adverse ends",
        )


def worst_case(
    function: Function,
    table: "pd.DataFrame",
    *,
    shape: Shape = "unknown",
    points: int = 256,
    about: About | None = None,
) -> WorstCase:
    """Return the least outcome within ranges of the inputs, and the margin before it turns negative.

    Each input goes to the end that lowers the outcome when it moves alone; then to whichever end lowers it
    further, until none does. All corners are tried where there are no more than 1,024, and Sobol' points
    inside the ranges check what corners cannot show; from a lower one the search goes on.

    Parameters
    ----------
    function : callable
        As in `one_way`.
    table : pandas.DataFrame
        As in `one_way`: the ranges are ``low`` to ``high``.
    shape : {'unknown', 'monotone', 'multilinear'}
        What is known of the outcome, and decides whether the answer is proven. ``monotone``: it rises
        or falls with each input, in one direction wherever the others stand. ``multilinear``: it is
        straight in each input, the others held; its least then lies at a corner.
    points : int, default 256
        Sobol' points, a power of two.
    about : About, optional
        What the outcome is.

    Returns
    -------
    WorstCase

    Raises
    ------
    ValueError
        As `one_way`; or if the shape is not known, or points is not a power of two.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"key": ["reach", "worth"], "low": [1, 2], "base": [3, 4], "high": [4, 8]})
    >>> worst = worst_case(lambda rows: rows[:, 0] * rows[:, 1] - 5, table, shape="monotone")
    >>> worst.least, worst.ranges.keys, worst.at.tolist(), worst.proven, round(worst.margin, 3)
    (-3.0, ('worth', 'reach'), [2.0, 1.0], True, 0.604)
    """
    if shape not in get_args(Shape):
        raise ValueError(f"'{shape}' is no shape; use {', '.join(get_args(Shape))}")
    if points < 2 or points & (points - 1):
        raise ValueError(f"points is {points}; give a power of two, such as 256")
    ranges = as_ranges(table)
    search = _Search(function)
    alone = search.try_all(one_at_a_time(ranges, ranges.low, ranges.high))
    count = len(ranges)
    swing = alone[count + 1 :] - alone[1 : count + 1]
    adverse = np.where(swing > 0, ranges.low, np.where(swing < 0, ranges.high, ranges.base))
    search.try_all(adverse[np.newaxis])
    search.descend(ranges)
    varying = np.flatnonzero(ranges.low != ranges.high)
    every_corner = 2**varying.size <= _MOST_CORNERS
    if every_corner:
        search.try_all(_corners(ranges, varying))
    before = search.least
    search.try_all(_inside(ranges, points))
    if search.least < before:
        search.descend(ranges)
    shares, path, margin = _way(function, ranges.base, search.at)
    proven, reason = _proof(shape, every_corner, bool(swing[varying].all()), points)
    order = widest_first(swing, list(ranges.keys))
    return WorstCase(
        ranges=ranges.in_order(order),
        base=float(alone[0]),
        least=search.least,
        at=search.at[order],
        shares=shares,
        path=path,
        margin=margin,
        proven=proven,
        reason=reason,
        tried=search.tried,
        about=about or About(),
    )


class _Search:
    """The lowest setting met so far."""

    def __init__(self, function: Function) -> None:
        self._function = function
        self.least = np.inf
        self.at = np.zeros(0)
        self.tried = 0

    def try_all(self, rows: FloatArray) -> FloatArray:
        """Run settings and keep the lowest; the first of equal ones."""
        found: FloatArray = outcomes_of(self._function, rows).mean(axis=1)
        self.tried += len(rows)
        lowest = int(found.argmin())
        if found[lowest] < self.least:
            self.least, self.at = float(found[lowest]), rows[lowest].copy()
        return found

    def descend(self, ranges: Ranges) -> None:
        """Move inputs to their ends, from the lowest setting on, until no single move lowers it."""
        for _ in range(_MOST_ROUNDS):
            start, point = self.least, self.at
            at_ends = one_at_a_time(replace(ranges, base=point), ranges.low, ranges.high)
            found = self.try_all(at_ends)[1:].reshape(2, -1)
            better = found.min(axis=0) < start
            if not better.any():
                return
            ends = np.where(found[0] <= found[1], ranges.low, ranges.high)
            self.try_all(np.where(better, ends, point)[np.newaxis])


def _corners(ranges: Ranges, varying: np.ndarray) -> FloatArray:
    """Return every corner of the ranges, shape (2 ** varying, K)."""
    high = (np.arange(2**varying.size)[:, np.newaxis] >> np.arange(varying.size)) & 1
    rows = np.tile(ranges.base, (len(high), 1))
    rows[:, varying] = np.where(high, ranges.high[varying], ranges.low[varying])
    return rows


def _inside(ranges: Ranges, points: int) -> FloatArray:
    """Return Sobol' points inside the ranges, shape (point, K)."""
    from scipy.stats.qmc import Sobol

    cube = Sobol(len(ranges), scramble=False).random(points)
    rows: FloatArray = ranges.low + cube * (ranges.high - ranges.low)
    return rows


def _way(function: Function, base: FloatArray, at: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """Return shares of the way to a setting, outcomes there, and the share at which they turn negative."""

    def outcomes(shares: FloatArray) -> FloatArray:
        found: FloatArray = outcomes_of(function, base + shares[:, np.newaxis] * (at - base)).mean(axis=1)
        return found

    shares = np.linspace(0.0, 1.0, _STEPS)
    path = outcomes(shares)
    if path[0] < 0:
        return shares, path, 0.0
    if not (path < 0).any():
        return shares, path, float("nan")
    step = int(np.argmax(path < 0))
    finer = np.linspace(shares[step - 1], shares[step], _STEPS)
    values = outcomes(finer)
    step = int(np.argmax(values < 0))
    part = values[step - 1] / (values[step - 1] - values[step])
    return shares, path, float(finer[step - 1] + part * (finer[step] - finer[step - 1]))


def _proof(shape: Shape, every_corner: bool, every_direction: bool, points: int) -> tuple[bool, str]:
    if shape == "monotone" and every_direction:
        return True, "Proven, the outcome being stated to be monotone: every input stands at its adverse end."
    if shape == "multilinear" and every_corner:
        return True, "Proven, the outcome being stated to be linear in each input: every corner was tried."
    checked = f"no single move and none of {points} points inside the ranges gives less"
    if shape == "monotone":
        return False, f"Not proven, since some inputs show no direction by themselves: {checked}."
    if shape == "multilinear":
        return False, f"Not proven, since there are too many corners to try each: {checked}."
    return False, f"Not proven: {checked}, but the outcome need not be monotone."
