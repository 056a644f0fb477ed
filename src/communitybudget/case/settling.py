"""Appraise until the decision, or a stated precision, is settled."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.cards import Card, CardResult, footer
from communitybudget._core.digits import pounds
from communitybudget._core.results import result
from communitybudget._core.vocabulary import ALL_AGENCIES
from communitybudget.appraisal import discount_factors
from communitybudget.case.case import Case
from communitybudget.case.measures import net_flow, present_values
from communitybudget.case.model import Model, Progress, prepare
from communitybudget.case.streaming import AppraisalSummary, summarise
from communitybudget.sampling import Draws
from communitybudget.sensitivity import Moments
from communitybudget.sensitivity.stopping import Lead, errors_wide, lead_of, look_numbers

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
Settle = Literal["decision", "precision"]

BUSINESS_AS_USUAL = "Business as usual"
LOOK_COLUMNS: tuple[str, ...] = (
    "draws",
    "option",
    "mean",
    "mean_error",
    "behind",
    "behind_error",
    "loss_from_drawing",
)


@dataclass(frozen=True, slots=True)
class Precision:
    """How precise an answer has to be, at the stated confidence.

    Parameters
    ----------
    npv : float, optional
        Mean net present value of each option, give or take so many pounds.
    npv_share : float, optional
        The same, give or take a share of the mean: 0.05 for 5%.
    probability : float, optional
        Probability that the net present value is not negative, give or take a share: 0.01 for one
        percentage point. It holds at both levels of uncertainty.

    Raises
    ------
    ValueError
        If nothing is stated, or something is not positive.

    Examples
    --------
    >>> Precision(npv=5_000, probability=0.01)
    Precision(npv=5000, npv_share=None, probability=0.01)
    """

    npv: float | None = None
    npv_share: float | None = None
    probability: float | None = None

    def __post_init__(self) -> None:
        stated = {name: value for name in self.__slots__ if (value := getattr(self, name)) is not None}
        if not stated:
            raise ValueError("no precision is stated; give npv in GBP, npv_share or probability as shares")
        for name, value in stated.items():
            if not value > 0:
                raise ValueError(f"{name} is {value:g}; a precision has to be above 0")


@result
@dataclass(frozen=True, eq=False, repr=False)
class Settled(CardResult):
    """What was settled, after how many draws, and what is still open.

    Parameters
    ----------
    appraisal : AppraisalSummary
        The case over all draws of the last look.
    rows : tuple of tuple
        Each look, an option each; columns `LOOK_COLUMNS`.
    reasons : tuple of str
        What settled it, in words; empty if it is not settled.
    open_points : tuple of str
        What is still open, in words; empty if it is settled.
    """

    appraisal: AppraisalSummary
    rows: tuple[tuple[Any, ...], ...]
    reasons: tuple[str, ...]
    open_points: tuple[str, ...]

    @property
    def is_settled(self) -> bool:
        """Whether nothing that was asked is open."""
        return not self.open_points

    @property
    def draws(self) -> int:
        """Draws of the last look."""
        return self.appraisal.draws

    def to_frame(self) -> "pd.DataFrame":
        """Return what each look saw, an option each, from uncertain rates alone.

        Returns
        -------
        pandas.DataFrame
            ``draws, option`` (printable, business as usual first)``, mean`` of the net present value and
            ``mean_error``; ``behind`` the best mean and ``behind_error`` over common draws, GBP; and
            ``loss_from_drawing``, what deciding at this look would lose on average by Monte Carlo error
            alone, at the most.
        """
        import pandas as pd

        return pd.DataFrame(list(self.rows), columns=list(LOOK_COLUMNS))

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the mean of each option at each look with its error."""
        from communitybudget.charts import plot_looks

        return plot_looks(self.to_frame(), ax, price_base=self.appraisal.price_base)

    @property
    def _title(self) -> str:
        word = "Settled" if self.is_settled else "Not settled"
        return f"{word} after {self.draws:,} draws: {self.appraisal.title}"

    @property
    def _shown(self) -> list[tuple[str, str]]:
        last = [dict(zip(LOOK_COLUMNS, row, strict=True)) for row in self.rows if row[0] == self.draws]
        return [(f["option"], f"{pounds(f['mean'])} ± {pounds(f['mean_error'])}") for f in last]

    @property
    def _note(self) -> str:
        return " ".join(
            [
                *(self.open_points or self.reasons),
                "Means of the net present value ± one Monte Carlo error. More draws settle what drawing "
                "leaves open; they do not make the future surer.",
            ]
        )

    def _card(self) -> Card:
        a = self.appraisal
        foot = footer(a.price_base, a.seed, a.draws, a.set_version)
        return Card(self._title, self._shown, foot, self._note)

    def __repr__(self) -> str:
        a = self.appraisal
        return (
            f"Settled(is_settled={self.is_settled}, draws={self.draws}, price_base={a.price_base}, "
            f"seed={a.seed})"
        )


