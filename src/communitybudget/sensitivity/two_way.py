"""Two inputs at once: the outcome over a grid, and the line on which it breaks even."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from communitybudget._core.digits import amount
from communitybudget._core.results import result
from communitybudget.sensitivity.about import About, Introduced
from communitybudget.sensitivity.draws import FloatArray
from communitybudget.sensitivity.precision import monte_carlo_error, probability_error
from communitybudget.sensitivity.ranges import Function, ascending, outcomes_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@result
@dataclass(frozen=True, eq=False, slots=True)
class GridAxis:
    """Values of one input, ascending.

    Parameters
    ----------
    key, label : str
        Of the input.
    values : ndarray, shape (point,)
        In the input's own unit.
    base : float
        Its central value; NaN where there is none to mark.
    """

    key: str
    label: str
    values: FloatArray
    base: float = float("nan")


def grid_axis(key: str, values: npt.ArrayLike, label: str = "", base: float = float("nan")) -> GridAxis:
    """Return an axis of a grid, checked.

    Raises
    ------
    ValueError
        If there are fewer than two values, or they do not ascend.

    Examples
    --------
    >>> grid_axis("price", [1, 2, 4]).label
    'price'
    """
    return GridAxis(key, label or key, ascending(values, f"the values of {key}"), base)


@result
@dataclass(frozen=True, eq=False, repr=False)
class HeatMap(Introduced):
    """An outcome over a grid of two inputs.

    Parameters
    ----------
    first, second : GridAxis
        The inputs, with N and M values.
    expected : ndarray, shape (N, M)
        Mean outcome over the draws, GBP.
    probability : ndarray, shape (N, M)
        Probability that the outcome is not negative.
    expected_error, probability_error : ndarray, shape (N, M)
        Monte Carlo standard errors; zero where every input is held.
    about : About
        What the outcome is and what made it.
    """

    first: GridAxis
    second: GridAxis
    expected: FloatArray
    probability: FloatArray
    expected_error: FloatArray
    probability_error: FloatArray
    about: About

    def to_frame(self) -> "pd.DataFrame":
        """Return a row per cell: ``first, second, expected, expected_error, probability, probability_error``.

        ``first`` and ``second`` are values of the inputs.
        """
        import pandas as pd

        first, second = np.meshgrid(self.first.values, self.second.values, indexing="ij")
        names = ("expected", "expected_error", "probability", "probability_error")
        columns = {name: getattr(self, name).ravel() for name in names}
        return pd.DataFrame({"first": first.ravel(), "second": second.ravel(), **columns})

    def break_even(self) -> "pd.DataFrame":
        """Return the switching line: where the expected outcome is nil.

        Along each value of one input the crossings of the other, straight between two points of the grid;
        exact where the outcome is linear in each input, the other held.

        Returns
        -------
        pandas.DataFrame
            ``first, second``, sorted; no rows where the outcome has one sign in the whole grid.
        """
        import pandas as pd

        across = [
            (x, y)
            for x, row in zip(self.first.values, self.expected, strict=True)
            for y in crossings(self.second.values, row)
        ]
        along = [
            (x, y)
            for y, column in zip(self.second.values, self.expected.T, strict=True)
            for x in crossings(self.first.values, column)
        ]
        points = sorted({(float(x), float(y)) for x, y in across + along})
        return pd.DataFrame(points, columns=["first", "second"], dtype=float)

    @property
    def title(self) -> str:
        """Heading."""
        outcome = self.about.outcome_label
        return f"{outcome[:1].upper()}{outcome[1:]}: {self.first.label} against {self.second.label}"

    @property
    def note(self) -> str:
        """How to read the rows."""
        return (
            f"{self.first.label} and {self.second.label} are held at the values of a cell; all others stay "
            "as they were."
        )

    @property
    def key_figure(self) -> str:
        """The two inputs."""
        return f"first={self.first.key!r}, second={self.second.key!r}"

    def rows(self) -> list[tuple[str, str]]:
        """Return the corners of the grid in words, and how much of it does not lose."""
        corners = [
            (
                f"{self.first.values[i]:.4g} and {self.second.values[j]:.4g}",
                f"{amount(float(self.expected[i, j]))} GBP ({self.probability[i, j]:.0%} not negative)",
            )
            for i in (0, -1)
            for j in (0, -1)
        ]
        return [
            *corners,
            ("Cells with an expected outcome not below nil", f"{(self.expected >= 0).mean():.0%}"),
        ]

    def plot(
        self, ax: "Axes | None" = None, shows: Literal["expected", "probability"] = "expected"
    ) -> "Axes":
        """Draw the grid with the line of break-even.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Where to draw; new axes when absent.
        shows : {'expected', 'probability'}
            What the colours are.

        Returns
        -------
        matplotlib axes
        """
        from communitybudget.charts import plot_heat_map

        return plot_heat_map(
            self.to_frame(),
            ax,
            price_base=self.about.price_base,
            first_label=self.first.label,
            second_label=self.second.label,
            shows=shows,
            base=(self.first.base, self.second.base),
            title=self.title,
        )


def two_way(function: Function, first: GridAxis, second: GridAxis, about: About | None = None) -> HeatMap:
    """Return an outcome over a grid of two inputs; all cells are run at once.

    Parameters
    ----------
    function : callable
        Takes settings of the two inputs, shape (row, 2), N x M rows, and returns outcomes of shape
        (row, draw), GBP, or (row,) where nothing stays uncertain.
    first, second : GridAxis
        From `grid_axis`.
    about : About, optional
        What the outcome is.

    Returns
    -------
    HeatMap

    Raises
    ------
    ValueError
        If the function gives another shape or a value that is not finite.

    Examples
    --------
    >>> grid = two_way(
    ...     lambda rows: rows[:, 0] * rows[:, 1] - 6,
    ...     grid_axis("reach", [1, 2, 3]),
    ...     grid_axis("worth", [2, 4]),
    ... )
    >>> grid.break_even().to_numpy().tolist()  # reach times worth is 6
    [[1.5, 4.0], [2.0, 3.0], [3.0, 2.0]]
    """
    shape = (first.values.size, second.values.size)
    pairs = np.stack(np.meshgrid(first.values, second.values, indexing="ij"), axis=-1).reshape(-1, 2)
    found = outcomes_of(function, pairs)
    draws = found.shape[1]
    hits = (found >= 0).sum(axis=1)
    certain = np.zeros(len(pairs))
    return HeatMap(
        first=first,
        second=second,
        expected=found.mean(axis=1).reshape(shape),
        probability=(hits / draws).reshape(shape),
        expected_error=(monte_carlo_error(found.T) if draws > 1 else certain).reshape(shape),
        probability_error=(probability_error(hits, draws) if draws > 1 else certain).reshape(shape),
        about=about or About(),
    )


def crossings(places: FloatArray, values: FloatArray) -> list[float]:
    """Return where values along a line are nil, straight between two neighbours.

    Examples
    --------
    >>> crossings(np.array([0.0, 1.0, 2.0]), np.array([-1.0, 3.0, 0.0]))
    [0.25, 2.0]
    """
    found = [float(place) for place in places[values == 0]]
    for i in np.flatnonzero(values[:-1] * values[1:] < 0):
        share = values[i] / (values[i] - values[i + 1])
        found.append(float(places[i] + share * (places[i + 1] - places[i])))
    return sorted(found)
