"""Room on the disk: refused before, noticed during, and never a hundred failed trials."""

import dataclasses
from collections import namedtuple

import pytest
import torch
from driving import last_report, plan_for, searcher_for
from ray.tune.search import Searcher

from wbcray.cluster.disk_space import (
    VARIABLE,
    Watermark,
    check_room,
    full_disk,
    network_bytes,
    room_for,
)
from wbcray.cluster.supervisor import Supervisor, Terms
from wbcray.core.config import NetworkConfig
from wbcray.core.errors import ResourceError, UsageError
from wbcray.models.network import Network

Usage = namedtuple("Usage", ("total", "used", "free"))
GB = 1024**3


def disk(monkeypatch, *, total, free):
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(total, total - free, free))


def choices_of(name):
    """What a field of the network may be."""
    (field,) = [one for one in dataclasses.fields(NetworkConfig) if one.name == name]
    return field.metadata["declared"]["choices"]


@pytest.mark.parametrize("normalization", choices_of("normalization"))
@pytest.mark.parametrize("backbone", choices_of("backbone"))
@pytest.mark.parametrize("classes", [3, 13])
def test_the_size_of_a_network_is_that_of_its_weights(backbone, normalization, classes):
    config = NetworkConfig(backbone=backbone, normalization=normalization)
    with torch.device("meta"):
        state = Network(config, classes=classes).state_dict()
    expected = sum(value.numel() * value.element_size() for value in state.values())
    assert network_bytes(config, classes) == expected


def test_room_grows_with_what_is_kept_and_what_runs(settings):
    small = room_for(settings, classes=3, cells=2, kept=1, at_once=1)
    large = room_for(settings, classes=3, cells=2, kept=3, at_once=2)
    network = network_bytes(settings.network, 3)
    assert large.kept - small.kept == 2 * network
    assert large.passing == 2 * small.passing


def test_what_does_not_fit_is_refused_with_both_sizes_and_the_place(
    monkeypatch, tmp_path, settings
):
    room = room_for(settings, classes=3, cells=60, kept=60, at_once=2)
    disk(monkeypatch, total=GB, free=400_000_000)
    with pytest.raises(ResourceError, match=r"need about \d\.\d GB at .*, 0\.4 GB free"):
        check_room(tmp_path, room)


@pytest.mark.parametrize(
    ("total", "free", "low"),
    [
        (10_000 * GB, 3 * GB, False),
        (10_000 * GB, 1 * GB, True),
        (20 * GB, int(1.1 * GB), False),
        (20 * GB, int(0.9 * GB), True),
    ],
)
def test_two_gib_are_left_alone_or_five_percent_of_a_small_disk(
    monkeypatch, tmp_path, total, free, low
):
    disk(monkeypatch, total=total, free=free)
    assert (Watermark(tmp_path).too_low() is not None) is low


def test_the_reserve_can_be_set(monkeypatch, tmp_path):
    disk(monkeypatch, total=GB, free=GB // 2)
    monkeypatch.setenv(VARIABLE, "600")
    assert Watermark(tmp_path).too_low() is not None
    monkeypatch.setenv(VARIABLE, "1")
    assert Watermark(tmp_path).too_low() is None


@pytest.mark.parametrize("given", ["2GB", "-1", "1.5"])
def test_a_reserve_that_is_no_number_of_mib_is_refused_before_anything_starts(
    monkeypatch, tmp_path, given
):
    monkeypatch.setenv(VARIABLE, given)
    with pytest.raises(UsageError, match=f"{VARIABLE} is '{given}'"):
        Watermark(tmp_path)


def test_below_the_watermark_nothing_is_started_and_the_sitting_ends_with_the_reason(
    monkeypatch, tmp_path, settings
):
    said = []
    plan = plan_for(tmp_path / "run", settings)
    supervisor = Supervisor(plan.run, Terms(remark=said.append))
    disk(monkeypatch, total=100 * GB, free=GB // 8)
    records, searcher = searcher_for(plan, supervisor=supervisor)
    assert searcher.suggest("a") == Searcher.FINISHED
    assert not records.asked()
    assert not supervisor.over()  # what runs may end
    assert "nothing new is started" in said[0]
    with pytest.raises(ResourceError, match="the disk is full"):
        supervisor.raise_if_over()


def test_a_worker_on_a_full_disk_ends_the_sitting_and_leaves_its_trial_open(tmp_path, settings):
    plan = plan_for(tmp_path / "run", settings)
    supervisor = Supervisor(plan.run, Terms())
    records, searcher = searcher_for(plan, supervisor=supervisor)
    searcher.suggest("a")
    searcher.on_trial_complete("a", last_report(error=full_disk("/runs")))
    assert not records.told()
    assert supervisor.over()
    with pytest.raises(ResourceError) as caught:
        supervisor.raise_if_over()
    assert caught.value.where == "/runs"


def test_a_disk_that_cannot_be_read_ends_the_sitting_and_leaves_its_trial_open(tmp_path, settings):
    plan = plan_for(tmp_path / "run", settings)
    supervisor = Supervisor(plan.run, Terms())
    records, searcher = searcher_for(plan, supervisor=supervisor)
    searcher.suggest("a")
    what, where, fix = "cannot read: Input/output error", "/runs/main/run.json", "mend the disk"
    searcher.on_trial_complete("a", last_report(error=ResourceError(what, where=where, fix=fix)))
    assert not records.told()
    with pytest.raises(ResourceError, match="Input/output error") as caught:
        supervisor.raise_if_over()
    assert (caught.value.where, caught.value.fix) == (where, fix)


def test_a_record_that_cannot_be_written_ends_the_sitting(tmp_path, settings, monkeypatch):
    plan = plan_for(tmp_path / "run", settings)
    supervisor = Supervisor(plan.run, Terms())
    records, searcher = searcher_for(plan, supervisor=supervisor)
    full = ResourceError("cannot write a record: the disk is full", where="x")

    def refuse(_):
        raise full

    monkeypatch.setattr(type(records), "ask", lambda _, asked: refuse(asked))
    assert searcher.suggest("a") == Searcher.FINISHED
    with pytest.raises(ResourceError, match="the disk is full"):
        supervisor.raise_if_over()