def appraise_until(
    case: Case,
    *,
    settle: Settle = "decision",
    precision: Precision | None = None,
    loss: float | None = None,
    confidence: float = 0.95,
    agency: str = ALL_AGENCIES,
    value: str = "fiscal",
    least: int = 1_000,
    most: int = 64_000,
    seed: int = 1,
    progress: Progress | None = None,
) -> Settled:
    """Appraise a case over ever more draws until the decision, or a stated precision, is settled.

    Parameters
    ----------
    case : Case
        What is appraised.
    settle : {'decision', 'precision'}
        ``decision``: until it is clear which of the options that can be chosen, business as usual among
        them, has the best mean net present value. ``precision``: until every option's figures are as precise
        as stated.
    precision : Precision, optional
        Needed to settle a precision; not used otherwise.
    loss : float, optional
        For a decision: also settled when deciding now loses less than this on average by Monte Carlo error
        alone, GBP.
    confidence : float
        With which a decision is right, or all figures lie within their precision.
    agency : str
        Whose net present value; ``all`` for all agencies.
    value : {'fiscal', 'public_value'}
        Which case.
    least, most : int
        Draws at the first and at the last look; each look has twice the draws of the one before.
    seed : int
        Any whole number from 0.
    progress : callable, optional
        Called with draws done and draws in all, which fall when the answer is settled early.

    Returns
    -------
    Settled
        Its ``appraisal`` is, to the last bit, ``summarise(case, draws=n, seed=seed)`` with the draws of the
        last look.

    Raises
    ------
    ValueError
        If a precision is wanted and not stated, or stated and not wanted; ``loss`` is not positive; the
        confidence is no share; or ``least`` and ``most`` leave no look.
    ParameterNotFound
        If there is no such agency.

    Notes
    -----
    Looks read the uncertain rates, effects and prices alone: chance leaves the mean as it is, and the error
    of a probability is taken at its largest, 0.5 / sqrt(draws), which holds with chance too. Repeated looks
    are paid for by Bonferroni over all looks that are planned, and over rivals or options. The loss is a
    mean over what the draws leave open, which looking again does not distort.

    Examples
    --------
    >>> from communitybudget.parameters import examples_folder
    >>> from communitybudget.case import load_case
    >>> case = load_case(examples_folder() / "hounslow" / "case.yaml")
    >>> appraise_until(case, loss=1e6, least=50, most=100).draws
    50
    """
    if (settle == "precision") != (precision is not None):
        raise ValueError(
            "settle='precision' needs a precision, such as Precision(npv=5_000)"
            if precision is None
            else f"a precision is stated and settle is '{settle}'; use settle='precision'"
        )
    if loss is not None and (settle != "decision" or not loss > 0):
        raise ValueError(f"loss is {loss:g} GBP with settle='{settle}'; give more than 0, for a decision")
    looks = look_numbers(least, most)
    model = prepare(case)
    labels = dict(zip((option.name for option in case.spec.options), model.option_labels, strict=True))
    chosen = case.spec.choices if settle == "decision" else tuple(labels)
    names = (BUSINESS_AS_USUAL, *(labels[option] for option in chosen))
    wide = errors_wide(confidence, len(looks) * (len(names) - 1), sides=1 if precision is None else 2)
    moments = Moments()
    rows: list[tuple[Any, ...]] = []
    reasons: tuple[str, ...] = ()
    open_points: tuple[str, ...] = ()
    for piece in model.pieces(most, seed, least):
        moments.add(_net_benefit(model, piece, chosen, agency, value))
        if progress is not None:
            progress(moments.count, 2 * most)
        if moments.count not in looks:
            continue
        lead = lead_of(moments.mean, moments.covariance, moments.count)
        rows += _look(names, moments, lead)
        if precision is None:
            reasons, open_points = _decided(names, lead, moments.count, wide, loss, confidence)
        else:
            flat = errors_wide(confidence, len(names) - 1)
            reasons, open_points = _precise(names, moments, precision, wide, flat)
        if not open_points:
            break
    draws = moments.count

    def summarised(done: int, _: int) -> None:
        if progress is not None:
            progress(draws + done, 2 * draws)

    return Settled(summarise(case, draws, seed, summarised), tuple(rows), reasons, open_points)


