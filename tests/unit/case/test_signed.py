"""Results that are signed, of a case, against the ledger they come from."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from communitybudget.case import Case, appraise

HOMES = {
    "agency": "local_authority",
    "line": "Children's homes",
    "unit_cost": "unit_cost.residential_home_week",
    "marginal_share": 0.9,
    "decommission_months": 6,
    "benefit_owner": "Director of children's services",
    "source": "an example",
}
FOSTER = {
    "agency": "local_authority",
    "line": "Foster care",
    "marginal_share": {"value": 0.8, "low": 0.6, "high": 0.9, "interval": "range"},
    "source": "an example",
}


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """Two lines assessed for cash, one with a planned saving, and a sum once at the start."""
    from tests_builders import small_case

    folder = tmp_path_factory.mktemp("signed")
    (folder / "budget.csv").write_text(
        "agency,line,year,amount,planned_saving,owner\n"
        "local_authority,Foster care,2025-26,2000000,4000,Head of fostering\n"
        "local_authority,Foster care,2026-27,2100000,,\n",
        encoding="utf-8",
    )
    small = small_case()
    option = small["options"][0]
    start_up = {
        "agency": "local_authority",
        "item": "Systems",
        "fixed": 10_000,
        "price_base": "2023-24",
        "spend": "one_off_capital",
        "source": "an example",
    }
    option = {**option, "delivery": [*option["delivery"], start_up]}
    data = {**small, "options": [option], "cashability": [HOMES, FOSTER], "budget": "budget.csv"}
    return appraise(Case.from_dict(data, folder), draws=400, seed=2)


class TestSection151:
    def test_spending_by_kind(self, result):
        table = result.section_151().set_index("item")
        years = list(result.years)
        assert_allclose(table.loc["One-off, capital", years].astype(float), [10_000, 0, 0, 0])
        assert not table.loc["One-off, revenue", years].any()
        kinds = table.loc[["One-off, capital", "One-off, revenue", "Ongoing"], years].sum()
        spent = result.ledger.flow("support", "delivery", "local_authority").mean(axis=1)
        assert_allclose(kinds.astype(float), spent)

    def test_named_lines_and_owners(self, result):
        owners = result.section_151().set_index("item")["benefit_owner"]
        assert owners["Cashable: Children's homes"] == "Director of children's services"
        assert owners["Cashable: Foster care"] == ""

    def test_for_all_agencies_a_line_says_whose_it_is(self, result):
        items = list(result.section_151(agency="all")["item"])
        assert "Cashable: Foster care (Local authority)" in items

    def test_totals_have_their_interval(self, result):
        table = result.section_151().set_index("item")
        total = result.ledger.net("support", "local_authority").sum(axis=0)
        row = table.loc["Net: costs avoided less spending, plus funding"]
        assert row["total"] == pytest.approx(total.mean())
        turned_out = result.turned_out.net("support", "local_authority").sum(axis=0)
        assert_allclose(row[["total_p10", "total_p90"]].astype(float), np.quantile(turned_out, [0.1, 0.9]))
        rates = result.section_151(chance=False).set_index("item").loc[row.name]
        assert_allclose(rates[["total_p10", "total_p90"]].astype(float), np.quantile(total, [0.1, 0.9]))
        assert np.isnan(table.loc["Net, cumulative", "total"])


class TestPlan:
    def test_the_prudent_saving_is_the_20th_percentile_of_the_cash(self, result):
        rows = result.financial_plan()
        foster = rows[rows["line"] == "Foster care"]
        bankable = result.cash_with_chance.bankable[1, 0]
        assert_allclose(foster["prudent"], np.quantile(bankable, 0.2, axis=-1))
        assert_allclose(foster["mean"], bankable.mean(axis=-1))

    def test_a_planned_saving_has_its_odds(self, result):
        rows = result.financial_plan()
        foster = rows[rows["line"] == "Foster care"].set_index("year")
        plan = 4_000 * result.model.index.factor("2025-26", "2023-24")
        saved = result.cash_with_chance.bankable[1, 0, 1]
        assert foster.loc["2025-26", "planned"] == pytest.approx(plan)
        assert foster.loc["2025-26", "probability_missed"] == pytest.approx((saved < plan).mean())
        short = np.maximum(plan - saved, 0)
        assert foster.loc["2025-26", "expected_shortfall"] == pytest.approx(short.mean())
        assert foster.loc["2025-26", "shortfall_when_missed"] == pytest.approx(short[saved < plan].mean())
        assert np.isnan(foster.loc["2024-25", "planned"])

    def test_all_lines_together_are_a_percentile_of_their_own(self, result):
        rows = result.financial_plan()
        both = result.cash_with_chance.bankable[:, 0].sum(axis=0)
        assert_allclose(rows[rows["line"] == "all"]["prudent"], np.quantile(both, 0.2, axis=-1))


class TestYears:
    def test_measures_by_hand(self, result):
        frame = result.by_year().set_index(["agency", "measure", "year"])
        expected, net = result.ledger.net("support"), result.turned_out.net("support")
        for y, year in enumerate(result.years):
            row = frame.loc[("all", "cumulative_net", year)]
            running = net[: y + 1].sum(axis=0)
            assert row["mean"] == pytest.approx(expected[: y + 1].sum(axis=0).mean())
            assert row["p80"] == pytest.approx(np.quantile(running, 0.8))
            assert row["worst_tenth"] == pytest.approx(np.sort(running)[:40].mean())
            assert row["mc_error"] == pytest.approx(running.std(ddof=1) / 20)

    def test_cash_is_cashable_less_spending(self, result):
        frame = result.by_year().set_index(["agency", "measure", "year"])["mean"]
        for year in result.years:
            cash = frame[("all", "cashable", year)]
            spent = frame.get(("all", "spend", year), 0.0)
            extra = frame[("all", "extra_spending", year)]
            assert extra <= 0
            assert frame[("all", "net_cash", year)] == pytest.approx(cash + extra - spent)


class TestReconciliation:
    def test_a_year_without_an_outturn_takes_the_last_before_it(self, result):
        rows = result.reconciliation().set_index("year")
        factor = result.model.index.factor
        for year, of in (("2024-25", "2025-26"), ("2025-26", "2025-26"), ("2026-27", "2026-27")):
            amount = {"2025-26": 2_000_000, "2026-27": 2_100_000}[of]
            assert rows.loc[year, "outturn"] == pytest.approx(amount * factor(of, "2023-24"))
        assert rows.loc["2027-28", "outturn"] == rows.loc["2026-27", "outturn"]

    def test_what_the_model_spends_is_business_as_usual_on_the_line(self, result):
        rows = result.reconciliation()
        ledger = result.ledger
        lines = [i for i, line in enumerate(ledger.lines) if line.line == "Foster care"]
        assert_allclose(rows["modelled"], ledger.spending[lines].sum(axis=0).mean(axis=-1))
        assert (rows["not_deliverable"] == 0).all()
