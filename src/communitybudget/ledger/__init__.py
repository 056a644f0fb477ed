"""The ledger: activity priced per agency, with guards against counting money twice."""

from communitybudget.ledger.entries import LedgerLine, Priced, PricedItem, price_activity
from communitybudget.ledger.ledger import (
    LEDGER_COLUMNS,
    QUANTILES,
    Ledger,
    LedgerView,
    costs_avoided_by_year,
    describe,
)
from communitybudget.ledger.prices import (
    Allowance,
    Price,
    Share,
    check_double_counting,
    items_in_use,
    price_of,
)

__all__ = [
    "LEDGER_COLUMNS",
    "QUANTILES",
    "Allowance",
    "Ledger",
    "LedgerLine",
    "LedgerView",
    "Price",
    "Priced",
    "PricedItem",
    "Share",
    "check_double_counting",
    "costs_avoided_by_year",
    "describe",
    "items_in_use",
    "price_activity",
    "price_of",
]
