"""YAML without surprises: no ``yes``/``no``, no sexagesimal, octal or date guessing, no duplicate keys.

Only ``true``, ``false``, ``null``, decimal numbers and text are understood; every entry remembers
its line and column, so that faults can be reported where they are.
"""

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from communitybudget._core.errors import Fault

Path_ = tuple[str | int, ...]
_INTEGER = re.compile(r"^[-+]?(0|[1-9][0-9]*)$")
_DECIMAL = re.compile(r"^[-+]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?$")
_CORE = "tag:yaml.org,2002:"
_MOST_ENTRIES = 10_000
_NOWHERE = (0, 0)
_DEEPEST = 40
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True, slots=True)
class StrictYaml:
    """What a file says and where it says it.

    Parameters
    ----------
    data : object
        Nested dicts, lists, text, numbers, booleans and None.
    positions : dict
        Line and column, from 1, of each entry by its path of keys and indices; a mapping entry
        stands at its key.
    faults : tuple of Fault
        Duplicate keys and constructs that are not allowed.
    """

    data: Any
    positions: dict[Path_, tuple[int, int]]
    faults: tuple[Fault, ...]

    def position(self, path: Path_) -> tuple[int, int] | tuple[None, None]:
        """Return the place of an entry, or of its nearest parent that is in the file."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.positions:
                found = self.positions[path[:length]]
                return (None, None) if found == _NOWHERE else found
        return (None, None)

    @classmethod
    def from_data(cls, data: Any) -> "StrictYaml":
        """Return Python values as if they had been read; their entries have no place in a file."""
        positions: dict[Path_, tuple[int, int]] = {}
        _note_entries(data, (), positions)
        return cls(data, positions, ())


def _note_entries(data: Any, path: Path_, positions: dict[Path_, tuple[int, int]]) -> None:
    positions[path] = _NOWHERE
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in entries:
        _note_entries(value, (*path, key), positions)


def read_strict(path: Path, name: str) -> StrictYaml:
    """Read a file; see `parse_strict`.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        fault = Fault(name, "", "this is not a text file in UTF-8", "save it again as UTF-8 text", 1, 1)
        return StrictYaml(None, {}, (fault,))
    return parse_strict(text, name)


def parse_strict(text: str, name: str) -> StrictYaml:
    r"""Parse strict YAML.

    Parameters
    ----------
    text : str
        The document.
    name : str
        File name for messages.

    Returns
    -------
    StrictYaml
        With ``faults`` filled instead of an exception, so that all can be reported at once.

    Examples
    --------
    >>> parse_strict("answer: no\nyear: 2025-26\nlimit: 1:30", "case.yaml").data
    {'answer': 'no', 'year': '2025-26', 'limit': '1:30'}
    """
    faults: list[Fault] = []
    positions: dict[Path_, tuple[int, int]] = {}
    try:
        tags = _explicit_tags(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except RecursionError:
        faults.append(Fault(name, "", "is nested too deeply", "write it out flat", 1, 1))
        return StrictYaml(None, positions, tuple(faults))
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
        what = f"this is not YAML ({fault.problem or fault.context})"
        faults.append(Fault(name, "", what, "check the indent, colons and quotes here", line, column))
        return StrictYaml(None, positions, tuple(faults))
    except yaml.YAMLError:
        faults.append(
            Fault(name, "", "this is not a text file in UTF-8", "save it again as UTF-8 text", 1, 1)
        )
        return StrictYaml(None, positions, tuple(faults))
    data = _build(node, (), name, positions, faults, tags) if node is not None else None
    return StrictYaml(data, positions, tuple(faults))


def _explicit_tags(text: str) -> dict[tuple[int, int], str]:
    """Return each tag by its place: what an entry is follows from how it is written, so none is allowed."""
    return {
        (mark.line + 1, mark.column + 1): str(event.tag).replace("tag:yaml.org,2002:", "!!")  # type: ignore[attr-defined]
        for event in yaml.parse(text, Loader=yaml.SafeLoader)
        if (mark := event.start_mark) is not None and getattr(event, "tag", None)
    }


def dotted(path: Path_) -> str:
    """Return a path as people write it.

    Examples
    --------
    >>> dotted(("options", 0, "delivery"))
    'options[0].delivery'
    """
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else (f".{part}" if text else str(part))
    return text


def _build(
    node: yaml.Node,
    path: Path_,
    name: str,
    positions: dict[Path_, tuple[int, int]],
    faults: list[Fault],
    tags: dict[tuple[int, int], str],
) -> Any:
    line, column = node.start_mark.line + 1, node.start_mark.column + 1
    if len(positions) > _MOST_ENTRIES:
        if len(positions) == _MOST_ENTRIES + 1:
            positions[("", "too many")] = (line, column)
            what = f"holds more than {_MOST_ENTRIES:,} entries once its aliases are written out"
            faults.append(Fault(name, "", what, "use fewer aliases", line, column))
        return None
    positions.setdefault(path, (line, column))
    if len(path) > _DEEPEST:
        faults.append(
            Fault(
                name,
                dotted(path[:3]),
                "is nested too deeply or refers to itself",
                "write it out flat",
                line,
                column,
            )
        )
        return None
    if (line, column) in tags:
        what = f"the tag {tags[line, column]} is not allowed"
        faults.append(Fault(name, dotted(path), what, "remove it", line, column))
        return None
    if isinstance(node, yaml.MappingNode):
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            place = key_node.start_mark.line + 1, key_node.start_mark.column + 1
            if not isinstance(key_node, yaml.ScalarNode):
                faults.append(
                    Fault(name, dotted(path), "a key is not plain text", "use a word as key", *place)
                )
                continue
            key = key_node.value
            here = (*path, key)
            if key in result or here in positions:
                first = positions[here][0]
                what = f"is there twice (first on line {first})"
                faults.append(Fault(name, dotted(here), what, "keep one of the two", *place))
                continue
            positions[here] = place
            result[key] = _build(value_node, here, name, positions, faults, tags)
        return result
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, (*path, i), name, positions, faults, tags) for i, item in enumerate(node.value)]
    return _scalar(node.value, plain=getattr(node, "style", None) is None)


def _scalar(text: str, plain: bool) -> Any:
    if not plain:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text):
        return int(text)
    if _DECIMAL.match(text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text
