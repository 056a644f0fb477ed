"""The people of a case: by pathway, need profile, class of frailty and way of joining."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from communitybudget.case.case import Case
from communitybudget.case.frailty import frailty_of, of_pathway
from communitybudget.case.inputs import Inputs, composition, start_mix
from communitybudget.case.spec import StartMix
from communitybudget.cohorts import Cohort, share_of_age, still_of_age
from communitybudget.parameters import ParameterSet
from communitybudget.pathways import Pathway
from communitybudget.sampling import Draws
from communitybudget.simulation import FamilyClass, People

Array = NDArray[np.float64]

STOCK = "case.cohort.stock."
"""Before the ids of the start mix of today's caseload."""


@dataclass(frozen=True, slots=True)
class PeopleRow:
    """The people of one pathway, profile, class of frailty and way of joining, before the draws are known.

    ``joining`` is the place among the ways of joining; the draws of the start mix stand under ids that
    begin with ``start_before``.
    """

    pathway: Pathway
    profile: str
    per_family: tuple[str, ...]
    weight: float
    start: dict[str, float]
    presence: Array | None
    joining: int = 0
    start_before: str = ""
    frailty: FamilyClass | None = None
    profile_share: float = 1.0

    @property
    def start_ids(self) -> dict[str, str]:
        """Ids of the draws of the start mix, by id of the set."""
        return {key: f"{self.start_before}{key}" for key in self.start}

    def drawn(self, draws: Draws) -> People:
        """Return the people in every draw."""
        per_family: float | Array = self.weight
        for key in self.per_family:
            per_family = per_family * draws[key]
        start = {
            key: draws[self.start_ids[key]] if self.start_ids[key] in draws.columns else share
            for key, share in self.start.items()
        }
        return People(
            self.pathway, self.profile, per_family, start, self.presence, self.frailty, self.profile_share
        )


def people_rows(
    case: Case, parameters: ParameterSet, pathways: Sequence[Pathway], cohort: Cohort, inputs: Inputs
) -> tuple[PeopleRow, ...]:
    """Return the people of a case, their numbers gathered.

    Parameters
    ----------
    case, parameters, pathways, cohort : Case, ParameterSet, sequence of Pathway, Cohort
        What there is.
    inputs : Inputs
        Gathers the numbers.
    """
    months = 12 * case.spec.years
    classes = frailty_of(case.spec.cohort.frailty, inputs)
    rows = []
    for profile, share in cohort.profiles.items():
        if share == 0:
            continue
        family = composition(case.spec, parameters, profile, inputs, case.families)
        for pathway in pathways:
            for rate in pathway.rates_of(profile):
                inputs.add(parameters[rate.parameter], rate.share_draw)
            start = start_mix(case.spec, parameters, pathway, profile, inputs, case.families)
            ways = [(0, start, "")]
            stock = case.spec.cohort.stock
            if stock is not None:
                own, before = start, ""
                if pathway.name in stock.given:
                    before = STOCK
                    own = start_mix(
                        case.spec,
                        parameters,
                        pathway,
                        profile,
                        inputs,
                        mix=stock,
                        before=before,
                        words="Today's caseload: ",
                    )
                ways.append((1, own, before))
            keys: tuple[str, ...] = ()
            weight, presence = share, None
            if pathway.unit == "adult":
                keys = (family.adults,)
            elif pathway.unit == "child":
                keys = (family.children,)
                age_from, age_to = pathway.age_from or 0, pathway.age_to or 18
                weight = share * share_of_age(family.ages, age_from, age_to)
                presence = still_of_age(family.ages, age_from, age_to, months)
            for way, own, before in ways:
                for share_of_class, kind in of_pathway(classes, pathway):
                    rows.append(
                        PeopleRow(
                            pathway,
                            profile,
                            keys,
                            weight * share_of_class,
                            own,
                            presence,
                            way,
                            before,
                            kind,
                            share,
                        )
                    )
    return tuple(rows)


def reached_mixes(
    case: Case, parameters: ParameterSet, pathways: Sequence[Pathway], cohort: Cohort, inputs: Inputs
) -> dict[str, dict[str, float]]:
    """Return the start mix of those whom an option reaches, by option and id of the set.

    Parameters
    ----------
    case, parameters, pathways, cohort : Case, ParameterSet, sequence of Pathway, Cohort
        What there is.
    inputs : Inputs
        Gathers the numbers, as known.
    """
    found: dict[str, dict[str, float]] = {}
    for option in case.spec.options:
        mixes = found.setdefault(option.name, {})
        for pathway in (p for p in pathways if p.name in option.start):
            for profile in (name for name, share in cohort.profiles.items() if share > 0):
                mixes |= start_mix(
                    case.spec,
                    parameters,
                    pathway,
                    profile,
                    inputs,
                    mix=StartMix(start=option.start),
                    before=f"case.{option.name}.",
                    words=f"{option.label}: ",
                )
    return found


def cohort_of(case: Case) -> Cohort:
    """Return who is offered the programme: as counted in a file, or as the case says."""
    given, families = case.spec.cohort, case.families
    if families is not None:
        intake, by_profile = families.intake, families.intake_by_profile
        return Cohort(float(len(families)), families.profiles, intake, by_profile)
    profiles = dict(given.profiles) if given.profiles else {str(given.profile): 1.0}
    whole = sum(profiles.values())
    profiles = {name: share / whole for name, share in profiles.items()}
    if given.intake is not None:
        stock = 0.0 if given.stock is None else given.stock.families
        return Cohort(sum(given.intake.values()) + stock, profiles, dict(given.intake), stock=stock)
    return Cohort(float(given.families or 0), profiles)
