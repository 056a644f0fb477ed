from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from communitybudget.ledger import Ledger, LedgerLine, Price, PricedItem, Share
from communitybudget.parameters import Parameter, ParameterSet, PriceIndex
from communitybudget.sampling import Draws
from communitybudget.simulation import Activity, Count

YEARS = ("2026-27", "2027-28", "2028-29")
IN_CARE = Count("child_safety", "months", "looked_after")
ENTRIES = Count("child_safety", "entries", "looked_after")
ARRESTS = Count("youth_justice", "moves", "none", "community")


@pytest.fixture(scope="session")
def england() -> ParameterSet:
    return ParameterSet.load("england")


@pytest.fixture
def flat() -> PriceIndex:
    """Prices that never change, but for a doubling in 2020-21."""
    return PriceIndex("flat", {"2018-19": 1.0, "2019-20": 1.0, "2020-21": 2.0}, "us", "assumption")


@pytest.fixture
def unit_cost() -> Callable[..., Parameter]:
    """Build the row of a unit cost from its code."""

    def build(code: str, value: float = 100.0, **changes) -> Parameter:
        columns = {"code": code, "parent": "", "level": "headline", "overlaps": ""}
        columns |= {name: changes.pop(name) for name in list(changes) if name in columns}
        whole = {"label": code, "unit": "GBP per_case", "price_base": "2019-20", "agency": "nhs"}
        whole |= {"value_type": "fiscal", "source": "us", "mark": "local", **changes}
        return Parameter(key=f"unit_cost.{code}", value=value, fields=columns, **whole)

    return build


@pytest.fixture
def price_book(flat) -> Callable[..., ParameterSet]:
    """Build a parameter set from rows."""

    def build(*rows: Parameter) -> ParameterSet:
        by_id = {row.id: row for row in rows}
        return ParameterSet("ours", "1", "Ours", by_id, {"flat": flat}, "flat", {}, {})

    return build


@pytest.fixture
def activity() -> Activity:
    """Three outcomes, two options besides business as usual, three years, four draws."""
    amounts = np.random.default_rng(0).uniform(1, 100, (3, 3, 3, 4))
    options = ("bau", "key_worker", "helpline")
    return Activity((IN_CARE, ENTRIES, ARRESTS), options, YEARS, amounts, (), 5, "ours 1")


@pytest.fixture
def draws() -> Draws:
    """Two quantities and two prices, one of each uncertain."""
    uncertain = np.random.default_rng(1).uniform(1, 10, (2, 4))
    columns = {"weeks": uncertain[0], "unit_cost.week": uncertain[1]}
    return Draws(4, 5, columns, {"share": 0.25, "unit_cost.arrest": 593.0})


@pytest.fixture
def item() -> Callable[..., PricedItem]:
    """Build an item that a count uses, priced and shared out over agencies."""

    def build(
        count: Count,
        quantity: str,
        price: str,
        line: str,
        shares: Sequence[tuple[str, float, bool]] = (("nhs", 1.0, False),),
        factor: float = 1.0,
        value_type: str = "fiscal",
    ) -> PricedItem:
        split = tuple(Share(*share) for share in shares)
        return PricedItem(count, quantity, Price(price, factor, value_type, split), line)

    return build


@pytest.fixture
def line() -> LedgerLine:
    return LedgerLine("costs_avoided", "nhs", "nhs_allocation", "fiscal", "not_assessed", False, "Nursing")


@pytest.fixture
def ledger(line) -> Ledger:
    """A worked ledger of one option, two years and two draws; amounts are year by draw.

    costs avoided   NHS 100 200 / 10 20, DWP transfer 50 50 / 5 5, society economic 7 9 / 1 1
    delivery        local authority 60 60 / 6 6
    funding         local authority receives 30 30 / 0 0 from the NHS
    """
    council = {"agency": "local_authority", "funding_stream": "general_fund", "line": "Key workers"}
    lines = (
        line,
        replace(line, agency="dwp", line="Benefit (transfer)", transfer=True),
        replace(line, agency="society", line="Earnings", value_type="economic"),
        replace(line, flow="delivery", **council),
        replace(line, flow="funding", **council),
        replace(line, flow="funding", line="Key workers"),
    )
    amounts = np.array(
        [
            [[[100, 200], [10, 20]]],
            [[[50, 50], [5, 5]]],
            [[[7, 9], [1, 1]]],
            [[[60, 60], [6, 6]]],
            [[[30, 30], [0, 0]]],
            [[[-30, -30], [0, 0]]],
        ],
        dtype=float,
    )
    spending = np.zeros((6, 2, 2))
    spending[0] = [[1_000, 2_000], [100, 200]]
    spending[2] = 5
    return Ledger(
        lines=lines,
        options=("key_worker",),
        years=("2026-27", "2027-28"),
        amounts=amounts,
        spending=spending,
        option_labels=("Family key worker",),
        gross=(False,),
        unpriced=(("Child safety: hour: schools, not priced", "schools"),),
        price_base="2026-27",
        seed=3,
        set_version="england 0.1.0",
    )
