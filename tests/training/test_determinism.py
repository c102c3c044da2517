"""What is promised of a result, and what it was made with."""

import json
import os

import pytest
import torch

from wbcray.training import determinism as module
from wbcray.training.determinism import (
    accelerator,
    determinism_class,
    deterministic,
    made_with,
    same_bits,
)

CPU, GPU = torch.device("cpu"), torch.device("cuda", 0)


@pytest.fixture
def settings_of_torch(monkeypatch):
    """Puts back what `deterministic` sets for the process."""
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", "")
    matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
    before = (matmul.allow_tf32, cudnn.allow_tf32, cudnn.benchmark, cudnn.deterministic)
    threads, algorithms = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    yield
    matmul.allow_tf32, cudnn.allow_tf32, cudnn.benchmark, cudnn.deterministic = before
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(algorithms)


@pytest.mark.usefixtures("settings_of_torch")
def test_a_deterministic_process_leaves_no_choice_to_a_gpu():
    deterministic(1)
    assert torch.are_deterministic_algorithms_enabled()
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"
    assert torch.backends.cudnn.deterministic
    assert not torch.backends.cudnn.benchmark
    assert not torch.backends.cudnn.allow_tf32
    assert not torch.backends.cuda.matmul.allow_tf32
    assert torch.get_num_threads() == 1
    assert same_bits(CPU)["deterministic"] == "True"


@pytest.mark.usefixtures("settings_of_torch")
def test_a_workspace_that_is_deterministic_too_is_left(monkeypatch):
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":16:8")
    deterministic(1)
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":16:8"


@pytest.mark.parametrize(
    ("device", "is_deterministic", "promised"),
    [
        (CPU, False, "bitwise"),
        (CPU, True, "bitwise"),
        (GPU, True, "bitwise"),
        (GPU, False, "numeric"),
    ],
)
def test_only_a_gpu_left_to_itself_promises_no_bits(device, is_deterministic, promised):
    assert determinism_class(device, deterministic=is_deterministic) == promised


def test_a_result_says_what_it_promises():
    made = made_with(CPU)
    assert made["determinism"] == "bitwise"
    assert made["threads"] == torch.get_num_threads()
    assert json.loads(json.dumps(made)) == made


def test_another_number_of_threads_gives_other_bits():
    threads, before = torch.get_num_threads(), same_bits(CPU)
    try:
        torch.set_num_threads(threads + 1)
        assert same_bits(CPU) != before
    finally:
        torch.set_num_threads(threads)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue\nGCC: 12", "550.54.15"),
        (
            "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  575.57.08  Release",
            "575.57.08",
        ),
        ("", "unknown"),
    ],
)
def test_the_driver_is_named_by_its_version(tmp_path, monkeypatch, text, version):
    (tmp_path / "version").write_text(text)
    monkeypatch.setattr(module, "_DRIVER", tmp_path / "version")
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "Some GPU")
    monkeypatch.setattr(torch.backends.cudnn, "version", lambda: 91002)
    assert accelerator(CPU) == {}
    found = accelerator(GPU)
    assert found["gpu"] == "Some GPU"
    assert found["driver"] == version
