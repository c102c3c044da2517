"""The benchmarks of steps and sweeps measure what they say, and a GPU's script needs no GPU."""

from functools import partial

import numpy as np
import pytest
import torch

from benchmarks.gpu.__main__ import main as gpu_main
from benchmarks.gpu.agreement import differences
from benchmarks.gpu.loader import random_images
from benchmarks.step.compiled import worth_it
from benchmarks.step.peak import Peak, gemm_peak
from benchmarks.step.precision import lines
from benchmarks.step.ready import VARIANTS, Size, ready_step
from benchmarks.step.turns import Rates, in_turns
from benchmarks.sweep.measure import Sweep, Wanted
from benchmarks.sweep.stamps import Calls, Trial, read_trials, stamped
from benchmarks.sweep.table import parts, stages, totals
from benchmarks.sweep.worker import EPOCH, FOLD, STEPS, TRIAL

TINY = Size(backbone="resnet18", side=32, batch=2)


def test_turns_are_taken_after_calls_that_do_not_count():
    made = []
    ticks = iter(range(10**6))
    works = {name: partial(lambda name, steps: made.append((name, steps)), name) for name in "ab"}
    rates = in_turns(
        works, images=32, rounds=3, clock=lambda: float(next(ticks)), least_seconds=2.0
    )
    assert [name for name, _ in made[-6:]] == ["a", "b"] * 3
    assert {steps for _, steps in made[-6:]} == {2}
    assert rates.of == {"a": [64.0] * 3, "b": [64.0] * 3}


def test_ratios_are_those_of_the_same_round():
    rates = Rates(of={"first": [10.0, 20.0], "second": [20.0, 10.0]})
    assert rates.ratios("second") == [2.0, 0.5]


def test_the_share_of_the_peak_is_that_of_the_precision():
    rates = Rates(of={str(variant): [10.0] for variant in VARIANTS})
    peaks = {"float32": Peak(rate=100.0, size=1), "bfloat16": Peak(rate=400.0, size=1)}
    said = lines(rates, peaks, flops=5.0)
    assert ["50% of the peak" in line for line in said] == [True, True, False, False]
    assert ["12% of the peak" in line for line in said] == [False, False, True, True]


def test_a_peak_is_two_operations_for_each_of_n_cubed_products():
    ticks = iter(range(10**6))
    peak = gemm_peak("float32", sizes=(4,), clock=lambda: float(next(ticks)), least_seconds=0.0)
    assert peak == Peak(rate=128.0, size=4)


def test_a_compiler_pays_for_itself_or_never():
    assert worth_it(30.0, 0.5, 0.4) == 300
    assert worth_it(30.0, 0.4, 0.5) == float("inf")


def test_a_ready_step_is_that_of_the_training_loop():
    step = ready_step(TINY, VARIANTS[0], total=2)
    before = step.network.head.weight.detach().clone()
    assert step(2) > 0
    assert step.steps.done == 2
    assert not torch.equal(step.network.head.weight, before)
    assert step.batch.images.is_contiguous()


def test_every_variant_of_a_step_starts_from_the_same_weights_and_images():
    steps = [ready_step(TINY, variant) for variant in VARIANTS]
    for step in steps[1:]:
        assert torch.equal(step.batch.images, steps[0].batch.images)
        assert torch.equal(step.network.head.weight, steps[0].network.head.weight)
    layouts = [
        step.network.backbone.conv1.weight.is_contiguous(memory_format=torch.channels_last)
        for step in steps
    ]
    assert layouts == [False, True, False, True]


def test_a_size_is_read_as_it_is_written():
    assert Size.parse(TINY.word) == TINY


def test_losses_are_compared_relative_to_the_first_of_each_pair():
    assert differences([2.0, 1.0], [2.0, 1.5]) == [0.0, 0.5]


def test_random_images_are_read_in_the_order_of_the_catalog(tmp_path):
    images = random_images(tmp_path, images=5, side=4)
    assert images.domains.tolist() == [0, 0, 0, 1, 1]
    together = images.pixels.gather(np.array([4, 0]))
    assert np.array_equal(together[0], images.pixels.gather(np.array([4]))[0])
    assert not np.array_equal(together[0], together[1])


