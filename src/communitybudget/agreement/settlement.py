"""The settlement: who pays what into the pool and who has what back, to the penny, by year and draw."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from communitybudget._core.cards import Card, CardResult, footer
from communitybudget._core.digits import counted, supported, supported_chance
from communitybudget._core.errors import AgreementError, raise_together
from communitybudget._core.numbers import above, as_given, whole
from communitybudget._core.precision import probability_error
from communitybudget._core.results import result
from communitybudget._core.vocabulary import agency_label
from communitybudget.agreement.cautions import partner_warnings, programme_warnings
from communitybudget.agreement.pence import FloatArray, IntArray, round_together, to_pounds
from communitybudget.agreement.positions import SHARED, SHARED_IN_WORDS, Positions, Shared, Spread
from communitybudget.agreement.rules import Rule, Split
from communitybudget.appraisal import payback_year

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

PARTNER_COLUMNS: tuple[str, ...] = (
    "agency",
    "spending",
    "contribution",
    "share_received",
    "share_paid",
    "before",
    "before_p10",
    "before_p90",
    "before_mc_error",
    "after",
    "after_p10",
    "after_p90",
    "mc_error",
    "probability_no_worse_off",
    "probability_mc_error",
    "break_even_before",
    "break_even_after",
    "break_even_after_p10",
)
YEAR_COLUMNS: tuple[str, ...] = (
    "agency",
    "year",
    "spent",
    "contributed",
    "paid_in",
    "paid_out",
    "before",
    "after",
    "after_p10",
    "after_p90",
    "after_to_date",
)
FUND_COLUMNS: tuple[str, ...] = (
    "year",
    "opening",
    "contributions",
    "gains_paid_in",
    "programme",
    "gains_paid_out",
    "closing",
    "difference",
)


@result
@dataclass(frozen=True, eq=False, repr=False)
class Settlement(CardResult):
    """What an agreement comes to in every draw and year, in whole pence.

    The pool pays for the programme. Partners pay contributions in; who gains more than its share pays the
    difference in, who gains less receives it. In every draw and year what comes in less what goes out is the
    change of the balance held, and the balance at the end is nil.

    Parameters
    ----------
    rule : str
        In words.
    terms : tuple of str
        Of the rule, as a term sheet prints them.
    shared : {'fiscal', 'cashable'}
        Which gains are shared.
    positions : Positions
        Before the agreement.
    contributed : ndarray of int, shape (agency, year, draw)
        Paid in for the programme.
    receipts : ndarray of int, shape (agency, year, draw)
        What each has of the shared gains, its own among them.
    held : ndarray of int, shape (year, draw)
        Balance of the pool at the end of each year.
    """

    rule: str
    terms: tuple[str, ...]
    shared: Shared
    positions: Positions
    contributed: IntArray
    receipts: IntArray
    held: IntArray

    @property
    def agencies(self) -> tuple[str, ...]:
        """The partners."""
        return self.positions.agencies

    @property
    def years(self) -> tuple[str, ...]:
        """Financial years."""
        return self.positions.years

    @property
    def draws(self) -> int:
        """Number of draws."""
        return self.positions.draws

    @cached_property
    def _received(self) -> IntArray:
        return self.receipts - self.positions.shared(self.shared)

    @property
    def paid_in(self) -> IntArray:
        """Gains paid in by those who have more than their share, pence, shape (agency, year, draw)."""
        return np.maximum(-self._received, 0)

    @property
    def paid_out(self) -> IntArray:
        """Gains paid out to those who have less than their share, pence, shape (agency, year, draw)."""
        return np.maximum(self._received, 0)

    @cached_property
    def transfers(self) -> IntArray:
        """What each receives from the others on balance, pence, shape (agency, year, draw)."""
        return self._received + self.positions.spending - self.contributed

    def before(self, measure: Shared = "fiscal") -> IntArray:
        """Return gains less spending without the agreement, pence, shape (agency, year, draw)."""
        return self.positions.shared(measure) - self.positions.spending

    def after(self, measure: Shared = "fiscal") -> IntArray:
        """Return gains less spending with the agreement, pence, shape (agency, year, draw)."""
        return self.before(measure) + self.transfers

    def present_values(self, measure: Shared = "fiscal", *, agreed: bool = True) -> FloatArray:
        """Return present values of what each comes to, GBP, shape (agency, draw)."""
        flows = self.after(measure) if agreed else self.before(measure)
        return self.positions.present_value(flows) / 100.0

    def no_worse_off(self, measure: Shared = "fiscal") -> FloatArray:
        """Return how likely each partner is to come out no worse than without the programme.

        A penny a year is rounding, and makes nobody worse off.
        """
        shares: FloatArray = self._made_whole(measure).mean(axis=1)
        return shares

    def nobody_worse_off(self, measure: Shared = "fiscal") -> float:
        """Return how likely all partners together are to come out no worse than without the programme."""
        return float(self._made_whole(measure).all(axis=0).mean())

    def _made_whole(self, measure: Shared) -> npt.NDArray[np.bool_]:
        return self.present_values(measure) >= -self.rounding

    @property
    def rounding(self) -> float:
        """What rounding to pence may take from a partner over the years, GBP."""
        return 0.01 * len(self.years)

    def warnings(self, confidence: float = 0.8) -> tuple[str, ...]:
        """Return in words what a partner's finance officer should know before signing.

        The programme as a whole does not pay; a partner is worse off on average, does not have its money back
        within the agreement, is less likely than stated to come out no worse, pays in cash for gains that
        cannot leave a budget, or has no part in the agreement at all.

        Parameters
        ----------
        confidence : float, default 0.8
            How likely each partner is to be no worse off.

        Raises
        ------
        AgreementError
            If the confidence is no share.
        """
        if not (above(confidence, 0) and confidence < 1):
            raise AgreementError(
                f"the confidence is {as_given(confidence)}; give a share between 0 and 1, such as 0.8"
            )
        fiscal, cash = (Spread.of(self.present_values(measure).sum(axis=0)) for measure in SHARED)
        about_partners = partner_warnings(
            self.to_frame("fiscal"), self.to_frame("cashable"), confidence, self.years[-1], self.rounding
        )
        return (*programme_warnings(fiscal, cash), *about_partners)

    @property
    def _fund_lines(self) -> list[IntArray]:
        """Opening balance, contributions, gains paid in, programme, gains paid out; pence, (year, draw)."""
        opening = np.concatenate([np.zeros_like(self.held[:1]), self.held[:-1]])
        flows = (self.contributed, self.paid_in, self.positions.spending, self.paid_out)
        return [opening, *(flow.sum(axis=0) for flow in flows)]

    @property
    def fund_difference(self) -> IntArray:
        """Opening plus what comes in less what goes out less closing: nil; pence, shape (year, draw)."""
        opening, contributions, paid_in, programme, paid_out = self._fund_lines
        return opening + contributions + paid_in - programme - paid_out - self.held

    def fund(self, draw: int | None = None) -> "pd.DataFrame":
        """Return the statement of the pooled fund by year.

        Parameters
        ----------
        draw : int, optional
            Of one draw, to the penny; means over the draws unless given.

        Returns
        -------
        pandas.DataFrame
            ``year, opening, contributions, gains_paid_in, programme, gains_paid_out, closing, difference``;
            GBP. The difference is opening plus what comes in less what goes out less closing: nil.

        Raises
        ------
        AgreementError
            If there is no such draw.
        """
        import pandas as pd

        if draw is not None and not (whole(draw, 0) and draw < self.draws):
            raise AgreementError(f"there is no draw {as_given(draw)}; give one from 0 to {self.draws - 1}")
        opening, contributions, paid_in, programme, paid_out = self._fund_lines
        columns = (opening, contributions, paid_in, programme, paid_out, self.held, self.fund_difference)
        chosen = [to_pounds(c).mean(axis=1) if draw is None else to_pounds(c[:, draw]) for c in columns]
        return pd.DataFrame(dict(zip(FUND_COLUMNS, (self.years, *chosen), strict=True)))

    def by_year(self, measure: Shared = "fiscal") -> "pd.DataFrame":
        """Return what each partner pays and has by year, undiscounted means and the interval of what is left.

        Parameters
        ----------
        measure : {'fiscal', 'cashable'}
            Whether all fiscal costs avoided count to a partner, or cash alone.

        Returns
        -------
        pandas.DataFrame
            Columns `YEAR_COLUMNS`; GBP.
        """
        import pandas as pd

        before, after = self.before(measure), self.after(measure)
        paid_in, paid_out = self.paid_in, self.paid_out
        rows = []
        for a, agency in enumerate(self.agencies):
            low, high = to_pounds(np.quantile(after[a], [0.1, 0.9], axis=1))
            flows = (self.positions.spending, self.contributed, paid_in, paid_out, before, after)
            means = [to_pounds(flow[a]).mean(axis=1) for flow in flows]
            to_date = means[-1].cumsum()
            rows += [
                (agency, year, *(m[y] for m in means), low[y], high[y], to_date[y])
                for y, year in enumerate(self.years)
            ]
        return pd.DataFrame(rows, columns=list(YEAR_COLUMNS))

    def to_frame(self, measure: Shared = "fiscal") -> "pd.DataFrame":
        """Return each partner before and after, present values over the agreement.

        Parameters
        ----------
        measure : {'fiscal', 'cashable'}
            Whether all fiscal costs avoided count to a partner, or cash alone.

        Returns
        -------
        pandas.DataFrame
            Columns `PARTNER_COLUMNS`; GBP. ``before`` and ``after`` are gains less spending, without the
            agreement and with it; ``mc_error`` is of ``after``, ``probability_mc_error`` of the probability.
            Break-even years are of the mean and of the tenth percentile of undiscounted money to date: the
            first year from which it is never below nil again, the first year of all for a partner that is
            never out of pocket, and empty where there is none.
        """
        import pandas as pd

        value = self.positions.present_value
        before, after = (self.present_values(measure, agreed=agreed) for agreed in (False, True))
        flows = [self.positions.spending, self.contributed, self.paid_out, self.paid_in]
        amounts = [value(flow).mean(axis=1) / 100.0 for flow in flows]
        likely = self.no_worse_off(measure)
        errors = probability_error(np.rint(likely * self.draws), self.draws)
        rows = [
            (
                agency,
                *(amount[a] for amount in amounts),
                *Spread.of(before[a]),
                *Spread.of(after[a]),
                likely[a],
                errors[a],
                *self._break_even(a, measure),
            )
            for a, agency in enumerate(self.agencies)
        ]
        return pd.DataFrame(rows, columns=list(PARTNER_COLUMNS))

    def _break_even(self, agency: int, measure: Shared) -> tuple[str, str, str]:
        to_date = [flow[agency].cumsum(axis=0) for flow in (self.before(measure), self.after(measure))]
        curves = (to_date[0].mean(axis=1), to_date[1].mean(axis=1), np.quantile(to_date[1], 0.1, axis=1))
        years = (float(payback_year(np.diff(curve, prepend=0.0))) for curve in curves)
        before, after, low = ("" if np.isnan(year) else self.years[int(year)] for year in years)
        return before, after, low

    def partner_rows(self) -> list[tuple[str, str]]:
        """Return each partner before and after in words, and how likely nobody is worse off."""
        fiscal, cashable = (self.to_frame(measure).to_dict("records") for measure in SHARED)
        cash_is_known = bool(self.positions.cash.any())
        likely = self.nobody_worse_off()
        error = float(probability_error(round(likely * self.draws), self.draws))
        return [
            *(
                (agency_label(row["agency"]), _in_words(row, cash_row if cash_is_known else None))
                for row, cash_row in zip(fiscal, cashable, strict=True)
            ),
            ("Nobody worse off", supported_chance(likely, error)),
        ]

    def _card(self) -> Card:
        note = (
            f"What is shared: {SHARED_IN_WORDS[self.shared]}. Present values of fiscal costs avoided less "
            "spending, mean and P10 to P90; in cash, only what can leave a budget counts. The pool nets to "
            "nil to the penny in every draw and year."
        )
        held = self.positions
        foot = footer(held.price_base, held.seed, self.draws, held.set_version)
        return Card(self.rule, self.partner_rows(), foot, note)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw each partner before and after, and return the axes."""
        from communitybudget.charts import plot_before_and_after

        frame = self.to_frame()
        frame["agency"] = [agency_label(agency) for agency in frame["agency"]]
        return plot_before_and_after(frame, ax, price_base=self.positions.price_base, title=self.rule)

    def __repr__(self) -> str:
        return (
            f"Settlement({self.rule}, {counted(len(self.agencies), 'partner')}, "
            f"{counted(len(self.years), 'year')}, price_base={self.positions.price_base}, "
            f"draws={self.draws}, seed={self.positions.seed})"
        )


