import pytest

from communitybudget._core.errors import ParameterNotFound
from communitybudget._core.options import chosen_option


def test_the_first_stands_for_none_named():
    assert chosen_option(None, ("a", "b")) == "a"
    assert chosen_option("b", ("a", "b")) == "b"


def test_another_name_is_told_the_nearest():
    with pytest.raises(ParameterNotFound, match="there is no option 'earl_help'; did you mean 'early_help'"):
        chosen_option("earl_help", ("early_help", "key_worker"))
