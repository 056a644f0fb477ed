"""Waiting lists against a queue of single families, and what holds of every queue."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from communitybudget.cohorts import waiting_list


def queue_of_single_families(ready, places, months_each, opens, closes):
    """First come, first served, one family after the other: the month in which each was ready and starts."""
    queue, busy, started = [], [], []
    for month, families in enumerate(ready):
        queue += [month] * families
        busy = [end for end in busy if end > month]
        while queue and len(busy) < places and opens <= month < closes:
            busy.append(month + months_each)
            started.append((queue.pop(0), month))
    return started


queues = st.tuples(
    st.lists(st.integers(0, 6), min_size=1, max_size=24),
    st.integers(1, 9),
    st.integers(1, 12),
    st.integers(0, 5),
    st.integers(6, 24),
)


@given(queue=queues)
@settings(max_examples=60)
def test_whole_families_start_as_in_a_queue_of_single_ones(queue):
    ready, places, months_each, opens, closes = queue
    found = waiting_list(np.array(ready, float), places, months_each, opens, closes)
    by_hand = np.zeros((len(ready), len(ready)))
    for joined, start in queue_of_single_families(*queue):
        by_hand[joined, start] += 1
    assert_array_equal(found.starts, by_hand)
    assert_array_equal(found.never, np.array(ready) - by_hand.sum(axis=1))


@given(
    ready=st.lists(st.floats(0, 50), min_size=1, max_size=30),
    places=st.floats(0.5, 60),
    months_each=st.integers(1, 15),
)
@settings(max_examples=40)
def test_families_are_neither_made_nor_lost_and_places_are_never_overfilled(ready, places, months_each):
    found = waiting_list(np.array(ready), places, months_each)
    assert_allclose(found.starts.sum(axis=1) + found.never, ready, atol=1e-6)
    assert (np.tril(found.starts, -1) == 0).all()
    running = [found.started[max(m - months_each + 1, 0) : m + 1].sum() for m in range(len(ready))]
    assert max(running) <= places + 1e-6
    # a place stands empty only where nobody waits
    empty = np.array(running) < places - 1e-6
    assert_allclose(found.waiting[empty], 0, atol=1e-6)


def test_a_steady_queue_grows_by_what_cannot_start():
    # 6 families a month, places for 48 at 12 months each: 4 a month can start once all places are taken
    found = waiting_list(np.full(60, 6.0), 48, 12)
    assert found.started.sum() == pytest.approx(48 * 5)
    assert found.waiting[-1] == pytest.approx(6 * 60 - 48 * 5)


def test_nobody_waits_where_there_is_room():
    found = waiting_list(np.full(12, 3.0), 100, 12)
    assert_array_equal(found.starts, np.diag(found.ready))
    assert_array_equal(found.waiting, np.zeros(12))


def test_whoever_is_ready_before_it_opens_waits_and_after_it_closes_never_starts():
    found = waiting_list(np.full(6, 1.0), np.inf, 1, opens=2, closes=4)
    assert_array_equal(found.started, [0, 0, 3, 1, 0, 0])
    assert_array_equal(found.waiting, [1, 2, 0, 0, 0, 0])
    assert_array_equal(found.never, [0, 0, 0, 0, 1, 1])
    assert found.mean_wait[2] == pytest.approx(1.0)
    assert found.longest_wait[2] == 2
    assert np.isnan(found.mean_wait[0])


@pytest.mark.parametrize(("places", "months_each"), [(0, 12), (5, 0), (np.nan, 3)])
def test_no_place_is_an_error(places, months_each):
    with pytest.raises(ValueError, match="give numbers above 0"):
        waiting_list(np.ones(3), places, months_each)
