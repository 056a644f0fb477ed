import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from communitybudget._core.errors import ParameterNotFound
from communitybudget.ledger import price_activity
from communitybudget.simulation import Activity, Count

YEARS = ("2026-27", "2027-28", "2028-29")
IN_CARE = Count("child_safety", "months", "looked_after")
ENTRIES = Count("child_safety", "entries", "looked_after")
ARRESTS = Count("youth_justice", "moves", "none", "community")

STREAMS = {"local_authority": "general_fund", "police": "police_grant"}


@pytest.fixture
def items(item):
    """A split price, a second use of the same line, a transfer and an economic value."""
    return [
        item(IN_CARE, "weeks", "unit_cost.week", "Placements", [("local_authority", 1.0, False)], 1.2),
        item(ENTRIES, "share", "unit_cost.week", "Placements", [("local_authority", 1.0, False)], 1.2),
        item(
            ARRESTS,
            "share",
            "unit_cost.arrest",
            "Arrests",
            [("police", 0.6, False), ("legal_aid", 0.3, False), ("dwp", 0.1, True)],
        ),
        item(IN_CARE, "share", "unit_cost.arrest", "Earnings", [("society", 1.0, False)], 2.0, "economic"),
    ]


def naive(activity, items, draws):
    """Costs avoided and spending, one number after another, by agency, value type, transfer and line."""

    def drawn(key, d):
        found = draws[key]
        return found if isinstance(found, float) else found[d]

    avoided, spending = {}, {}
    for use in items:
        row = activity.counts.index(use.count)
        for share in use.price.shares:
            name = use.line + (" (transfer)" if share.transfer else "")
            key = (share.agency, use.price.value_type, share.transfer, name)
            gain = avoided.setdefault(key, np.zeros((2, 3, 4)))
            spent = spending.setdefault(key, np.zeros((3, 4)))
            for d in range(4):
                pounds = drawn(use.quantity, d) * drawn(use.price.parameter, d) * use.price.factor
                for y in range(3):
                    usual = activity.amounts[row, 0, y, d]
                    spent[y, d] += usual * pounds * share.share
                    for o in (1, 2):
                        difference = usual - activity.amounts[row, o, y, d]
                        gain[o - 1, y, d] += difference * pounds * share.share
    return avoided, spending


def test_money_is_that_of_a_loop_over_everything(activity, items, draws):
    priced = price_activity(activity, items, draws, STREAMS)
    avoided, spending = naive(activity, items, draws)
    keys = [(line.agency, line.value_type, line.transfer, line.line) for line in priced.lines]
    assert sorted(keys) == sorted(avoided)
    for i, key in enumerate(keys):
        assert_allclose(priced.costs_avoided[i], avoided[key], rtol=1e-12, atol=1e-9)
        assert_allclose(priced.spending[i], spending[key], rtol=1e-12)


def test_what_a_line_says(activity, items, draws):
    lines = {line.line: line for line in price_activity(activity, items, draws, STREAMS).lines}
    assert set(lines) == {"Placements", "Arrests", "Arrests (transfer)", "Earnings"}
    assert {line.flow for line in lines.values()} == {"costs_avoided"}
    assert {line.cashable for line in lines.values()} == {"not_assessed"}
    assert lines["Placements"].funding_stream == "general_fund"
    assert lines["Earnings"].funding_stream == "not_stated"
    assert lines["Earnings"].value_type == "economic"
    assert [line.line for line in lines.values() if line.transfer] == ["Arrests (transfer)"]


def test_agencies_sum_to_the_total_in_every_draw(activity, item, draws):
    shares = [("police", 0.6, False), ("legal_aid", 0.25, False), ("dwp", 0.1, True), ("dwp", 0.05, False)]
    whole = item(ARRESTS, "weeks", "unit_cost.week", "Arrests")
    split = item(ARRESTS, "weeks", "unit_cost.week", "Arrests", shares)
    together, apart = (price_activity(activity, [use], draws, {}) for use in (whole, split))
    assert len(apart.lines) == 4
    assert_allclose(apart.costs_avoided.sum(axis=0), together.costs_avoided[0], rtol=1e-12, atol=1e-9)
    assert_allclose(apart.spending.sum(axis=0), together.spending[0], rtol=1e-12)


def test_no_difference_avoids_exactly_nothing(activity, items, draws):
    amounts = activity.amounts.copy()
    amounts[:, 1] = amounts[:, 0]
    # two rows whose change would only cancel after rounding
    same = Activity(activity.counts, activity.options, YEARS, amounts * (1 / 3), (), 5, "ours 1")
    priced = price_activity(same, items, draws, STREAMS)
    assert_array_equal(priced.costs_avoided[:, 0], 0.0)
    assert (priced.costs_avoided[:, 1] != 0).all()
    assert (priced.spending > 0).all()


def test_an_option_that_costs_an_agency_more_stays_visible(activity, item, draws):
    amounts = activity.amounts.copy()
    amounts[1, 1] = amounts[1, 0] + 1.0
    more = Activity(activity.counts, activity.options, YEARS, amounts, (), 5, "ours 1")
    priced = price_activity(more, [item(ENTRIES, "share", "unit_cost.arrest", "Placements")], draws, {})
    assert_allclose(priced.costs_avoided[0, 0], -0.25 * 593.0)


@pytest.mark.parametrize("order", [(1, 0, 2), (1, 2, 0)])
def test_business_as_usual_may_stand_anywhere(activity, items, draws, order):
    options = tuple(activity.options[o] for o in order)
    moved = Activity(activity.counts, options, YEARS, activity.amounts[:, list(order)], (), 5, "ours 1")
    first, second = (price_activity(a, items, draws, STREAMS) for a in (activity, moved))
    assert_array_equal(first.costs_avoided, second.costs_avoided)
    assert_array_equal(first.spending, second.spending)


def test_the_same_lines_are_added_and_not_listed_twice(activity, item, draws):
    use = item(ENTRIES, "weeks", "unit_cost.week", "Placements")
    once, twice = (price_activity(activity, [use] * n, draws, {}) for n in (1, 2))
    assert len(twice.lines) == 1
    assert_allclose(twice.costs_avoided, 2 * once.costs_avoided, rtol=1e-12)


def test_without_items_there_is_no_money(activity, draws):
    priced = price_activity(activity, [], draws, {})
    assert priced.lines == ()
    assert priced.costs_avoided.shape == (0, 2, 3, 4)
    assert priced.spending.shape == (0, 3, 4)


def test_a_price_that_was_not_drawn(activity, item, draws):
    with pytest.raises(
        ParameterNotFound, match=r"'unit_cost\.weak' was not drawn; did you mean 'unit_cost\.week'"
    ):
        price_activity(activity, [item(ENTRIES, "weeks", "unit_cost.weak", "Placements")], draws, {})


def test_a_known_example(item, draws):
    # 12 months fewer at a quarter of 593 pounds each
    amounts = np.zeros((1, 2, 1, 4))
    amounts[0, 0], amounts[0, 1] = 20.0, 8.0
    small = Activity((IN_CARE,), ("bau", "key_worker"), YEARS[:1], amounts, (), 5, "ours 1")
    priced = price_activity(small, [item(IN_CARE, "share", "unit_cost.arrest", "x")], draws, {})
    assert_allclose(priced.costs_avoided, math.prod([12, 0.25, 593.0]))
    assert_allclose(priced.spending, math.prod([20, 0.25, 593.0]))
