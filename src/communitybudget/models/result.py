"""What a state model gives: totals by option, reward and agency, differences, traces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.cards import card, text_table
from communitybudget._core.errors import ParameterError, ParameterNotFound, TransitionError, did_you_mean
from communitybudget._core.options import chosen_option
from communitybudget._core.results import JsonResult, result
from communitybudget._core.vocabulary import agency_label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from communitybudget.models.chance import ModelChance
    from communitybudget.models.model import StateModel

Array = NDArray[np.float64]

_INTERVAL = (0.025, 0.975)
_DRAWN = 200


@result
@dataclass(frozen=True, slots=True)
class RewardRow:
    """One row of the totals.

    Parameters
    ----------
    name, kind : str
        Name of the reward; ``cost`` or ``effect``.
    agency, value_type : str
        Who bears it; ``fiscal``, ``economic`` or ``social``, empty for an effect.
    """

    name: str
    kind: str
    agency: str
    value_type: str


@dataclass(frozen=True, slots=True)
class Incremental:
    """One option against another: what more it costs and what more it gains.

    Parameters
    ----------
    option, against : str
        Their names.
    effect_name : str
        Which effect.
    cost, effect : ndarray, shape (D,)
        Differences in each draw, discounted unless asked otherwise.
    icer : float
        Ratio of the mean differences; NaN where the effect does not differ.
    """

    option: str
    against: str
    effect_name: str
    cost: Array
    effect: Array
    icer: float

    def net_benefit(self, threshold: float) -> Array:
        """Return the net monetary benefit at a value of one unit of the effect, shape (D,)."""
        return np.asarray(self.effect * threshold - self.cost)

    def __str__(self) -> str:
        return (
            f"{self.option} against {self.against}: cost {_mean_words(self.cost)}; {self.effect_name} "
            f"{_mean_words(self.effect)}; ICER {self.icer:,.2f} (ratio of means)"
        )


@result
@dataclass(frozen=True, eq=False)
class ModelRun(JsonResult):
    """Totals of a state model, with the model and the conventions that made them.

    Parameters
    ----------
    model : StateModel
        What was run.
    rows : tuple of RewardRow
        R costs and effects.
    amounts : ndarray, shape (2, R, O, D)
        Totals over the horizon: undiscounted, discounted; by row, option and draw.
    year_means, year_sds : ndarray, shape (2, R, O, Y)
        Mean and standard deviation over the draws by year.
    """

    model: "StateModel"
    rows: tuple[RewardRow, ...]
    amounts: Array
    year_means: Array
    year_sds: Array

    @property
    def options(self) -> tuple[str, ...]:
        """Names of the options, the first being what others are compared with."""
        return tuple(option.name for option in self.model.options)

    @property
    def draws(self) -> int:
        """Number of draws."""
        return int(self.amounts.shape[-1])

    @property
    def conventions(self) -> tuple[str, ...]:
        """The conventions in words."""
        return self.model.conventions.labels()

    def total(
        self,
        name: str,
        option: str,
        *,
        agency: str | None = None,
        value_type: str | None = None,
        discounted: bool = True,
    ) -> Array:
        """Return a total over the horizon by draw.

        Parameters
        ----------
        name : str
            Name of a reward; ``cost`` for all costs, ``effect`` for the only effect.
        option : str
            Name of the option.
        agency, value_type : str, optional
            Only what this agency bears; only this kind of value.
        discounted : bool, default True
            Whether discounted.

        Returns
        -------
        ndarray, shape (D,)
            Of all people who started and entered; for ``people=1`` per person.

        Raises
        ------
        ParameterNotFound
            If there is no such reward, agency or option.
        ParameterError
            If costs of several value types, or several effects, would be added together.
        """
        chosen = self._rows_named(name, agency, value_type)
        total = np.zeros(self.draws)
        for row in chosen:
            total += self.amounts[int(discounted), row, self._option(option)]
        return total

    def by_year(
        self,
        name: str,
        option: str,
        *,
        agency: str | None = None,
        value_type: str | None = None,
        discounted: bool = False,
    ) -> Array:
        """Return the mean of a total by year of the model, shape (Y,); arguments as in `total`."""
        found = np.zeros(self.year_means.shape[-1])
        for row in self._rows_named(name, agency, value_type):
            found += self.year_means[int(discounted), row, self._option(option)]
        return found

    def trace(self, option: str, draws: int | None = None) -> Array:
        """Return the people in each state at each point; the option is run again for it.

        Parameters
        ----------
        option : str
            Name of the option.
        draws : int, optional
            Only the first so many draws; all if omitted.

        Returns
        -------
        ndarray, shape (T + 1, S), or (T + 1, S, draw) where the model has draws
            Shares of people where ``people`` is 1 and nobody comes later.

        Raises
        ------
        TransitionError
            If there is no such option, or no draw is asked for.
        """
        from communitybudget.models.totals import trace

        if draws is not None and draws < 1:
            raise TransitionError(f"draws is {draws}; ask for one at least")
        number = self.draws if draws is None else min(draws, self.draws)
        found = trace(self.model, self.model.option(option), number)
        return found[..., 0] if self.model.draw_count == 1 else found

    def incremental(
        self,
        option: str,
        against: str | None = None,
        *,
        effect: str = "effect",
        value_type: str | None = None,
        discounted: bool = True,
    ) -> Incremental:
        """Return the difference of two options in cost and effect, and their ratio.

        Parameters
        ----------
        option, against : str
            Names; against the first option if omitted.
        effect : str
            Name of the effect; the only one if omitted.
        value_type : str, optional
            Only costs of this kind.
        discounted : bool, default True
            Whether discounted.

        Examples
        --------
        The ICER is the ratio of mean differences; a mean of ratios is never reported.
        """
        other = self.options[0] if against is None else against
        rows = [r.kind for r in self.rows]
        costs = np.zeros(self.draws)
        if "cost" in rows:
            costs = self.total("cost", option, value_type=value_type, discounted=discounted) - self.total(
                "cost", other, value_type=value_type, discounted=discounted
            )
        gains = self.total(effect, option, discounted=discounted) - self.total(
            effect, other, discounted=discounted
        )
        name = next(r.name for r in self.rows if r.kind == "effect" and effect in (r.name, "effect"))
        ratio = float(costs.mean() / gains.mean()) if gains.mean() != 0 else float("nan")
        return Incremental(option, other, name, costs, gains, ratio)

    def net_benefit(
        self, threshold: float, *, effect: str = "effect", value_type: str | None = None
    ) -> Array:
        """Return the net monetary benefit of every option, for `evpi` and its kin.

        Parameters
        ----------
        threshold : float
            What one unit of the effect is worth.
        effect, value_type : str, optional
            As in `incremental`.

        Returns
        -------
        ndarray, shape (D, O)
            The effect times the threshold less the cost, discounted.
        """
        found = [threshold * self.total(effect, option) for option in self.options]
        if any(row.kind == "cost" for row in self.rows):
            costs = [self.total("cost", option, value_type=value_type) for option in self.options]
            found = [gain - cost for gain, cost in zip(found, costs, strict=True)]
        return np.stack(found, axis=1)

    def frontier(self, *, effect: str = "effect", value_type: str | None = None) -> "pd.DataFrame":
        """Return the options from the cheapest up, each compared with the last one worth having.

        Parameters
        ----------
        effect, value_type : str, optional
            As in `incremental`.

        Returns
        -------
        pandas.DataFrame
            ``option, cost, effect, more_cost, more_effect, icer, status``: mean discounted totals and, where
            the status is ``ND`` (not dominated), what they are more than those of the option before.
            ``D``: another option costs no more and gains no less. ``ED``: a mixture of two others does.
        """
        import pandas as pd

        means = {
            option: (
                float(self.total("cost", option, value_type=value_type).mean()),
                float(self.total(effect, option).mean()),
            )
            for option in self.options
        }
        ranked = sorted(means, key=lambda option: (means[option][0], -means[option][1]))
        kept: list[str] = []
        status = {}
        for option in ranked:
            if kept and means[option][1] <= means[kept[-1]][1]:
                status[option] = "D"
                continue
            kept.append(option)
            while len(kept) > 2 and _ratio(means, kept[-2], kept[-1]) <= _ratio(means, kept[-3], kept[-2]):
                status[kept.pop(-2)] = "ED"
        records = []
        for option in [*kept, *(o for o in ranked if o not in kept)]:
            record = {"option": option, "cost": means[option][0], "effect": means[option][1]}
            before = kept[kept.index(option) - 1] if option in kept[1:] else None
            more = (np.nan,) * 3
            if before is not None:
                cost, gain = (a - b for a, b in zip(means[option], means[before], strict=True))
                more = (cost, gain, cost / gain)
            record |= dict(zip(("more_cost", "more_effect", "icer"), more, strict=True))
            records.append({**record, "status": status.get(option, "ND")})
        return pd.DataFrame(records)

    def chance(
        self,
        name: str,
        option: str,
        against: str | None = None,
        *,
        agency: str | None = None,
        value_type: str | None = None,
        threshold: float | None = None,
        discounted: bool = True,
        people: float | None = None,
        arrivals: str = "fixed",
        spread_of_spells: Mapping[str, float] | None = None,
        draws: int = _DRAWN,
    ) -> "ModelChance":
        """Return a total with chance, which people these turn out to be, beside the uncertainty of the rates.

        People are independent of each other, given the rates. The difference of two options is that of the
        same people: a person lives alike under both until the option first changes a move of theirs.

        Parameters
        ----------
        name, option : str
            As in `total`.
        against : str, optional
            Option to compare with; the first if omitted.
        agency, value_type : str, optional
            As in `total`.
        threshold : float, optional
            What one unit of the effect ``name`` is worth: counted is then the net benefit, the effect times
            the threshold less the costs (of this agency and value type).
        discounted : bool, default True
            Whether discounted.
        people : float, optional
            Number who start at time zero, in place of those of the model.
        arrivals : {'fixed', 'poisson'}
            Whether the numbers who come later are known, or themselves a matter of chance at known rates.
        spread_of_spells : mapping of str to float, optional
            By state: the standard deviation over the mean of what spells in it cost, where one costs several
            times another.
        draws : int, default 200
            Only the first so many draws; chance takes longer than a run.

        Returns
        -------
        ModelChance

        Raises
        ------
        ParameterNotFound
            If there is no such reward, agency, option or state.
        ParameterError
            If amounts that do not add would be added, or a number cannot be; every fault at once.

        Examples
        --------
        One of 60 people moves on with a probability of 0.3: a binomial number.

        >>> from communitybudget.models import *
        >>> model = StateModel(
        ...     states=("at_home", "in_care"),
        ...     cycles=1,
        ...     moves={"at_home -> in_care": probability(0.3)},
        ...     rewards=[effect("entries", 1, entering="in_care")],
        ...     people=60,
        ... )
        >>> found = model.run().chance("entries", "bau", discounted=False)
        >>> round(float(found.means[0, 0]), 9), round(float(found.variances[0, 0]), 9)
        (18.0, 12.6)
        """
        from communitybudget.models.chance import chance_of

        counted, kind = self._counted(name, agency, value_type, threshold)
        what = name if threshold is None else f"net benefit at {threshold:,g} for one {name}"
        return chance_of(
            self,
            counted,
            kind,
            " ".join([what, *([agency_label(agency)] if agency else [])]),
            (self._option(self.options[0] if against is None else against), self._option(option)),
            discounted=discounted,
            people=people,
            arrivals=arrivals,
            spread_of_spells=dict(spread_of_spells or {}),
            draws=draws,
        )

    def _counted(
        self, name: str, agency: str | None, value_type: str | None, threshold: float | None
    ) -> tuple[dict[RewardRow, float], str]:
        """Return the rows that a total adds and times what, and its kind."""
        if threshold is None:
            chosen = self._rows_named(name, agency, value_type)
            kinds = {self.rows[i].kind for i in chosen}
            if len(kinds) > 1:
                raise ParameterError(f"'{name}' is the name of a cost and of an effect; give value_type=")
            return {self.rows[i]: 1.0 for i in chosen}, kinds.pop()
        counted = {self.rows[i]: threshold for i in self._rows_named(name, None, None)}
        if any(row.kind == "cost" for row in counted):
            raise ParameterError(f"a threshold prices an effect and '{name}' is a cost; name an effect")
        if any(row.kind == "cost" for row in self.rows):
            counted |= {self.rows[i]: -1.0 for i in self._rows_named("cost", agency, value_type)}
        return counted, "net benefit"

    def to_frame(self, by: str = "reward") -> "pd.DataFrame":
        """Return totals by option, reward and agency, or the means by year.

        Parameters
        ----------
        by : str, default "reward"
            ``reward`` or ``year``.

        Returns
        -------
        pandas.DataFrame
            ``option, reward, kind, agency, value_type, unit, discounted``, and ``mean, mc_error, low, high``
            (the interval of 95% over the draws), or ``year, mean, mc_error``.
        """
        import pandas as pd

        if by not in ("reward", "year"):
            raise ParameterError(f"by is '{by}'; use 'reward' or 'year'")
        records = []
        for basis, discounted in ((1, True), (0, False)):
            for o, option in enumerate(self.options):
                for r, row in enumerate(self.rows):
                    key = {
                        "option": option,
                        "reward": row.name,
                        "kind": row.kind,
                        "agency": row.agency,
                        "value_type": row.value_type,
                        "unit": self.money if row.kind == "cost" else row.name,
                        "discounted": discounted,
                    }
                    if by == "reward":
                        records.append({**key, **_spread(self.amounts[basis, r, o])})
                        continue
                    for y, year in enumerate(self.model.year_names):
                        error = self.year_sds[basis, r, o, y] / np.sqrt(self.draws)
                        records.append(
                            {**key, "year": year, "mean": self.year_means[basis, r, o, y], "mc_error": error}
                        )
        return pd.DataFrame(records)

    def plot(self, ax: "Axes | None" = None, option: str | None = None) -> "Axes":
        """Draw the people in each state over time, for the first option unless one is named."""
        import pandas as pd

        from communitybudget.charts import plot_occupancy

        name = option or self.options[0]
        found = self.trace(name, draws=_DRAWN)
        mean = found.mean(axis=-1) if found.ndim == 3 else found
        if self.model.intake is not None:
            mean = mean[:-1]  # nobody enters at the last point: it would look like a fall
        years = np.arange(len(mean)) * self.model.cycle_months / 12
        frame = pd.DataFrame(
            [
                {"time": years[t], "state": state, "people": mean[t, s]}
                for s, state in enumerate(self.model.states)
                for t in range(len(mean))
            ]
        )
        return plot_occupancy(frame, ax, title=f"{self.model.title}: {name}")

    @property
    def money(self) -> str:
        """Unit of the costs, price base and all."""
        return f"{self.model.currency}, {self.model.price_base} prices"

    def summary(self) -> str:
        """Return totals, differences and conventions as text."""
        return text_table(self.model.title, self._lines(), self._foot, "\n".join(self.conventions))

    def _lines(self) -> list[tuple[str, str]]:
        lines = []
        effects = list(dict.fromkeys(row.name for row in self.rows if row.kind == "effect"))
        types = list(dict.fromkeys(row.value_type for row in self.rows if row.kind == "cost"))
        for o, option in enumerate(self.options):
            for value_type in types:
                words = _mean_words(self.total("cost", option, value_type=value_type))
                lines.append((f"{option}: {value_type} cost", words))
                agencies = dict.fromkeys(
                    r.agency for r in self.rows if r.kind == "cost" and r.value_type == value_type
                )
                for agency in agencies if len(agencies) > 1 else ():
                    words = _mean_words(self.total("cost", option, agency=agency, value_type=value_type))
                    lines.append((f"  {agency_label(agency)}", words))
            lines += [(f"{option}: {name}", _mean_words(self.total(name, option))) for name in effects]
            for name in effects if o and len(types) == 1 else ():
                more = self.incremental(option, effect=name)
                lines.append((f"{option} against {more.against}: cost", _mean_words(more.cost)))
                lines.append((f"{option} against {more.against}: {name}", _mean_words(more.effect)))
                icer = "none, the effects do not differ" if np.isnan(more.icer) else f"{more.icer:,.2f}"
                lines.append((f"{option} against {more.against}: cost per {name} (ratio of means)", icer))
        return lines

    @property
    def _foot(self) -> str:
        money = self.money if any(row.kind == "cost" for row in self.rows) else "Natural units, no money"
        people = f"{self.model.people:,g} people at the start"
        if self.model.intake is not None:
            people += f", {self.model.intake.sum():,g} coming later"
        return f"{money} · totals discounted · {people} · {self.draws:,} draws"

    def __repr__(self) -> str:
        return (
            f"ModelRun({len(self.options)} options, {len(self.rows)} rewards, {self.model.cycles} cycles, "
            f"draws={self.draws:,})"
        )

    def _repr_html_(self) -> str:
        return card(self.model.title, self._lines(), self._foot, "; ".join(self.conventions))

    def _option(self, name: str) -> int:
        return self.options.index(chosen_option(name, self.options))

    def _rows_named(self, name: str, agency: str | None, value_type: str | None) -> Sequence[int]:
        own = [i for i, row in enumerate(self.rows) if row.name == name]
        if not own and name in ("cost", "effect"):
            own = [i for i, row in enumerate(self.rows) if row.kind == name]
            names = {self.rows[i].name for i in own}
            if name == "effect" and len(names) > 1:
                raise ParameterError(f"there are several effects; name one of {', '.join(sorted(names))}")
        if not own:
            known = [row.name for row in self.rows]
            raise ParameterNotFound(f"there is no cost or effect '{name}'; {did_you_mean(name, known)}")
        found = [
            i
            for i in own
            if agency in (None, self.rows[i].agency) and value_type in (None, self.rows[i].value_type)
        ]
        if not found:
            pairs = {(self.rows[i].agency, self.rows[i].value_type) for i in own}
            listed = "; ".join(" ".join(pair).strip() for pair in sorted(pairs))
            raise ParameterNotFound(f"'{name}' has nothing for this agency or value type; it has {listed}")
        types = sorted({self.rows[i].value_type for i in found})
        if len(types) > 1:
            raise ParameterError(
                f"'{name}' has values of several types ({', '.join(types)}), which are never added together; "
                "give value_type="
            )
        return found


def _ratio(means: Mapping[str, tuple[float, float]], before: str, option: str) -> float:
    """Return the cost of one more unit of effect; the later option gains more."""
    return (means[option][0] - means[before][0]) / (means[option][1] - means[before][1])


def _spread(values: Array) -> dict[str, Any]:
    low, high = np.quantile(values, _INTERVAL)
    error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else 0.0
    return {"mean": values.mean(), "mc_error": error, "low": low, "high": high}


def _mean_words(values: Array) -> str:
    found = _spread(values)
    if len(values) == 1:
        return f"{found['mean']:,.4f}"
    return (
        f"{found['mean']:,.4f} (95% interval {found['low']:,.4f} to {found['high']:,.4f}; Monte Carlo error "
        f"{found['mc_error']:,.2g})"
    )
