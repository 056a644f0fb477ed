"""Where partners stand at a confidence before fixed payments, and in words why payments cannot be enough."""

from dataclasses import dataclass

import numpy as np

from communitybudget._core.chances import chance
from communitybudget._core.digits import as_stated, percent, pounds_and_pence
from communitybudget._core.vocabulary import agency_label
from communitybudget.agreement.fixed_payments import FixedPayments, least_payments
from communitybudget.agreement.pence import FloatArray


@dataclass(frozen=True, slots=True)
class Standing:
    """What each partner has to date at the end of each period, without fixed payments; pence.

    Parameters
    ----------
    agencies, by_end_of : tuple of str
        Partners, and the last year of each period.
    to_date : ndarray, shape (agency, period, draw)
        Present value.
    weights : ndarray, shape (period,)
        Sum of the discount factors of its years.
    limits : ndarray, shape (agency,)
        The most that each pays a year, in whole pence; infinite where there is no limit.
    """

    agencies: tuple[str, ...]
    by_end_of: tuple[str, ...]
    to_date: FloatArray
    weights: FloatArray
    limits: FloatArray

    def quantiles(self, confidence: float) -> FloatArray:
        """Return what each has or betters with the confidence, shape (agency, period).

        That is the draw with ``ceil(confidence * draws)`` draws at or above it.
        """
        draws = self.to_date.shape[-1]
        # 80% of 10 draws are 8, whatever a float makes of it
        needed = max(int(np.ceil(confidence * draws - 1e-9)), 1)
        return np.partition(self.to_date, draws - needed, axis=-1)[..., draws - needed]

    def payments(self, quantiles: FloatArray) -> FixedPayments | None:
        """Return the least fixed payments for quantiles, or none where none are enough."""
        return least_payments(quantiles, self.weights, self.limits)

    def best_confidence(self) -> float:
        """Return the highest confidence, as a share of the draws, that fixed payments can reach."""
        ranked = np.sort(self.to_date, axis=-1)
        draws = int(ranked.shape[-1])
        low, high = 0, draws
        while low < high:
            middle = (low + high + 1) // 2
            if self.payments(ranked[..., -middle]) is None:
                high = middle - 1
            else:
                low = middle
        return low / draws

    def why_not(self, confidence: float) -> str:
        """Return in words who falls short and by how much, what could be reached, and what to do."""
        quantiles = self.quantiles(confidence)
        payable = self.limits[:, np.newaxis] * self.weights.cumsum()
        spare = np.minimum(np.maximum(quantiles, 0.0), payable)
        short = np.maximum(-quantiles, 0.0)
        end = int((spare - short).sum(axis=0).argmin())
        limited = np.flatnonzero(payable[:, end] < quantiles[:, end])
        missing = (short - spare)[:, end].sum()
        labels = [agency_label(agency) for agency in self.agencies]
        who = [f"{labels[a]} falls {_pounds(short[a, end])} short" for a in np.flatnonzero(short[:, end])]
        within = " within their limits" if limited.size else ""
        enough = f"{_pounds(missing)} too little" if missing > 0 else "which comes too late"
        others = f"{_pounds(spare[:, end].sum())} to spare{within}, {enough}"
        best = self.best_confidence()
        reached = f"{_rounded_down(best)} can be reached" if best else "no probability can be reached"
        pays = float((self.to_date[:, end].sum(axis=0) >= 0).mean())
        raised = [f"raise what {labels[a]} may pay, {_pounds(self.limits[a])} a year" for a in limited]
        return (
            "no fixed payments leave every partner no worse off by the end of "
            f"{self.by_end_of[end]} with a probability of {as_stated(confidence)}: {', '.join(who)}, and the "
            f"others have {others if spare[:, end].any() else 'nothing to spare'}; what each is so sure of "
            f"sums to {_pounds(quantiles[:, end].sum())}; {reached}, and no agreement leaves all together no "
            f"worse off more often than the programme as a whole pays, {chance(pays)}; "
            f"{', '.join(['lower the confidence', *raised])}, or take another base"
        )


def _pounds(pence: float) -> str:
    return pounds_and_pence(float(pence) / 100.0)


def _rounded_down(share: float) -> str:
    return percent(float(np.floor(1000 * share + 1e-9)) / 1000, 1)
