"""The ledger: activity priced per agency, with guards against counting money twice."""

from communitybudget.ledger.budget import (
    BudgetError,
    BudgetRow,
    budget_lines,
    faults_between_rows,
    read_budget,
)
from communitybudget.ledger.caps import Capped, cap_claims
from communitybudget.ledger.cashable import Cashability, CashRule, describe_rule
from communitybudget.ledger.entries import (
    LedgerLine,
    Priced,
    PricedItem,
    credit_met_needs,
    price_activity,
    price_chance,
)
from communitybudget.ledger.guards import BudgetLine, Guarded, Reconciled, guard, reconcile
from communitybudget.ledger.ledger import (
    ENTRY_FLOWS,
    FLOWS,
    LEDGER_COLUMNS,
    QUANTILES,
    Ledger,
    LedgerView,
    costs_avoided_by_year,
    describe,
)
from communitybudget.ledger.own import LedgerEntry, ledger_of
from communitybudget.ledger.prices import (
    Allowance,
    Price,
    Share,
    check_double_counting,
    check_shared_activity,
    items_in_use,
    price_of,
)
from communitybudget.ledger.splits import AgencySplit, check_shares, split_amounts

__all__ = [
    "ENTRY_FLOWS",
    "FLOWS",
    "LEDGER_COLUMNS",
    "QUANTILES",
    "AgencySplit",
    "Allowance",
    "BudgetError",
    "BudgetLine",
    "BudgetRow",
    "Capped",
    "CashRule",
    "Cashability",
    "Guarded",
    "Ledger",
    "LedgerEntry",
    "LedgerLine",
    "LedgerView",
    "Price",
    "Priced",
    "PricedItem",
    "Reconciled",
    "Share",
    "budget_lines",
    "cap_claims",
    "check_double_counting",
    "check_shared_activity",
    "check_shares",
    "costs_avoided_by_year",
    "credit_met_needs",
    "describe",
    "describe_rule",
    "faults_between_rows",
    "guard",
    "items_in_use",
    "ledger_of",
    "price_activity",
    "price_chance",
    "price_of",
    "read_budget",
    "reconcile",
    "split_amounts",
]
