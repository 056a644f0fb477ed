"""One number with its passport."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from communitybudget._core.errors import PriceBaseMismatch
from communitybudget._core.vocabulary import INTERVALS, MARKS, VALUE_TYPES
from communitybudget._core.years import parse_year
from communitybudget.parameters.composed import scaled
from communitybudget.parameters.distributions import (
    KINDS,
    Distribution,
    Support,
    fixed,
    from_interval,
    from_mean_sd,
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that refuses to be without unit, source and mark.

    Parameters
    ----------
    key : str
        Name, for example ``unit_cost.SS5.0.3``.
    label : str
        What it is, in words.
    value : float
        Central value: mean, median or mode as the distribution says.
    unit : str
        ``GBP per_...`` for money, ``per_month`` for rates, ``share``, ``ratio``, or a natural unit.
    source, mark : str
        Where it comes from and how far it was checked.
    low, high : float or None
        Limits; `interval` says what they are.
    interval : str
        ``range``, ``ci95``, ``ci90``, ``p10_p90`` or empty.
    distribution : str
        A chosen form, or empty for the one that follows from the numbers given.
    sd : float or None
        Standard deviation, instead of an interval.
    default_spread : float or None
        Coefficient of variation of the evidence grade, used when nothing else is given.
    price_base : str
        Financial year of an amount of money.
    agency, value_type, cashable, transfer : str
        Who bears it; fiscal, economic or social; whether it is cash; whether it is a transfer.
    transfer_value : float or None
        The part of the value that is a transfer, where only a part is.
    evidence_grade, source_detail, reviewed, note : str
        The rest of the passport.
    overridden : bool
        Whether a local figure replaced the one in the set.
    reason : str
        Why it was replaced.
    form : Distribution or None
        A distribution given as such, in place of the one that follows from the numbers.
    form_words : str
        How that distribution was made.
    fields : mapping
        Columns that only some tables have (``code``, ``parent``, ``edges`` and so on).
    file, line : str, int
        Where the row is.

    Raises
    ------
    ValueError
        If the passport is incomplete.
    PriceBaseMismatch
        If an amount of money has no price base.
    """

    key: str
    label: str
    value: float
    unit: str
    source: str
    mark: str
    low: float | None = None
    high: float | None = None
    interval: str = ""
    distribution: str = ""
    sd: float | None = None
    default_spread: float | None = None
    price_base: str = ""
    agency: str = ""
    value_type: str = ""
    cashable: str = ""
    transfer: str = ""
    transfer_value: float | None = None
    evidence_grade: str = ""
    source_detail: str = ""
    reviewed: str = ""
    note: str = ""
    overridden: bool = False
    reason: str = ""
    form: Distribution | None = None
    form_words: str = ""
    fields: Mapping[str, str] = field(default_factory=dict, hash=False)
    file: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        for name in ("key", "unit", "source", "mark"):
            if not getattr(self, name):
                raise ValueError(f"{self.key or 'a parameter'} has no {name}; fill it in")
        if self.mark not in MARKS:
            raise ValueError(f"{self.key}: '{self.mark}' is no mark; use one of {', '.join(MARKS)}")
        if self.interval and self.interval not in INTERVALS:
            raise ValueError(
                f"{self.key}: '{self.interval}' is no interval; use one of {', '.join(INTERVALS)}"
            )
        self._check_numbers()
        if (self.low is None) != (self.high is None):
            raise ValueError(f"{self.key}: low and high go together; give both or neither")
        if self.low is not None and not self.interval:
            raise ValueError(f"{self.key}: say what low and high are, in interval: {', '.join(INTERVALS)}")
        if self.is_money:
            if not self.price_base:
                raise PriceBaseMismatch(
                    f"{self.key}: an amount in {self.unit} needs a price_base such as 2024-25"
                )
            object.__setattr__(self, "price_base", parse_year(self.price_base))
            if self.value_type not in VALUE_TYPES:
                raise ValueError(
                    f"{self.key}: value_type is '{self.value_type}'; use fiscal, economic or social"
                )
        _ = self.uncertainty

    def _check_numbers(self) -> None:
        """Refuse numbers that cannot be: not finite, not a share, limits that do not ascend."""
        for name in ("value", "low", "high", "sd", "transfer_value"):
            number = getattr(self, name)
            if number is not None and not math.isfinite(number):
                raise ValueError(f"{self.key}: {name} is {number}; give a number")
        if self.distribution not in ("", "dirichlet", *KINDS):
            known = ", ".join(KINDS)
            raise ValueError(
                f"{self.key}: '{self.distribution}' is no distribution; use one of {known}, or none"
            )
        if self.support == "share":
            for name in ("value", "low", "high"):
                number = getattr(self, name)
                if number is not None and not 0 <= number <= 1:
                    raise ValueError(f"{self.key}: {name} is {number:g}; a share lies between 0 and 1")
        elif self.value < 0 and self.support == "positive":
            raise ValueError(f"{self.key}: the value is {self.value:g}; it cannot be negative")
        if self.low is not None and self.high is not None and not self.low <= self.value <= self.high:
            raise ValueError(
                f"{self.key}: low {self.low:g}, value {self.value:g} and high {self.high:g} do not ascend; "
                "order them, or correct the value"
            )

    @property
    def id(self) -> str:
        """Key, with the value type where it is not fiscal: one key can have several values."""
        return self.key if self.value_type in ("", "fiscal") else f"{self.key}[{self.value_type}]"

    @property
    def is_money(self) -> bool:
        """Whether the unit is pounds."""
        return self.unit.startswith("GBP")

    @property
    def support(self) -> Support:
        """Which numbers are possible at all."""
        if self.unit.startswith("share"):
            return "share"
        return "real" if self.unit == "net" or self.unit.endswith("of either sign") else "positive"

    @property
    def uncertainty(self) -> Distribution:
        """Distribution of the number; see ``docs/methods/distributions.md`` for the rules.

        The range of a published unit cost is a spread over cases and sites, not an error of the
        mean: it is shown, and the mean gets the default spread of its evidence grade.
        """
        if self.form is not None:
            return self.form
        try:
            if self.distribution == "fixed":
                return fixed(self.value)
            if self.distribution == "dirichlet":
                return fixed(self.value)
            if self.sd is not None:
                return from_mean_sd(self.value, self.sd, self.support, self.distribution or None)
            spread_over_cases = self.interval == "range" and self.is_money and not self.distribution
            if self.low is not None and self.high is not None and not spread_over_cases:
                return from_interval(
                    self.value, self.low, self.high, self.interval, self.support, self.distribution or None
                )
            if self.default_spread and self.value > 0:
                return from_mean_sd(self.value, self.default_spread * self.value, self.support)
        except ValueError as fault:
            raise ValueError(f"{self.key}: {fault}") from fault
        return fixed(self.value)

    @property
    def spread_is_default(self) -> bool:
        """Whether the spread comes from the evidence grade and not from the figure itself."""
        stated = self.form is not None or self.sd is not None or self.distribution == "fixed"
        own_interval = self.low is not None and not (
            self.interval == "range" and self.is_money and not self.distribution
        )
        return bool(self.default_spread) and not stated and not own_interval

    def uprated(self, factor: float, to: str) -> "Parameter":
        """Return the same amount at another price base."""

        def times(number: float | None) -> float | None:
            return None if number is None else number * factor

        return replace(
            self,
            value=self.value * factor,
            low=times(self.low),
            high=times(self.high),
            sd=times(self.sd),
            transfer_value=times(self.transfer_value),
            form=None if self.form is None else scaled(self.form, factor),
            price_base=to,
        )
