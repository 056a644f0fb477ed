"""What each option falls short by, scenario by scenario."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from communitybudget._core.cards import card, in_prices, text_table
from communitybudget._core.digits import pounds
from communitybudget._core.results import JsonResult, result
from communitybudget.sensitivity.deciding import regret_of
from communitybudget.sensitivity.draws import FloatArray, as_named_options, within_rounding_of_largest

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@result
@dataclass(frozen=True, eq=False, repr=False)
class RegretTable(JsonResult):
    """What each option falls short of the best one in each named scenario.

    Parameters
    ----------
    scenarios, options : tuple of str
        Names as printed.
    net_benefit : ndarray, shape (scenario, option)
        Real GBP, larger is better.
    price_base : str
        Prices, real.
    """

    scenarios: tuple[str, ...]
    options: tuple[str, ...]
    net_benefit: FloatArray
    price_base: str

    @property
    def regret(self) -> FloatArray:
        """Best net benefit of the scenario less that of the option, shape (scenario, option)."""
        return regret_of(self.net_benefit)

    @property
    def largest(self) -> FloatArray:
        """Largest regret of each option over the scenarios, shape (option,)."""
        return np.asarray(self.regret.max(axis=0))

    @property
    def minimax(self) -> str:
        """The option with the smallest largest regret; of options that tie, the first in the order given."""
        return self.options[within_rounding_of_largest(-self.largest)[0]]

    def to_frame(self) -> "pd.DataFrame":
        """Return ``scenario, option, net_benefit, regret``, GBP, a row for each pair."""
        import pandas as pd

        pairs = [(scenario, option) for scenario in self.scenarios for option in self.options]
        frame = pd.DataFrame(pairs, columns=["scenario", "option"])
        return frame.assign(net_benefit=self.net_benefit.ravel(), regret=self.regret.ravel())

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the regret of each option in each scenario."""
        from communitybudget.charts import plot_regret

        return plot_regret(self.to_frame(), ax, price_base=self.price_base)

    @property
    def _shown(self) -> list[tuple[str, str]]:
        worst = self.regret.argmax(axis=0)
        return [
            (option, f"at most {pounds(most)}" + (f", under {self.scenarios[place]}" if most > 0 else ""))
            for option, most, place in zip(self.options, self.largest, worst, strict=True)
        ]

    @property
    def _note(self) -> str:
        return f"{self.minimax} can fall short of the best option by the least."

    @property
    def _foot(self) -> str:
        return f"{in_prices(self.price_base)} · scenarios: {', '.join(self.scenarios)}"

    def summary(self) -> str:
        """Return the largest regret of each option as text."""
        return text_table("Regret over the scenarios", self._shown, self._foot, self._note)

    def __repr__(self) -> str:
        return (
            f"RegretTable(minimax={self.minimax!r}, scenarios={len(self.scenarios)}, "
            f"options={len(self.options)}, price_base={self.price_base})"
        )

    def _repr_html_(self) -> str:
        return card("Regret over the scenarios", self._shown, self._foot, self._note)


def regret_table(
    net_benefit: npt.ArrayLike, options: Sequence[str], scenarios: Sequence[str], *, price_base: str
) -> RegretTable:
    """Return what each option falls short of the best one in each named scenario.

    Parameters
    ----------
    net_benefit : array_like, shape (scenario, option)
        Real GBP, larger is better; what each option comes to in each coherent set of inputs.
    options, scenarios : sequence of str
        Names as printed, in the order of the columns and of the rows.
    price_base : str
        Financial year of the prices.

    Returns
    -------
    RegretTable

    Raises
    ------
    ValueError
        If the names do not match the array, one comes twice, or a value is not finite.

    Notes
    -----
    Source: L. J. Savage, "The theory of statistical decision", JASA 46 (1951).

    Examples
    --------
    >>> table = regret_table(
    ...     [[0, 80], [0, -30]], ["as now", "support"], ["central", "prudent"], price_base="2026-27"
    ... )
    >>> table.minimax, table.largest.tolist()
    ('support', [80.0, 30.0])
    """
    names, benefit = as_named_options(net_benefit, options, least=1)
    rows = tuple(scenarios)
    if len(rows) != len(benefit) or len(set(rows)) < len(rows):
        raise ValueError(
            f"net_benefit has {len(benefit)} scenarios and the names are {', '.join(rows)}; "
            "give each scenario a name of its own"
        )
    return RegretTable(rows, names, benefit, price_base)
