"""What an outcome contract comes to for the investor and for those who pay for the outcomes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from communitybudget._core.cards import Card, CardResult, footer
from communitybudget._core.digits import percent, supported, supported_chance
from communitybudget._core.precision import probability_error
from communitybudget._core.results import result
from communitybudget._core.vocabulary import agency_label
from communitybudget.agreement.outcome_contract import OutcomeContract
from communitybudget.agreement.pays_for_results import BoolArray
from communitybudget.agreement.pence import FloatArray, IntArray, to_pounds
from communitybudget.agreement.positions import Positions, Spread
from communitybudget.agreement.settlement import settle
from communitybudget.appraisal import irr

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

RETURN_COLUMNS: tuple[str, ...] = ("measure", "mean", "p10", "p90", "mc_error")


@result
@dataclass(frozen=True, eq=False)
class OutcomeReturns(CardResult):
    """What an outcome contract comes to, by draw.

    Parameters
    ----------
    investor : str
        Who puts the money in.
    payers : tuple of str
        Who pays for results.
    put_in : ndarray of int, shape (year, draw)
        By the investor, pence.
    returned : ndarray of int, shape (year, draw)
        To the investor, pence.
    paid : ndarray of int, shape (year, draw)
        By the payers for results, pence.
    investor_gain : ndarray, shape (draw,)
        Present value of what is returned less what is put in, GBP.
    payers_gain : ndarray, shape (draw,)
        Present value of what the payers gain less all that they pay, GBP.
    cap_binds : ndarray of bool, shape (draw,)
        Whether a cap leaves results unpaid at the end.
    price_base : str
        Of the amounts.
    seed : int or None
        Of the draws; None where they were given.
    set_version : str
        Name and version of the parameter set, empty where there is none.
    """

    investor: str
    payers: tuple[str, ...]
    put_in: IntArray
    returned: IntArray
    paid: IntArray
    investor_gain: FloatArray
    payers_gain: FloatArray
    cap_binds: BoolArray
    price_base: str
    seed: int | None = None
    set_version: str = ""

    @property
    def draws(self) -> int:
        """Number of draws."""
        return int(self.put_in.shape[1])

    @property
    def multiple(self) -> float:
        """What the investor has back for each pound it puts in, mean over mean; NaN if it puts in none."""
        put_in = self.put_in.sum(axis=0).mean()
        return float(self.returned.sum(axis=0).mean() / put_in) if put_in > 0 else float("nan")

    @property
    def multiples(self) -> FloatArray:
        """The same in each draw, shape (draw,)."""
        put_in = self.put_in.sum(axis=0)
        return np.where(put_in > 0, self.returned.sum(axis=0) / np.maximum(put_in, 1), np.nan)

    @property
    def rate_of_return(self) -> float:
        """Real internal rate a year of the investor's mean flows; NaN where there is not exactly one."""
        return float(irr(to_pounds(self.returned - self.put_in).mean(axis=1)))

    @property
    def rates_of_return(self) -> FloatArray:
        """The same in each draw, shape (draw,); NaN too where everything is lost."""
        return irr(to_pounds(self.returned - self.put_in).T)

    @property
    def probability_of_loss(self) -> float:
        """How likely the investor has back less than it puts in, undiscounted."""
        return float(self._loses.mean())

    @property
    def _loses(self) -> BoolArray:
        return np.asarray(self.returned.sum(axis=0) < self.put_in.sum(axis=0))

    @property
    def probability_cap_binds(self) -> float:
        """How likely a cap leaves results unpaid at the end."""
        return float(self.cap_binds.mean())

    def to_frame(self) -> "pd.DataFrame":
        """Return the measures in GBP, with interval and Monte Carlo error.

        Returns
        -------
        pandas.DataFrame
            Columns `RETURN_COLUMNS`; gains are present values, the others undiscounted.
        """
        import pandas as pd

        measures = {
            "put_in": to_pounds(self.put_in.sum(axis=0)),
            "returned": to_pounds(self.returned.sum(axis=0)),
            "investor_gain": self.investor_gain,
            "paid": to_pounds(self.paid.sum(axis=0)),
            "payers_gain": self.payers_gain,
        }
        rows = [(name, *Spread.of(values)) for name, values in measures.items()]
        return pd.DataFrame(rows, columns=list(RETURN_COLUMNS))

    def _card(self) -> Card:
        figures = {row["measure"]: row for row in self.to_frame().to_dict("records")}
        investor = agency_label(self.investor)

        def money(measure: str) -> str:
            row = figures[measure]
            mean, low, high = (supported(row[name], row["mc_error"]) for name in ("mean", "p10", "p90"))
            return f"{mean} ({low} to {high})"

        def likely(hits: BoolArray) -> str:
            return supported_chance(float(hits.mean()), float(probability_error(int(hits.sum()), self.draws)))

        rows = [
            (f"{investor} puts in", money("put_in")),
            (f"{investor} has back", money("returned")),
            ("For each pound", _pounds_for_a_pound(self.multiple)),
            ("Rate of return a year", _rate(self.rate_of_return)),
            (f"{investor} loses money", likely(self._loses)),
            ("Paid for results", money("paid")),
            ("A cap binds", likely(self.cap_binds)),
            (f"{', '.join(map(agency_label, self.payers))} gain on balance", money("payers_gain")),
        ]
        foot = footer(self.price_base, self.seed, self.draws, self.set_version)
        return Card("Outcome contract", rows, foot, "Means, P10 to P90; gains on balance are present values.")

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the spread of what the investor gains, and return the axes."""
        import pandas as pd

        from communitybudget.charts import plot_npv_distribution

        frame = pd.DataFrame({"npv": self.investor_gain})
        title = f"What {agency_label(self.investor)} gains: how sure is it"
        return plot_npv_distribution(frame, ax, price_base=self.price_base, title=title)

    def __repr__(self) -> str:
        return (
            f"OutcomeReturns({self.investor}, multiple={self.multiple:.2f}, "
            f"price_base={self.price_base}, draws={self.draws})"
        )


def outcome_returns(positions: Positions, contract: OutcomeContract) -> OutcomeReturns:
    """Return what an outcome contract comes to for its investor and its payers.

    Parameters
    ----------
    positions : Positions
        Where the partners stand without it, the investor among them.
    contract : OutcomeContract
        The terms.

    Returns
    -------
    OutcomeReturns

    Raises
    ------
    AgreementError
        With everything that makes the contract impossible for these partners.

    Examples
    --------
    >>> from communitybudget.agreement import PaidResult
    >>> ledger = Positions.of(
    ...     ["council", "charity"],
    ...     ["2026-27", "2027-28"],
    ...     [[[0.0], [0.0]], [[100.0], [0.0]]],
    ...     [[[0.0], [300.0]], [[0.0], [0.0]]],
    ... ).with_party("fund")
    >>> days = PaidResult(label="Days in care saved", unit="day", tariff=10.0, units=[[0.0], [20.0]])
    >>> bond = OutcomeContract(
    ...     provider="charity",
    ...     payers={"council": 1.0},
    ...     results=(days,),
    ...     cap=150.0,
    ...     investor="fund",
    ...     commitment=100.0,
    ... )
    >>> found = outcome_returns(ledger, bond)
    >>> found.multiple, round(found.rate_of_return, 3), found.probability_cap_binds
    (1.5, 0.5, 1.0)
    """
    settled = settle(positions, contract)
    money = contract.account(positions)
    put_in, returned, paid = (
        np.diff(flow, axis=0, prepend=0) for flow in (money.put_in, money.returned, money.paid)
    )
    payers = tuple(name for name, share in contract.payers.items() if share)
    gains = settled.present_values()
    return OutcomeReturns(
        investor=contract.investor,
        payers=payers,
        put_in=put_in,
        returned=returned,
        paid=paid,
        investor_gain=positions.present_value(returned - put_in) / 100.0,
        payers_gain=gains[[positions.agencies.index(name) for name in payers]].sum(axis=0),
        cap_binds=contract.cap_binds(positions),
        price_base=positions.price_base,
        seed=positions.seed,
        set_version=positions.set_version,
    )


def _pounds_for_a_pound(multiple: float) -> str:
    return "nothing put in" if np.isnan(multiple) else f"£{multiple:.2f}"


def _rate(rate: float) -> str:
    return "none" if np.isnan(rate) else percent(rate, 1)
