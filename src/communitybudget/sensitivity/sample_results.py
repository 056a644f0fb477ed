"""What a planned study is worth, as results."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from communitybudget._core.cards import card, in_prices, text_table
from communitybudget._core.results import JsonResult, result
from communitybudget.sensitivity.draws import FloatArray

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

CURVE_COLUMNS = ("families", "value", "standard_error", "evppi")
_FEW_DRAWS = 50


@result
@dataclass(frozen=True, eq=False, repr=False)
class SampleInformation(JsonResult):
    """What a study of some families is worth to a choice.

    Parameters
    ----------
    value, standard_error : float
        GBP, for the choice as modelled.
    families : int
        Families in the study.
    counted : int
        Families whose records count, after drop out and records that cannot be used.
    evppi, evppi_standard_error : float
        Value of knowing the informed inputs exactly, GBP: the most that any study of them is worth.
    study : str
        The design in words.
    informs : tuple of str
        The inputs that it informs.
    method : str
        ``moment_matching``, ``regression`` or ``importance``.
    draws : int
        Number of draws.
    effective_draws : float
        Equally weighted draws on which what is expected after a typical made-up study rests.
    seed : int
        Of the made-up results.
    price_base : str
        Of the amounts.
    """

    value: float
    standard_error: float
    families: int
    counted: int
    evppi: float
    evppi_standard_error: float
    study: str
    informs: tuple[str, ...]
    method: str
    draws: int
    effective_draws: float
    seed: int
    price_base: str

    def to_frame(self) -> "pd.DataFrame":
        """Return one row with the columns ``families, value, standard_error, evppi``."""
        import pandas as pd

        row = (self.families, self.value, self.standard_error, self.evppi)
        return pd.DataFrame([row], columns=list(CURVE_COLUMNS))

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the value beside that of knowing the inputs."""
        from communitybudget.charts import plot_sample_information

        return plot_sample_information(self.to_frame(), ax, price_base=self.price_base)

    def summary(self) -> str:
        """Return the value as text."""
        return text_table("What a study is worth", self._rows(), self._footer(), few_draws(self))

    def __repr__(self) -> str:
        return (
            f"SampleInformation({self.value:,.6g} GBP, standard_error={self.standard_error:,.2g}, "
            f"families={self.families}, evppi={self.evppi:,.6g}, method={self.method}, draws={self.draws}, "
            f"seed={self.seed})"
        )

    def _repr_html_(self) -> str:
        return card("What a study is worth", self._rows(), self._footer(), few_draws(self))

    def _rows(self) -> list[tuple[str, str]]:
        return [
            ("Study", self.study),
            ("Families, and records that count", f"{self.families:,}, {self.counted:,}"),
            ("Worth to the choice", f"£{self.value:,.0f} (± £{self.standard_error:,.0f})"),
            ("At most, if it told all", f"£{self.evppi:,.0f} (± £{self.evppi_standard_error:,.0f})"),
        ]

    def _footer(self) -> str:
        return footer(self)


@result
@dataclass(frozen=True, eq=False, repr=False)
class SampleInformationCurve(JsonResult):
    """What a study is worth by its number of families.

    Parameters
    ----------
    families : ndarray of int, shape (size,)
        Families in the study, rising.
    values : ndarray, shape (size,)
        GBP, for the choice as modelled; never falling, at most ``evppi``.
    covariance : ndarray, shape (size, size)
        Of the errors of the values, GBP squared.
    effective_draws : ndarray, shape (size,)
        As in `SampleInformation`.
    evppi, evppi_standard_error, study, informs, method, draws, seed, price_base
        As in `SampleInformation`.
    """

    families: npt.NDArray[np.int64]
    values: FloatArray
    covariance: FloatArray
    effective_draws: FloatArray
    evppi: float
    evppi_standard_error: float
    study: str
    informs: tuple[str, ...]
    method: str
    draws: int
    seed: int
    price_base: str

    @property
    def standard_errors(self) -> FloatArray:
        """Standard errors of the values, shape (size,), GBP."""
        return np.sqrt(self.covariance.diagonal())

    def to_frame(self) -> "pd.DataFrame":
        """Return a row per size with the columns ``families, value, standard_error, evppi``."""
        import pandas as pd

        columns = (self.families, self.values, self.standard_errors, np.full(len(self.values), self.evppi))
        return pd.DataFrame(dict(zip(CURVE_COLUMNS, columns, strict=True)))

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw value by number of families, up to that of knowing the inputs."""
        from communitybudget.charts import plot_sample_information

        return plot_sample_information(self.to_frame(), ax, price_base=self.price_base)

    def summary(self) -> str:
        """Return the values as text, a line per size."""
        return text_table(self._title, self._rows(), footer(self), few_draws(self))

    def __repr__(self) -> str:
        return (
            f"SampleInformationCurve({len(self.values)} sizes, {self.values[0]:,.6g} to "
            f"{self.values[-1]:,.6g} GBP, evppi={self.evppi:,.6g}, method={self.method}, "
            f"draws={self.draws}, seed={self.seed})"
        )

    def _repr_html_(self) -> str:
        return card(self._title, self._rows(), footer(self), few_draws(self))

    @property
    def _title(self) -> str:
        return f"What a study is worth by its families ({self.study})"

    def _rows(self) -> list[tuple[str, str]]:
        rows = zip(self.families, self.values, self.standard_errors, strict=True)
        worth = [(f"{families:,} families", f"£{v:,.0f} (± £{e:,.0f})") for families, v, e in rows]
        return [*worth, ("If it told all", f"£{self.evppi:,.0f} (± £{self.evppi_standard_error:,.0f})")]


def footer(found: SampleInformation | SampleInformationCurve) -> str:
    """Return the line under a result."""
    return (
        f"{in_prices(found.price_base)} · seed {found.seed} · {found.draws:,} draws · "
        f"{found.method.replace('_', ' ')}"
    )


def few_draws(found: SampleInformation | SampleInformationCurve) -> str:
    """Return a warning where a typical made-up study leaves few draws with weight."""
    least = float(np.min(found.effective_draws))
    if least >= _FEW_DRAWS:
        return ""
    return (
        f"A study this large leaves only about {least:.0f} draws with weight, so its value leans towards "
        "that of telling all; run more draws, or use the regression method."
    )
