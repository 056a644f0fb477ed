"""Guards of the ledger: what is claimed above what is spent leaves the costs avoided."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.results import result
from communitybudget.ledger.caps import cap_claims
from communitybudget.ledger.entries import LedgerLine

Array = NDArray[np.float64]

CLAIMED: tuple[str, ...] = ("outcome_chain", "own_entry")
"""Costs avoided of these kinds are capped by what business as usual spends on the cohort."""


@result
@dataclass(frozen=True, eq=False, slots=True)
class BudgetLine:
    """A line of an agency's own budget.

    Parameters
    ----------
    agency, name : str
        Whose, and what the agency calls it.
    covers : tuple of str
        Lines of the ledger that it pays for.
    outturn : ndarray, shape (year,)
        What is spent on it, real GBP at the case's price base.
    planned_saving : ndarray, shape (year,)
        What is to be taken out of it; NaN where nothing is planned.
    owner : str
        Who answers for it.
    given_years : tuple of str
        Years for which the file gives an outturn.
    """

    agency: str
    name: str
    covers: tuple[str, ...]
    outturn: Array
    planned_saving: Array
    owner: str
    given_years: tuple[str, ...]

    def holds(self, line: LedgerLine) -> bool:
        """Whether a line of the ledger is paid out of this one; transfers are no budget of an agency."""
        return line.agency == self.agency and line.line in self.covers and line.value_type == "fiscal"


@dataclass(frozen=True, slots=True)
class Guarded:
    """Lines after the guards.

    Parameters
    ----------
    lines : tuple of LedgerLine
        N, those of what is not deliverable last.
    amounts : ndarray, shape (N, option, year, draw)
        Real GBP.
    spending : ndarray, shape (N, year, draw)
        Business as usual.
    """

    lines: tuple[LedgerLine, ...]
    amounts: Array
    spending: Array


def guard(
    lines: Sequence[LedgerLine], amounts: Array, spending: Array, budget: Sequence[BudgetLine] = ()
) -> Guarded:
    """Cap costs avoided by what is spent; the excess stands as ``not_deliverable``.

    Parameters
    ----------
    lines : sequence of LedgerLine
        N of them, each once.
    amounts : ndarray, shape (N, option, year, draw)
        As claimed.
    spending : ndarray, shape (N, year, draw)
        Business as usual on the cohort.
    budget : sequence of BudgetLine
        The agencies' own outturn.

    Returns
    -------
    Guarded
        Costs avoided and what is not deliverable sum to the claims, line by line, year by year and
        draw by draw.

    Notes
    -----
    Fiscal claims of outcome chains and own entries are capped by the business-as-usual spending of
    the pathways on the same line of the same agency, less what the pathways themselves avoid there;
    where no pathway spends on the line there is no such cap. Then all that is claimed on a budget
    line, by pathways too, is capped by its outturn. A line that costs more than business as usual is
    never floored.
    """
    # only rows that a cap may touch are copied: with many draws a ledger fills the memory
    capped: dict[int, Array] = {}
    avoided = [i for i, line in enumerate(lines) if line.flow == "costs_avoided"]
    by_place: dict[tuple[str, str], list[int]] = {}
    for i in avoided:
        if lines[i].value_type == "fiscal":
            by_place.setdefault((lines[i].agency, lines[i].line), []).append(i)
    for indices in by_place.values():
        claims = [i for i in indices if lines[i].basis in CLAIMED]
        paths = [i for i in indices if lines[i].basis == "activity"]
        if not claims or not paths:
            continue
        spent = spending[paths].sum(axis=0)
        capped |= {i: np.empty_like(amounts[i]) for i in claims}
        for option in range(amounts.shape[1]):
            room = spent - np.maximum(amounts[paths, option], 0.0).sum(axis=0)
            for i, deliverable in zip(
                claims, cap_claims(amounts[claims, option], room).deliverable, strict=True
            ):
                capped[i][option] = deliverable
    for row in budget:
        held = [i for i in avoided if row.holds(lines[i])]
        if not held:
            continue
        capped |= {i: amounts[i].copy() for i in held if i not in capped}
        for option in range(amounts.shape[1]):
            claimed = np.array([capped[i][option] for i in held])
            for i, deliverable in zip(
                held, cap_claims(claimed, row.outturn[:, None]).deliverable, strict=True
            ):
                capped[i][option] = deliverable
    over = [i for i in sorted(capped) if (amounts[i] != capped[i]).any()]
    if not over:
        return Guarded(tuple(lines), amounts, spending)
    guarded = np.concatenate([amounts, amounts[over]])
    for excess, i in zip(guarded[len(lines) :], over, strict=True):
        excess -= capped[i]
        guarded[i] = capped[i]
    none_spent = np.zeros((len(over), *spending.shape[1:]))
    return Guarded(
        (*lines, *(replace(lines[i], flow="not_deliverable") for i in over)),
        guarded,
        np.concatenate([spending, none_spent]),
    )


@dataclass(frozen=True, slots=True)
class Reconciled:
    """A budget line beside the model, real GBP.

    Parameters
    ----------
    budget : BudgetLine
        The agency's own figures.
    modelled : ndarray, shape (year, draw)
        What business as usual spends on the cohort out of this line.
    claimed, deliverable : ndarray, shape (option, year, draw)
        Costs avoided before and after the caps.
    """

    budget: BudgetLine
    modelled: Array
    claimed: Array
    deliverable: Array


def reconcile(lines: Sequence[LedgerLine], amounts: Array, spending: Array, row: BudgetLine) -> Reconciled:
    """Set a budget line beside what the model has on it.

    Parameters
    ----------
    lines : sequence of LedgerLine
        Of a guarded ledger.
    amounts : ndarray, shape (line, option, year, draw)
        Its money.
    spending : ndarray, shape (line, year, draw)
        Business as usual.
    row : BudgetLine
        The agency's own figures.
    """
    held = [i for i, line in enumerate(lines) if row.holds(line)]
    kept = [i for i in held if lines[i].flow == "costs_avoided"]
    over = [i for i in held if lines[i].flow == "not_deliverable"]
    deliverable = amounts[kept].sum(axis=0)
    return Reconciled(row, spending[kept].sum(axis=0), deliverable + amounts[over].sum(axis=0), deliverable)
