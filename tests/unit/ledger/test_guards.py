"""Nobody saves more than is spent."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from communitybudget.ledger import BudgetLine, LedgerLine, cap_claims, guard, reconcile

money = st.floats(-1e6, 1e6, allow_subnormal=False)


def line(basis="activity", name="Foster care", agency="local_authority", flow="costs_avoided", kind="fiscal"):
    return LedgerLine(flow, agency, "general_fund", kind, "not_assessed", False, name, basis)


def budget(outturn, covers=("Foster care",), agency="local_authority"):
    amounts = np.atleast_1d(np.asarray(outturn, dtype=float))
    return BudgetLine(agency, "Placements", covers, amounts, np.full(amounts.shape, np.nan), "", ())


class TestCap:
    @given(
        claims=arrays(float, (3, 2, 2), elements=money),
        ceiling=arrays(float, (2, 2), elements=money),
    )
    def test_kept_and_cut_sum_to_the_claims_and_keep_to_the_ceiling(self, claims, ceiling):
        capped = cap_claims(claims, ceiling)
        assert_allclose(capped.deliverable + capped.not_deliverable, claims, rtol=0, atol=1e-9)
        assert (capped.not_deliverable >= 0).all()
        kept = np.maximum(capped.deliverable, 0).sum(axis=0)
        assert (kept <= np.maximum(ceiling, 0) + 1e-6).all()
        negative = claims < 0
        assert_array_equal(capped.deliverable[negative], claims[negative])

    def test_one_path_by_hand(self):
        """60 and 40 on a line of 50: each keeps a half, and what costs more makes no room."""
        capped = cap_claims([[[60.0]], [[40.0]], [[-5.0]]], [[50.0]])
        assert_allclose(capped.deliverable.ravel(), [30, 20, -5])
        assert_allclose(capped.not_deliverable.ravel(), [30, 20, 0])


class TestGuard:
    def test_a_claim_is_capped_by_what_business_as_usual_spends_there(self):
        lines = [line(), line("own_entry")]
        amounts = np.array([[[[20.0]]], [[[100.0]]]])
        spending = np.array([[[90.0]], [[0.0]]])
        found = guard(lines, amounts, spending)
        assert [own.flow for own in found.lines] == ["costs_avoided", "costs_avoided", "not_deliverable"]
        assert_allclose(found.amounts[:, 0, 0, 0], [20, 70, 30])  # room is 90 less the pathway's own 20
        assert found.lines[2].basis == "own_entry"

    def test_a_pathway_is_never_floored_and_its_own_difference_stays(self):
        lines = [line(), line("outcome_chain")]
        amounts = np.array([[[[-40.0]]], [[[10.0]]]])
        found = guard(lines, amounts, np.array([[[5.0]], [[0.0]]]))
        assert_allclose(found.amounts[:, 0, 0, 0], [-40, 5, 5])

    def test_where_no_pathway_spends_there_is_no_such_cap(self):
        found = guard([line("own_entry")], np.array([[[[100.0]]]]), np.zeros((1, 1, 1)))
        assert_allclose(found.amounts.ravel(), [100])

    def test_the_outturn_caps_all_that_is_claimed_on_a_line(self):
        lines = [line(), line("outcome_chain", "Homes"), line(agency="nhs")]
        amounts = np.array([[[[60.0]]], [[[60.0]]], [[[60.0]]]])
        spending = np.full((3, 1, 1), 1e6)
        found = guard(lines, amounts, spending, [budget(80.0, ("Foster care", "Homes"))])
        assert_allclose(found.amounts[:, 0, 0, 0], [40, 40, 60, 20, 20])

    def test_economic_value_has_no_budget(self):
        lines = [line("own_entry", kind="economic"), line(kind="economic")]
        amounts = np.array([[[[60.0]]], [[[0.0]]]])
        found = guard(lines, amounts, np.zeros((2, 1, 1)), [budget(10.0)])
        assert len(found.lines) == 2

    @given(
        amounts=arrays(float, (4, 2, 2, 3), elements=money),
        spending=arrays(float, (4, 2, 3), elements=st.floats(0, 1e6)),
        outturn=arrays(float, 2, elements=st.floats(0, 1e6)),
    )
    def test_nothing_is_made_or_lost(self, amounts, spending, outturn):
        lines = [line(), line("outcome_chain"), line("own_entry"), line(agency="nhs")]
        row = budget(outturn)
        found = guard(lines, amounts, spending, [row])
        assert_allclose(found.amounts.sum(axis=0), amounts.sum(axis=0), rtol=1e-9, atol=1e-6)
        kept = sum(
            np.maximum(m, 0)
            for own, m in zip(found.lines, found.amounts, strict=True)
            if own.flow == "costs_avoided" and row.holds(own)
        )
        assert (kept <= outturn[:, None] + 1e-6).all()
        beside = reconcile(found.lines, found.amounts, found.spending, row)
        assert (beside.claimed >= beside.deliverable - 1e-6).all()


@pytest.mark.parametrize("other", [{"agency": "nhs"}, {"kind": "economic"}, {"name": "Homes"}])
def test_a_budget_line_holds_its_own_lines_alone(other):
    assert budget(1.0).holds(line())
    assert not budget(1.0).holds(line(**other))
