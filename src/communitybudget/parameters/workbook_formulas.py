"""Re-evaluate the formulas of a workbook: the few functions that a price book uses, and no others."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from communitybudget.parameters.workbook_places import Place, corners_of

Value: TypeAlias = float | int | str | bool | None
Values: TypeAlias = Mapping[str, Mapping[Place, Value]]

MOST_LOOKED_AT = 5_000_000
"""Cells that the formulas of one workbook may look at together."""
MOST_NESTED = 60
MOST_LETTERS = 8_192
MOST_LETTERS_TOGETHER = 5_000_000

ERRORS = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A")
"""What a spreadsheet shows where a formula has no result."""

_RELATIVE, _ABSOLUTE = 1e-9, 1e-12
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
    |(?P<text>"(?:[^"]|"")*")
    |(?P<reference>(?:(?:'(?:[^']|'')+'|[A-Za-z_][\w.]*)!)?\$?[A-Za-z]{1,3}\$?\d+(?::\$?[A-Za-z]{1,3}\$?\d+)?)
      (?![\w(!])
    |(?P<function>[A-Za-z][A-Za-z0-9.]*)\(
    |(?P<truth>TRUE|FALSE)\b
    |(?P<sign><=|>=|<>|[-+*/^&=<>%(),])
    )""",
    re.VERBOSE,
)
_COMPARISONS = ("=", "<>", "<", ">", "<=", ">=")


class NotEvaluated(Exception):
    """A formula that uses what is not known here, or that looks at more cells than is sensible."""


class _ErrorValue(Exception):
    """A result such as #N/A, on its way out of a formula."""


class Area:
    """A range of cells of one sheet, whose values are looked up when they are asked for."""

    def __init__(self, values: Mapping[Place, Value], top: int, left: int, bottom: int, right: int) -> None:
        self._values = values
        self.top, self.left, self.bottom, self.right = top, left, bottom, right

    def at(self, row: int, column: int) -> Value:
        """Return one value, counted from 0 within the range."""
        return self._values.get((self.top + row, self.left + column))

    def __iter__(self) -> Iterator[Value]:
        for row in range(self.top, self.bottom + 1):
            for column in range(self.left, self.right + 1):
                yield self._values.get((row, column))

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.bottom - self.top + 1

    @property
    def columns(self) -> int:
        """Number of columns."""
        return self.right - self.left + 1


Operand: TypeAlias = Value | Area


class Evaluator:
    """Evaluates formulas from the stored results of the cells that they name.

    A wrong stored result is therefore found where it stands, and not again in every formula after it.

    Parameters
    ----------
    values : mapping of str to mapping
        By sheet, the values of its cells by row and column, counted from 1.

    Examples
    --------
    >>> book = Evaluator({"Prices": {(1, 1): 995.0, (2, 1): "2010/11"}})
    >>> round(book.evaluate("=A1/3*2", "Prices"), 2)
    663.33
    >>> book.evaluate('=IF(A1>0,"yes","no")', "Prices")
    'yes'
    """

    def __init__(self, values: Values) -> None:
        self._values = {name.casefold(): cells for name, cells in values.items()}
        self._last_row = {
            name: max((row for row, _ in cells), default=0) for name, cells in self._values.items()
        }
        self._left = MOST_LOOKED_AT
        self._letters_left = MOST_LETTERS_TOGETHER

    def evaluate(self, formula: str, sheet: str) -> Value:
        """Return the result of a formula; an error such as ``#N/A`` as its text.

        Raises
        ------
        NotEvaluated
            If the formula uses what is not known here.
        """
        self._letters_left -= len(formula)
        if len(formula) > MOST_LETTERS or self._letters_left < 0:
            raise NotEvaluated("the formula is too long, or there are too many")
        reader = _Reader(_tokens(formula.removeprefix("=")), self, sheet)
        try:
            return reader.whole()
        except _ErrorValue as error:
            return str(error)
        except (ArithmeticError, ValueError) as fault:
            raise NotEvaluated("the numbers are too large") from fault

    def area(self, reference: str, sheet: str) -> Area:
        """Return the range that a reference names."""
        where, _, cells = reference.rpartition("!")
        name = (where.strip("'").replace("''", "'") or sheet).casefold()
        if name not in self._values:
            raise NotEvaluated(f"there is no sheet '{where}'")
        top, left, bottom, right = corners_of(cells)
        area = Area(self._values[name], top, left, min(bottom, max(self._last_row[name], top)), right)
        self._left -= area.rows * area.columns
        if self._left < 0:
            raise NotEvaluated("the formulas look at too many cells")
        return area


