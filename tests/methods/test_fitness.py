"""Which parts cannot work together: refused by name, and what is near them is not."""

import pytest

from wbcray.core.errors import UsageError
from wbcray.methods.compose import default_composition
from wbcray.methods.fitness import check_combination, check_parts, check_sources
from wbcray.methods.parts import part_names
from wbcray.methods.presets import PRESETS

COSINE = {"classification": "ldam", "classification.head": "cosine"}
PENALTIES = [name for name in part_names("penalty") if name != "none"]


def refusal(settings, **changes):
    """What is said against ERM with these changes."""
    values = {name.replace("__", "."): value for name, value in changes.items()}
    with pytest.raises(UsageError) as caught:
        check_combination(settings.config("erm", values))
    return caught.value


@pytest.mark.parametrize("method", PRESETS)
def test_no_preset_contradicts_itself(method):
    check_parts(default_composition(method), where="here")


@pytest.mark.parametrize("penalty", PENALTIES)
def test_mixed_labels_fit_no_penalty(settings, penalty):
    error = refusal(settings, mixing="mixup", penalty=penalty)
    assert f"the penalty '{penalty}'" in error.what
    assert "penalty=none" in error.fix


@pytest.mark.parametrize("mixing", ["mixstyle", "style_randomization"])
def test_mixing_that_keeps_labels_fits_a_penalty(settings, mixing):
    check_combination(settings.config("erm", {"mixing": mixing, "penalty": "coral"}))


@pytest.mark.parametrize("finish", ["classifier_retraining", "logit_adjustment"])
def test_a_finish_of_the_linear_classifier_does_not_fit_a_cosine_one(settings, finish):
    assert "has a cosine one" in refusal(settings, **COSINE, finish=finish).what
    check_combination(settings.config("erm", {"classification": "ldam", "finish": finish}))


def test_averaged_weights_fit_a_cosine_classifier(settings):
    check_combination(settings.config("erm", {**COSINE, "finish": "ema"}))


def test_as_many_epochs_as_a_valley_needs_are_enough(settings):
    epochs = settings.epochs
    fits = {"finish": "swad", "finish.n_converge": max(2, epochs)}
    error = refusal(settings, finish="swad", finish__n_converge=max(2, epochs) + 1)
    assert f"and {epochs} " in error.what
    assert error.fix.endswith("finish=none")
    if epochs > 1:
        check_combination(settings.config("erm", fits))


def test_frozen_batch_norm_needs_weights(settings):
    assert settings.network.weights == "none"
    assert "needs trained weights" in refusal(settings, normalization="frozen").what


def test_the_place_that_is_given_is_named(settings):
    with pytest.raises(UsageError) as caught:
        check_combination(settings.config("erm", {"normalization": "frozen"}), where="a.yaml:3")
    assert caught.value.where == "a.yaml:3"


def test_one_source_leaves_the_penalties_that_the_refusal_names():
    with pytest.raises(UsageError) as caught:
        check_sources(default_composition("boda"), 1)
    for penalty in ("none", "irm", "sagnet"):
        assert penalty in caught.value.fix
        check_sources(default_composition(f"erm+penalty={penalty}"), 1)
    check_sources(default_composition("boda"), 2)
