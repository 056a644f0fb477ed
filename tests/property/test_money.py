"""The tables of money over random ledgers: draws stay as they are, cells are rounded once, tables cast."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from communitybudget.case.signed import (
    by_year_frame,
    plan_frame,
    reconciliation_frame,
    section_151_frame,
    two_cases_frame,
    year_flows,
)
from communitybudget.ledger import BudgetLine, Cashability, CashRule, Ledger, LedgerLine, guard
from communitybudget.reporting.money import case_rows, plan_rows, signed_table
from communitybudget.reporting.tables import cast_table, round_to

YEARS = ("2026-27", "2027-28", "2028-29")
OPTIONS = ("a", "b")
AGENCIES = ("local_authority", "nhs", "police")
NAMES = ("Foster care", "Beds", "Officers")
DRAWS = 4
FACTORS = np.array([1.0, 1 / 1.035, 1 / 1.035**2])

# half pounds and pence, where rounding twice would show
pounds = st.one_of(
    st.floats(-1e6, 1e6, allow_subnormal=False), st.integers(-2_000, 2_000).map(lambda pence: pence / 4)
)


@st.composite
def accounts(draw):
    """A ledger of a few lines, and the cash of some of them."""
    lines = draw(
        st.lists(
            st.builds(
                LedgerLine,
                flow=st.sampled_from(["costs_avoided", "delivery", "funding", "not_deliverable"]),
                agency=st.sampled_from(AGENCIES),
                funding_stream=st.just("not_stated"),
                value_type=st.sampled_from(["fiscal", "fiscal", "economic", "social"]),
                cashable=st.just("not_assessed"),
                transfer=st.booleans(),
                line=st.sampled_from(NAMES),
                basis=st.just("own_entry"),
                spend=st.sampled_from(["ongoing", "one_off_revenue", "one_off_capital", "risk"]),
            ),
            min_size=1,
            max_size=6,
            unique=True,
        )
    )
    shape = (len(OPTIONS), len(YEARS), DRAWS)
    amounts = draw(arrays(float, (len(lines), *shape), elements=pounds))
    ledger = Ledger(
        tuple(lines),
        OPTIONS,
        YEARS,
        amounts,
        np.abs(draw(arrays(float, (len(lines), *shape[1:]), elements=pounds))),
        OPTIONS,
        (False, False),
        (),
        "2026-27",
        0,
        "ours 1",
    )
    places = draw(st.lists(st.tuples(st.sampled_from(AGENCIES), st.sampled_from(NAMES)), max_size=4))
    rules = tuple(
        CashRule(agency, name, f"unit_cost.{i}", "share", "", 0.0, 1.0, 0, 0, "", "us", "local", "")
        for i, (agency, name) in enumerate(places)
    )
    rungs = [draw(arrays(float, (len(rules), *shape), elements=pounds)) for _ in range(4)]
    cash = Cashability(
        rules,
        OPTIONS,
        YEARS,
        AGENCIES,
        OPTIONS,
        *rungs,
        np.zeros((len(rules), *shape)),
        np.zeros(shape),
        -np.abs(draw(arrays(float, (len(AGENCIES), *shape), elements=pounds))),
        "2026-27",
        0,
        "ours 1",
    )
    return ledger, cash


def number(text: str) -> int:
    return int(text.replace("£", "").replace(",", "").replace("−", "-"))


@settings(max_examples=25)
@given(account=accounts(), agency=st.sampled_from(["all", *AGENCIES]))
def test_no_table_touches_a_draw(account, agency):
    ledger, cash = account
    before = [a.tobytes() for a in (ledger.amounts, ledger.spending, cash.bankable, cash.average)]
    signed_table(section_151_frame(ledger, cash, "a", agency, ledger, cash))
    by_year_frame(ledger, cash, ledger, cash)
    plan = plan_frame(cash, ())
    plan_rows(plan[plan["option"] == "a"], YEARS)
    case_rows(two_cases_frame(ledger, FACTORS, "a", ledger, cash))
    after = (ledger.amounts, ledger.spending, cash.bankable, cash.average)
    assert all(a.dtype == np.float64 for a in after)
    assert [a.tobytes() for a in after] == before


@settings(max_examples=25)
@given(account=accounts(), agency=st.sampled_from(["all", *AGENCIES]))
def test_the_table_to_sign_is_rounded_once_and_casts(account, agency):
    ledger, cash = account
    frame = section_151_frame(ledger, cash, "a", agency, ledger, cash)
    table = signed_table(frame)
    exact = frame.set_index("item")
    cells = {name: row for name, row, _ in table.rows}
    spent = [name for name in cells if name.startswith(("One-off", "Ongoing", "Risks"))]
    banked = [name for name in cells if name.startswith("Cashable: ")]
    for name in (*spent, *banked, "Costs avoided"):
        assert cells[name] == tuple(round_to(exact.loc[name, year]) for year in YEARS)
    zero = (0,) * len(YEARS)
    spending = np.sum([cells[name] for name in spent], axis=0)
    cash_all = np.sum([zero, *(cells[name] for name in banked)], axis=0)
    funding = np.array(cells.get("Funding received", zero))
    assert_array_equal(cells["Spending in all"], spending)
    assert_array_equal(cells["Cashable, all lines"], cash_all)
    extra = np.array(cells.get("Spent more on lines that nobody has assessed", zero))
    net = np.array(cells["Costs avoided"]) - spending + funding
    assert_array_equal(cells["Net: costs avoided less spending, plus funding"], net)
    assert_array_equal(cells["Net, cumulative"], np.cumsum(net))
    assert_array_equal(cells["Net cash, cumulative"], np.cumsum(cash_all + extra - spending + funding))
    for name, row, total in table.rows:
        assert total is None if name.endswith("cumulative") else total == sum(row)


@settings(max_examples=25)
@given(account=accounts())
def test_the_same_table_from_the_ledger_by_hand(account):
    ledger, cash = account
    exact = section_151_frame(ledger, cash, "b", "all", ledger, cash).set_index("item")
    fiscal = [i for i, line in enumerate(ledger.lines) if line.value_type == "fiscal"]

    def total(flow):
        rows = [i for i in fiscal if ledger.lines[i].flow == flow]
        return ledger.amounts[rows, 1].sum(axis=0).mean(axis=-1) if rows else np.zeros(len(YEARS))

    columns = list(YEARS)
    assert_allclose(exact.loc["Costs avoided", columns].astype(float), total("costs_avoided"), atol=1e-6)
    net = total("costs_avoided") - total("delivery") + total("funding")
    found = exact.loc["Net: costs avoided less spending, plus funding", columns].astype(float)
    assert_allclose(found, net, rtol=1e-9, atol=1e-6)
    banked = cash.bankable[:, 1].sum(axis=0).mean(axis=-1)
    assert_allclose(exact.loc["Cashable, all lines", columns].astype(float), banked, rtol=1e-9, atol=1e-6)


@settings(max_examples=25)
@given(account=accounts(), weight=st.one_of(st.none(), st.floats(0.2, 5)))
def test_the_cases_side_by_side_cast(account, weight):
    ledger, cash = account
    frame = two_cases_frame(ledger, FACTORS, "a", ledger, cash, weight)
    rows = case_rows(frame)
    nets = next(row["cells"] for row in rows if row["item"] == "Net present value")
    above = rows[: next(i for i, row in enumerate(rows) if row["item"] == "Net present value")]
    for k, net in enumerate(nets):
        shown = [row["cells"][k] for row in above]
        assert number(net) == sum(number(cell) for cell in shown if cell != "–")
    exact = frame.set_index("item")
    fiscal = (ledger.net("a") - ledger.flow("a", "funding")).mean(axis=-1) @ FACTORS
    assert_allclose(exact.loc["Net present value", "financial"], fiscal, rtol=1e-9, atol=1e-5)
    public = ledger.public_value("a").mean(axis=-1) @ FACTORS
    assert_allclose(exact.loc["Net present value", "economic"], public, rtol=1e-9, atol=1e-5)


@settings(max_examples=25)
@given(account=accounts())
def test_the_plan_casts_and_its_percentiles_are_its_own(account):
    _, cash = account
    frame = plan_frame(cash, ())
    for option in OPTIONS:
        own = frame[frame["option"] == option]
        rows = plan_rows(own, YEARS)
        by_agency: dict[str, list[list[int]]] = {}
        for row in rows:
            means = [number(cell) for cell in row["means"]]
            agency = row["line"].partition(":")[0]
            if row["total"]:
                assert_array_equal(means, np.sum(by_agency[agency], axis=0))
            by_agency.setdefault(agency, []).append(means)
    for o, option in enumerate(OPTIONS):
        for agency in {rule.agency for rule in cash.rules}:
            held = [r for r, rule in enumerate(cash.rules) if rule.agency == agency]
            together = cash.bankable[held, o].sum(axis=0)
            rows = frame[(frame["option"] == option) & (frame["agency"] == agency)]
            last = rows[rows["line"] == rows["line"].iloc[-1]]
            assert_allclose(last["prudent"], np.quantile(together, 0.2, axis=-1), atol=1e-6)


@settings(max_examples=25)
@given(account=accounts())
def test_years_sum_and_quantiles_ascend(account):
    ledger, cash = account
    frame = by_year_frame(ledger, cash, ledger, cash)
    quantiles = frame[["p10", "p20", "p50", "p80", "p90"]].to_numpy()
    assert (np.diff(quantiles, axis=1) >= -1e-9).all()
    for option in OPTIONS:
        parts = [year_flows(ledger, cash, option, agency)["net"] for agency in ledger.agencies]
        whole = year_flows(ledger, cash, option, "all")["net"]
        assert_allclose(np.sum(parts, axis=0), whole, rtol=1e-9, atol=1e-6)


@settings(max_examples=25)
@given(account=accounts(), outturn=st.floats(0, 1e6))
def test_what_a_budget_line_holds_is_never_exceeded(account, outturn):
    ledger, _ = account
    row = BudgetLine(
        "local_authority",
        "Children",
        NAMES,
        np.full(len(YEARS), outturn),
        np.full(len(YEARS), np.nan),
        "",
        YEARS[:1],
    )
    lines = tuple(line for line in ledger.lines if line.flow != "not_deliverable")
    rows = [i for i, line in enumerate(ledger.lines) if line.flow != "not_deliverable"]
    guarded = guard(lines, ledger.amounts[rows], ledger.spending[rows], [row])
    frame_of = Ledger(
        guarded.lines,
        OPTIONS,
        YEARS,
        guarded.amounts,
        guarded.spending,
        OPTIONS,
        (False, False),
        (),
        "2026-27",
        0,
        "ours 1",
    )
    beside = reconciliation_frame(frame_of, [row])
    assert_allclose(
        beside["claimed"], beside["deliverable"] + beside["not_deliverable"], rtol=1e-9, atol=1e-6
    )
    held = [i for i, line in enumerate(guarded.lines) if row.holds(line) and line.flow == "costs_avoided"]
    saved = np.maximum(guarded.amounts[held], 0).sum(axis=0)
    assert (saved <= outturn * (1 + 1e-12) + 1e-6).all()


@given(cells=st.lists(st.lists(pounds, min_size=2, max_size=2), max_size=8), unit=st.sampled_from([1, 100]))
def test_any_table_casts(cells, unit):
    table = cast_table(["x", "y"], [(str(i), row) for i, row in enumerate(cells)], unit)
    for column in range(2):
        shown = [row[column] for _, row in table.rows]
        assert table.total[column] == sum(shown)
        assert all(abs(s - c[column]) <= unit / 2 + 1e-6 for s, c in zip(shown, cells, strict=True))
