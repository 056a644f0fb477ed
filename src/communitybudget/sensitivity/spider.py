"""The spider: an outcome as one input at a time changes by a percentage."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from communitybudget._core.digits import amount
from communitybudget._core.results import result
from communitybudget.sensitivity.about import About, Introduced
from communitybudget.sensitivity.draws import FloatArray
from communitybudget.sensitivity.ranges import Function, as_ranges, ascending, outcomes_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

CHANGES: tuple[float, ...] = (-0.5, -0.25, -0.1, 0.0, 0.1, 0.25, 0.5)
"""Changes that a spider is drawn for unless others are given, as shares of the base."""


@result
@dataclass(frozen=True, eq=False, repr=False)
class Spider(Introduced):
    """An outcome over changes of one input at a time.

    Parameters
    ----------
    keys, labels : tuple of str
        The inputs, K of them.
    changes : ndarray, shape (point,)
        Change of the input, as a share of its base: 0.1 is 10% more. Ascending.
    outcome : ndarray, shape (K, point)
        Expected outcome, GBP; NaN where the input cannot take the value.
    about : About
        What the outcome is and what made it.
    """

    keys: tuple[str, ...]
    labels: tuple[str, ...]
    changes: FloatArray
    outcome: FloatArray
    about: About

    def to_frame(self) -> "pd.DataFrame":
        """Return a row per input and change: ``key, label, change, outcome``."""
        import pandas as pd

        points = self.changes.size
        return pd.DataFrame(
            {
                "key": np.repeat(np.array(self.keys, dtype=object), points),
                "label": np.repeat(np.array(self.labels, dtype=object), points),
                "change": np.tile(self.changes, len(self.keys)),
                "outcome": self.outcome.ravel(),
            }
        )

    @property
    def title(self) -> str:
        """Heading."""
        outcome = self.about.outcome_label
        return f"{outcome[:1].upper()}{outcome[1:]} as one input changes"

    @property
    def note(self) -> str:
        """How to read the rows."""
        return "From the smallest to the largest change that the input can take; the others are not moved."

    @property
    def key_figure(self) -> str:
        """The inputs."""
        return f"inputs={len(self.keys)}, points={self.changes.size}"

    def rows(self) -> list[tuple[str, str]]:
        """Return the ends of each line in words."""
        found = []
        for label, line in zip(self.labels, self.outcome, strict=True):
            known = np.flatnonzero(np.isfinite(line))
            ends = [f"{amount(float(line[i]))} at {self.changes[i]:+.0%}" for i in (known[0], known[-1])]
            found.append((label, " to ".join(ends)))
        return found

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw one line for each input.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Where to draw; new axes when absent.

        Returns
        -------
        matplotlib axes
        """
        from communitybudget.charts import plot_spider

        frame = self.to_frame().dropna()
        return plot_spider(frame, ax, price_base=self.about.price_base, title=self.title)


def spider(
    function: Function,
    table: "pd.DataFrame",
    changes: npt.ArrayLike = CHANGES,
    about: About | None = None,
) -> Spider:
    """Return an outcome over changes of each input, the others at their base; all settings at once.

    Parameters
    ----------
    function : callable
        Takes settings of all inputs, shape (row, input), K x point rows, and returns outcomes of shape
        (row,), GBP, or (row, draw), of which the mean is taken.
    table : pandas.DataFrame
        As in `one_way`; ``low`` and ``high`` are the least and the most that an input can be, where its
        line ends.
    changes : array_like, shape (point,)
        As shares of the base, ascending.
    about : About, optional
        What the outcome is.

    Returns
    -------
    Spider

    Raises
    ------
    ValueError
        If the table is faulty, the changes do not ascend, or the function gives another shape or a value
        that is not finite.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"key": ["share"], "low": [0.0], "base": [0.8], "high": [1.0]})
    >>> spider(lambda rows: 100 * rows[:, 0], table, [-0.5, 0.0, 0.5]).outcome
    array([[40., 80., nan]])
    """
    ranges = as_ranges(table)
    points = ascending(changes, "the changes")
    values = ranges.base[:, np.newaxis] * (1 + points)
    reachable = (values >= ranges.low[:, np.newaxis]) & (values <= ranges.high[:, np.newaxis])
    which, point = np.nonzero(reachable)
    rows = np.tile(ranges.base, (which.size, 1))
    rows[np.arange(which.size), which] = values[which, point]
    outcome = np.full(values.shape, np.nan)
    outcome[which, point] = outcomes_of(function, rows).mean(axis=1)
    return Spider(ranges.keys, ranges.labels, points, outcome, about or About())
