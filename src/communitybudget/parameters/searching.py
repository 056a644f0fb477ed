"""Find figures by the words a finance officer has for them."""

import re
from collections.abc import Iterable, Set

from communitybudget._core.vocabulary import agency_label
from communitybudget.parameters.parameter import Parameter

_WORD = re.compile(r"[a-z0-9&.]+")
_TABLE_RANK = {"unit_cost": 3.0, "benchmark": 2.0, "effect": 2.0, "delivery": 1.0, "activity": -3.0}
_LEVEL_RANK = {"headline": 1.5}
_LOW_RANK, _PRICED = -4.0, 1.0
_EXACT, _LABEL, _KEY, _WHERE, _NOTE = 100.0, 6.0, 4.0, 3.0, 1.0


def plain_words(text: str) -> list[str]:
    """Return the words of a text in small letters, singular, without possessives.

    Examples
    --------
    >>> plain_words("Children's homes: A&E visits, SS2.0")
    ['child', 'home', 'a&e', 'visit', 'ss2.0']
    """
    return [_singular(word.strip(".")) for word in _WORD.findall(re.sub(r"['’]s\b", "", text.lower()))]


def _singular(word: str) -> str:
    if word == "children":
        return "child"
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def rank_by_words(
    parameters: Iterable[Parameter], words: str, priced: Set[str] = frozenset()
) -> list[Parameter]:
    """Return the parameters in which every word occurs, the likeliest first.

    An exact code or key comes first; words of the label count before those of the agency and topic,
    and those before the note. Prices come before the activity that uses them.

    Parameters
    ----------
    parameters : iterable of Parameter
        Where to look.
    words : str
        Case, plural and possessive do not matter. Without any, all parameters are returned as they are.
    priced : set of str, optional
        Keys that pathways price; they come before others that fit as well.

    Returns
    -------
    list of Parameter
    """
    wanted, exact = plain_words(words), words.strip().lower()
    if not wanted:
        return list(parameters)
    found = []
    for place, parameter in enumerate(parameters):
        names = (parameter.fields.get("code", ""), parameter.key, parameter.id)
        score = _score(parameter, wanted)
        if exact in (name.lower() for name in names if name):
            score = _EXACT
        if score is not None:
            score += _PRICED * (parameter.key in priced)
            found.append((-score, place, parameter))
    return [parameter for _, _, parameter in sorted(found, key=lambda item: item[:2])]


def _score(parameter: Parameter, wanted: list[str]) -> float | None:
    """Return how well a parameter fits, or None where a word does not occur."""
    code = parameter.fields.get("code", "").lower()
    label = plain_words(parameter.label)
    unit, topic = parameter.unit.replace("_", " "), parameter.fields.get("topic", "")
    where = plain_words(f"{agency_label(parameter.agency)} {topic} {unit}")
    key = [*plain_words(parameter.key.replace("_", " ").replace(".", " ")), parameter.key.lower(), code]
    note = plain_words(f"{parameter.note} {parameter.source_detail}")
    total = _TABLE_RANK.get(parameter.key.split(".", 1)[0], _LOW_RANK)
    total += _LEVEL_RANK.get(parameter.fields.get("level", ""), 0.0)
    for word in wanted:
        for texts, weight in ((label, _LABEL), (key, _KEY), (where, _WHERE), (note, _NOTE)):
            if word in texts:
                total += weight
                break
            if any(text.startswith(word) for text in texts):
                total += weight / 2
                break
        else:
            return None
    # of two that fit, the one that says less beside
    return total - 0.05 * len(label)
