"""What a place or programme claims, on which basis, and what it comes to on another.

No claim is added to another before both stand on one basis: gross or net of cost, one horizon, one price
base. Each rule that brings them there is stated, and each claim that no rule can bring there is refused.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, get_args

from communitybudget._core.cards import NOT_STATED
from communitybudget._core.digits import counted
from communitybudget._core.errors import did_you_mean
from communitybudget._core.numbers import above, as_given, within
from communitybudget._core.results import result
from communitybudget._core.vocabulary import MARKS
from communitybudget.appraisal.published_returns import READINGS, Reading
from communitybudget.appraisal.scales import LARGEST_SPREAD

Path = tuple[str | int, ...]


class ClaimFault(NamedTuple):
    """One thing that is wrong, and the place of it among what was given."""

    path: Path
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.what}; {self.remedy}"


@result
@dataclass(frozen=True, slots=True)
class PlaceClaim:
    """What one place, programme or theme says that it saves.

    Parameters
    ----------
    place : str
        Its name.
    amount : float
        GBP, as printed: over the whole of ``years``, or a year where these are None.
    reading : {'gross', 'net'}
        Whether the amount is before or after the cost.
    years : float or None
        Horizon of the amount. None: a year, once the programme runs in full.
    builds_up_over : float
        Years until a yearly amount runs in full, growing evenly from nothing. Only where ``years`` is None.
    cost : float or None
        Of the programme, GBP over the same time; None where it was not printed.
    people : float or None
        Who live there, or families; what an amount is grossed up by.
    spread : float
        Standard deviation of the amount as a share of it: how unsure the place itself is.
    price_base : str
        Financial year of the prices, or ``not stated``.
    counterfactual : str
        What the saving was compared with; blank where with nothing.
    source, mark, note : str
        Where the amount comes from, how surely, and what else to know.
    """

    place: str
    amount: float
    reading: Reading
    years: float | None = None
    builds_up_over: float = 0.0
    cost: float | None = None
    people: float | None = None
    spread: float = 0.0
    price_base: str = NOT_STATED
    counterfactual: str = ""
    source: str = ""
    mark: str = "assumption"
    note: str = ""

    @property
    def basis(self) -> str:
        """Over which time the amount is printed, in words."""
        if self.years is not None:
            return f"over {counted(self.years, 'year')}"
        ramp = f", in full after {counted(self.builds_up_over, 'year')}" if self.builds_up_over else ""
        return f"a year once running{ramp}"

    def over(self, horizon: float | None, reading: Reading) -> float:
        """Return the amount on another basis.

        Parameters
        ----------
        horizon : float or None
            Years; None for the basis of the claim itself.
        reading : {'gross', 'net'}
            Before or after the cost.

        Returns
        -------
        float
            GBP; NaN where the reading differs and the cost is not known.

        Notes
        -----
        An amount over T years is taken at its mean rate, amount / T a year. A yearly amount that builds up
        over B years comes to amount x (H - B/2) within H >= B years, and to amount x H^2 / (2 B) before.

        Examples
        --------
        >>> PlaceClaim("Essex", 414e6, "net", years=6).over(5, "net") / 1e6
        345.0
        >>> tri_borough = PlaceClaim("Tri-borough", 70e6, "net", builds_up_over=4)
        >>> tri_borough.over(5, "net") / 1e6, tri_borough.over(2, "net") / 1e6
        (210.0, 35.0)
        """
        amount = self.amount
        if reading != self.reading:
            cost = math.nan if self.cost is None else self.cost
            amount += cost if reading == "gross" else -cost
        if horizon is None or horizon == self.years:
            return amount
        if self.years is not None:
            return amount * horizon / self.years
        built = self.builds_up_over
        full_years = horizon - built / 2 if horizon >= built else horizon**2 / (2 * built)
        return amount * full_years


@result
@dataclass(frozen=True, slots=True)
class Overlap:
    """The same saving in two claims.

    Parameters
    ----------
    first, second : str
        Names of the two.
    share : float
        Of the smaller of the two, 0 to 1: what the other holds as well. It is taken off the smaller.
    reason : str
        Why.
    """

    first: str
    second: str
    share: float
    reason: str = ""


def faults_of_claims(
    claims: Sequence[PlaceClaim],
    reading: Reading | None,
    horizon: float | None,
    overlaps: Sequence[Overlap] = (),
) -> list[ClaimFault]:
    """Return why these claims may not be added up: every reason, with the claim it concerns."""
    faults: list[ClaimFault] = []
    if not claims:
        return [ClaimFault(("places",), "there are no places", "give at least one claim")]
    for i, claim in enumerate(claims):
        faults += [
            ClaimFault(("places", i, *f.path), f"{claim.place}: {f.what}", f.remedy) for f in _own(claim)
        ]
        if claim.place in [other.place for other in claims[:i]]:
            faults.append(
                ClaimFault(
                    ("places", i, "place"), f"'{claim.place}' is there twice", "give it once, or rename it"
                )
            )
    faults += _mixed_readings(claims, reading)
    if horizon is not None and not above(horizon, 0):
        what = f"the horizon is {as_given(horizon)} years"
        faults.append(ClaimFault(("horizon",), what, "give a number above 0"))
    if horizon is None and len({claim.years for claim in claims}) > 1:
        said = ", ".join(f"{claim.place} {claim.basis}" for claim in claims)
        remedy = (
            "say to which horizon they are brought, such as 5 years: each is then taken at its rate a year"
        )
        faults.append(ClaimFault(("horizon",), f"the horizons differ ({said})", remedy))
    if len({claim.price_base for claim in claims}) > 1:
        said = ", ".join(f"{claim.place} {claim.price_base}" for claim in claims)
        remedy = "bring them to one first; an amount without a price base cannot be added to one with it"
        faults.append(ClaimFault(("places",), f"the price bases differ ({said})", remedy))
    return faults + _overlap_faults(claims, overlaps)


def _own(claim: PlaceClaim) -> list[ClaimFault]:
    found = []
    if not within(claim.amount):
        what = f"the amount is {as_given(claim.amount)}"
        found.append(ClaimFault(("amount",), what, "give GBP, or leave the place out"))
    if claim.reading not in get_args(Reading):
        what = f"'{claim.reading}' does not say whether the cost is taken off"
        found.append(ClaimFault(("reading",), what, "write gross (before the cost) or net (after it)"))
    if claim.years is not None and not above(claim.years, 0):
        what = f"the horizon is {as_given(claim.years)} years"
        found.append(ClaimFault(("years",), what, "give a number above 0"))
    if not within(claim.builds_up_over, 0):
        what = f"it builds up over {as_given(claim.builds_up_over)} years"
        found.append(ClaimFault(("builds_up_over",), what, "give a number of years from 0"))
    if claim.builds_up_over and claim.years is not None:
        what = f"an amount over {as_given(claim.years)} years holds its own build-up"
        found.append(ClaimFault(("builds_up_over",), what, "leave builds_up_over out"))
    for name in ("cost", "people"):
        value = getattr(claim, name)
        if value is not None and not above(value, 0):
            remedy = "give a number above 0, or leave it out where it is not known"
            found.append(ClaimFault((name,), f"{name} is {as_given(value)}", remedy))
    if not within(claim.spread, 0, LARGEST_SPREAD):
        what = f"the spread is {as_given(claim.spread)}"
        found.append(ClaimFault(("spread",), what, "write 20% as 0.2"))
    if claim.mark not in MARKS:
        found.append(ClaimFault(("mark",), f"'{claim.mark}' is no mark", did_you_mean(claim.mark, MARKS)))
    return found


def _mixed_readings(claims: Sequence[PlaceClaim], reading: Reading | None) -> list[ClaimFault]:
    """Refuse to add gross to net, and to bring one to the other where the cost is not known."""
    if reading is None:
        if len({claim.reading for claim in claims}) == 1:
            return []
        said = ", ".join(f"{claim.place} {claim.reading}" for claim in claims)
        remedy = "say on which reading to add; each of the others then needs its cost"
        return [ClaimFault(("reading",), f"gross is not added to net ({said})", remedy)]
    if reading not in get_args(Reading):
        return [
            ClaimFault(("reading",), f"'{reading}' is no reading", did_you_mean(reading, get_args(Reading)))
        ]
    return [
        ClaimFault(
            ("places", i, "cost"),
            f"{claim.place} is {claim.reading} ({READINGS[claim.reading]}) and its cost is not known",
            f"give its cost, so that it can be made {reading}, or leave it out",
        )
        for i, claim in enumerate(claims)
        if claim.reading in get_args(Reading) and claim.reading != reading and claim.cost is None
    ]


def _overlap_faults(claims: Sequence[PlaceClaim], overlaps: Sequence[Overlap]) -> list[ClaimFault]:
    names = [claim.place for claim in claims]
    found = []
    for i, overlap in enumerate(overlaps):
        path = ("overlaps", i)
        for name in (overlap.first, overlap.second):
            if name not in names:
                found.append(ClaimFault(path, f"an overlap names '{name}'", did_you_mean(name, names)))
        if overlap.first == overlap.second:
            found.append(ClaimFault(path, f"'{overlap.first}' overlaps with itself", "name two places"))
        if not within(overlap.share, 0, 1):
            what = f"an overlap of {as_given(overlap.share)} is no share"
            found.append(ClaimFault(path, what, "write 10% as 0.1"))
    return found
