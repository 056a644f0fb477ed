import pytest

from communitybudget._core.errors import ParameterNotFound
from communitybudget._core.options import chosen_option, one_name_each


def test_the_first_stands_for_none_named():
    assert chosen_option(None, ("a", "b")) == "a"
    assert chosen_option("b", ("a", "b")) == "b"


def test_another_name_is_told_the_nearest():
    with pytest.raises(ParameterNotFound, match="there is no option 'earl_help'; did you mean 'early_help'"):
        chosen_option("earl_help", ("early_help", "key_worker"))


def test_every_column_has_a_name_of_its_own():
    assert one_name_each(["a", "b"], 2, "costs") == ("a", "b")
    with pytest.raises(ValueError, match="there are 2 names and 3 options in costs; name each column"):
        one_name_each(["a", "b"], 3, "costs")
    with pytest.raises(ValueError, match="several options are called a; give each its own name"):
        one_name_each(["a", "a"], 2, "costs")
