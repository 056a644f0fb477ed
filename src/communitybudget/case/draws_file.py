"""The file of draws of a case: found inside its folder, read, and checked against the set."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.errors import CaseFileError, Fault, did_you_mean
from communitybudget._core.strict_yaml import StrictYaml
from communitybudget.case.families import file_beside
from communitybudget.case.spec import CaseSpec
from communitybudget.parameters import Parameter, ParameterSet
from communitybudget.sampling import DrawsFileError, GivenDraws, read_draws

_KEY = "draws_file"


def load_draws(spec: CaseSpec, folder: Path | None, parameters: ParameterSet) -> GivenDraws | None:
    """Return the draws of the case's file; None where it names none.

    Raises
    ------
    CaseFileError
        If the file is not there or has faults; each with its line.
    """
    found, faults = check_draws(spec, folder, parameters, StrictYaml.from_data({}), "case")
    if faults:
        raise CaseFileError(faults)
    return found


def check_draws(
    spec: CaseSpec, folder: Path | None, parameters: ParameterSet, document: StrictYaml, name: str
) -> tuple[GivenDraws | None, list[Fault]]:
    """Return the draws of the case's file, if it can be read, and every fault.

    Parameters
    ----------
    spec : CaseSpec
        The case; nothing is read where it names no file.
    folder : Path or None
        Of the case file; the file of draws lies in it.
    parameters : ParameterSet
        Whose keys the columns are; numbers of the case itself are looked for when it is made ready.
    document, name : StrictYaml, str
        The case file, for the place of a fault.
    """
    given = spec.draws_file
    if given is None:
        return None, []
    path, what, remedy = file_beside(given, folder)
    if path is None:
        return None, [Fault(name, _KEY, what, remedy, *document.position((_KEY,)))]
    try:
        found = read_draws(path, given)
    except DrawsFileError as error:
        return None, list(error.faults)
    known = parameters.parameters
    faults = []
    for place, (key, column) in enumerate(found.columns.items(), 1):
        if key in known:
            faults += impossible_draws(given, known[key], column, place)
        elif not key.startswith("case."):
            faults.append(Fault(given, key, "is no number of the set", did_you_mean(key, known), 1, place))
    return found, faults


def impossible_draws(
    name: str, parameter: Parameter, column: NDArray[np.float64], place: int | None = None
) -> list[Fault]:
    """Return the fault of draws that a number cannot take, with the first line where it does."""
    lowest, highest = {"positive": (0.0, np.inf), "share": (0.0, 1.0)}.get(
        parameter.support, (-np.inf, np.inf)
    )
    wrong = np.flatnonzero((column < lowest) | (column > highest))
    if wrong.size == 0:
        return []
    what = f"{column[wrong[0]]:g} is not possible ({wrong.size:,} of {column.size:,} rows)"
    remedy = f"keep it from {lowest:g} to {highest:g}" if highest == 1 else "it cannot be negative"
    return [Fault(name, parameter.id, what, remedy, int(wrong[0]) + 2, place)]
