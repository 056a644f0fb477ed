"""How sure the answer is, what would change the decision, and what is worth finding out: words and charts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

import pandas as pd

from communitybudget._core.chances import chance
from communitybudget._core.digits import counted, pounds, supported, supported_chance
from communitybudget._core.vocabulary import ALL_AGENCIES, agency_label
from communitybudget._core.words import short_enough
from communitybudget.case import Appraisal, Decision
from communitybudget.charts import plot_data_sharing, plot_payback_probability, plot_tornado
from communitybudget.reporting.figures import Chart, draw_chart
from communitybudget.sensitivity import HolderInformation, InformationTable, OneWay
from communitybudget.sensitivity.information_by_holder import (
    MAY_BE,
    NO,
    NOT_KNOWN,
    TOO_CLOSE,
    HolderValue,
)

_FEWEST_DRAWS = 200
_NAMED, _SHOWN = 3, 8
_ENDS = ("its low end (P10)", "its high end (P90)")
_NEAR = 1_000.0
"""Amounts with every input held have no Monte Carlo error; they are told to the nearest thousand."""
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
    kinds : InformationTable
        What each kind of input is worth to know.
    by_holder : HolderInformation
        What each agency's records are worth at most, with families to compare with.
    questions : tuple of Question
    """

    decision: Decision
    looked_at: str
    one_way: OneWay
    kinds: InformationTable
    by_holder: HolderInformation
    questions: tuple[Question, ...]

    def information(self) -> pd.DataFrame:
        """Return what kinds of input and single inputs are worth to know: ``information.csv``.

        Returns
        -------
        pandas.DataFrame
            ``what`` (``everything``, ``kind`` or ``input``)``, key, label, value, standard_error,
            share_of_evpi, explained``; GBP, for the families of the case.
        """
        perfect = self.decision.evpi
        row = ("everything", "everything that is uncertain", perfect.value, perfect.standard_error, 1.0, 1.0)
        kinds, each = self.kinds.to_frame(), self.decision.information().to_frame()
        frame = pd.concat([pd.DataFrame([row], columns=kinds.columns), kinds, each], ignore_index=True)
        frame.insert(0, "what", ["everything"] + ["kind"] * len(kinds) + ["input"] * len(each))
        return frame


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
    kinds, by_holder = decision.information_by_kind(), decision.information_by_holder()
    questions = (
        _how_sure(result, decision, looked_at),
        _what_would_change(result, looked_at, one_way, _switches(switching[looked_at], decision, one_way)),
        _worth_finding_out(decision, kinds, by_holder),
    )
    return Sureness(decision, looked_at, one_way, kinds, by_holder, questions)


def draws_for_questions(result: Appraisal) -> int:
    """Return how many draws a report needs for the questions: to tell the inputs apart, and 200 at least."""
    return max(_FEWEST_DRAWS, 3 * len(result.inputs) + 1)


def question_context(question: Question) -> dict[str, Any]:
    """Return one question and its answer for the page."""
    return {
        "name": question.name,
        "title": question.title,
        "words": question.words,
        "chart": question.chart.embedded(),
    }


def decision_context(sureness: Sureness) -> dict[str, Any]:
    """Return the tables of the decision for the page."""
    decision = sureness.decision
    whose = "all agencies" if decision.agency == ALL_AGENCIES else agency_label(decision.agency)
    return {
        "whose": whose,
        "warnings": decision.warnings(),
        "what": "fiscal" if decision.value == "fiscal" else "public value",
        "population": decision.population.in_words(),
        "everything": supported(decision.evpi.value, decision.evpi.standard_error),
        "everything_in_all": supported(*_in_all(decision)),
        "choices": [
            {
                "option": row["option"],
                "mean": supported(row["mean"], row["mean_error"]),
                "best": supported_chance(row["probability_best"], row["probability_best_error"]),
                "loss": supported(row["expected_loss"], row["expected_loss_error"]),
                "prudent": supported(row["p20"], row["mean_error"]),
            }
            for row in decision.to_frame().to_dict("records")
        ],
        "kinds": [
            {
                "label": row.label,
                "value": supported(row.value, row.standard_error),
                "error": pounds(row.standard_error),
                "share": f"{row.share_of_evpi:.0%}",
            }
            for row in sureness.kinds.rows
        ],
    }


def _in_all(decision: Decision) -> tuple[float, float]:
    every = decision.for_all(decision.evpi)
    return every.value, every.standard_error


def _looked_at(decision: Decision) -> str:
    means = decision.net_benefit.mean(axis=0)
    return decision.choices[1 + int(means[1:].argmax())]


