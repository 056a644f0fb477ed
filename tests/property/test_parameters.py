import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from communitybudget._core.results import from_json, same, to_json
from communitybudget._core.strict_yaml import parse_strict
from communitybudget._core.years import first_calendar_year, format_year, parse_year
from communitybudget.ledger import LedgerLine
from communitybudget.parameters import Extension, ParameterSet, PriceIndex, from_interval, from_mean_sd
from communitybudget.sampling import from_normal

ENGLAND = ParameterSet.load("england")
VINTAGES = ["hmt_2015_03_budget", "derived_2025_12_financial"]
Z = {"ci95": 1.959963984540054, "ci90": 1.6448536269514722, "p10_p90": 1.2815515655446004}

amounts = st.floats(1e-3, 1e7)


@st.composite
def index_and_years(draw, count=2):
    index = ENGLAND.indices[draw(st.sampled_from(VINTAGES))]
    return index, [draw(st.sampled_from(list(index.values))) for _ in range(count)]


@given(case=index_and_years(), amount=amounts)
@settings(deadline=None)
def test_uprating_there_and_back_returns_the_amount(case, amount):
    index, (here, there) = case
    assert amount * index.factor(here, there) * index.factor(there, here) == pytest.approx(amount, rel=1e-14)


@given(case=index_and_years(3))
@settings(deadline=None)
def test_the_way_does_not_matter(case):
    index, (a, b, c) = case
    assert index.factor(a, b) * index.factor(b, c) == pytest.approx(index.factor(a, c), rel=1e-14)


@given(
    levels=st.lists(st.floats(1, 500), min_size=1, max_size=9),
    rate=st.floats(-0.05, 0.2),
    first=st.integers(1900, 2090),
    beyond=st.integers(1, 30),
)
@settings(deadline=None)
def test_an_extension_grows_at_its_rate_and_only_after_the_end(levels, rate, first, beyond):
    values = {format_year(first + i): level for i, level in enumerate(levels)}
    index = PriceIndex("ours", values, "us", "local", Extension(rate))
    last = first + len(levels) - 1
    assert [index.level(year) for year in values] == levels
    assert index.factor(format_year(last), format_year(last + beyond)) == pytest.approx((1 + rate) ** beyond)
    assert index.is_extended(format_year(last + beyond))
    assert not any(index.is_extended(year) for year in values)


@given(year=st.integers(1000, 9998))
def test_every_way_to_write_a_year_is_the_same_year(year):
    short = f"{(year + 1) % 100:02d}"
    for text in (f"{year}-{short}", f"{year}/{short}", f"{year}/{year + 1}"):
        assert parse_year(text) == format_year(year)
    assert first_calendar_year(format_year(year)) == year


@given(year=st.integers(1000, 9998), other=st.integers(0, 99))
def test_a_year_is_followed_by_the_next(year, other):
    if other != (year + 1) % 100:
        with pytest.raises(ValueError, match="is not a financial year"):
            parse_year(f"{year}-{other:02d}")


@given(
    limits=st.lists(st.floats(0.01, 0.99), min_size=3, max_size=3).map(sorted),
    interval=st.sampled_from(sorted(Z)),
    support=st.sampled_from(["positive", "share", "real"]),
)
@settings(deadline=None)
def test_two_pieces_meet_their_limits_and_ascend(limits, interval, support):
    low, value, high = limits
    found = from_interval(value, low, high, interval, support)
    ranks = np.array([-4.0, -Z[interval], 0.0, Z[interval], 4.0])
    drawn = from_normal(found, ranks)
    assert_allclose(drawn[1:4], limits, rtol=1e-9)
    assert (np.diff(drawn) >= 0).all()
    if support == "share":
        assert ((drawn > 0) & (drawn < 1)).all() or found.is_fixed


@given(mean=st.floats(1e-3, 1e6), relative=st.floats(0.01, 1.5), kind=st.sampled_from(["gamma", "lognormal"]))
@settings(deadline=None)
def test_a_mean_is_kept_and_no_cost_is_negative(mean, relative, kind):
    found = from_mean_sd(mean, relative * mean, kind=kind)
    assert found.mean == pytest.approx(mean)
    assert (from_normal(found, np.array([-5.0, 0, 5])) >= 0).all()


@given(
    times=st.floats(0.1, 10), key=st.sampled_from(["effect.tfp_jsa", "unit_cost.CR9.0", "unit_cost.E&E1.0"])
)
@settings(deadline=None)
def test_an_override_keeps_the_relative_spread(times, key):
    old = ENGLAND[key]
    new = ENGLAND.override(key, old.value * times, reason="ours", price_base=old.price_base)[key]
    ranks = np.array([-3.0, -1, 0, 1, 3])
    assert_allclose(
        from_normal(new.uncertainty, ranks), times * from_normal(old.uncertainty, ranks), rtol=1e-6
    )
    if old.transfer_value is not None:
        assert new.transfer_value / new.value == pytest.approx(old.transfer_value / old.value)


plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
contents = st.recursive(
    plain,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.none() | st.integers() | st.text(), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(content=contents)
@settings(deadline=None)
def test_any_content_goes_to_json_and_back(content):
    line = LedgerLine("costs_avoided", content, "", "fiscal", "", False, "")
    back = from_json(LedgerLine, to_json(line))
    assert same(back, line)
    assert to_json(back) == to_json(line)


@given(text=st.text(max_size=40))
@settings(deadline=None)
def test_any_text_is_read_or_reported(text):
    found = parse_strict(text, "case.yaml")
    assert all(fault.file == "case.yaml" and fault.what and fault.remedy for fault in found.faults)


@given(number=st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**30), 10**30))
def test_a_number_that_python_writes_is_read_back(number):
    read = parse_strict(f"a: {number!r}", "case.yaml").data["a"]
    assert read == number
    assert math.copysign(1, read) == math.copysign(1, number)
