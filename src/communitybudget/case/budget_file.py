"""The outturn of a case's agencies: a file in the folder of the case, read and checked."""

from pathlib import Path

from communitybudget._core.errors import CaseFileError, CommunityBudgetError, Fault
from communitybudget._core.strict_yaml import StrictYaml
from communitybudget.case.families import file_beside
from communitybudget.case.spec import CaseSpec
from communitybudget.ledger import BudgetError, BudgetRow, budget_lines, read_budget
from communitybudget.parameters import ParameterSet


def load_budget(spec: CaseSpec, folder: Path | None, parameters: ParameterSet) -> tuple[BudgetRow, ...]:
    """Return the outturn of a case; nothing where it names no file.

    Raises
    ------
    CaseFileError
        If the file is not there or has faults; each with its line.
    """
    rows, faults = check_budget(spec, folder, parameters, StrictYaml.from_data({}), "case")
    if faults:
        raise CaseFileError(faults)
    return rows


def check_budget(
    spec: CaseSpec, folder: Path | None, parameters: ParameterSet, document: StrictYaml, name: str
) -> tuple[tuple[BudgetRow, ...], list[Fault]]:
    """Return the outturn of a case, if it can be read, and every fault.

    Parameters
    ----------
    spec : CaseSpec
        The case, which names the file.
    folder : Path or None
        Of the case file; the outturn lies in it.
    parameters : ParameterSet
        Whose index brings it to the price base of the case.
    document, name : StrictYaml, str
        The case file, for the place of a fault.
    """
    if spec.budget is None:
        return (), []
    path, what, remedy = file_beside(spec.budget, folder)
    if path is None:
        return (), [Fault(name, "budget", what, remedy, *document.position(("budget",)))]
    try:
        rows = read_budget(path, spec.budget)
        index = parameters.index(spec.index or "")
        budget_lines(rows, spec.financial_years, spec.price_base, index)
    except BudgetError as error:
        return (), list(error.faults)
    except CommunityBudgetError:
        return (), []  # the index is at fault, and reported where it stands
    return rows, []
