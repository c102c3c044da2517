"""Batches for a GPU are read ahead by a thread, and are the same as without it."""

import threading
from itertools import islice

import numpy as np
import pytest
import torch

from wbcray.data.transfer import ahead, to_device

CPU, GPU = torch.device("cpu"), torch.device("cuda", 0)


def threads_of_items(count):
    """The number of each item, and the thread that made it."""
    for number in range(count):
        yield number, threading.current_thread()


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_items_keep_their_order_on_either_device(count):
    for device in (CPU, GPU):
        assert [number for number, _ in ahead(threads_of_items(count), device)] == list(
            range(count)
        )


def test_for_a_gpu_another_thread_makes_them_and_for_a_cpu_the_one_that_asks():
    own = threading.current_thread()
    assert {thread is own for _, thread in ahead(threads_of_items(3), CPU)} == {True}
    assert {thread is own for _, thread in ahead(threads_of_items(3), GPU)} == {False}


def test_for_a_gpu_two_items_are_made_before_they_are_asked_for():
    made, three = [], threading.Event()

    def items():
        for number in range(10):
            made.append(number)
            if len(made) == 3:
                three.set()
            yield number

    running = ahead(items(), GPU)
    assert next(running) == 0
    assert three.wait(5)
    running.close()
    assert made == [0, 1, 2]


def test_an_error_comes_where_its_item_would_have_come():
    def items():
        yield from (1, 2)
        raise OSError("the disk is gone")

    running = ahead(items(), GPU)
    assert list(islice(running, 2)) == [1, 2]
    with pytest.raises(OSError, match="the disk is gone"):
        next(running)


def test_an_epoch_that_is_left_early_leaves_no_thread():
    before = threading.active_count()
    running = ahead(threads_of_items(100), GPU)
    next(running)
    running.close()
    assert threading.active_count() == before


def test_on_a_cpu_nothing_is_copied():
    values = np.arange(3)
    tensor = to_device(values, CPU)
    values[0] = 7
    assert tensor.tolist() == [7, 1, 2]