def agree(a: Value, b: Value) -> bool:
    """Return whether two results are the same; blank and empty text are.

    Examples
    --------
    >>> agree(None, ""), agree(0.1 + 0.2, 0.3), agree(1.0, 1.001)
    (True, True, False)
    """
    if a in (None, "") or b in (None, ""):
        return a in (None, "") and b in (None, "")
    if _is_number(a) and _is_number(b):
        return math.isclose(_number(a), _number(b), rel_tol=_RELATIVE, abs_tol=_ABSOLUTE)
    return type(a) is type(b) and a == b


def compare(a: Value, b: Value) -> int:
    """Return -1, 0 or 1 as a spreadsheet orders two values: numbers, text, then truth values."""
    if a is None:
        a = "" if isinstance(b, str) else 0
    if b is None:
        b = "" if isinstance(a, str) else 0
    key_a, key_b = _order(a), _order(b)
    return (key_a > key_b) - (key_a < key_b)


def _order(value: Value) -> tuple[int, float, str]:
    if isinstance(value, bool):
        return 2, float(value), ""
    if isinstance(value, str):
        return 1, 0.0, value.casefold()
    return 0, float(value or 0), ""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    text = text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise NotEvaluated(f"'{text[at : at + 20]}' is not known here")
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


class _Reader:
    """Reads the signs of one formula from left to right, evaluating on the way."""

    def __init__(self, tokens: list[tuple[str, str]], book: Evaluator, sheet: str) -> None:
        self._tokens, self._at, self._nested = tokens, 0, 0
        self._book, self._sheet = book, sheet

    def whole(self) -> Value:
        result = self._comparison()
        if self._at < len(self._tokens):
            raise NotEvaluated("the formula goes on where it should end")
        return _single(result)

    def _next_is(self, *signs: str) -> str:
        if self._at < len(self._tokens):
            kind, text = self._tokens[self._at]
            if kind == "sign" and text in signs:
                self._at += 1
                return text
        return ""

    def _comparison(self) -> Operand:
        self._nested += 1
        if self._nested > MOST_NESTED:
            raise NotEvaluated("the formula is nested too deeply")
        left = self._joined()
        while sign := self._next_is(*_COMPARISONS):
            order = compare(_single(left), _single(self._joined()))
            left = {
                "=": order == 0,
                "<>": order != 0,
                "<": order < 0,
                ">": order > 0,
                "<=": order <= 0,
                ">=": order >= 0,
            }[sign]
        self._nested -= 1
        return left

    def _joined(self) -> Operand:
        left = self._sum()
        while self._next_is("&"):
            left = _as_text(left) + _as_text(self._sum())
        return left

    def _sum(self) -> Operand:
        left = self._product()
        while sign := self._next_is("+", "-"):
            a, b = _number(left), _number(self._product())
            left = a + b if sign == "+" else a - b
        return left

    def _product(self) -> Operand:
        left = self._power()
        while sign := self._next_is("*", "/"):
            a, b = _number(left), _number(self._power())
            if sign == "/" and b == 0:
                raise _ErrorValue("#DIV/0!")
            left = a * b if sign == "*" else a / b
        return left

    def _power(self) -> Operand:
        left = self._signed()
        while self._next_is("^"):
            a, b = _number(left), _number(self._signed())
            try:
                raised = a**b
            except (OverflowError, ZeroDivisionError):
                raise _ErrorValue("#NUM!") from None
            if isinstance(raised, complex):
                raise _ErrorValue("#NUM!")
            left = raised
        return left

    def _signed(self) -> Operand:
        negative, signed = False, False
        while sign := self._next_is("+", "-"):
            negative, signed = negative != (sign == "-"), True
        value = self._atom()
        while self._next_is("%"):
            value = _number(value) / 100
        if not signed:
            return value
        return -_number(value) if negative else value

    def _atom(self) -> Operand:
        if self._at >= len(self._tokens):
            raise NotEvaluated("the formula ends too early")
        kind, text = self._tokens[self._at]
        self._at += 1
        if kind == "number":
            return float(text)
        if kind == "text":
            return text[1:-1].replace('""', '"')
        if kind == "truth":
            return text == "TRUE"
        if kind == "reference":
            area = self._book.area(text, self._sheet)
            return area if ":" in text else area.at(0, 0)
        if kind == "function":
            return self._call(text.upper())
        if text == "(":
            inner = self._comparison()
            self._expect(")")
            return inner
        raise NotEvaluated(f"'{text}' is not expected here")

    def _expect(self, sign: str) -> None:
        if not self._next_is(sign):
            raise NotEvaluated(f"a '{sign}' is missing")

    def _call(self, name: str) -> Operand:
        if name not in _FUNCTIONS and name not in ("IF", "IFERROR"):
            raise NotEvaluated(f"the function {name} is not known here")
        spans = self._spans()
        if name == "IF":
            if not 2 <= len(spans) <= 3:
                raise NotEvaluated("IF takes two or three parts")
            chosen = 1 if _truth(_single(self._part(spans[0]))) else 2
            return self._part(spans[chosen]) if chosen < len(spans) else False
        if name == "IFERROR":
            if len(spans) != 2:
                raise NotEvaluated("IFERROR takes two parts")
            try:
                return self._part(spans[0])
            except _ErrorValue:
                return self._part(spans[1])
        return _FUNCTIONS[name]([self._part(span) for span in spans])

    def _spans(self) -> list[tuple[int, int]]:
        """Return where the parts of a call begin and end, and go behind its bracket."""
        spans, depth, start = [], 1, self._at
        while self._at < len(self._tokens):
            kind, text = self._tokens[self._at]
            depth += (kind == "function" or text == "(") and kind != "text"
            depth -= kind == "sign" and text == ")"
            if depth == 0 or (depth == 1 and kind == "sign" and text == ","):
                spans.append((start, self._at))
                start = self._at + 1
            self._at += 1
            if depth == 0:
                return [] if spans == [(start - 1, start - 1)] else spans
        raise NotEvaluated("a ')' is missing")

    def _part(self, span: tuple[int, int]) -> Operand:
        if span[0] == span[1]:
            return None
        part = _Reader(self._tokens[span[0] : span[1]], self._book, self._sheet)
        part._nested = self._nested + 1
        result = part._comparison()
        if part._at < len(part._tokens):
            raise NotEvaluated("the formula goes on where it should end")
        return result


