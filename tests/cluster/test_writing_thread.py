"""Writes that nobody waits for."""

import threading

import optuna
from optuna.storages import InMemoryStorage

from wbcray.cluster.optuna_cache import Copy
from wbcray.cluster.spaces import load_space
from wbcray.cluster.writing_thread import WritingThread


def test_acts_are_done_in_order_in_another_thread():
    writer, done = WritingThread(), []
    for number in range(100):
        writer.do(lambda number=number: done.append((number, threading.get_ident())))
    assert writer.finish(30.0)
    assert [number for number, _ in done] == list(range(100))
    assert {thread for _, thread in done} != {threading.get_ident()}


def test_whoever_asks_for_a_write_does_not_wait_for_it():
    writer, may_go, done = WritingThread(), threading.Event(), []
    writer.do(lambda: may_go.wait(30))
    writer.do(lambda: done.append("written"))
    assert done == []  # and yet both calls have come back
    may_go.set()
    assert writer.finish(30.0)
    assert done == ["written"]


def test_what_is_not_written_in_time_is_left_out_and_said():
    writer, may_go, done = WritingThread(), threading.Event(), []
    writer.do(lambda: may_go.wait(30))
    writer.do(lambda: done.append("written"))
    assert not writer.finish(0.01)
    may_go.set()
    writer._thread.join(30)
    assert done == []


def test_a_copy_that_a_thread_writes_equals_one_that_was_waited_for():
    space = load_space("erm", None)
    names = []
    for writer in (None, WritingThread()):
        storage = InMemoryStorage()
        copy = Copy(storage, "study", space, names.append, writer=writer)
        copy.begin({}, {})
        if writer is not None:
            assert writer.finish(30.0)
        assert optuna.get_all_study_names(storage) == ["study"]
    assert names == []


def test_a_storage_that_fails_in_the_thread_is_said_once_and_left_alone():
    class Broken(InMemoryStorage):
        def create_new_study(self, *_args, **_options):
            raise OSError("gone")

    said, writer = [], WritingThread()
    copy = Copy(Broken(), "study", load_space("erm", None), said.append, writer=writer)
    copy.begin({}, {})
    copy.reported(0, 1, 0.5)
    assert writer.finish(30.0)
    assert len(said) == 1
    assert "does not answer (OSError)" in said[0]
