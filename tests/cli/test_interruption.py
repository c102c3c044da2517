"""Ctrl-C and SIGTERM: what the first one does, and what the second."""

import os
import signal

import pytest

from wbcray.cli import interruption as module
from wbcray.cli.interruption import TERMINATED, Interruption


@pytest.fixture
def left(monkeypatch):
    """Exit codes with which the process would have been left at once."""
    before = {number: signal.getsignal(number) for number in module.CODES}
    codes = []
    monkeypatch.setattr(module, "leave_now", lambda number: codes.append(module.CODES[number]))
    monkeypatch.setattr(module, "ORDERLY_SECONDS", 0.0)
    monkeypatch.delenv(TERMINATED, raising=False)
    monkeypatch.setattr(module.threading.Timer, "start", lambda _: None)
    yield codes
    for number, answer in before.items():
        signal.signal(number, answer)
    os.environ.pop(TERMINATED, None)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_interrupts(left, number):
    stop = Interruption()
    with stop.heeded(), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)
    assert stop.asked()
    assert bool(os.environ.get(TERMINATED)) is (number == signal.SIGTERM)
    assert left == []


def test_while_it_is_held_a_signal_is_only_noted(left, capsys):
    stop = Interruption()
    with stop.heeded(), stop.held():
        signal.raise_signal(signal.SIGINT)
    assert stop.asked()
    assert "once more to leave" in capsys.readouterr().err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_second_signal_leaves_at_once_even_after_the_block(left, number, code):
    stop = Interruption()
    with stop.heeded(), stop.held():
        signal.raise_signal(number)
    signal.raise_signal(signal.SIGINT)
    assert left == [code]


def test_without_a_signal_everything_is_as_it_was():
    before = signal.getsignal(signal.SIGINT)
    with Interruption().heeded():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_whoever_leaves_at_once_is_told_the_command_that_goes_on(monkeypatch, capsys):
    codes = []
    monkeypatch.setattr("os._exit", codes.append)
    monkeypatch.setattr("wbcray.cluster.leftovers.end", lambda _: None)
    monkeypatch.setattr("sys.argv", ["wbcray", "tune", "--method", "erm", "--run", "my run"])
    module.leave_now(signal.SIGTERM)
    assert codes == [143]
    assert "wbcray tune --method erm --run 'my run'" in capsys.readouterr().err
