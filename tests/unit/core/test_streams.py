import os
import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from communitybudget._core.streams import GivenStreams, NamedStreams, stream


def test_a_name_and_a_seed_give_the_same_numbers():
    assert_array_equal(stream(7, "unit_cost.CR9.0").random(5), stream(7, "unit_cost.CR9.0").random(5))


def test_another_name_or_seed_gives_other_numbers():
    first = [stream(seed, name).random() for seed in (0, 1, 2**63) for name in ("a", "b", "A", "a ", "")]
    assert len(set(first)) == len(first)


@pytest.mark.parametrize("hash_seed", ["0", "1", "4242"])
def test_streams_do_not_depend_on_how_python_hashes(hash_seed):
    program = (
        "from communitybudget._core.streams import stream; print(*stream(1, 'é').integers(2**62, size=3))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.split() == [str(n) for n in stream(1, "é").integers(2**62, size=3)]


def test_streams_of_neighbouring_names_and_seeds_are_independent():
    names = [f"transition.{i}" for i in range(20)]
    draws = np.array([stream(seed, name).standard_normal(4_000) for seed in (0, 1) for name in names])
    correlation = np.corrcoef(draws)[np.triu_indices(40, 1)]
    # 780 correlations of independent normals: sd 1/sqrt(4000) each
    assert abs(correlation).max() < 5 / np.sqrt(4_000)
    assert 0.8 < correlation.std() * np.sqrt(4_000) < 1.2


def test_a_negative_seed_is_none():
    with pytest.raises(ValueError, match="non-negative"):
        stream(-1, "a")


class TestGiven:
    def test_pieces_are_what_one_reading_gives(self):
        uniforms = {"a": np.arange(1, 8) / 8, "b": np.arange(1, 8) / 9}
        streams, found = GivenStreams(uniforms), []
        for size in (3, 3, 1):
            streams.next_piece()
            assert_array_equal(streams.random("a", size), streams.random("a", size))
            found.append(streams.random("a", size))
        assert_array_equal(np.concatenate(found), uniforms["a"])

    def test_normal_numbers_have_the_rank_of_the_uniform_ones(self):
        normal = GivenStreams({"a": np.array([0.025, 0.5, 0.975])}).standard_normal("a", 3)
        np.testing.assert_allclose(normal, [-1.959963984540054, 0, 1.959963984540054], atol=1e-12)

    def test_a_name_without_numbers_is_named(self):
        with pytest.raises(KeyError, match="'b'"):
            GivenStreams({"a": np.array([0.5])}).random("b", 1)


def test_names_are_noted_once_and_in_order():
    streams = NamedStreams(3)
    for name in ("b", "a", "b"):
        streams.standard_normal(name, 2)
    streams.random("c", 2)
    assert list(streams.names) == ["b", "a", "c"]
    assert_array_equal(streams.random("c", 2), stream(3, "c").random(2))
