"""Who takes part in an option, how long and how much: groups of families who are treated alike."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from communitybudget.case.fields import Uncertain
from communitybudget.case.inputs import Inputs, local_parameter
from communitybudget.case.programme import months_each
from communitybudget.case.spec import OptionSpec
from communitybudget.case.starts import StartPlan
from communitybudget.cohorts import Joining
from communitybudget.sampling import Draws
from communitybudget.simulation import DrawnEffect, OptionGroup

Array = NDArray[np.float64]
Share = float | Array


@dataclass(frozen=True, slots=True)
class TakingPart:
    """The numbers of who takes part in an option.

    Parameters
    ----------
    engagement : str or None
        Id of the share who engage; None where no effect is among the engaged.
    leaving : tuple of (int, float)
        Months after which a known share of those who engage drop out.
    drop_out : str or None
        Id of the share that drops out in a month.
    months : int or None
        Months that a family takes part; none drops out after.
    partial : tuple of str, or None
        Ids of the share that gets a part of the effect, and of that part.
    """

    engagement: str | None = None
    leaving: tuple[tuple[int, float], ...] = ()
    drop_out: str | None = None
    months: int | None = None
    partial: tuple[str, str] | None = None

    @property
    def numbers(self) -> set[str]:
        """Ids of every number that it uses."""
        return {key for key in (self.engagement, self.drop_out, *(self.partial or ())) if key is not None}

    def stays(self, draws: Draws) -> list[tuple[int | None, Share]]:
        """Return after how many months those who engage drop out, and what share; None for never."""
        if self.drop_out is None or self.months is None:
            left = sum(share for _, share in self.leaving)
            return [(None, 1.0 - left), *self.leaving]
        lost = draws[self.drop_out]
        found: list[tuple[int | None, Share]] = [
            (month, lost * (1.0 - lost) ** (month - 1)) for month in range(1, self.months)
        ]
        return [(None, (1.0 - lost) ** (self.months - 1)), *found]

    def doses(self, draws: Draws) -> list[tuple[Share | None, Share]]:
        """Return how much of the effect those who engage get, and what share; None for all of it."""
        if self.partial is None:
            return [(None, 1.0)]
        share, dose = (draws[key] for key in self.partial)
        return [(None, 1.0 - share), (dose, share)]

    def groups(
        self,
        effects: Sequence[DrawnEffect],
        among_engaged: Sequence[bool],
        plan: StartPlan,
        joining: Joining,
        draws: Draws,
    ) -> tuple[OptionGroup, ...]:
        """Return the families of an option as groups who are treated alike.

        Parameters
        ----------
        effects : sequence of DrawnEffect
            Of the option.
        among_engaged : sequence of bool
            Whether each holds for those who engage; otherwise it is averaged over all offered.
        plan : StartPlan
            When families start.
        joining : Joining
            The families in question.
        draws : Draws
            Of the shares.
        """
        if plan.is_plain:
            return self._groups(effects, among_engaged, plan.delay, draws, None)
        waits, never = plan.waits(joining)
        groups = [OptionGroup(1.0, (), never)] if never.any() else []
        for wait in waits:
            own = [_until(_later(effect, wait.start - plan.delay), wait.stop) for effect in effects]
            groups += self._groups(own, among_engaged, wait.start, draws, wait.families)
        return tuple(groups)

    def _groups(
        self,
        effects: Sequence[DrawnEffect],
        among_engaged: Sequence[bool],
        start: int,
        draws: Draws,
        families: Array | None,
    ) -> tuple[OptionGroup, ...]:
        if self.engagement is None:
            return (OptionGroup(1.0, tuple(effects), families),)
        engaged = draws[self.engagement]
        both = list(zip(effects, among_engaged, strict=True))
        groups = [OptionGroup(1.0 - engaged, tuple(e for e, apart in both if not apart), families)]
        for dose, of_dose in self.doses(draws):
            for leaves, of_leaving in self.stays(draws):
                last = None if leaves is None else start + leaves
                own = tuple(_until(self._in_part(e, dose), last) if apart else e for e, apart in both)
                groups.append(OptionGroup(engaged * of_dose * of_leaving, own, families))
        return tuple(groups)

    def _in_part(self, effect: DrawnEffect, dose: Share | None) -> DrawnEffect:
        if dose is None:
            return effect
        key = f"{effect.key}|in part {self.partial}"
        return replace(effect, key=key, dose=effect.dose * dose)


def taking_part(option: OptionSpec, among_engaged: bool, inputs: Inputs) -> TakingPart:
    """Return who takes part in an option, the numbers gathered.

    Parameters
    ----------
    option : OptionSpec
        As the case gives it.
    among_engaged : bool
        Whether any effect holds for those who engage; otherwise nothing here touches an effect.
    inputs : Inputs
        Gathers the numbers.
    """

    def use(name: str, label: str, given: Uncertain | float, unit: str = "share", known: bool = False) -> str:
        local = local_parameter(
            f"case.{option.name}.{name}", f"{label}: {option.label}", given, unit, "local", "local"
        )
        return inputs.add_known(local) if known else inputs.add(local)

    if (room := option.caseload) is not None:
        use("caseload.key_workers", "Key workers", room.key_workers, "key workers", known=True)
        use("caseload.families_each", "Families of a key worker", room.families_each, "families", known=True)
        use("caseload.months_each", "Months of a family", room.months_each, "months", known=True)
    if option.programme_months is not None:
        use("programme_months", "Months of a family", option.programme_months, "months", known=True)
    if option.engagement is None or not among_engaged:
        return TakingPart()

    engagement = use("engagement", "Engagement", option.engagement)
    leaving: list[tuple[int, float]] = []
    month, share = 0, 1.0
    for later, less in (option.retention or {}).items():
        use(f"retention_{later}", f"Still taking part after {later} months", less, known=True)
        leaving.append(((month + later + 1) // 2, share - less))
        month, share = later, less
    drop_out = partial = None
    if option.drop_out_per_month is not None:
        drop_out = use("drop_out_per_month", "Drop out in a month", option.drop_out_per_month)
    if option.partial_dose is not None:
        partial = (
            use("partial_dose.share", "Share with a part of the effect", option.partial_dose.share),
            use("partial_dose.dose", "Part of the effect", option.partial_dose.dose),
        )
    return TakingPart(
        engagement,
        tuple((after, lost) for after, lost in leaving if lost > 0),
        drop_out,
        months_each(option.programme_months, option.caseload),
        partial,
    )


def _later(effect: DrawnEffect, months: int) -> DrawnEffect:
    if months == 0:
        return effect
    timing = replace(effect.timing, lag=effect.timing.lag + months)
    return replace(effect, key=f"{effect.key}|later {months}", timing=timing)


def _until(effect: DrawnEffect, month: int | None) -> DrawnEffect:
    """Return an effect that is lost from a month since joining on; the same where it has ended by then."""
    timing = effect.timing
    if month is None or np.all(np.asarray(timing.lag + timing.ramp + timing.lasts) <= month):
        return effect
    stops = min(timing.stops, float(month))
    return replace(effect, key=f"{effect.key}|until {stops:g}", timing=replace(timing, stops=stops))
