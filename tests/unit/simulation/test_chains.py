import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from communitybudget.simulation import CHAIN_LINKS, outcome_chain, spread_outcomes

shares = st.floats(0, 1)


@given(
    population=st.floats(0, 1e6),
    links=st.dictionaries(st.sampled_from(CHAIN_LINKS), shares),
)
def test_a_chain_is_the_product_of_its_links(population, links):
    lost = {"deadweight", "displacement", "leakage", "substitution", "optimism_bias"}
    expected = population
    for name, share in links.items():
        expected *= 1 - share if name in lost else share
    chain = outcome_chain(population, draws=2, **links)
    assert_allclose(chain.net, expected, rtol=1e-12, atol=1e-12)
    assert (np.diff(chain.remaining, axis=0) <= 1e-9 * (1 + population)).all()  # no link makes people


def test_no_impact_brings_no_outcome():
    assert_array_equal(outcome_chain(100, draws=3, impact=0.0).net, [0, 0, 0])


def test_every_wrong_link_is_named_at_once():
    with pytest.raises(ValueError, match="'reach' is no link") as raised:
        outcome_chain(-1, reach=0.5, impact=20, deadweight=-0.1)
    for words in ("impact lies outside", "deadweight lies outside", "population is negative"):
        assert words in str(raised.value)


def naive_spread(joining, phasing, lag_months, drop_off):
    """Month by month: everybody joins at the start of a year, the outcome starts after the lag."""
    years = len(joining)
    found = np.zeros(years)
    for year, share in enumerate(joining):
        for k, part in enumerate(phasing):
            for month in range(12):
                at = (year * 12 + lag_months + k * 12 + month) // 12
                if at < years:
                    found[at] += share * part * (1 - drop_off) ** k / 12
    return found


@given(
    joining=st.lists(st.floats(0, 1), min_size=1, max_size=8),
    phasing=st.lists(st.floats(0, 1), min_size=1, max_size=6),
    lag=st.integers(0, 40),
    drop_off=shares,
)
def test_spread_over_the_years_month_by_month(joining, phasing, lag, drop_off):
    found = spread_outcomes(joining, phasing, lag, drop_off)
    assert found.shape == (len(joining), 1)
    assert_allclose(found[:, 0], naive_spread(joining, phasing, lag, drop_off), rtol=1e-9, atol=1e-12)


def test_a_drop_off_for_each_draw():
    found = spread_outcomes([1, 0, 0], [1, 1, 1], drop_off=[0.0, 0.5])
    assert_allclose(found, [[1, 1], [1, 0.5], [1, 0.25]])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"phasing": []}, "holds no share"),
        ({"phasing": [-1]}, "holds no share or a negative one"),
        ({"lag_months": -1}, "in the past"),
        ({"drop_off": 10}, "write 10% a year as 0.1"),
    ],
)
def test_what_cannot_be_spread_is_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        spread_outcomes([1.0], **{"phasing": [1.0], **changes})