def settle(positions: Positions, rule: Rule) -> Settlement:
    """Settle an agreement under a rule: whole pence that net to nil in every draw and year.

    Parameters
    ----------
    positions : Positions
        Where the partners stand without it.
    rule : Rule
        How they fund the programme and share what it gains.

    Returns
    -------
    Settlement

    Raises
    ------
    AgreementError
        With everything that makes the rule impossible for these partners.

    Notes
    -----
    A rule gives each partner's contributions and receipts in all up to the end of each year. They are
    rounded by largest remainder, so that they sum to what there is; a year's payment is the change of
    the rounded totals. So a fall of what is owed to a partner is paid back.

    Examples
    --------
    >>> from communitybudget.agreement import Positions, ProRataToCost
    >>> two = Positions.of(["council", "police"], ["2026-27"], [[[60.0]], [[20.0]]], [[[10.0]], [[90.0]]])
    >>> settled = settle(two, ProRataToCost())
    >>> settled.transfers[:, 0, 0], settled.fund(draw=0)["difference"].tolist()
    (array([ 6500, -6500]), [0.0])
    """
    refuse_impossible(positions, rule)
    return settlement_of(positions, rule, rule.split(positions))


def refuse_impossible(positions: Positions, rule: Rule) -> None:
    """Raise an AgreementError with everything that makes a rule impossible for these partners."""
    if not isinstance(rule, Rule):
        raise AgreementError(f"{rule!r} is no rule; give one with its terms, such as ProRataToCost()")
    raise_together(rule.faults(positions), AgreementError)