def _net_benefit(model: Model, draws: Draws, options: Sequence[str], agency: str, value: str) -> Array:
    """Return the net present value in each draw, of business as usual (nil) and of each of some options."""
    ledger = model.price(model.simulate(draws), draws)
    factors = discount_factors(len(ledger.years), schedule=model.schedule)
    flows = [net_flow(ledger, option, agency, value) for option in options]
    return np.array([np.zeros(draws.draws), *(present_values(flow, factors) for flow in flows)])


def _look(names: Sequence[str], moments: Moments, lead: Lead) -> list[tuple[Any, ...]]:
    """Return what a look sees; columns `LOOK_COLUMNS`."""
    errors = np.sqrt(np.diag(moments.covariance) / moments.count)
    columns = (moments.mean, errors, lead.lead, lead.error)
    return [
        (moments.count, name, *(float(column[j]) for column in columns), lead.loss)
        for j, name in enumerate(names)
    ]


def _decided(
    names: Sequence[str], lead: Lead, draws: int, wide: float, loss: float | None, confidence: float
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return why the decision is settled, or what of it is open."""
    best = names[lead.best]
    rivals = [j for j in range(len(names)) if j != lead.best]
    near = [j for j in rivals if lead.in_errors[j] < wide]
    if not near:
        j = min(rivals, key=lambda rival: lead.in_errors[rival])
        words = (
            f"{best} is best on average, ahead of {names[j]} by {pounds(lead.lead[j])} with a Monte Carlo "
            f"error of {pounds(lead.error[j])}: {confidence:.0%} sure over all looks and rivals."
        )
        return (words,), ()
    if loss is not None and lead.loss < loss:
        words = (
            f"Choosing {best} now loses at most {pounds(lead.loss)} on average by Monte Carlo error alone, "
            f"less than the {pounds(loss)} that was stated."
        )
        return (words,), ()
    points = []
    for j in near:
        words = (
            f"{best} leads {names[j]} by {pounds(lead.lead[j])} with a Monte Carlo error of "
            f"{pounds(lead.error[j])}, and {wide:.1f} errors are needed"
        )
        if lead.lead[j] > 0:
            words += f"; about {_rounded_up(draws * (wide / lead.in_errors[j]) ** 2)} draws would do"
        points.append(f"{words}.")
    points.append(f"Choosing {best} now loses at most {pounds(lead.loss)} on average by this alone.")
    return (), tuple(points)


def _precise(
    names: Sequence[str], moments: Moments, precision: Precision, wide: float, flat: float
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return which figures are as precise as stated, if all are, or which are not.

    ``wide`` errors make up for the looks; the error of a probability is known beforehand and needs ``flat``.
    """
    draws = moments.count
    found: list[tuple[str, float, float]] = []
    errors = np.sqrt(np.diag(moments.covariance) / draws)
    for name, mean, error in zip(names[1:], moments.mean[1:], errors[1:], strict=True):
        limits = [precision.npv] if precision.npv is not None else []
        limits += [precision.npv_share * abs(mean)] if precision.npv_share is not None else []
        for limit in limits:
            words = f"{name}: the mean is within {pounds(wide * error)}; {pounds(limit)} was stated"
            found.append((words, wide * error, limit))
    if precision.probability is not None:
        half = flat * 0.5 / np.sqrt(draws)
        words = (
            f"The probability of at least breaking even is within {100 * half:.1f} percentage points; "
            f"{100 * precision.probability:g} was stated"
        )
        found.append((words, half, precision.probability))
    missed = [(words, half / limit) for words, half, limit in found if half > limit]
    if missed:
        return (), tuple(f"{w}; about {_rounded_up(draws * times**2)} draws would do." for w, times in missed)
    return tuple(f"{words}." for words, _, _ in found), ()


def _rounded_up(draws: float) -> str:
    """Return a number of draws to two figures, rounded up."""
    unit = 10 ** max(0, int(np.floor(np.log10(draws))) - 1)
    return f"{int(np.ceil(draws / unit)) * unit:,}"