def _how_sure(result: Appraisal, decision: Decision, option: str) -> Question:
    agency, value = decision.agency, decision.value
    npv = result.measure(f"npv_{value}", option, agency)
    pays, pays_with_chance = (
        float((result.npv(option, agency, value, chance=level) >= 0).mean()) for level in (False, True)
    )
    error = npv["mc_error_with_chance"]
    ahead = "comes out ahead by" if npv["mean"] >= 0 else "falls short by"
    low, high = npv["p10_with_chance"], npv["p90_with_chance"]
    start = (
        f"On average {_named(result, option)} {ahead} {supported(abs(npv['mean']), npv['mc_error'])} over "
        f"{counted(len(result.years), 'year')}{_for_whom(decision)}."
    )
    why = (
        f"Two things can make it otherwise: our figures may be wrong, and the "
        f"{counted(round(result.families), 'family', 'families')} may not be typical."
    )
    both = (
        f"Counting both, it pays for itself in {chance(pays_with_chance)} of cases. One time in ten "
        f"it {_beyond(low, error, low < 0)}; one time in ten it {_beyond(high, error, high >= 0)}."
    )
    typical = f"With typical families it would pay in {chance(pays)} of cases."
    carried = "Large gains carry the average." if npv["mean"] >= 0 and pays_with_chance < 0.5 else ""
    words = _short_enough(
        [start, why, both, carried, typical], [start, why, both, carried], [start, why, both]
    )
    payers = result.balance(option).query("delivery > 0").sort_values("delivery", ascending=False)
    labels = {agency_label(agency): agency for agency in result.ledger.agencies}
    shown = dict.fromkeys([ALL_AGENCIES, agency, *(labels[name] for name in payers["agency"].head(2))])
    frame = result.payback_by_year(option, tuple(shown))
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
            f"Paid back for good by {result.years[-1]}, undiscounted. {described}.",
            lambda title: plot_payback_probability(frame, title=title),
        ),
    )


def _beyond(amount: float, error: float, outwards: bool) -> str:
    return f"{_result(amount, error)} or {'more' if outwards else 'less'}"


def _result(amount: float, error: float) -> str:
    return f"{'gains' if amount >= 0 else 'loses'} {supported(abs(amount), error)}"


def _what_would_change(result: Appraisal, option: str, one_way: OneWay, switches: str) -> Question:
    bars = one_way.to_frame()
    ahead = one_way.base >= 0
    against = bars[["low", "high"]].min(axis=1) < 0 if ahead else bars[["low", "high"]].max(axis=1) > 0
    start = f"With every figure at its average {_named(result, option)} is {'ahead' if ahead else 'behind'}."
    start += f" {len(bars)} figures are uncertain."
    turning = [_in_words(label) for label in bars.loc[against, "label"]]
    words = _short_enough(
        *([start, _turns(turning, named), switches] for named in (_NAMED, 1, 0)),
        [start, _turns(turning, 1)],
        [start, _turns(turning, 0)],
    )
    label = result.ledger.label(option)
    described = "; ".join(
        f"{row['label']}: {_result(row['low'], _NEAR)} or {_result(row['high'], _NEAR)}"
        for row in bars.head(5).to_dict("records")
    )
    return Question(
        "what-would-change",
        "What would change the decision?",
        words,
        draw_chart(
            "decision_what_would_change",
            f"One figure at a time: {label}",
            "Net present value with one input at its low end (P10) and at its high end (P90), the others at "
            "their average. "
            f"{described}.",
            lambda title: plot_tornado(bars, price_base=result.price_base, title=title, ends=_ENDS),
        ),
    )


def _switches(switching: pd.DataFrame, decision: Decision, one_way: OneWay) -> str:
    """Say how far the cost and the strongest effect could go before the expected answer is nil.

    Switching values are of the fiscal case of all agencies; of another decision nothing is said.
    """
    if (decision.agency, decision.value) != (ALL_AGENCIES, "fiscal"):
        return ""
    ahead = one_way.base >= 0
    found: dict[str, str] = {}
    for row in switching.to_dict("records"):
        key, value, turn = str(row["key"]), float(row["value"]), float(row["switching_value"])
        if isnan(turn):
            continue
        if key.startswith("case.delivery."):
            each = " a family" if str(row["unit"]).endswith("per_family") else ""
            cost = "if it cost" if ahead else "it would have to cost"
            found.setdefault("cost", f"{cost} {pounds(turn)}{each} (now {pounds(value)})")
        elif key.startswith(("effect.", "published.")):
            name = str(row["label"]).partition(": ")[2]
            moved, assumed = ("fall" if ratio < 1 else "rise" for ratio in (turn, value))
            effect = f"if the {moved} in" if ahead else f"the {moved} in"
            verb = "were" if ahead else "would have to be"
            taken = f"{abs(value - 1):.0%}" if assumed == moved else f"a {assumed} of {abs(value - 1):.0%}"
            found.setdefault("effect", f"{effect} “{name}” {verb} {abs(turn - 1):.0%} ({taken} is assumed)")
    start = "It would still break even" if ahead else "To break even"
    return f"{start} {', or '.join(found.values())}." if found else ""


