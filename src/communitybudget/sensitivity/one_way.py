"""The one-way tornado: each input alone at its low and at its high value, all settings run at once."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from communitybudget._core.digits import amount
from communitybudget._core.results import result
from communitybudget.sensitivity.about import About, Introduced
from communitybudget.sensitivity.draws import FloatArray
from communitybudget.sensitivity.precision import monte_carlo_error
from communitybudget.sensitivity.ranges import Function, Ranges, as_ranges, outcomes_of
from communitybudget.sensitivity.ranks import widest_first

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_MOST = 12

ONE_WAY_COLUMNS: tuple[str, ...] = (
    "key",
    "label",
    "mark",
    "input_low",
    "input_base",
    "input_high",
    "low",
    "high",
    "base",
    "swing",
    "standard_error",
)


@result
@dataclass(frozen=True, eq=False, repr=False)
class OneWay(Introduced):
    """How far an outcome moves when one input at a time moves between two values.

    Parameters
    ----------
    ranges : Ranges
        The inputs, widest swing first; equal swings by key.
    base : float
        Outcome with no input moved, GBP.
    low, high : ndarray, shape (input,)
        Outcome with one input at its low and at its high value.
    standard_error : ndarray, shape (input,)
        Monte Carlo standard error of ``high - low``; zero where every input is held.
    ends : tuple of (str, str)
        What the low and the high value are, such as ``its P10`` and ``its P90``.
    others : str
        How the other inputs are held, in words.
    about : About
        What the outcome is and what made it.
    """

    ranges: Ranges
    base: float
    low: FloatArray
    high: FloatArray
    standard_error: FloatArray
    ends: tuple[str, str]
    others: str
    about: About

    def to_frame(self) -> "pd.DataFrame":
        """Return the bars as a tidy frame, widest first; columns `ONE_WAY_COLUMNS`."""
        import pandas as pd

        r = self.ranges
        columns = (
            *(r.keys, r.labels, r.marks, r.low, r.base, r.high),
            *(self.low, self.high, self.base, self.high - self.low, self.standard_error),
        )
        return pd.DataFrame(dict(zip(ONE_WAY_COLUMNS, columns, strict=True)))

    @property
    def swing(self) -> FloatArray:
        """Outcome at the high value less outcome at the low one, shape (input,)."""
        return self.high - self.low

    @property
    def title(self) -> str:
        """Heading."""
        return f"What moves the {self.about.outcome_label} most"

    @property
    def note(self) -> str:
        """How to read the rows."""
        return (
            f"Base {amount(self.base)} GBP; outcome with one input at {self.ends[0]} and at {self.ends[1]}, "
            f"the others {self.others}."
        )

    @property
    def key_figure(self) -> str:
        """The widest bar."""
        return f"widest={self.ranges.keys[0]!r}, swing={amount(float(self.swing[0]))} GBP"

    def rows(self) -> list[tuple[str, str]]:
        """Return the widest bars in words."""
        ends = zip(self.ranges.labels, self.low, self.high, strict=True)
        return [(label, f"{amount(low)} to {amount(high)}") for label, low, high in list(ends)[:_MOST]]

    def plot(self, ax: "Axes | None" = None, most: int = _MOST) -> "Axes":
        """Draw the widest bars.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Where to draw; new axes when absent.
        most : int, default 12
            How many bars to draw at the most.

        Returns
        -------
        matplotlib axes
        """
        from communitybudget.charts import plot_tornado

        return plot_tornado(
            self.to_frame(),
            ax,
            price_base=self.about.price_base,
            title=self.title,
            most=most,
            ends=self.ends,
        )


def one_way(
    function: Function,
    table: "pd.DataFrame",
    *,
    ends: tuple[str, str] = ("its low value", "its high value"),
    others: str = "at their base",
    about: About | None = None,
) -> OneWay:
    """Return the one-way tornado of a function: each input at its low and high value, the others at base.

    Parameters
    ----------
    function : callable
        Takes settings of all inputs, shape (row, input) in the order of the table, 2 K + 1 rows at once,
        and returns the outcome of each, shape (row,), GBP; or (row, draw) where something else stays
        uncertain, and the means are compared.
    table : pandas.DataFrame
        A row per input: ``key``, ``low``, ``base``, ``high``; ``label`` and ``mark`` if they are known.
    ends : tuple of (str, str), optional
        What the low and the high values are, in words.
    others : str, optional
        How the other inputs are held, in words.
    about : About, optional
        What the outcome is.

    Returns
    -------
    OneWay

    Raises
    ------
    ValueError
        If the table is faulty, or the function gives another shape or a value that is not finite.

    Notes
    -----
    Two inputs that matter only together show no swing here. Source: T. Eschenbach, "Spiderplots versus
    tornado diagrams for sensitivity analysis", *Interfaces* 22 (1992).

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"key": ["cost", "reach"], "low": [1, 2], "base": [2, 3], "high": [3, 6]})
    >>> bars = one_way(lambda rows: 100 * rows[:, 1] - 10 * rows[:, 0], table)
    >>> bars.ranges.keys, bars.base, bars.low.tolist(), bars.high.tolist()
    (('reach', 'cost'), 280.0, [180.0, 290.0], [580.0, 270.0])
    """
    ranges = as_ranges(table)
    found = outcomes_of(function, one_at_a_time(ranges, ranges.low, ranges.high))
    count = len(ranges)
    return bars_of(ranges, found[0], found[1 : count + 1], found[count + 1 :], ends, others, about)


def local_one_way(
    function: Function,
    table: "pd.DataFrame",
    *,
    step: float = 0.01,
    ends: tuple[str, str] = ("its low value", "its high value"),
    about: About | None = None,
) -> OneWay:
    """Return the tornado that the slope at the base gives: the outcome as if it were straight in each input.

    Slopes are central differences over ``step`` of each range, all settings run at once. Beside `one_way`
    it shows which bars owe their length to a bend.

    Parameters
    ----------
    function, table, ends, about
        As in `one_way`.
    step : float, default 0.01
        Half the distance of the two settings, as a share of ``high - low``.

    Returns
    -------
    OneWay

    Raises
    ------
    ValueError
        As `one_way`, or if the step is not above 0.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"key": ["x"], "low": [0.0], "base": [1.0], "high": [3.0]})
    >>> bars = local_one_way(lambda rows: rows[:, 0] ** 2, table)  # slope 2 at the base
    >>> bars.low.round(9).tolist(), bars.high.round(9).tolist()
    ([-1.0], [5.0])
    """
    if not step > 0:
        raise ValueError(f"step is {step}; give a share of the range above 0, such as 0.01")
    ranges = as_ranges(table)
    width = step * (ranges.high - ranges.low)
    found = outcomes_of(function, one_at_a_time(ranges, ranges.base - width, ranges.base + width))
    count = len(ranges)
    moves = np.where(width != 0, width, 1.0)[:, np.newaxis]
    slope = (found[count + 1 :] - found[1 : count + 1]) / (2 * moves)
    return straight_bars(ranges, found[0], slope, ends, about)


def straight_bars(
    ranges: Ranges,
    base: FloatArray,
    slope: FloatArray,
    ends: tuple[str, str] = ("its low value", "its high value"),
    about: About | None = None,
) -> OneWay:
    """Return the tornado of an outcome that is straight in each input.

    Parameters
    ----------
    ranges : Ranges
        K inputs.
    base : ndarray, shape (draw,)
        Outcome at the base.
    slope : ndarray, shape (input, draw)
        Change of the outcome for one unit of each input.
    ends, about
        As in `one_way`.
    """
    low, high = (base + slope * (end - ranges.base)[:, np.newaxis] for end in (ranges.low, ranges.high))
    return bars_of(ranges, base, low, high, ends, "at their base, by the slope there", about)


def one_at_a_time(ranges: Ranges, low: FloatArray, high: FloatArray) -> FloatArray:
    """Return the settings of a one-way run: the base, each input low, each input high; (2 K + 1, K).

    Examples
    --------
    >>> ranges = Ranges(("a",), ("a",), ("",), np.zeros(1), np.ones(1), np.full(1, 3.0))
    >>> one_at_a_time(ranges, ranges.low, ranges.high).tolist()
    [[1.0], [0.0], [3.0]]
    """
    count = len(ranges)
    rows = np.tile(ranges.base, (2 * count + 1, 1))
    inputs = np.arange(count)
    rows[1 + inputs, inputs] = low
    rows[1 + count + inputs, inputs] = high
    return rows


def bars_of(
    ranges: Ranges,
    base: FloatArray,
    low: FloatArray,
    high: FloatArray,
    ends: tuple[str, str],
    others: str,
    about: About | None = None,
) -> OneWay:
    """Return a tornado from outcomes in every draw, widest bar first.

    Parameters
    ----------
    ranges : Ranges
        K inputs, in the order of the outcomes.
    base : ndarray, shape (draw,)
        Outcome with no input moved.
    low, high : ndarray, shape (K, draw)
        Outcome with one input moved, in the same draws.
    ends, others, about
        As in `one_way`.
    """
    low_mean, high_mean = low.mean(axis=1), high.mean(axis=1)
    error = monte_carlo_error((high - low).T) if base.size > 1 else np.zeros(len(ranges))
    order = widest_first(high_mean - low_mean, list(ranges.keys))
    return OneWay(
        ranges=ranges.in_order(order),
        base=float(base.mean()),
        low=low_mean[order],
        high=high_mean[order],
        standard_error=error[order],
        ends=ends,
        others=others,
        about=about or About(),
    )