def test_without_a_gpu_the_gpu_script_says_so_and_ends_with_5(monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert gpu_main([]) == 5
    assert "no GPU" in capsys.readouterr().err


def test_the_gpu_script_runs_its_loader_on_a_cpu(capsys):
    assert gpu_main(["loader", "--tiny", "--device", "cpu"]) == 0
    assert "prepared pixels, augmented" in capsys.readouterr().out


def test_a_part_of_the_gpu_script_that_fails_does_not_end_the_others(monkeypatch, capsys):
    def fails(_):
        raise RuntimeError("out of memory")

    ran = []
    parts = {"variants": fails, "loader": ran.append}
    monkeypatch.setattr("benchmarks.gpu.__main__.PARTS", parts)
    assert gpu_main(["--tiny", "--device", "cpu"]) == 1
    assert "FAILED: RuntimeError: out of memory" in capsys.readouterr().out
    assert len(ran) == 1


def test_a_part_that_may_not_begin_any_more_is_named(capsys):
    assert gpu_main(["variants", "--tiny", "--device", "cpu", "--minutes", "0"]) == 0
    assert "variants: out of time" in capsys.readouterr().out


def trial(number, pid, *, begin, first_step, end, epochs):
    """A trial with one call of each part."""
    spans = {TRIAL: (begin, end), FOLD: (begin, end - 1), STEPS: (first_step, end - 1)}
    calls = {name: Calls(spans=[span], processor=1.0) for name, span in spans.items()}
    calls[EPOCH] = Calls(spans=[(end - 1 - epochs, end - 1)], processor=1.0)
    return Trial(number=number, pid=pid, born=begin - 3.0 if number < 2 else 0.0, calls=calls)


@pytest.fixture
def sweep():
    """Two slots of two trials each, 20 s in all."""
    own = [
        trial(0, 1, begin=5.0, first_step=5.5, end=10.0, epochs=4.0),
        trial(1, 2, begin=5.0, first_step=5.5, end=11.0, epochs=4.0),
        trial(2, 1, begin=10.2, first_step=10.5, end=16.0, epochs=4.0),
        trial(3, 2, begin=11.4, first_step=11.8, end=17.0, epochs=4.0),
    ]
    for one in own[2:]:
        one.born = own[one.number - 2].born
    driver = {
        "run opened, images decoded": Calls(spans=[(1.0, 2.0)]),
        "Ray started": Calls(spans=[(2.0, 4.0)]),
        "search": Calls(spans=[(4.0, 18.0)]),
        "Ray stopped": Calls(spans=[(18.0, 19.0)]),
        "tables made": Calls(spans=[(19.0, 20.0)]),
    }
    wanted = Wanted(trials=4, images=1, size=1, epochs=1, folds=1, slots=2)
    handed = [4.5, 4.5, 10.1, 11.2]
    return Sweep(wanted=wanted, began=0.0, ended=20.0, driver=driver, handed=handed, trials=own)


def test_the_wall_time_is_compared_with_the_epochs_of_a_slot(sweep):
    found = totals(sweep)
    assert (found.wall, found.pure, found.ratio) == (20.0, 8.0, 2.5)
    assert found.search == 12.5


def test_the_first_trial_of_a_process_is_no_warm_one(sweep):
    found = totals(sweep)
    assert found.latencies == pytest.approx([0.4, 0.6])
    assert found.gaps == pytest.approx([0.2, 0.4])


def test_the_stages_of_a_command_make_up_its_wall_time(sweep):
    found = dict(stages(sweep))
    assert sum(found.values()) == pytest.approx(20.0)
    assert found["first trial to last"] == 12.0
    assert found["until the run is opened"] == 1.0


def test_the_parts_of_trials_are_summed(sweep):
    found = {name: (seconds, calls) for name, seconds, _, calls in parts(sweep)}
    assert found[EPOCH] == (16.0, 4)
    assert found["of trials outside folds"] == (4.0, 4)
    assert found["a process until its first trial, median"] == (3.0, 2)


def test_stamps_are_read_back_as_they_were_written(tmp_path):
    class Owner:
        @staticmethod
        def work(value):
            return 2 * value

    with stamped({"work": (Owner, "work")}) as calls:
        assert Owner.work(21) == 42
    assert Owner.work(1) == 2
    assert len(calls["work"].spans) == 1
    written = Trial(number=3, pid=7, born=1.0, calls=calls)
    written.write(tmp_path)
    assert read_trials(tmp_path) == [written]
