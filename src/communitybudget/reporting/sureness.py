"""How sure the answer is, what would change the decision, and what is worth finding out: words and charts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan

import pandas as pd

from communitybudget._core.chances import chance
from communitybudget._core.digits import supported
from communitybudget._core.vocabulary import ALL_AGENCIES, agency_label
from communitybudget.case import Appraisal, Decision
from communitybudget.charts import plot_data_sharing, plot_payback_probability, plot_tornado
from communitybudget.reporting.figures import Chart, draw_chart
from communitybudget.sensitivity import HolderInformation, OneWay

_FEWEST_DRAWS = 200
_NAMED, _SHOWN = 3, 8
_LITTLE = 0.05
"""Below this share of everything that could be known, knowing a kind of input counts as next to nothing."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the decision, answered.

    Parameters
    ----------
    name : str
        Of its place on the page.
    title : str
        The question.
    words : str
        The answer, under 80 words.
    chart : Chart
    """

    name: str
    title: str
    words: str
    chart: Chart


@dataclass(frozen=True, slots=True)
class Sureness:
    """The decision and its questions.

    Parameters
    ----------
    decision : Decision
    looked_at : str
        The option that the questions are about: the best, or the one that comes nearest to business as usual.
    one_way : OneWay
        Of its net present value, every other input at its mean.
    by_holder : HolderInformation
        What each agency's records are worth at most, with families to compare with.
    questions : tuple of Question
    """

    decision: Decision
    looked_at: str
    one_way: OneWay
    by_holder: HolderInformation
    questions: tuple[Question, ...]


def sureness_of(result: Appraisal, switching: Mapping[str, pd.DataFrame]) -> Sureness | None:
    """Answer the questions of a decision; None where there are too few draws or nothing is uncertain.

    Parameters
    ----------
    result : Appraisal
        What is reported.
    switching : mapping of str to pandas.DataFrame
        Switching values by option.
    """
    decision = result.decision()
    if decision.draws < _FEWEST_DRAWS or not decision.inputs:
        return None
    looked_at = _looked_at(decision)
    one_way = result.what_if(looked_at, decision.agency, decision.value).one_way()
    by_holder = decision.information_by_holder()
    questions = (
        _how_sure(result, looked_at),
        _what_would_change(result, decision, looked_at, one_way, switching[looked_at]),
        _worth_finding_out(decision, by_holder),
    )
    return Sureness(decision, looked_at, one_way, by_holder, questions)


def _looked_at(decision: Decision) -> str:
    means = decision.net_benefit.mean(axis=0)
    return decision.choices[1 + int(means[1:].argmax())]


def _how_sure(result: Appraisal, option: str) -> Question:
    npv, odds = result.measure("npv_fiscal", option), result.measure("probability_net_positive", option)
    error = npv["mc_error_with_chance"]
    ahead = "comes out ahead by" if npv["mean"] >= 0 else "falls short by"
    low, high = npv["p10_with_chance"], npv["p90_with_chance"]
    words = (
        f"On average {_named(result, option)} {ahead} {supported(abs(npv['mean']), npv['mc_error'])} over "
        f"{len(result.years)} years. Two things can make it otherwise: our figures may be wrong, and these "
        f"{result.families:,.0f} families may not be typical. Counting both, it pays for itself in "
        f"{chance(odds['mean_with_chance'])} of cases; in one case out of ten it {_result(low, error)} or "
        f"worse, in one out of ten it {_result(high, error)} or better. With typical families it would pay in "
        f"{chance(odds['mean'])}."
    )
    payers = result.balance(option).query("delivery > 0").sort_values("delivery", ascending=False)
    labels = {agency_label(agency): agency for agency in result.ledger.agencies}
    shown = [ALL_AGENCIES, *(labels[name] for name in payers["agency"].head(2))]
    frame = result.payback_by_year(option, shown)
    frame["agency"] = [agency_label(agency) for agency in frame["agency"]]
    last = frame[frame["year"] == result.years[-1]]
    described = "; ".join(
        f"{row['agency']}: {chance(row['probability_with_chance'])}" for row in last.to_dict("records")
    )
    return Question(
        "how-sure",
        "How sure are we?",
        words,
        draw_chart(
            "decision_how_sure",
            f"How likely the money is to be back: {result.ledger.label(option)}",
            f"Paid back for good by {result.years[-1]}. {described}.",
            lambda title: plot_payback_probability(frame, title=title),
        ),
    )


def _result(amount: float, error: float) -> str:
    return f"{'gains' if amount >= 0 else 'loses'} {supported(abs(amount), error)}"


def _what_would_change(
    result: Appraisal, decision: Decision, option: str, one_way: OneWay, switching: pd.DataFrame
) -> Question:
    bars = one_way.to_frame()
    ahead = one_way.base >= 0
    against = bars[["low", "high"]].min(axis=1) < 0 if ahead else bars[["low", "high"]].max(axis=1) > 0
    turning = bars[against]
    stands = "ahead" if ahead else "behind"
    count = len(turning)
    if count:
        named = _listed([_plain(label) for label in turning["label"]])
        one = "one of them, moved" if count == 1 else f"{count} of them, each moved"
        turn = f"Only {one} from its low to its high end alone, turns that round: {named}."
    else:
        turn = "No single one, moved from its low to its high end, turns that round."
    words = (
        f"With every figure at its mean {_named(result, option)} is {stands}. {len(bars)} figures are "
        f"uncertain. {turn} {_switches(switching)}"
    ).strip()
    label = result.ledger.label(option)
    described = "; ".join(
        f"{row['label']}: {_result(row['low'], 0)} or {_result(row['high'], 0)}"
        for row in bars.head(5).to_dict("records")
    )
    return Question(
        "what-would-change",
        "What would change the decision?",
        words,
        draw_chart(
            "decision_what_would_change",
            f"One figure at a time: {label}",
            f"Net present value with one input at its P10 and at its P90, the others at their mean. {described}.",
            lambda title: plot_tornado(bars, price_base=result.price_base, title=title),
        ),
    )


def _switches(switching: pd.DataFrame) -> str:
    """Say how far the cost and the strongest effect could go before the expected answer is nil."""
    found = []
    for row in switching.to_dict("records"):
        if not pd.notna(row["switching_value"]):
            continue
        key, value, turn = str(row["key"]), float(row["value"]), float(row["switching_value"])
        if key.startswith("case.delivery.") and not any("cost" in text for text in found):
            found.append(f"the cost could be {supported(turn, 1)} (now {supported(value, 1)})")
        elif key.startswith(("effect.", "published.")) and not any("effect" in text for text in found):
            found.append(
                f"the effect on “{_plain(str(row['label']))}” a ratio of {turn:.2f} (now {value:.2f})"
            )
    return f"To break even on average, {' or '.join(found)}." if found else ""


def _worth_finding_out(decision: Decision, by_holder: HolderInformation) -> Question:
    everything, kinds = decision.evpi, decision.information_by_kind()
    rows = {row.key: row for row in kinds.rows}
    words = (
        f"Choosing now instead of knowing everything first costs "
        f"{supported(everything.value, everything.standard_error)} on average: no study or extract can be "
        f"worth more to this choice. "
    )
    effects = rows.get("effects")
    little = [row for row in kinds.rows if row.key != "effects" and row.value < _LITTLE * everything.value]
    if everything.value <= 0:
        words = (
            "Nothing that could be learnt would change the choice, so that no study is worth anything to it."
        )
    elif effects is not None:
        words += f"{effects.share_of_evpi:.0%} of it is what the options do"
        words += "; better rates and prices alone are worth next to nothing. " if little else ". "
    words += _records(by_holder) if everything.value > 0 else ""
    chart = draw_chart(
        "decision_worth_finding_out",
        "What each agency's records are worth to the decision",
        "At most, a year. "
        + "; ".join(
            f"{row.holder}: {supported(row.value_a_year, 1)}"
            for row in by_holder.rows
            if row.value_a_year > 0
        )
        + ".",
        lambda title: plot_data_sharing(
            by_holder.for_chart().head(_SHOWN), price_base=decision.price_base, title=title
        ),
    )
    return Question("worth-finding-out", "What is worth finding out?", words.strip(), chart)


def _records(by_holder: HolderInformation) -> str:
    """Say whose records could be worth most, and what they cost where that is known."""
    worth = [row for row in by_holder.rows if row.value_a_year > 0]
    if not worth:
        return "No one agency's records would change the choice."
    named = []
    for row in worth[:2]:
        cost = "" if isnan(row.extract_cost_a_year) else f" (cost {supported(row.extract_cost_a_year, 1)})"
        named.append(f"{row.holder} {supported(row.value_a_year, row.standard_error)} a year{cost}")
    return (
        "Records of families with and without help would tell most: at most "
        f"{' and '.join(named)}. These ceilings do not add up."
    )


def _named(result: Appraisal, option: str) -> str:
    return f"“{result.ledger.label(option)}”"


def _plain(label: str) -> str:
    """Return the label of an input without the word for its kind."""
    return label.partition(": ")[2] or label


def _listed(names: Sequence[str]) -> str:
    """Return names in a row, the first few of many."""
    shown = [f"“{name}”" for name in names[:_NAMED]]
    more = len(names) - len(shown)
    if more:
        return f"{', '.join(shown)} and {more} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if shown[1:] else shown)
