"""Whether one option is better than another whatever one's taste for risk, as far as the draws can tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from communitybudget._core.cards import Card, CardResult, footer
from communitybudget._core.digits import supported
from communitybudget._core.results import result
from communitybudget.sensitivity.draws import FloatArray, as_named_options
from communitybudget.sensitivity.precision import paired_error

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

DOMINANCE_COLUMNS: tuple[str, ...] = (
    "option",
    "rival",
    "mean_difference",
    "mean_difference_error",
    "share_of_draws",
    "statewise",
    "first_order",
    "first_order_violation",
    "second_order",
    "second_order_violation",
    "largest_crossing",
    "band",
)
DOMINATES, NEARLY, NEITHER, THE_SAME = "dominates", "nearly dominates", "does not dominate", "is the same"

NEARLY_SHARE = 0.05
"""Violations up to this share of the area between two curves count as nearly dominating."""

CONFIDENCE = 0.95
_CURVE = np.linspace(0, 1, 201)
_ROUNDING = 1e-12


@result
@dataclass(frozen=True, eq=False, repr=False)
class Dominance(CardResult):
    """Which options are better than which, draw by draw and in distribution.

    Parameters
    ----------
    rows : tuple of tuple
        An ordered pair of options each; columns `DOMINANCE_COLUMNS`.
    options : tuple of str
        Names as printed.
    curves : ndarray, shape (201, option)
        Quantiles of the net benefit, GBP, at every half percent from 0 to 1.
    price_base : str
        Prices, real.
    draws : int
        Number of draws.
    seed : int or None
        Of the draws; None when it is not known.
    set_version : str
        Parameter set; empty when there is none.
    """

    rows: tuple[tuple[Any, ...], ...]
    options: tuple[str, ...]
    curves: FloatArray
    price_base: str
    draws: int
    seed: int | None
    set_version: str

    def to_frame(self) -> "pd.DataFrame":
        """Return a row for each ordered pair of options.

        Returns
        -------
        pandas.DataFrame
            ``option, rival``; ``mean_difference`` (GBP, option less rival) and its Monte Carlo error;
            ``share_of_draws`` in which the option is at least as good; ``statewise``, ``first_order`` and
            ``second_order`` in words; ``..._violation``, the share of the area between the curves that lies
            the wrong way; ``largest_crossing``, the most by which the option's curve lies above the rival's
            (a share of the draws), and ``band``, how large that may be by chance of drawing alone.
        """
        import pandas as pd

        return pd.DataFrame(list(self.rows), columns=list(DOMINANCE_COLUMNS))

    def curve_frame(self) -> "pd.DataFrame":
        """Return the distribution of each option: ``option, share, net_benefit``."""
        import pandas as pd

        columns = {"share": np.tile(_CURVE, len(self.options)), "net_benefit": self.curves.T.ravel()}
        return pd.DataFrame({"option": np.repeat(self.options, len(_CURVE)), **columns})

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the distribution curves of the options."""
        from communitybudget.charts import plot_dominance

        return plot_dominance(self.curve_frame(), ax, price_base=self.price_base)

    @property
    def _shown(self) -> list[tuple[str, str]]:
        shown = []
        for row in self.rows:
            f = dict(zip(DOMINANCE_COLUMNS, row, strict=True))
            if f["mean_difference"] >= 0:
                shown.append((f"{f['option']} against {f['rival']}", _in_words(f, self.draws)))
        return shown

    @property
    def _note(self) -> str:
        return (
            "First order: at least as likely to reach any amount. Second order: better for all who would "
            "rather not gamble. Draws can refute dominance but never prove it for the rarest outcomes."
        )

    def _card(self) -> Card:
        foot = footer(self.price_base, self.seed, self.draws, self.set_version)
        return Card("Does one option dominate", self._shown, foot, self._note)

    def __repr__(self) -> str:
        place = DOMINANCE_COLUMNS.index("first_order")
        found = [f"{row[0]} > {row[1]}" for row in self.rows if row[place] == DOMINATES]
        return (
            f"Dominance(first_order=[{', '.join(found)}], options={len(self.options)}, "
            f"price_base={self.price_base}, draws={self.draws}, seed={self.seed})"
        )


