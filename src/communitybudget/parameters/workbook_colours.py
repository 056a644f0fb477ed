"""The colours of cells: those they have, and those that conditional formatting gives them."""

import colorsys
import re
from collections.abc import Mapping
from typing import Any

from communitybudget.parameters.workbook_formulas import Evaluator, NotEvaluated, Value, compare
from communitybudget.parameters.workbook_places import Place

MOST_COMPARED = 10_000_000
"""Cells times ranges of rules; colours beyond are left out."""

_FIXED = re.compile(r"""(?:\$[A-Z]{1,3}\$\d+|"[^"]*"|-?\d+(?:\.\d+)?)""")
_RGB = re.compile(r"[0-9A-Fa-f]{8}")
_BETWEEN = ("between", "notBetween")


def colour_of(fill: Any) -> str:
    """Return the colour of a fill as the file has it: ``FF9900``, ``indexed 31``, ``theme 4 tint 0.6``."""
    if fill is None or not fill.fill_type:
        return ""
    return _words(fill.bgColor if fill.fill_type != "solid" else fill.fgColor)


def _words(colour: Any) -> str:
    if colour is None:
        return ""
    if colour.type == "rgb" and isinstance(colour.rgb, str) and _RGB.fullmatch(colour.rgb):
        return colour.rgb[2:].upper()
    tint = f" tint {colour.tint:g}" if colour.tint else ""
    return f"{colour.type} {colour.value}{tint}"


def grade_of(colour: str) -> str:
    """Return ``red``, ``amber`` or ``green`` for a colour that is clearly one of them, else nothing.

    Examples
    --------
    >>> grade_of("FF9900"), grade_of("00FF00"), grade_of("C00000"), grade_of("FFFFFF"), grade_of("theme 4")
    ('amber', 'green', 'red', '', '')
    """
    if len(colour) != 6 or not _RGB.fullmatch("00" + colour):
        return ""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4))
    hue, strength, _ = colorsys.rgb_to_hsv(red, green, blue)
    degrees = hue * 360
    if strength < 0.2:
        return ""
    if degrees < 15 or degrees >= 345:
        return "red"
    if degrees < 65:
        return "amber"
    return "green" if degrees < 165 else ""


def conditional_colours(sheet: Any, values: Mapping[Place, Value], evaluator: Evaluator) -> dict[Place, str]:
    """Return the colours that conditional formatting gives to cells that hold something.

    Only rules that compare the cell with fixed cells or constants are known, which is how a price
    book colours its grades and years; the first in order of priority wins.

    Parameters
    ----------
    sheet : openpyxl worksheet
        With its rules.
    values : mapping
        Of its cells.
    evaluator : Evaluator
        For the cells that rules compare with.
    """
    rules = []
    for formatting in sheet.conditional_formatting:
        for rule in formatting.rules:
            colour = "" if rule.dxf is None else _fill_of_rule(rule.dxf.fill)
            if rule.type == "cellIs" and colour and all(_FIXED.fullmatch(f) for f in rule.formula):
                rules.append((rule.priority, formatting.sqref.ranges, rule, colour))
    found: dict[Place, str] = {}
    compared = 0
    for _, ranges, rule, colour in sorted(rules, key=lambda item: item[0]):
        try:
            limits = [evaluator.evaluate(f"={text}", sheet.title) for text in rule.formula]
        except NotEvaluated:
            continue
        compared += len(ranges) * len(values)
        if compared > MOST_COMPARED:
            break
        for (row, column), value in values.items():
            inside = any(r.min_row <= row <= r.max_row and r.min_col <= column <= r.max_col for r in ranges)
            if inside and (row, column) not in found and _holds(rule.operator, value, limits):
                found[row, column] = colour
    return found


def _fill_of_rule(fill: Any) -> str:
    # the fill of a rule keeps its colour where a cell keeps the background of a pattern
    return "" if fill is None else _words(fill.bgColor)


def _holds(operator: str, value: Value, limits: list[Value]) -> bool:
    if len(limits) != (2 if operator in _BETWEEN else 1) or value in (None, ""):
        return False
    order = [compare(value, limit) for limit in limits]
    if operator in _BETWEEN:
        inside = min(order) <= 0 <= max(order)
        return inside == (operator == "between")
    return {
        "equal": order[0] == 0,
        "notEqual": order[0] != 0,
        "lessThan": order[0] < 0,
        "lessThanOrEqual": order[0] <= 0,
        "greaterThan": order[0] > 0,
        "greaterThanOrEqual": order[0] >= 0,
    }.get(operator, False)
