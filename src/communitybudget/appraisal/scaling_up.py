"""From a pilot to an authority to the nation: fixed costs, a diminishing effect, places that differ.

Takes what one family of the pilot cost and gained, in draws, and knows nothing of pathways. A pilot's
*claim*, a printed total without a model behind it, is carried on by `scale_up_claim` instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from communitybudget._core.cards import NOT_STATED, Card, CardResult, footer
from communitybudget._core.chances import chance
from communitybudget._core.digits import as_stated, counted, percent, supported
from communitybudget._core.errors import raise_together
from communitybudget._core.numbers import as_given, whole
from communitybudget._core.precision import error_of_mean
from communitybudget._core.results import result
from communitybudget._core.vocabulary import ALL_AGENCIES, agency_label
from communitybudget._core.years import parse_year
from communitybudget.appraisal.diminishing import Diminishing, NoDiminishing
from communitybudget.appraisal.discounting import Schedule, discount_factors
from communitybudget.appraisal.quantiles import tenth_half_ninetieth
from communitybudget.appraisal.scales import BetweenPlaces, FixedCosts, Level, sums_of_other_places

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

FloatArray = npt.NDArray[np.float64]

SCALED_COLUMNS: tuple[str, ...] = (
    "level",
    "agency",
    "families",
    "places",
    "gain",
    "cost",
    "net",
    "net_error",
    "net_p10",
    "net_p50",
    "net_p90",
    "probability_pays",
)

NO_COUNTERFACTUAL = "GROSS: the pilot had no comparison group"


@result
@dataclass(frozen=True, eq=False, repr=False)
class ScaledUp(CardResult):
    """A programme at several scales, in every draw.

    Parameters
    ----------
    levels : tuple of Level
        The pilot first.
    agencies : tuple of str
        Keys; ``all`` alone where none were given.
    gain, cost : ndarray, shape (level, agency, draw)
        Present value, GBP: costs avoided, and what the programme costs with its fixed costs.
    next_family, average_family : tuple of float
        What the last family to join, and the average one, gains over a pilot family, by level.
    diminishing : NoDiminishing, ShareKept or FallPerDoubling
        How the effect falls with scale.
    between : BetweenPlaces
        How places differ.
    fixed : FixedCosts
        Of each place.
    price_base, counterfactual : str
        Of the amounts, and what the pilot was compared with; blank where with nothing.
    seed : int
        Of the factors of places.
    """

    levels: tuple[Level, ...]
    agencies: tuple[str, ...]
    gain: FloatArray
    cost: FloatArray
    next_family: tuple[float, ...]
    average_family: tuple[float, ...]
    diminishing: Diminishing
    between: BetweenPlaces
    fixed: FixedCosts
    price_base: str
    counterfactual: str
    seed: int

    @property
    def net(self) -> FloatArray:
        """Gain less cost, shape (level, agency, draw)."""
        return np.asarray(self.gain - self.cost)

    @property
    def gross(self) -> bool:
        """Whether the pilot was compared with nothing."""
        return not self.counterfactual

    def to_frame(self) -> "pd.DataFrame":
        """Return a row for each level and agency, and one for all agencies where there are several.

        Returns
        -------
        pandas.DataFrame
            ``level, agency, families, places``; means of ``gain, cost, net`` in GBP, ``net_error`` the
            Monte Carlo error of the last; ``net_p10, net_p50, net_p90``; ``probability_pays``, the share of
            draws whose net is not below 0.
        """
        import pandas as pd

        rows: list[tuple[object, ...]] = []
        for place, level in enumerate(self.levels):
            parts = [(a, self.gain[place, i], self.cost[place, i]) for i, a in enumerate(self.agencies)]
            if len(self.agencies) > 1:
                parts.append((ALL_AGENCIES, self.gain[place].sum(axis=0), self.cost[place].sum(axis=0)))
            for agency, gain, cost in parts:
                net = gain - cost
                means = (gain.mean(), cost.mean(), net.mean(), error_of_mean(net))
                quantiles = tenth_half_ninetieth(net)[:3]
                rows.append(
                    (
                        level.name,
                        agency_label(agency),
                        level.reached,
                        level.places,
                        *map(float, means),
                        *quantiles,
                        float((net >= 0).mean()),
                    )
                )
        return pd.DataFrame(rows, columns=list(SCALED_COLUMNS))

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the net of one family at each level, with its range, and the net of all beside it."""
        import pandas as pd

        from communitybudget.charts import plot_amounts

        frame = self._all_agencies()
        rows = pd.DataFrame({"label": [f"{r.level}\n{r.families:,.0f} families" for r in frame.itertuples()]})
        for name in ("p10", "p50", "p90"):
            rows[name] = frame[f"net_{name}"] / frame["families"]
        rows["total"] = frame["net"]
        note = "" if self.counterfactual else f" {NO_COUNTERFACTUAL}."
        return plot_amounts(
            rows,
            ax,
            price_base=self.price_base,
            title="What one family is worth as the programme grows",
            subtitle=f"Net present value of a family: median, P10 to P90. At the right: all, mean.{note}",
            axis="Net of a family",
        )

    def _all_agencies(self) -> "pd.DataFrame":
        frame = self.to_frame()
        return frame[frame["agency"] == agency_label(ALL_AGENCIES)]

    def _card(self) -> Card:
        rows = []
        for level, row in zip(self.levels, self._all_agencies().to_dict("records"), strict=True):
            capped = f", of {level.families:,.0f} asked for" if level.reached < level.families else ""
            where = f"{level.reached:,.0f} families{capped}, {counted(level.places, 'place')}"
            said = [supported(row[f"net_{q}"], row["net_error"]) for q in ("p50", "p10", "p90")]
            worth = f"{said[0]} ({said[1]} to {said[2]}), pays in {chance(row['probability_pays'])} of draws"
            rows.append((f"{level.name}: {where}", worth))
        last = self.levels[-1].name
        for who, shares in (("average", self.average_family), ("last", self.next_family)):
            rows.append((f"{last}: the {who} family gains of a pilot family", percent(shares[-1])))
        places = f"{as_stated(self.between.common)} in common, {as_stated(self.between.own)} of each place"
        rows += [("Effect with scale", self.diminishing.words), ("Spread between places", places)]
        against = f"Compared with {self.counterfactual}." if self.counterfactual else f"{NO_COUNTERFACTUAL}."
        note = f"Net present value: median (P10 to P90). {against}"
        return Card("Scaled up", rows, footer(self.price_base, self.seed, self.gain.shape[-1], ""), note)

    def __repr__(self) -> str:
        return (
            f"ScaledUp({self.levels[0].name} to {self.levels[-1].name}, price_base={self.price_base}, "
            f"draws={self.gain.shape[-1]}, seed={self.seed})"
        )


