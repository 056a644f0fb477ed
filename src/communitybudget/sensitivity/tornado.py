"""The tornado: which inputs move the outcome most."""

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from communitybudget._core.cards import card, footer
from communitybudget.sensitivity.about import amount

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

COLUMNS = (
    "key",
    "label",
    "mark",
    "rank_coefficient",
    "low",
    "high",
    "base",
    "swing",
    "standard_error",
)
_MOST = 12


@dataclass(frozen=True, eq=False, repr=False)
class Tornado:
    """How far each input moves an outcome between its P10 and its P90.

    Parameters
    ----------
    frame : pandas.DataFrame
        A row per input, widest first, with the columns ``key, label, mark, rank_coefficient, low, high,
        base, swing, standard_error``. ``low``, ``high``, ``base``, ``swing`` (high minus low) and
        ``standard_error`` (of the swing) are in the unit of the outcome, GBP.
    r_squared : float
        Share of the variance of the outcome's ranks that the inputs explain together.
    collinear : tuple of str
        Inputs whose effects cannot be told apart, because one is a linear combination of others in rank;
        they share their effect (least squares of minimum norm).
    price_base : str
        Price base of the outcome.
    seed : int or None
        Seed of the draws, None when it is not known.
    draws : int
        Number of draws.
    outcome_label : str
        What the outcome is.
    set_version : str
        Name and version of the parameter set.
    """

    frame: "pd.DataFrame"
    r_squared: float
    collinear: tuple[str, ...]
    price_base: str
    seed: int | None
    draws: int
    outcome_label: str
    set_version: str

    def to_frame(self) -> "pd.DataFrame":
        """Return the bars as a tidy frame, a copy, widest first."""
        return self.frame.copy()

    def summary(self, most: int = _MOST) -> str:
        """Return the widest bars as text.

        Parameters
        ----------
        most : int, default 12
            How many bars to list at the most.

        Returns
        -------
        str
        """
        shown = self.frame.head(most)
        width = max([5, *(len(label) for label in shown["label"])])
        columns = f"{'at its P10':>14}  {'at its P90':>14}  {'swing':>14}  {'± error':>10}"
        lines = [
            f"What moves the {self.outcome_label} most",
            f"Mean {amount(float(self.frame['base'].iloc[0]))} GBP; "
            "expected outcome with one input at its P10 and at its P90, the others at their mean",
            "",
            f"{'input':<{width}}  {columns}  mark",
        ]
        for row in shown.to_dict("records"):
            numbers = "  ".join(f"{amount(row[column]):>14}" for column in ("low", "high", "swing"))
            line = f"{row['label']:<{width}}  {numbers}  {amount(row['standard_error']):>10}  {row['mark']}"
            lines.append(line.rstrip())
        if len(self.frame) > len(shown):
            lines.append(f"and {len(self.frame) - len(shown)} more inputs with smaller swings")
        lines += ["", f"Rank regression explains {self.r_squared:.0%} of the variance of the ranks."]
        if self.collinear:
            lines.append(
                "These inputs move together, so their effects cannot be told apart and are shared out "
                f"(minimum norm): {', '.join(self.collinear)}."
            )
        return "\n".join([*lines, self._footer()])

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

        title = f"What moves the {self.outcome_label} most"
        return plot_tornado(self.frame, ax, price_base=self.price_base, title=title, most=most)

    def to_json(self) -> str:
        """Return the tornado as JSON, from which ``from_json`` makes an equal one."""
        bars = [{name: _plain(value) for name, value in row.items()} for row in self.frame.to_dict("records")]
        fields = {
            "type": "Tornado",
            "outcome_label": self.outcome_label,
            "price_base": self.price_base,
            "seed": self.seed,
            "draws": self.draws,
            "set_version": self.set_version,
            "r_squared": self.r_squared,
            "collinear": list(self.collinear),
            "bars": bars,
        }
        return json.dumps(fields, ensure_ascii=False, allow_nan=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> "Tornado":
        """Return the tornado that ``to_json`` wrote.

        Parameters
        ----------
        text : str
            JSON from ``to_json``.

        Returns
        -------
        Tornado

        Raises
        ------
        ValueError
            If the text is not the JSON of a tornado.
        """
        import pandas as pd

        fields = json.loads(text)
        if not isinstance(fields, dict) or fields.pop("type", None) != "Tornado":
            raise ValueError("this is not the JSON of a tornado; give what to_json wrote")
        try:
            frame = pd.DataFrame(fields.pop("bars"), columns=list(COLUMNS))
            collinear = tuple(fields.pop("collinear"))
            numbers = dict.fromkeys(COLUMNS[3:], "float64")
            return cls(frame=frame.astype(numbers), collinear=collinear, **fields)
        except (KeyError, TypeError) as error:
            raise ValueError(
                f"the JSON of this tornado is incomplete or has other fields: {error}"
            ) from error

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Tornado):
            return NotImplemented
        mine, theirs = dict(vars(self)), dict(vars(other))
        return bool(mine.pop("frame").equals(theirs.pop("frame"))) and mine == theirs

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        first = self.frame.iloc[0]
        return (
            f"Tornado(outcome={self.outcome_label!r}, widest={first['key']!r}, "
            f"swing={amount(float(first['swing']))} GBP, price_base={self.price_base}, "
            f"draws={self.draws}, seed={self.seed})"
        )

    def _repr_html_(self) -> str:
        bars = [
            (row["label"], f"{amount(row['low'])} to {amount(row['high'])}")
            for row in self.frame.head(_MOST).to_dict("records")
        ]
        note = "Expected outcome in GBP with one input at its P10 and at its P90, the others at their mean."
        return card(f"What moves the {self.outcome_label} most", bars, self._footer(), note)

    def _footer(self) -> str:
        return footer(self.price_base, self.seed, self.draws, self.set_version)


def _plain(value: Any) -> Any:
    """Return a cell as JSON can hold it; NaN becomes null."""
    return None if isinstance(value, float) and math.isnan(value) else value
