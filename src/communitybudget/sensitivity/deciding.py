"""What is known of a decision between options: how good each is, how sure, and what a wrong choice costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from communitybudget._core.cards import Card, CardResult, footer
from communitybudget._core.digits import supported, supported_chance
from communitybudget._core.prudent import PRUDENT_WORDS, WORST_TAIL, worst_tail_error, worst_tail_mean
from communitybudget._core.results import result
from communitybudget.sensitivity.draws import FloatArray, as_named_options, within_rounding_of_largest
from communitybudget.sensitivity.precision import (
    monte_carlo_error,
    paired_error,
    probability_error,
    quantile_error,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

QUANTILES: tuple[int, ...] = (10, 20, 50, 80, 90)
DECISION_COLUMNS: tuple[str, ...] = (
    "option",
    "mean",
    "mean_error",
    "behind",
    "behind_error",
    "probability_best",
    "probability_best_error",
    "mean_rank",
    "expected_loss",
    "expected_loss_error",
    *(f"p{q}{of}" for q in QUANTILES for of in ("", "_error")),
    "worst_tenth",
    "worst_tenth_error",
    "probability_of_loss",
    "probability_of_loss_error",
    "largest_regret",
    "p95_regret",
    "p95_regret_error",
)

RULES: dict[str, tuple[str, bool]] = {
    "Best on average": ("mean", True),
    "Most often the best": ("probability_best", True),
    f"Best prudent figure (P20, {PRUDENT_WORDS})": ("p20", True),
    "Best in its worst tenth": ("worst_tenth", True),
    "Least likely to lose money": ("probability_of_loss", False),
    "Smallest largest regret": ("largest_regret", False),
    "Smallest P95 of regret": ("p95_regret", False),
}
"""Rules of choice in words: the column they look at, and whether more of it is better.

