"""Published figures of discounting, with where they come from."""

import numpy as np
import pytest

from communitybudget.appraisal import bcr, discount_factors, irr, npv

GREEN_BOOK = {1: 0.966184, 5: 0.841973, 10: 0.708919, 30: 0.356278, 31: 0.345901, 75: 0.094214, 76: 0.091916}


@pytest.mark.parametrize(("year", "factor"), GREEN_BOOK.items())
def test_green_book_factors(year, factor):
    # HM Treasury, The Green Book (2022), annex A6.
    assert round(float(discount_factors(77)[year]), 6) == factor


class TestTeachingExample:
    """Aos (2013): a cost of 3,000 one year out and benefits of 500 a year for 20 years, at 3%.

    The convention that gives the printed 4,526.12, 2.554 and 19.30%: the cost falls in year 1, the benefits
    in years 1 to 20, so that the first benefit falls in the year of the cost, and year 0 is empty. This is
    what a worksheet's NPV() does with a first cell that holds cost and first benefit. With the benefits one
    year later (years 2 to 21) the three figures would be 4,309.45, 2.480 and 15.78%.
    """

    costs = np.concatenate([[0, 3000], np.zeros(20)])

    def flows(self, first):
        benefits = np.zeros(22)
        benefits[first : first + 20] = 500
        return benefits

    @pytest.mark.parametrize(
        ("first", "value", "ratio", "rate"), [(1, 4526.12, 2.554, 0.1930), (2, 4309.45, 2.480, 0.1578)]
    )
    def test_figures(self, first, value, ratio, rate):
        benefits = self.flows(first)
        assert round(float(npv(benefits - self.costs, 0.03)), 2) == value
        assert round(bcr(benefits, self.costs, 0.03), 3) == ratio
        assert round(float(irr(benefits - self.costs)), 4) == rate
