"""What is refused before the dashboard is up, and what its answers are made of."""

import socket

import pandas as pd
import pytest

from wbcray.core.errors import ResourceError, StoreError, UsageError
from wbcray.explorer.choice import Choice
from wbcray.explorer.dashboard.filters import NAMES, chosen, controls
from wbcray.explorer.dashboard.numbers import as_csv
from wbcray.explorer.dashboard.panel_callbacks import clicked_pair
from wbcray.explorer.dashboard.server import serve
from wbcray.store.commit import commit


def never(*_):
    pytest.fail("it started")


@pytest.fixture
def run(tmp_path):
    """A run that was begun and holds nothing."""
    folder = tmp_path / "main"
    commit(folder / "run.json", "run", {"classes": ["a"], "domains": ["home"], "folds": 2})
    return folder


def test_a_port_in_use_is_named_with_another_one(run):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ResourceError, match=f"port {port} is in use") as refused:
            serve(run, host="127.0.0.1", port=port, ready=never)
    assert "--port 0" in refused.value.fix


def test_a_host_that_is_not_here_is_refused(run):
    with pytest.raises(UsageError, match="cannot listen"):
        serve(run, host="192.0.2.7", port=0, ready=never)


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(StoreError, match="there is no run"):
        serve(tmp_path, host="127.0.0.1", port=0, ready=never)


def test_a_run_whose_beginning_is_damaged_is_refused(run):
    (run / "run.json").write_text("{")
    with pytest.raises(StoreError, match="corrupt"):
        serve(run, host="127.0.0.1", port=0, ready=never)


def test_the_controls_hold_what_the_address_says(realistic):
    choice = Choice(reference="coral", held_out=("bccd",), folds=(1, 3), classes=("monocyte",))
    shown = controls(realistic, choice)
    assert shown.values["folds"] == ["1", "3"]
    assert chosen(Choice(), {name: shown.values[name] for name in NAMES}) == choice


def test_names_that_the_run_does_not_know_are_not_offered(realistic):
    shown = controls(realistic, Choice.from_query("held_out=nowhere&reference=nobody"))
    assert shown.values["held_out"] == []
    assert shown.values["reference"] == "erm"


def test_a_choice_without_a_control_stays(realistic):
    before = Choice(true="monocyte", predicted="basophil")
    values = controls(realistic, before).values
    assert chosen(before, values).predicted == "basophil"


@pytest.mark.parametrize("data", [["a", "b", 3], {"true": "a", "predicted": "b"}])
def test_a_clicked_square_names_its_confusion(data):
    assert clicked_pair({"named": data}, ("a", "b")) == ("a", "b")


@pytest.mark.parametrize("data", [None, 3, "ab", ["a", "x"], ["a"], {"true": "a"}])
def test_a_click_on_something_else_opens_nothing(data):
    assert clicked_pair({"named": data}, ("a", "b")) is None


def test_csv_keeps_numbers_and_disarms_formulas():
    frame = pd.DataFrame({"=x": ["=1+1", None], "n": [-1, 2]})
    assert as_csv(frame) == "'=x,n\n'=1+1,-1\n,2\n"
