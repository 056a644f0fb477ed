import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from communitybudget._core.results import from_json, result, same, to_json


@result
@dataclass(frozen=True)
class Box:
    content: Any


@result
@dataclass(frozen=True)
class Shelf:
    boxes: tuple[Box, ...]
    label: str = ""
    cache: str = field(default="", compare=False)


def again(content):
    return from_json(Box, to_json(Box(content))).content


@pytest.mark.parametrize(
    "value", [0.1 + 0.2, -0.0, 5e-324, 1.7976931348623157e308, float("inf"), float("-inf")]
)
def test_floats_keep_every_bit(value):
    assert again(value).hex() == value.hex()


@pytest.mark.parametrize("value", [None, True, False, 0, 2**80, "", '£ – é \n " <', "null", "NaN"])
def test_plain_values(value):
    assert again(value) == value
    assert type(again(value)) is type(value)


def test_not_a_number_comes_back_as_one():
    assert np.isnan(again(float("nan")))
    json.loads(to_json(Box([float("nan"), float("inf")])), parse_constant=pytest.fail)


@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "i8", "i2", "u1", "u4", "?"])
def test_arrays_keep_every_bit(dtype):
    array = np.array([[0, 1, 2], [3, 0, 1]], dtype=dtype)
    back = again(array)
    assert back.dtype == array.dtype
    assert back.shape == (2, 3)
    assert back.tobytes() == array.tobytes()


def test_odd_bits_of_floats_in_arrays():
    array = np.array([np.nan, -np.nan, -0.0, 0.0, np.inf, -np.inf, 5e-324])
    assert again(array).tobytes() == array.tobytes()


@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (1, 1, 1)])
def test_small_shapes(shape):
    assert again(np.zeros(shape)).shape == shape


def test_views_and_other_orders_of_memory():
    array = np.arange(24.0).reshape(2, 3, 4)
    for view in (array.T, array[:, ::-2], np.asfortranarray(array)):
        np.testing.assert_array_equal(again(view), view)


def test_an_array_that_comes_back_can_be_written_to():
    back = again(np.zeros(3))
    back[0] = 1
    assert back.tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    "value",
    [
        (1, 2),
        [1, 2],
        ((), [], {}),
        {1: "a", None: "b", "1": "c", (1, None): [2.5]},
        {"$": 1, "$array": 2, "$map": 3, "$tuple": 4, "$float": 5},
    ],
)
def test_containers_keep_their_kind_and_keys(value):
    assert again(value) == value
    assert [type(k) for k in again(dict.fromkeys([1, None, "1"]))] == [int, type(None), str]


def test_numbers_of_numpy_become_plain():
    assert again(np.float64(0.1)) == 0.1
    assert again({np.int64(3): np.bool_(True)}) == {3: True}


def test_results_within_results():
    shelf = Shelf((Box(Box(np.arange(3))), Box({"x": Box(float("nan"))})), label="£")
    back = from_json(Shelf, to_json(shelf))
    assert same(back, shelf)
    assert isinstance(back.boxes[1].content["x"], Box)


def test_what_does_not_count_for_equality_is_not_written():
    assert "scratch" not in to_json(Shelf((), cache="scratch"))
    assert from_json(Shelf, to_json(Shelf((), cache="scratch"))) == Shelf(())


@pytest.mark.parametrize("value", [{1, 2}, 1j, b"x", object(), np.array(["a"]), np.array([1j])])
def test_what_cannot_come_back_is_not_written(value):
    with pytest.raises(TypeError, match="cannot be written"):
        to_json(Box(value))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{}",
        "null",
        "[]",
        "5",
        '{"$":"Nothing"}',
        '{"$":["Box"]}',
        '{"$":"Box"}',
        '{"$":"Box","content":1,"more":2}',
        '{"$":"Shelf","boxes":[],"label":""}',
        '{"$":"Box","content":{"$array":"AAAA","dtype":"<f8","shape":[1]}}',
        '{"$":"Box","content":{"$array":"","dtype":"<zz","shape":[0]}}',
        '{"$":"Box","content":{"$map":[[1]]}}',
    ],
)
def test_text_that_holds_something_else(text):
    with pytest.raises(ValueError):  # noqa: PT011 - what is said depends on what the text holds
        from_json(Box, text)


def test_the_message_names_both_kinds():
    with pytest.raises(ValueError, match="holds Shelf and no Box"):
        from_json(Box, to_json(Shelf(())))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (np.array([1.0, np.nan]), np.array([1.0, np.nan])),
        (Box(np.array([np.nan])), Box(np.array([np.nan]))),
        ({"x": [float("nan")]}, {"x": [float("nan")]}),
        (Shelf((), cache="a"), Shelf((), cache="b")),
    ],
)
def test_equal_by_value(a, b):
    assert same(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (np.array([1.0]), np.array([2.0])),
        (np.array([1.0]), np.array([1])),
        (np.array([1.0]), np.array([[1.0]])),
        (np.array([1.0]), [1.0]),
        ([1.0], np.array([1.0])),
        (Box(1), Shelf(())),
        (Box(float("nan")), Box(1.0)),
        ({"x": 1, "y": 2}, {"y": 2, "x": 1}),
        ([1, 2], [1]),
        ("a", "b"),
    ],
)
def test_different(a, b):
    assert not same(a, b)


def test_two_results_of_one_name_are_refused():
    @dataclass(frozen=True)
    class Box:
        other: int

    with pytest.raises(TypeError, match=r"two results are called Box, .* rename one"):
        result(Box)
    assert again(1) == 1
