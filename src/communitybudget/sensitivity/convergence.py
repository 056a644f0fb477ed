"""How a result settles down as the draws add up."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from communitybudget._core.cards import Card, CardResult, footer
from communitybudget._core.digits import pounds, supported, supported_chance
from communitybudget._core.results import result
from communitybudget.sensitivity.draws import FloatArray, as_draws
from communitybudget.sensitivity.precision import monte_carlo_error, probability_error, quantile_error

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_FIRST = 50
_FIGURES = ("mean", "p10", "p90", "probability")
CONVERGENCE_COLUMNS: tuple[str, ...] = (
    "draws",
    *(f"{name}{of}" for name in _FIGURES for of in ("", "_error")),
)


@result
@dataclass(frozen=True, eq=False, repr=False)
class Convergence(CardResult):
    """A mean, P10, P90 and probability after ever more draws.

    Parameters
    ----------
    values : ndarray, shape (step, 9)
        Columns `CONVERGENCE_COLUMNS`.
    outcome_label : str
        What was drawn.
    price_base : str
        Prices, real.
    seed : int or None
        Of the draws; None when it is not known.
    set_version : str
        Parameter set; empty when there is none.
    """

    values: FloatArray
    outcome_label: str
    price_base: str
    seed: int | None
    set_version: str

    @property
    def draws(self) -> int:
        """Number of draws in all."""
        return int(self.values[-1, 0])

    def to_frame(self) -> "pd.DataFrame":
        """Return a row for each step.

        Returns
        -------
        pandas.DataFrame
            ``draws`` so far; ``mean, p10, p90`` of these, GBP; ``probability`` that the outcome is not
            negative; each with its Monte Carlo standard error. The errors of ``p10`` and ``p90`` are NaN
            while there are too few draws to tell.
        """
        import pandas as pd

        frame = pd.DataFrame(self.values, columns=list(CONVERGENCE_COLUMNS))
        return frame.astype({"draws": int})

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the running mean, P10 and P90 with their error bands."""
        from communitybudget.charts import plot_convergence

        return plot_convergence(self.to_frame(), ax, price_base=self.price_base)

    def plot_probability(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the running probability that the outcome is not negative, with its error band."""
        from communitybudget.charts import plot_convergence_of_probability

        return plot_convergence_of_probability(self.to_frame(), ax)

    @property
    def _shown(self) -> list[tuple[str, str]]:
        last = dict(zip(CONVERGENCE_COLUMNS, self.values[-1], strict=True))
        shown = []
        for name, words in (("mean", "Mean"), ("p10", "P10"), ("p90", "P90")):
            value, error = last[name], last[f"{name}_error"]
            shown.append((words, f"{supported(value, error)} ± {pounds(error)}"))
        chance = supported_chance(last["probability"], last["probability_error"])
        points = f"{100 * last['probability_error']:.1f} points"
        return [*shown, ("Probability that it is not negative", f"{chance} ± {points}")]

    @property
    def _title(self) -> str:
        return f"How precisely the draws tell: {self.outcome_label}"

    @property
    def _note(self) -> str:
        half = self.values[np.searchsorted(self.values[:, 0], self.draws / 2), 1]
        moved = abs(self.values[-1, 1] - half)
        return (
            f"± is one Monte Carlo standard error. Over the second half of the draws the mean moved by "
            f"{pounds(moved)}. Four times the draws halve the errors."
        )

    def _card(self) -> Card:
        foot = footer(self.price_base, self.seed, self.draws, self.set_version)
        return Card(self._title, self._shown, foot, self._note)

    def __repr__(self) -> str:
        return (
            f"Convergence(outcome={self.outcome_label!r}, mean={self.values[-1, 1]:,.0f} GBP, "
            f"error={self.values[-1, 2]:,.0f}, price_base={self.price_base}, draws={self.draws}, "
            f"seed={self.seed})"
        )


def convergence(
    outcome: npt.ArrayLike,
    *,
    price_base: str,
    steps: int = 60,
    outcome_label: str = "net present value",
    seed: int | None = None,
    set_version: str = "",
) -> Convergence:
    """Return how the mean, P10, P90 and probability of an outcome settle down as the draws add up.

    Parameters
    ----------
    outcome : array_like, shape (draw,)
        Real GBP in the order of drawing, at least two draws.
    price_base : str
        Financial year of the prices.
    steps : int, default 60
        At how many numbers of draws to look, evenly on a logarithmic scale from 50 up to all; fewer where
        there are fewer draws.
    outcome_label : str
        What was drawn, in words.
    seed : int, optional
        Of the draws, for the footer.
    set_version : str, optional
        Parameter set, for the footer.

    Returns
    -------
    Convergence
        Its last step holds the figures of all draws, whatever the order.

    Raises
    ------
    ValueError
        If there is no single row of draws, fewer than two, a value is not finite, or ``steps`` is below 1.

    Examples
    --------
    >>> settled = convergence([4, -2, 3, 1], price_base="2026-27")
    >>> settled.to_frame()[["draws", "mean", "probability"]].values.tolist()
    [[4.0, 1.5, 0.75]]
    """
    values = as_draws(outcome, "outcome", least=2)
    if values.ndim != 1:
        raise ValueError(f"outcome has shape {values.shape}; give one value per draw")
    if steps < 1:
        raise ValueError(f"steps is {steps}; look at 1 number of draws at the least")
    numbers = np.geomspace(min(_FIRST, values.size), values.size, steps).round().astype(int)
    rows = [_figures(values[:number]) for number in np.unique(numbers)]
    return Convergence(np.array(rows), outcome_label, price_base, seed, set_version)


def _figures(values: FloatArray) -> tuple[float, ...]:
    """Return the figures of some draws, columns `CONVERGENCE_COLUMNS`."""
    hits = int((values >= 0).sum())
    figures = (
        *(values.mean(), monte_carlo_error(values)),
        *(f for q in (0.1, 0.9) for f in (np.quantile(values, q), quantile_error(values, q))),
        *(hits / values.size, probability_error(hits, values.size)),
    )
    return (values.size, *(float(figure) for figure in figures))
