import pytest
from hypothesis import given
from hypothesis import strategies as st

from communitybudget._core.errors import ParameterError
from communitybudget._core.vocabulary import AGENCIES
from communitybudget.ledger import AgencySplit, check_shares, split_amounts

amounts = st.dictionaries(st.sampled_from(sorted(AGENCIES)), st.floats(1, 1e9), min_size=1)


@given(amounts=amounts, more=st.floats(0, 1e9))
def test_what_is_listed_and_what_is_not_sum_to_the_total(amounts, more):
    total = sum(amounts.values()) + more
    frame = split_amounts(amounts, "2013-14", total=total).to_frame()
    assert frame["amount"].sum() == pytest.approx(total)
    assert frame["share"].sum() == pytest.approx(1)


@given(amounts=amounts)
def test_shares_of_the_amounts_themselves_leave_nothing_unlisted(amounts):
    whole = sum(amounts.values())
    shares = {a: v / whole for a, v in amounts.items()}
    assert split_amounts(amounts, "2013-14", shares=shares).unlisted == pytest.approx(0, abs=1e-6 * whole)
    assert check_shares(shares) == pytest.approx(0, abs=1e-9)


def test_shares_that_do_not_sum_are_refused_with_what_is_missing():
    with pytest.raises(ParameterError, match=r"sum to 99.0% and not to 100%.*\(1.0%\) to 'unallocated'"):
        check_shares({"local_authority": 0.48, "dwp": 0.24, "police": 0.13, "prisons": 0.10, "nhs": 0.04})


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ({"amounts": {"nsh": 1.0}, "total": 1.0}, "'nsh' is no agency"),
        ({"amounts": {"nhs": 1.0}}, "give either total or shares"),
        ({"amounts": {"nhs": 1.0}, "shares": {"police": 1.0}}, "different agencies"),
        ({"amounts": {"nhs": 1.0}, "shares": {"nhs": 13.0}}, "write 13% as 0.13"),
        ({"amounts": {"nhs": 1.0}, "total": 0.0}, "cannot be split"),
    ],
)
def test_what_is_no_split_is_refused(given_, words):
    with pytest.raises(ParameterError, match=words):
        split_amounts(price_base="2013-14", **given_)


def test_it_is_a_result():
    split = split_amounts({"nhs": 40.0, "police": 59.0}, "2013-14", total=100.0, families=10)
    assert AgencySplit.from_json(split.to_json()) == split
    assert "Not listed" in split.summary()
    assert "10 families" in split._repr_html_()
    assert split.plot().get_title(loc="left") or split.plot().texts