The least expected loss is no rule of its own: it always picks the best on average.
"""


@result
@dataclass(frozen=True, eq=False, repr=False)
class DecisionTable(CardResult):
    """How the options of a decision compare over the draws.

    Parameters
    ----------
    rows : tuple of tuple
        An option each, in the order given; columns `DECISION_COLUMNS`.
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
    price_base: str
    draws: int
    seed: int | None
    set_version: str

    def to_frame(self) -> "pd.DataFrame":
        """Return a row for each option, in the order given.

        Returns
        -------
        pandas.DataFrame
            Real GBP unless said otherwise; a column ``..._error`` is the Monte Carlo standard error of the
            one before it. ``option``; ``mean``; ``behind`` (the best mean less this one, over common draws);
            ``probability_best`` (share of the draws; options that tie share the draw); ``mean_rank`` (1 is
            best, ties take the mean of their ranks); ``expected_loss``; ``p10, p20, p50, p80, p90`` (``p20``
            is 80% likely to be at least reached); ``worst_tenth`` (mean of the worst tenth of the draws);
            ``probability_of_loss`` (net benefit below zero); ``largest_regret`` (it grows with the draws and
            has no error) and ``p95_regret``.
        """
        import pandas as pd

        return pd.DataFrame(list(self.rows), columns=list(DECISION_COLUMNS))

    @property
    def options(self) -> tuple[str, ...]:
        """Names in the order given."""
        return tuple(row[0] for row in self.rows)

    def _column(self, name: str) -> list[Any]:
        place = DECISION_COLUMNS.index(name)
        return [row[place] for row in self.rows]

    @property
    def best(self) -> str:
        """The option with the best mean; of those that tie within rounding, the first in the order given."""
        return self._picked("Best on average")[0]

    @property
    def evpi(self) -> float:
        """Expected value of perfect information, GBP: the expected loss of the best option."""
        return float(self._column("expected_loss")[self.options.index(self.best)])

    def _picked(self, rule: str) -> list[str]:
        """Return the options that tie for best under a rule, in the order given."""
        column, more_is_better = RULES[rule]
        figures = np.array(self._column(column)) * (1 if more_is_better else -1)
        return [self.options[place] for place in within_rounding_of_largest(figures)]

    def by_rule(self) -> "pd.DataFrame":
        """Return which option each rule of choice picks.

        Of options that tie within rounding it is the best on average, or else the first in the order given.

        Returns
        -------
        pandas.DataFrame
            ``rule`` (in words)``, option, figure``: the figure that the rule looks at, of that option.
        """
        import pandas as pd

        picked = []
        for rule, (column, _) in RULES.items():
            tied = self._picked(rule)
            option = self.best if self.best in tied else tied[0]
            picked.append((rule, option, self._column(column)[self.options.index(option)]))
        return pd.DataFrame(picked, columns=["rule", "option", "figure"])

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw how often each option is the best, with the expected loss of choosing it."""
        from communitybudget.charts import plot_decision

        return plot_decision(self.to_frame(), ax, price_base=self.price_base)

    @property
    def _shown(self) -> list[tuple[str, str]]:
        shown = []
        for row in self.rows:
            f = dict(zip(DECISION_COLUMNS, row, strict=True))
            text = (
                f"mean {supported(f['mean'], f['mean_error'])}; "
                f"{supported(f['p20'], f['p20_error'])} {PRUDENT_WORDS}; best in "
                f"{supported_chance(f['probability_best'], f['probability_best_error'])} of draws; "
                f"expected loss {supported(f['expected_loss'], f['expected_loss_error'])}"
            )
            shown.append((f["option"], text))
        return shown

    @property
    def _note(self) -> str:
        error = self._column("expected_loss_error")[self.options.index(self.best)]
        others = self.by_rule().query("option != @self.best")["rule"]
        text = (
            f"{self.best} is best on average. Choosing it loses {supported(self.evpi, error)} on average "
            "against knowing beforehand which option will be best."
        )
        if others.empty:
            return f"{text} Every other rule of choice picks it too."
        return f"{text} Other rules of choice pick another: {'; '.join(r.lower() for r in others)}."

    def _card(self) -> Card:
        foot = footer(self.price_base, self.seed, self.draws, self.set_version)
        return Card("Which option", self._shown, foot, self._note)

    def __repr__(self) -> str:
        return (
            f"DecisionTable(best={self.best!r}, evpi={self.evpi:,.0f} GBP real, options={len(self.rows)}, "
            f"price_base={self.price_base}, draws={self.draws}, seed={self.seed})"
        )


def decision_table(
    net_benefit: npt.ArrayLike,
    options: Sequence[str] | None = None,
    *,
    price_base: str,
    seed: int | None = None,
    set_version: str = "",
) -> DecisionTable:
    """Return how the options of a decision compare over the draws.

    Parameters
    ----------
    net_benefit : array_like, shape (draw, option)
        Net benefit in real GBP, larger is better, at least two draws. The options share their draws; a
        column of zeros stands for business as usual.
    options : sequence of str, optional
        Names as printed, in the order of the columns.
    price_base : str
        Financial year of the prices.
    seed : int, optional
        Of the draws, for the footer.
    set_version : str, optional
        Parameter set, for the footer.

    Returns
    -------
    DecisionTable

    Raises
    ------
    ValueError
        If the array has another shape, fewer than two draws or a value that is not finite, or the names are
        not one for each option.

    Notes
    -----
    The regret of an option in a draw is the best net benefit of that draw less its own; its mean is the
    expected loss, and the least expected loss is the expected value of perfect information. Sources:
    H. Raiffa and R. Schlaifer, Applied Statistical Decision Theory (1961), for expected opportunity loss;
    L. J. Savage, "The theory of statistical decision", JASA 46 (1951), for regret.

    Examples
    --------
    >>> table = decision_table([[0, 10], [0, -6]], ["as now", "support"], price_base="2026-27")
    >>> table.best, table.evpi
    ('support', 3.0)
    >>> table.to_frame()[["option", "mean", "expected_loss", "largest_regret"]].values.tolist()
    [['as now', 0.0, 5.0, 10.0], ['support', 2.0, 3.0, 6.0]]
    """
    names, benefit = as_named_options(net_benefit, options)
    regret = regret_of(benefit)
    mean = benefit.mean(axis=0)
    best = within_rounding_of_largest(mean)[0]
    shares = _best_shares(benefit)
    ranks = _mean_ranks(benefit)
    draws = len(benefit)
    rows: list[tuple[Any, ...]] = []
    for j, name in enumerate(names):
        own, lost, below = benefit[:, j], regret[:, j], int((benefit[:, j] < 0).sum())
        quantiles = np.quantile(own, [q / 100 for q in QUANTILES])
        figures = (
            mean[j],
            monte_carlo_error(own),
            mean[best] - mean[j],
            paired_error(benefit[:, best], own),
            shares[:, j].mean(),
            _share_error(shares[:, j]),
            ranks[j],
            lost.mean(),
            monte_carlo_error(lost),
            *(
                f
                for q, v in zip(QUANTILES, quantiles, strict=True)
                for f in (v, quantile_error(own, q / 100))
            ),
            worst_tail_mean(own, WORST_TAIL),
            worst_tail_error(own, WORST_TAIL),
            below / draws,
            probability_error(below, draws),
            lost.max(),
            np.quantile(lost, 0.95),
            quantile_error(lost, 0.95),
        )
        rows.append((name, *(float(figure) for figure in figures)))
    return DecisionTable(tuple(rows), price_base, draws, seed, set_version)


def regret_of(net_benefit: FloatArray) -> FloatArray:
    """Return what each option falls short of the best one, row by row, shape (draw, option).

    Examples
    --------
    >>> regret_of(np.array([[0.0, 10.0]]))
    array([[10.,  0.]])
    """
    return np.asarray(net_benefit.max(axis=1, keepdims=True) - net_benefit)


def probability_of_loss_beyond(
    net_benefit: npt.ArrayLike, amounts: npt.ArrayLike, options: Sequence[str] | None = None
) -> "pd.DataFrame":
    """Return the probability that each option loses more than an amount.

    Parameters
    ----------
    net_benefit : array_like, shape (draw, option)
        Net benefit in real GBP, larger is better, at least two draws.
    amounts : array_like, shape (amount,)
        Losses in GBP, 0 or more; 0 asks for any loss at all.
    options : sequence of str, optional
        Names as printed, in the order of the columns.

    Returns
    -------
    pandas.DataFrame
        ``option, amount, probability, standard_error``: the probability that the net benefit is below minus
        the amount, and its Monte Carlo error.

    Raises
    ------
    ValueError
        As `decision_table`, or if an amount is negative or not finite.

    Examples
    --------
    >>> curve = probability_of_loss_beyond([[-5], [-1], [2], [4]], [0, 2])
    >>> curve[["amount", "probability"]].values.tolist()
    [[0.0, 0.5], [2.0, 0.25]]
    """
    import pandas as pd

    names, benefit = as_named_options(net_benefit, options)
    losses = np.atleast_1d(np.asarray(amounts, dtype=np.float64))
    if losses.ndim != 1 or not (np.isfinite(losses).all() and (losses >= 0).all()):
        raise ValueError(
            "amounts must be losses in GBP, 0 or more, in one row; write a loss of £5,000 as 5000"
        )
    draws = len(benefit)
    ordered = np.sort(benefit, axis=0)
    frames = []
    for j, name in enumerate(names):
        hits = np.searchsorted(ordered[:, j], -losses, side="left")
        columns = {"amount": losses, "probability": hits / draws}
        frames.append(
            pd.DataFrame({"option": name, **columns, "standard_error": probability_error(hits, draws)})
        )
    return pd.concat(frames, ignore_index=True)


def _best_shares(benefit: FloatArray) -> FloatArray:
    """Return which option is best in each draw; those that tie share it, shape (draw, option)."""
    top = benefit == benefit.max(axis=1, keepdims=True)
    return np.asarray(top / top.sum(axis=1, keepdims=True))


def _share_error(share: FloatArray) -> float:
    """Return the Monte Carlo error of a mean share; nil or one throughout: by the rule of three."""
    if share.min() == share.max() and share[0] in (0.0, 1.0):
        return float(probability_error(share.sum(), share.size))
    return float(monte_carlo_error(share))


def _mean_ranks(benefit: FloatArray) -> FloatArray:
    """Return the mean rank of each option, 1 for the best; ties take the mean of their ranks."""
    ranks = np.empty(benefit.shape[1])
    for j, own in enumerate(benefit.T):
        better = (benefit > own[:, None]).sum(axis=1)
        level = (benefit == own[:, None]).sum(axis=1)
        ranks[j] = (better + (level + 1) / 2).mean()
    return ranks
