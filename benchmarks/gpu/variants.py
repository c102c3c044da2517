"""Images a second of a step: precision, memory format, TF32, cuDNN's choice, torch.compile."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import torch

from benchmarks.gpu.wanted import Wanted
from benchmarks.main_job import spread
from benchmarks.step.peak import Peak, gemm_peak
from benchmarks.step.ready import OURS, VARIANTS, ReadyStep, compile_network, ready_step
from benchmarks.step.turns import Work, in_turns

GOAL = 4000
"""Images a second on one H100."""
_PLAIN, _CHANNELS_LAST, _BFLOAT16, _ = VARIANTS
_TRIES = "cuDNN tries all"


@contextmanager
def flags(*, tf32: bool, benchmark: bool) -> Iterator[None]:
    """Matrices and convolutions in TF32 or not; cuDNN trying its algorithms or not."""
    cudnn, matmul = torch.backends.cudnn, torch.backends.cuda.matmul
    before = (matmul.allow_tf32, cudnn.allow_tf32, cudnn.benchmark)
    matmul.allow_tf32 = cudnn.allow_tf32 = tf32
    cudnn.benchmark = benchmark
    try:
        yield
    finally:
        matmul.allow_tf32, cudnn.allow_tf32, cudnn.benchmark = before


def measure(wanted: Wanted) -> None:
    """Print peaks, rates, shares of the peak and memory."""
    _compare(wanted, _variants(wanted))


def measure_compiled(wanted: Wanted) -> None:
    """The same for torch.compile, with and without CUDA graphs."""
    build = partial(ready_step, wanted.large, device=wanted.device)
    if not wanted.compiles:
        print("  torch.compile is left out")
        return
    _compare(
        wanted,
        {
            str(OURS): partial(build, OURS),
            f"{OURS}, compiled": partial(_compiled, build, None),
            f"{OURS}, compiled with CUDA graphs": partial(_compiled, build, "reduce-overhead"),
        },
    )


def _compare(wanted: Wanted, variants: dict[str, Callable[[], ReadyStep]]) -> None:
    peaks = show_peaks(wanted)
    works: dict[str, Work] = {}
    flops = 0.0
    for name, make in variants.items():
        try:
            step = _made(name, make, wanted)
        except RuntimeError as error:  # a compiler that is absent, or memory
            print(f"  {name}: {str(error).splitlines()[0]}", flush=True)
            continue
        flops = flops or step.flops() / wanted.large.batch
        works[name] = partial(_run, step, tf32="TF32" in name, benchmark=_TRIES in name)
    rates = in_turns(
        works,
        images=wanted.large.batch,
        rounds=wanted.rounds,
        least_seconds=wanted.least_seconds,
    )
    print(f"  {flops / 1e9:.3g} GFLOP an image; goal {GOAL} images/s on one H100")
    for name, found in rates.of.items():
        kind = next(kind for kind in ("bfloat16", "TF32", "float32") if kind in name)
        share = statistics.median(found) * flops / peaks[kind].rate
        print(
            f"  {name}: {spread(found)} images/s, {spread(rates.ratios(name))} times, "
            f"{share:.1%} of the peak",
            flush=True,
        )


def show_peaks(wanted: Wanted) -> dict[str, Peak]:
    """Print and give the rates of square matrices."""
    found = {}
    for name, variant in (("float32", _PLAIN), ("TF32", _PLAIN), ("bfloat16", OURS)):
        with flags(tf32=name == "TF32", benchmark=False):
            found[name] = gemm_peak(
                variant.precision,
                device=wanted.device,
                sizes=wanted.matrices,
                least_seconds=wanted.least_seconds,
            )
        print(f"  peak of square matrices, {name}: {found[name]}", flush=True)
    return found


def _variants(wanted: Wanted) -> dict[str, Callable[[], ReadyStep]]:
    """How each step is built; the reference first."""
    build = partial(ready_step, wanted.large, device=wanted.device)
    return {
        str(OURS): partial(build, OURS),
        str(_BFLOAT16): partial(build, _BFLOAT16),
        f"{OURS}, {_TRIES}": partial(build, OURS),
        f"{_PLAIN}": partial(build, _PLAIN),
        f"{_PLAIN} in TF32": partial(build, _PLAIN),
        f"{_CHANNELS_LAST} in TF32": partial(build, _CHANNELS_LAST),
    }


def _compiled(build: Callable[..., ReadyStep], mode: str | None) -> ReadyStep:
    step = build(OURS)
    compile_network(step, mode=mode)
    return step


def _made(name: str, make: Callable[[], ReadyStep], wanted: Wanted) -> ReadyStep:
    """A step that has run, and in print the most memory that it took and how long it took."""
    before = torch.cuda.memory_allocated(wanted.device) if wanted.on_gpu else 0
    if wanted.on_gpu:
        torch.cuda.reset_peak_memory_stats(wanted.device)
    began = time.perf_counter()
    step = make()
    step(2)
    said = f"{time.perf_counter() - began:.1f} s until two steps were done"
    if wanted.on_gpu:
        most = torch.cuda.max_memory_allocated(wanted.device) - before
        said += f", at most {most / 1e9:.2f} GB"
    print(f"  {name}: {said}", flush=True)
    return step


def _run(step: ReadyStep, number: int, *, tf32: bool, benchmark: bool) -> None:
    with flags(tf32=tf32, benchmark=benchmark):
        step(number)
