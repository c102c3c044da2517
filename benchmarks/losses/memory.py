"""The most memory that a penalty needs besides features and logits."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import torch
from torch.profiler import ProfilerActivity, profile

from benchmarks.losses.cases import DIM, make_case
from benchmarks.losses.step import LATE, LossStep, loss_step
from wbcray.core.config import Axis
from wbcray.methods.compose import default_composition
from wbcray.methods.presets import PRESETS

BATCHES = (24, 72)
_MEGABYTE = 1e6
_SHOWN = 0.01


def memory(device: torch.device, *, presets: Sequence[str] | None) -> None:
    """Peak of every preset's loss, next to the features and to one dim x dim matrix."""
    print(f"memory: the most a loss holds in forward and backward on {device.type}, 2048 features")
    print("  with the gradients of features, logits and of its own weights")
    print(f"  one matrix of {DIM} x {DIM} in float32: {4 * DIM**2 / _MEGABYTE:.1f} MB")
    for batch in BATCHES:
        case = make_case(batch, 3, device=device)
        features = case.features.numel() * case.features.element_size()
        print(f"  batch {batch}, 3 domains: the features are {features / _MEGABYTE:.2f} MB")
        for name in presets or different_losses():
            one = loss_step(name, case, device)
            own = list(one.method.parameters())
            work = partial(gradients, one)
            work()
            held = peak(work, device)
            weights, state = size_of(own), size_of(one.method.buffers())
            print(f"    {name}: {held / _MEGABYTE:.2f} MB", end=", ")
            print(f"{(held - weights) / features:.1f} times the features", end="")
            print(
                f" and gradients of its own weights, {weights / _MEGABYTE:.2f} MB" * bool(own),
                end="",
            )
            kept = (weights + state) / _MEGABYTE
            print(f"; kept between steps {kept:.2f} MB" if kept >= _SHOWN else "", flush=True)


def gradients(one: LossStep) -> None:
    """Forward and backward to features, logits and the weights of the loss."""
    wanted = [one.outputs.features, one.outputs.logits, *one.method.parameters()]
    total = one.method(one.outputs, one.targets, LATE).total
    torch.autograd.grad(total, wanted, allow_unused=True)


def different_losses() -> list[str]:
    """The first preset with each loss."""
    axes: tuple[Axis, ...] = ("classification", "domain_risk", "penalty")
    found: dict[tuple[str, ...], str] = {}
    for name in PRESETS:
        composition = default_composition(name)
        found.setdefault(tuple(composition.part(axis).name for axis in axes), name)
    return list(found.values())


def size_of(tensors: Iterable[torch.Tensor]) -> int:
    """Bytes."""
    return sum(one.numel() * one.element_size() for one in tensors)


def peak(work: Callable[[], object], device: torch.device) -> int:
    """Bytes that are held at the worst moment of `work`, beyond those held before it."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        work()
        torch.cuda.synchronize(device)
        return torch.cuda.max_memory_allocated(device) - before
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as seen:
        work()
    events = [one for one in seen.profiler.kineto_results.events() if one.name() == "[memory]"]
    now = most = 0
    for event in sorted(events, key=lambda one: one.start_ns()):
        now += event.nbytes()
        most = max(most, now)
    return most
