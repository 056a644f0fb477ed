"""What information is worth, as a result."""

from dataclasses import dataclass

from communitybudget._core.cards import card
from communitybudget._core.results import JsonResult, result


@result
@dataclass(frozen=True, eq=False, repr=False)
class InformationValue(JsonResult):
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

    def summary(self) -> str:
        """Return the value in a sentence, and how it was found."""
        known = ", ".join(self.of) or "everything that is uncertain"
        return (
            f"Knowing {known} before choosing is worth £{self.value:,.0f} "
            f"(± £{self.standard_error:,.0f}), {self.share_of_evpi:.0%} of knowing everything.\n"
            f"{self._footer()}"
        )

    def __repr__(self) -> str:
        return (
            f"InformationValue({self.value:,.3g} GBP, standard_error={self.standard_error:,.2g}, "
            f"inputs={len(self.of)}, method={self.method}, draws={self.draws})"
        )

    def _repr_html_(self) -> str:
        rows = [
            ("Worth", f"£{self.value:,.0f} (± £{self.standard_error:,.0f})"),
            ("Share of perfect information", f"{self.share_of_evpi:.0%}"),
            ("Inputs known", ", ".join(self.of) or "all"),
        ]
        return card("What information is worth", rows, self._footer())

    def _footer(self) -> str:
        return f"GBP · {self.draws:,} draws · {self.options} options · {self.method.replace('_', ' ')}"
