from statistics import NormalDist

import pytest

from communitybudget._core.normal import Z95, Z_OF_INTERVAL


@pytest.mark.parametrize(("interval", "share"), [("ci95", 0.95), ("ci90", 0.9), ("p10_p90", 0.8)])
def test_an_interval_holds_its_share_of_a_normal_distribution(interval, share):
    assert Z_OF_INTERVAL[interval] == pytest.approx(NormalDist().inv_cdf((1 + share) / 2), rel=1e-12)


def test_the_95_interval_is_the_one_of_published_figures():
    assert Z_OF_INTERVAL["ci95"] == Z95