def _single(value: Operand) -> Value:
    if isinstance(value, Area):
        if value.rows * value.columns != 1:
            raise NotEvaluated("a range stands where one value is expected")
        value = value.at(0, 0)
    if isinstance(value, str) and value in ERRORS:
        raise _ErrorValue(value)
    return value


def _number(value: Operand) -> float:
    single = _single(value)
    if single is None:
        return 0.0
    try:
        return float(single)
    except (ValueError, OverflowError):
        raise _ErrorValue("#VALUE!") from None


def _as_text(value: Operand) -> str:
    single = _single(value)
    if isinstance(single, bool):
        return "TRUE" if single else "FALSE"
    if isinstance(single, float) and single.is_integer():
        return str(int(single))
    return "" if single is None else str(single)


def _truth(value: Value) -> bool:
    if isinstance(value, str):
        raise _ErrorValue("#VALUE!")
    return bool(value)


def _numbers(parts: list[Operand]) -> list[float]:
    """Return the numbers in some parts; in a range, text and truth values do not count."""
    found: list[float] = []
    for part in parts:
        if isinstance(part, Area):
            for value in part:
                if isinstance(value, str) and value in ERRORS:
                    raise _ErrorValue(value)
                if isinstance(value, int | float) and not isinstance(value, bool):
                    found.append(float(value))
        else:
            found.append(_number(part))
    return found


def _mean(parts: list[Operand]) -> float:
    numbers = _numbers(parts)
    if not numbers:
        raise _ErrorValue("#DIV/0!")
    return math.fsum(numbers) / len(numbers)


def _rounded(parts: list[Operand]) -> float:
    if len(parts) != 2:
        raise NotEvaluated("ROUND takes two parts")
    value, factor = _number(parts[0]), 10.0 ** int(_number(parts[1]))
    return math.copysign(math.floor(abs(value) * factor + 0.5) / factor, value)


def _looked_up(parts: list[Operand]) -> Value:
    if len(parts) != 4 or not isinstance(parts[1], Area) or _number(parts[3]) != 0:
        raise NotEvaluated("only VLOOKUP with an exact match is known here")
    wanted, table, column = _single(parts[0]), parts[1], int(_number(parts[2]))
    if not 1 <= column <= table.columns:
        raise _ErrorValue("#REF!")
    for row in range(table.rows):
        found = table.at(row, 0)
        if found is not None and wanted is not None and compare(found, wanted) == 0:
            return _single(table.at(row, column - 1))
    raise _ErrorValue("#N/A")


_FUNCTIONS: dict[str, Callable[[list[Operand]], Value]] = {
    "SUM": lambda parts: math.fsum(_numbers(parts)),
    "PRODUCT": lambda parts: math.prod(_numbers(parts)),
    "AVERAGE": _mean,
    "MIN": lambda parts: min(_numbers(parts), default=0.0),
    "MAX": lambda parts: max(_numbers(parts), default=0.0),
    "ABS": lambda parts: abs(_number(parts[0] if parts else None)),
    "ROUND": _rounded,
    "VLOOKUP": _looked_up,
}
