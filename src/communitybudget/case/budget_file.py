"""The outturn of a case's agencies: rows of the case or of a file in its folder, read and checked."""

import difflib
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from communitybudget._core.errors import CaseFileError, CommunityBudgetError, Fault
from communitybudget._core.strict_yaml import StrictYaml
from communitybudget._core.vocabulary import agency_label
from communitybudget.case.families import file_beside
from communitybudget.case.spec import CaseSpec
from communitybudget.ledger import BudgetError, BudgetRow, budget_lines, faults_between_rows, read_budget
from communitybudget.parameters import ParameterSet

if TYPE_CHECKING:
    from communitybudget.case.case import Case


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
    try:
        if isinstance(spec.budget, str):
            path, what, remedy = file_beside(spec.budget, folder)
            if path is None:
                return (), [Fault(name, "budget", what, remedy, *document.position(("budget",)))]
            rows = read_budget(path, spec.budget)
        else:
            rows = rows_of(spec, name)
            faults = faults_between_rows(rows)
            if faults:
                return (), faults
        index = parameters.index(spec.index or "")
        budget_lines(rows, spec.financial_years, spec.price_base, index)
    except BudgetError as error:
        return (), list(error.faults)
    except CommunityBudgetError:
        return (), []  # the index is at fault, and reported where it stands
    return rows, []


def rows_of(spec: CaseSpec, name: str = "case") -> tuple[BudgetRow, ...]:
    """Return the rows that stand in the case itself."""
    if spec.budget is None or isinstance(spec.budget, str):
        return ()
    return tuple(
        BudgetRow(
            given.agency,
            given.line,
            given.year,
            given.amount,
            given.covers or (given.line,),
            given.price_base or given.year,
            given.planned_saving,
            given.owner,
            given.source,
            name,
            number,
        )
        for number, given in enumerate(spec.budget, 1)
    )


def rows_as_given(rows: Sequence[BudgetRow]) -> list[dict[str, Any]]:
    """Return rows of a file as they would stand in the case."""
    names = ("agency", "line", "year", "amount", "price_base", "planned_saving", "owner", "source")
    return [
        {
            **{n: getattr(row, n) for n in names if getattr(row, n) not in (None, "")},
            "covers": list(row.covers),
        }
        for row in rows
    ]


def check_lines(
    case: "Case", lines: Collection[tuple[str, str]]
) -> tuple[tuple[BudgetRow, ...], tuple[BudgetRow, ...]]:
    """Return the rows of outturn that hold money of the case, and those that hold none.

    Parameters
    ----------
    case : Case
        With its outturn.
    lines : collection of (agency, line)
        On which the ledger can have costs avoided.

    Raises
    ------
    BudgetError
        With every row whose line is nearly one of the case: a cap must not be lost to a slip of the pen.
    """
    faults: list[Fault] = []
    holding: list[BudgetRow] = []
    others: list[BudgetRow] = []
    for row in case.budget:
        known = [line for agency, line in lines if agency == row.agency]
        for cover in row.covers:
            if cover in known:
                continue
            close = difflib.get_close_matches(_plain(cover), [_plain(line) for line in known], 1, 0.75)
            elsewhere = [agency for agency, line in lines if line == cover]
            if close:
                near = next(line for line in known if _plain(line) == close[0])
                what = f"'{cover}' is no line of this case"
                faults.append(Fault(row.file, row.line, what, f"did you mean '{near}'?", row.number))
            elif elsewhere:
                what = f"'{cover}' is a line of {agency_label(elsewhere[0])} in this case"
                faults.append(Fault(row.file, row.line, what, "correct the agency", row.number))
        (holding if set(row.covers) & set(known) else others).append(row)
    if faults:
        raise BudgetError(faults)
    return tuple(holding), tuple(others)


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("’", "'").split())