def dominance(
    net_benefit: npt.ArrayLike,
    options: Sequence[str] | None = None,
    *,
    price_base: str,
    seed: int | None = None,
    set_version: str = "",
    nearly: float = NEARLY_SHARE,
) -> Dominance:
    """Return which options dominate which: in every draw, and in distribution of first and second order.

    Parameters
    ----------
    net_benefit : array_like, shape (draw, option)
        Net benefit in real GBP, larger is better, at least two draws and two options.
    options : sequence of str, optional
        Names as printed, in the order of the columns.
    price_base : str
        Financial year of the prices.
    seed : int, optional
        Of the draws, for the footer.
    set_version : str, optional
        Parameter set, for the footer.
    nearly : float, default 0.05
        Up to which share of violation an option nearly dominates, below a half.

    Returns
    -------
    Dominance

    Raises
    ------
    ValueError
        If the array has another shape, there are fewer than two draws or options, a value is not finite, the
        names are not one for each option, or ``nearly`` is not from 0 to below 0.5.

    Notes
    -----
    With F for the share of draws at or below an amount, an option dominates a rival of first order where its
    F is nowhere above the rival's, and of second order where the area under its F, from below up to any
    amount, is nowhere larger. The violation is the part of the area between the two curves (or between the
    two areas) that lies the wrong way. Each F lies within sqrt(ln(4 / 0.05) / (2 draws)) of the truth, for
    two options at once with 95% confidence, so a crossing beyond twice that is not due to drawing.
    Sources: M. Leshno and H. Levy, "Preferred by 'all' and preferred by 'most' decision makers: almost
    stochastic dominance", Management Science 48 (2002); L. Y. Tzeng, R. J. Huang and P.-T. Shih, "Revisiting
    almost second-degree stochastic dominance", Management Science 59 (2013), for the second order; for the
    band P. Massart, "The tight constant in the Dvoretzky-Kiefer-Wolfowitz inequality", Annals of Probability
    18 (1990).

    Examples
    --------
    >>> found = dominance([[1, 0], [2, 2], [4, 3]], ["a", "b"], price_base="2026-27").to_frame()
    >>> found[["option", "rival", "statewise", "first_order"]].values.tolist()
    [['a', 'b', 'dominates', 'dominates'], ['b', 'a', 'does not dominate', 'does not dominate']]
    """
    names, benefit = as_named_options(net_benefit, options)
    if len(names) < 2:
        raise ValueError(
            "there is one option; give at least two, with a column of zeros for business as usual"
        )
    if not 0 <= nearly < 0.5:
        raise ValueError(f"nearly is {nearly:g}; give a share from 0 to below 0.5, such as 0.05")
    draws = len(benefit)
    band = float(2 * np.sqrt(np.log(4 / (1 - CONFIDENCE)) / (2 * draws)))
    rows: list[tuple[Any, ...]] = []
    for i, j in permutations(range(len(names)), 2):
        own, rival = benefit[:, i], benefit[:, j]
        widths, gaps = _gaps(own, rival)
        first = _wrong_way(widths, gaps)
        second = _areas_wrong_way(widths, gaps)
        rows.append(
            (
                names[i],
                names[j],
                float((own - rival).mean()),
                float(paired_error(own, rival)),
                float((own >= rival).mean()),
                _verdict(float((own < rival).any()), bool((own > rival).any()), 0.0),
                _verdict(first, bool(gaps.any()), nearly),
                first,
                _verdict(second, bool(gaps.any()), nearly),
                second,
                float(max(gaps.max(initial=0.0), 0.0)),
                band,
            )
        )
    curves = np.quantile(benefit, _CURVE, axis=0)
    return Dominance(tuple(rows), names, curves, price_base, draws, seed, set_version)


def _gaps(own: FloatArray, rival: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the steps between all amounts, and over each step how much higher the own curve lies."""
    amounts = np.unique(np.concatenate([own, rival]))
    below, other = (
        np.searchsorted(np.sort(values), amounts[:-1], side="right") / values.size for values in (own, rival)
    )
    return np.diff(amounts), below - other


def _wrong_way(widths: FloatArray, gaps: FloatArray) -> float:
    """Return the area where the own curve lies above, as a share of the whole area between the curves."""
    return _share(float(widths @ np.maximum(gaps, 0.0)), float(widths @ np.maximum(-gaps, 0.0)))


def _areas_wrong_way(widths: FloatArray, gaps: FloatArray) -> float:
    """Return the same for the areas under the two curves up to each amount, straight lines over each step."""
    steps = widths * gaps
    after = np.cumsum(steps)
    after[np.abs(after) <= _ROUNDING * np.cumsum(np.abs(steps))] = 0.0
    before = np.concatenate([[0.0], after])[:-1]
    above, below = (float(widths @ _mean_above_zero(sign * before, sign * after)) for sign in (1, -1))
    return _share(above, below)


def _mean_above_zero(start: FloatArray, end: FloatArray) -> FloatArray:
    """Return the mean over straight lines of what lies above zero."""
    high, low = np.maximum(start, 0.0), np.maximum(end, 0.0)
    slope = start - end
    part = np.divide(high - low, slope, out=(high > 0).astype(float), where=slope != 0)
    return np.asarray((high + low) / 2 * part)


def _share(wrong: float, right: float) -> float:
    return wrong / (wrong + right) if wrong > 0 else 0.0


def _verdict(violation: float, differs: bool, nearly: float) -> str:
    if violation == 0:
        return DOMINATES if differs else THE_SAME
    return NEARLY if violation <= nearly else NEITHER


def _in_words(pair: dict[str, Any], draws: int) -> str:
    """Return the verdict on a pair as a sentence."""
    ahead = supported(pair["mean_difference"], pair["mean_difference_error"])
    text = f"{ahead} better on average; "
    if pair["statewise"] == THE_SAME:
        return f"the same in each of the {draws:,} draws"
    if pair["statewise"] == DOMINATES:
        return f"{text}at least as good in each of the {draws:,} draws"
    orders = []
    for order in ("first", "second"):
        verdict, share = pair[f"{order}_order"], pair[f"{order}_order_violation"]
        against = f" ({share:.1%} of the area lies the other way)" if share > 0 else ""
        orders.append(f"{verdict} it in {order} order{against}")
        if verdict == DOMINATES:
            break
    text += ", ".join(orders)
    if 0 < pair["largest_crossing"] <= pair["band"]:
        text += "; the crossing is within Monte Carlo error"
    return text
