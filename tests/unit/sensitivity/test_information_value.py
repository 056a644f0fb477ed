import numpy as np
import pandas as pd
import pytest

from communitybudget.sensitivity import (
    InformationTable,
    InformationValue,
    evpi_value,
    evppi,
    evppi_each,
)


@pytest.fixture(scope="module")
def draws():
    return pd.DataFrame(np.random.default_rng(1).normal(size=(500, 3)), columns=["a", "b", "c"])


@pytest.fixture(scope="module")
def benefit(draws):
    return 10_000 * np.column_stack([np.zeros(500), 0.2 + draws["a"] - 2 * draws["b"]])


def test_a_value_survives_json(draws, benefit):
    found = evppi(benefit, draws, ["b", "a"])
    assert InformationValue.from_json(found.to_json()) == found
    assert found != evpi_value(benefit)


def test_a_table_survives_json(draws, benefit):
    table = evppi_each(benefit, draws)
    assert InformationTable.from_json(table.to_json()) == table


def test_a_value_in_words(draws, benefit):
    found = evppi(benefit, draws, "b")
    assert found.summary().startswith(f"Knowing b before choosing is worth £{found.value:,.0f} (± £")
    assert found.summary().endswith("GBP · 500 draws · 2 options · splines")
    assert "everything that is uncertain" in evpi_value(benefit).summary()
    assert repr(found).startswith("InformationValue(")
    assert "\n" not in repr(found)
    assert "What information is worth" in found._repr_html_()
    assert found.to_frame().loc[0, "of"] == "b"


def test_a_table_in_words_and_as_a_frame(draws, benefit):
    table = evppi_each(benefit, draws)
    assert list(table.to_frame().columns) == [
        "key",
        "label",
        "value",
        "standard_error",
        "share_of_evpi",
        "explained",
    ]
    assert table.to_frame()["value"].is_monotonic_decreasing
    assert "and 2 more that are worth less" in table.summary(most=1)
    assert "everything" in table.summary()
    assert repr(table).startswith("InformationTable(rows=3, most valuable='b'")
    assert "Everything" in table._repr_html_()


def test_a_share_of_nothing_is_nothing():
    assert evpi_value(np.zeros((10, 2))).share_of_evpi == 0


def test_a_table_draws_itself(draws, benefit):
    table = evppi_each(benefit, draws)
    ax = table.plot(price_base="2026-27", most=2)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["b", "a"]


def test_charts_of_plain_arrays_state_no_price_base(draws, benefit):
    for found in (evppi(benefit, draws, "b"), evppi_each(benefit, draws)):
        assert found.plot().get_xlabel().endswith("GBP, price base not stated")
        assert found.plot(price_base="2026-27").get_xlabel().endswith("GBP, real, 2026-27 prices")
    with pytest.raises(ValueError, match="not a financial year"):
        evpi_value(benefit).plot(price_base="2026")
