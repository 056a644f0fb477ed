"""The override files of a case: found inside its folder, read, and checked against the set."""

from pathlib import Path

from communitybudget._core.errors import CaseFileError, Fault, ParameterSetError
from communitybudget._core.strict_yaml import Path_, StrictYaml, dotted
from communitybudget.case.families import file_beside
from communitybudget.case.spec import CaseSpec
from communitybudget.parameters import OverrideRow, ParameterSet, apply_overrides, read_overrides


def with_override_files(spec: CaseSpec, folder: Path | None, parameters: ParameterSet) -> ParameterSet:
    """Return the set with the local figures of the case's override files.

    Raises
    ------
    CaseFileError
        If a file is not there or has faults; each with its line.
    """
    local, faults = check_override_files(spec, folder, parameters, StrictYaml.from_data({}), "case")
    if faults:
        raise CaseFileError(faults)
    return local


def check_override_files(
    spec: CaseSpec, folder: Path | None, parameters: ParameterSet, document: StrictYaml, name: str
) -> tuple[ParameterSet, list[Fault]]:
    """Return the set with the override files of a case applied in turn, and every fault.

    Parameters
    ----------
    spec : CaseSpec
        The case, which names the files.
    folder : Path or None
        Of the case file; the override files lie in it.
    parameters : ParameterSet
        Whose figures they replace.
    document, name : StrictYaml, str
        The case file, for the place of a fault.
    """
    faults: list[Fault] = []
    first: dict[str, OverrideRow] = {}
    for i, given in enumerate(spec.override_files):
        place: Path_ = ("override_files", i)
        path, what, remedy = file_beside(given, folder)
        if path is None:
            faults.append(Fault(name, dotted(place), what, remedy, *document.position(place)))
            continue
        try:
            rows = read_overrides(path, given)
            for row in rows:
                if row.id in first:
                    earlier = first[row.id]
                    what = f"is in {earlier.file}:{earlier.line} too"
                    faults.append(Fault(given, row.id, what, "keep one of the two", row.line))
                first.setdefault(row.id, row)
            parameters = apply_overrides(parameters, rows)
        except ParameterSetError as error:
            faults += error.faults
    return parameters, faults