def _worth_finding_out(decision: Decision, kinds: InformationTable, by_holder: HolderInformation) -> Question:
    everything = decision.evpi
    if everything.value <= 0:
        words = "Nothing that could be learnt would change the choice: no study is worth anything to it."
    else:
        start = (
            "Choosing now instead of knowing everything first costs "
            f"{supported(everything.value, everything.standard_error)} on average: no study or extract can "
            "be worth more to this choice."
        )
        kind = _by_kind(kinds)
        words = _short_enough(
            *([start, kind, _records(by_holder, named)] for named in (2, 1)), [start, kind], [start]
        )
    return Question(
        "worth-finding-out", "What is worth finding out?", words, _worth_chart(decision, kinds, by_holder)
    )


def _worth_chart(decision: Decision, kinds: InformationTable, by_holder: HolderInformation) -> Chart:
    """Draw what each agency's records are worth; where none are held, what each kind of input is worth."""
    name, base = "decision_worth_finding_out", decision.price_base
    if not by_holder.rows:
        amounts = "; ".join(f"{row.label}: {supported(row.value, row.standard_error)}" for row in kinds.rows)
        return draw_chart(
            name, "What knowing is worth", f"At most. {amounts}.", lambda title: kinds.plot(price_base=base)
        )
    frame = by_holder.to_frame()
    told = (frame["value_a_year"] > 0) | frame["extract_cost_a_year"].notna()
    shown = frame[told].head(_SHOWN) if told.any() else frame.head(_SHOWN)
    amounts = "; ".join(f"{row['holder']}: {pounds(row['value_a_year'])}" for row in shown.to_dict("records"))
    return draw_chart(
        name,
        "What each agency's records are worth",
        f"At most, a year. {amounts}.",
        lambda title: plot_data_sharing(shown, price_base=base, title=title),
    )


def _by_kind(kinds: InformationTable) -> str:
    """Say how much of it is what the options do, and whether the rest would tell anything."""
    effects = next((row for row in kinds.rows if row.key == "effects"), None)
    others = [row.share_of_evpi for row in kinds.rows if row.key != "effects"]
    if effects is None:
        return f"Most of it is “{kinds.rows[0].label}”."
    rest = "" if max(others, default=0.0) > _LITTLE else ", and better rates and prices are worth little"
    return f"{effects.share_of_evpi:.0%} of that is what the options do{rest}."


def _records(by_holder: HolderInformation, named: int) -> str:
    """Say whose records could be worth most, and what they cost where that is known."""
    worth = [row for row in by_holder.rows if row.value_a_year > 0]
    if not worth:
        return "No one agency's records would change the choice."
    told = []
    for row in worth[:named]:
        amount = supported(row.value_a_year, row.standard_error_a_year)
        told.append(f"{amount} a year from {row.holder}{_COSTS[row.worth_it].format(_cost(row))}")
    adding = "; these ceilings do not add up" if len(told) > 1 else ""
    return (
        f"Records that follow families with and without help could be worth up to {' and '.join(told)}"
        f"{adding}."
    )


_COSTS = {
    MAY_BE: " (cost {})",
    NO: " (less than the cost of {})",
    TOO_CLOSE: " (about the cost of {})",
    NOT_KNOWN: "",
}


def _cost(row: HolderValue) -> str:
    return pounds(row.extract_cost_a_year)


def _for_whom(decision: Decision) -> str:
    """Say whose money decides where it is not that of all agencies in the fiscal case."""
    whom = "" if decision.agency == ALL_AGENCIES else f" for {agency_label(decision.agency)}"
    return whom if decision.value == "fiscal" else f"{whom}, in public value"


def _named(result: Appraisal, option: str) -> str:
    return f"“{result.ledger.label(option)}”"


_KINDS = {
    "Effect": "the effect on",
    "Rate": "the rate of",
    "Price": "the price of",
    "Quantity": "the use of",
    "Cost": "the cost of",
    "Start": "how many start as",
}


def _in_words(label: str) -> str:
    """Return an input with the word for its kind in front."""
    kind, _, name = label.partition(": ")
    return f"{_KINDS[kind]} “{name}”" if kind in _KINDS else f"“{label}”"


def _turns(turning: Sequence[str], named: int) -> str:
    """Say which inputs turn the answer by themselves, the first ones by name."""
    if not turning:
        return "No single one, moved from its low to its high end, turns that round."
    if len(turning) == 1:
        which = f": {turning[0]}" if named else ""
        return f"Only one of them, moved alone from its low to its high end, turns that round{which}."
    more = f" and {len(turning) - named} more" if len(turning) > named else ""
    which = f": {', '.join(turning[:named])}{more}" if named else ""
    return f"{len(turning)} of them, each moved alone from low to high end, turn that round{which}."


def _short_enough(*answers: Sequence[str]) -> str:
    """Return the first answer, each as sentences, that is short enough."""
    return short_enough(" ".join(sentence for sentence in answer if sentence) for answer in answers)
