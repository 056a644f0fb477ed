"""How the effect on a family falls as a programme grows in one place.

The families most in need come first: the pilot's had the whole effect, and each one after them at most as
much as the one before. Every form therefore says what the *next* family gains, as a share of a pilot family;
the *average* over all families of the place follows, and is never below it.
"""

import math
from dataclasses import dataclass

from communitybudget._core.digits import as_stated
from communitybudget._core.errors import raise_together
from communitybudget._core.numbers import above, as_given, within
from communitybudget._core.results import result


@result
@dataclass(frozen=True, slots=True)
class NoDiminishing:
    """Every later family gains what a pilot family gained.

    Examples
    --------
    >>> NoDiminishing().next_family(10_000, pilot=100)
    1.0
    """

    @property
    def words(self) -> str:
        """The form in words."""
        return "none: every later family gains what a pilot family gained"

    def next_family(self, families: float, pilot: float) -> float:
        """Return what the last family to join gains over what a pilot family gained."""
        return 1.0

    def average_family(self, families: float, pilot: float) -> float:
        """Return what the average family of the place gains over what a pilot family gained."""
        return 1.0


@result
@dataclass(frozen=True, slots=True)
class ShareKept:
    """The effect falls towards a share of the pilot's that is kept however far the programme grows.

    Parameters
    ----------
    share : float
        Kept at full scale, 0 to 1: 0.6 where the last families to join gain 60% of what the first did.
    half_way : float
        Number of families after the pilot's at which half of the fall is done; after twice as many, three
        quarters.

    Raises
    ------
    ValueError
        If a number is out of range.

    Notes
    -----
    The family that joins n after the pilot gains share + (1 - share) 2^(-n / half_way).

    Examples
    --------
    >>> form = ShareKept(0.6, half_way=400)
    >>> round(form.next_family(500, pilot=100), 3), round(form.average_family(500, pilot=100), 3)
    (0.8, 0.911)
    """

    share: float
    half_way: float

    def __post_init__(self) -> None:
        faults = []
        if not within(self.share, 0, 1):
            faults.append(f"the share kept is {as_given(self.share)}; write 60% as 0.6")
        if not above(self.half_way, 0):
            faults.append(f"half_way is {as_given(self.half_way)} families; give a number above 0")
        raise_together(faults)

    @property
    def words(self) -> str:
        """The form in words."""
        kept = f"{as_stated(self.share)} of the effect is kept at full scale"
        return f"{kept}, half of the fall after {self.half_way:,.0f} families"

    def next_family(self, families: float, pilot: float) -> float:
        """Return what the last family to join gains over what a pilot family gained."""
        later = max(families - pilot, 0.0)
        return float(self.share + (1 - self.share) * 2 ** (-later / self.half_way))

    def average_family(self, families: float, pilot: float) -> float:
        """Return what the average family of the place gains over what a pilot family gained."""
        later = max(families - pilot, 0.0)
        fading = -self.half_way / math.log(2) * math.expm1(-later * math.log(2) / self.half_way)
        return (families - later + self.share * later + (1 - self.share) * fading) / families


@result
@dataclass(frozen=True, slots=True)
class FallPerDoubling:
    """The effect falls by the same share each time the programme doubles: a power law.

    Parameters
    ----------
    fall : float
        From 0 to below 1: 0.1 where a family that joins at twice the size gains 10% less.

    Raises
    ------
    ValueError
        If the fall is out of range.

    Notes
    -----
    The family that joins at N families gains (N / pilot)^b with b = log2(1 - fall).

    Examples
    --------
    >>> form = FallPerDoubling(0.1)
    >>> round(form.next_family(400, pilot=100), 3), round(form.average_family(400, pilot=100), 3)
    (0.81, 0.91)
    """

    fall: float

    def __post_init__(self) -> None:
        if not (within(self.fall, 0) and self.fall < 1):
            raise ValueError(f"the fall per doubling is {as_given(self.fall)}; write 10% as 0.1, below 1")

    @property
    def words(self) -> str:
        """The form in words."""
        return f"the effect falls by {as_stated(self.fall)} each time the programme doubles"

    def next_family(self, families: float, pilot: float) -> float:
        """Return what the last family to join gains over what a pilot family gained."""
        return float((1 - self.fall) ** math.log2(max(families / pilot, 1.0)))

    def average_family(self, families: float, pilot: float) -> float:
        """Return what the average family of the place gains over what a pilot family gained."""
        if families <= pilot:
            return 1.0
        power, growth = 1 + math.log2(1 - self.fall), math.log(families / pilot)
        # the integral of x^(power - 1) from 1 to families / pilot; a logarithm where the fall is one half
        later = math.expm1(power * growth) / power if power else growth
        return (1 + later) * pilot / families


Diminishing = NoDiminishing | ShareKept | FallPerDoubling
"""How the effect falls with the number of families in one place."""
