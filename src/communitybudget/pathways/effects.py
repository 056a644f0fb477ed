"""Effects of an intervention: which moves change, by how much, when, and for whom it was measured."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.errors import EffectError, Fault, TransitionError, did_you_mean
from communitybudget.parameters import Parameter
from communitybudget.pathways.declaration import Declaration, Move, parse_move

MEASURES: tuple[str, ...] = ("hazard_ratio", "relative_risk", "odds_ratio")
STATISTICS: tuple[str, ...] = ("prevalence", "cumulative")
ESTIMANDS: tuple[str, ...] = ("offered", "engaged")
DESIGNS: tuple[str, ...] = ("randomised", "matched_comparison", "before_after", "assumed")

Amount = float | NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect as a study states it.

    Parameters
    ----------
    key, label : str
        Row of the effects table.
    pathway : str
        The pathway it acts on.
    moves : tuple of moves
        The moves whose rates it changes.
    measure : str
        ``hazard_ratio`` on those moves, ``monthly_rate`` in place of theirs, or ``relative_risk`` or
        ``odds_ratio`` of an outcome.
    outcome : str
        Outcome of the pathway that was measured; empty where none has to be.
    statistic : str
        ``prevalence`` (share in the state, mean of the month-ends of the window) or ``cumulative``
        (share who ever made a counted move by the end of the window).
    window : tuple of int
        Months since joining.
    estimand : str
        ``offered``: averaged over all who were offered the programme, never multiplied by
        engagement again. ``engaged``: among those who took part.
    design : str
        ``randomised``, ``matched_comparison``, ``before_after`` (no counterfactual: it makes every
        result GROSS) or ``assumed`` (no study at all: an assumption of the set).
    profile : str
        Need profile of the families that were studied.
    solved_with : str
        Effects of the same name on one pathway are solved together.
    no_effect_group : str
        Effects of one group are absent in the same draws, since a flaw would touch all.
    probability_no_effect : float
        Weight on exactly no effect.
    """

    key: str
    label: str
    pathway: str
    moves: tuple[Move, ...]
    measure: str
    outcome: str
    statistic: str
    window: tuple[int, int]
    estimand: str
    design: str
    profile: str
    solved_with: str
    no_effect_group: str
    probability_no_effect: float

    @property
    def needs_solving(self) -> bool:
        """Whether the hazard ratio has to be solved from a measured outcome."""
        return self.measure in ("relative_risk", "odds_ratio")