def settlement_of(positions: Positions, rule: Rule, split: Split) -> Settlement:
    """Return the settlement of what a rule comes to, rounded together to whole pence."""
    nothing = np.zeros((len(positions.years), positions.draws), dtype=np.int64)
    from_fund = nothing if split.from_fund is None else split.from_fund
    held = nothing if split.held is None else split.held
    cost = positions.spent_so_far.sum(axis=0)
    gained = positions.gained_so_far(rule.shared).sum(axis=0)
    contributed = round_together(split.contributions, cost - from_fund)
    receipts = round_together(split.receipts, gained - from_fund - held)
    return Settlement(
        rule=rule.label,
        terms=rule.terms(),
        shared=rule.shared,
        positions=positions,
        contributed=_by_year(contributed),
        receipts=_by_year(receipts),
        held=held,
    )


def _by_year(so_far: IntArray) -> IntArray:
    return np.diff(so_far, axis=1, prepend=0)


def _in_words(row: dict[Any, Any], cash_row: dict[Any, Any] | None) -> str:
    before = supported(row["before"], row["before_mc_error"])
    after, low, high = (supported(row[name], row["mc_error"]) for name in ("after", "after_p10", "after_p90"))
    cash = f"in cash {supported(cash_row['after'], cash_row['mc_error'])} after; " if cash_row else ""
    likely = supported_chance(row["probability_no_worse_off"], row["probability_mc_error"])
    return f"{before} before, {after} after ({low} to {high}); {cash}no worse off: {likely}"
