"""What goes together: correlations and draws from a file, against the numbers that a case uses."""

from dataclasses import replace

from communitybudget._core.errors import CaseFileError, Fault, did_you_mean
from communitybudget.case.case import Case
from communitybudget.case.draws_file import impossible_draws
from communitybudget.case.inputs import Inputs
from communitybudget.parameters import from_values
from communitybudget.sampling import GivenDraws, RankCorrelation, correlated_pairs


def use_given_draws(case: Case, inputs: Inputs) -> None:
    """Put the draws of the case's file in place of those of the numbers it holds.

    Columns that the case does not use change nothing.

    Raises
    ------
    CaseFileError
        If a column is none of the case's numbers, or of one that cannot be drawn by itself.
    """
    given = case.given_draws
    if given is None:
        return
    faults: list[Fault] = []
    drawn = {key: p for key, p in inputs.used.items() if key not in inputs.not_sampled}
    columns = {}
    for key, column in given.columns.items():
        if key in drawn:
            faults += impossible_draws(given.name, drawn[key], column)
            columns[key] = column
        elif key in inputs.used:
            faults.append(Fault(given.name, key, *_not_by_itself(key, inputs), 1))
        elif key.startswith("case."):
            faults.append(Fault(given.name, key, "is no number of this case", did_you_mean(key, drawn), 1))
    if faults:
        raise CaseFileError(faults)
    if columns:
        inputs.given = GivenDraws(given.name, columns)
    words = f"{given.rows:,} draws read from {given.name}"
    for key, column in columns.items():
        inputs.used[key] = replace(drawn[key], form=from_values(column.tolist()), form_words=words)


def correlation_of(case: Case, inputs: Inputs) -> RankCorrelation | None:
    """Return how the numbers of a case go together by rank; None where nothing is said.

    Raises
    ------
    CaseFileError
        With every pair that cannot be correlated.
    """
    faults: list[Fault] = []
    pairs: dict[tuple[str, str], float] = {}
    for i, given in enumerate(case.spec.correlations):
        place = ("correlations", i, "between")
        streams = []
        for key in given.between:
            what, remedy = _why_not(key, inputs)
            if what:
                faults.append(case.fault(place, what, remedy))
            else:
                streams.append(inputs.levels.get(key, key))
        if len(streams) < 2:
            continue
        pair = (streams[0], streams[1])
        if pair[0] == pair[1]:
            what = f"{' and '.join(given.between)} are one unknown seen twice, and go together entirely"
            faults.append(case.fault(place, what, "leave the pair out"))
        elif pair in pairs or pair[::-1] in pairs:
            what = f"{' and '.join(given.between)} are the same two unknowns as a pair before"
            faults.append(case.fault(place, what, "keep one of the two"))
        else:
            pairs[pair] = given.rank
    if faults:
        raise CaseFileError(faults)
    return correlated_pairs(pairs) if pairs else None


def correlated_ids(inputs: Inputs, correlation: RankCorrelation | None) -> tuple[str, ...]:
    """Return the ids of numbers that are not independent of others by a correlation or a file of draws."""
    together = set() if correlation is None else set(correlation.names)
    if inputs.given is not None and len(inputs.given.columns) > 1:
        together |= set(inputs.given.columns)
    return tuple(key for key in inputs.used if inputs.levels.get(key, key) in together or key in together)


def _why_not(key: str, inputs: Inputs) -> tuple[str, str]:
    """Return why a number cannot be correlated and what to do; two empty texts where it can."""
    if key.startswith("no_effect."):
        what = f"'{key}' is the weight on no effect at all, which no rank goes with"
        return what, "correlate the effects themselves"
    if key not in inputs.used and key not in inputs.levels.values():
        known = [name for name in inputs.used if name not in inputs.not_sampled]
        return f"'{key}' is not used by this case", did_you_mean(key, known)
    if key in inputs.not_sampled:
        return _not_by_itself(key, inputs)
    if inputs.given is not None and key in inputs.given.columns:
        what = f"'{key}' is drawn from {inputs.given.name}, row by row"
        return what, "let the file say what goes together, or leave its column out"
    if key in inputs.used and inputs.used[key].uncertainty.is_fixed:
        return f"'{key}' is taken as known", "give it limits or a standard deviation, or leave the pair out"
    return "", ""


def _not_by_itself(key: str, inputs: Inputs) -> tuple[str, str]:
    if any(key in row.keys for row in inputs.start_rows):
        what = f"'{key}' is a share of a start mix, which are drawn together and sum to 1"
        return what, "leave it out"
    return f"'{key}' is taken as known", "leave it out"
