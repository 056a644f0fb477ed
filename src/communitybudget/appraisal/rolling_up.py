"""Places or programmes to a total, and the total to the nation: every basis said, no silent sum."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from communitybudget._core.digits import as_stated, counted
from communitybudget._core.errors import raise_together
from communitybudget._core.numbers import above, as_given, whole, within
from communitybudget._core.streams import stream
from communitybudget.appraisal.place_claims import ClaimFault, Overlap, PlaceClaim, faults_of_claims
from communitybudget.appraisal.published_returns import Reading
from communitybudget.appraisal.roll_up_result import Nation, PublishedRange, RollUp
from communitybudget.appraisal.scales import LARGEST_SPREAD

FloatArray = npt.NDArray[np.float64]

FEWEST_PLACES = 3
"""Places from which a spread between places can be told at all."""


def roll_up(
    claims: Sequence[PlaceClaim],
    *,
    reading: Reading | None = None,
    horizon: float | None = None,
    correlation: float = 0.0,
    overlaps: Sequence[Overlap] = (),
    nation: Nation | None = None,
    references: Sequence[PublishedRange] = (),
    draws: int = 10_000,
    seed: int = 1,
) -> RollUp:
    """Add what places or programmes claim, on one stated basis, and gross the total up to the nation.

    Parameters
    ----------
    claims : sequence of PlaceClaim
        Each with its own basis.
    reading : {'gross', 'net'}, optional
        On which they are added. Needed where they differ: then every other one needs its cost.
    horizon : float, optional
        Years to which all are brought, each at its mean rate a year. Needed where they differ.
    correlation : float, default 0
        Between what the places are unsure of: 0 where each errs on its own, 1 where all err together.
    overlaps : sequence of Overlap
        Savings that two claims hold at once; taken off the smaller.
    nation : Nation, optional
        To which the total is grossed up by the head.
    references : sequence of PublishedRange
        To be set beside the result.
    draws, seed : int
        Each place has a stream of its own.

    Returns
    -------
    RollUp

    Raises
    ------
    ValueError
        With every reason why the claims may not be added or grossed up.

    Notes
    -----
    Place i: a_i (1 + s_i z_i), with z normal and one correlation between all; Var(total) is the sum of
    s_i s_j a_i a_j r_ij. The nation is the total of the places plus the people elsewhere times what a head of
    the places saves, and an error of that. As seen between n places with people x and amounts y, the error is
    that of the ratio estimator: e = y - R x with R = sum y / sum x, variance N (N - n) / n times
    sum e^2 / (n - 1), where N = n X / sum x places like these make the nation; its form Student's t with
    n - 1 degrees of freedom (Cochran, Sampling Techniques, 3rd ed. 1977, section 6.3).

    Examples
    --------
    >>> places = [PlaceClaim("A", 10e6, "net", years=5), PlaceClaim("B", 12e6, "net", years=6)]
    >>> roll_up(places, horizon=5).expected / 1e6
    20.0
    >>> roll_up(places)
    Traceback (most recent call last):
    ValueError: the horizons differ (A over 5 years, B over 6 years); say to which horizon ...
    """
    faults = [str(f) for f in faults_of_roll_up(claims, reading, horizon, correlation, overlaps, nation)]
    if not whole(draws, 1):
        faults.append(f"draws is {as_given(draws)}; give a whole number, at least 1")
    if not whole(seed, 0):
        faults.append(f"seed is {as_given(seed)}; use a whole number from 0")
    raise_together(faults)
    reading = reading or claims[0].reading
    horizon = claims[0].years if horizon is None else horizon
    amounts = [claim.over(horizon, reading) for claim in claims]
    kept = _kept(claims, amounts, overlaps)
    by_place = np.empty((len(claims), draws))
    common = stream(seed, "roll_up.common").standard_normal(draws)
    for i, claim in enumerate(claims):
        own = stream(seed, f"roll_up.place.{claim.place}").standard_normal(draws)
        error = math.sqrt(correlation) * common + math.sqrt(1 - correlation) * own
        by_place[i] = amounts[i] * kept[i] * (1 + claim.spread * error)
    national = np.empty(0)
    if nation is not None:
        central = np.array(amounts) * kept
        national = _national(by_place.sum(axis=0), central, claims, nation, seed)
    return RollUp(
        tuple(claims),
        tuple(amounts),
        tuple(kept),
        by_place,
        nation,
        national,
        reading,
        horizon,
        float(correlation),
        tuple(references),
        seed,
    )


def faults_of_roll_up(
    claims: Sequence[PlaceClaim],
    reading: Reading | None,
    horizon: float | None,
    correlation: float,
    overlaps: Sequence[Overlap],
    nation: Nation | None,
) -> list[ClaimFault]:
    """Return every reason why the claims may not be added or grossed up, with what it concerns."""
    faults = faults_of_claims(claims, reading, horizon, overlaps)
    if not within(correlation, 0, 1):
        what = f"the correlation between places is {as_given(correlation)}"
        faults.append(ClaimFault(("correlation",), what, "give 0 (none) to 1 (full)"))
    if nation is not None:
        faults += _national_faults(claims, nation)
    if not faults:
        amounts = [claim.over(horizon, reading or claims[0].reading) for claim in claims]
        for claim, share in zip(claims, _kept(claims, amounts, overlaps), strict=True):
            if share < 0:
                what = f"the overlaps take {as_stated(1 - share)} off {claim.place}"
                faults.append(
                    ClaimFault(("overlaps",), what, "lower them: no more than 100% can be taken off")
                )
    return faults


def _national_faults(claims: Sequence[PlaceClaim], nation: Nation) -> list[ClaimFault]:
    faults = []
    without = [(i, claim.place) for i, claim in enumerate(claims) if claim.people is None]
    for i, place in without:
        remedy = f"give it, or leave out the grossing-up to {nation.name}"
        faults.append(
            ClaimFault(("places", i, "people"), f"{place}: how many people live there is not known", remedy)
        )
    people = [claim.people or 0.0 for claim in claims if above(claim.people, 0)]
    if not within(nation.people):
        what = f"the people of {nation.name} are {as_given(nation.people)}"
        faults.append(ClaimFault(("nation", "people"), what, "give their number"))
    elif nation.people <= math.fsum(people):
        what = f"{nation.name} has {nation.people:,.0f} people, no more than the places together"
        faults.append(
            ClaimFault(("nation", "people"), what, "count both in one unit, the places in the nation")
        )
    if nation.spread is not None and not within(nation.spread, 0, LARGEST_SPREAD):
        what = f"the spread of other places is {as_given(nation.spread)}"
        faults.append(ClaimFault(("nation", "spread"), what, "write 30% as 0.3"))
    if nation.spread is None and len(claims) < FEWEST_PLACES:
        what = f"{counted(len(claims), 'place')} cannot show how far places differ"
        remedy = f"give the spread of other places, or {FEWEST_PLACES} places or more"
        faults.append(ClaimFault(("nation", "spread"), what, remedy))
    return faults


def _kept(claims: Sequence[PlaceClaim], amounts: Sequence[float], overlaps: Sequence[Overlap]) -> list[float]:
    """Return the share of each claim that no other holds; of two alike the second named gives way."""
    size = {claim.place: abs(amount) for claim, amount in zip(claims, amounts, strict=True)}
    taken = dict.fromkeys(size, 0.0)
    for overlap in overlaps:
        taken[min((overlap.second, overlap.first), key=size.__getitem__)] += overlap.share
    return [1.0 - taken[claim.place] for claim in claims]


def _national(
    total: FloatArray, central: FloatArray, claims: Sequence[PlaceClaim], nation: Nation, seed: int
) -> FloatArray:
    """Return the nation's amount in every draw, shape (draw,)."""
    people = np.array([claim.people for claim in claims], dtype=np.float64)
    elsewhere = nation.people - people.sum()
    grossed = total * (1 + elsewhere / people.sum())
    random = stream(seed, "roll_up.other_places")
    if nation.spread is not None:
        error = nation.spread * random.standard_normal(total.size)
        return np.asarray(grossed + elsewhere / people.sum() * total * error)
    places = len(claims)
    residuals = central - central.sum() / people.sum() * people
    variance = float((residuals**2).sum()) / (places - 1)
    in_nation = places * nation.people / float(people.sum())
    scale = math.sqrt(in_nation * (in_nation - places) / places * variance)
    return np.asarray(grossed + scale * random.standard_t(places - 1, size=total.size))