def scale_up(
    gain: npt.ArrayLike,
    cost: npt.ArrayLike,
    pilot: Level,
    to: Sequence[Level],
    *,
    fixed: FixedCosts | None = None,
    diminishing: Diminishing | None = None,
    between: BetweenPlaces | None = None,
    agencies: Sequence[str] = (),
    years: int = 1,
    schedule: Schedule = "green_book_2022",
    price_base: str = NOT_STATED,
    counterfactual: str = "",
    seed: int = 1,
) -> ScaledUp:
    """Carry a pilot on to larger scales.

    Parameters
    ----------
    gain, cost : array_like, shape (draw,) or (agency, year, draw)
        Of one family of the pilot, GBP, both positive: costs avoided, and what varies with the number of
        families. One axis: present values; a single number is one draw. Three: undiscounted amounts,
        discounted here.
    pilot : Level
        One place; its families had the effect that ``gain`` holds.
    to : sequence of Level
        Larger scales, for example the authority and the nation.
    fixed : FixedCosts, optional
        Of each place; none if not given.
    diminishing : NoDiminishing, ShareKept or FallPerDoubling, optional
        How the effect falls with the families of one place; not at all if not given.
    between : BetweenPlaces, optional
        How the effect in other places may differ; not at all if not given, which is seldom honest.
    agencies : sequence of str
        Keys, one for each row of the agency axis; none for present values.
    years : int, default 1
        In which fixed costs are borne, of present values; otherwise the years of the amounts.
    schedule : str, float or DiscountSchedule
        As in `discount_factors`.
    price_base : str
        Of the amounts.
    counterfactual : str
        What the pilot was compared with; blank where with nothing: then everything is labelled GROSS.
    seed : int
        Each place has a stream of its own, the same at every level.

    Returns
    -------
    ScaledUp

    Raises
    ------
    ValueError
        With every fault: shapes, agencies that are not one for each row, a pilot in several places, a name
        given twice.

    Notes
    -----
    Over a level with N families in K places, a family of draw d gains g(d) a(N / K) F(d): a is the average
    over one place, and F the mean over places of C(d) O(d, place), which is 1 in the pilot's own place. C and
    O are log-normal with mean 1. g and F are independent, so that Var(gF) >= Var(g): the relative spread of a
    level is never below the pilot's own. Costs bear no factor of places.

    Examples
    --------
    >>> nation = Level("nation", 120_000, places=150)
    >>> found = scale_up(9_000.0, 6_000.0, Level("pilot", 100), [nation], fixed=FixedCosts(150_000.0))
    >>> found.net[:, 0, 0].tolist()
    [150000.0, 337500000.0]
    """
    fixed = fixed or FixedCosts()
    diminishing = diminishing or NoDiminishing()
    between = between or BetweenPlaces()
    gains, costs = _numbers("gain", gain), _numbers("cost", cost)
    names = tuple(agencies) or (ALL_AGENCIES,)
    levels = (pilot, *to)
    raise_together(_faults(gains, costs, levels, names, fixed, between, seed))
    price_base = price_base if price_base == NOT_STATED else parse_year(price_base)
    factors = discount_factors(gains.shape[1] if gains.ndim == 3 else years, schedule)
    a_family, to_help = (_present(x, factors) for x in (gains, costs))
    draws = max(a_family.shape[-1], to_help.shape[-1])
    others = sums_of_other_places(levels, between, draws, seed)
    in_a_place = fixed.set_up + fixed.a_year * float(factors.sum())
    bearer = names.index(fixed.agency) if fixed.agency else 0
    shape = (len(levels), len(names), draws)
    gain_all, cost_all = np.empty(shape), np.empty(shape)
    averages = tuple(diminishing.average_family(x.families_a_place, pilot.reached) for x in levels)
    for i, level in enumerate(levels):
        known = int(level.includes_pilot)
        factor = (known + others[level.places - known]) / level.places
        gain_all[i] = a_family * (level.reached * averages[i]) * factor
        cost_all[i] = to_help * level.reached
        cost_all[i, bearer] += in_a_place * level.places
    lasts = tuple(diminishing.next_family(x.families_a_place, pilot.reached) for x in levels)
    return ScaledUp(
        levels,
        names,
        gain_all,
        cost_all,
        lasts,
        averages,
        diminishing,
        between,
        fixed,
        price_base,
        counterfactual,
        seed,
    )


