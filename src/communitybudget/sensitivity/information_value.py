"""What information is worth, as a result: of one set of inputs, or a table of several."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from communitybudget._core.cards import NOT_STATED, Card, CardResult
from communitybudget._core.digits import pounds
from communitybudget._core.results import result

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_MOST = 12


@result
@dataclass(frozen=True, eq=False, repr=False)
class InformationValue(CardResult):
    """What it is worth to know some inputs before choosing between the options.

    Parameters
    ----------
    value : float
        GBP, between 0 and ``evpi``.
    standard_error : float
        GBP: how far ``value`` may move with another seed, by the delta method.
    of : tuple of str
        The inputs that would be known; empty for all that is uncertain (perfect information).
    entered : tuple of str
        Those of them that explain more than chance; the others do not enter the regression.
    method : str
        How it was found: ``perfect``, ``group_means``, ``splines``, ``gaussian_process`` or ``nested``.
    draws : int
        Number of draws.
    options : int
        Number of options.
    explained : tuple of float
        For each option but the one that is best on average, the share (0 to 1) of the variance of its net
        benefit over the best that the inputs explain.
    evpi : float
        Expected value of perfect information on the same draws, GBP.
    in_sample : float
        Value with each draw fitted by all draws, itself included: too high on average, GBP.
    left_out : float
        Value with each draw decided by the fit on all the others: too low on average, GBP. ``value`` is
        the mean of the two, not below 0 nor above ``evpi``.
    """

    value: float
    standard_error: float
    of: tuple[str, ...]
    entered: tuple[str, ...]
    method: str
    draws: int
    options: int
    explained: tuple[float, ...]
    evpi: float
    in_sample: float
    left_out: float

    @property
    def share_of_evpi(self) -> float:
        """Value over the expected value of perfect information; 0 where that is 0."""
        return self.value / self.evpi if self.evpi else 0.0

    def to_frame(self) -> "pd.DataFrame":
        """Return the value as a frame of one row.

        Returns
        -------
        pandas.DataFrame
            ``of`` (names joined by commas), ``value, standard_error, share_of_evpi, method, draws``.
        """
        import pandas as pd

        row = {
            "of": ", ".join(self.of),
            "value": self.value,
            "standard_error": self.standard_error,
            "share_of_evpi": self.share_of_evpi,
            "method": self.method,
            "draws": self.draws,
        }
        return pd.DataFrame([row])

    def plot(self, ax: "Axes | None" = None, *, price_base: str = NOT_STATED) -> "Axes":
        """Draw the value beside that of knowing everything.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Where to draw; new axes when absent.
        price_base : str, optional
            Financial year of the prices.

        Returns
        -------
        matplotlib axes
        """
        from communitybudget.charts import plot_information

        frame = self.to_frame().assign(label=self._known)
        return plot_information(frame, ax, price_base=price_base, evpi=self.evpi)

    def summary(self) -> str:
        """Return the value in a sentence, and how it was found."""
        return (
            f"Knowing {self._known} before choosing is worth {pounds(self.value)} "
            f"(± {pounds(self.standard_error)}), {self.share_of_evpi:.0%} of knowing everything.\n"
            f"{self._footer()}"
        )

    def __repr__(self) -> str:
        return (
            f"InformationValue({self.value:,.3g} GBP, standard_error={self.standard_error:,.2g}, "
            f"inputs={len(self.of)}, method={self.method}, draws={self.draws})"
        )

    def _card(self) -> Card:
        rows = [
            ("Worth", f"{pounds(self.value)} (± {pounds(self.standard_error)})"),
            ("Share of perfect information", f"{self.share_of_evpi:.0%}"),
            ("Inputs known", ", ".join(self.of) or "all"),
        ]
        return Card("What information is worth", rows, self._footer())

    @property
    def _known(self) -> str:
        return ", ".join(self.of) or "everything that is uncertain"

    def _footer(self) -> str:
        return f"GBP · {self.draws:,} draws · {self.options} options · {self.method.replace('_', ' ')}"


@result
@dataclass(frozen=True)
class InformationRow:
    """What one input or set of inputs is worth to know.

    Parameters
    ----------
    key, label : str
    value, standard_error : float
        GBP.
    share_of_evpi : float
        Value over the expected value of perfect information.
    explained : float
        Largest share of the variance of an option's net benefit over the best that it explains.
    """

    key: str
    label: str
    value: float
    standard_error: float
    share_of_evpi: float
    explained: float


@result
@dataclass(frozen=True, eq=False, repr=False)
class InformationTable(CardResult):
    """What each of several inputs, or sets of inputs, is worth to know before choosing.

    Parameters
    ----------
    rows : tuple of InformationRow
        The most valuable first, equals by key.
    evpi, evpi_error : float
        Expected value of perfect information and its standard error, GBP.
    draws, options : int
        Their numbers.
    """

    rows: tuple[InformationRow, ...]
    evpi: float
    evpi_error: float
    draws: int
    options: int

    def to_frame(self) -> "pd.DataFrame":
        """Return the table as a tidy frame, the most valuable first.

        Returns
        -------
        pandas.DataFrame
            ``key, label, value, standard_error, share_of_evpi, explained``; GBP and shares.
        """
        import pandas as pd

        return pd.DataFrame(list(self.rows), columns=list(InformationRow.__dataclass_fields__))

    def summary(self, most: int = _MOST) -> str:
        """Return the most valuable as text.

        Parameters
        ----------
        most : int, default 12
            How many to list at the most.

        Returns
        -------
        str
        """
        shown = self.rows[:most]
        width = max([len("everything"), *(len(row.label) for row in shown)])
        lines = [
            f"{row.label:<{width}}  £{row.value:>12,.0f}  ± £{row.standard_error:>9,.0f}  "
            f"{row.share_of_evpi:>4.0%}"
            for row in shown
        ]
        more = len(self.rows) - len(shown)
        lines += [f"and {more} more that are worth less"] if more else []
        lines.append(f"{'everything':<{width}}  £{self.evpi:>12,.0f}  ± £{self.evpi_error:>9,.0f}")
        return "\n".join(["What it is worth to know before choosing", *lines, self._footer()])

    def plot(self, ax: "Axes | None" = None, *, price_base: str = NOT_STATED, most: int = _MOST) -> "Axes":
        """Draw the most valuable.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Where to draw; new axes when absent.
        price_base : str, optional
            Financial year of the prices.
        most : int, default 12
            How many bars to draw at the most.

        Returns
        -------
        matplotlib axes
        """
        from communitybudget.charts import plot_information

        return plot_information(self.to_frame(), ax, price_base=price_base, evpi=self.evpi, most=most)

    def __repr__(self) -> str:
        first = f"{self.rows[0].key!r} {self.rows[0].value:,.3g} GBP" if self.rows else "none"
        return (
            f"InformationTable(rows={len(self.rows)}, most valuable={first}, evpi={self.evpi:,.3g} GBP, "
            f"draws={self.draws})"
        )

    def _card(self) -> Card:
        rows = [(r.label, f"{pounds(r.value)} (± {pounds(r.standard_error)})") for r in self.rows[:_MOST]]
        rows.append(("Everything", f"{pounds(self.evpi)} (± {pounds(self.evpi_error)})"))
        return Card("What it is worth to know before choosing", rows, self._footer())

    def _footer(self) -> str:
        return f"GBP · {self.draws:,} draws · {self.options} options"
