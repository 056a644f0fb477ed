"""The charts of an appraisal, with words for those who cannot see them."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pandas as pd

from communitybudget._core.chances import chance
from communitybudget.case import Appraisal
from communitybudget.charts import (
    figure_bytes,
    money,
    plot_activity_avoided,
    plot_agency_balance,
    plot_costs_avoided_by_year,
    plot_cumulative_cash,
    plot_ladder,
    plot_npv_distribution,
    plot_tornado,
)
from communitybudget.ledger import costs_avoided_by_year

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Kind = Literal["svg", "png"]


@dataclass(frozen=True, slots=True)
class Drawing:
    """One chart as a page holds it.

    Parameters
    ----------
    name : str
        File name without ending, ``<option>_<chart>``.
    title : str
        What it shows.
    words : str
        The same for those who cannot see it.
    svg : bytes
        The file.
    """

    name: str
    title: str
    words: str
    svg: bytes

    def embedded(self) -> dict[str, str]:
        """Return title, words and source of the drawing for a page that holds it."""
        data = b64encode(self.svg).decode("ascii")
        return {"title": self.title, "words": self.words, "src": f"data:image/svg+xml;base64,{data}"}


@dataclass(frozen=True, slots=True)
class Chart(Drawing):
    """One chart as a page holds it, and as a picture to paste elsewhere.

    Parameters
    ----------
    png : bytes
        The file.
    """

    png: bytes


CHARTS: tuple[str, ...] = (
    "agency_balance",
    "cumulative_cash",
    "npv_distribution",
    "costs_avoided_by_year",
    "activity_avoided",
    "cashability_ladder",
    "tornado",
)


def option_charts(result: Appraisal, option: str) -> Iterator[Chart]:
    """Draw the charts of one option, in the order of `CHARTS`.

    The tornado is left out where there are too few draws for it.
    """
    label, base = result.ledger.label(option), result.price_base
    balance = result.balance(option)
    if len(balance):
        words = "; ".join(f"{r['agency']}: net {money(r['net'])}" for r in balance.to_dict("records"))
        yield draw_chart(
            f"{option}_agency_balance",
            f"Who pays and who gains: {label}",
            f"Present value by agency. {words}.",
            lambda title: plot_agency_balance(balance, price_base=base, title=title),
        )
    cash = result.cumulative_cash(option)
    last = cash.iloc[-1]
    yield draw_chart(
        f"{option}_cumulative_cash",
        f"Cumulative cash, all agencies: {label}",
        f"By {last['year']} the median is {money(last['p50'])}, with 80% between {money(last['p10'])} and "
        f"{money(last['p90'])}.",
        lambda title: plot_cumulative_cash(cash, price_base=base, title=title),
    )
    npv, expected = result.npv(option, chance=True), result.npv(option)
    yield draw_chart(
        f"{option}_npv_distribution",
        f"Net present value, all agencies: {label}",
        f"Mean {money(expected.mean())}; not negative in {chance((npv >= 0).mean())} of draws, and in "
        f"{chance((expected >= 0).mean())} were it not for chance.",
        lambda title: plot_npv_distribution(
            pd.DataFrame({"npv": npv, "expected": expected}), price_base=base, title=title
        ),
    )
    avoided = costs_avoided_by_year(result.ledger, option)
    if len(avoided):
        totals = avoided.groupby("year")["mean"].sum()
        yield draw_chart(
            f"{option}_costs_avoided_by_year",
            f"Costs avoided by agency and year: {label}",
            "All agencies: " + "; ".join(f"{year} {money(value)}" for year, value in totals.items()) + ".",
            lambda title: plot_costs_avoided_by_year(avoided, price_base=base, title=title),
        )
    activity = result.activity.avoided_frame(option)
    if len(activity):
        words = "; ".join(f"{r['label']}: {r['mean']:,.1f} {r['unit']}" for r in activity.to_dict("records"))
        yield draw_chart(
            f"{option}_activity_avoided",
            f"Activity avoided by pathway: {label}",
            f"Means over the horizon. {words}.",
            lambda title: plot_activity_avoided(activity, title=title),
        )
    if result.cash.rules:
        rungs = result.cash.rungs_frame(option, result.cash_with_chance)
        words = "; ".join(f"{r['rung']}: {money(r['mean'])}" for r in rungs.to_dict("records"))
        yield draw_chart(
            f"{option}_cashability_ladder",
            f"From costs avoided to cash: {label}",
            f"Sum over the years, undiscounted means. {words}.",
            lambda title: plot_ladder(rungs, price_base=base, title=title),
        )
    if result.draws > 3 * len(result.inputs):
        bars = result.tornado(option).to_frame()
        words = "; ".join(
            f"{r['label']}: {money(r['low'])} to {money(r['high'])}" for r in bars.head(5).to_dict("records")
        )
        yield draw_chart(
            f"{option}_tornado",
            f"What moves the answer most: {label}",
            f"Expected net present value with each input at its P10 and its P90. {words}.",
            lambda title: plot_tornado(bars, price_base=base, title=title),
        )


def draw_chart(name: str, title: str, words: str, draw: Callable[[str], "Axes"]) -> Chart:
    """Return a chart as files.

    Parameters
    ----------
    name, title, words : str
        As in `Chart`.
    draw : callable
        Draws it under a title and returns its axes.
    """
    figure = draw(title).figure
    return Chart(name, title, words, figure_bytes(figure, "svg"), figure_bytes(figure, "png"))
