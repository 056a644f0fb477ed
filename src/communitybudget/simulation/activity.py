"""Activity: time in states and moves between them, by draw, option and year. No pounds here."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.cards import Card, CardResult, footer
from communitybudget._core.errors import ParameterNotFound, did_you_mean
from communitybudget._core.options import chosen_option
from communitybudget._core.results import result
from communitybudget._core.vocabulary import BAU

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Array = NDArray[np.float64]


@result
@dataclass(frozen=True, slots=True)
class Count:
    """What one row of the activity counts.

    Parameters
    ----------
    pathway : str
        Its pathway.
    kind : str
        ``months`` in a state, ``entries`` to it, ``moves`` from one to another, or ``birthdays``
        (reaching the last age in a state).
    state : str
        The state, or the one moved from.
    target : str
        The state moved to; empty otherwise.
    from_month, to_month : int or None
        Only these completed months in the state.
    """

    pathway: str
    kind: str
    state: str
    target: str = ""
    from_month: int | None = None
    to_month: int | None = None

    @property
    def name(self) -> str:
        """The outcome's name, as tables print it."""
        text = f"{self.pathway}.{self.kind}.{self.state}"
        if self.target:
            text += f".{self.target}"
        if self.from_month is not None or self.to_month is not None:
            text += f".m{self.from_month or 0}_{'' if self.to_month is None else self.to_month}"
        return text


@result
@dataclass(frozen=True, slots=True)
class ReportedCount:
    """A count that reports show: a sum of rows times a factor (months to years)."""

    name: str
    label: str
    pathway: str
    pathway_label: str
    unit: str
    rows: tuple[int, ...]
    factor: float

    @property
    def id(self) -> str:
        """Name with its pathway: two pathways may report counts of one name."""
        return f"{self.pathway}.{self.name}"


