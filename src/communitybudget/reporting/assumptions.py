"""The table of assumptions: every number used, with its passport, as text."""

from typing import Any

import pandas as pd

from communitybudget.case import Appraisal


def assumption_cells(result: Appraisal) -> list[dict[str, str]]:
    """Return every number used, as the page prints it."""
    rows = []
    for row in result.assumptions().to_dict("records"):
        low, high = row["low"], row["high"]
        has = low is not None and not pd.isna(low)
        rows.append(
            {
                "key": str(row["key"]),
                "label": str(row["label"]),
                "value": "–" if pd.isna(row["value"]) else _figure(row["value"]),
                "interval": f"{_figure(low)} to {_figure(high)} ({row['interval']})" if has else "–",
                "distribution": str(row["distribution"]).replace("_", " "),
                "unit": str(row["unit"]).replace("_", " "),
                "price_base": str(row["price_base"]) or "–",
                "source": str(row["source"]),
                "mark": str(row["mark"]).replace("_", " "),
                "overridden": "yes" if row["overridden"] else "",
                "reason": str(row["reason"]),
            }
        )
    return rows


def _figure(value: Any) -> str:
    number = float(value)
    return f"{number:,.2f}".rstrip("0").rstrip(".") if abs(number) >= 100 else f"{number:.4g}"
