"""What every result can do: JSON there and back, and equality by value."""

import base64
import dataclasses
import json
from collections.abc import Mapping
from typing import Any, Self, TypeVar

import numpy as np

_KINDS: dict[str, type] = {}
_T = TypeVar("_T")


def result(kind: type[_T]) -> type[_T]:
    """Register a frozen dataclass, so that it can be written to JSON and read back.

    Examples
    --------
    >>> @result
    ... @dataclasses.dataclass(frozen=True)
    ... class Pair:
    ...     a: float
    ...     b: tuple[str, ...]
    >>> from_json(Pair, to_json(Pair(1.5, ("x",))))
    Pair(a=1.5, b=('x',))

    Raises
    ------
    TypeError
        If another class has this name: JSON names a result by its class alone.
    """
    other = _KINDS.setdefault(kind.__name__, kind)
    if (other.__module__, other.__qualname__) != (kind.__module__, kind.__qualname__):
        raise TypeError(
            f"two results are called {kind.__name__}, in {other.__module__} and in {kind.__module__}; "
            "rename one, since JSON names a result by its class"
        )
    _KINDS[kind.__name__] = kind
    return kind


def to_json(value: Any) -> str:
    """Return a result as JSON text; arrays keep every bit."""
    return json.dumps(_encode(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def from_json(kind: type[_T], text: str) -> _T:
    """Return the result that JSON text holds.

    Raises
    ------
    ValueError
        If the text holds something else.
    """
    try:
        value = _decode(json.loads(text))
    except (KeyError, TypeError, json.JSONDecodeError) as fault:
        raise ValueError(f"this text holds no {kind.__name__}; was it written by to_json?") from fault
    if not isinstance(value, kind):
        raise ValueError(f"this text holds {type(value).__name__} and no {kind.__name__}")
    return value


def same(a: Any, b: Any) -> bool:
    """Return whether two results are equal by value, NaN being equal to NaN."""
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return (
            isinstance(a, np.ndarray)
            and isinstance(b, np.ndarray)
            and a.dtype == b.dtype
            and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
        )
    if dataclasses.is_dataclass(a) and not isinstance(a, type):
        return type(a) is type(b) and all(
            same(getattr(a, f.name), getattr(b, f.name)) for f in dataclasses.fields(a) if f.compare
        )
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, float) and isinstance(b, float) and np.isnan(a) and np.isnan(b):
        return True
    return bool(a == b)


class JsonResult:
    """Base of results: equal by value, and to JSON and back bit for bit."""

    def __eq__(self, other: object) -> bool:
        return same(self, other)

    __hash__ = None  # type: ignore[assignment]

    def to_json(self) -> str:
        """Return the result as JSON text; `from_json` gives it back bit for bit."""
        return to_json(self)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the result that `to_json` wrote.

        Raises
        ------
        ValueError
            If the text holds something else.
        """
        return from_json(cls, text)


def _encode(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: _encode(getattr(value, f.name)) for f in dataclasses.fields(value) if f.compare}
        return {"$": type(value).__name__, **fields}
    if isinstance(value, np.ndarray):
        contiguous = np.ascontiguousarray(value)
        if contiguous.dtype.kind not in "fiub":
            raise TypeError(f"an array of {value.dtype} cannot be written")
        little = contiguous.astype(contiguous.dtype.newbyteorder("<"))
        data = base64.b64encode(little.tobytes()).decode("ascii")
        return {"$array": data, "dtype": little.dtype.str, "shape": list(value.shape)}
    if isinstance(value, Mapping):
        return {"$map": [[_encode(k), _encode(v)] for k, v in value.items()]}
    if isinstance(value, tuple):
        return {"$tuple": [_encode(item) for item in value]}
    if isinstance(value, list):
        return [_encode(item) for item in value]
    if isinstance(value, np.generic):
        return _encode(value.item())
    if isinstance(value, float) and not np.isfinite(value):
        return {"$float": repr(value)}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"a {type(value).__name__} cannot be written to JSON")


def _decode(value: Any) -> Any:
    if isinstance(value, list):
        return [_decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "$array" in value:
        flat = np.frombuffer(base64.b64decode(value["$array"]), dtype=np.dtype(value["dtype"]))
        return flat.astype(flat.dtype.newbyteorder("=")).reshape(value["shape"])
    if "$map" in value:
        return {_decode(k): _decode(v) for k, v in value["$map"]}
    if "$tuple" in value:
        return tuple(_decode(item) for item in value["$tuple"])
    if "$float" in value:
        return float(value["$float"])
    kind = _KINDS[value["$"]]
    return kind(**{name: _decode(item) for name, item in value.items() if name != "$"})