@dataclass(frozen=True, slots=True)
class Timing:
    """When an effect acts, in months since the family joined.

    Each part is a number or an array by draw: nothing for ``lag`` months, rising evenly over
    ``ramp``, full for ``lasts``, falling evenly over ``fades``, then nothing. From the month ``stops``
    on, a number, families no longer take part: what they had by then falls evenly over ``fades``.
    """

    lag: Amount = 0.0
    ramp: Amount = 0.0
    lasts: Amount = np.inf
    fades: Amount = 0.0
    stops: float = np.inf

    def part(self, start: int, stop: int) -> "Timing":
        """Return the timing of some of the draws; numbers stay as they are."""
        lag, ramp, lasts, fades = (
            amount[start:stop] if isinstance(amount, np.ndarray) else amount
            for amount in (self.lag, self.ramp, self.lasts, self.fades)
        )
        return Timing(lag, ramp, lasts, fades, self.stops)

    def weight(self, month: int) -> Amount:
        """Return the share of the full effect (on the log scale) at the start of a month.

        Parameters
        ----------
        month : int
            Months since joining; 0 is the first.

        Returns
        -------
        float or ndarray, shape (draw,)

        Examples
        --------
        >>> profile = Timing(lag=3, ramp=6, lasts=15)
        >>> [profile.weight(m) for m in (0, 3, 6, 9, 23, 24)]
        [0.0, 0.0, 0.5, 1.0, 1.0, 0.0]
        >>> left_early = Timing(lag=3, ramp=6, lasts=15, fades=6, stops=6)
        >>> [left_early.weight(m) for m in (5, 6, 9, 12)]
        [0.33, 0.5, 0.25, 0.0]
        """
        planned = self._planned(month)
        if month < self.stops:
            return planned
        since = month - self.stops
        with np.errstate(divide="ignore", invalid="ignore"):
            kept = np.where(np.greater(self.fades, 0), 1 - np.divide(since, self.fades), 0.0)
        left = np.minimum(planned, self._planned(int(self.stops)) * np.clip(kept, 0, 1))
        return float(left) if left.ndim == 0 else np.asarray(left, dtype=float)

    def _planned(self, month: int) -> Amount:
        """Return the weight for those who take part to the end."""
        full = self.lag + self.ramp
        end = full + self.lasts
        since = month - self.lag
        if not isinstance(end, np.ndarray) and not isinstance(self.fades, np.ndarray):
            if month < full:
                weight = since / self.ramp if self.ramp > 0 else float(since >= 0)
            elif month < end:
                return 1.0
            else:
                weight = 1 - (month - end) / self.fades if self.fades > 0 else 0.0
            return min(max(float(weight), 0.0), 1.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            rising = np.where(
                np.greater(self.ramp, 0), np.divide(since, self.ramp), np.where(since >= 0, 1, 0)
            )
            falling = np.where(
                np.greater(self.fades, 0),
                1 - np.divide(month - end, self.fades),
                np.where(np.less(month, end), 1, 0),
            )
        weight = np.clip(
            np.where(np.less(month, full), rising, np.where(np.less(month, end), 1, falling)), 0, 1
        )
        return float(weight) if weight.ndim == 0 else np.asarray(weight, dtype=float)


def effect_faults(row: Parameter, pathway: Declaration) -> list[Fault]:
    """Return what keeps a row of the effects table from acting on a pathway: empty where nothing does.

    Parameters
    ----------
    row : Parameter
        From ``effects.csv``.
    pathway : Declaration
        The pathway it names.
    """
    f = row.fields
    faults: list[Fault] = []

    def fault(what: str, remedy: str) -> None:
        faults.append(Fault(row.file, row.key, what, remedy, row.line))

    known = {f"{a} -> {b}" for a, b in pathway.moves()}
    words = [
        (f["measure"], set(MEASURES), "measure"),
        (f["estimand"], set(ESTIMANDS), "estimand"),
        (f["design"], set(DESIGNS), "design"),
    ]
    for text in f["edges"].split(";"):
        try:
            move = " -> ".join(parse_move(text))
        except TransitionError as error:
            fault(*str(error).split("; ", 1))
        else:
            words.insert(len(words) - 3, (move, known, "move of " + pathway.name))
    if f["measure"] != "hazard_ratio":
        words += [
            (f["outcome"], set(pathway.outcomes), "outcome of " + pathway.name),
            (f["statistic"], set(STATISTICS), "statistic"),
        ]
    for word, allowed, what in words:
        if word not in allowed:
            fault(f"'{word}' is no {what}", did_you_mean(word, allowed))
    outcome = pathway.outcomes.get(f["outcome"])
    if f["measure"] != "hazard_ratio" and outcome is not None and f["statistic"] in STATISTICS:
        prevalence = f["statistic"] == "prevalence"
        if outcome.state is None if prevalence else not outcome.moves:
            needed = "a state" if prevalence else "moves"
            fault(
                f"a {f['statistic']} needs an outcome with {needed}, and '{outcome.name}' has none",
                "use the other statistic or another outcome",
            )
    return faults


def effect_from_row(row: Parameter, pathway: Declaration) -> Effect:
    """Return the effect that a row of the effects table states.

    Parameters
    ----------
    row : Parameter
        From ``effects.csv``.
    pathway : Pathway
        The pathway it names.

    Raises
    ------
    EffectError
        If it names moves, an outcome, a measure, statistic, estimand or design that do not exist; all of
        them are listed.
    """
    faults = effect_faults(row, pathway)
    if faults:
        raise EffectError("\n".join(str(fault) for fault in faults))
    f = row.fields
    moves = tuple(parse_move(text) for text in f["edges"].split(";"))
    window = (int(f["window_from"] or 0), int(f["window_to"] or 0))
    return Effect(
        key=row.key,
        label=row.label,
        pathway=pathway.name,
        moves=moves,
        measure=f["measure"],
        outcome=f["outcome"],
        statistic=f["statistic"],
        window=window,
        estimand=f["estimand"],
        design=f["design"],
        profile=f["profile"],
        solved_with=f["solved_with"],
        no_effect_group=f["no_effect_group"],
        probability_no_effect=float(f["probability_no_effect"] or 0),
    )
