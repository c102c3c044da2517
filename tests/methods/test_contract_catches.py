"""Each check of the contract fails, by name, for a part that is broken on purpose."""

from dataclasses import dataclass

import broken_parts
import pytest

from wbcray.core.hyper import hyper
from wbcray.methods import parts
from wbcray.testing import checks_of_part

CAUGHT = [
    ("penalty", "NanForOneDomain", "finite loss and gradient for every kind of batch"),
    ("penalty", "NanAtFirst", "finite before any statistic exists"),
    ("penalty", "Vector", "a float32 number, with parts that are shown"),
    ("penalty", "OtherNames", "the same names of parts in every batch"),
    ("penalty", "ShowsAGraph", "shown parts hold no graph"),
    ("penalty", "Rounds", "bfloat16 autocast is near float32"),
    ("penalty", "HalfPrecision", "half-precision features give a float32 loss"),
    ("penalty", "FirstRow", "the order of the batch does not matter"),
    ("penalty", "DomainNumber", "the numbers of the domains do not matter"),
    ("penalty", "MixingNoise", "chance comes from the part's own columns of the noise"),
    ("penalty", "MovesInForward", "calling twice gives the same value"),
    ("penalty", "Stray", "no stray tensors"),
    ("penalty", "Forgets", "a restored method goes on as if never stopped"),
    ("penalty", "PassesTooOften", "feature passes are asked for in shares of training"),
    ("penalty", "OneDomainCosts", "exactly zero for fewer domains than it compares"),
    ("penalty", "Overwhelms", "fifty steps learn separated classes"),
    ("penalty", "Overwhelms", "fifty steps overfit a toy batch"),
    ("penalty", "InfiniteAtTheEnd", "both ends of penalty.weight work"),
    ("penalty", "SaysNothing", "says what it is"),
    ("sampler", "LeavesOut", "a draw plan is a distribution over the images"),
    ("sampler", "Draws", "a draw plan is the same every time"),
    ("sampler", "ByPlace", "the order of the images does not matter"),
    ("mixing", "ShareTwo", "partners are rows and shares lie in [0, 1]"),
    ("mixing", "NextRow", "a permuted batch has the same partners"),
    ("mixing", "OwnChance", "a second draw is the first"),
    ("mixing", "NotItself", "share 1 leaves a row alone"),
    ("mixing", "WholeBatch", "each row from itself and its partner, in its shape and type"),
    ("mixing", "WholeBatch", "two halves of a batch, gathered, give the loss of the whole"),
    ("mixing", "Divides", "constant rows mix with finite gradient"),
    ("mixing", "StageFive", "stages are residual stages"),
    ("normalization", "ShareTwoOfTraining", "layers and shares that exist"),
    ("colour", "Bright", "new images are images"),
    ("colour", "MeanOfTheBatch", "each image by itself, bit by bit"),
    ("colour", "InPlace", "the given images are left alone"),
    ("colour", "Chance", "the same numbers give the same images"),
    ("colour", "DrawsInEvaluation", "what acts in evaluation draws nothing"),
    ("finish", "Narrow", "the new classifier is one for the same features and classes"),
    ("finish", "AddsUp", "the same seed gives the same classifier"),
    ("finish", "Sums", "constant weights stay constant"),
    ("finish", "Sums", "averages lie between the weights that were seen"),
    ("finish", "Aliases", "an average keeps copies and belongs to one fold"),
    ("finish", "Sums", "a restored average goes on as if never stopped"),
    ("finish", "NoEpochs", "the least number of epochs is one"),
]


@pytest.fixture
def check_of(monkeypatch):
    """The check of a name, of a part that is registered for one test."""
    monkeypatch.setattr(parts, "_REGISTERED", {})

    def find(axis, part, name):
        parts.register(axis, "broken", f"broken_parts:{part}")
        (found,) = [check for check in checks_of_part(axis, "broken") if str(check) == name]
        return found

    return find


@pytest.mark.parametrize(("axis", "part", "name"), CAUGHT)
def test_a_broken_part_is_caught_and_named(check_of, axis, part, name) -> None:
    with pytest.raises(AssertionError, match=f"the {axis} 'broken'") as caught:
        check_of(axis, part, name)()
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("axis", "part"), [("penalty", "Plain"), ("mixing", "PlainMixing"), ("colour", "PlainColour")]
)
def test_the_same_parts_without_their_fault_hold_the_contract(check_of, axis, part) -> None:
    parts.register(axis, "sound", f"broken_parts:{part}")
    for check in checks_of_part(axis, "sound"):
        check()


def test_every_check_is_seen_to_fail() -> None:
    axes = ("penalty", "sampler", "mixing", "normalization", "colour", "finish")
    every = {
        str(check)
        for axis in axes
        for name in parts.part_names(axis)
        for check in checks_of_part(axis, name)
        if not str(check).startswith("both ends")
    }
    assert every <= {name for _, _, name in CAUGHT}


def test_a_part_that_raises_is_named_as_one_that_fails(check_of) -> None:
    with pytest.raises(AssertionError, match="the penalty 'broken' raised ValueError: no luck"):
        check_of("penalty", "Raises", "no stray tensors")()


def test_a_message_says_which_batch(check_of) -> None:
    message = "is not finite: nan"
    with pytest.raises(AssertionError, match=message) as caught:
        check_of("penalty", "NanForOneDomain", "finite loss and gradient for every kind of batch")()
    assert "for a batch with one domain at progress 0.0" in str(caught.value)


def test_a_hyper_parameter_without_meaning_is_caught(check_of, monkeypatch) -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Silent:
        weight: float = hyper(1.0, 0.0, 2.0, help=" ")

    monkeypatch.setattr(broken_parts.InfiniteAtTheEnd, "Params", Silent)
    with pytest.raises(AssertionError, match="weight has no meaning"):
        check_of("penalty", "InfiniteAtTheEnd", "says what it is")()
