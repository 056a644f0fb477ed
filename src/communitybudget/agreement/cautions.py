"""What a finance officer should know of a settlement before signing it, in words."""

from typing import TYPE_CHECKING, Any

from communitybudget._core.digits import as_stated, supported, supported_chance
from communitybudget._core.vocabulary import agency_label
from communitybudget.agreement.positions import Spread

if TYPE_CHECKING:
    import pandas as pd


def programme_warnings(fiscal: Spread, cash: Spread) -> list[str]:
    """Return in words that the programme does not pay as a whole.

    Parameters
    ----------
    fiscal, cash : Spread
        Present value of gains less spending of all partners together, GBP.

    Examples
    --------
    >>> programme_warnings(
    ...     Spread(-2_000.0, -3_000.0, -1_000.0, 20.0), Spread(-5_000.0, -6_000.0, -4_000.0, 20.0)
    ... )
    ['The programme as a whole costs £2,000 more than it avoids: no rule leaves every partner whole.']
    """
    if fiscal.mean < 0:
        return [
            f"The programme as a whole costs {supported(-fiscal.mean, fiscal.error)} more than it avoids: no "
            "rule leaves every partner whole."
        ]
    if cash.mean < 0:
        return [
            f"In cash the programme as a whole is {supported(-cash.mean, cash.error)} short: what it avoids "
            "exceeds what it costs only if gains are counted that cannot leave a budget."
        ]
    return []


def partner_warnings(
    fiscal: "pd.DataFrame", cashable: "pd.DataFrame", confidence: float, last_year: str, rounding: float
) -> list[str]:
    """Return in words which partners have reason not to sign.

    Parameters
    ----------
    fiscal, cashable : pandas.DataFrame
        `Settlement.to_frame` by each measure, the same partners in the same order.
    confidence : float
        How likely each partner is to be no worse off.
    last_year : str
        Of the agreement.
    rounding : float
        GBP that may be gained or lost by rounding to pence.
    """
    no_cash = bool((cashable["before"] + cashable["spending"]).abs().max() <= rounding)
    found = ["None of the gains is known to be cash that can leave a budget."] if no_cash else []
    pairs = zip(fiscal.to_dict("records"), cashable.to_dict("records"), strict=True)
    for row, cash_row in pairs:
        found += _standing(row, confidence, last_year, rounding)
        if not no_cash:
            found += _cash(row, cash_row, rounding)
    return found


def _standing(row: dict[Any, Any], confidence: float, last_year: str, rounding: float) -> list[str]:
    name = agency_label(row["agency"])
    flows = ("spending", "contribution", "share_received", "share_paid", "before_p10", "before_p90")
    if all(abs(row[flow]) <= rounding for flow in flows):
        return [
            f"{name} puts nothing in, gains nothing and receives nothing: it has no part in the agreement."
        ]
    found = []
    if row["after"] < -rounding:
        found.append(f"{name} is worse off on average, by {supported(-row['after'], row['mc_error'])}.")
    elif not row["break_even_after"]:
        found.append(f"{name} does not have its money back by the end of {last_year}.")
    if row["probability_no_worse_off"] < confidence:
        likely = supported_chance(row["probability_no_worse_off"], row["probability_mc_error"])
        found.append(
            f"The chance that {name} is no worse off is {likely}, below the {as_stated(confidence)} asked "
            "for."
        )
    return found


def _cash(row: dict[Any, Any], cash_row: dict[Any, Any], rounding: float) -> list[str]:
    pays = row["contribution"] + row["share_paid"] - row["share_received"]
    short, error = -cash_row["after"], cash_row["mc_error"]
    if pays <= rounding or short <= rounding or cash_row["after"] >= row["after"] - rounding:
        return []
    freed = pays - short
    leaves = (
        f"{supported(freed, error)} of what it gains can leave its budget"
        if freed >= 0
        else f"nothing of what it gains leaves its budget, which has to bear {supported(-freed, error)} more"
    )
    return [
        f"{agency_label(row['agency'])} pays {supported(pays, error)} in cash, and {leaves}: it must find "
        f"{supported(short, error)} elsewhere."
    ]
