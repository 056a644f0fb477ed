"""Draws of an input against the outcome, and their rank correlation with its error."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from communitybudget._core.normal import Z95
from communitybudget._core.results import result
from communitybudget.sensitivity.about import About, Introduced
from communitybudget.sensitivity.draws import FloatArray, as_draws

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@result
@dataclass(frozen=True, slots=True)
class SpearmanCorrelation:
    """Spearman's rank correlation with its sampling error.

    Parameters
    ----------
    value : float
        Between -1 and 1; 0 where one side does not vary.
    standard_error : float
        Monte Carlo standard error.
    low, high : float
        Interval of 95%.
    """

    value: float
    standard_error: float
    low: float
    high: float


def rank_correlation(values: npt.ArrayLike, outcome: npt.ArrayLike) -> SpearmanCorrelation:
    """Return Spearman's rank correlation of two columns of draws, with its error.

    Parameters
    ----------
    values, outcome : array_like, shape (draw,)
        At least four draws, matched by position.

    Returns
    -------
    SpearmanCorrelation

    Raises
    ------
    ValueError
        If the shapes differ, there are fewer than four draws, or a value is not finite.

    Notes
    -----
    Ties take the mean of their ranks. The error is that of Fisher's z with the variance
    ``(1 + r² / 2) / (n - 3)``: D. G. Bonett and T. A. Wright, "Sample size requirements for estimating
    Pearson, Kendall and Spearman correlations", *Psychometrika* 65 (2000). It holds for independent draws.

    Examples
    --------
    >>> rank_correlation([1, 2, 3, 4, 5], [1, 3, 2, 5, 4]).value
    0.8
    """
    import pandas as pd

    x, y = as_draws(values, "values", least=4), as_draws(outcome, "outcome", least=4)
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError(f"values have shape {x.shape} and outcome {y.shape}; give one of each per draw")
    ranks = pd.DataFrame({"x": x, "y": y}).rank(method="average").to_numpy(dtype=np.float64)
    centred = ranks - ranks.mean(axis=0)
    squares = (centred**2).sum(axis=0)
    # the root of the product, not the product of roots: columns of one order have a correlation of 1
    r = float(centred[:, 0] @ centred[:, 1] / np.sqrt(squares[0] * squares[1])) if squares.all() else 0.0
    z_error = math.sqrt((1 + r * r / 2) / (x.size - 3))
    z = math.atanh(r) if abs(r) < 1 else math.copysign(math.inf, r)
    return SpearmanCorrelation(
        r, (1 - r * r) * z_error, math.tanh(z - Z95 * z_error), math.tanh(z + Z95 * z_error)
    )


@result
@dataclass(frozen=True, eq=False, repr=False)
class Scatter(Introduced):
    """Draws of an input against the outcome.

    Parameters
    ----------
    key, label : str
        The input.
    values : ndarray, shape (draw,)
        Its draws, in its own unit.
    outcome : ndarray, shape (draw,)
        GBP.
    correlation : SpearmanCorrelation
        Of the two.
    about : About
        What the outcome is and what made it.
    """

    key: str
    label: str
    values: FloatArray
    outcome: FloatArray
    correlation: SpearmanCorrelation
    about: About

    def to_frame(self) -> "pd.DataFrame":
        """Return a row per draw: ``input, outcome``."""
        import pandas as pd

        return pd.DataFrame({"input": self.values, "outcome": self.outcome})

    @property
    def title(self) -> str:
        """Heading."""
        return f"{self.label} and the {self.about.outcome_label}"

    @property
    def note(self) -> str:
        """How to read the rows."""
        return (
            "Rank correlation: 1 if the outcome always rises with the input, −1 if it always falls, near 0 "
            "if the order of one says nothing on the other."
        )

    @property
    def key_figure(self) -> str:
        """The rank correlation."""
        return f"input={self.key!r}, rank_correlation={self.correlation.value:.3f}"

    def rows(self) -> list[tuple[str, str]]:
        """Return the rank correlation and its error in words."""
        c = self.correlation
        return [
            ("Rank correlation", f"{c.value:.2f} ± {c.standard_error:.2f}"),
            ("95% interval", f"{c.low:.2f} to {c.high:.2f}"),
        ]

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw one dot for each draw.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Where to draw; new axes when absent.

        Returns
        -------
        matplotlib axes
        """
        from communitybudget.charts import plot_scatter

        c = self.correlation
        return plot_scatter(
            self.to_frame(),
            ax,
            price_base=self.about.price_base,
            input_label=self.label,
            title=self.title,
            subtitle=f"Rank correlation {c.value:.2f} ± {c.standard_error:.2f}",
        )


def scatter(
    values: npt.ArrayLike, outcome: npt.ArrayLike, *, key: str, label: str = "", about: About | None = None
) -> Scatter:
    """Return draws of an input against the outcome, with their rank correlation.

    Parameters
    ----------
    values, outcome : array_like, shape (draw,)
        At least four draws, matched by position.
    key, label : str
        The input.
    about : About, optional
        What the outcome is.

    Returns
    -------
    Scatter

    Raises
    ------
    ValueError
        As `rank_correlation`.

    Examples
    --------
    >>> scatter([1, 2, 3, 4], [8, 6, 4, 2], key="price").correlation.value
    -1.0
    """
    found = rank_correlation(values, outcome)
    x, y = (np.asarray(column, dtype=np.float64) for column in (values, outcome))
    return Scatter(key, label or key, x, y, found, about or About())
