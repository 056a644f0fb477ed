import numpy as np
import pytest
from numpy.testing import assert_allclose

from communitybudget._core.errors import ParameterError
from communitybudget.ledger import LedgerEntry, ledger_of


def entries():
    return [
        LedgerEntry("local_authority", "delivery", "2024-25", 100.0, line="Key workers"),
        LedgerEntry("nhs", "costs_avoided", "2025/26", [10.0, 30.0], line="Wards"),
        LedgerEntry("nhs", "costs_avoided", "2025-26", 5.0, line="Wards"),
        LedgerEntry("society", "costs_avoided", "2025-26", 7.0, value_type="social"),
    ]


def test_amounts_of_one_line_and_year_add_up_in_every_draw():
    account = ledger_of(entries(), "2024-25", "an account")
    assert account.years == ("2024-25", "2025-26")
    assert_allclose(account.flow("programme", "costs_avoided", "nhs"), [[0, 0], [15, 35]])
    assert_allclose(account.net("programme"), [[-100, -100], [15, 35]])
    assert_allclose(account.public_value("programme").sum(axis=0), [-78, -58])


def test_without_a_counterfactual_it_is_gross():
    assert ledger_of(entries(), "2024-25", "us").label("programme").startswith("programme (GROSS")
    assert ledger_of(entries(), "2024-25", "us", gross=False).label("programme") == "programme"


def test_it_names_its_source_where_a_set_is_named():
    assert "an account" in ledger_of(entries(), "2024-25", "an account").summary()


def test_every_fault_is_told_at_once():
    wrong = [
        LedgerEntry("nsh", "costs_avoided", "2024-25", 1.0),
        LedgerEntry("nhs", "saving", "2024", 1.0),
        LedgerEntry("nhs", "delivery", "2024-25", [1.0, 2.0, 3.0]),
        LedgerEntry("nhs", "delivery", "2024-25", [1.0, 2.0]),
        LedgerEntry("nhs", "delivery", "2024-25", np.nan),
    ]
    with pytest.raises(ParameterError) as raised:
        ledger_of(wrong, "2024", "us")
    text = str(raised.value)
    for words in (
        "entry 1: 'nsh' is no agency; did you mean 'nhs'?",
        "entry 2: 'saving' is no flow",
        "entry 2: '2024' is not a financial year",
        "entry 4: has 2 draws and others 3",
        "entry 5: the amount is blank; a blank is unknown and not nil",
    ):
        assert words in text


def test_an_empty_account_is_refused():
    with pytest.raises(ParameterError, match="there is no entry"):
        ledger_of([], "2024-25", "us")