@result
@dataclass(frozen=True, eq=False)
class Activity(CardResult):
    """Activity of a cohort in natural units.

    Parameters
    ----------
    counts : tuple of Count
        Axis ``outcome``, O of them.
    options : tuple of str
        Axis ``option``; business as usual first.
    years : tuple of str
        Axis ``year``, financial years.
    amounts : ndarray, shape (outcome, option, year, draw)
        Person-months, moves, entries or birthdays of the whole cohort.
    reported : tuple of ReportedCount
        Those that reports show.
    seed : int
        Of the draws.
    set_version : str
        Name and version of the parameter set.
    met : ndarray or None, shape (outcome, option, year, draw)
        The same had nobody been kept from help by an option's effects on moves of unmet need; None
        where no option has such effects.
    avoided_by_chance : ndarray or None, shape (reported, option, draw)
        Reported counts avoided over the horizon by each option other than business as usual, as they
        turn out by chance; None where chance was not drawn.
    """

    counts: tuple[Count, ...]
    options: tuple[str, ...]
    years: tuple[str, ...]
    amounts: Array
    reported: tuple[ReportedCount, ...]
    seed: int
    set_version: str
    met: Array | None = None
    avoided_by_chance: Array | None = None

    @property
    def draws(self) -> int:
        """Number of draws."""
        return int(self.amounts.shape[-1])

    def row(self, count: Count) -> int:
        """Return the position of a count on the axis ``outcome``."""
        return self._positions[count]

    @cached_property
    def _positions(self) -> dict[Count, int]:
        return {count: i for i, count in enumerate(self.counts)}

    def total(self, name: str, option: str) -> Array:
        """Return a reported count of one option, shape (year, draw).

        Parameters
        ----------
        name : str
            For example ``child_years_in_care``; with its pathway, as in
            ``adult_justice.entries_to_custody``, where several pathways report one of that name.
        option : str
            For example ``bau``.

        Raises
        ------
        ParameterNotFound
            If nothing of that name is reported, several pathways report it, or there is no such option.
        """
        found = [r for r in self.reported if name in (r.name, r.id)]
        if not found:
            names = [r.name for r in self.reported]
            raise ParameterNotFound(f"no count '{name}' is reported; {did_you_mean(name, names)}")
        if len(found) > 1:
            raise ParameterNotFound(
                f"several pathways report a count '{name}'; name one of {', '.join(r.id for r in found)}"
            )
        chosen_option(option, self.options)
        reported = found[0]
        total = np.zeros(self.amounts.shape[2:])
        for row in reported.rows:
            total += self.amounts[row, self.options.index(option)]
        return total * reported.factor

    def avoided(self, name: str, option: str) -> Array:
        """Return business as usual less the option for a reported count, shape (year, draw)."""
        return self.total(name, BAU) - self.total(name, option)

    def avoided_as_it_turns_out(self, name: str, option: str) -> Array:
        """Return a reported count avoided over the horizon with chance, shape (draw,).

        Without chance where none was drawn.
        """
        if self.avoided_by_chance is None:
            return np.asarray(self.avoided(name, option).sum(axis=0))
        row = [r.id for r in self.reported].index(next(r.id for r in self.reported if name in (r.name, r.id)))
        others = [o for o in self.options if o != BAU]
        return np.asarray(self.avoided_by_chance[row, others.index(option)])

    def to_frame(self) -> "pd.DataFrame":
        """Return reported counts by option and year; percentiles are of uncertain rates alone.

        Returns
        -------
        pandas.DataFrame
            ``option, year, pathway, outcome, label, unit, mean, sd, p10, p50, p90``.
        """
        import pandas as pd

        rows = []
        for reported in self.reported:
            for option in self.options:
                total = self.total(reported.id, option)
                quantiles = np.quantile(total, [0.1, 0.5, 0.9], axis=1)
                for y, year in enumerate(self.years):
                    rows.append(
                        {
                            "option": option,
                            "year": year,
                            "pathway": reported.pathway,
                            "outcome": reported.name,
                            "label": reported.label,
                            "unit": reported.unit,
                            "mean": total[y].mean(),
                            "sd": total[y].std(ddof=1) if self.draws > 1 else 0.0,
                            "p10": quantiles[0, y],
                            "p50": quantiles[1, y],
                            "p90": quantiles[2, y],
                        }
                    )
        return pd.DataFrame(rows)

    def avoided_frame(self, option: str) -> "pd.DataFrame":
        """Return activity avoided over the horizon, one row a reported count.

        Returns
        -------
        pandas.DataFrame
            ``pathway, label, unit, mean, p10, p90, bau_mean``; percentiles with chance, where drawn.
        """
        import pandas as pd

        rows = []
        for reported in self.reported:
            avoided = self.avoided(reported.id, option).sum(axis=0)
            turned_out = avoided if option == BAU else self.avoided_as_it_turns_out(reported.id, option)
            low, high = np.quantile(turned_out, [0.1, 0.9])
            rows.append(
                {
                    "pathway": reported.pathway_label,
                    "label": reported.label,
                    "unit": reported.unit,
                    "mean": avoided.mean(),
                    "p10": low,
                    "p90": high,
                    "bau_mean": self.total(reported.id, BAU).sum(axis=0).mean(),
                }
            )
        return pd.DataFrame(rows)

    def plot(self, ax: "Axes | None" = None, option: str | None = None) -> "Axes":
        """Draw the activity that an option avoids; the first option unless one is named."""
        from communitybudget.charts import plot_activity_avoided

        chosen = option or next((o for o in self.options if o != BAU), BAU)
        return plot_activity_avoided(self.avoided_frame(chosen), ax)

    def _rows(self) -> list[tuple[str, str]]:
        rows = []
        for reported in self.reported:
            means = [
                f"{option}: {self.total(reported.id, option).sum(axis=0).mean():,.1f}"
                for option in self.options
            ]
            rows.append((f"{reported.label} ({reported.unit})", "; ".join(means)))
        return rows

    def _card(self) -> Card:
        return Card(self._title, self._rows(), footer("", self.seed, self.draws, self.set_version))

    @property
    def _title(self) -> str:
        return f"Activity over {len(self.years)} years, means"

    def __repr__(self) -> str:
        return (
            f"Activity({len(self.counts)} outcomes, {len(self.options)} options, {len(self.years)} years, "
            f"draws={self.draws}, seed={self.seed})"
        )
