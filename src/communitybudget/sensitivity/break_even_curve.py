"""The probability of breaking even, against a price or the size of an effect."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from communitybudget._core.normal import Z95
from communitybudget._core.results import result
from communitybudget.sensitivity.about import About, Introduced
from communitybudget.sensitivity.draws import FloatArray, as_draws
from communitybudget.sensitivity.precision import monte_carlo_error, probability_error
from communitybudget.sensitivity.two_way import GridAxis, crossings

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@result
@dataclass(frozen=True, eq=False, repr=False)
class BreakEvenCurve(Introduced):
    """The probability that an outcome is not negative, over values of one input.

    Parameters
    ----------
    axis : GridAxis
        The input and its values.
    unit : str
        Of the input.
    probability, probability_error : ndarray, shape (point,)
        Share of the draws in which the outcome is not negative, and its Monte Carlo standard error.
    expected, expected_error : ndarray, shape (point,)
        Mean outcome, GBP, and its Monte Carlo standard error.
    about : About
        What the outcome is and what made it.
    """

    axis: GridAxis
    unit: str
    probability: FloatArray
    probability_error: FloatArray
    expected: FloatArray
    expected_error: FloatArray
    about: About

    def to_frame(self) -> "pd.DataFrame":
        """Return a row per value, with the band of 95% Monte Carlo error.

        Returns
        -------
        pandas.DataFrame
            ``value, probability, probability_error, low, high, expected, expected_error``.
        """
        import pandas as pd

        reach = Z95 * self.probability_error
        return pd.DataFrame(
            {
                "value": self.axis.values,
                "probability": self.probability,
                "probability_error": self.probability_error,
                "low": np.clip(self.probability - reach, 0.0, 1.0),
                "high": np.clip(self.probability + reach, 0.0, 1.0),
                "expected": self.expected,
                "expected_error": self.expected_error,
            }
        )

    def value_at(self, probability: float) -> tuple[float, ...]:
        """Return the values of the input at which the probability is met, ascending; none where it is not.

        Parameters
        ----------
        probability : float
            Between 0 and 1.
        """
        return tuple(crossings(self.axis.values, self.probability - probability))

    @property
    def title(self) -> str:
        """Heading."""
        return f"Chance that the {self.about.outcome_label} is not negative, by {self.axis.label}"

    @property
    def note(self) -> str:
        """How to read the rows."""
        return "The input is held at each value; all others stay uncertain."

    @property
    def key_figure(self) -> str:
        """The input and the span of the probability."""
        return (
            f"input={self.axis.key!r}, probability={self.probability.min():.2f} to "
            f"{self.probability.max():.2f}"
        )

    def rows(self) -> list[tuple[str, str]]:
        """Return the values at which some probabilities are met, in words."""
        found = []
        for level in (0.5, 0.8):
            places = " and ".join(f"{place:.4g}" for place in self.value_at(level))
            unit = f" {self.unit}" if places and self.unit else ""
            found.append((f"{level:.0%} likely at", f"{places}{unit}" or "no value on the grid"))
        return found

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the probability with the band of its Monte Carlo error.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Where to draw; new axes when absent.

        Returns
        -------
        matplotlib axes
        """
        from communitybudget.charts import plot_break_even_curve

        unit = f", {self.unit}" if self.unit else ""
        return plot_break_even_curve(
            self.to_frame(),
            ax,
            value_label=f"{self.axis.label}{unit}",
            base=self.axis.base,
            title=self.title,
        )


def break_even_curve(
    axis: GridAxis, outcomes: npt.ArrayLike, *, unit: str = "", about: About | None = None
) -> BreakEvenCurve:
    """Return the probability that an outcome is not negative, over values of one input.

    Parameters
    ----------
    axis : GridAxis
        The input and its values, from `grid_axis`.
    outcomes : array_like, shape (point, draw)
        GBP; the draws are the same at every value, so that points differ by the input and not by luck.
    unit : str, optional
        Of the input.
    about : About, optional
        What the outcome is.

    Returns
    -------
    BreakEvenCurve

    Raises
    ------
    ValueError
        If the shapes do not match, there are fewer than two draws, or a value is not finite.

    Examples
    --------
    >>> from communitybudget.sensitivity import grid_axis
    >>> curve = break_even_curve(grid_axis("price", [1, 2, 3]), [[-1, -1], [-1, 1], [1, 1]])
    >>> curve.probability.tolist(), curve.value_at(0.75)
    ([0.0, 0.5, 1.0], (2.5,))
    """
    found = as_draws(outcomes, "outcomes")
    if found.ndim != 2 or found.shape[0] != axis.values.size or found.shape[1] < 2:
        raise ValueError(
            f"outcomes have shape {found.shape}; give (point, draw) with {axis.values.size} points and at "
            "least two draws"
        )
    draws = found.shape[1]
    hits = (found >= 0).sum(axis=1)
    return BreakEvenCurve(
        axis=axis,
        unit=unit,
        probability=hits / draws,
        probability_error=np.asarray(probability_error(hits, draws)),
        expected=found.mean(axis=1),
        expected_error=monte_carlo_error(found.T),
        about=about or About(),
    )
