"""What a case states of a number, as a distribution."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from communitybudget._core.errors import did_you_mean
from communitybudget.parameters import (
    Distribution,
    discrete,
    fixed,
    from_interval,
    from_mean_sd,
    from_quantiles,
    from_values,
    mixture,
    pooled,
    truncated,
)
from communitybudget.parameters.distributions import Support

if TYPE_CHECKING:
    from communitybudget.case.fields import Spread, Stated

SAYS_THE_VALUE: tuple[str, ...] = ("quantiles", "values", "mixture", "experts")
"""Ways of stating a number from which its central value follows: the mean."""
_QUANTILE = re.compile(r"^p([0-9]{1,2}(?:\.[0-9]+)?)$")


@dataclass(frozen=True, slots=True)
class StatedForm:
    """A distribution that a case states, and what is to be said of it.

    Parameters
    ----------
    distribution : Distribution
        From which the number is drawn.
    words : str
        How it was made; for a fit, how far it misses what was stated.
    """

    distribution: Distribution
    words: str


def quantile_share(name: str) -> float:
    """Return the share that a quantile's name says.

    Examples
    --------
    >>> quantile_share("p10"), quantile_share("p97.5")
    (0.1, 0.975)
    """
    found = _QUANTILE.match(name)
    share = 0.0 if found is None else round(float(found[1]) / 100, 12)
    if not 0 < share < 1:
        raise ValueError(f"'{name}' is no quantile; write it like p10, p50 or p97.5")
    return share


def stated_form(stated: "Stated", support: Support) -> StatedForm | None:
    """Return the distribution that is stated; None where limits or a standard deviation say it all.

    Raises
    ------
    ValueError
        If what is stated contradicts itself, or reaches what is not possible.
    """
    ways = [name for name in ("mixture", "experts") if getattr(stated, name) is not None]
    ways += _ways_of(stated)
    _check_one(ways)
    if stated.pool is not None and stated.experts is None:
        raise ValueError("pool says how experts are pooled; add experts, or leave it out")
    if stated.mixture is not None:
        parts = [_of_part(part, support) for part in stated.mixture]
        weights = [part.weight for part in stated.mixture]
        found = StatedForm(mixture(parts, weights), f"one of {len(parts)}, by their weights")
    elif stated.experts is not None:
        method = stated.pool or "linear"
        parts = [_of_part(one, support) for one in stated.experts]
        names = ", ".join(
            f"{one.name} ({one.weight:g}{f'; {one.source}' if one.source else ''})" for one in stated.experts
        )
        words = f"{len(parts)} experts pooled ({method}), by weight: {names}"
        found = StatedForm(pooled(parts, [one.weight for one in stated.experts], method), words)
    else:
        made = _of_spread(stated, support)
        if made is None:
            return None
        found = made
    cut = _cut(stated, found)
    _check_possible(cut.distribution, support)
    return cut


def spread_of(stated: "Spread", support: Support) -> Distribution | None:
    """Return the distribution of limits or a standard deviation; None for a plain number.

    Raises
    ------
    ValueError
        If the two contradict each other, or no such distribution exists.
    """
    if (stated.low is None) != (stated.high is None):
        raise ValueError("low and high go together; give both or neither")
    if stated.low is not None and stated.high is not None:
        if stated.interval is None:
            raise ValueError(
                "it is not said what low and high are; add interval: range, ci95, ci90 or p10_p90"
            )
        if stated.sd is not None:
            raise ValueError("both limits and sd are given; keep one of the two")
        return from_interval(
            stated.value, stated.low, stated.high, stated.interval, support, stated.distribution
        )
    if stated.sd is not None:
        return from_mean_sd(stated.value, stated.sd, support, stated.distribution)
    return None


def _ways_of(stated: "Spread") -> list[str]:
    found = [name for name in ("quantiles", "values", "sd") if getattr(stated, name) is not None]
    return found + (["low and high"] if stated.low is not None or stated.high is not None else [])


def _check_one(ways: list[str]) -> None:
    if len(ways) > 1 and ways != ["sd", "low and high"]:
        raise ValueError(f"{' and '.join(ways)} all say how sure it is; keep one")


def _of_part(part: "Spread", support: Support) -> Distribution:
    """Return the distribution of a part of a mixture, or of what an expert thinks."""
    _check_one(_ways_of(part))
    made = _of_spread(part, support)
    if made is not None:
        return _cut(part, made).distribution
    return spread_of(part, support) or fixed(part.value)


def _of_spread(stated: "Spread", support: Support) -> StatedForm | None:
    if stated.weights is not None and stated.values is None:
        raise ValueError("weights are of values; add values, or leave them out")
    if stated.quantiles is not None:
        shares = {quantile_share(name): number for name, number in stated.quantiles.items()}
        fit = from_quantiles(shares, stated.distribution, support)
        return StatedForm(fit.distribution, fit.summary())
    if stated.values is not None:
        return _of_values(stated, stated.values)
    if stated.at_least is None and stated.at_most is None:
        return None
    spread = spread_of(stated, support)
    if spread is None or spread.is_fixed:
        raise ValueError("at_least and at_most cut nothing off a number that is known; leave them out")
    too_low = stated.at_least is not None and stated.value < stated.at_least
    if too_low or (stated.at_most is not None and stated.value > stated.at_most):
        raise ValueError(f"the value {stated.value:g} is cut off itself; correct it, or the limit")
    return StatedForm(spread, f"a {spread.kind.replace('_', ' ')} distribution")


def _of_values(stated: "Spread", values: tuple[float, ...]) -> StatedForm:
    kind = stated.distribution or "discrete"
    if kind not in ("discrete", "empirical"):
        raise ValueError(f"'{kind}' is no form of values; {did_you_mean(kind, ('discrete', 'empirical'))}")
    if kind == "empirical" and stated.weights is not None:
        raise ValueError("weights go with distribution: discrete; leave them out, or the distribution")
    if kind == "empirical":
        return StatedForm(from_values(values), f"{len(values)} values seen, straight lines between them")
    return StatedForm(discrete(values, stated.weights), f"one of {len(values)} values, by their weights")


def _cut(stated: "Spread", form: StatedForm) -> StatedForm:
    if stated.at_least is None and stated.at_most is None:
        return form
    limits = [
        f"{words} {limit:g}"
        for words, limit in (("below", stated.at_least), ("above", stated.at_most))
        if limit is not None
    ]
    words = f"{form.words}, cut off {' and '.join(limits)}"
    return StatedForm(truncated(form.distribution, stated.at_least, stated.at_most), words)


def _check_possible(distribution: Distribution, support: Support) -> None:
    below_0 = 0.0 if support == "real" else float(distribution.cdf(-1e-300))
    if below_0 > 0:
        raise ValueError(
            f"it would fall below 0 in {below_0:.1%} of the draws; add at_least: 0, or choose another form"
        )
    above_1 = 1 - float(distribution.cdf(1.0)) if support == "share" else 0.0
    if above_1 > 0:
        raise ValueError(
            f"it would rise above 1 in {above_1:.1%} of the draws; add at_most: 1, or choose another form"
        )
