"""Importance of inputs to several outcomes at once, such as the net benefit of each agency."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from communitybudget._core.cards import card, in_prices, text_table
from communitybudget._core.results import JsonResult, result
from communitybudget.sensitivity.draws import FloatArray, as_sample, constant
from communitybudget.sensitivity.regression import standardise
from communitybudget.sensitivity.shares import UNEXPLAINED, bounded_shares, members_of, share_of_groups

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

IMPORTANCE_COLUMNS = ("input", "label", "outcome", "share", "standard_error", "sd")
_MOST = 12
_TITLE = "Which input matters to whom"
_NOTE = "Share of the variance of each outcome that one input explains by itself."


@result
@dataclass(frozen=True, eq=False, repr=False)
class Importance(JsonResult):
    """First-order shares of the variance of several outcomes.

    Parameters
    ----------
    inputs, labels : tuple of str
        Inputs or groups of inputs in the order given, and their printable names.
    outcomes : tuple of str
        Printable names of the outcomes.
    share : ndarray, shape (group, outcome)
        Between 0 and 1; for each outcome they sum to at most 1.
    standard_error : ndarray, shape (group + 1, outcome)
        Of the shares; the last row is that of their sum.
    sd : ndarray, shape (outcome,)
        Standard deviation of each outcome in its unit.
    draws : int
        Number of draws.
    seed : int or None
        Of the draws, where it is known.
    price_base, set_version : str
        Of the outcomes, where they are money of a case.
    """

    inputs: tuple[str, ...]
    labels: tuple[str, ...]
    outcomes: tuple[str, ...]
    share: FloatArray
    standard_error: FloatArray
    sd: FloatArray
    draws: int
    seed: int | None = None
    price_base: str = ""
    set_version: str = ""

    @property
    def unexplained(self) -> FloatArray:
        """Share that belongs to no input alone, shape (outcome,): interactions, and what the fit misses."""
        rest: FloatArray = np.maximum(1 - self.share.sum(axis=0), 0.0)
        return rest

    def to_frame(self) -> "pd.DataFrame":
        """Return the shares as a tidy frame with the columns `IMPORTANCE_COLUMNS`.

        A row per input and outcome; inputs by the largest share that they have in any outcome, equal ones
        in the order given, and ``unexplained`` last. ``sd`` is that of the outcome, in its unit.
        """
        import pandas as pd

        order = np.argsort(-self.share.max(axis=1), kind="stable").tolist()
        rows = [
            (self.inputs[i], self.labels[i], outcome, self.share[i, k], self.standard_error[i, k], self.sd[k])
            for i in order
            for k, outcome in enumerate(self.outcomes)
        ]
        rest = self.unexplained
        rows += [
            (UNEXPLAINED, UNEXPLAINED, outcome, rest[k], self.standard_error[-1, k], self.sd[k])
            for k, outcome in enumerate(self.outcomes)
        ]
        return pd.DataFrame(rows, columns=list(IMPORTANCE_COLUMNS))

    def summary(self, most: int = 3) -> str:
        """Return the largest shares of each outcome as text."""
        return text_table(_TITLE, self._rows(most), self._footer(), _NOTE)

    def plot(self, ax: "Axes | None" = None, most: int = _MOST) -> "Axes":
        """Draw a table of inputs by outcomes, darker for a larger share."""
        from communitybudget.charts import plot_importance

        return plot_importance(self.to_frame(), ax, title=_TITLE, most=most)

    def __repr__(self) -> str:
        largest = self.labels[int(self.share.max(axis=1).argmax())]
        return (
            f"Importance(largest={largest!r}, inputs={len(self.inputs)}, outcomes={len(self.outcomes)}, "
            f"draws={self.draws}, seed={self.seed})"
        )

    def _repr_html_(self) -> str:
        return card(_TITLE, self._rows(3), self._footer(), _NOTE)

    def _rows(self, most: int) -> list[tuple[str, str]]:
        rows = []
        for k, outcome in enumerate(self.outcomes):
            order = [i for i in np.argsort(-self.share[:, k], kind="stable")[:most] if self.share[i, k] > 0]
            shares = [
                f"{self.labels[i]} {self.share[i, k]:.1%} ± {self.standard_error[i, k]:.1%}" for i in order
            ]
            rows.append((outcome, "; ".join(shares) or "does not vary with any input alone"))
        return rows

    def _footer(self) -> str:
        money = [in_prices(self.price_base)] if self.price_base else []
        seed = "not stated" if self.seed is None else str(self.seed)
        parameters = [f"parameters {self.set_version}"] if self.set_version else []
        return " · ".join([*money, f"seed {seed}", f"{self.draws:,} draws", *parameters])


def importance(
    inputs: "pd.DataFrame",
    outcomes: Mapping[str, npt.ArrayLike],
    groups: Mapping[str, str] | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    seed: int | None = None,
    price_base: str = "",
    set_version: str = "",
) -> Importance:
    """Return the share of the variance of each outcome that each input explains by itself.

    As `variance_share`, for several outcomes at once and at little more than the cost of one.

    Parameters
    ----------
    inputs : pandas.DataFrame, shape (draw, input)
        One column per uncertain input.
    outcomes : mapping of str to array_like, shape (draw,)
        By printable name, for example the net benefit of each agency; matched to the inputs by position.
    groups : mapping of str to str, optional
        Input name to group name, for every input; inputs that depend on each other belong in one group.
        Without it each input stands by itself.
    labels : mapping of str to str, optional
        Printable names of inputs or groups.
    seed, price_base, set_version
        To print under the result.

    Returns
    -------
    Importance

    Raises
    ------
    ValueError
        If there is no outcome, an input has no group, shapes do not match, a value is not finite, or there
        are not more draws than terms (up to three per input).

    Notes
    -----
    The method, its bounds and its errors are those of `variance_share`. An outcome that does not vary gives
    shares of zero.

    Examples
    --------
    >>> import pandas as pd
    >>> draws = pd.DataFrame(np.random.default_rng(1).normal(size=(5_000, 2)), columns=["cost", "reach"])
    >>> found = importance(draws, {"Police": draws["reach"], "NHS": draws["reach"] + draws["cost"]})
    >>> found.share.round(1).tolist()
    [[0.0, 0.5], [1.0, 0.5]]
    """
    if not outcomes:
        raise ValueError("there are no outcomes; give at least one")
    columns = []
    for values in outcomes.values():
        keys, draws, column = as_sample(inputs, values)
        columns.append(column)
    members = members_of(keys, groups if groups is not None else {key: key for key in keys})
    found = np.column_stack(columns)
    varies = ~constant(found)
    share = np.zeros((len(members), found.shape[1]))
    error = np.zeros((len(members) + 1, found.shape[1]))
    if varies.any():
        share[:, varies], error[:, varies] = share_of_groups(
            draws, standardise(found[:, varies]), list(members.values())
        )
    return Importance(
        inputs=tuple(members),
        labels=tuple((labels or {}).get(name, name) for name in members),
        outcomes=tuple(outcomes),
        share=bounded_shares(share),
        standard_error=error,
        sd=found.std(axis=0, ddof=1),
        draws=len(found),
        seed=seed,
        price_base=price_base,
        set_version=set_version,
    )
