"""What a reader chose survives an address, and never asks for what the run does not have."""

import pytest

from wbcray.explorer.choice import Choice, narrowed
from wbcray.explorer.look.style import looks

CHOICES = (
    Choice(),
    Choice(reference="coral", rival="boda", methods=("boda", "dann"), folds=(0, 4)),
    Choice(held_out=("a & b", "c=d", "naïve"), classes=("<b>",), true="x y", predicted="?"),
    Choice(score="micro_f1", states=("PRUNED",)),
)


@pytest.mark.parametrize("choice", CHOICES)
def test_a_choice_comes_back_from_its_address(choice):
    assert Choice.from_query(choice.as_query()) == choice
    assert Choice.from_query("?" + choice.as_query()) == choice


def test_what_is_as_by_default_is_not_in_the_address():
    assert Choice().as_query() == ""
    assert Choice(folds=(2,)).as_query() == "folds=2"


def test_nonsense_in_an_address_is_left_out(realistic):
    strange = "folds=x&folds=9999&folds=1&score=nothing&methods=zzz&methods=boda&reference=qq&a=b"
    choice = Choice.from_query(strange).within(realistic)
    assert choice == Choice(folds=(1,), methods=("boda",))


def test_a_rival_is_never_the_reference(realistic):
    assert Choice(rival="erm").within(realistic).rival == ""
    assert Choice(rival="boda").within(realistic).rival == "boda"


def test_narrowed_tables_keep_the_reference(realistic):
    found = narrowed(realistic, Choice(methods=("boda",), folds=(0, 1)))
    assert set(found.cells["method"]) == {"boda", "erm"}
    assert set(found.confusion["fold"]) == {0, 1}
    assert set(found.trials["method"]) <= {"boda", "erm"}


def test_nothing_chosen_is_everything(realistic):
    assert narrowed(realistic, Choice()).cells is realistic.cells


def test_hiding_a_method_does_not_repaint_the_others(realistic):
    found = narrowed(realistic, Choice(methods=("dann",)))
    assert looks(found.coloured)["dann"] == looks(realistic.methods)["dann"]
    again = narrowed(found, Choice(folds=(0,)))
    assert again.coloured == realistic.methods
