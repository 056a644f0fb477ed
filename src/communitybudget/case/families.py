"""The families' file of a case: found inside its folder, read, and checked against the case."""

from pathlib import Path

from communitybudget._core.errors import CaseFileError, Fault
from communitybudget._core.strict_yaml import StrictYaml
from communitybudget.case.spec import CaseSpec
from communitybudget.cohorts import Families, FamiliesError, read_families
from communitybudget.parameters import ParameterSet

_KEY = ("cohort", "file")


def load_families(spec: CaseSpec, folder: Path | None, parameters: ParameterSet) -> Families | None:
    """Return the families of the case's file; None where the case counts them itself.

    Raises
    ------
    CaseFileError
        If the file is not there or has faults; each with its line.
    """
    families, faults = check_families(spec, folder, parameters, StrictYaml.from_data({}), "case")
    if faults:
        raise CaseFileError(faults)
    return families


def check_families(
    spec: CaseSpec, folder: Path | None, parameters: ParameterSet, document: StrictYaml, name: str
) -> tuple[Families | None, list[Fault]]:
    """Return the families of the case's file, if it can be read, and every fault.

    Parameters
    ----------
    spec : CaseSpec
        The case; nothing is read where its cohort names no file.
    folder : Path or None
        Of the case file; the file of families lies in it.
    parameters : ParameterSet
        Whose pathways the file names.
    document, name : StrictYaml, str
        The case file, for the place of a fault.
    """
    given = spec.cohort.file
    if given is None:
        return None, []
    path, what, remedy = file_beside(given, folder)
    if path is None:
        return None, [Fault(name, ".".join(_KEY), what, remedy, *document.position(_KEY))]
    try:
        families = read_families(path, parameters, given, spec.financial_years)
    except FamiliesError as error:
        return None, list(error.faults)
    faults = []
    for pathway in sorted(set(spec.cohort.start) & set(families.starts)):
        what = f"start gives a mix for {pathway}, and the file of families a column start_{pathway}"
        place = ("cohort", "start", pathway)
        faults.append(Fault(name, ".".join(place), what, "keep one of the two", *document.position(place)))
    return families, faults


def file_beside(given: str, folder: Path | None) -> tuple[Path | None, str, str]:
    """Return the path of a file in the folder of the case, or None with what is wrong and what to do."""
    if folder is None:
        what = f"'{given}' cannot be looked for, since the case was not read from a folder"
        return None, what, "read the case with load_case, or give its folder"
    try:
        path = (folder / given).resolve()
        there = path.is_file()
    except (OSError, ValueError):  # a name that no file can have
        return None, f"'{given[:40]}' is no name of a file", "check the name"
    if not path.is_relative_to(folder.resolve()):
        return None, f"'{given}' lies outside the folder of the case", "copy the file beside the case"
    if not there:
        return None, f"there is no file '{given}' in the folder of the case", "check the name"
    return path, "", ""
