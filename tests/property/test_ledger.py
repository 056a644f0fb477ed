from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from communitybudget.ledger import Ledger, LedgerLine, Price, PricedItem, Share, price_activity
from communitybudget.sampling import Draws
from communitybudget.simulation import Activity, Count

COUNTS = (Count("child_safety", "months", "looked_after"), Count("work", "months", "claiming_search"))
YEARS = ("2026-27", "2027-28")
AGENCIES = ("local_authority", "nhs", "police", "dwp")

children = st.floats(0, 1e4, allow_subnormal=False)
pounds = st.floats(-1e6, 1e6, allow_subnormal=False)


@st.composite
def priced_cases(draw):
    """Activity of two outcomes, two options, two years and three draws, and items that price it."""
    amounts = draw(arrays(float, (2, 3, 2, 3), elements=children))
    activity = Activity(COUNTS, ("bau", "a", "b"), YEARS, amounts, (), 0, "ours 1")
    prices = draw(arrays(float, 3, elements=st.floats(0.01, 1e5)))
    draws = Draws(3, 0, {"price": prices}, {"quantity": draw(st.floats(0.01, 10))})
    items = []
    for n in range(draw(st.integers(1, 4))):
        weights = draw(st.lists(st.integers(1, 9), min_size=1, max_size=4))
        shares = tuple(
            Share(agency, w / sum(weights), draw(st.booleans()))
            for agency, w in zip(AGENCIES, weights, strict=False)
        )
        price = Price("price", draw(st.floats(0.5, 3)), "fiscal", shares)
        items.append(PricedItem(draw(st.sampled_from(COUNTS)), "quantity", price, f"line {n}"))
    return activity, items, draws


def scale(activity, items, draws):
    """What all of it costs at most, against which rounding is measured."""
    return (
        activity.amounts.max() * draws.columns["price"].max() * draws.constants["quantity"] * 3 * len(items)
    )


@given(case=priced_cases())
@settings(deadline=None)
def test_agencies_sum_to_the_total_in_every_draw(case):
    activity, items, draws = case
    priced = price_activity(activity, items, draws, {})
    bau, options = activity.amounts[:, 0], activity.amounts[:, 1:]
    total, spent = np.zeros((2, 2, 3)), np.zeros((2, 3))
    for use in items:
        row = COUNTS.index(use.count)
        pounds = draws.constants["quantity"] * draws.columns["price"] * use.price.factor
        total += (bau[row] - options[row]) * pounds
        spent += bau[row] * pounds
    tolerance = 1e-12 * scale(*case)
    assert_allclose(priced.costs_avoided.sum(axis=0), total, rtol=1e-12, atol=tolerance)
    assert_allclose(priced.spending.sum(axis=0), spent, rtol=1e-12, atol=tolerance)


@given(case=priced_cases())
@settings(deadline=None)
def test_an_option_that_changes_nothing_avoids_exactly_nothing(case):
    activity, items, draws = case
    amounts = np.repeat(activity.amounts[:, :1], 3, axis=1)
    priced = price_activity(replace(activity, amounts=amounts), items, draws, {})
    assert_array_equal(priced.costs_avoided, 0.0)


@given(case=priced_cases())
@settings(deadline=None)
def test_swapping_an_option_with_business_as_usual_turns_the_sign(case):
    activity, items, draws = case
    swapped = replace(activity, amounts=activity.amounts[:, [1, 0, 2]])
    first, second = (price_activity(a, items, draws, {}) for a in (activity, swapped))
    assert_array_equal(first.costs_avoided[:, 0], -second.costs_avoided[:, 0])


@given(case=priced_cases(), order=st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_items_changes_no_line_by_more_than_rounding(case, order):
    activity, items, draws = case
    shuffled = order.sample(items, len(items))
    first, second = (price_activity(activity, some, draws, {}) for some in (items, shuffled))
    assert set(first.lines) == set(second.lines)
    places = [second.lines.index(line) for line in first.lines]
    assert_allclose(first.costs_avoided, second.costs_avoided[places], rtol=1e-12, atol=1e-12 * scale(*case))


@st.composite
def ledgers(draw):
    lines = draw(
        st.lists(
            st.builds(
                LedgerLine,
                flow=st.sampled_from(["costs_avoided", "delivery", "funding"]),
                agency=st.sampled_from(AGENCIES),
                funding_stream=st.just("not_stated"),
                value_type=st.sampled_from(["fiscal", "economic", "social"]),
                cashable=st.just("not_assessed"),
                transfer=st.booleans(),
                line=st.text(max_size=5),
            ),
            min_size=1,
            max_size=5,
        )
    )
    amounts = draw(arrays(float, (len(lines), 2, 2, 3), elements=pounds))
    spending = draw(arrays(float, (len(lines), 2, 3), elements=pounds))
    names = ("a", "b")
    return Ledger(
        tuple(lines), names, YEARS, amounts, spending, names, (False, True), (), "2026-27", 0, "ours 1"
    )


@given(ledger=ledgers())
@settings(deadline=None)
def test_agencies_years_and_lines_are_three_ways_to_one_total(ledger):
    for option in ledger.options:
        net = ledger.net(option)
        parts = [ledger.net(option, agency) for agency in ledger.agencies]
        assert_allclose(np.sum(parts, axis=0), net, rtol=1e-12, atol=1e-6)
        for axis in ("agency", "year", "line"):
            frame = ledger.by(axis, option).to_frame()
            assert_allclose(frame["net"].sum(), net.sum(axis=0).mean(), rtol=1e-9, atol=1e-6)
            assert (frame["net_p10"] <= frame["net_p90"]).all()


@given(ledger=ledgers())
@settings(deadline=None)
def test_transfers_and_the_rest_are_all(ledger):
    for flow in ("costs_avoided", "delivery", "funding"):
        both, part, rest = (ledger.flow("a", flow, transfer=t) for t in (None, True, False))
        assert_allclose(part + rest, both, rtol=1e-12, atol=1e-6)


@given(ledger=ledgers())
@settings(deadline=None)
def test_a_ledger_goes_to_json_and_back(ledger):
    back = Ledger.from_json(ledger.to_json())
    assert back == ledger
    assert back.amounts.tobytes() == ledger.amounts.tobytes()
    assert back.to_frame().equals(ledger.to_frame())