def _numbers(name: str, values: npt.ArrayLike) -> FloatArray:
    try:
        return np.atleast_1d(np.asarray(values, dtype=np.float64))
    except (TypeError, ValueError) as fault:
        raise ValueError(f"{name} is no array of numbers ({fault}); give GBP of one family") from fault


def _faults(
    gain: FloatArray,
    cost: FloatArray,
    levels: tuple[Level, ...],
    agencies: tuple[str, ...],
    fixed: FixedCosts,
    between: BetweenPlaces,
    seed: int,
) -> list[str]:
    faults = []
    pilot, named = levels[0], [level.name for level in levels]
    for name in sorted({name for name in named if named.count(name) > 1}):
        faults.append(f"two levels are called '{name}'; give each its own name")
    if not whole(seed, 0):
        faults.append(f"seed is {as_given(seed)}; use a whole number from 0")
    for name, values in (("gain", gain), ("cost", cost)):
        if values.ndim not in (1, 3):
            faults.append(f"{name} has shape {values.shape}; give (draw,) or (agency, year, draw)")
        elif values.ndim == 3 and values.shape[0] != len(agencies):
            rows = f"{name} has {values.shape[0]} rows of agencies and {len(agencies)} are named"
            faults.append(f"{rows}; name one for each row, in order")
        elif values.ndim == 1 and len(agencies) > 1:
            faults.append(f"{name} has no agency axis; give (agency, year, draw), or name no agencies")
        if not values.size or not np.isfinite(values).all():
            faults.append(f"{name} is empty or holds a value that is not finite; give GBP of one family")
    if gain.ndim != cost.ndim or (gain.ndim == 3 and gain.shape[:2] != cost.shape[:2]):
        faults.append(f"gain has shape {gain.shape} and cost {cost.shape}; give both on the same axes")
    if 1 not in (gain.shape[-1], cost.shape[-1]) and gain.shape[-1] != cost.shape[-1]:
        faults.append(f"there are {gain.shape[-1]} draws of gain and {cost.shape[-1]} of cost; give as many")
    if gain.shape[-1] == cost.shape[-1] == 1 and (between.common or between.own):
        faults.append(
            "there is one draw, which shows no spread between places; repeat the amounts, as in "
            "numpy.full(10_000, 9_000.0)"
        )
    if pilot.places != 1 or not pilot.includes_pilot:
        faults.append(f"the pilot has {pilot.places} places; give its one place, which it includes")
    if fixed.agency and fixed.agency not in agencies:
        faults.append(f"fixed costs are borne by '{fixed.agency}'; use one of {', '.join(agencies)}")
    return faults


def _present(values: FloatArray, factors: FloatArray) -> FloatArray:
    """Return present values, shape (agency, draw)."""
    if values.ndim == 1:
        return values[np.newaxis]
    total: FloatArray = values[:, 0] * factors[0]
    for year in range(1, factors.size):
        total = total + values[:, year] * factors[year]
    return total
